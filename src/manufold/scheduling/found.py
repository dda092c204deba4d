"""Found: a slot as the kernels would have found it."""

from collections.abc import Sequence

import numpy as np

from manufold.model.schedule import Slot
from manufold.scheduling.batch_names import share_number
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
    stretch,
)
from manufold.scheduling.kernel import Seconds
from manufold.scheduling.load import Load
from manufold.scheduling.routing import Routing
from manufold.scheduling.rows import NO_SHARE

__all__ = ["found_of"]


def found_of(load: Load, routing: Routing, op: int, slot: Slot, columns: int) -> Seconds:
    """Return a slot as a row of `place.Found`.

    Args:
        op: row of its operation in the routing.
        columns: of the row.

    Raises:
        ValueError: when no alternative could have been placed so.
    """
    number, people = load.resources.number, load.network.operator
    who = next((c.resource_id for c in slot.also if c.resource_id in people), None)
    for alt in routing.alternatives_of(op):
        one = routing.alternatives[alt]
        crew = [operator.operator_id for operator in one.operators]
        if one.eligible.unit.work_unit_id != slot.resource_id or (who and who not in crew):
            continue
        setup, _once, _each, scale = routing.works[alt]
        own_s = -(-setup // scale)
        run_s = routing.work_s(alt, slot.quantity) - own_s
        begin, set_up, end = stretch(
            load.clocks.rows, routing.rows, op, alt, slot.start_s, slot.setup_s, run_s
        )
        if (begin, end) != (slot.start_s, slot.end_s) or slot.setup_s < own_s:
            continue
        row = np.full(columns, NEVER, dtype=np.int64)
        shared = next((c.shared_as for c in slot.also if c.shared_as), "")
        row[[ALT, SEAT]] = alt, number[slot.resource_id, slot.seat]
        row[[START, SETUP_END, END]] = begin, set_up, end
        row[[SETUP, CHANGE]] = slot.setup_s, slot.setup_s - own_s
        row[WHO] = -1 if who is None else number[who, 0]
        row[SHARE] = share_number(load, shared) if shared else NO_SHARE
        tools = _tools(load, slot)
        row[FOUND : FOUND + len(tools)] = tools
        return row
    raise ValueError(slot.operation_id)


def _tools(load: Load, slot: Slot) -> Sequence[int]:
    tools = load.network.tool
    return [
        load.resources.number[claim.resource_id, claim.seat]
        for claim in slot.also
        if claim.resource_id in tools
    ]
