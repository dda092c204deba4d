"""Explain: why this date, and why an order is late, as reasons in the order of importance."""

from collections.abc import Iterable, Sequence

from manufold.model.errors import Reason
from manufold.scheduling.promise import Promised
from manufold.scheduling.waits import Step, Wait

__all__ = ["chain_of_waits", "why_late", "why_this_date"]

#: waits shorter than this explain nothing to a buyer
WAIT_SHOWN_S = 900
#: most reasons of one kind of explanation
REASONS_MAX = 5


def why_this_date(promised: Promised) -> tuple[Reason, ...]:
    """Return what the date hangs on most, then the longest waits."""
    return (promised.binding, *longest_waits(promised.waits))


def longest_waits(waits: Iterable[Wait]) -> tuple[Reason, ...]:
    """Return the longest waits as reasons, longest first."""
    shown = sorted(
        (wait for wait in waits if wait.span_s >= WAIT_SHOWN_S),
        key=lambda wait: (-wait.span_s, wait.operation_id),
    )
    return tuple(wait.reason for wait in shown[:REASONS_MAX])


def chain_of_waits(steps: Iterable[Step]) -> tuple[Reason, ...]:
    """Return every wait along the critical path that is worth telling, in the order of time."""
    return tuple(
        wait.reason for step in steps for wait in step.waits if wait.span_s >= WAIT_SHOWN_S
    )


def why_late(
    promised_s: int, forecast_s: int, delays: Sequence[tuple[str, str, int]]
) -> tuple[Reason, ...]:
    """Return why an order's forecast lies behind its promised finish; empty when it does not.

    Args:
        delays: (operation, work unit, seconds it ends later than planned), as a forecast has them.
    """
    if forecast_s <= promised_s:
        return ()
    total = Reason("schedule.late_by", {"span_s": forecast_s - promised_s})
    added: list[tuple[int, str, str]] = []
    passed_on_s = 0
    for operation, unit, late_s in delays:  # in routing order: only what each adds is its own
        if late_s > passed_on_s:
            added.append((late_s - passed_on_s, operation, unit))
            passed_on_s = late_s
    causes = sorted(added, key=lambda cause: (-cause[0], cause[1]))
    return (
        total,
        *(
            Reason("schedule.late_at", {"operation": o, "at": unit, "span_s": late_s})
            for late_s, o, unit in causes[:REASONS_MAX]
        ),
    )
