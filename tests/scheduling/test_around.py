"""Around: what cannot stand is placed anew, beside work that was done otherwise than planned."""

import random
from dataclasses import replace

import pytest

from manufold.judge.violations import violations
from manufold.model.network import SetupMatrix
from manufold.model.schedule import Job, Slot
from manufold.scheduling.around import around
from manufold.scheduling.dispatch import RULES, dispatch
from manufold.scheduling.load import Load
from manufold.scheduling.outages import Outage, with_outages
from scheduling.made import middle_jobs, middle_shop
from scheduling.shops import MONDAY_S, by_operation, network, operation, plan, unit

H = 3600
Key = tuple[str, str]


def slot(unit_id: str, start_s: int, end_s: int, key: Key, family: str = "rev/plan") -> Slot:
    """Return a slot of one piece without set-up."""
    return Slot(unit_id, 0, start_s, 0, end_s, *key, 1, family, 0)


def test_what_was_finished_late_still_has_to_cool() -> None:
    """A successor waits out the lag after what is finished, though nothing of it is left to do."""
    net = network([unit("saw", "cut"), unit("press", "bend")])
    cut = operation("op1", "cut", H)
    bend = operation("op2", "bend", H, after=["op1"], min_lag_s=2 * H)
    jobs = {"one": Job("one", plan(cut, bend), 1, 0, {}, None)}
    begun = {("one", "op1"): slot("saw", 0, 3 * H, ("one", "op1"))}
    slots = [begun["one", "op1"], slot("press", 4 * H, 5 * H, ("one", "op2"))]
    found = around(net, slots, begun, jobs, 4 * H, ())
    assert found is not None
    assert by_operation(found)["op2"].start_s == 5 * H
    assert violations(found, net, jobs, now_s=4 * H, begun=set(begun)) == ()


def test_what_is_placed_anew_is_set_up_for_what_was_made_there() -> None:
    """A finished operation of another family leaves its set-up behind for whoever comes next."""
    spans = (("red", "blue", H, 0, 0), ("green", "blue", 2 * H, 0, 0))
    matrix = SetupMatrix("m", spans)
    net = network(
        [unit("saw", "cut", matrix="m"), unit("other", "cut", matrix="m")], matrices=[matrix]
    )
    red = Job("red", plan(operation("op1", "cut", H, setup_family="red")), 1, 0, {}, None)
    blue = Job("blue", plan(operation("op1", "cut", H, setup_family="blue")), 1, 0, {}, None)
    jobs = {"red": red, "blue": blue}
    begun = {("red", "op1"): slot("other", 0, 2 * H, ("red", "op1"), "red")}
    slots = [begun["red", "op1"], slot("saw", 3 * H, 4 * H, ("blue", "op1"), "blue")]
    down = with_outages(net, [Outage("saw", 0, 99 * H)])
    found = around(down, slots, begun, jobs, 2 * H, [Outage("saw", 0, 99 * H)])
    assert found is not None
    moved = found[1]
    assert (moved.resource_id, moved.setup_s) == ("other", H)
    assert violations(found, down, jobs, now_s=2 * H, begun=set(begun)) == ()


def test_what_is_set_up_too_short_for_what_was_made_out_of_turn_is_set_up_longer() -> None:
    """Red work ran first where none had been planned; blue begins earlier and ends as before."""
    matrix = SetupMatrix("m", (("red", "blue", H, 0, 0),))
    net = network([unit("saw", "cut", matrix="m")], matrices=[matrix])
    jobs = {
        name: Job(name, plan(operation("op1", "cut", H, setup_family=name)), 1, 0, {}, None)
        for name in ("red", "blue")
    }
    begun = {("red", "op1"): slot("saw", 0, 2 * H, ("red", "op1"), "red")}
    slots = [begun["red", "op1"], slot("saw", 4 * H, 5 * H, ("blue", "op1"), "blue")]
    found = around(net, slots, begun, jobs, 2 * H, ())
    assert found is not None
    assert (found[1].start_s, found[1].setup_s, found[1].end_s) == (3 * H, H, 5 * H)
    assert violations(found, net, jobs, now_s=2 * H, begun=set(begun)) == ()


@pytest.mark.parametrize("seed", range(8))
def test_a_floor_that_runs_otherwise_is_repaired_cleanly(seed: int) -> None:
    """Work done early and late, a machine down: what comes back breaks no rule of the judge."""
    rng = random.Random(seed)
    net, jobs = middle_shop(seed), middle_jobs(seed, 40, tight=1.0)
    known = {one.holder: one for one in jobs}
    planned = dispatch(net, jobs, Load.of(net, (), MONDAY_S), RULES[1])
    now_s = sorted(one.start_s for one in planned)[len(planned) // 2]
    begun: dict[Key, Slot] = {}
    slots = []
    for one in planned:
        key = (one.holder, one.operation_id)
        if one.end_s <= now_s:
            sooner_s = rng.randint(0, (one.end_s - one.start_s - one.setup_s) // 2)
            begun[key] = replace(one, end_s=one.end_s - sooner_s)
        slots.append(begun.get(key, one))
    busiest = max(net.work_units, key=lambda u: sum(s.resource_id == u.work_unit_id for s in slots))
    outage = Outage(busiest.work_unit_id, now_s, now_s + 3 * 86400)
    down = with_outages(net, [outage])
    found = around(down, slots, begun, known, now_s, [outage])
    assert found is not None
    assert set(begun.values()) <= set(found)
    assert violations(found, down, known, now_s=now_s, begun=set(begun)) == ()
