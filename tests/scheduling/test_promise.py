"""What a promise honours, what it refuses by name, and what it says it assumed."""

from dataclasses import replace
from decimal import Decimal

import pytest

from manufold.model.calendar import WorkCalendar
from manufold.model.errors import CannotMake, InputFault, ManufoldError
from manufold.model.network import Capability, Network, Operator, SetupMatrix
from manufold.model.process_plan import ProcessPlan
from manufold.model.schedule import Job
from manufold.scheduling.explain import why_this_date
from manufold.scheduling.load import Load
from manufold.scheduling.promise import Promised, promise, site_sets
from scheduling.made import middle_jobs, middle_shop, wrong
from scheduling.shops import (
    ALWAYS,
    EARLY,
    MONDAY_S,
    booking,
    by_operation,
    chain,
    network,
    operation,
    plan,
    unit,
)

H = 3600


def promised(net: Network, routing: ProcessPlan, quantity: int = 1, **more: object) -> Promised:
    """Return the promise of a job released at zero on an empty network."""
    return promise(Load.of(net), net, Job("j", routing, quantity), **more)  # type: ignore[arg-type]


def refusal(net: Network, routing: ProcessPlan, **more: object) -> ManufoldError:
    """Return why a job is refused."""
    with pytest.raises(ManufoldError) as refused:
        promised(net, routing, **more)
    return refused.value


def test_the_fastest_unit_wins() -> None:
    """Time factors count: the slow free saw loses to the quick one that is busy for a while."""
    net = network(
        [
            unit("slow", Capability("cut", time_factor=Decimal(3))),
            unit("quick", Capability("cut", time_factor=Decimal("0.5"))),
        ]
    )
    load = Load.of(net, [booking("quick", 0, H)])
    found = promise(load, net, Job("j", chain(("cut", 600)), 6))
    assert (found.slots[0].resource_id, found.finish_s) == ("quick", H + 1800)
    assert promised(net, chain(("cut", 600)), 6).finish_s == 1800


def test_set_up_and_rounding_are_booked_once() -> None:
    """0.7 s of set-up and 3 x 0.5 s are 1 s and 3 s, with the worst changeover on top."""
    matrix = SetupMatrix("m", (("red", "blue", 90, 0, 0), ("blue", "red", 30, 0, 0)), 60)
    net = network([unit("saw", "cut", matrix="m")], matrices=(matrix,))
    routing = plan(operation("op1", "cut", "0.5", "0.7", setup_family="blue"))
    (slot,) = promised(net, routing, 3).slots
    assert (slot.setup_s, slot.end_s - slot.start_s, slot.setup_family) == (91, 93, "blue")
    own = plan(operation("op1", "cut", "0.5", "0.7"))
    (slot,) = promised(net, own, 3).slots
    assert (slot.setup_s, slot.setup_family) == (61, "rev/plan")


def test_lanes_pass_between_sites_and_to_the_door() -> None:
    """The saw that is free at once is too far from the door: the busy one near it wins."""
    net = network(
        [unit("near", "cut", site="a"), unit("far", "cut", site="b"), unit("press", "bend")],
        lanes={("b", "a"): 5 * H, ("a", "home"): H, ("b", "home"): 9 * H},
    )
    load = Load.of(net, [booking("near", 0, 2 * H)])
    one = promise(load, net, Job("j", chain(("cut", H)), 1), to_site_or_zone="home")
    two = promise(load, net, Job("j", chain(("cut", H), ("bend", H)), 1), to_site_or_zone="home")
    assert (one.slots[0].resource_id, one.finish_s, one.arrives_s) == ("near", 3 * H, 4 * H)
    assert (two.ships_from, two.arrives_s) == ("a", 5 * H)
    free = promise(load, net, Job("j", chain(("cut", H)), 1))
    assert (free.slots[0].resource_id, free.arrives_s) == ("far", H)


def test_a_site_without_a_way_is_no_choice() -> None:
    """The free saw on the island is not used; with nothing else the way is what is missing."""
    net = network(
        [unit("island", "cut", site="b"), unit("saw", "cut"), unit("press", "bend")],
        lanes={("a", "home"): H},
    )
    load = Load.of(net, [booking("saw", 0, 50 * H)])
    found = promise(load, net, Job("j", chain(("cut", H), ("bend", H)), 1))
    assert by_operation(found.slots)["op1"].resource_id == "saw"
    only = network([unit("island", "cut", site="b"), unit("press", "bend")])
    assert refusal(only, chain(("cut", H), ("bend", H))).code == "schedule.no_way"
    assert refusal(only, chain(("cut", H)), to_site_or_zone="home").code == "schedule.no_way"
    nowhere = refusal(only, chain(("cut", H)), to_site_or_zone="mars")
    assert isinstance(nowhere, InputFault)
    assert nowhere.code == "schedule.destination_unknown"


def test_a_fork_over_sites_without_ways_falls_back_to_one_site() -> None:
    """Both branches prefer islands that cannot send to the join: all is made at the home site."""
    units = [
        unit("cut_a", Capability("cut", time_factor=Decimal(5)), site="a"),
        unit("bend_a", Capability("bend", time_factor=Decimal(5)), site="a"),
        unit("weld_a", Capability("weld", time_factor=Decimal(5)), site="a"),
        unit("cut_b", "cut", site="b"),
        unit("bend_c", "bend", site="c"),
        unit("weld_b", "weld", site="b"),
        unit("weld_c", "weld", site="c"),
    ]
    lanes = {("a", "b"): 60, ("a", "c"): 60}
    routing = plan(
        operation("root", "cut", 600),
        operation("left", "bend", 600, after=["root"]),
        operation("join", "weld", 600, after=["root", "left"]),
    )
    net = network(units, lanes=lanes)
    found = promised(net, routing)
    sites = {net.site_of(slot.resource_id).site_id for slot in found.slots}
    assert sites <= {"a", "c"}
    assert wrong(found.slots, net, [Job("j", routing, 1)]) == ()


def test_material_bounds_the_start_by_operation_and_site() -> None:
    """Steel is at site b tomorrow and at site a in a week: b makes it, tomorrow."""
    net = network([unit("a1", "cut", site="a"), unit("b1", "cut", site="b")])
    ready = {("op1", "a"): 7 * 24 * H, ("op1", "b"): 24 * H}
    found = promised(net, chain(("cut", H)), ready_s=ready)
    assert (found.slots[0].resource_id, found.slots[0].start_s) == ("b1", 24 * H)
    assert found.binding.code == "schedule.binding_material"
    assert found.binding.params["span_s"] == 24 * H


def test_lags_are_waited_and_overlap_the_way() -> None:
    """Curing goes on while the pieces travel: the longer of the two passes."""
    net = network([unit("saw", "cut"), unit("press", "bend", site="b")], lanes={("a", "b"): 2 * H})
    for lag_s, begins_s in ((0, 3 * H), (H, 3 * H), (4 * H, 5 * H)):
        routing = plan(
            operation("op1", "cut", H),
            operation("op2", "bend", H, after=["op1"], min_lag_s=lag_s),
        )
        assert by_operation(promised(net, routing).slots)["op2"].start_s == begins_s


def test_a_maximum_lag_holds_the_predecessor_back() -> None:
    """The press is busy until ten: cutting is put off so that pieces wait half an hour at most."""
    net = network([unit("saw", "cut"), unit("press", "bend")])
    routing = plan(
        operation("op1", "cut", H),
        operation("op2", "bend", H, after=["op1"], max_lag_s=1800),
    )
    job = Job("j", routing, 1)
    found = promise(Load.of(net, [booking("press", 0, 10 * H)]), net, job)
    slots = by_operation(found.slots)
    assert (slots["op1"].end_s, slots["op2"].start_s) == (10 * H - 1800, 10 * H)
    assert "schedule.waited_successor" in {reason.code for reason in why_this_date(found)}
    assert wrong(found.slots, net, [job]) == ()


def test_a_maximum_lag_over_calendars_is_kept_or_refused() -> None:
    """Work that ends at the shift's end may wait an hour: it cannot, the next begins at six."""
    night = WorkCalendar("night", "UTC", EARLY.shifts)
    net = network(
        [unit("saw", "cut", calendar="night"), unit("press", "bend")], calendars=(ALWAYS, night)
    )
    routing = plan(
        operation("op1", "cut", H),
        operation("op2", "bend", H, after=["op1"], max_lag_s=1800),
    )
    busy = [booking("press", MONDAY_S, MONDAY_S + 24 * H)]
    load = Load.of(net, busy, MONDAY_S)
    found = by_operation(promise(load, net, Job("j", routing, 1, MONDAY_S)).slots)
    assert found["op2"].start_s - found["op1"].end_s <= 1800
    assert found["op1"].end_s > MONDAY_S + 24 * H
    lane = network([unit("saw", "cut"), unit("press", "bend", site="b")], lanes={("a", "b"): 2 * H})
    assert refusal(lane, routing).code == "schedule.lane_beyond_lag"


def test_a_predecessor_that_has_ended_cannot_be_held_back() -> None:
    """When the piece lies ready already, the maximum lag can only be refused."""
    net = network([unit("saw", "cut"), unit("press", "bend")])
    routing = plan(
        operation("op1", "cut", H), operation("op2", "bend", H, after=["op1"], max_lag_s=60)
    )
    done = promised(net, plan(operation("op1", "cut", H))).slots[0]
    load = Load.of(net, [booking("press", 0, 9 * H)])
    with pytest.raises(CannotMake) as refused:
        promise(load, net, Job("j", routing, 1), fixed={"op1": done})
    assert refused.value.code == "schedule.max_lag"


def test_branches_of_one_order_do_not_share_a_second_of_a_seat() -> None:
    """Two branches that need the same press follow each other; two seats let them run at once."""
    routing = plan(
        operation("op1", "bend", H),
        operation("op2", "bend", H),
        operation("op3", "bend", H, after=["op1", "op2"]),
    )
    for seats, finish_s in ((1, 3 * H), (2, 2 * H)):
        net = network([unit("press", "bend", seats=seats)])
        found = promised(net, routing)
        assert found.finish_s == finish_s
        assert wrong(found.slots, net, [Job("j", routing, 1)]) == ()


@pytest.mark.parametrize("seed", range(4))
def test_a_full_shop_is_filled_without_a_violation(seed: int) -> None:
    """Sixty jobs promised one after the other on what is booked: the judge finds nothing."""
    net, jobs = middle_shop(seed), middle_jobs(seed, 60)
    load, slots = Load.of(net, (), MONDAY_S), []
    for job in jobs:
        found = promise(load, net, job, to_site_or_zone="home")
        load = load.with_slots(found.slots)
        slots += found.slots
    assert wrong(slots, net, jobs) == ()


def test_an_impossible_capability_is_named_with_what_excludes_it() -> None:
    """Too long, wrong material, nobody skilled, site left out: each with how many it excludes."""
    net = network(
        [
            unit("mill1", Capability("mill", limits={"x_mm": Decimal(600)}), site="a"),
            unit("mill2", Capability("mill", limits={"x_mm": Decimal(1200)}), site="b"),
            unit("mill3", Capability("mill", materials=("wood",)), site="b"),
        ],
        operators=(Operator("eve", "a", ("miller",), "always", 0),),
    )
    routing = plan(
        operation(
            "op1",
            "mill",
            60,
            needs={"x_mm": Decimal(60000)},
            material_id="steel",
            skill="miller",
            attendance="all",
        )
    )
    fault = refusal(net, routing, sites=frozenset({"a"}))
    assert isinstance(fault, CannotMake)
    assert fault.params == {
        "capability": "mill",
        "operation": "op1",
        "units": 3,
        "excluded": "x_mm 60000 > 1200 (mill2); steel (1); miller (2); b (2)",
    }
    params = {one.reason.code: one.reason.params for one in fault.faults}
    assert params["schedule.too_small"]["units"] == 2
    assert params["schedule.material_not_taken"] == {"material": "steel", "units": 1}
    assert params["schedule.skill_missing"] == {"skill": "miller", "units": 2}
    assert params["schedule.site_left_out"] == {"units": 2}
    nothing = refusal(net, chain(("melt", 60)))
    assert (nothing.code, nothing.params["known"]) == ("schedule.capability_unknown", "mill")


def test_what_may_not_pause_must_fit_into_a_shift() -> None:
    """Four hours before the break are the longest stretch; five hours are refused by name."""
    net = network([unit("saw", "cut", calendar="early")])
    fault = refusal(net, chain(("cut", 5 * H), pausable=False))
    assert fault.code == "schedule.longer_than_shift"
    assert fault.params == {
        "operation": "op1",
        "needed_s": 5 * H,
        "longest_s": 4 * H,
        "at": "saw",
    }
    load = Load.of(net, (), MONDAY_S)
    fits = promise(load, net, Job("j", chain(("cut", 4 * H), pausable=False), 1))
    pauses = promise(load, net, Job("j", chain(("cut", 5 * H)), 1))
    assert fits.finish_s == MONDAY_S + 10 * H
    assert pauses.finish_s == MONDAY_S + 11 * H + 1800


def test_the_horizon_grows_and_ends() -> None:
    """Work beyond 180 days is found by compiling on; beyond two years it is refused."""
    net = network([unit("saw", "cut", calendar="early")])
    long = Load.of(net, [booking("saw", 0, 200 * 24 * H)])
    assert promise(long, net, Job("j", chain(("cut", H)), 1)).slots[0].start_s >= 200 * 24 * H
    never = Load.of(net, [booking("saw", 0, 3000 * 24 * H)])
    with pytest.raises(CannotMake) as refused:
        promise(never, net, Job("j", chain(("cut", H)), 1))
    assert refused.value.code == "schedule.past_horizon"
    assert refused.value.params == {"operation": "op1", "days": 720}
    closed = network(
        [unit("saw", "cut", calendar="shut")], calendars=(WorkCalendar("shut", "UTC", ()),)
    )
    assert refusal(closed, chain(("cut", H))).code == "schedule.unit_closed"


def test_what_is_not_planned_is_said() -> None:
    """Operators, transfer lots, unstated limits and shared seats are assumptions, each once."""
    net = network(
        [unit("oven", "heat", seats=2)], operators=(Operator("eve", "a", ("baker",), "always", 0),)
    )
    routing = plan(
        operation(
            "op1",
            "heat",
            60,
            needs={"x_mm": Decimal(5)},
            skill="baker",
            attendance="setup",
            transfer_quantity=2,
        )
    )
    found = promised(net, routing, 10)
    assert [reason.code for reason in found.assumptions] == [
        "schedule.limit_unstated",
        "schedule.seats_independent",
    ]
    assert promised(network([unit("saw", "cut")]), chain(("cut", 60))).assumptions == ()


def test_every_second_has_a_cause() -> None:
    """Waits and work along the critical chain add up to the time from release to finish."""
    for seed in range(5):
        net = middle_shop(seed)
        booked = [booking(u.work_unit_id, MONDAY_S, MONDAY_S + 9 * H) for u in net.work_units]
        load = Load.of(net, booked, MONDAY_S)
        for job in middle_jobs(seed, 20):
            if any(o.max_lag_s for o in job.plan.operations):
                continue
            found = promise(load, net, job)
            total_s: dict[str, int] = {}
            for wait in found.waits:
                assert wait.span_s > 0
                total_s[wait.operation_id] = total_s.get(wait.operation_id, 0) + wait.span_s
            slots = by_operation(found.slots)
            for name, slot in slots.items():
                after = job.plan.operation[name].after
                begun_s = max(slots[o].end_s for o in after) if after else max(job.release_s, 0)
                work = load.worktime_of(slot.resource_id)
                worked_s = work.worked_s(slot.start_s, slot.end_s)
                waited_s = total_s.get(name, 0)
                assert waited_s + worked_s == slot.end_s - begun_s or len(after) > 1


def test_the_binding_wait_is_named() -> None:
    """A busy seat binds; with the seat free it is the work itself."""
    net = network([unit("saw", "cut"), unit("press", "bend")])
    job = Job("j", chain(("cut", H), ("bend", 2 * H)), 1)
    busy = promise(Load.of(net, [booking("press", 0, 9 * H)]), net, job)
    free = promise(Load.of(net), net, job)
    assert (busy.binding.code, busy.binding.params) == (
        "schedule.binding_busy",
        {"at": "press", "span_s": 8 * H, "until": "2020-01-01T09:00:00+00:00"},
    )
    assert (free.binding.code, free.binding.params) == (
        "schedule.binding_work",
        {"at": "press", "span_s": 2 * H},
    )
    assert why_this_date(busy)[:2] == (
        busy.binding,
        replace(
            busy.binding,
            code="schedule.waited_busy",
            params={
                "operation": "op2",
                "at": "press",
                "span_s": 8 * H,
                "until": "2020-01-01T09:00:00+00:00",
            },
        ),
    )


def test_site_sets_are_pruned_by_capability() -> None:
    """Site a can make all, b only half: a alone and both together are worth a promise."""
    net = network(
        [
            unit("a1", "cut"),
            unit("a2", "bend"),
            unit("b1", "cut", site="b"),
            unit("c1", "x", site="c"),
        ]
    )
    both = chain(("cut", 60), ("bend", 60))
    assert site_sets(net, both, 5) == (frozenset({"a"}), frozenset({"a", "b"}))
    assert site_sets(net, chain(("bend", 60)), 5) == (frozenset({"a"}),)
    with pytest.raises(CannotMake):
        site_sets(net, chain(("melt", 60)), 5)


def test_fixed_operations_are_not_placed_again() -> None:
    """Only what is left is placed, after what is done."""
    net = network([unit("saw", "cut"), unit("press", "bend")])
    routing = chain(("cut", H), ("bend", H))
    whole = promised(net, routing)
    done = replace(whole.slots[0], start_s=5 * H, end_s=6 * H)
    load = Load.of(net).with_slots([done])
    rest = promise(load, net, Job("j", routing, 1), fixed={"op1": done})
    assert [(s.operation_id, s.start_s) for s in rest.slots] == [("op2", 6 * H)]
