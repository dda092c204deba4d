"""Single stamps with a transition (start, suspend, resume, complete) made into stretches.

Stamps of one order, activity, resource and, where the log tells it, instance are paired in the
order of time, the oldest open start first. Any transition that is no work (schedule, assign) is
left out, and so is a start that is never completed or an end that was never begun.
Source  IEEE 1849-2023, lifecycle extension, the standard transactional model.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from datetime import datetime

from manufold.connect.event_log.rows import RawRow
from manufold.model.errors import Fault, Reason

__all__ = ["paired"]

_BEGINS = frozenset({"start", "resume", "started", "begin", "开始", "恢复"})
_ENDS = frozenset({"complete", "suspend", "completed", "end", "finish", "完成", "结束", "暂停"})

Stretch = tuple[RawRow, datetime, datetime]


def paired(
    stamped: Sequence[tuple[RawRow, datetime]], columns: Mapping[str, str]
) -> tuple[list[Stretch], list[Fault]]:
    """Return the stretches, each with the row of its end, and what has no counterpart."""
    keys = [columns[role] for role in ("case", "activity", "resource")]
    keys += [columns["instance"]] if "instance" in columns else []
    opened: dict[tuple[str | None, ...], deque[tuple[RawRow, datetime]]] = {}
    found: list[Stretch] = []
    alone: list[Fault] = []
    told = columns["transition"]
    spoken = [(at, row.cells.get(told, "complete").casefold(), row) for row, at in stamped]
    # at equal stamps a start goes first: what takes no time is begun before it ends
    for at, transition, row in sorted(spoken, key=lambda one: (one[0], one[1] not in _BEGINS)):
        key = tuple(row.cells.get(column) for column in keys)
        if transition in _BEGINS:
            opened.setdefault(key, deque()).append((row, at))
        elif transition not in _ENDS:
            params = {"transition": transition[:40]}
            alone.append(Fault(row.where, Reason("log.transition_no_work", params)))
        elif waiting := opened.get(key):
            _, begun = waiting.popleft()
            found.append((row, begun, at))
        else:
            alone.append(Fault(row.where, Reason("log.end_without_start", {})))
    for rows in opened.values():
        for row, _ in rows:
            alone.append(Fault(row.where, Reason("log.start_without_end", {})))
    return found, alone
