"""What if: scenarios are planned on a copy, measured side by side, and nothing is booked."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from tests.services.stores import Opener, light, opener, views_of
from tests.services.world import (
    ANNA,
    BERT,
    HUB,
    MAKER,
    OTHER,
    Toy,
    quoted,
    shared_plants,
    two_plants,
    world,
)

from manufold.judge.violations import violations
from manufold.model.calendar import DAYS, Shift
from manufold.model.errors import Conflict, InputFault
from manufold.model.execution import OrderState
from manufold.model.party import Actor
from manufold.model.schedule import Slot
from manufold.model.units import DAY_S, HOUR_S
from manufold.scheduling.bookings import booked_slots
from manufold.scheduling.outages import with_outages
from manufold.services import order
from manufold.services.context import Context
from manufold.services.documents import orders_of, units_of
from manufold.services.floor import floor_of
from manufold.services.holding import release_offer
from manufold.services.scenario import Change, Scenario
from manufold.services.what_if import WhatIf, what_if
from manufold.services.what_if_floor import Planned, as_it_is, planned

__all__ = ["opener"]


def booked(ctx: Context, *quantities: int) -> list[OrderState]:
    """Return orders that were accepted one after the other."""
    made = []
    for quantity in quantities:
        offer = light(ctx, quantity)
        made.append(order.accept(ctx, ANNA, offer.offer_id, "cheap"))
    return made


def one(*changes: Change) -> tuple[Scenario, ...]:
    """Return one scenario."""
    return (Scenario("it", changes),)


def asked(ctx: Context, *changes: Change, actor: Actor = HUB) -> WhatIf:
    """Return what one scenario brings."""
    return what_if(ctx, actor, one(*changes))


def holding(ctx: Context) -> tuple[Slot, ...]:
    """Return what is held for offers."""
    now_s = ctx.clock.now_s()
    found = ctx.store.bookings(now_s=now_s, to_after_s=now_s)
    return booked_slots(one for one in found if one.state == "held")


def apart(slots: Sequence[Slot], held: Sequence[Slot]) -> bool:
    """Return whether no slot takes a seat or an operator while it is held."""

    def spans(one: Slot) -> list[tuple[str, int, int, int]]:
        also = [(c.resource_id, c.seat, c.start_s, c.end_s) for c in one.also]
        return [(one.resource_id, one.seat, one.start_s, one.end_s), *also]

    return not any(
        (a[0], a[1]) == (b[0], b[1]) and a[2] < b[3] and b[2] < a[3]
        for slot in slots
        for other in held
        for a in spans(slot)
        for b in spans(other)
    )


def laid_out(ctx: Context, *changes: Change) -> tuple[Planned, Planned]:
    """Return the floor as it is and in a scenario, judged clean, with what is held."""
    now_s = ctx.clock.now_s()
    floor = floor_of(ctx, orders_of(ctx), units_of(ctx), now_s)
    base = as_it_is(ctx, floor, now_s)
    after = planned(ctx, HUB, Scenario("it", changes), floor, base, holding(ctx), now_s)
    network = with_outages(after.network, after.outages)
    assert violations(after.slots, network, after.jobs, now_s=now_s) == ()
    assert apart(after.slots, after.held)
    return base, after


def first_slot(ctx: Context, made: OrderState) -> Slot:
    """Return the first slot of an order."""
    now_s = ctx.clock.now_s()
    floor = floor_of(ctx, orders_of(ctx), units_of(ctx), now_s)
    return min((s for s in floor.slots if s.holder == made.order_id), key=lambda s: s.start_s)


def scenarios(ctx: Context, made: Sequence[OrderState]) -> dict[str, Change]:
    """Return one change of each kind that a floor with orders can be asked about."""
    slot, now_s = first_slot(ctx, made[0]), ctx.clock.now_s()
    who = next(iter(ctx.network.operator))
    unit, name = slot.resource_id, made[0].order_id
    return {
        "down": Change("down", work_unit=unit, from_s=now_s, to_s=now_s + 3 * DAY_S),
        "absent": Change("absent", operator=who, from_s=now_s, to_s=now_s + 3 * DAY_S),
        "extra_shift": Change("extra_shift", work_unit=unit, from_s=now_s, to_s=now_s + DAY_S),
        "rush": Change("rush", order=made[-1].order_id, by_s=now_s + 2 * DAY_S),
        "late_material": Change("late_material", order=name, to_s=slot.start_s + 2 * DAY_S),
        "cancel": Change("cancel", order=name),
        "weight": Change("weight", order=made[-1].order_id, weight=9),
    }


def test_nothing_of_the_live_schedule_is_touched(opener: Opener) -> None:
    """On each kind of store: the same events, bookings and views after every kind of scenario."""
    store = opener()
    ctx = world(store=store, hold_s=100_000)
    made = booked(ctx, 300, 200, 100)
    offer = light(ctx, 50)
    kinds = scenarios(ctx, made)
    rush = Change("rush", offer=offer.offer_id, option="fast", by_s=ctx.clock.now_s() + DAY_S)
    before = store.head(), store.bookings(now_s=0), views_of(store)
    for change in (*kinds.values(), rush):
        asked(ctx, change)
    what_if(ctx, HUB, [Scenario(kind, (change,)) for kind, change in list(kinds.items())[:4]])
    assert (store.head(), store.bookings(now_s=0), views_of(store)) == before


@pytest.mark.parametrize(
    "kind", ["down", "absent", "extra_shift", "rush", "late_material", "cancel", "weight"]
)
def test_each_kind_is_judged_clean_and_says_why(kind: str) -> None:
    """Whatever a scenario moves keeps every rule, and every move has its reason."""
    ctx = world(hold_s=100_000)
    made = booked(ctx, 300, 200)
    light(ctx, 400, BERT)
    made += booked(ctx, 100)
    change = scenarios(ctx, made)[kind]
    base, after = laid_out(ctx, change)
    assert after.held == holding(ctx) != ()
    found = asked(ctx, change)
    moved = {(move.slot.holder, move.slot.operation_id) for move in found.columns[1].moves}
    old = {(s.holder, s.operation_id): (s.resource_id, s.start_s) for s in base.slots}
    new = {(s.holder, s.operation_id): (s.resource_id, s.start_s) for s in after.slots}
    assert moved == {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)}
    assert found.columns[0].moves == ()


def test_a_breakdown_moves_what_is_on_it_and_names_it() -> None:
    """The operation on the mill that is down moves, because of the mill, and the order knows."""
    ctx = world(hold_s=100_000)
    made = booked(ctx, 300)[0]
    slot = first_slot(ctx, made)
    down = Change("down", work_unit=slot.resource_id, from_s=slot.start_s, to_s=slot.end_s + HOUR_S)
    found = asked(ctx, down)
    (move,) = found.columns[1].moves
    assert move.why.code == "repair.down"
    assert move.after is not None
    assert (move.after.resource_id, move.after.start_s) != (slot.resource_id, slot.start_s)
    assert found.columns[1].movement.count == 1


def test_late_material_holds_up_nobody_else() -> None:
    """The order without material moves behind its arrival; the one behind it stays."""
    ctx = world(hold_s=100_000)
    made = booked(ctx, 300, 200)
    slot = first_slot(ctx, made[0])
    there_s = slot.start_s + 5 * DAY_S
    found = asked(ctx, Change("late_material", order=made[0].order_id, to_s=there_s))
    assert [move.why.code for move in found.columns[1].moves] == ["repair.material"]
    (move,) = found.columns[1].moves
    assert move.slot.holder == made[0].order_id
    assert move.slot.start_s >= there_s
    (dates,) = found.orders
    assert dates.order_id == made[0].order_id
    before_s, after_s = dates.expected_s
    assert before_s is not None
    assert after_s is not None
    assert before_s <= dates.promised_s
    assert after_s > before_s
    assert found.columns[1].measures.late == int(after_s > dates.promised_s)
    assert found.columns[1].measures.late_s == max(0, after_s - dates.promised_s)


def test_a_cancelled_order_costs_and_emits_nothing_more() -> None:
    """What is left costs and uses as much less as the order alone."""
    ctx = world(hold_s=100_000)
    made = booked(ctx, 300, 200)
    first = Change("cancel", order=made[0].order_id)
    second = Change("cancel", order=made[1].order_id)
    found = what_if(ctx, HUB, (*one(first), *one(second), *one(first, second)))
    whole, without_first, without_second, nothing = (c.measures for c in found.columns)
    assert nothing.total_minor == nothing.energy_wh == nothing.carbon_g == nothing.setup_s == 0
    assert whole.energy_wh > max(without_first.energy_wh, without_second.energy_wh) > 0
    assert abs(without_first.total_minor + without_second.total_minor - whole.total_minor) <= 4
    assert {d.order_id for d in found.orders} == {o.order_id for o in made}
    assert all(d.expected_s[3] is None for d in found.orders)


def test_costs_are_those_of_the_offer() -> None:
    """Energy and the hourly costs of one order are the lines that its buyer pays, but for rounding
    and exchange."""
    ctx = world(hold_s=100_000)
    offer = light(ctx, 300)
    made = order.accept(ctx, ANNA, offer.offer_id, "cheap")
    lines = offer.option("cheap").price_lines
    found = asked(ctx, Change("weight", order=made.order_id, weight=2)).columns[0].measures
    kinds = {"setup", "run", "labour", "energy"}
    charged = {kind: sum(li.amount_minor for li in lines if li.kind == kind) for kind in kinds}
    told = {kind: found.cost_minor.get(kind, 0) for kind in kinds}
    assert all(abs(told[kind] - charged[kind]) <= 1 for kind in kinds), (told, charged)
    carbon = [li.carbon_g for li in offer.option("cheap").carbon_lines if li.kind == "energy"]
    assert abs(found.carbon_g - sum(carbon)) <= 1


def test_a_rush_order_is_placed_and_has_its_column() -> None:
    """A new rush order from an open offer is new in its scenario only, with its date."""
    ctx = world(hold_s=100_000)
    booked(ctx, 300)
    offer = light(ctx, 40)
    by_s = ctx.clock.now_s() + 30 * DAY_S
    found = asked(ctx, Change("rush", offer=offer.offer_id, quantity=20, by_s=by_s))
    dates = next(one for one in found.orders if one.order_id == "rush 1")
    assert dates.expected_s[0] is None
    assert dates.expected_s[1] is not None
    assert dates.promised_s == by_s
    assert {m.why.code for m in found.columns[1].moves if m.before is None} == {"repair.new"}


def test_only_an_open_offer_is_rushed_and_only_by_the_network_operator() -> None:
    """Accepted, expired or released, it says so; to a planner it is no offer at all."""
    ctx = world(hold_s=1000)
    gone, taken, old = light(ctx, 10), light(ctx, 10, BERT), quoted(ctx, quantity=3).offer
    release_offer(ctx, ANNA, gone.offer_id)
    made = order.accept(ctx, BERT, taken.offer_id, "fast")

    def refusal(offer_id: str, actor: Actor = HUB) -> Conflict:
        with pytest.raises(Conflict) as refused:
            asked(ctx, Change("rush", offer=offer_id, by_s=ctx.clock.now_s() + DAY_S), actor=actor)
        return refused.value

    assert refusal(old.offer_id, MAKER).code == "access.no_such_offer"
    assert refusal(gone.offer_id).code == "hold.was_released"
    assert refusal(taken.offer_id).code == "what_if.offer_accepted"
    assert refusal(taken.offer_id).params["order"] == made.order_id
    ctx.clock.advance_to(ctx.clock.now_s() + 1000)
    assert refusal(taken.offer_id).code == "what_if.offer_accepted"
    assert refusal(old.offer_id).code == "order.offer_expired"


def test_two_units_of_one_calendar_are_open_on_the_same_morning() -> None:
    """Each from the same instant, to its own end; twice the same unit is no fault either."""
    ctx = world(hold_s=100_000)
    booked(ctx, 300, 200)
    from_s = ctx.clock.now_s() + 5 * DAY_S
    first, second = (unit.work_unit_id for unit in ctx.network.work_units)
    shifts = [
        Change("extra_shift", work_unit=first, from_s=from_s, to_s=from_s + 8 * HOUR_S),
        Change("extra_shift", work_unit=second, from_s=from_s, to_s=from_s + 4 * HOUR_S),
        Change("extra_shift", work_unit=second, from_s=from_s, to_s=from_s + 4 * HOUR_S),
    ]
    _base, after = laid_out(ctx, *shifts)
    for name, hours in ((first, 8), (second, 4)):
        calendar = after.network.calendar[after.network.work_unit[name].calendar_id]
        assert (from_s, from_s + hours * HOUR_S) in calendar.openings
    assert len(asked(ctx, *shifts).columns) == 2


def test_who_stands_in_is_said() -> None:
    """Where one of two operators is away the other attends: nothing moves, and it says who."""
    two = two_plants()
    olga = two.operators[0]
    both = (*two.operators, replace(olga, operator_id="oskar"))
    ctx = world(replace(two, operators=both), hold_s=100_000)
    (made,) = booked(ctx, 300)
    slot, now_s = first_slot(ctx, made), ctx.clock.now_s()
    (who,) = (claim.resource_id for claim in slot.also)
    other = {"olga": "oskar", "oskar": "olga"}[who]
    found = asked(ctx, Change("absent", operator=who, from_s=now_s, to_s=now_s + 5 * DAY_S))
    (move,) = found.columns[1].moves
    assert (move.why.code, move.why.params) == ("repair.attended_by", {"operator": other})
    assert (move.moved, move.later_s) == (False, 0)
    assert (found.columns[1].movement.count, found.columns[1].movement.moved_s) == (0, 0)


def test_an_extra_shift_brings_work_forward() -> None:
    """With the mill open at night the work on it ends sooner, and nothing gets late."""
    usual = two_plants()
    early = Shift(DAYS[:5], "06:00", "14:00")
    calendars = tuple(replace(one, shifts=(early,)) for one in usual.calendars)
    ctx = world(replace(usual, calendars=calendars), hold_s=100_000)
    made = booked(ctx, 3000, 2000)
    last = first_slot(ctx, made[-1])
    now_s = ctx.clock.now_s()
    found = asked(
        ctx, Change("extra_shift", work_unit=last.resource_id, from_s=now_s, to_s=last.end_s)
    )
    assert found.columns[1].moves
    assert all(move.later_s < 0 for move in found.columns[1].moves)
    assert {m.why.code for m in found.columns[1].moves} == {"repair.forward"}
    assert found.columns[1].measures.late <= found.columns[0].measures.late


def test_a_supplier_sees_its_own_part_only() -> None:
    """Another owner's planner learns no order, slot or cost of the maker's."""
    ctx = world(hold_s=100_000)
    made = booked(ctx, 300)[0]
    slot = first_slot(ctx, made)
    owner = ctx.network.site_of(slot.resource_id).party_id
    own, other = (MAKER, OTHER) if owner == "maker" else (OTHER, MAKER)
    theirs = next(
        u.work_unit_id
        for u in ctx.network.work_units
        if ctx.network.site_of(u.work_unit_id).party_id == other.party_id
    )
    now_s = ctx.clock.now_s()
    down = Change("down", work_unit=theirs, from_s=now_s, to_s=now_s + DAY_S)
    found = asked(ctx, down, actor=other)
    assert found.orders == ()
    assert [column.measures.total_minor for column in found.columns] == [0, 0]
    assert found.columns[1].moves == ()
    mine = Change("down", work_unit=slot.resource_id, from_s=now_s, to_s=slot.end_s)
    (dates,) = asked(ctx, mine, actor=own).orders
    assert dates.where == "gate"
    with pytest.raises(InputFault, match="schedule.unit_unknown"):
        asked(ctx, mine, actor=other)
    with pytest.raises(Conflict, match="access.no_such_order"):
        asked(ctx, Change("cancel", order=made.order_id), actor=other)
    with pytest.raises(InputFault, match="access.role_may_not"):
        asked(ctx, mine, actor=ANNA)


def test_a_supplier_learns_no_operation_of_others_by_a_wrong_name() -> None:
    """Its own are known, and late; another's is as unknown as one that never was."""
    ctx = world(shared_plants(), toy=Toy(turned=True), hold_s=100_000)
    made = order.accept(ctx, ANNA, light(ctx, 10).offer_id, "fast")
    assert [(j.operation_id, j.site_id) for j in made.jobs.values()] == [
        ("op10", "plant"),
        ("op20", "works"),
    ]
    to_s = ctx.clock.now_s() + 20 * DAY_S
    late = Change("late_material", order=made.order_id, to_s=to_s)
    for actor, known in ((MAKER, "op10"), (OTHER, "op20"), (HUB, "op10, op20")):
        for name in {"op10", "op20", "x"} - set(known.split(", ")):
            with pytest.raises(InputFault, match="what_if.operation_unknown") as refused:
                asked(ctx, replace(late, operation=name), actor=actor)
            assert refused.value.params["known"] == known
        for name in known.split(", "):
            owner = {"op10": MAKER, "op20": OTHER}[name]
            (move,) = asked(ctx, replace(late, operation=name), actor=owner).columns[1].moves
            assert (move.slot.operation_id, move.why.code) == (name, "repair.material")
    (move,) = asked(ctx, late, actor=OTHER).columns[1].moves
    assert (move.slot.operation_id, move.why.code) == ("op20", "repair.material")
