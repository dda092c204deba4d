"""The schedule under judgement as columns, with what each row should be by its job's plan."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from manufold.model.network import Capability, Network, Operator, WorkUnit
from manufold.model.process_plan import Operation
from manufold.model.schedule import Job, Slot
from manufold.model.work_content import WorkContent, setup_family, work_content

__all__ = ["Rows"]

Column = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Slots with their columns; `order` sorts them by resource, seat and start.

    Args:
        start_s: int64, shape (n,).
        end_s: int64, shape (n,).
        setup_s: int64, shape (n,).
        seat_number: int64, shape (n,), one number per (resource, seat).
        order: int64, shape (n,), rows by seat_number, then start.
        operation: of each row by its job's plan, None where job or operation is unknown.
        family: setup family of each row, by its plan where that is known.
        past: whether each row has begun.
    """

    network: Network
    jobs: Mapping[str, Job]
    slots: tuple[Slot, ...]
    start_s: Column
    end_s: Column
    setup_s: Column
    seat_number: Column
    order: Column
    operation: tuple[Operation | None, ...]
    family: tuple[str | None, ...]
    past: tuple[bool, ...]

    @classmethod
    def of(
        cls,
        slots: Iterable[Slot],
        network: Network,
        jobs: Mapping[str, Job],
        now_s: int | None = None,
        begun: Collection[tuple[str, str]] = (),
    ) -> "Rows":
        """Return the columns of a schedule."""
        rows = tuple(slots)
        numbers: dict[tuple[str, int], int] = {}
        operations: list[Operation | None] = []
        families: list[str | None] = []
        named: dict[tuple[int, str], tuple[Operation | None, str | None]] = {}
        for slot in rows:
            numbers.setdefault((slot.resource_id, slot.seat), len(numbers))
            job = jobs.get(slot.holder)
            if job is None:
                operations.append(None)
                families.append(slot.setup_family)
                continue
            key = (id(job.plan), slot.operation_id)
            if key not in named:
                operation = job.plan.operation.get(slot.operation_id)
                family = None if operation is None else setup_family(job.plan, operation)
                named[key] = (operation, family)
            operation, family = named[key]
            operations.append(operation)
            families.append(family)
        start_s = np.array([slot.start_s for slot in rows], dtype=np.int64)
        seat = np.array([numbers[s.resource_id, s.seat] for s in rows], dtype=np.int64)
        return cls(
            network,
            jobs,
            rows,
            start_s,
            np.array([slot.end_s for slot in rows], dtype=np.int64),
            np.array([slot.setup_s for slot in rows], dtype=np.int64),
            seat,
            np.lexsort((start_s, seat)).astype(np.int64),
            tuple(operations),
            tuple(families),
            tuple(
                (now_s is not None and slot.start_s < now_s)
                or (slot.holder, slot.operation_id) in begun
                for slot in rows
            ),
        )

    def unit(self, row: int) -> WorkUnit | None:
        """Return the work unit of a row, None for an unknown resource."""
        return self.network.work_unit.get(self.slots[row].resource_id)

    def capability(self, row: int) -> Capability | None:
        """Return what the row's work unit does its operation as, None where it cannot."""
        unit, operation = self.unit(row), self.operation[row]
        if unit is None or operation is None:
            return None
        return unit.capability(operation.capability)

    def operator(self, row: int) -> Operator | None:
        """Return who attends a row, None where its claims name nobody."""
        people = self.network.operator
        return next(
            (people[c.resource_id] for c in self.slots[row].also if c.resource_id in people), None
        )

    def contents(self) -> list[WorkContent | None]:
        """Return each row's own work without changeover, None where it is not known."""
        kept: dict[tuple[int, int, object], WorkContent] = {}
        found: list[WorkContent | None] = []
        for row, slot in enumerate(self.slots):
            operation, capability = self.operation[row], self.capability(row)
            if operation is None or capability is None:
                found.append(None)
                continue
            quantity = self.jobs[slot.holder].quantity
            key = (id(operation), quantity, id(capability))
            if key not in kept:
                kept[key] = work_content(operation, capability, quantity)
            found.append(kept[key])
        return found
