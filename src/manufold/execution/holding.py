"""Hold and release: a job order, or all of an order's open ones, must not go on; now it may."""

from manufold.execution.case import Case
from manufold.execution.measuring import release_piece
from manufold.model.errors import Conflict
from manufold.model.execution import JOB_TRANSITIONS, JobOrder
from manufold.model.ports import NewEvent

__all__ = ["hold", "release"]


def hold(case: Case) -> tuple[NewEvent, ...]:
    """Hold a job order, or every open one when none is named; what goes on pauses.

    Raises:
        Conflict: `execution.nothing_to_hold`.
    """
    reason = case.text("reason")
    jobs = [
        job
        for job in _meant(case)
        if not job.held and (job.state, "JobCancelled") in JOB_TRANSITIONS
    ]
    if not jobs:
        raise Conflict("execution.nothing_to_hold", order=case.order.order_id)
    events = []
    for job in jobs:
        if (job.state, "Paused") in JOB_TRANSITIONS:
            events.append(
                case.event(
                    "Paused",
                    job_order_id=job.job_order_id,
                    resource_id=job.resource_id,
                    seat=job.seat,
                    reason=reason,
                )
            )
        events.append(case.event("Held", job_order_id=job.job_order_id, reason=reason))
    return tuple(events)


def release(case: Case) -> tuple[NewEvent, ...]:
    """Release what is held; with a `piece`, let that piece pass as it is.

    Raises:
        Conflict: `execution.nothing_held`, `execution.fault_unknown`.
    """
    if "piece" in case.command.data:
        return release_piece(case, case.job())
    jobs = [job for job in _meant(case) if job.held]
    if not jobs:
        raise Conflict("execution.nothing_held", order=case.order.order_id)
    return tuple(case.event("Released", job_order_id=job.job_order_id) for job in jobs)


def _meant(case: Case) -> list[JobOrder]:
    if case.command.job_order_id:
        return [case.job()]
    jobs = list(case.order.jobs.values())
    case.not_before(max([case.order.accepted_at_s, *(job.last_at_s for job in jobs)]))
    return jobs
