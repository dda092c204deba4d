"""Offers as pages: numbers with their lines, a hold by the world's clock, one order at most."""

from threading import Event

import pytest
from tests.services.world import ANNA, BERT
from tests.ui.web.site import EVIL, Browser, browser, id_in, page_of, pages_world

from manufold.model.units import to_rfc3339
from manufold.services.context import Context
from manufold.services.order import show_orders
from manufold.services.quote import show_offer
from manufold.ui.web.shown import Shown

BLOCK = {"files": (f"b{EVIL}.txt".replace('"', ""), b"block 0.5", "text/plain")}


@pytest.fixture
def ctx() -> Context:
    """A small world."""
    return pages_world(hold_s=1800)


@pytest.fixture
def shop(ctx: Context) -> Browser:
    """Its pages, as a guest meets them."""
    return browser(ctx)


def offered(shop: Browser, **more: str) -> str:
    """Return the id of a new offer."""
    data = {"vertical": "toy", "quantity": "10", "to": "door", **more}
    return id_in(shop.send_form("/offers", data, files=BLOCK))


def test_an_offer_shows_every_number_and_what_it_is_made_of(ctx, shop):
    """Dates, prices, carbon, their lines and sources, sites by name; nothing said twice."""
    found = show_offer(ctx, ANNA, offered(shop))
    page, show = page_of(shop.get(f"/offers/{found.offer_id}")), Shown("en")
    zone = ctx.network.delivery_zone["door"].zone
    told = [show.sentence(reason) for reason in found.assumptions]
    for option in found.options:
        told += [show.money(option.price_minor, "EUR"), show.carbon(option.carbon_g)]
        told += [show.moment(at, zone) for at in (option.promised_at_s, option.p50_at_s)]
        told += [show.sentence(line.basis) for line in (*option.price_lines, *option.carbon_lines)]
        told += [f"{x.source.title}, {x.source.year}" for x in option.carbon_lines]
        told += [ctx.network.site[site].name for site in option.sites]
    assert [text for text in told if " ".join(text.split()) not in page.words] == []
    exact = {a["datetime"] for a in page.all("time")}
    assert {to_rfc3339(o.promised_at_s, zone) for o in found.options} <= exact


@pytest.mark.parametrize("took", ["²", "-1", "1e3", "٣", "9" * 40, "<b>"])
def test_how_long_it_took_is_a_number_or_not_told(shop, took):
    """Whatever stands in the address, the offer is shown."""
    path = f"/offers/{offered(shop)}"
    assert "0.25" in page_of(shop.get(path, params={"took_ms": "250"})).words
    answer = shop.get(path, params={"took_ms": took})
    assert answer.status_code == 200
    assert page_of(answer).words == page_of(shop.get(path)).words


def test_options_that_are_one_way_are_shown_once(ctx, shop):
    """Each way has one button, and carries the names of all options it is."""
    found = show_offer(ctx, ANNA, offered(shop))
    page = page_of(shop.get(f"/offers/{found.offer_id}"))
    ways = {tuple((s.resource_id, s.start_s) for s in o.slots) for o in found.options}
    assert len(page.all("article")) == len(page.all("input", name="option")) == len(ways) < 3
    tags = [a["class"] for a in page.all("span") if a.get("class", "").startswith("tag ")]
    assert sorted(tags) == ["tag cheap", "tag fast", "tag green"]
    assert "The way that is best for" not in page.words


def test_the_hold_is_counted_on_the_worlds_clock(ctx, shop):
    """Beside the time left stands the instant, and that a simulated clock stands still."""
    offer_id = offered(shop)
    ctx.clock.advance_to(ctx.clock.now_s() + 600)
    page = page_of(shop.get(f"/offers/{offer_id}"))
    assert "Held for you 20 min · until" in page.words and "clock stands still" in page.words
    (note,) = page.all("p", role="timer")
    assert int(note["data-expires"]) - int(note["data-now"]) == 1200


def test_accepting_twice_makes_one_order(ctx, shop):
    """The form carries its key: sent again, by a second click or from the history, one order."""
    offer_id = offered(shop)
    page = page_of(shop.get(f"/offers/{offer_id}"))
    data = {a["name"]: a["value"] for a in page.all("input", type="hidden")}
    assert data["key"]
    sent = [id_in(shop.send_form(f"/offers/{offer_id}/accept", data)) for _ in range(2)]
    assert sent[0] == sent[1] and len(show_orders(ctx, ANNA)) == 1
    after = page_of(shop.get(f"/offers/{offer_id}"))
    assert after.all("a", href=f"/orders/{sent[0]}") and not after.all("input", name="option")
    other = next(
        o for o in show_offer(ctx, ANNA, offer_id).options if o.option_id != data["option"]
    )
    twice = shop.send_form(f"/offers/{offer_id}/accept", {"option": other.option_id, "key": "k"})
    refused = page_of(twice)
    assert twice.status_code == 409 and refused.all("a", href=f"/orders/{sent[0]}")
    assert len(show_orders(ctx, ANNA)) == 1


def test_an_expired_offer_is_gone_and_asked_for_again(ctx, shop):
    """410 on its page and on accepting; one click asks for the same again, files included."""
    offer_id = offered(shop, **{"f.x_mm": "120"})
    option = show_offer(ctx, ANNA, offer_id).options[0].option_id
    ctx.clock.advance_to(ctx.clock.now_s() + 1800)
    look = shop.get(f"/offers/{offer_id}")
    late = shop.send_form(f"/offers/{offer_id}/accept", {"option": option})
    for answer in (look, late):
        page = page_of(answer)
        assert answer.status_code == 410 and "This offer has expired" in page.words
        assert page.all("form", action=f"/offers/{offer_id}/again")
    again = show_offer(ctx, ANNA, id_in(shop.send_form(f"/offers/{offer_id}/again")))
    before = show_offer(ctx, ANNA, offer_id)
    assert (again.design_revision, again.quantity) == (before.design_revision, before.quantity)
    form = page_of(shop.get("/", params={"again": offer_id}))
    assert form.value("f.x_mm") == "120" and "is used, unless you choose another" in form.words


def test_an_offer_whose_files_were_deleted_is_asked_for_with_a_new_file(ctx, shop):
    """Without the files the form keeps the rest, and asks for a file."""
    offer_id = offered(shop)
    ctx.blobs.delete(show_offer(ctx, ANNA, offer_id).design_blob)
    assert page_of(shop.get(f"/offers/{offer_id}"))
    again = shop.send_form(f"/offers/{offer_id}/again")
    page = page_of(again)
    assert again.status_code == 422 and "Nothing was sent" in page.words
    assert page.value("quantity") == "10"


def test_an_offer_of_another_does_not_exist(ctx, shop, caplog):
    """Looked at, accepted or asked for again: 404, and logged with who asked."""
    offer_id = offered(browser(ctx, BERT))
    for answer in (
        shop.get(f"/offers/{offer_id}"),
        shop.send_form(f"/offers/{offer_id}/accept", {"option": "fast"}),
        shop.send_form(f"/offers/{offer_id}/again"),
        shop.get("/", params={"again": offer_id}),
    ):
        page = page_of(answer)
        assert answer.status_code == 404 and f"anna has no offer {offer_id}" in page.words
        assert page.all("a", href="/")
    assert sum("anna" in r.getMessage() for r in caplog.records if r.name == "manufold.access") == 4


def test_a_fault_of_ours_is_a_page_too(ctx, shop, monkeypatch, caplog):
    """Whatever breaks, a person reads a sentence; the log has the rest; nothing of it leaks."""
    offer_id, hit = offered(shop), Event()

    def broken(*_args: object) -> None:
        hit.set()
        raise RuntimeError("secret of the house")

    monkeypatch.setattr("manufold.ui.web.offered.show_offer", broken)
    answer = shop.get(f"/offers/{offer_id}")
    assert hit.is_set() and answer.status_code == 500
    assert "It is our fault" in page_of(answer).words and "secret" not in answer.text
    assert "secret of the house" in caplog.text


def test_a_hold_is_made_longer_twice_and_then_the_button_is_gone(ctx, shop):
    """Each press adds a hold time; after the last one only "no, thank you" is left to press."""
    offer_id = offered(shop)
    before_s = show_offer(ctx, ANNA, offer_id).reservation.expires_s
    for times in (1, 2):
        assert f"/offers/{offer_id}/extend" in _actions(shop, offer_id)
        answer = shop.send_form(f"/offers/{offer_id}/extend", {})
        assert (answer.status_code, answer.headers["location"]) == (303, f"/offers/{offer_id}")
        expires_s = show_offer(ctx, ANNA, offer_id).reservation.expires_s
        assert expires_s == before_s + times * 1800
    assert f"/offers/{offer_id}/extend" not in _actions(shop, offer_id)
    assert f"/offers/{offer_id}/release" in _actions(shop, offer_id)
    assert shop.send_form(f"/offers/{offer_id}/extend", {}).status_code == 409


def test_an_offer_that_is_not_wanted_is_released(ctx, shop):
    """Its slots go free, the form is shown again, and accepting it afterwards says why not."""
    offer_id = offered(shop)
    answer = shop.send_form(f"/offers/{offer_id}/release", {})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert not ctx.store.bookings(now_s=0)
    gone = shop.send_form(f"/offers/{offer_id}/accept", {"option": "cheap"})
    assert gone.status_code == 410
    assert not show_orders(ctx, ANNA)


def _actions(shop: Browser, offer_id: str) -> set[str]:
    """Return where the forms of an offer's page lead."""
    page = page_of(shop.get(f"/offers/{offer_id}"))
    return {form["action"] for form in page.all("form") if "action" in form}
