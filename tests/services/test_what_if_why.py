"""What if: causes of later dates, rush orders that change nothing, names, and what is refused."""

from dataclasses import replace

import pytest
from tests.services.stores import light
from tests.services.test_what_if import asked, booked, first_slot, laid_out
from tests.services.world import BERT, HUB, MAKER, OTHER, quoted, world

from manufold.model.errors import CannotMake, Conflict, InputFault
from manufold.model.execution import Command
from manufold.model.units import DAY_S, HOUR_S
from manufold.services.make import say
from manufold.services.scenario import Change
from manufold.words import word


def test_the_outage_is_the_cause_of_each_date_it_makes_later() -> None:
    """The mill is down: the order on it and those behind it, however far, name the mill."""
    ctx = world(hold_s=100_000)
    made = booked(ctx, 300, 200, 100)
    slot = first_slot(ctx, made[0])
    down = Change(
        "down", work_unit=slot.resource_id, from_s=slot.start_s, to_s=slot.start_s + 9 * DAY_S
    )
    found = asked(ctx, down)
    later = {one.order_id: one for one in found.orders}
    assert {order.order_id for order in made} <= set(later)
    for one in later.values():
        assert one.why[0] is None
        assert one.why[1] is not None
        assert (one.why[1].code, one.why[1].params["unit"]) == ("repair.down", "Mill 1")


def test_a_rush_that_changes_nothing_says_so_and_why() -> None:
    """An order that is first already: in time for what is wanted, or hanging on its own work."""
    ctx = world(hold_s=100_000)
    (made,) = booked(ctx, 300)
    now_s = ctx.clock.now_s()
    for by_s, code in ((made.promised_at_s, "early"), (now_s + HOUR_S, "nothing")):
        found = asked(ctx, Change("rush", order=made.order_id, by_s=by_s))
        (row,) = found.orders
        assert (row.order_id, row.why) == (made.order_id, (None, None))
        assert row.expected_s[0] == row.expected_s[1]
        first, *rest = found.columns[1].notes
        assert (first.code, first.params["order"]) == (f"what_if.rush_{code}", made.order_id)
        bound = [one.code for one in rest if one.code.startswith("schedule.binding_")]
        assert len(bound) == len(rest) == (code == "nothing")


def test_orders_are_named_by_the_letters_people_see() -> None:
    """The last or the first letters of an id do where they fit one order; several are named."""
    ctx = world(hold_s=100_000)
    first, second = booked(ctx, 300, 200)
    whole = asked(ctx, Change("cancel", order=second.order_id))
    for text in (second.order_id[-8:], second.order_id[:-1]):
        assert asked(ctx, Change("cancel", order=text)) == whole
    with pytest.raises(InputFault, match=r"what_if\.name_of_several") as caught:
        asked(ctx, Change("cancel", order=first.order_id[:8]))
    assert first.order_id in str(caught.value.reason.params["known"])
    with pytest.raises(Conflict, match=r"access\.no_such_order"):
        asked(ctx, Change("cancel", order=second.order_id[-5:]))
    with pytest.raises(Conflict, match=r"access\.no_such_order"):
        asked(ctx, Change("cancel", order=second.order_id[-8:]), actor=OTHER)
    offer = light(ctx, 50)
    rush = Change("rush", offer=offer.offer_id, by_s=ctx.clock.now_s() + 9 * DAY_S)
    same = replace(rush, offer=offer.offer_id[-8:])
    assert asked(ctx, same).orders == asked(ctx, rush).orders


def test_what_is_over_and_what_never_ends_are_refused() -> None:
    """Down yesterday is no scenario; down for ever leaves no room, whatever is ordered."""
    ctx = world(hold_s=100_000)
    (made,) = booked(ctx, 300)
    unit, now_s = first_slot(ctx, made).resource_id, ctx.clock.now_s()
    gone = Change("down", work_unit=unit, from_s=now_s - DAY_S, to_s=now_s)
    with pytest.raises(InputFault, match=r"what_if\.over"):
        asked(ctx, gone)
    everywhere = [
        Change("down", work_unit=one.work_unit_id, from_s=now_s, to_s=now_s + 8000 * DAY_S)
        for one in ctx.network.work_units
    ]
    with pytest.raises(CannotMake, match=r"what_if\.no_room") as caught:
        asked(ctx, *everywhere)
    assert "pieces" not in word(caught.value.reason)


def test_two_rush_orders_do_not_share_the_same_stock() -> None:
    """There is metal for one of them: the other waits for its own, also in one scenario."""
    ctx = world(hold_s=100_000)
    now_s = ctx.clock.now_s()
    offers = [
        quoted(ctx, quantity=60).offer,
        quoted(ctx, BERT, quantity=60, content=b"block 0.6").offer,
    ]
    wanted = [
        Change("rush", offer=one.offer_id, option="cheap", by_s=now_s + 9 * DAY_S) for one in offers
    ]
    assert all("plant" in one.option("cheap").sites for one in offers)
    starts = []
    for changes in ([wanted[0]], [wanted[1]], wanted):
        _base, after = laid_out(ctx, *changes)
        new = {s.holder: s.start_s for s in after.slots if s.holder.startswith("rush")}
        starts.append([new[name] - now_s for name in sorted(new)])
    (alone,), (other,), (first, second) = starts
    assert alone < 3 * DAY_S and other < 3 * DAY_S, "each alone is made from stock"
    assert min(first, second) < 3 * DAY_S <= max(first, second)


def test_what_is_down_already_is_said_before_any_scenario() -> None:
    """A breakdown that was reported is named to whoever's it is, and to nobody else."""
    ctx = world(hold_s=100_000)
    (made,) = booked(ctx, 300)
    slot, now_s = first_slot(ctx, made), ctx.clock.now_s()
    say(ctx, HUB, Command("c1", "breakdown", now_s, "x", resource_id=slot.resource_id))
    change = Change("weight", order=made.order_id, weight=2)
    for actor in (HUB, MAKER):
        (known,) = asked(ctx, change, actor=actor).known
        assert (known.code, known.params["unit"]) == ("what_if.known_down", "Mill 1")
    shift = Change("extra_shift", site="works", from_s=now_s, to_s=now_s + DAY_S)
    assert asked(ctx, shift, actor=OTHER).known == ()
