"""Orders as pages: four dates apart, moments as they come, cancelling, passports, no stranger."""

import json
import threading
from dataclasses import replace

import httpx
import pytest
from tests.edges.small_world import listening
from tests.services.world import ANNA, BERT, MAKER
from tests.ui.web.site import Browser, browser, id_in, page_of, pages_world
from tests.ui.web.test_offers import offered

from manufold.model.codec import canonical
from manufold.model.party import Actor
from manufold.services.context import Context
from manufold.services.documents import design_of
from manufold.services.life import life
from manufold.services.order import show_order
from manufold.services.quote import show_offer
from manufold.ui.web.moments import spoken
from manufold.ui.web.shown import Shown


@pytest.fixture
def ctx() -> Context:
    """A small world."""
    return pages_world()


@pytest.fixture
def shop(ctx: Context) -> Browser:
    """Its pages, as a guest meets them."""
    return browser(ctx)


def ordered(shop: Browser, ctx: Context, **more: str) -> str:
    """Return the id of a new order of the fastest option."""
    offer_id = offered(shop, **more)
    option = show_offer(ctx, ANNA, offer_id).options[0].option_id
    return id_in(shop.send_form(f"/offers/{offer_id}/accept", {"option": option}))


def delivered(shop: Browser, ctx: Context) -> str:
    """Return the id of an order that the world has run to its door."""
    order_id = ordered(shop, ctx)
    sent = shop.send_form("/run", {"order": order_id, "next": f"/orders/{order_id}"})
    assert sent.headers["location"] == f"/orders/{order_id}"
    assert shop.app.state.runner.wait(60)
    assert show_order(ctx, ANNA, order_id).state == "delivered"
    return order_id


def test_the_four_dates_are_never_mixed(ctx, shop):
    """Each stands under its own name; what is not known yet is a dash."""
    order_id = ordered(shop, ctx, by="2027-06-01")
    order, show = show_order(ctx, ANNA, order_id), Shown("en")
    page = page_of(shop.get(f"/orders/{order_id}"))
    zone = ctx.network.delivery_zone["door"].zone
    promised = show.moment(order.promised_at_s, zone)
    assert f"Wanted by Tue 1 Jun 2027 Promised {promised} Expected now" in page.words
    assert "Arrived – to The door" in page.words and "as things stand" in page.words
    assert "0 of 1 operations done" in page.words and "Mill" in page.words
    assert page.all("progress", max="1", value="0")
    assert page.all("ol", id="timeline")[0]["aria-live"] == "polite"


def test_an_order_is_followed_to_its_passport(ctx, shop):
    """Run from the page, it arrives; every moment of its life stands on it, newest first."""
    order_id = delivered(shop, ctx)
    page, show = page_of(shop.get(f"/orders/{order_id}")), Shown("en")
    told = [show.sentence(spoken(show, one.reason)) for one in life(ctx, ANNA, order_id)]
    assert len(told) >= 5 and [text for text in told if text not in page.words] == []
    assert page.words.index(told[-1]) < page.words.index(told[0])
    assert "before the promised date" in page.words and "as things stand" not in page.words
    assert not page.all("form", action="/run") and not page.all(
        "form", action=f"/orders/{order_id}/cancel"
    )
    (link,) = [a for a in page.all("a") if a["href"].endswith("/passport")]
    passport = shop.get(link["href"])
    assert "script" not in passport.headers["content-security-policy"].replace("default-src", "")
    assert "default-src 'none'" in passport.headers["content-security-policy"]
    assert order_id in passport.text
    file = shop.get(f"{link['href']}.json")
    assert file.headers["content-disposition"].startswith("attachment;")
    assert file.json()["type"] == "passport" and order_id in file.text


def events(text: str) -> list[tuple[str, dict[str, object]]]:
    """Return the events of a stream by name."""
    found = []
    for block in text.split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if "event" in lines:
            found.append((lines["event"], json.loads(lines["data"]) | {"id": lines.get("id")}))
    return found


def test_its_life_is_streamed_from_where_a_browser_stopped(ctx, shop):
    """All moments in order, then the clock, then the end; with Last-Event-ID only what is new."""
    order_id = delivered(shop, ctx)
    whole = shop.get(f"/orders/{order_id}/life")
    assert whole.headers["content-type"].startswith("text/event-stream")
    told = events(whole.text)
    seqs = [int(str(one["id"])) for name, one in told if name == "moment"]
    assert seqs == sorted(set(seqs)) == [one.seq for one in life(ctx, ANNA, order_id)]
    assert [name for name, _ in told][-2:] == ["clock", "over"] or told[-1][0] == "over"
    rest = shop.get(
        f"/orders/{order_id}/life",
        headers={"Last-Event-ID": str(seqs[-3]), "Accept-Language": "zh"},
    )
    moments = [one for name, one in events(rest.text) if name == "moment"]
    assert [int(str(one["id"])) for one in moments] == seqs[-2:]
    assert "年" in str(moments[0]["at"])


def test_letting_it_run_twice_is_no_fault(ctx, shop):
    """A second click on the button leads back to the page, where the world is running."""
    order_id = ordered(shop, ctx)
    with ctx.floor:  # the run waits here, so that the second click finds it going
        sent = [
            shop.send_form("/run", {"hours": "8", "next": f"/orders/{order_id}"}) for _ in range(2)
        ]
    assert [one.status_code for one in sent] == [303, 303]
    assert {one.headers["location"] for one in sent} == {f"/orders/{order_id}"}
    assert shop.app.state.runner.wait(60)


def test_an_order_says_what_it_is_until_its_file_is_forgotten(ctx, shop):
    """File, pieces, process and material stand on its page and in the list; a deleted name goes."""
    order_id = ordered(shop, ctx)
    blob = show_offer(ctx, ANNA, show_order(ctx, ANNA, order_id).offer_id).design_blob
    name = design_of(ctx, blob).files[0].name
    for path in (f"/orders/{order_id}", "/orders", "/"):
        words = page_of(shop.get(path)).words
        assert f"{name} · 10 pieces" in words and "Metal" in words, path
    assert ctx.blobs.delete(blob)
    for path in (f"/orders/{order_id}", "/orders"):
        words = page_of(shop.get(path)).words
        assert name not in words and "10 pieces" in words and "Metal" in words, path


def test_a_shop_reads_its_own_zone_everywhere(ctx):
    """Clock, list, page and moments of a supplier stand in the zone of its site, which is named."""
    order_id = ordered(browser(ctx), ctx)
    order = show_order(ctx, ANNA, order_id)
    site = ctx.network.site[next(iter(order.jobs.values())).site_id]
    zone = "Asia/Tokyo"
    sites = tuple(replace(one, zone=zone) for one in ctx.network.sites)
    moved = replace(ctx, network=replace(ctx.network, sites=sites))
    maker, show = Actor(site.party_id, "planner"), Shown("en")
    shop = browser(moved, maker)
    clock = show.moment(ctx.clock.now_s(), zone)
    for path in (f"/orders/{order_id}", "/orders"):
        words = page_of(shop.get(path)).words
        assert f"{clock} ( {zone}" in words.replace("(", "( ") and zone in words, path
        assert show.moment(order.promised_at_s, zone) in words, path
    page = page_of(shop.get(f"/orders/{order_id}")).words
    assert show.moment(order.accepted_at_s, zone) in page


def test_facts_alone_are_a_part_of_the_page(ctx, shop):
    """What the script fetches while the world runs is the same as what stands on the page."""
    order_id = ordered(shop, ctx)
    part = shop.get(f"/orders/{order_id}", params={"part": "facts"}).text
    assert part.startswith("<header") and part.strip() in shop.get(f"/orders/{order_id}").text


def test_cancelling_says_what_it_means_and_does_it(ctx, shop):
    """Before the start everything goes free; the page says so before and after."""
    order_id = ordered(shop, ctx)
    assert "nothing of it is made" in page_of(shop.get(f"/orders/{order_id}")).words
    sent = shop.send_form(f"/orders/{order_id}/cancel", {"reason": "<i>changed my mind</i>"})
    assert id_in(sent) == order_id and show_order(ctx, ANNA, order_id).state == "cancelled"
    page = page_of(shop.get(f"/orders/{order_id}"))
    assert (
        "This order was cancelled" in page.words
        and "<i>" not in shop.get(f"/orders/{order_id}").text
    )
    again = shop.send_form(f"/orders/{order_id}/cancel", {"reason": "once more"})
    assert again.status_code == 409 and "is not possible now" in page_of(again).words


def test_a_passport_before_delivery_is_refused_in_words(ctx, shop):
    """409 with the state of the order, on the page and on the file."""
    order_id = ordered(shop, ctx)
    for path in ("passport", "passport.json"):
        answer = shop.get(f"/orders/{order_id}/{path}")
        assert answer.status_code == 409 and "is accepted" in page_of(answer).words


def test_a_page_that_follows_holds_up_no_shut_down(ctx, shop):
    """The stream of an open page ends whole as soon as the server is asked to end."""
    order_id, ends, told = ordered(shop, ctx), [], threading.Event()

    def follow(url: str) -> None:
        with httpx.stream("GET", f"{url}/orders/{order_id}/life", timeout=30) as stream:
            try:
                for _line in stream.iter_lines():
                    told.set()
            except httpx.TransportError:
                ends.append("cut")
            else:
                ends.append("whole")

    with listening(shop.app) as url:
        reader = threading.Thread(target=follow, args=(url,))
        reader.start()
        assert told.wait(30)
    reader.join(30)
    assert ends == ["whole"]


PATHS = ["", "/life", "/passport", "/passport.json"]


@pytest.mark.parametrize("path", PATHS)
def test_an_order_of_another_does_not_exist(ctx, shop, path):
    """404 for an order that is another's, with the words of one that never was."""
    order_id = delivered(shop, ctx) if "passport" in path else ordered(shop, ctx)
    other = browser(ctx, BERT)
    theirs, none = other.get(f"/orders/{order_id}{path}"), other.get(f"/orders/ord_0{path}")
    assert theirs.status_code == none.status_code == 404
    assert page_of(theirs).words.replace(order_id, "ord_0") == page_of(none).words
    assert other.send_form(f"/orders/{order_id}/cancel").status_code == 404
    assert other.send_form("/run", {"order": order_id}).status_code == 404


def test_a_supplier_sees_its_own_part(ctx, shop):
    """Neither price nor door nor dates of the buyer stand on the page of who makes it."""
    order_id = ordered(shop, ctx)
    order = show_order(ctx, ANNA, order_id)
    job = next(iter(order.jobs.values()))
    owner = ctx.network.site[job.site_id].party_id
    assert owner == "maker"
    page = page_of(browser(ctx, MAKER).get(f"/orders/{order_id}"))
    assert Shown("en").money(order.price_minor, "EUR") not in page.words
    assert "The door" not in page.words and not page.all(
        "form", action=f"/orders/{order_id}/cancel"
    )


def test_the_list_has_the_own_orders_newest_first(ctx, shop):
    """Own orders only, in pages, by state; the start shows the newest."""
    mine = [ordered(shop, ctx) for _ in range(3)]
    theirs = ordered_by_bert(ctx)
    page = page_of(shop.get("/orders"))
    linked = [a["href"].rpartition("/")[2] for a in page.all("a") if "/orders/ord_" in a["href"]]
    assert sorted(linked) == sorted(mine) and theirs not in linked
    shop.send_form(f"/orders/{mine[0]}/cancel")
    only = page_of(shop.get("/orders", params={"state": "cancelled", "page": "99"}))
    assert [a["href"] for a in only.all("a") if "/orders/ord_" in a["href"]] == [
        f"/orders/{mine[0]}"
    ]
    start = page_of(shop.get("/"))
    assert {f"/orders/{one}" for one in mine} <= {a["href"] for a in start.all("a")}


def ordered_by_bert(ctx: Context) -> str:
    """Return the id of an order of somebody else."""
    shop = browser(ctx, BERT)
    offer_id = offered(shop)
    option = show_offer(ctx, BERT, offer_id).options[0].option_id
    return id_in(shop.send_form(f"/offers/{offer_id}/accept", {"option": option}))


def test_running_some_hours_moves_the_clock_and_a_wrong_wish_is_refused(ctx, shop):
    """The world's clock runs as far as asked; letters, nothing and too much are refused."""
    ordered(shop, ctx)
    before_s = ctx.clock.now_s()
    assert shop.send_form("/run", {"hours": "8"}).headers["location"] == "/"
    assert shop.app.state.runner.wait(60) and ctx.clock.now_s() == before_s + 8 * 3600
    clock = shop.get("/clock").json()
    assert clock["now_s"] == before_s + 8 * 3600 and clock["running"] is False
    for hours in ("0", "-1", "x", "٨", "99999"):
        answer = shop.send_form("/run", {"hours": hours})
        assert answer.status_code == 422 and "cannot be run" in page_of(answer).words
    assert shop.send_form("/run", {"stop": "1", "next": "//evil.test"}).headers["location"] == "/"


def test_who_stands_at_a_machine_runs_no_world(ctx):
    """The pages ask for the same roles as the API: a machine's operator does not move the clock."""
    shop, before_s = browser(ctx, Actor("maker", "operator")), ctx.clock.now_s()
    for wish in ({"hours": "8"}, {}, {"stop": "1"}):
        assert shop.send_form("/run", wish).status_code == 403
    assert shop.app.state.runner.wait(60) and ctx.clock.now_s() == before_s


def test_a_run_that_broke_off_says_why(ctx, shop, monkeypatch, caplog):
    """What ended a run early stands on the page of the order that waits for it."""
    order_id = ordered(shop, ctx)

    def broken(*_args: object, **_more: object) -> None:
        raise RuntimeError("no luck")

    monkeypatch.setattr("manufold.services.running.run", broken)
    shop.send_form("/run", {"order": order_id})
    assert shop.app.state.runner.wait(60)
    page = page_of(shop.get(f"/orders/{order_id}"))
    assert "The run broke off by a fault of ours (RuntimeError)" in page.words
    assert "no luck" not in page.words and "no luck" in caplog.text


def test_looking_changes_nothing(ctx, shop):
    """No page that is only looked at writes to the log."""
    order_id = ordered(shop, ctx)
    before = canonical([one.hash for one in ctx.store.read()])
    for path in ("/", "/orders", f"/orders/{order_id}", "/clock", "/sign-in", "/?example=cube"):
        assert shop.get(path).status_code == 200
    assert canonical([one.hash for one in ctx.store.read()]) == before
