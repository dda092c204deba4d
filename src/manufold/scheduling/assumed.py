"""What this floor of scheduling takes as given, said aloud with every promise."""

from manufold.model.errors import Reason
from manufold.scheduling.asked import Asked
from manufold.scheduling.calendar_rows import NEVER
from manufold.scheduling.eligible import unstated_limits
from manufold.scheduling.fit import ALT, END, WHO
from manufold.scheduling.place import Found

__all__ = ["assumptions"]


def assumptions(asked: Asked, found: Found) -> tuple[Reason, ...]:
    """Return the assumptions behind a job's slots, each said once: what the network file left out
    of whoever does the work, times that a plan left out, and limits that nobody stated."""
    reasons: list[Reason] = []
    units = []
    network, names = asked.load.network, asked.load.resources.names
    for row in found:
        if row[END] == NEVER:
            continue
        one = asked.routing.alternatives[row[ALT]]
        unit, operation = one.eligible.unit, one.operation
        units.append(unit)
        who = names[row[WHO]][0] if row[WHO] >= 0 else ""
        for name in (unit.work_unit_id, who, unit.setup_matrix_id or ""):
            reasons += network.assumed.get(name, ())
        named = {"operation": operation.operation_id, "at": unit.work_unit_id}
        if operation.time_assumed and one.eligible.capability.lead_time_s is None:
            spans = {"setup_s": int(operation.setup_s), "run_s": int(operation.run_s)}
            reasons.append(Reason("schedule.time_assumed", {**named, **spans}))
        if operation.batch_family is not None and not unit.batches:
            family = {"family": operation.batch_family}
            reasons.append(Reason("schedule.batch_alone", {**named, **family}))
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
    return tuple({(one.code, *sorted(one.params.items())): one for one in reasons}.values())
