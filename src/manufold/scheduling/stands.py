"""Stands: why booked slots stand where they stand, second by second, as a promise would tell it.

What was promised earlier is read against the bookings of now: a wait that nothing known explains
any more is told as planned so, since it could be given up.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from manufold.model.errors import Reason
from manufold.model.schedule import Job, Slot
from manufold.scheduling.asked import Asked, asked_of
from manufold.scheduling.calendar_rows import NEVER
from manufold.scheduling.fit import FOUND
from manufold.scheduling.found import found_of
from manufold.scheduling.load import Load
from manufold.scheduling.place import Found
from manufold.scheduling.waits import Step, Wait, binding_of, steps_of, waits_of

__all__ = ["Stands", "stands"]


@dataclass(frozen=True, slots=True)
class Stands:
    """Why slots stand where they stand.

    Args:
        binding: what their end hangs on most.
        waits: in routing order.
        steps: the critical path in the order of time, from the first slot that is not fixed.
    """

    binding: Reason
    waits: tuple[Wait, ...]
    steps: tuple[Step, ...]


def stands(
    load: Load, job: Job, slots: Sequence[Slot], fixed: Mapping[str, Slot] | None = None
) -> Stands:
    """Return why the slots of a job stand where they stand.

    Args:
        load: without them.
        slots: of the operations that are not fixed; one that the load's calendars no longer
            explain, since a work unit is down or has other shifts now, tells nothing.
        fixed: slots of the operations that are done or begun.

    Raises:
        CannotMake: `schedule.no_capability` when nobody could do an operation any more.
    """
    asked = asked_of(load, job, None, None, None, fixed)
    routing, site = asked.routing, asked.fixed_site.copy()
    found = np.full((len(routing.sites), FOUND + routing.tools_max), NEVER, dtype=np.int64)
    row_of = {one.operation_id: row for row, one in enumerate(job.plan.operations)}
    for slot in slots:
        op = row_of[slot.operation_id]
        site[op] = load.resources.site_number[load.network.site_of(slot.resource_id).site_id]
        try:
            found[op] = found_of(load, routing, op, slot, found.shape[1])
        except ValueError:
            continue
    nothing = np.zeros(len(found), dtype=np.int64)
    waits = _lagged(asked, found, waits_of(asked, found, site, nothing, booked=True))
    return Stands(binding_of(asked, found, site, waits), waits, steps_of(asked, found, site, waits))


def _lagged(asked: Asked, found: Found, waits: Sequence[Wait]) -> tuple[Wait, ...]:
    """Return waits where what is put off for a longest lag waits for its successor."""
    before = {
        name
        for operation in asked.job.plan.operations
        if operation.max_lag_s is not None
        for name in operation.after
    }
    return tuple(
        Wait(w.operation_id, "successor", w.span_s, w.operation_id, w.until_s, w.zone)
        if w.cause == "planned" and w.operation_id in before
        else w
        for w in waits
    )
