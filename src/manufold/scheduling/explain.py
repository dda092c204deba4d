"""Explain: why this date, as reasons in the order of importance."""

from collections.abc import Iterable

from manufold.model.errors import Reason
from manufold.scheduling.promise import Promised
from manufold.scheduling.waits import Step, Wait

__all__ = ["chain_of_waits", "longest_waits", "why_this_date"]

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
