"""What this floor of scheduling takes as given, said aloud with every promise."""

from manufold.model.errors import Reason
from manufold.scheduling.asked import Asked
from manufold.scheduling.calendar_rows import NEVER
from manufold.scheduling.eligible import unstated_limits
from manufold.scheduling.fit import ALT, END
from manufold.scheduling.place import Found

__all__ = ["assumptions"]


def assumptions(asked: Asked, found: Found) -> tuple[Reason, ...]:
    """Return the assumptions behind a job's slots, each said once."""
    reasons: list[Reason] = []
    units = []
    for row in found:
        if row[END] == NEVER:
            continue
        one = asked.routing.alternatives[row[ALT]]
        units.append(one.eligible.unit)
        unstated = unstated_limits(one.operation, one.eligible.capability)
        if unstated:
            reasons.append(
                Reason(
                    "schedule.limit_unstated",
                    {
                        "operation": one.operation.operation_id,
                        "limits": ", ".join(unstated),
                        "at": one.eligible.unit.work_unit_id,
                    },
                )
            )
    if any(unit.seats > 1 and not unit.batches for unit in units):
        reasons.append(Reason("schedule.seats_independent", {}))
    return tuple(reasons)
