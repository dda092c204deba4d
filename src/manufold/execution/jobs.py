"""Job orders: set up, start, pause, resume, finish; energy, material and pieces on their way.

Set-up may begin before the predecessors are finished, the run may not. A complete finish balances:
every piece that went in came out good or scrap; a piece in rework is still in.
"""

from typing import Any

from manufold.execution.case import TEXT_LIMIT, Case
from manufold.execution.measuring import dispositions
from manufold.execution.pieces import followers
from manufold.model.errors import Conflict, InputFault, OurFault
from manufold.model.execution import JOB_TRANSITIONS, JobOrder
from manufold.model.ports import NewEvent

__all__ = [
    "cancelled_jobs",
    "energy",
    "finish",
    "issue_material",
    "move",
    "pause",
    "resume",
    "setup_end",
    "setup_start",
    "start",
]


def setup_start(case: Case) -> tuple[NewEvent, ...]:
    """Begin to set up a planned job order on its free seat."""
    job = _permitted(case, "SetupStarted")
    _seat_free(case, job)
    return (case.event("SetupStarted", **_place(job)),)


def setup_end(case: Case) -> tuple[NewEvent, ...]:
    """End a set-up that goes on."""
    job = _permitted(case, "SetupEnded")
    return (case.event("SetupEnded", **_place(job)),)


def start(case: Case) -> tuple[NewEvent, ...]:
    """Start the run: set up, predecessors finished, their pieces here; or the first transfer lot.

    Raises:
        Conflict: `execution.setup_first`, `execution.predecessor_open`,
            `execution.pieces_elsewhere`, `execution.too_soon`, and what holds for a set-up.
    """
    job = _permitted(case, "RunStarted")
    if job.needs_setup and job.state == "planned":
        raise Conflict("execution.setup_first", job=job.job_order_id)
    _seat_free(case, job)
    ended_s = _pieces_here(case, job)
    events = [case.event("RunStarted", **_place(job))]
    operation = case.plan.operation[job.operation_id]
    if ended_s is not None:
        waited_s = case.command.at_s - ended_s
        if operation.max_lag_s is not None and waited_s > operation.max_lag_s:
            lag = {"wait_s": operation.max_lag_s, "waited_s": waited_s}
            events.append(
                case.event(
                    "NonconformanceRaised",
                    job_order_id=job.job_order_id,
                    piece=0,
                    code="execution.waited_too_long",
                    params={"job": job.job_order_id, **lag},
                    disposition="use_as_is",
                )
            )
    return tuple(events)


def pause(case: Case) -> tuple[NewEvent, ...]:
    """Pause a set-up or a run; the job order keeps its seat."""
    job = _permitted(case, "Paused")
    return (case.event("Paused", **_place(job), reason=case.text("reason", default="paused")),)


def resume(case: Case) -> tuple[NewEvent, ...]:
    """Go on with what was paused, on a work unit that is up."""
    job = _permitted(case, "Resumed")
    _seat_free(case, job)
    return (case.event("Resumed", **_place(job)),)


def finish(case: Case) -> tuple[NewEvent, ...]:
    """Report pieces of a running job order; when complete, pass the good ones on.

    Raises:
        InputFault: `execution.too_many_pieces`, `execution.balance`.
        Conflict: `execution.fault_open` when a piece out of limits would slip through as good;
            `execution.predecessor_open`, `execution.pieces_elsewhere` while lots are to come.
    """
    job = _permitted(case, "Finished")
    good, scrap, rework = (case.count(name, default=0) for name in ("good", "scrap", "rework"))
    complete = case.flag("complete", default=True)
    if complete:
        for before in (case.order.jobs[name] for name in job.after):
            _all_here(case, job, before)
    left = _come(case, job) - job.good - job.scrap - good - scrap
    if left < rework:
        raise InputFault(
            "execution.too_many_pieces",
            job=job.job_order_id,
            reported=good + scrap + rework,
            left=left + good + scrap,
        )
    if complete and left:
        raise InputFault(
            "execution.balance",
            job=job.job_order_id,
            quantity=job.quantity_in,
            good=job.good + good,
            scrap=job.scrap + scrap,
            missing=left,
        )
    if not complete and good + scrap + rework == 0:
        raise InputFault("execution.report_empty", job=job.job_order_id)
    decided, still_open = dispositions(case, job, scrap)
    if complete and still_open:
        raise Conflict("execution.fault_open", job=job.job_order_id, piece=still_open[0][0])
    counts = {"good": good, "scrap": scrap, "rework": rework, "complete": complete}
    events = [*decided, case.event("Finished", **_place(job), **counts)]
    if complete and job.good + good == 0:
        events += cancelled_jobs(case, followers(case.order, [job.job_order_id]), "no_good_pieces")
    return tuple(events)


def energy(case: Case) -> tuple[NewEvent, ...]:
    """Note energy that a job order really took; a meter may report after the last piece."""
    job = case.job()
    if job.state == "planned":
        raise _not_now(case, job)
    energy_wh = case.count("energy_wh")
    return (case.event("EnergyRead", job_order_id=job.job_order_id, energy_wh=energy_wh),)


def issue_material(case: Case) -> tuple[NewEvent, ...]:
    """Note the lot that a job order takes material from; its plan must ask for it there.

    Raises:
        InputFault: `execution.material_unasked`, `execution.count_wrong`.
    """
    job = case.job()
    if job.state in ("finished", "cancelled"):
        raise _not_now(case, job)
    material_id, unit = case.text("material_id"), case.text("unit")
    asked = {
        (line.material_id, line.unit)
        for line in case.plan.bill_of_materials
        if line.at_operation == job.operation_id
    }
    if (material_id, unit) not in asked:
        raise InputFault(
            "execution.material_unasked",
            material=material_id,
            unit=unit,
            operation=job.operation_id,
            asked=", ".join(sorted(f"{name} ({of})" for name, of in asked)) or "-",
        )
    quantity = case.amount("quantity")
    if quantity <= 0:
        raise InputFault(
            "execution.count_wrong", field="quantity", found=str(quantity)[:80], least=0
        )
    return (
        case.event(
            "MaterialIssued",
            job_order_id=job.job_order_id,
            lot_id=case.text("lot_id"),
            material_id=material_id,
            quantity=quantity,
            unit=unit,
        ),
    )


def move(case: Case) -> tuple[NewEvent, ...]:
    """Note the arrival of finished pieces, or of a transfer lot, where what follows stands.

    Raises:
        InputFault: `execution.move_nowhere`, `execution.move_too_many`.
    """
    job = case.job()
    if job.state != "finished" and not (_in_lots(case, job) and job.good):
        raise _not_now(case, job)
    to_id, quantity = case.text("to_id"), case.count("quantity", least=1)
    next_sites = {
        other.site_id for other in case.order.jobs.values() if job.job_order_id in other.after
    } - {job.site_id}
    if to_id not in next_sites or case.text("from_id", default=job.site_id) != job.site_id:
        raise InputFault(
            "execution.move_nowhere",
            job=job.job_order_id,
            site=to_id,
            known=", ".join(sorted(next_sites)) or "-",
        )
    left = job.good - job.moved.get(to_id, 0)
    if quantity > left:
        raise InputFault(
            "execution.move_too_many", job=job.job_order_id, quantity=quantity, left=left
        )
    way = {"from_id": job.site_id, "to_id": to_id, "quantity": quantity}
    return (case.event("Moved", job_order_id=job.job_order_id, **way),)


def cancelled_jobs(case: Case, jobs: tuple[JobOrder, ...], reason: str) -> list[NewEvent]:
    """Return a cancellation of each of these job orders that can still be cancelled."""
    return [
        case.event("JobCancelled", job_order_id=job.job_order_id, reason=reason)
        for job in jobs
        if (job.state, "JobCancelled") in JOB_TRANSITIONS
    ]


def _permitted(case: Case, event: str) -> JobOrder:
    job = case.job()
    if not case.command.resource_id:
        raise InputFault("execution.unit_missing", kind=case.command.kind, unit=job.resource_id)
    if (job.state, event) not in JOB_TRANSITIONS:
        raise _not_now(case, job)
    return job


def _not_now(case: Case, job: JobOrder) -> Conflict:
    return Conflict(
        "execution.job_state",
        job=job.job_order_id,
        state=job.state,
        kind=case.command.kind,
    )


def _place(job: JobOrder) -> dict[str, Any]:
    return {
        "job_order_id": job.job_order_id,
        "resource_id": job.resource_id,
        "seat": job.seat,
    }


def _seat_free(case: Case, job: JobOrder) -> None:
    unit = case.unit
    if unit.resource_id != job.resource_id:
        raise OurFault("execution.unit_mixed_up", found=unit.resource_id, wanted=job.resource_id)
    if job.held:
        raise Conflict("execution.held", job=job.job_order_id, reason=job.held)
    if unit.down_since_s is not None:
        raise Conflict("execution.unit_down", unit=job.resource_id, job=job.job_order_id)
    on_it = unit.busy.get(str(job.seat), job.job_order_id)
    if on_it != job.job_order_id:
        raise Conflict(
            "execution.seat_busy",
            unit=job.resource_id,
            seat=job.seat,
            other=on_it[:TEXT_LIMIT],
            job=job.job_order_id,
        )


def _pieces_here(case: Case, job: JobOrder) -> int | None:
    """Return when the last finished predecessor ended; refuse what has no pieces to begin on.

    A predecessor that hands on in lots need only have reported good pieces, some of them here.
    """
    ended_s = None
    for before in (case.order.jobs[name] for name in job.after):
        if _in_lots(case, before) and before.good:
            if before.site_id != job.site_id and not before.moved.get(job.site_id):
                raise _elsewhere(job, before, 1)
        else:
            _all_here(case, job, before)
            least_s = case.plan.operation[job.operation_id].min_lag_s
            waited_s = case.command.at_s - (before.actual_end_s or 0)
            if 0 <= waited_s < least_s:
                raise Conflict(
                    "execution.too_soon", job=job.job_order_id, wait_s=least_s, waited_s=waited_s
                )
        if before.actual_end_s is not None:
            ended_s = max(ended_s or before.actual_end_s, before.actual_end_s)
    if ended_s is not None:
        case.not_before(ended_s)
    return ended_s


def _all_here(case: Case, job: JobOrder, before: JobOrder) -> None:
    """Refuse where a predecessor is not finished or its pieces have not all come."""
    if before.state != "finished" or before.actual_end_s is None:
        raise Conflict(
            "execution.predecessor_open",
            job=job.job_order_id,
            other=before.job_order_id,
            state=before.state,
        )
    if before.site_id != job.site_id and before.moved.get(job.site_id, 0) < job.quantity_in:
        raise _elsewhere(job, before, job.quantity_in)


def _elsewhere(job: JobOrder, before: JobOrder, wanted: int) -> Conflict:
    return Conflict(
        "execution.pieces_elsewhere",
        job=job.job_order_id,
        site=job.site_id,
        arrived=before.moved.get(job.site_id, 0),
        wanted=wanted,
    )


def _in_lots(case: Case, job: JobOrder) -> bool:
    """Return whether a job order hands its pieces on in several lots."""
    lot = case.plan.operation[job.operation_id].transfer_quantity
    return lot is not None and lot < job.quantity_in


def _come(case: Case, job: JobOrder) -> int:
    """Return the pieces that can have been worked on: those that predecessors have handed on."""
    open_ones = (case.order.jobs[name] for name in job.after)
    return min([job.quantity_in, *(b.good for b in open_ones if b.state != "finished")])
