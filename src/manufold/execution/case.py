"""One command before its order, its work unit and its plan; readers of what the command says."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from manufold.model.errors import Conflict, InputFault
from manufold.model.execution import EVENTS, Command, JobOrder, OrderState, UnitState, decimal_of
from manufold.model.ports import NewEvent
from manufold.model.process_plan import ProcessPlan
from manufold.model.units import to_rfc3339

__all__ = ["TEXT_LIMIT", "Case"]

#: characters of a reason or an id in a command; events are no place for essays or files
TEXT_LIMIT = 200

_REQUIRED = object()


@dataclass(frozen=True, slots=True)
class Case:
    """What a decision looks at; every reader refuses by naming the field and what it found."""

    order: OrderState
    unit: UnitState
    plan: ProcessPlan
    command: Command

    def event(self, kind: str, **data: Any) -> NewEvent:
        """Return an event of the order's stream, at the command's time and by its actor."""
        stream = f"order:{self.order.order_id}"
        return NewEvent(stream, kind, EVENTS[kind], data, self.command.at_s, self.command.by)

    def job(self) -> JobOrder:
        """Return the job order the command names, if the command fits its unit and its time.

        Raises:
            InputFault: `execution.job_unknown`, `execution.time_backwards`.
            Conflict: `execution.wrong_unit`.
        """
        command = self.command
        job = self.order.jobs.get(command.job_order_id)
        if job is None:
            raise InputFault(
                "execution.job_unknown",
                job=command.job_order_id[:TEXT_LIMIT],
                order=self.order.order_id,
            )
        if command.resource_id and command.resource_id != job.resource_id:
            raise Conflict(
                "execution.wrong_unit",
                job=job.job_order_id,
                unit=job.resource_id,
                found=command.resource_id[:TEXT_LIMIT],
            )
        self.not_before(max(job.last_at_s, self.order.accepted_at_s))
        return job

    def not_before(self, earliest_s: int) -> None:
        """Refuse a command that is said to have happened before `earliest_s`.

        Raises:
            InputFault: `execution.time_backwards`.
        """
        if self.command.at_s < earliest_s:
            raise InputFault(
                "execution.time_backwards",
                kind=self.command.kind,
                at_s=self.command.at_s,
                last_s=earliest_s,
                at=to_rfc3339(self.command.at_s),
                last=to_rfc3339(earliest_s),
            )

    def count(self, name: str, *, least: int = 0, default: int | None = None) -> int:
        """Return a whole number of the command's data, not below `least`.

        Raises:
            InputFault: `execution.field_missing`, `execution.count_wrong`.
        """
        value = self._value(name, _REQUIRED if default is None else default)
        if isinstance(value, Decimal) and value.is_finite() and value == int(value):
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise InputFault(
                "execution.count_wrong", field=name, found=str(value)[:80], least=least
            )
        return value

    def amount(self, name: str) -> Decimal:
        """Return a finite number of the command's data.

        Raises:
            InputFault: `execution.field_missing`, `execution.number_malformed`.
        """
        value = decimal_of(self._value(name, _REQUIRED))
        if not value.is_finite():
            raise InputFault("execution.number_malformed", found=str(value))
        return value

    def text(self, name: str, *, default: str | None = None) -> str:
        """Return a non-empty text of the command's data, of at most `TEXT_LIMIT` characters.

        Raises:
            InputFault: `execution.field_missing`, `execution.text_wrong`.
        """
        value = self._value(name, _REQUIRED if default is None else default)
        if not isinstance(value, str) or not value.strip() or len(value) > TEXT_LIMIT:
            raise InputFault(
                "execution.text_wrong", field=name, found=str(value)[:80], limit=TEXT_LIMIT
            )
        return value

    def flag(self, name: str, *, default: bool) -> bool:
        """Return a yes or no of the command's data.

        Raises:
            InputFault: `execution.flag_wrong`.
        """
        value = self._value(name, default)
        if not isinstance(value, bool):
            raise InputFault("execution.flag_wrong", field=name, found=str(value)[:80])
        return value

    def _value(self, name: str, default: object) -> object:
        value = self.command.data.get(name, default)
        if value is _REQUIRED:
            raise InputFault("execution.field_missing", kind=self.command.kind, field=name)
        return value
