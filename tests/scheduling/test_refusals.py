"""Bad input: the constraint that cannot hold is named, and no operation is ever dropped."""

import random
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from manufold.judge.violations import violations
from manufold.model.errors import CannotMake
from manufold.model.network import Network, Operator, SetupMatrix, Tool
from manufold.model.process_plan import Operation, ProcessPlan
from manufold.model.schedule import Job
from manufold.model.units import DAY_S, HOUR_S
from manufold.scheduling.load import Load
from manufold.scheduling.promise import promise
from manufold.words import word
from scheduling.shops import ALWAYS, EARLY, MONDAY_S, network, operation, unit

NEVER = replace(EARLY, calendar_id="never", closures=((0, 4000 * DAY_S),))
OTTO = Operator("otto", "a", ("weld",), "early", 3000)
Shop = tuple[Network, ProcessPlan]


def sound(rng: random.Random) -> Shop:
    """Return a shop of two sites and a plan of four to seven operations that it can do."""
    skills = ("cut", "bend", "weld")
    made = [
        unit(f"{skill}_{site}", skill, site=site, calendar=rng.choice(["early", "always"]))
        for skill in skills
        for site in ("a", "b")
    ]
    people = [replace(OTTO, operator_id=f"otto_{site}", site_id=site) for site in ("a", "b")]
    lanes = {("a", "b"): 2 * HOUR_S, ("b", "a"): 2 * HOUR_S, ("a", "home"): DAY_S}
    net = network(
        made,
        calendars=(ALWAYS, EARLY, NEVER),
        lanes=lanes | {("b", "home"): DAY_S},
        operators=people,
        tools=[Tool("vise_a", "vise", "a"), Tool("vise_b", "vise", "b")],
    )
    steps: list[Operation] = []
    for row in range(rng.randint(4, 7)):
        before = [] if not row else [rng.choice(steps).operation_id]
        steps.append(operation(f"op{row}", rng.choice(skills), rng.randint(60, 7200), after=before))
    return net, ProcessPlan("plan", "rev", "test", tuple(steps), (), Decimal(1))


def change(shop: Shop, at: int, **fields: object) -> Shop:
    """Return the shop with one operation changed."""
    net, plan = shop
    steps = list(plan.operations)
    steps[at] = replace(steps[at], **fields)  # type: ignore[arg-type]
    return net, replace(plan, operations=tuple(steps))


def units_of(shop: Shop, at: int, **fields: object) -> Shop:
    """Return the shop with every work unit changed that can do an operation."""
    net, plan = shop
    wanted = plan.operations[at].capability
    changed = tuple(
        replace(one, **fields) if one.capability(wanted) else one  # type: ignore[arg-type]
        for one in net.work_units
    )
    return replace(net, work_units=changed), plan


def unknown_capability(shop: Shop, at: int) -> Shop:
    return change(shop, at, capability="melt")


def too_large(shop: Shop, at: int) -> Shop:
    net, plan = change(shop, at, needs={"x_mm": Decimal(900)})
    able = plan.operations[at].capability
    small = tuple(
        replace(
            one,
            capabilities=tuple(replace(c, limits={"x_mm": Decimal(5)}) for c in one.capabilities),
        )
        if one.capability(able)
        else one
        for one in net.work_units
    )
    return replace(net, work_units=small), plan


def unknown_skill(shop: Shop, at: int) -> Shop:
    return change(shop, at, skill="alchemy", attendance="all")


def unknown_tool(shop: Shop, at: int) -> Shop:
    return change(shop, at, tools={"anvil": 1})


def too_few_tools(shop: Shop, at: int) -> Shop:
    return change(shop, at, tools={"vise": 2})


def unknown_family(shop: Shop, at: int) -> Shop:
    closed = SetupMatrix("m", families=("steel",))
    net, plan = change(shop, at, setup_family="gold")
    net = replace(net, setup_matrices=(closed,))
    net, plan = units_of((net, plan), at, setup_matrix_id="m")
    steps = tuple(
        one if row == at else replace(one, setup_family="steel")
        for row, one in enumerate(plan.operations)
    )
    return net, replace(plan, operations=steps)


def operator_never_there(shop: Shop, at: int) -> Shop:
    net, plan = change(shop, at, skill="weld", attendance="all")
    nobody = tuple(replace(one, calendar_id="never") for one in net.operators)
    return replace(net, operators=nobody), plan


def unit_never_open(shop: Shop, at: int) -> Shop:
    return units_of(shop, at, calendar_id="never")


def lags_in_a_cycle(shop: Shop, at: int) -> Shop:
    """The last operation may follow a first within a minute, and after an hour's work only."""
    net, plan = shop
    first = plan.operations[at].operation_id
    between = operation("between", "bend", HOUR_S, after=[first])
    last = operation("last", "cut", 60, after=[first, "between"], max_lag_s=60)
    return net, replace(plan, operations=(*plan.operations, between, last))


def lane_missing(shop: Shop, at: int) -> Shop:
    net, plan = change(shop, at, capability="forge")
    far = unit("forge", "forge", site="c")
    center = replace(net.work_centers[0], work_center_id="c", site_id="c")
    others = (*net.work_centers, center)
    sites = (*net.sites, replace(net.sites[0], site_id="c", name="c"))
    return (
        replace(net, work_units=(*net.work_units, far), work_centers=others, sites=sites),
        plan,
    )


def lane_too_long(shop: Shop, at: int) -> Shop:
    net, plan = lane_missing(shop, at)
    way = net.lanes[0]
    ends = [("a", "c"), ("b", "c"), ("c", "a"), ("c", "b"), ("c", "home")]
    ways = tuple(replace(way, from_id=a, to_id=b, time_s=5 * HOUR_S) for a, b in ends)
    after = [plan.operations[at].operation_id]
    last = operation("last", "cut", 60, after=after, max_lag_s=HOUR_S)
    net = replace(net, lanes=(*net.lanes, *ways))
    return net, replace(plan, operations=(*plan.operations, last))


def longer_than_any_shift(shop: Shop, at: int) -> Shop:
    net, plan = units_of(shop, at, calendar_id="early")
    long = operation("x", "x", 9 * HOUR_S).run_terms
    return change((net, plan), at, run_terms=long, pausable=False)


def beyond_the_horizon(shop: Shop, at: int) -> Shop:
    return change(shop, at, run_terms=operation("x", "x", 800 * DAY_S).run_terms)


Defect = Callable[[Shop, int], Shop]
#: each defect, its code, and the code of its cause where several may exclude a work unit
DEFECTS: list[tuple[Defect, str, str]] = [
    (unknown_capability, "schedule.capability_unknown", ""),
    (too_large, "schedule.no_capability", "schedule.too_small"),
    (unknown_skill, "schedule.no_capability", "schedule.skill_missing"),
    (unknown_tool, "schedule.no_capability", "schedule.tool_missing"),
    (too_few_tools, "schedule.no_capability", "schedule.tool_missing"),
    (unknown_family, "schedule.no_capability", "schedule.family_unknown"),
    (operator_never_there, "schedule.operator_never_works", ""),
    (unit_never_open, "schedule.unit_closed", ""),
    (lags_in_a_cycle, "schedule.lag_cycle", ""),
    (lane_missing, "schedule.no_way", ""),
    (lane_too_long, "schedule.lane_beyond_lag", ""),
    (longer_than_any_shift, "schedule.longer_than_shift", ""),
    (beyond_the_horizon, "schedule.past_horizon", ""),
]


@pytest.mark.parametrize(("defect", "code", "cause"), DEFECTS, ids=[d[0].__name__ for d in DEFECTS])
def test_one_defect_is_named_wherever_it_is(defect: Defect, code: str, cause: str) -> None:
    """In random shops with one defect each, the refusal has its code and names the operation; the
    same shop without it is promised whole, every operation with its slot."""
    for seed in range(12):
        rng = random.Random(f"{defect.__name__}/{seed}")
        shop = sound(rng)
        net, plan = shop
        whole = promise(Load.of(net, (), MONDAY_S), net, Job("j", plan, 1), to_site_or_zone="home")
        assert [slot.operation_id for slot in whole.slots] == [
            one.operation_id for one in plan.operations
        ]
        at = rng.randrange(len(plan.operations))
        net, bad = defect(shop, at)
        spoilt = plan.operations[at]
        named = {spoilt.operation_id, "last", *spoilt.after}
        named |= {
            one.operation_id
            for one in plan.operations
            if spoilt.operation_id in one.after or one.capability == spoilt.capability
        }
        with pytest.raises(CannotMake) as refused:
            promise(Load.of(net, (), MONDAY_S), net, Job("j", bad, 1), to_site_or_zone="home")
        assert refused.value.code == code, (seed, refused.value)
        assert refused.value.params["operation"] in named
        if cause:
            assert {fault.reason.code for fault in refused.value.faults} == {cause}
        for language in ("en", "zh"):
            for reason in (refused.value.reason, *(f.reason for f in refused.value.faults)):
                assert not word(reason, language).startswith(reason.code), reason


def test_a_lag_cycle_names_its_way_and_its_numbers() -> None:
    """The operations of the cycle stand in order, with what they need and what is allowed."""
    net, plan = lags_in_a_cycle(sound(random.Random(5)), 0)
    with pytest.raises(CannotMake) as refused:
        promise(Load.of(net, (), MONDAY_S), net, Job("j", plan, 1))
    assert refused.value.params == {
        "operations": "op0, between, last",
        "operation": "last",
        "before": "op0",
        "least_s": HOUR_S,
        "longest_s": 60,
    }


def test_lags_that_can_hold_are_no_cycle() -> None:
    """With an hour more than the work in between takes, the same plan is promised."""
    net, plan = lags_in_a_cycle(sound(random.Random(5)), 0)
    last = replace(plan.operations[-1], max_lag_s=100 * HOUR_S)
    kept = replace(plan, operations=(*plan.operations[:-1], last))
    found = promise(Load.of(net, (), MONDAY_S), net, Job("j", kept, 1))
    assert len(found.slots) == len(kept.operations)


def test_an_operation_without_a_time_is_assumed_and_said() -> None:
    """Half an hour of set-up and a quarter of an hour a piece stand in; the promise flags it, in
    hours that somebody works; what a subcontractor does by its lead time needs no such guess."""
    net = network([unit("saw", "cut", calendar="early"), unit("press", "bend", calendar="early")])
    bare = replace(operation("op1", "cut", 60), setup_terms=(), run_terms=())
    timed = operation("op2", "bend", 60, after=["op1"])
    plan = ProcessPlan("plan", "rev", "test", (bare, timed), (), Decimal(1))
    assert (bare.time_assumed, timed.time_assumed) == (True, False)
    assert not any(term.source.verified for term in (*bare.setup_terms, *bare.run_terms))
    found = promise(Load.of(net, (), MONDAY_S), net, Job("j", plan, 4))
    assert found.slots[0].start_s == MONDAY_S + 6 * HOUR_S
    assert found.slots[0].end_s - found.slots[0].start_s == HOUR_S // 2 + 4 * HOUR_S // 4
    told = [one for one in found.assumptions if one.code == "schedule.time_assumed"]
    assert [one.params["operation"] for one in told] == ["op1"]
    lent = replace(net.work_units[0].capabilities[0], lead_time_s=HOUR_S)
    away = replace(
        net, work_units=(replace(net.work_units[0], capabilities=(lent,)), net.work_units[1])
    )
    sent = promise(Load.of(away, (), MONDAY_S), away, Job("j", plan, 4))
    assert "schedule.time_assumed" not in {one.code for one in sent.assumptions}


def test_a_batch_family_that_no_oven_takes_is_said() -> None:
    """Asked to be baked in batches where no work unit works in batches, it is done alone."""
    net = network([unit("oven", "bake")])
    plan = ProcessPlan(
        "plan", "rev", "test", (operation("op1", "bake", 60, batch_family="rye"),), (), Decimal(1)
    )
    (told,) = promise(Load.of(net), net, Job("j", plan, 1)).assumptions
    assert (told.code, told.params["family"]) == ("schedule.batch_alone", "rye")
    oven = replace(net, work_units=(replace(net.work_units[0], batches=True),))
    assert promise(Load.of(oven), oven, Job("j", plan, 1)).assumptions == ()


def test_the_judge_knows_the_families_of_a_matrix() -> None:
    """A slot on a work unit that cannot be set up for its family is a violation."""
    net, plan = unknown_family(sound(random.Random(3)), 0)
    open_matrix = replace(net, setup_matrices=(SetupMatrix("m"),))
    job = Job("j", plan, 1)
    slots = promise(Load.of(open_matrix, (), MONDAY_S), open_matrix, job).slots
    assert violations(slots, open_matrix, {"j": job}) == ()
    found = violations(slots, net, {"j": job})
    assert [(one.reason.code, one.operation_id) for one in found] == [
        ("judge.family_unknown", "op0")
    ]
