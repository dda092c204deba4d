"""Asked: a job as the kernels read it, on one load, with what is fixed of it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from manufold.model.errors import CannotMake
from manufold.model.process_plan import Operation
from manufold.model.schedule import Job, Slot
from manufold.scheduling.calendar_rows import NEVER
from manufold.scheduling.eligible import eligible
from manufold.scheduling.fit import END
from manufold.scheduling.kernel import Seconds, seconds
from manufold.scheduling.load import Load
from manufold.scheduling.place import FIXED_END, Ask, Found
from manufold.scheduling.routing import Routing

__all__ = ["Asked", "asked_of"]

#: rows of the pool that placing one operation may use beside the blocks it copies
_SPARE = 16


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """What is asked, in numbers.

    Args:
        allowed: int64, shape (sites,), 1 where it may be made.
        to_lane_s: int64, shape (sites,), ways to where the goods go.
        fixed: slots that stay, by operation.
        fixed_site: int64, shape (ops,), number of the site of each, -1 for what is to be placed.
        space: rows of the pool that placing it may need.
    """

    load: Load
    job: Job
    sites: frozenset[str] | None
    to: str | None
    routing: Routing
    ask: Ask
    allowed: Seconds
    to_lane_s: Seconds
    fixed: Mapping[str, Slot]
    fixed_site: Seconds
    space: int

    @property
    def site_names(self) -> tuple[str, ...]:
        """Sites by number."""
        return tuple(self.load.resources.site_number)

    def ends_s(self, found: Found) -> Seconds:
        """Return the end of each operation, fixed or found, int64, shape (ops,)."""
        ends_s: Seconds = found[:, END]
        if not self.fixed:
            return ends_s
        fixed = self.ask.fixed[:, FIXED_END]
        return np.where(fixed == NEVER, ends_s, fixed)


def asked_of(
    load: Load,
    job: Job,
    sites: frozenset[str] | None,
    to: str | None,
    ready_s: Mapping[tuple[str, str], int] | None,
    fixed: Mapping[str, Slot] | None,
) -> Asked:
    """Return a job bound to a load.

    Args: as `promise`.

    Raises:
        CannotMake: `schedule.no_capability` where nobody allowed can do an operation.
    """
    resources, fixed = load.resources, fixed or {}
    try:
        routing = load.routing(job.plan, job.quantity)
    except CannotMake:
        if sites is not None:
            for operation in job.plan.operations:
                _able(load, operation, sites)  # says what is missing at those sites, too
        raise
    allowed = resources.everywhere
    if sites is not None:
        allowed = seconds([int(site in sites) for site in resources.site_number])
        for operation, able in zip(job.plan.operations, routing.sites, strict=True):
            if operation.operation_id not in fixed and not able & sites:
                _able(load, operation, sites)  # says what is missing there
    stays, at_site = routing.nothing_fixed, routing.no_site
    if fixed:
        stays, at_site = stays.copy(), at_site.copy()
        for row, operation in enumerate(job.plan.operations):
            slot = fixed.get(operation.operation_id)
            if slot is not None:
                stays[row] = slot.start_s, slot.end_s
                site_id = load.network.site_of(slot.resource_id).site_id
                at_site[row] = resources.site_number[site_id]
    ask = Ask(
        job.quantity,
        max(job.release_s, load.from_s),
        _material_s(routing, job, ready_s),
        0,
        resources.lane_s,
        stays,
        load.number(f"new {job.holder}"),
    )
    to_lane_s = resources.nowhere_s if to is None else resources.to_lane_s[to]
    space = routing.claims * (2 * load.longest + _SPARE)
    return Asked(load, job, sites, to, routing, ask, allowed, to_lane_s, fixed, at_site, space)


def _able(load: Load, operation: Operation, sites: frozenset[str]) -> None:
    eligible(load.network, operation, load.resources.units.get(operation.capability, ()), sites)


def _material_s(
    routing: Routing, job: Job, ready_s: Mapping[tuple[str, str], int] | None
) -> Seconds:
    """Return when the material of each alternative is there."""
    if not ready_s and not job.ready_s:
        return routing.ready_s
    ready_s = ready_s or {}
    return seconds(
        [
            max(
                job.ready_s.get(one.operation.operation_id, 0),
                ready_s.get((one.operation.operation_id, one.eligible.site_id), 0),
            )
            for one in routing.alternatives
        ]
    )
