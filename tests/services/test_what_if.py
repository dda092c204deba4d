"""What if: scenarios are planned on a copy, measured side by side, and nothing is booked."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from tests.services.stores import Opener, light, opener, views_of
from tests.services.world import ANNA, HUB, MAKER, OTHER, two_plants, world

from manufold.judge.violations import violations
from manufold.model.calendar import DAYS, Shift
from manufold.model.errors import Conflict, InputFault
from manufold.model.execution import OrderState
from manufold.model.party import Actor
from manufold.model.schedule import Slot
from manufold.model.units import DAY_S, HOUR_S, to_rfc3339
from manufold.scheduling.outages import with_outages
from manufold.services import order
from manufold.services.context import Context
from manufold.services.documents import orders_of, units_of
from manufold.services.floor import floor_of
from manufold.services.scenario import Change, Scenario, scenarios_of
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


def laid_out(ctx: Context, *changes: Change) -> tuple[Planned, Planned]:
    """Return the floor as it is and in a scenario, judged clean."""
    now_s = ctx.clock.now_s()
    floor = floor_of(ctx, orders_of(ctx), units_of(ctx), now_s)
    base = as_it_is(ctx, floor, now_s)
    after = planned(ctx, HUB, Scenario("it", changes), floor, base, (), now_s)
    network = with_outages(after.network, after.outages)
    assert violations(after.slots, network, after.jobs, now_s=now_s) == ()
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
    made = booked(ctx, 300, 200, 100)
    change = scenarios(ctx, made)[kind]
    base, after = laid_out(ctx, change)
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


DOWN = {"kind": "down", "work_unit": "m", "from": to_rfc3339(0), "to": to_rfc3339(9)}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"kind": "quake"}, "what_if.kind_unknown"),
        ({**DOWN, "to": to_rfc3339(0)}, "what_if.backwards"),
        ({**DOWN, "order": "x"}, "what_if.field_idle"),
        ({"kind": "down", "work_unit": "m", "from": to_rfc3339(0)}, "what_if.field_needed"),
        ({"kind": "rush", "by": to_rfc3339(9)}, "what_if.field_needed"),
        ({**DOWN, "from": "soon"}, "units.instant_malformed"),
        ({**DOWN, "from": 7}, "units.instant_malformed"),
        ({"kind": "weight", "order": "o", "weight": 0}, "what_if.number_outside"),
        ({"kind": "weight", "order": "o", "weight": "2"}, "codec.value_wrong"),
    ],
)
def test_a_wrong_scenario_is_refused_by_name(change: dict[str, object], code: str) -> None:
    """Whatever is wrong with a change is said, with its place."""
    with pytest.raises(InputFault) as refused:
        scenarios_of({"scenarios": [{"name": "s", "changes": [change]}]})
    assert refused.value.code == code


@pytest.mark.parametrize("document", [[], {}, {"scenarios": "x"}, {"scenarios": [{"name": "s"}]}])
def test_no_scenarios_is_refused(document: object) -> None:
    """A document of another shape is no list of scenarios."""
    with pytest.raises(InputFault, match="what_if.no_scenarios"):
        scenarios_of(document)


def test_what_is_read_is_what_was_written() -> None:
    """Instants become seconds; names that are left out are given."""
    (found,) = scenarios_of({"scenarios": [{"changes": [DOWN]}]})
    assert found == Scenario("scenario 1", (Change("down", work_unit="m", to_s=9),))
