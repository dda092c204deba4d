"""Who held what, from when to when, and how it ended: from the log, to each what is its own."""

from dataclasses import replace
from random import Random
from typing import Any

import pytest
from tests.services.stores import Opener, beside, opener
from tests.services.world import (
    ANNA,
    BERT,
    HUB,
    MAKER,
    OTHER,
    Toy,
    quoted,
    shared_plants,
    world,
)

from manufold.model.errors import InputFault
from manufold.model.party import Actor
from manufold.model.ports import Batch
from manufold.model.units import DAY_S
from manufold.services.context import Context
from manufold.services.documents import event
from manufold.services.forget import forget_offer, sweep
from manufold.services.hold_log import Hold, show_holds
from manufold.services.holding import extend_offer, release_offer
from manufold.services.order import accept

__all__ = ["opener"]


def _by_offer(ctx: Context, actor: Actor = HUB, **more: Any) -> dict[str, Hold]:
    return {hold.offer_id: hold for hold in show_holds(ctx, actor, **more)}


def _by_hold(ctx: Context, actor: Actor, **more: Any) -> dict[str, Hold]:
    """Return holds as a supplier knows them, who must not know the offers."""
    found = show_holds(ctx, actor, **more)
    assert {hold.offer_id for hold in found} <= {""}
    return {hold.reservation_id: hold for hold in found}


def test_every_ending_is_told(opener: Opener) -> None:
    """Accepted, released, forgotten, ended by another, expired, open: who, what, when, how."""
    ctx = world(store=opener())
    start_s = ctx.clock.now_s()
    names = ("accepted", "other_accepted", "released", "forgotten", "expired", "swept", "open")
    designs = dict(zip(names, (b"1", b"1", b"2", b"3", b"4", b"5", b"6"), strict=True))
    made = {name: quoted(ctx, content=b"block 0.0" + designs[name]).offer for name in names}
    ctx.clock.advance_to(start_s + 100)  # type: ignore[attr-defined]
    order = accept(ctx, ANNA, made["accepted"].offer_id, "cheap")
    release_offer(ctx, ANNA, made["released"].offer_id)
    forget_offer(ctx, ANNA, made["forgotten"].offer_id)
    for _ in range(2):
        extend_offer(ctx, ANNA, made["open"].offer_id)
    expires_s = made["expired"].reservation.expires_s
    ctx.clock.advance_to(expires_s + 5)  # type: ignore[attr-defined]
    forget_offer(ctx, ANNA, made["swept"].offer_id)
    holds = _by_offer(ctx)
    found = {name: holds[offer.offer_id] for name, offer in made.items()}
    assert {name: (h.how.removeprefix("hold."), h.ended_s) for name, h in found.items()} == {
        "accepted": ("accepted", start_s + 100),
        "other_accepted": ("other_accepted", start_s + 100),
        "released": ("released", start_s + 100),
        "forgotten": ("forgotten", start_s + 100),
        "expired": ("expired", expires_s),
        "swept": ("expired", expires_s),
        "open": ("open", None),
    }
    assert (found["accepted"].order_id, found["accepted"].accepted) == (order.order_id, "cheap")
    assert [one.expires_s - expires_s for one in found["open"].longer] == [1800, 3600]
    for name, offer in made.items():
        hold = found[name]
        assert (hold.party_id, hold.by, hold.made_s) == ("anna", "anna/buyer", start_s)
        slots = {
            (s.resource_id, s.seat, s.start_s, s.end_s) for o in offer.options for s in o.slots
        }
        assert {(s.resource_id, s.seat, s.from_s, s.to_s) for s in hold.stretches} == slots
    assert set(_by_offer(ctx, only_open=True)) == {made["open"].offer_id}
    again = beside(ctx, 9, opener())
    assert _by_offer(again) == holds


def test_a_buyer_sees_its_own_and_a_maker_its_sites() -> None:
    """Each owner sees its stretches without the buyer; the order only where it makes a part."""
    ctx = world(shared_plants(), toy=Toy(turned=True))
    mine, theirs = quoted(ctx).offer, quoted(ctx, BERT).offer
    order = accept(ctx, ANNA, mine.offer_id, "cheap")
    assert set(_by_offer(ctx, ANNA)) == {mine.offer_id}
    assert set(_by_offer(ctx, BERT)) == {theirs.offer_id}
    assert set(_by_offer(ctx, HUB)) == {mine.offer_id, theirs.offer_id}
    for maker, site in ((MAKER, "plant"), (OTHER, "works")):
        seen = _by_hold(ctx, maker)
        assert set(seen) == {one.reservation.reservation_id for one in (mine, theirs)}
        for hold in seen.values():
            assert {one.site_id for one in hold.stretches} == {site}
            assert (hold.party_id, hold.by, hold.ended_by) == ("", "", "")
        assert seen[mine.reservation.reservation_id].order_id == order.order_id
        other = "works" if site == "plant" else "plant"
        assert _by_hold(ctx, maker, site=other) == {}
        assert _by_hold(ctx, maker, site=site) == seen
    assert {s.site_id for s in _by_offer(ctx, HUB, site="works")[mine.offer_id].stretches} == {
        "works"
    }
    with pytest.raises(InputFault, match=r"access\.role_may_not"):
        show_holds(ctx, ANNA, site="plant")
    with pytest.raises(InputFault, match=r"schedule\.site_unknown"):
        show_holds(ctx, MAKER, site="mars")


def test_a_maker_is_not_told_of_an_order_made_elsewhere() -> None:
    """Where the accepted option has no work, the hold ended there, and no order is named."""
    ctx = world()
    made = quoted(ctx).offer
    sites = {option.name: set(option.sites) for option in made.options}
    here = next(name for name, found in sites.items() if found == {"plant"})
    assert any(found == {"works"} for found in sites.values())
    order = accept(ctx, ANNA, made.offer_id, here)
    name = made.reservation.reservation_id
    assert _by_hold(ctx, MAKER)[name].order_id == order.order_id
    elsewhere = _by_hold(ctx, OTHER)[name]
    assert (elsewhere.how, elsewhere.order_id, elsewhere.accepted) == (
        "hold.accepted_elsewhere",
        "",
        "",
    )


def test_a_window_is_found_in_a_long_log() -> None:
    """In 4,000 events of three weeks, some reported late, any window tells the same as all."""
    ctx = world(hold_s=5000)
    rng = Random(3)
    made: list[tuple[int, str]] = []
    for number in range(60):
        now_s = ctx.clock.advance_to(  # type: ignore[attr-defined]
            ctx.clock.now_s() + rng.randrange(0, DAY_S // 2)
        )
        offer = quoted(ctx, (ANNA, BERT)[number % 2], content=b"block 0.01").offer
        made.append((now_s, offer.offer_id))
        for _ in range(65):
            at_s = now_s - rng.randrange(0, 3 * DAY_S)
            data = {"name": "n", "revision": f"{number:064d}"}
            ctx.store.append(Batch((event("network", "NetworkLoaded", data, at_s, "manufold"),)))
    everything = _by_offer(ctx, from_s=0)
    assert len(everything) == 60
    for _ in range(40):
        from_s = rng.choice(made)[0] + rng.randrange(-5, 6)
        to_s = from_s + rng.randrange(1, 4 * DAY_S)
        if from_s > ctx.clock.now_s():
            continue
        wanted = {offer_id for at_s, offer_id in made if from_s <= at_s < to_s}
        found = _by_offer(ctx, from_s=from_s, to_s=to_s)
        assert found == {offer_id: everything[offer_id] for offer_id in wanted}


def test_a_window_that_is_none_is_refused() -> None:
    """Backwards, or wholly in the future."""
    ctx = world()
    now_s = ctx.clock.now_s()
    assert show_holds(ctx, HUB) == ()
    for from_s, to_s in ((now_s, now_s), (now_s, now_s - 1), (now_s + 1, now_s + 9)):
        with pytest.raises(InputFault, match=r"hold\.window_empty"):
            show_holds(ctx, HUB, from_s=from_s, to_s=to_s)


def test_an_old_offer_that_was_swept_had_expired() -> None:
    """What the sweep writes weeks later is clearing up: the hold ended when it expired."""
    ctx = world(design_kept_days=1)
    made = quoted(ctx).offer
    ctx.clock.advance_to(made.made_at_s + 3 * DAY_S)  # type: ignore[attr-defined]
    quoted(ctx, BERT, content=b"block 0.4")
    before = _by_offer(ctx)[made.offer_id]
    assert sweep(ctx) == 1
    assert _by_offer(ctx)[made.offer_id] == before
    assert before.how == "hold.expired" and before == replace(
        before, ended_s=made.reservation.expires_s
    )
