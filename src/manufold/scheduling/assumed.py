"""What this floor of scheduling takes as given, said aloud with every promise."""

from collections.abc import Mapping

from manufold.model.errors import Reason
from manufold.model.network import Network
from manufold.model.schedule import Job
from manufold.scheduling.eligible import needs_operator, unstated_limits
from manufold.scheduling.waits import Placed

__all__ = ["assumptions"]


def assumptions(network: Network, job: Job, placed: Mapping[str, Placed]) -> tuple[Reason, ...]:
    """Return the assumptions behind a job's slots, each said once."""
    reasons: list[Reason] = []
    operations = [job.plan.operation[name] for name in placed]
    skills = sorted({str(o.skill) for o in operations if needs_operator(o)})
    if skills:
        reasons.append(Reason("schedule.operators_not_scheduled", {"skills": ", ".join(skills)}))
    whole = [
        o.operation_id
        for o in operations
        if o.transfer_quantity is not None and o.transfer_quantity < job.quantity
    ]
    if whole:
        reasons.append(Reason("schedule.transfer_all_at_once", {"operations": ", ".join(whole)}))
    for name, one in placed.items():
        unstated = unstated_limits(job.plan.operation[name], one.choice.eligible.capability)
        if unstated:
            reasons.append(
                Reason(
                    "schedule.limit_unstated",
                    {
                        "operation": name,
                        "limits": ", ".join(unstated),
                        "at": one.slot.resource_id,
                    },
                )
            )
    if any(network.work_unit[one.slot.resource_id].seats > 1 for one in placed.values()):
        reasons.append(Reason("schedule.seats_independent", {}))
    return tuple(reasons)
