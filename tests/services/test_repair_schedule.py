"""A repair is done on the live floor: judged, at once or not at all, each owner told its own."""

from dataclasses import replace
from typing import Any

import pytest
from tests.services.stores import Opener, clean, let_in, light, opener, views_of
from tests.services.world import ANNA, HUB, MAKER, OTHER, Toy, two_plants, world

from manufold.model.errors import Conflict, InputFault, Reason
from manufold.model.execution import Command, OrderState
from manufold.model.network import Capability, Network
from manufold.model.party import Actor
from manufold.model.units import DAY_S, HOUR_S
from manufold.scheduling.outages import Outage
from manufold.services import make
from manufold.services import repair_schedule as repairing
from manufold.services.catch_up import catch_up
from manufold.services.context import Context
from manufold.services.documents import orders_of, units_of
from manufold.services.order import accept
from manufold.services.outages import outages_of
from manufold.services.repair_schedule import RepairAsk, RepairDone, repair_schedule
from manufold.services.scenario import Change, Scenario
from manufold.services.what_if import what_if

__all__ = ["opener"]

DOWN_H = 30 * 24


def twin_mills() -> Network:
    """Return the two plants where the maker's has a second mill, with somebody to attend it."""
    plants = two_plants()
    mill, *others = plants.work_units
    second = replace(mill, work_unit_id="mill-1b", name="Mill 1b")
    olga, *rest = plants.operators
    return replace(
        plants,
        work_units=(replace(mill, mttr_h=DOWN_H), second, *others),
        operators=(olga, replace(olga, operator_id="oleg"), *rest),
    )


def booked(ctx: Context, *quantities: int) -> list[OrderState]:
    """Return orders of the maker's, accepted one after the other, all on its first mill."""
    return [accept(ctx, ANNA, light(ctx, n).offer_id, "cheap") for n in quantities]


def broken(network: Network | None = None, **more: Any) -> tuple[Context, OrderState]:
    """Return a world with one order on a mill that has broken down for a month."""
    ctx = world(network or twin_mills(), hold_s=100_000, **more)
    (made,) = booked(ctx, 300)
    job = next(iter(made.jobs.values()))
    plants = ctx.network
    down = tuple(
        replace(unit, mttr_h=DOWN_H) if unit.work_unit_id == job.resource_id else unit
        for unit in plants.work_units
    )
    ctx.network = replace(plants, work_units=down)
    now_s = ctx.clock.now_s()
    make.say(ctx, HUB, Command("c1", "breakdown", now_s, "x", resource_id=job.resource_id))
    return ctx, made


def state_of(ctx: Context) -> Any:
    """Return all that a store remembers."""
    return ctx.store.head(), ctx.store.bookings(now_s=0), views_of(ctx.store)


def repaired(ctx: Context, actor: Actor = HUB, **wanted: Any) -> RepairDone:
    """Return what a repair did."""
    return repair_schedule(ctx, actor, RepairAsk(**wanted))


def test_a_promise_is_kept_by_moving_one_operation(opener: Opener) -> None:
    """The mill is down for a month, its neighbour is free: one operation moves, on each store."""
    ctx, made = broken(store=opener())
    (job,) = made.jobs.values()
    found = repaired(ctx)
    assert (found.swapped, found.why.code) == (True, "repair.done")
    assert (found.missed_before, found.missed_after, found.late) == (1, 0, ())
    assert (found.movement.count, found.movement.elsewhere) == (1, 1)
    (move,) = found.moves
    assert move.before is not None
    assert move.after is not None
    assert (move.before.resource_id, move.before.start_s) == (job.resource_id, job.start_s)
    assert move.after.resource_id not in (job.resource_id, "mill-2")
    assert move.why.code == "repair.down"
    (now,) = next(one for one in orders_of(ctx) if one.order_id == made.order_id).jobs.values()
    assert (now.resource_id, now.start_s) == (move.after.resource_id, move.after.start_s)
    event = list(ctx.store.read(stream=f"order:{made.order_id}"))[-1]
    assert (event.kind, event.by) == ("SlotsMoved", "hub/network_operator")
    assert event.data["code"] == "schedule.repaired"
    clean(ctx)


def test_a_round_leaves_a_repair_where_it_is() -> None:
    """What a repair moved is what is agreed upon from then on: the next round moves nothing."""
    ctx, _made = broken()
    repaired(ctx)
    before = ctx.store.bookings(now_s=0)
    orders = {order.order_id: order for order in orders_of(ctx)}
    assert catch_up(ctx, ctx.clock.now_s(), orders, units_of(ctx)) == ()
    assert ctx.store.bookings(now_s=0) == before
    assert repaired(ctx).why.code == "repair.in_order"


@pytest.mark.parametrize("fewest", [False, True])
def test_a_dry_run_says_the_same_and_moves_nothing(fewest: bool) -> None:
    """It tells what the repair then does, and the store is as it was, byte by byte."""
    ctx, _made = broken()
    before = state_of(ctx)
    told = repaired(ctx, fewest=fewest, dry_run=True)
    assert (told.swapped, told.dry_run, told.why.code) == (False, True, "repair.dry")
    assert state_of(ctx) == before
    done = repaired(ctx, fewest=fewest)
    assert done.swapped
    assert (done.moves, done.movement, done.late) == (told.moves, told.movement, told.late)


def test_where_nothing_is_wrong_nothing_moves() -> None:
    """The order of work does as well: it is said, and nothing is written."""
    ctx = world(twin_mills(), hold_s=100_000)
    booked(ctx, 300, 200)
    before = state_of(ctx)
    for fewest in (False, True):
        found = repaired(ctx, fewest=fewest)
        assert (found.swapped, found.why.code, found.moves) == (False, "repair.in_order", ())
    assert state_of(ctx) == before
    assert repaired(world()).why.code == "repair.in_order"  # nor where there is no work at all


def test_what_cannot_be_kept_is_named_with_its_reason() -> None:
    """No second mill, a month of repair: nothing does better, and the order is late for it."""
    plants = two_plants()
    mills = tuple(replace(unit, mttr_h=DOWN_H) for unit in plants.work_units)
    ctx, made = broken(replace(plants, work_units=mills))
    found = repaired(ctx)
    assert (found.swapped, found.why.code) == (False, "repair.in_order")
    assert (found.missed_before, found.missed_after) == (1, 1)
    (late,) = found.late
    assert (late.order_id, late.where, late.promised_s) == (
        made.order_id,
        "door",
        made.promised_at_s,
    )
    assert late.forecast_s is not None
    assert late.late_s == late.forecast_s - made.promised_at_s > 20 * DAY_S
    assert late.why[0].code == "board.why_down"


def test_a_mill_told_to_be_down_is_left_and_nobody_away_attends() -> None:
    """A mill that will be down is left, an operator who will be away attends nothing, and no
    calendar is written for either."""
    ctx = world(twin_mills(), hold_s=100_000)
    (made,) = booked(ctx, 300)
    (job,) = made.jobs.values()
    network = ctx.network
    down = Outage(job.resource_id, job.start_s, job.end_s + 30 * DAY_S)
    first = repaired(ctx, down=(down,))
    (move,) = first.moves
    assert first.swapped
    assert move.after is not None
    assert (move.why.code, move.before is not None) == ("repair.down", True)
    assert move.after.resource_id != job.resource_id
    attends = move.after.also[0].resource_id
    away = Outage(attends, move.after.start_s, move.after.end_s + 30 * DAY_S)
    second = repaired(ctx, absent=(away,))
    assert second.swapped
    assert [one.why.code for one in second.moves] == ["repair.attended_by"]
    assert (second.movement.count, second.why.params["orders"]) == (0, 0)
    (now,) = next(one for one in orders_of(ctx) if one.order_id == made.order_id).jobs.values()
    assert attends not in {claim.resource_id for claim in now.also}
    assert ctx.network == network
    assert units_of(ctx) == [] or all(unit.down_since_s is None for unit in units_of(ctx))
    clean(ctx)


def test_what_was_told_is_known_to_everybody_until_it_is_over(opener: Opener) -> None:
    """Scenarios, offers, rounds and the next repair keep clear of what a repair was told; told
    shorter it is taken back, and what is over is forgotten. A dry run tells nobody."""
    ctx = world(twin_mills(), opener(), hold_s=100_000)
    (made,) = booked(ctx, 300)
    (job,) = made.jobs.values()
    olga = next(
        claim.resource_id for claim in job.also if claim.resource_id in ctx.network.operator
    )
    now_s = ctx.clock.now_s()
    down = Outage(job.resource_id, job.start_s, job.end_s + 30 * DAY_S)
    away = Outage(olga, job.start_s, job.end_s + 30 * DAY_S)
    assert repaired(ctx, down=(down,), absent=(away,), dry_run=True).moves
    assert outages_of(ctx.network, units_of(ctx), now_s) == ()
    repaired(ctx, down=(down,), absent=(away,))
    assert set(outages_of(ctx.network, units_of(ctx), now_s)) == {down, away}
    longer = Change("extra_shift", site="plant", from_s=now_s, to_s=now_s + 5 * DAY_S)
    seen = what_if(ctx, HUB, (Scenario("longer", (longer,)),))
    for column in seen.columns:
        taken = [move.after for move in column.moves if move.after is not None]
        assert not [s for s in taken if s.resource_id == job.resource_id and s.end_s > down.from_s]
    slots = [s for o in light(ctx, 40).options for s in o.slots if "plant" in o.sites]
    assert slots
    for slot in slots:
        there = {slot.resource_id, *(claim.resource_id for claim in slot.also)}
        assert not there & {job.resource_id, olga} or slot.end_s <= down.from_s
    orders = {order.order_id: order for order in orders_of(ctx)}
    assert catch_up(ctx, now_s, orders, units_of(ctx)) == ()
    assert repaired(ctx).why.code == "repair.in_order"
    short = replace(down, to_s=down.from_s + 60)
    repaired(ctx, down=(short,))
    assert set(outages_of(ctx.network, units_of(ctx), now_s)) == {short, away}
    assert outages_of(ctx.network, units_of(ctx), away.to_s) == ()


def test_what_is_held_for_an_offer_stays() -> None:
    """The neighbour is held for an offer: the repair goes behind it, and the hold stands."""
    ctx = world(twin_mills(), hold_s=100_000)
    (made,) = booked(ctx, 300)
    (job,) = made.jobs.values()
    light(ctx, 400)
    now_s = ctx.clock.now_s()
    held = [b for b in ctx.store.bookings(now_s=now_s) if b.state == "held"]
    beside = {b.resource_id: b.to_s for b in held if b.resource_id.startswith("mill-1")}
    ((neighbour, free_s),) = beside.items()
    assert neighbour != job.resource_id
    found = repaired(ctx, down=(Outage(job.resource_id, now_s, now_s + 30 * DAY_S),))
    (move,) = found.moves
    assert move.after is not None
    assert (move.after.resource_id, move.after.start_s) == (neighbour, free_s)
    assert [b for b in ctx.store.bookings(now_s=now_s) if b.state == "held"] == held
    clean(ctx)


def test_where_offers_hold_what_all_ways_take_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """No hold is taken away for what would merely be better: all ways are tried, then it ends."""
    ctx, _made = broken()
    before, tried = state_of(ctx), []

    def in_the_way(ctx: Context, claims: Any, now_s: int) -> dict[str, Any]:
        tried.append(claims)
        return {"ofr_1": []}

    monkeypatch.setattr(repairing, "holds_in_the_way", in_the_way)
    found = repaired(ctx)
    assert (found.swapped, found.why.code) == (False, "repair.held")
    assert len(tried) == 3
    assert state_of(ctx) == before


def test_what_has_begun_stays_on_its_mill() -> None:
    """Work that runs waits for its mill and ends later; what follows goes behind it."""
    ctx, made = broken()
    other = booked(ctx, 20)[0]
    (second,) = other.jobs.values()
    now_s, place = second.start_s, second.resource_id
    ctx.clock.advance_to(now_s)  # type: ignore[attr-defined]
    said = ("x", other.order_id, second.job_order_id, place)
    make.say(ctx, HUB, Command("c2", "setup_start", now_s, *said))
    found = repaired(ctx, down=(Outage(place, now_s, now_s + 2 * HOUR_S),))
    assert [move.slot.holder for move in found.moves] == [made.order_id]
    (now,) = next(one for one in orders_of(ctx) if one.order_id == other.order_id).jobs.values()
    assert (now.resource_id, now.seat, now.start_s) == (place, second.seat, now_s)
    assert now.end_s >= second.end_s + 2 * HOUR_S


def test_a_planner_learns_of_its_own_moves_only() -> None:
    """The other owner's planner repairs, too, and is told of no order, mill or date of the maker;
    the maker is told its own, at its gate."""
    ctx, made = broken()
    (job,) = made.jobs.values()
    assert job.site_id == "plant"
    stranger = repaired(ctx, OTHER, dry_run=True)
    assert (stranger.moves, stranger.order_of, stranger.late) == ((), {}, ())
    assert (stranger.missed_before, stranger.missed_after) == (0, 0)
    assert stranger.why.params["count"] == 0
    own = repaired(ctx, MAKER)
    assert own.swapped
    assert [one.slot.holder for one in own.moves] == [made.order_id]
    assert (own.missed_before, own.missed_after) == (1, 0)


@pytest.mark.parametrize(
    ("actor", "wanted", "code"),
    [
        (ANNA, {}, "access.role_may_not"),
        (Actor("maker", "operator"), {}, "access.role_may_not"),
        (OTHER, {"down": (Outage("mill-1", 0, 2**31),)}, "schedule.unit_unknown"),
        (HUB, {"down": (Outage("mill-9", 0, 2**31),)}, "schedule.unit_unknown"),
        (HUB, {"down": (Outage("olga", 0, 2**31),)}, "schedule.unit_unknown"),
        (OTHER, {"absent": (Outage("olga", 0, 2**31),)}, "what_if.operator_unknown"),
        (HUB, {"absent": (Outage("mill-1", 0, 2**31),)}, "what_if.operator_unknown"),
        (HUB, {"absent": (Outage("olga", 0, 9),)}, "repair.outage_over"),
        (HUB, {"down": (Outage("mill-1", 0, 2**31),) * 51}, "repair.too_many"),
    ],
)
def test_walls_and_limits(actor: Actor, wanted: dict[str, Any], code: str) -> None:
    """Whoever plans nothing is refused, and so is what is another's, unknown, over or too much."""
    ctx = world(twin_mills())
    before = state_of(ctx)
    with pytest.raises(InputFault) as refused:
        repaired(ctx, actor, **wanted)
    assert refused.value.code == code
    assert state_of(ctx) == before


def test_a_stale_swap_is_refused_whole(opener: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody books the neighbour while it is planned: nothing moves, and trying again works."""
    ctx, made = broken(store=opener())

    def rival() -> None:
        booked(ctx, 300)

    let_in(monkeypatch, repairing, "violations", rival)
    before = next(one for one in orders_of(ctx) if one.order_id == made.order_id)
    with pytest.raises(Conflict, match=r"repair\.contested"):
        repaired(ctx)
    assert next(one for one in orders_of(ctx) if one.order_id == made.order_id) == before
    assert repaired(ctx).swapped
    clean(ctx)


def test_what_the_judge_finds_wrong_is_not_swapped(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault of ours is told as one, and the schedule stays."""
    ctx, _made = broken()
    before = state_of(ctx)
    monkeypatch.setattr(repairing, "violations", lambda *a, **more: (object(), object()))
    found = repaired(ctx)
    assert (found.swapped, found.why.code) == (False, "repair.judged_wrong")
    assert found.why.params["count"] == 2
    assert (found.moves, found.missed_after) == ((), found.missed_before)
    assert state_of(ctx) == before


def test_a_maker_of_a_later_part_is_not_told_what_comes_before() -> None:
    """Two owners make one order: who turns learns that pieces come later, not what is milled."""
    plants = twin_mills()
    *mills, lathe = plants.work_units
    units = (*mills, replace(lathe, capabilities=(Capability("turn.2axis"),)))
    ctx = world(replace(plants, work_units=units), toy=Toy(turned=True), hold_s=100_000)
    first, _second = booked(ctx, 300, 600)
    milled = next(job for job in first.jobs.values() if job.site_id == "plant")
    now_s = ctx.clock.now_s()
    ctx.network = replace(
        ctx.network, work_units=tuple(replace(one, mttr_h=DOWN_H) for one in units)
    )
    make.say(ctx, HUB, Command("c1", "breakdown", now_s, "x", resource_id=milled.resource_id))
    whole = repaired(ctx, HUB, dry_run=True)
    theirs = [move for move in whole.moves if move.slot.resource_id == "mill-2"]
    assert "repair.predecessor" in {move.why.code for move in theirs}
    own = repaired(ctx, OTHER, dry_run=True).moves
    assert [(move.slot, move.why) for move in own] == [
        (
            move.slot,
            Reason("repair.pieces_later", {})
            if move.why.code == "repair.predecessor"
            else move.why,
        )
        for move in theirs
    ]
