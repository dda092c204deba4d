"""Names of operation batches: what their members call the door, the operator they share.

A name says which work unit is filled with what from when to when, so that whoever joins a batch
shares exactly that one, in every process and in the store.
"""

from typing import TYPE_CHECKING

from manufold.scheduling.fit import share_of
from manufold.scheduling.rows import NO_SHARE

if TYPE_CHECKING:
    from manufold.scheduling.load import Load

__all__ = ["share_name", "share_number"]


def share_name(unit_id: str, batch_family: str, start_s: int, end_s: int) -> str:
    """Return the name of a batch."""
    return f"{start_s}-{end_s} {unit_id} {batch_family}"


def share_number(load: "Load", name: str) -> int:
    """Return the kernels' number of a batch, NO_SHARE for no name."""
    if not name:
        return NO_SHARE
    span, unit_id, batch_family = name.split(" ", 2)
    start, end = span.split("-")
    unit = load.network.work_unit[unit_id]
    door = load.resources.number[unit_id, unit.seats]
    return int(share_of(door, load.number(f"batch {batch_family}"), int(start), int(end)))
