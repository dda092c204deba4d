"""Extending and releasing offers: whole, by their buyer, a few times; on each kind of store."""

from dataclasses import replace
from typing import Any

import pytest
from tests.services.stores import (
    Opener,
    at_once,
    beside,
    clean,
    held,
    let_in,
    never_twice,
    opener,
    pair,
    told,
    views_stand,
)
from tests.services.world import ANNA, BERT, HUB, MAKER, quoted, world

from manufold.model.errors import Conflict, InputFault
from manufold.model.execution import OrderState
from manufold.model.offer import Offer
from manufold.scheduling.bookings import is_claim
from manufold.services import holding
from manufold.services.context import Context
from manufold.services.documents import offer_of
from manufold.services.forget import forget_offer
from manufold.services.holding import extend_offer, extensions_left, release_offer
from manufold.services.order import accept, show_orders
from manufold.services.quote import show_offer

__all__ = ["opener", "pair"]


def _expiries(ctx: Context, offer: Offer) -> set[int | None]:
    """Return when the bookings of an offer expire, counted or not."""
    groups = {option.option_id for option in offer.options}
    return {b.expires_s for b in ctx.store.bookings(now_s=-(2**62)) if b.group in groups}


def test_an_extended_offer_is_held_for_longer(opener: Opener) -> None:
    """Bookings, document and event move together, twice at most; then the refusal says so."""
    ctx = world(store=opener())
    made = quoted(ctx).offer
    before, stretches = made.reservation.expires_s, held(ctx, made)
    assert extensions_left(ctx, made) == 2
    for times in (1, 2):
        longer = extend_offer(ctx, ANNA, made.offer_id)
        until_s = before + times * 1800
        assert longer == show_offer(ctx, ANNA, made.offer_id)
        assert longer == replace(made, reservation=replace(made.reservation, expires_s=until_s))
        assert _expiries(ctx, made) == {until_s} and held(ctx, made) == stretches
    assert extensions_left(ctx, made) == 0
    with pytest.raises(Conflict) as refusal:
        extend_offer(ctx, ANNA, made.offer_id)
    assert refusal.value.code == "hold.extended_enough"
    assert (refusal.value.params["times"], refusal.value.params["most"]) == (2, 2)
    said = [e for e in ctx.store.read() if e.kind == "OfferExtended"]
    assert [(e.by, e.data["before_s"], e.data["expires_s"]) for e in said] == [
        ("anna/buyer", before, before + 1800),
        ("anna/buyer", before + 1800, before + 3600),
    ]
    never_twice(ctx.store)
    views_stand(ctx.store)


def test_a_longer_hold_keeps_others_away_and_can_be_accepted(opener: Opener) -> None:
    """After its first expiry the extended offer still holds, pushes others back, and is sold."""
    ctx = world(store=opener())
    mine = quoted(ctx, content=b"block 0.4").offer
    extend_offer(ctx, ANNA, mine.offer_id)
    ctx.clock.advance_to(mine.reservation.expires_s + 1)  # type: ignore[attr-defined]
    other = quoted(ctx, BERT).offer
    assert held(ctx, mine) and not held(ctx, mine) & held(ctx, other)
    order = accept(ctx, ANNA, mine.offer_id, "cheap")
    assert {job.state for job in order.jobs.values()} == {"planned"}
    never_twice(ctx.store)
    clean(ctx)


def test_an_expired_offer_is_not_brought_back(opener: Opener) -> None:
    """At the second of its expiry it is over; nothing is written."""
    ctx = world(store=opener())
    made = quoted(ctx).offer
    ctx.clock.advance_to(made.reservation.expires_s)  # type: ignore[attr-defined]
    before = ctx.store.head()
    with pytest.raises(Conflict, match=r"order\.offer_expired"):
        extend_offer(ctx, ANNA, made.offer_id)
    assert ctx.store.head() == before


@pytest.mark.parametrize("verb", [extend_offer, release_offer])
def test_an_offer_is_its_own_buyers(verb: Any) -> None:
    """Another buyer learns nothing, a planner may not; the network operator may, as elsewhere."""
    ctx = world()
    made = quoted(ctx).offer
    for offer_id in (made.offer_id, "ofr_nothing", "\x00"):
        with pytest.raises(Conflict, match=r"access\.no_such_offer"):
            verb(ctx, BERT, offer_id)
    with pytest.raises(InputFault, match=r"access\.role_may_not"):
        verb(ctx, MAKER, made.offer_id)
    assert held(ctx, made) and _expiries(ctx, made) == {made.reservation.expires_s}
    verb(ctx, HUB, made.offer_id)


def test_a_released_offer_frees_its_slots_at_once(opener: Opener) -> None:
    """The next buyer gets the same slots; released again it is done once; accepting says why."""
    ctx = world(store=opener())
    made = quoted(ctx).offer
    stretches = held(ctx, made)
    release_offer(ctx, ANNA, made.offer_id)
    release_offer(ctx, ANNA, made.offer_id)
    assert [e.data for e in ctx.store.read() if e.kind == "OfferReleased"] == [
        {"offer_id": made.offer_id, "reason": "hold.released"}
    ]
    assert not ctx.store.bookings(now_s=0) and offer_of(ctx, made.offer_id) is None
    for verb in (
        lambda: accept(ctx, ANNA, made.offer_id, "cheap"),
        lambda: extend_offer(ctx, ANNA, made.offer_id),
    ):
        with pytest.raises(Conflict, match=r"hold\.was_released"):
            verb()
    with pytest.raises(Conflict, match=r"access\.no_such_offer"):
        release_offer(ctx, BERT, made.offer_id)
    assert held(ctx, quoted(ctx, BERT).offer) == stretches
    views_stand(ctx.store)


def test_what_is_accepted_is_not_released() -> None:
    """An accepted offer is an order: neither released nor extended, and its slots stay."""
    ctx = world()
    ten, other = quoted(ctx).offer, quoted(ctx, quantity=20).offer
    order = accept(ctx, ANNA, ten.offer_id, "cheap")
    for verb in (extend_offer, release_offer):
        with pytest.raises(Conflict, match=r"order\.offer_accepted"):
            verb(ctx, ANNA, ten.offer_id)
        with pytest.raises(Conflict, match=r"order\.other_offer_accepted"):
            verb(ctx, ANNA, other.offer_id)
    left = [b.booking_id for b in ctx.store.bookings(now_s=0) if not is_claim(b)]
    assert sorted(left) == sorted(order.jobs)


def test_extended_accepted_and_released_at_once_is_one_of_them(opener: Opener) -> None:
    """Threads in several processes: the offer is an order or free, never half, never both."""
    one = world(store=opener())
    contexts = [one, *(beside(one, seed, opener()) for seed in (2, 3, 4, 5))]
    ended = set()
    for turn in range(6):
        made = quoted(one).offer
        verbs: list[Any] = [
            lambda c, o: extend_offer(c, ANNA, o),
            lambda c, o: accept(c, ANNA, o, "cheap"),
            lambda c, o: release_offer(c, ANNA, o),
            lambda c, o: extend_offer(c, ANNA, o),
            lambda c, o: extend_offer(c, ANNA, o),
        ]
        turned = verbs[turn % 5 :] + verbs[: turn % 5]
        answers = at_once(
            [
                lambda c=c, v=v, o=made.offer_id: v(c, o)
                for c, v in zip(contexts, turned, strict=True)
            ]
        )
        assert set(told(answers)) <= {
            "order.offer_accepted",
            "hold.was_released",
            "hold.extended_enough",
        }
        orders = [a for a in answers if isinstance(a, OrderState)]
        released = any(a is None for a in answers)
        assert len(orders) + released == 1
        ended.add(released)
        assert not held(one, made)
        said = [e.kind for e in one.store.read(stream=f"offer:{made.offer_id}")]
        assert said.count("OfferExtended") <= 2 and said.count("OfferReleased") == released
    assert len(show_orders(one, ANNA)) >= 1 or ended == {True}
    assert {b.state for b in one.store.bookings(now_s=0)} <= {"firm"}
    never_twice(one.store)
    clean(one)
    views_stand(one.store)


@pytest.mark.parametrize("rival", ["accept", "release", "forget", "extend"])
def test_a_rival_between_look_and_append(
    pair: tuple[Context, Context], monkeypatch: pytest.MonkeyPatch, rival: str
) -> None:
    """Whatever another process does right after we looked: our extension is refused or second."""
    one, two = pair
    made = quoted(one).offer
    acts = {
        "accept": lambda: accept(two, ANNA, made.offer_id, "cheap"),
        "release": lambda: release_offer(two, ANNA, made.offer_id),
        "forget": lambda: forget_offer(two, ANNA, made.offer_id),
        "extend": lambda: extend_offer(two, ANNA, made.offer_id),
    }
    let_in(monkeypatch, holding, "offer_of", acts[rival])
    if rival == "extend":
        longer = extend_offer(one, ANNA, made.offer_id)
        assert longer.reservation.expires_s == made.reservation.expires_s + 2 * 100_000
        assert _expiries(one, made) == {longer.reservation.expires_s}
        return
    code = {
        "accept": "order.offer_accepted",
        "release": "hold.was_released",
        "forget": "order.slot_lost",
    }[rival]
    with pytest.raises(Conflict) as refusal:
        extend_offer(one, ANNA, made.offer_id)
    assert refusal.value.code == code
    assert not held(one, made)
    assert not [e for e in one.store.read() if e.kind == "OfferExtended"]
