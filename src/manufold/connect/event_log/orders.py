"""Orders of a log as jobs of the schedule: each its own process plan, with the times it took.

Every order gets a plan of its own, since the log says how long *this* order took on each machine,
not how long such work takes. Its operations form a chain in the order in which they began. The
time of an operation is the whole time reported for it: set-up where the log tells it apart, the
rest spread over the pieces. Nothing else is known, so nothing else is in it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_DOWN, Decimal

from manufold.connect.event_log.names import ids_of, shown_name
from manufold.connect.event_log.operations import Done, DoneOrder
from manufold.connect.event_log.plant import Plant
from manufold.connect.event_log.reading import EventLog
from manufold.model.errors import Reason
from manufold.model.material import Source
from manufold.model.process_plan import Operation, ProcessPlan, StandardTime
from manufold.model.schedule import Job
from manufold.model.units import EPOCH

__all__ = ["RealOrder", "orders_of"]

#: exact to the second for any quantity a log may tell
_FINEST = Decimal("1e-9")


@dataclass(frozen=True, slots=True)
class RealOrder:
    """An order to plan again, and what really became of it.

    Args:
        job: released at the first report; due where the log says so.
        done: as it went.
    """

    job: Job
    done: DoneOrder


def orders_of(
    log: EventLog, plant: Plant, orders: Sequence[DoneOrder]
) -> tuple[tuple[RealOrder, ...], tuple[Reason, ...]]:
    """Return the orders by their release, and what was taken as given for them."""
    ids = ids_of((order.name for order in orders), "order")
    year = (EPOCH + timedelta(seconds=log.events[0].start_s)).year - log.years_on
    source = Source(f"event log {shown_name(log.name)}", year)
    real = tuple(RealOrder(_job(order, ids[order.name], plant, source), order) for order in orders)
    return real, tuple(_assumed(orders))


def _job(order: DoneOrder, holder: str, plant: Plant, source: Source) -> Job:
    quantity = order.quantity or 1
    operations: list[Operation] = []
    for number, done in enumerate(order.operations, start=1):
        before = (operations[-1].operation_id,) if operations else ()
        operations.append(_operation(number, done, quantity, before, plant, source))
    plan = ProcessPlan(holder, "log", "recorded", tuple(operations), (), Decimal(0))
    return Job(holder, plan, quantity, order.release_s, due_s=order.due_s)


def _operation(
    number: int, done: Done, quantity: int, before: tuple[str, ...], plant: Plant, source: Source
) -> Operation:
    each_s = (Decimal(done.run_s) / quantity).quantize(_FINEST, ROUND_DOWN)
    formula = f"{done.run_s} s / {quantity}"
    setup = (StandardTime("setup", Decimal(done.setup_s), f"{done.setup_s} s", source),)
    return Operation(
        f"op{10 * number}",
        shown_name(done.activity),
        plant.capability[done.activity, done.resource],
        setup if done.setup_s else (),
        (StandardTime("run", each_s, formula, source),),
        after=before,
        attendance="none",
    )


def _assumed(orders: Iterable[DoneOrder]) -> list[Reason]:
    rows = list(orders)
    operations = [one for order in rows for one in order.operations]
    said = [
        Reason("log.times_as_recorded", {"operations": len(operations)}),
        Reason("log.released_at_first_report", {"orders": len(rows)}),
    ]
    counts = {
        "log.quantity_missing": sum(order.quantity is None for order in rows),
        "log.quantity_differs": sum(order.quantities > 1 for order in rows),
        "log.due_missing": sum(order.due_s is None for order in rows),
        "log.overlaps_in_order": sum(order.overlaps for order in rows),
    }
    said += [Reason(code, {"count": count}) for code, count in counts.items() if count]
    if not any(one.setup_s for one in operations):
        said.append(Reason("log.setup_unknown", {}))
    if any(one.workers for one in operations):
        said.append(Reason("log.attendance_unknown", {}))
    return said
