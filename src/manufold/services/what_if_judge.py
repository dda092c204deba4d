"""The judge's look at a scenario: what would be told is refused where it cannot be so."""

from collections.abc import Collection

from manufold.judge.violation import Violation, violation
from manufold.judge.violations import violations
from manufold.model.errors import Fault, OurFault
from manufold.scheduling.outages import with_outages
from manufold.services.what_if_floor import Planned
from manufold.services.what_if_holds import clashes

__all__ = ["refuse_wrong"]

_TOLD_MOST = 3  # broken rules that a fault of ours names
#: no fault of a plan: what is late in its order lets its pieces wait, whoever looks at it
_HAPPENS = "judge.lag_too_long"

Begun = Collection[tuple[str, str]]


def refuse_wrong(base: Planned, plan: Planned, begun: Begun, now_s: int) -> None:
    """Refuse a plan that breaks a rule which things as they are do not break.

    Args:
        base: everything as it is.
        begun: (group, operation) that is history.

    Raises:
        OurFault: `schedule.judged_wrong`.
    """
    found = _broken(plan, begun, now_s)
    if not found:
        return
    before = {_kind(one) for one in _broken(base, begun, now_s)}
    new = [one for one in found if _kind(one) not in before]
    if new:
        told = tuple(Fault(one.holder, one.reason) for one in new[:_TOLD_MOST])
        raise OurFault("schedule.judged_wrong", faults=told, count=len(new))


def _broken(plan: Planned, begun: Begun, now_s: int) -> list[Violation]:
    network = with_outages(plan.network, plan.outages)
    found = violations(plan.slots, network, plan.jobs, now_s=now_s, begun=begun)
    return [
        *(one for one in found if one.code != _HAPPENS),
        *(
            violation(
                "judge.overlap",
                slot.holder,
                slot.operation_id,
                slot.resource_id,
                seat=slot.seat,
                other=held.holder,
                overlap_s=min(slot.end_s, held.end_s) - max(slot.start_s, held.start_s),
            )
            for slot, held in clashes(plan.slots, plan.held, now_s)
        ),
    ]


def _kind(one: Violation) -> tuple[str, str, str]:
    return one.code, one.holder, one.operation_id
