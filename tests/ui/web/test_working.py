"""A shop at its pages: the next work, what to make, what happened; and the buyer's receipt."""

import re
from collections.abc import Mapping

import httpx
import pytest
from tests.services.world import ANNA, HUB, quoted
from tests.ui.web.site import Browser, browser, page_of, pages_world
from tests.ui.web.test_sign_in import signed

from manufold.model.party import Role
from manufold.services.context import Context
from manufold.services.keys import make_key
from manufold.services.order import accept, show_order

FORM = re.compile(r'<form method="post" action="([^"]+)"[^>]*>(.*?)</form>', re.S)
INPUT = re.compile(
    r'<input ([^>]*)>|<select [^>]*name="([^"]+)"[^>]*><option value="([^"]*)"', re.S
)


def opened(ctx: Context, party: str, role: Role) -> Browser:
    """Return a browser signed in as somebody."""
    shop = browser(ctx)
    signed(shop, make_key(ctx, HUB, party, role))
    return shop


def forms(page: httpx.Response) -> dict[str, tuple[str, dict[str, str]]]:
    """Return the forms of a page by what they say, each with where it goes and what it holds."""
    page_of(page)
    found = {}
    for action, inner in FORM.findall(page.text):
        held: dict[str, str] = {}
        for attrs, name, first in INPUT.findall(inner):
            if name:
                held[name] = first
                continue
            given = dict(re.findall(r'(\w+)="([^"]*)"', attrs))
            if given.get("type") != "checkbox" or attrs.rstrip().endswith("checked"):
                held[given["name"]] = given.get("value", "")
        kind = held.get("kind", action.rsplit("/", 1)[-1])
        found.setdefault(kind, (action, held))
    return found


def press(shop: Browser, path: str, kind: str, **typed: str) -> Mapping[str, str]:
    """Fill in a form of a page and send it; return what it sent."""
    action, held = forms(shop.get(path))[kind]
    sent = held | typed
    answer = shop.send_form(action, sent)
    assert answer.status_code == 303, page_of(answer).words
    return sent


@pytest.fixture
def ctx() -> Context:
    """A live world."""
    return pages_world("live")


@pytest.fixture
def made(ctx: Context) -> tuple[str, str, str]:
    """Return an order of Anna's, its page, and who makes it."""
    order = accept(ctx, ANNA, quoted(ctx, quantity=3).offer.offer_id, "cheap")
    (job,) = order.jobs.values()
    return order.order_id, f"/orders/{order.order_id}", ctx.network.site[job.site_id].party_id


def test_a_live_order_goes_through_the_pages_to_its_passport(ctx, made):
    """Its shop finds it, makes and ships it, its buyer receives it; the passport says all of it."""
    order_id, path, maker = made
    shop, buyer = opened(ctx, maker, "operator"), opened(ctx, "anna", "buyer")
    work = page_of(shop.get("/"))
    assert "Your work" in work.words and not work.all("input", name="files")
    assert work.all("a", href=f"{path}#making")
    offered = forms(shop.get(path))
    assert "ship" not in offered and "finish" not in offered and "receive" not in offered
    if "setup_start" in offered:
        assert "start" not in offered
        press(shop, path, "setup_start")
        press(shop, path, "setup_end")
    press(shop, path, "start")
    press(shop, path, "pause")
    assert "finish" not in forms(shop.get(path))
    press(shop, path, "resume")
    press(shop, path, "finish", good="1", complete="")
    press(shop, path, "energy", energy_wh="1500")
    last = press(shop, path, "finish")
    assert last["good"] == "2"
    assert "receive" not in forms(buyer.get(path))
    assert press(shop, path, "ship")["quantity"] == "3"
    assert "There is nothing to make" in page_of(shop.get("/")).words
    assert not {"say", "ship", "finish"} & set(forms(buyer.get(path)))
    press(buyer, path, "receive")
    assert show_order(ctx, ANNA, order_id).state == "delivered"
    page = page_of(buyer.get(path))
    assert "Read its passport" in page.words and "receive" not in forms(buyer.get(path))
    passport = buyer.get(f"{path}/passport.json").json()
    assert passport["energy_wh"] == 1500 and passport["quantity"] == 3


def test_a_double_click_is_done_once(ctx, made):
    """The same form sent twice makes one event; the page afterwards offers the next step."""
    _order_id, path, maker = made
    shop = opened(ctx, maker, "operator")
    first = "setup_start" if "setup_start" in forms(shop.get(path)) else "start"
    action, held = forms(shop.get(path))[first]
    heads = []
    for _click in range(2):
        ctx.clock.advance_to(ctx.clock.now_s() + 7)  # type: ignore[attr-defined]
        assert shop.send_form(action, held).status_code == 303
        heads.append(ctx.store.head().seq)
    assert heads[0] == heads[1]


def test_the_design_is_handed_to_its_maker_alone(ctx, made):
    """The file comes as it was sent; another shop and a number that is none are refused."""
    _order_id, path, maker = made
    shop = opened(ctx, maker, "operator")
    (link,) = [a["href"] for a in page_of(shop.get(path)).all("a") if "/files/" in a["href"]]
    file = shop.get(link)
    assert (
        file.content.startswith(b"block ") and "attachment" in file.headers["content-disposition"]
    )
    assert shop.get(f"{path}/files/2").status_code in (404, 422)
    assert shop.get(f"{path}/files/x").status_code in (404, 422)
    others = {s.party_id for s in ctx.network.sites} - {maker}
    for other in others:
        stranger = opened(ctx, other, "operator")
        assert stranger.get(link).status_code == 404
        assert stranger.send_form(f"{path}/say", {"kind": "start"}).status_code == 404


@pytest.mark.parametrize(
    ("kind", "typed", "words"),
    [
        ("start", {"job": "job_none"}, ""),
        ("finish", {"good": "many"}, "not a whole number"),
        ("measure", {"piece": "1", "value": "wide"}, "is not a number"),
        ("revise_promise", {}, ""),
        ("nonsense", {}, ""),
    ],
)
def test_what_cannot_be_said_is_refused_with_a_way_back(ctx, made, kind, typed, words):
    """Nothing is appended, and the refusal leads back to the order."""
    _order_id, path, maker = made
    shop, before = opened(ctx, maker, "operator"), ctx.store.head()
    answer = shop.send_form(f"{path}/say", {"kind": kind, **typed})
    assert answer.status_code in (403, 404, 409, 422)
    page = page_of(answer)
    assert words in page.words and page.all("a", href=path)
    assert ctx.store.head() == before


def test_nobody_receives_more_than_was_sent(ctx, made):
    """A buyer's receipt of nothing, or of too much, is refused."""
    _order_id, path, _maker = made
    buyer = opened(ctx, "anna", "buyer")
    for quantity in ("1", "0", "", "x"):
        answer = buyer.send_form(f"{path}/receive", {"quantity": quantity})
        assert answer.status_code in (409, 422), quantity
