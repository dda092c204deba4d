"""Spread: which one site makes each job of many, so that no work unit drowns."""

from collections.abc import Mapping, Sequence

from manufold.model.network import Network
from manufold.model.schedule import Job, Slot
from manufold.scheduling.load import Load
from manufold.scheduling.routing import Routing
from manufold.scheduling.routing_rows import ALT_CALENDAR

__all__ = ["sites_of"]


def sites_of(
    load: Load, jobs: Sequence[Job], fixed: Mapping[str, Mapping[str, Slot]]
) -> dict[str, frozenset[str]]:
    """Return the site of each job that one site can make alone; others are absent.

    A job with fixed slots stays at their site. Otherwise it goes where the busiest work unit it
    needs ends up least busy, jobs with the earliest due dates first.

    Raises:
        CannotMake: `schedule.no_capability` and the like, when nobody can make a job.
    """
    booked_s = _booked_s(load)
    found: dict[str, frozenset[str]] = {}
    for job in sorted(jobs, key=lambda job: (job.due_s is None, job.due_s or 0, job.holder)):
        routing = load.routing(job.plan, job.quantity)
        alone = frozenset.intersection(*routing.sites)
        standing = _sites(load.network, fixed.get(job.holder, {}))
        if standing:
            alone = alone & standing if len(standing) == 1 else frozenset()
        ranked = [
            (_added(load, booked_s, routing, job.quantity, site), site) for site in sorted(alone)
        ]
        if ranked:
            (_, uses), site = min(ranked, key=lambda rank: (rank[0][0], rank[1]))
            found[job.holder] = frozenset({site})
            for unit_id, span_s in uses.items():
                booked_s[unit_id] += span_s
    return found


def _sites(network: Network, slots: Mapping[str, Slot]) -> frozenset[str]:
    return frozenset(network.site_of(slot.resource_id).site_id for slot in slots.values())


def _booked_s(load: Load) -> dict[str, float]:
    """Return wall seconds of work that each seat of a work unit has on average."""
    spans: dict[str, float] = {}
    for unit in load.network.work_units:
        total_s = 0
        for seat in range(unit.seats):
            start_s, end_s = load.booked(unit.work_unit_id, seat)
            total_s += int((end_s - start_s).sum())
        spans[unit.work_unit_id] = total_s / unit.seats
    return spans


def _added(
    load: Load, booked_s: Mapping[str, float], routing: Routing, quantity: int, site: str
) -> tuple[float, dict[str, float]]:
    """Return how busy the busiest work unit gets, and what each takes, if a site makes it."""
    uses: dict[str, float] = {}
    busiest_s = 0.0
    rows = routing.rows
    for op in range(len(routing.sites)):
        spans = []
        for alt in routing.alternatives_of(op):
            one = routing.alternatives[alt].eligible
            if one.site_id == site:
                worktime = load.clocks.worktime[rows.alts[ALT_CALENDAR, alt]]
                stretch = load.horizon_s / max(1, worktime.total_s)
                span_s = routing.work_s(alt, quantity) * stretch / one.unit.seats
                unit_id = one.unit.work_unit_id
                after_s = booked_s[unit_id] + uses.get(unit_id, 0.0) + span_s
                spans.append((after_s, unit_id, span_s))
        after_s, unit_id, span_s = min(spans)
        uses[unit_id] = uses.get(unit_id, 0.0) + span_s
        busiest_s = max(busiest_s, after_s)
    return busiest_s, uses
