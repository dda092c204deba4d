"""Work on goods that are made already is not moved away from the site where they lie."""

import pytest

from manufold.model.schedule import Job, Slot
from manufold.scheduling.forecast import Progress
from manufold.scheduling.improve import Snapshot, improve
from manufold.scheduling.outages import Outage
from manufold.scheduling.repair import repair
from scheduling.shops import chain, network, unit

H = 3600
#: what is sawn at "a" is bent at "b"; since then a press at "a" stands free
NET = network(
    [
        unit("saw", "cut", site="a"),
        unit("press-a", "bend", site="a"),
        unit("press-b", "bend", site="b"),
    ],
    lanes={("a", "b"): H, ("b", "a"): H},
)
STEPS = (("cut", H), ("bend", H), ("bend", H))


def job(due_s: int) -> Job:
    """Return a job of three operations."""
    return Job("one", chain(*STEPS, name="one"), 1, 0, {}, due_s)


def slot(unit_id: str, start_s: int, name: str, end_s: int = 0) -> Slot:
    """Return a slot of an hour without set-up."""
    return Slot(unit_id, 0, start_s, 0, end_s or start_s + H, "one", name, 1, "rev/one")


@pytest.mark.parametrize("sawn", [True, False])
def test_bettering_leaves_work_where_its_goods_are(sawn: bool) -> None:
    """Bending sooner at the saw's own site is done while nothing is sawn; afterwards the work comes
    forward where its goods are."""
    last = "press-b" if sawn else "press-a"
    slots = (slot("saw", 0, "op1"), slot("press-b", 30 * H, "op2"), slot(last, 40 * H, "op3"))
    pinned = frozenset({("one", "op1")} if sawn else ())
    before = Snapshot(NET, slots, {"one": job(50 * H)}, 0, pinned)
    found = improve(before, lambda slots: True, seed=1, rounds=20)
    at = {s.operation_id: s.resource_id for s in slots} | {
        s.operation_id: s.resource_id for s in found.claim
    }
    assert found.claim and found.after < found.before
    assert at["op2"] == ("press-b" if sawn else "press-a")


@pytest.mark.parametrize("sawn", [True, False])
def test_repair_leaves_work_where_its_goods_are(sawn: bool) -> None:
    """While a press is down, work goes to the other site's press only if nothing is sawn yet."""
    slots = (
        slot("saw", 0 if sawn else 2 * H, "op1"),
        slot("press-b", 4 * H, "op2"),
        slot("press-a", 6 * H, "op3"),
    )
    progress = {("one", "op1"): Progress(0, H)} if sawn else {}
    jobs = {"one": job(8 * H)}
    down = [Outage("press-b", H, 100 * H)]
    found = repair(NET, slots, jobs, progress, 2 * H, down)
    at = {s.operation_id: s.resource_id for s in found.slots}
    assert at["op2"] == ("press-b" if sawn else "press-a")
    assert bool(found.at_risk) == sawn
