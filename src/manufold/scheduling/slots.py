"""Slots: what the kernels found, as rows of a schedule with all they claim."""

from manufold.model.schedule import Claim, Job, Slot
from manufold.model.work_content import setup_family
from manufold.scheduling.batch_names import share_name
from manufold.scheduling.calendar_rows import NEVER
from manufold.scheduling.fit import (
    ALT,
    CHANGE,
    END,
    FOUND,
    SEAT,
    SETUP,
    SETUP_END,
    SHARE,
    START,
    WHO,
)
from manufold.scheduling.load import Load
from manufold.scheduling.place import Found
from manufold.scheduling.routing import Alternative, Routing
from manufold.scheduling.rows import NO_SHARE

__all__ = ["slots_of"]


def slots_of(load: Load, job: Job, routing: Routing, found: Found) -> tuple[Slot, ...]:
    """Return the slots of all operations that were placed, in routing order."""
    names = load.resources.names
    made = []
    for operation, row in zip(job.plan.operations, found.tolist(), strict=True):
        if row[END] == NEVER:
            continue
        one = routing.alternatives[row[ALT]]
        unit_id, seat = names[row[SEAT]]
        claims: tuple[Claim, ...] = ()
        if row[WHO] >= 0 or row[SHARE] != NO_SHARE or operation.tools:
            claims = _claims(load, routing, one, row)
        made.append(
            Slot(
                unit_id,
                seat,
                row[START],
                row[SETUP],
                row[END],
                job.holder,
                operation.operation_id,
                job.quantity,
                setup_family(job.plan, operation),
                row[CHANGE],
                claims,
            )
        )
    return tuple(made)


def _claims(load: Load, routing: Routing, one: Alternative, row: list[int]) -> tuple[Claim, ...]:
    """Return what a slot holds beside its seat: door, operator, tools."""
    names, unit, operation = load.resources.names, one.eligible.unit, one.operation
    start_s, end_s = row[START], row[END]
    claims = []
    shared = ""
    if row[SHARE] != NO_SHARE:
        shared = share_name(
            unit.work_unit_id, routing.batches[operation.operation_id], start_s, end_s
        )
        claims.append(Claim(unit.work_unit_id, unit.seats, start_s, end_s, shared))
    if row[WHO] >= 0:
        until_s = row[SETUP_END] if operation.attendance == "setup" else end_s
        claims.append(Claim(names[row[WHO]][0], 0, start_s, until_s, shared))
    for number in row[FOUND : FOUND + sum(operation.tools.values())]:
        tool_id, seat = names[number]
        claims.append(Claim(tool_id, seat, start_s, end_s))
    return tuple(claims)
