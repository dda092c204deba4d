"""Who attends what: an operator sets up one thing at a time, in the order of the slots.

Only what goes on is attended: a set-up that is paused leaves its operator to others. The members of
an operation batch share theirs.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from manufold.model.schedule import Claim
from manufold.twin.floor import Task

if TYPE_CHECKING:
    from manufold.twin.shop import ShopTwin

__all__ = ["Crew"]


class Crew:
    """The operators of a network, and the open tasks that claim them."""

    def __init__(self, twin: "ShopTwin") -> None:
        self._twin = twin
        self._known = frozenset(one.operator_id for one in twin.network.operators)
        self._tasks: dict[str, dict[str, Task]] = {}

    def show(self, task: Task, before: tuple[Claim, ...]) -> None:
        """Take a task with its claims as they are now.

        Args:
            before: its claims as last shown.
        """
        for claim in self._operators(before):
            self._tasks.get(claim.resource_id, {}).pop(task.name, None)
        if task.open and task.operation.attendance != "none":
            for claim in self._operators(task.job.also):
                self._tasks.setdefault(claim.resource_id, {})[task.name] = task

    def awaited(self, task: Task) -> bool:
        """Return whether a task must wait until its operator leaves something else."""
        return any(
            other.attended and not _shared(claim, other) for claim, other in self._others(task)
        )

    def first(self, task: Task) -> Iterator[Task]:
        """Yield what waits for a task's operator, too, and has the earlier slot."""
        own = (task.job.start_s, task.job.end_s, task.name)
        for claim, other in self._others(task):
            theirs = (other.job.start_s, other.job.end_s, other.name)
            if other.phase == "waiting" and theirs < own and not _shared(claim, other):
                yield other

    def leave(self, task: Task, at_s: int, also: tuple[Claim, ...] = ()) -> None:
        """Have all look anew that wait for an operator of a task, or of claims it had."""
        for claim in self._operators((*task.job.also, *also)):
            for other in self._tasks.get(claim.resource_id, {}).values():
                if other is not task and other.phase == "waiting" and other.job.start_s <= at_s:
                    self._twin.look(other, at_s)

    def _others(self, task: Task) -> Iterator[tuple[Claim, Task]]:
        if task.operation.attendance == "none":
            return
        for claim in self._operators(task.job.also):
            for other in self._tasks.get(claim.resource_id, {}).values():
                if other is not task:
                    yield claim, other

    def _operators(self, claims: tuple[Claim, ...]) -> list[Claim]:
        return [claim for claim in claims if claim.resource_id in self._known]


def _shared(claim: Claim, other: Task) -> bool:
    """Return whether another task claims an operator for the same batch."""
    return bool(claim.shared_as) and any(
        one.resource_id == claim.resource_id and one.shared_as == claim.shared_as
        for one in other.job.also
    )
