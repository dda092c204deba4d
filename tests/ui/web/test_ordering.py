"""The order form: what it asks is the trade's own, and what is typed is offered or kept."""

import pytest
from tests.services.world import ANNA
from tests.ui.web.site import EVIL, Browser, Page, browser, id_in, page_of, pages_world

from manufold.services.context import Context
from manufold.services.documents import asked_files
from manufold.services.quote import show_offer
from manufold.serving import made_app
from manufold.words import LANGUAGES

BLOCK = {"files": ("b.txt", b"block 0.5", "text/plain")}
ASKED = {"vertical": "toy", "quantity": "10", "to": "door"}


@pytest.fixture
def ctx() -> Context:
    """A small world."""
    return pages_world()


@pytest.fixture
def shop(ctx: Context) -> Browser:
    """Its pages, as a guest meets them."""
    return browser(ctx)


def test_the_form_is_the_trades_own(shop):
    """Fields, limits, examples, suffixes and choices come from the vertical; materials that the
    network does not know are not offered."""
    page = page_of(shop.get("/"))
    assert {"f.mass_g", "f.note", "f.x_mm"} <= {a.get("name") for a in page.all("input")}
    assert {"f.material", "to"} == {a["name"] for a in page.all("select")}
    assert page.all("option", value="metal") and not page.all("option", value="unobtanium")
    (upload,) = page.all("input", type="file")
    assert upload["accept"] == ".txt"
    assert "Mass, g" in page.words and "1 to 90000" in page.words
    labelled = {a["for"] for a in page.all("label")}
    fields = [a for t, a in page.tags if t in ("input", "select") and a.get("type") != "hidden"]
    assert [a for a in fields if a["id"] not in labelled] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_says_which_world_it_is(shop, language):
    """The simulated world is said aloud, with its clock and its zone, in both languages."""
    page = page_of(shop.get("/", params={"lang": language}))
    told = {"en": "Simulated world: nothing here is really made", "zh": "模拟世界"}[language]
    assert told in page.words and "Europe/Berlin" in page.words
    (clock,) = page.all("time", id="clock")
    assert clock["datetime"].startswith("2026-11-05T")
    assert page.all("html", lang={"en": "en", "zh": "zh-Hans"}[language])


def test_a_language_is_kept(shop):
    """Asked for in the address once, kept in a cookie; else as the browser prefers."""
    assert "下单" in shop.get("/", headers={"Accept-Language": "fr, zh-CN;q=0.8, en;q=0.3"}).text
    assert "下单" not in shop.get("/", headers={"Accept-Language": "zh;q=0"}).text
    shop.get("/orders", params={"lang": "zh"})
    assert "下单" in shop.get("/", headers={"Accept-Language": "en"}).text


def test_an_upload_is_offered(ctx, shop):
    """A file with quantity, zone and date becomes an offer; the answer says how long it took."""
    data = ASKED | {"by": "2027-06-01", "f.x_mm": "200"}
    sent = shop.send_form("/offers", data, files=BLOCK)
    found = show_offer(ctx, ANNA, id_in(sent))
    assert (found.quantity, found.zone_id, found.vertical) == (10, "door", "toy")
    assert found.requested_at_s is not None
    page = page_of(shop.get(sent.headers["location"]))
    assert "offered in" in page.words and "b.txt" in page.words
    assert "You want it by Tue 1 Jun 2027" in page.words


def test_values_by_hand_are_offered(ctx, shop):
    """Without a file the fields make one, as the contract has it."""
    sent = shop.send_form("/offers", ASKED | {"f.mass_g": "750", "f.note": EVIL})
    (file,) = asked_files(ctx, show_offer(ctx, ANNA, id_in(sent)).design_blob)
    assert file.name == "toy.json" and b'"mass_g":750' in file.content
    again = page_of(shop.get("/", params={"again": id_in(sent)}))
    assert (again.value("f.mass_g"), again.value("f.note")) == ("750", EVIL)
    assert again.value("quantity") == "10"


def test_an_example_takes_one_click(ctx, shop):
    """The demo of a trade is sent by a form without a field; the examples fill one."""
    page = page_of(shop.get("/"))
    (hidden,) = page.all("input", name="example")
    data = {a["name"]: a["value"] for a in page.all("input", type="hidden")}
    assert hidden["value"] == "cube" and data["quantity"] == "7" and data["f.x_mm"] == "120"
    found = show_offer(ctx, ANNA, id_in(shop.send_form("/offers", data)))
    assert found.quantity == 7
    filled = page_of(shop.get("/", params={"vertical": "toy", "example": ""}))
    assert filled.value("f.mass_g") == "500"


WRONG = [
    ({"quantity": "-4"}, "A quantity of -4 cannot be offered", "quantity"),
    ({"quantity": "0"}, "ask for between 1 and 100000", "quantity"),
    ({"quantity": "100001"}, "ask for between 1 and 100000", "quantity"),
    ({"quantity": "99999999999"}, "ask for between 1 and 100000", "quantity"),
    ({"quantity": "two"}, "is not a whole number", "quantity"),
    ({"f.mass_g": "9" * 60}, "is too large; give at most 90000", "f.mass_g"),
    ({"by": "2021-01-01"}, "is already past", "by"),
    ({"quantity": "٣"}, "is not a whole number", "quantity"),
    ({"f.mass_g": "180 cm"}, "is not a whole number", "f.mass_g"),
    ({"f.mass_g": "0"}, "0 is too small; give at least 1", "f.mass_g"),
    ({"f.mass_g": "90001"}, "90001 is too large; give at most 90000", "f.mass_g"),
    ({"f.mass_g": "", "f.note": "x"}, "This is needed", "f.mass_g"),
    ({"f.material": "unobtanium"}, "cannot be chosen here", ""),
    ({"by": "soon"}, "is not taken here", "by"),
]


@pytest.mark.parametrize(("typed", "says", "name"), WRONG)
def test_a_wrong_field_is_marked_and_the_rest_is_kept(shop, typed, says, name):
    """Each fault stands at its field, and nothing typed is lost."""
    data = ASKED | {"f.mass_g": "500", "f.note": EVIL, "by": "2027-06-01"} | typed
    sent = shop.send_form("/offers", data)
    page = page_of(sent)
    assert sent.status_code == 422 and says in page.words
    for key in ("quantity", "f.mass_g", "f.note", "by"):
        assert page.value(key) == data[key]
    if name:
        (field,) = (a for a in page.all("input", name=name) if a.get("type") != "hidden")
        assert field["aria-invalid"] == "true"
        assert [a for a in page.all("p") if a.get("id") in field["aria-describedby"].split()]


REFUSED = [
    (ASKED | {"quantity": "1000001"}, BLOCK, "ask for between 1 and 100000"),
    (ASKED | {"to": "moon"}, BLOCK, "There is no delivery zone moon"),
    (ASKED | {"by": "2021-01-01"}, BLOCK, "is already past"),
    (ASKED, {"files": ("e.txt", b"", "text/plain")}, "e.txt is empty"),
    (ASKED, None, "Nothing was sent"),
    (ASKED | {"vertical": "ships"}, BLOCK, "There is no vertical named ships"),
    (ASKED | {"f.x_mm": "4000"}, BLOCK, "x_mm"),
    (ASKED | {"again": "ofr_NOBODYS"}, None, "has no offer ofr_NOBODYS"),
]


@pytest.mark.parametrize(("data", "files", "says"), REFUSED)
def test_a_refusal_comes_back_on_the_form(shop, data, files, says):
    """What a service refuses is worded above the form, values kept, with what to do instead."""
    sent = shop.send_form("/offers", data, files=files)
    page = page_of(sent)
    assert sent.status_code in (422, 404) and says in page.words
    assert page.all("div", id="refusal", role="alert")
    assert page.value("quantity") if data["vertical"] == "toy" else True


@pytest.mark.parametrize("name", [EVIL, "../../etc/passwd", "a\tb.txt", "ж" * 300])
def test_a_hostile_file_name_is_shown_as_text(shop, name):
    """A name of a file is text wherever it stands: in an offer, in a form, in a refusal."""
    shown = name.replace('"', "%22").replace("\t", "%09")[:60]  # as browsers send them
    sent = shop.send_form("/offers", ASKED, files={"files": (name, b"block 0.5", "text/plain")})
    for path in (sent.headers["location"], f"/?again={id_in(sent)}"):
        page = page_of(shop.get(path))
        assert shown in page.words
    empty = shop.send_form("/offers", ASKED, files={"files": (name, b"", "text/plain")})
    assert shown in page_of(empty).words


def test_html_in_an_address_is_shown_as_text(shop):
    """Whatever is asked for by address comes back escaped."""
    for path in (f"/?vertical={EVIL}", f"/offers/{EVIL}", f"/orders?state={EVIL}&page={EVIL}"):
        response = shop.get(path)
        assert "<script>alert" not in response.text
        Page(response.text)


def test_a_body_beyond_the_limits_is_refused_as_a_page(shop):
    """Too many bytes, fields or files, or half a form: a page says so."""
    small = browser(pages_world(file_bytes_max=100_000))
    big = small.send_form(
        "/offers", ASKED, files={"files": ("b.txt", b"block " + bytes(1_200_000))}
    )
    assert big.status_code == 413 and "more than 1 MB" in page_of(big).words
    near = small.send_form("/offers", ASKED, files={"files": ("b.txt", b"block " + bytes(500_000))})
    assert near.status_code == 422 and "b.txt has 0 MB" in page_of(near).words
    many = shop.send_form("/offers", {f"x{n}": "1" for n in range(300)})
    assert many.status_code == 400 and "could not be read" in page_of(many).words
    half = shop.post(
        "/offers",
        content=b"--x\r\nContent-Disposition: form-data",
        headers={"Origin": "http://shop.test", "Content-Type": "multipart/form-data; boundary="},
    )
    assert half.status_code == 400 and page_of(half)


def test_what_the_door_of_the_server_refuses_is_a_page_too():
    """A body beyond its limit comes back as a page to a browser, as a problem to its script."""
    ctx = pages_world(body_bytes_max=100_000)
    app = made_app(ctx, language="en")
    shop, big = Browser(app, "http://shop.test"), {"files": ("b.txt", b"block " + bytes(150_000))}
    with app.state.runner:
        asked = {"Accept": "text/html,*/*;q=0.8"}
        page = shop.send_form("/offers", ASKED, files=big, headers=asked)
        assert page.status_code == 413 and "Simulated world" in page_of(page).words
        script = {"Accept": "text/html, application/problem+json"}
        told = shop.send_form("/offers", ASKED, files=big, headers=script)
        assert (
            told.json()["code"] == "api.body_too_large"
            and told.json()["detail"] in page_of(page).words
        )
        api = shop.post("/v1/offers", content=bytes(10), headers=asked)
        assert api.headers["content-type"].startswith("application/problem+json")


FOREIGN = [
    {"Origin": "http://evil.test"},
    {"Origin": "null"},
    {"Origin": "http://shop.test", "Sec-Fetch-Site": "cross-site"},
    {"Origin": "http://shop.test", "Sec-Fetch-Site": "same-site"},
    {"Origin": "http://shop.test.evil.test"},
    {"Origin": "http://["},
    {},
]


@pytest.mark.parametrize("headers", FOREIGN)
@pytest.mark.parametrize(
    "path", ["/offers", "/offers/x/accept", "/orders/x/cancel", "/run", "/sign-in", "/sign-out"]
)
def test_a_form_of_another_site_does_nothing(ctx, shop, headers, path):
    """No page elsewhere can order, run or sign in for whoever looks at it."""
    before = ctx.store.head()
    sent = shop.post(path, data=ASKED, headers=headers)
    assert sent.status_code == 403 and "was not sent by a page of this host" in page_of(sent).words
    assert ctx.store.head() == before and not sent.cookies


def test_a_lost_address_is_a_page(shop):
    """A person gets a page with a way onward, a program a bare 404."""
    lost = shop.get("/no/such<b>", headers={"Accept": "text/html"})
    assert lost.status_code == 404 and "There is no page /no/such<b>" in page_of(lost).words
    assert "html" not in shop.get("/no/such").headers["content-type"]


def test_what_a_page_loads_is_here_and_small(shop):
    """One style, one script, one picture, from this host, under 20 kB together."""
    page = page_of(shop.get("/"))
    loaded = [a["href"] for a in page.all("link")] + [a["src"] for a in page.all("script")]
    loaded += [a["src"] for a in page.all("img")]
    sizes = {}
    for path in loaded:
        assert path.startswith("/static/")
        answer = shop.get(path)
        sizes[path.split("?")[0]] = len(answer.content)
        tag = answer.headers["etag"]
        assert shop.get(path, headers={"If-None-Match": tag}).status_code == 304
    assert len(sizes) == 3 and sum(sizes.values()) < 26_000
