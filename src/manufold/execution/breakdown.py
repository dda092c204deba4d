"""A work unit breaks down and is repaired. Its job orders are paused by commands of their own."""

from manufold.execution.case import TEXT_LIMIT
from manufold.model.errors import Conflict, InputFault
from manufold.model.execution import EVENTS, Command, UnitState
from manufold.model.ports import NewEvent
from manufold.model.units import to_rfc3339

__all__ = ["break_down", "repair"]


def break_down(unit: UnitState, command: Command) -> tuple[NewEvent, ...]:
    """Note that a work unit went down.

    Raises:
        Conflict: `execution.already_down`.
        InputFault: `execution.text_wrong`.
    """
    if unit.down_since_s is not None:
        raise Conflict("execution.already_down", unit=unit.resource_id)
    reason = command.data.get("reason", "breakdown")
    if not isinstance(reason, str) or not reason.strip() or len(reason) > TEXT_LIMIT:
        raise InputFault(
            "execution.text_wrong", field="reason", found=str(reason)[:80], limit=TEXT_LIMIT
        )
    return (_event(unit, command, "BrokeDown", {"reason": reason}),)


def repair(unit: UnitState, command: Command) -> tuple[NewEvent, ...]:
    """Note that a work unit is up again.

    Raises:
        Conflict: `execution.not_down`.
        InputFault: `execution.time_backwards`.
    """
    if unit.down_since_s is None:
        raise Conflict("execution.not_down", unit=unit.resource_id)
    if command.at_s < unit.down_since_s:
        raise InputFault(
            "execution.time_backwards",
            kind=command.kind,
            at_s=command.at_s,
            last_s=unit.down_since_s,
            at=to_rfc3339(command.at_s),
            last=to_rfc3339(unit.down_since_s),
        )
    return (_event(unit, command, "Repaired", {}),)


def _event(unit: UnitState, command: Command, kind: str, data: dict[str, str]) -> NewEvent:
    return NewEvent(
        f"unit:{unit.resource_id}",
        kind,
        EVENTS[kind],
        {"resource_id": unit.resource_id, **data},
        command.at_s,
        command.by,
    )
