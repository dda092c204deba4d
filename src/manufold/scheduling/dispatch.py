"""Dispatch: many jobs at once on loaded seats, by a priority rule, in milliseconds.

Each job is made at one site where one site can make all of it, chosen so that the busiest work
unit it needs is least busy. What one site cannot make alone, and what has a maximum lag, is placed
whole by `promise` before the others. Every operation books the changeover that its place asks for,
as a promise does.

Rules   FIFO, EDD, SPT, WSPT, CR and ATC with five look-aheads; `best_dispatch` tries them all.
Cost    O(operations x open jobs) per rule; no search, no randomness.
Source  ATC: A. P. J. Vepsalainen, T. E. Morton, Management Science 33 (1987) 1035-1047,
        doi:10.1287/mnsc.33.8.1035.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from manufold.model.errors import CannotMake
from manufold.model.network import Network
from manufold.model.schedule import Job, Schedule, Slot
from manufold.scheduling.calendar_rows import NEVER
from manufold.scheduling.dispatch_kernel import ATC, CR, EDD, FIFO, SPT, WSPT, run_rule
from manufold.scheduling.fit import ALT, END, FOUND
from manufold.scheduling.load import Load
from manufold.scheduling.objective import objective
from manufold.scheduling.place import Found
from manufold.scheduling.promise import promise
from manufold.scheduling.queue_rows import Queued, queued
from manufold.scheduling.refusals import no_room
from manufold.scheduling.slots import slots_of
from manufold.scheduling.spread import sites_of

__all__ = ["RULES", "Fixed", "Rule", "best_dispatch", "dispatch"]

#: (holder, operation) -> the slot it keeps, which the load has booked already
Fixed = Mapping[tuple[str, str], Slot]


@dataclass(frozen=True, slots=True)
class Rule:
    """A priority rule; `k_factor` is the look-ahead of ATC in mean operation times."""

    name: str
    number: int
    k_factor: float = 1.0


RULES = (
    Rule("FIFO", FIFO),
    Rule("EDD", EDD),
    Rule("SPT", SPT),
    Rule("WSPT", WSPT),
    Rule("CR", CR),
    *(Rule(f"ATC {k:g}", ATC, k) for k in (0.5, 1.0, 2.0, 4.0, 8.0)),
)


def dispatch(
    network: Network,
    jobs: Sequence[Job],
    load: Load,
    rule: Rule,
    *,
    sites: Mapping[str, frozenset[str]] | None = None,
    fixed: Fixed | None = None,
) -> Schedule:
    """Return slots for all operations of the jobs that are not fixed.

    Args:
        sites: by holder, where a job may be made; chosen here when absent.
        fixed: slots that stay as they are; only operations after them are placed.

    Raises:
        CannotMake: as `promise`; one job that cannot be made refuses all.
    """
    return _schedules(network, jobs, load, (rule,), sites or {}, fixed or {})[0]


def best_dispatch(
    network: Network,
    jobs: Sequence[Job],
    load: Load,
    *,
    sites: Mapping[str, frozenset[str]] | None = None,
    fixed: Fixed | None = None,
    rules: Sequence[Rule] = RULES,
) -> Schedule:
    """Return the best of all rules' schedules: least weighted tardiness, then least flow time.

    Raises:
        CannotMake: as `promise`.
    """
    known = {job.holder: job for job in jobs}
    made = _schedules(network, jobs, load, rules, sites or {}, fixed or {})
    return min(made, key=lambda schedule: objective(schedule, known))


def _schedules(
    network: Network,
    jobs: Sequence[Job],
    load: Load,
    rules: Sequence[Rule],
    sites: Mapping[str, frozenset[str]],
    fixed: Fixed,
) -> list[Schedule]:
    by_holder: dict[str, dict[str, Slot]] = {}
    for (holder, name), slot in fixed.items():
        by_holder.setdefault(holder, {})[name] = slot
    chosen = {job.holder: frozenset(network.site) for job in jobs} | sites_of(load, jobs, by_holder)
    chosen |= sites
    whole: list[Slot] = []
    singly: list[Job] = []
    for job in sorted(jobs, key=lambda job: (job.due_s is None, job.due_s or 0, job.holder)):
        if len(chosen[job.holder]) == 1 and all(o.max_lag_s is None for o in job.plan.operations):
            singly.append(job)
        else:
            kept = by_holder.get(job.holder)
            promised = promise(load, network, job, sites=chosen[job.holder], fixed=kept)
            load = load.with_slots(promised.slots)
            whole += promised.slots
    listed = {job.holder: at for at, job in enumerate(jobs)}
    singly.sort(key=lambda job: listed[job.holder])
    while True:
        try:
            found = _run(load, singly, rules, chosen, by_holder)
            return [Schedule([*whole, *slots]) for slots in found]
        except CannotMake as refusal:
            wider = load.extended()
            if refusal.code != "schedule.past_horizon" or wider is None:
                raise
            load = wider


def _run(
    load: Load,
    jobs: Sequence[Job],
    rules: Sequence[Rule],
    sites: Mapping[str, frozenset[str]],
    fixed: Mapping[str, Mapping[str, Slot]],
) -> list[list[Slot]]:
    if not jobs:
        return [[] for _ in rules]
    them = queued(load, jobs, sites, fixed)
    made = []
    for rule in rules:
        pool, bounds = load.pool.packed(load.bounds, spare=4)
        found = np.full((len(them.queue.row), FOUND + them.tools_max), NEVER, dtype=np.int64)
        missing = run_rule(
            rule.number,
            rule.k_factor,
            them.mean_s,
            pool.rows(bounds, them.claims * (2 * load.longest + 64)),
            pool.used,
            load.clocks.rows,
            load.changes,
            them.book,
            them.queue,
            found,
        )
        if missing:
            raise _refused(load, them, found)
        made.append(
            [
                slot
                for at, (job, routing) in enumerate(zip(them.jobs, them.routings, strict=True))
                for slot in slots_of(
                    load, job, routing, _local(them, found[them.first[at] : them.first[at + 1]], at)
                )
            ]
        )
    return made


def _local(them: Queued, found: Found, at: int) -> Found:
    """Return a job's rows with alternatives numbered as in its own routing."""
    offset = them.first_alt[at]
    own = found.copy()
    own[own[:, END] != NEVER, ALT] -= offset
    return own


def _refused(load: Load, them: Queued, found: Found) -> CannotMake:
    """Return the refusal of the first operation that did not fit."""
    for at, job in enumerate(them.jobs):
        for row in range(len(job.plan.operations)):
            op = them.first[at] + row
            if found[op, END] == NEVER and them.queue.fixed_s[op] == NEVER:
                return no_room(load, job, them.routings[at], row)
    raise AssertionError("no operation is missing")
