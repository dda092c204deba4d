"""Elements counted another way: every second of the log painted with what a seat was doing.

It walks the events in order, one state a seat, and fills an array a second at a time; calendar and
breakdowns are masks over it. Nothing of the measured code is used.
"""

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

import numpy as np

from manufold.model.network import Network, WorkUnit
from manufold.model.ports import StoredEvent

__all__ = ["painted"]

FREE, SETUP, RUN, HELD = 0, 1, 2, 3


class Painting:
    """The seats of one network over [from_s, to_s)."""

    def __init__(self, network: Network, from_s: int, to_s: int) -> None:
        self.network, self.from_s, self.length = network, from_s, to_s - from_s
        self.seats: dict[tuple[str, int], np.ndarray] = {}
        self.down: dict[str, np.ndarray] = {}
        self.phase: dict[str, int] = {}  # job order -> what it goes back to after a pause
        self.reports: list[tuple[int, str, str, int, int, int]] = []
        self.began: dict[str, tuple[str, int]] = {}
        self.first_s: dict[str, int] = {}
        self.plans: dict[str, dict[str, Any]] = {}
        self.standards: dict[str, tuple[str, Fraction]] = {}
        for unit in network.work_units:
            self.down[unit.work_unit_id] = np.zeros(self.length, dtype=np.uint8)
            for seat in range(unit.seats):
                self.seats[unit.work_unit_id, seat] = np.zeros(self.length, dtype=np.uint8)

    def fill(self, array: np.ndarray, at_s: int, what: int) -> None:
        """Paint everything from an instant on; what comes later paints over it."""
        array[max(0, at_s - self.from_s) :] = what

    def accept(self, event: StoredEvent) -> None:
        """Note the standard time of each job order; a remake's are those of its order's plan."""
        if "plan" in event.data:
            operations = event.data["plan"]["operations"]
            self.plans[event.stream] = {one["operation_id"]: one for one in operations}
        for job in event.data["jobs"]:
            one = self.plans[event.stream][job["operation_id"]]
            run_s = sum((Fraction(str(term["span_s"])) for term in one["run_terms"]), Fraction(0))
            self.standards[job["job_order_id"]] = (one["capability"], run_s)

    def see(self, event: StoredEvent) -> None:
        """Paint one event."""
        data, kind, at_s = event.data, event.kind, event.at_s
        if kind in ("OrderAccepted", "RemakePlanned"):
            self.accept(event)
        elif kind in ("BrokeDown", "Repaired"):
            self.fill(self.down[data["resource_id"]], at_s, int(kind == "BrokeDown"))
        elif kind in ("SetupStarted", "RunStarted"):
            place = (data["resource_id"], data["seat"])
            self.began[data["job_order_id"]] = place
            self.first_s.setdefault(data["job_order_id"], at_s)
            self.state(data["job_order_id"], at_s, RUN if kind == "RunStarted" else SETUP)
        elif kind == "Resumed":
            self.state(data["job_order_id"], at_s, self.phase[data["job_order_id"]])
        elif kind in ("Paused", "SetupEnded"):
            self.state(data["job_order_id"], at_s, HELD)
        elif kind == "Finished":
            name = data["job_order_id"]
            counts = (data["good"], data["scrap"], data["rework"])
            self.reports.append((at_s, name, self.began[name][0], *counts))
            if data["complete"]:
                self.state(name, at_s, FREE)
        elif kind == "JobCancelled" and data["job_order_id"] in self.began:
            self.state(data["job_order_id"], at_s, FREE)

    def state(self, name: str, at_s: int, what: int) -> None:
        """Paint what a job order's seat does from an instant on."""
        if what in (SETUP, RUN):
            self.phase[name] = what
        self.fill(self.seats[self.began[name]], at_s, what)


def painted(
    network: Network,
    events: Iterable[StoredEvent],
    begin_s: int,
    from_s: int,
    to_s: int,
    end_s: int,
) -> dict[str, dict[str, Fraction]]:
    """Return elements by work unit for [from_s, to_s), painted over [begin_s, end_s)."""
    canvas = Painting(network, begin_s, end_s)
    for event in events:
        canvas.see(event)
    inside = slice(from_s - begin_s, to_s - begin_s)
    found: dict[str, dict[str, Fraction]] = {}
    for unit in network.work_units:
        name = unit.work_unit_id
        working = np.zeros(canvas.length, dtype=bool)
        for start_s, stop_s in network.calendar[unit.calendar_id].intervals(begin_s, end_s):
            working[start_s - begin_s : stop_s - begin_s] = True
        up = working & (canvas.down[name] == 0)
        sums = dict.fromkeys(("pbt_s", "apt_s", "aust_s", "adet_s", "adot_s"), 0)
        for seat in range(unit.seats):
            state = canvas.seats[name, seat][inside]
            works, runs = working[inside], up[inside]
            sums["pbt_s"] += int(works.sum())
            sums["apt_s"] += int((runs & (state == RUN)).sum())
            sums["aust_s"] += int((runs & (state == SETUP)).sum())
            broken = works & ~runs & ((state == RUN) | (state == SETUP))
            sums["adet_s"] += int((broken | (works & (state == HELD))).sum())
            sums["adot_s"] += int((works & (state == FREE)).sum())
        counts = [r for r in canvas.reports if r[2] == name and from_s < r[0] <= to_s]
        sums["gq"] = sum(r[3] for r in counts)
        sums["sq"] = sum(r[4] for r in counts)
        sums["rq"] = sum(r[5] for r in counts)
        sums["broken_s"] = int((working & ~up)[inside].sum())
        exact = {key: Fraction(value) for key, value in sums.items()}
        exact["planned_run_s"] = _planned(canvas, unit, up, from_s - begin_s, to_s - begin_s)
        found[name] = exact
    return found


def _planned(canvas: Painting, unit: WorkUnit, up: np.ndarray, first: int, last: int) -> Fraction:
    """Spread each report over the seconds its seat ran since the job order's report before."""
    total, before_s = Fraction(0), dict(canvas.first_s)
    for at_s, name, where, good, scrap, _rework in canvas.reports:
        if where != unit.work_unit_id:
            continue
        seat = canvas.seats[canvas.began[name]]
        span = slice(before_s[name] - canvas.from_s, at_s - canvas.from_s)
        ran = (seat[span] == RUN) & up[span]
        whole = int(ran.sum())
        lower, upper = max(first, span.start), min(last, span.stop)
        part = int(ran[lower - span.start : upper - span.start].sum()) if lower < upper else 0
        wanted, run_s = canvas.standards[name]
        capability = unit.capability(wanted)
        assert capability is not None
        factor = Fraction(capability.time_factor)
        share = Fraction(part, whole) if whole else Fraction(first < span.stop <= last)
        total += share * (good + scrap) * run_s * factor
        before_s[name] = at_s
    return total
