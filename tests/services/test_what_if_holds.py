"""What if beside open offers: holds stay held, but where they cannot, and the judge looks at it."""

from dataclasses import replace
from typing import Any

import pytest
from tests.services.stores import light
from tests.services.test_what_if import apart, asked, booked, first_slot, holding, laid_out
from tests.services.world import BERT, two_plants, world

from manufold.model.calendar import DAYS, Shift
from manufold.model.errors import OurFault
from manufold.model.schedule import Slot
from manufold.model.units import DAY_S, HOUR_S
from manufold.services import what_if as asking
from manufold.services.scenario import Change
from manufold.services.what_if_floor import Planned, planned


def test_a_rush_order_takes_what_its_own_offer_holds() -> None:
    """Nobody else is in its way: it is made when its offer would be, whatever its buyer holds
    beside it for the design; what others hold stays held."""
    ctx = world(hold_s=100_000)
    booked(ctx, 300)
    offer = light(ctx, 100)
    light(ctx, 150)
    other = light(ctx, 200, BERT)
    option = offer.option("fast")
    by_s = ctx.clock.now_s() + 30 * DAY_S
    change = Change("rush", offer=offer.offer_id, option="fast", by_s=by_s)
    _base, after = laid_out(ctx, change)
    new = [slot for slot in after.slots if slot.holder == "rush 1"]
    stands = [(s.resource_id, s.seat, s.start_s, s.end_s) for s in new]
    assert stands == [(s.resource_id, s.seat, s.start_s, s.end_s) for s in option.slots]
    assert {slot.holder for slot in after.held} == {one.option_id for one in other.options}
    assert asked(ctx, change).columns[1].movement.count == 0


def test_what_moves_up_stops_behind_what_is_held() -> None:
    """An extra shift would bring an order into the hold of an offer before it: it comes forward
    to its end."""
    usual = two_plants()
    early = Shift(DAYS[:5], "06:00", "14:00")
    calendars = tuple(replace(one, shifts=(early,)) for one in usual.calendars)
    ctx = world(replace(usual, calendars=calendars), hold_s=100_000)
    booked(ctx, 100)
    light(ctx, 300, BERT)
    (made,) = booked(ctx, 2000)
    last, now_s = first_slot(ctx, made), ctx.clock.now_s()
    site = ctx.network.site_of(last.resource_id).site_id
    change = Change("extra_shift", site=site, from_s=now_s, to_s=last.end_s)
    _base, after = laid_out(ctx, change)
    assert after.held == holding(ctx) != ()
    new = next(slot for slot in after.slots if slot.holder == made.order_id)
    ends_s = [s.end_s for s in after.held if s.resource_id == new.resource_id]
    assert new.start_s in ends_s
    assert new.end_s < last.end_s
    assert asked(ctx, change).columns[1].moves


def test_a_hold_in_the_way_of_what_keeps_its_order_is_lost() -> None:
    """A mill is down for an hour; to go behind the long hold would be late, so the hold goes."""
    ctx = world(hold_s=100_000)
    (made,) = booked(ctx, 300)
    light(ctx, 3000, BERT)
    slot = first_slot(ctx, made)
    change = Change(
        "down", work_unit=slot.resource_id, from_s=slot.start_s, to_s=slot.start_s + HOUR_S
    )
    _base, after = laid_out(ctx, change)
    assert not apart(after.slots, holding(ctx))
    assert {s.holder for s in after.held} < {s.holder for s in holding(ctx)}
    assert asked(ctx, change).columns[1].measures.late == 0


def shifted(slot: Slot, by_s: int) -> Slot:
    """Return a slot with all that it holds at another time."""
    also = tuple(replace(c, start_s=c.start_s + by_s, end_s=c.end_s + by_s) for c in slot.also)
    return replace(slot, start_s=slot.start_s + by_s, end_s=slot.end_s + by_s, also=also)


def test_a_double_booking_is_refused_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the planning brings, the judge looks at it: seats taken twice, or from a hold."""
    ctx = world(hold_s=100_000)
    made = booked(ctx, 300, 200)
    light(ctx, 100, BERT)
    first, held = first_slot(ctx, made[0]), holding(ctx)
    onto = next(one for one in held if one.resource_id == first.resource_id)
    for start_s in (first.start_s, onto.start_s):

        def wrong(*told: Any, start_s: int = start_s) -> Planned:
            found = planned(*told)
            slots = tuple(
                shifted(slot, start_s - slot.start_s) if slot.holder == made[1].order_id else slot
                for slot in found.slots
            )
            return replace(found, slots=slots)

        monkeypatch.setattr(asking, "planned", wrong)
        with pytest.raises(OurFault, match="schedule.judged_wrong") as refused:
            asked(ctx, Change("weight", order=made[0].order_id, weight=2))
        assert {fault.reason.code for fault in refused.value.faults} == {"judge.overlap"}
