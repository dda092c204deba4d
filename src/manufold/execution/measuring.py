"""Measurements against the plan's limits, and what is decided about a piece outside them.

A value out of limits opens a nonconformance; it is closed by a scrap report, by a later value
within limits after rework, or by someone who releases the piece as it is.
"""

from collections.abc import Mapping

from manufold.execution.case import Case
from manufold.model.errors import Conflict, InputFault
from manufold.model.execution import JobOrder
from manufold.model.ports import NewEvent

__all__ = ["OUT_OF_LIMITS", "dispositions", "measure", "release_piece"]

#: the catalogue's sentence about a value outside its limits
OUT_OF_LIMITS = "execution.out_of_limits"


def measure(case: Case) -> tuple[NewEvent, ...]:
    """Note a value of a characteristic of a piece; outside its limits it is a nonconformance.

    Raises:
        InputFault: `execution.characteristic_unknown`, `execution.piece_unknown`.
    """
    job = case.job()
    if job.state not in ("running", "paused"):
        raise Conflict("execution.job_state", job=job.job_order_id, state=job.state, kind="measure")
    wanted = case.text("characteristic_id")
    known = {c.characteristic_id: c for c in case.plan.operation[job.operation_id].characteristics}
    if wanted not in known:
        raise InputFault(
            "execution.characteristic_unknown",
            characteristic=wanted,
            operation=job.operation_id,
            known=", ".join(known) or "-",
        )
    piece = case.count("piece", least=1)
    if piece > job.quantity_in:
        raise InputFault(
            "execution.piece_unknown", piece=piece, job=job.job_order_id, last=job.quantity_in
        )
    characteristic, value = known[wanted], case.amount("value")
    within = characteristic.lower <= value <= characteristic.upper
    measured = case.event(
        "Measured",
        job_order_id=job.job_order_id,
        characteristic_id=wanted,
        name=characteristic.name,
        unit=characteristic.unit,
        piece=piece,
        value=value,
        lower=characteristic.lower,
        upper=characteristic.upper,
        within=within,
    )
    known_open = (piece, wanted) in job.open_faults
    if within == (not known_open):
        return (measured,)
    disposition = "rework" if within else "open"
    params = {
        "characteristic": wanted,
        "name": characteristic.name,
        "piece": piece,
        "value": str(value),
        "lower": str(characteristic.lower),
        "upper": str(characteristic.upper),
        "unit": characteristic.unit,
    }
    return measured, _raised(case, job, piece, OUT_OF_LIMITS, params, disposition)


def dispositions(
    case: Case, job: JobOrder, scrap: int
) -> tuple[list[NewEvent], tuple[tuple[int, str], ...]]:
    """Return what a scrap report decides about open faults, and those it leaves open.

    The pieces with open faults are scrapped first, in the order of their numbers.
    """
    gone = sorted({piece for piece, _ in job.open_faults})[:scrap]
    events = [
        _decided(case, job, piece, characteristic, "scrap")
        for piece, characteristic in job.open_faults
        if piece in gone
    ]
    return events, tuple(fault for fault in job.open_faults if fault[0] not in gone)


def release_piece(case: Case, job: JobOrder) -> tuple[NewEvent, ...]:
    """Let a piece outside its limits pass as it is.

    Raises:
        Conflict: `execution.fault_unknown` when nothing is open about that piece.
    """
    piece = case.count("piece", least=1)
    found = [fault for fault in job.open_faults if fault[0] == piece]
    if not found:
        raise Conflict("execution.fault_unknown", piece=piece, job=job.job_order_id)
    return tuple(_decided(case, job, *fault, "use_as_is") for fault in found)


def _decided(
    case: Case, job: JobOrder, piece: int, characteristic: str, disposition: str
) -> NewEvent:
    params = {"characteristic": characteristic, "piece": piece, "disposition": disposition}
    return _raised(case, job, piece, "execution.fault_decided", params, disposition)


def _raised(
    case: Case,
    job: JobOrder,
    piece: int,
    code: str,
    params: Mapping[str, object],
    disposition: str,
) -> NewEvent:
    return case.event(
        "NonconformanceRaised",
        job_order_id=job.job_order_id,
        piece=piece,
        code=code,
        params=params,
        disposition=disposition,
    )
