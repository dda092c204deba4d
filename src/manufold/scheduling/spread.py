"""Spread: which one site makes each job of many, so that no work unit drowns."""

from collections.abc import Mapping, Sequence

from manufold.model.network import Network
from manufold.model.schedule import Job, Slot
from manufold.scheduling.load import Load
from manufold.scheduling.task import Task, TaskBook

__all__ = ["sites_of"]


def sites_of(
    book: TaskBook, jobs: Sequence[Job], fixed: Mapping[str, Mapping[str, Slot]]
) -> dict[str, frozenset[str]]:
    """Return the site of each job that one site can make alone; others are absent.

    A job with fixed slots stays at their site. Otherwise it goes where the busiest work unit it
    needs ends up least busy, jobs with the earliest due dates first.

    Raises:
        CannotMake: `schedule.no_capability` and the like, when nobody can make a job.
    """
    load = book.load
    booked_s = _booked_s(load)
    found: dict[str, frozenset[str]] = {}
    for job in sorted(jobs, key=lambda job: (job.due_s is None, job.due_s or 0, job.holder)):
        tasks = book.anywhere(job)
        alone = frozenset.intersection(*(task.sites for task in tasks))
        standing = _sites(load.network, fixed.get(job.holder, {}))
        if standing:
            alone = alone & standing if len(standing) == 1 else frozenset()
        ranked = [(_added(load, booked_s, tasks, site), site) for site in sorted(alone)]
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
    spans = {unit.work_unit_id: 0.0 for unit in load.network.work_units}
    for (unit_id, _), rows in load.booked.items():
        if unit_id in spans:
            spans[unit_id] += float((rows.end_s - rows.start_s).sum())
    units = load.network.work_unit
    return {unit_id: span_s / units[unit_id].seats for unit_id, span_s in spans.items()}


def _added(
    load: Load, booked_s: Mapping[str, float], tasks: Sequence[Task], site: str
) -> tuple[float, dict[str, float]]:
    """Return how busy the busiest work unit gets, and what each takes, if a site makes it."""
    uses: dict[str, float] = {}
    busiest_s = 0.0
    for task in tasks:
        spans = []
        for choice in task.choices:
            if choice.site_id == site:
                stretch = load.horizon_s / max(1, choice.worktime.total_s)
                span_s = choice.content.total_s * stretch / choice.seats
                after_s = booked_s[choice.unit_id] + uses.get(choice.unit_id, 0.0) + span_s
                spans.append((after_s, choice.unit_id, span_s))
        after_s, unit_id, span_s = min(spans)
        uses[unit_id] = uses.get(unit_id, 0.0) + span_s
        busiest_s = max(busiest_s, after_s)
    return busiest_s, uses
