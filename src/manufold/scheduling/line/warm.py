"""Compile what runs a line, so that no plan waits for a compiler."""

from manufold.model.calendar import DAYS, Shift, WorkCalendar
from manufold.model.line import Line, LineOperator, LineOrder, Station, Step
from manufold.model.units import DAY_S
from manufold.scheduling.line.plan import planned, prepared

__all__ = ["warm"]


def warm() -> None:
    """Compile all kernels of lines, or load them from the disk; idempotent."""
    always = WorkCalendar("always", "UTC", (Shift(DAYS, "00:00", "24:00"),))
    operator = LineOperator("o", {"s": 1000}, always)
    line = Line((Station("a", "m", 0, 1),), (operator,), always, 10, 1, 1, 2, (100,))
    steps = (Step("one", "m", "s", 1000), Step("two", "m", "s", 1000, "", ("one",)))
    order = LineOrder("order", "style", steps, 0, DAY_S)
    plan = planned(prepared(line, (order,), periods_s=(0,), to_s=DAY_S))
    assert len(plan.slots()) == len(steps)
