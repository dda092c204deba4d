"""Who holds what: an operator while there is something to attend, tools and doors to the end.

Only what goes on is attended: a set-up that is paused leaves its operator to others, but not the
tools in it. The members of an operation batch share a door and an operator; they go in together.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from manufold.model.schedule import Claim
from manufold.twin.floor import Task

if TYPE_CHECKING:
    from manufold.twin.shop import ShopTwin

__all__ = ["Claims"]

#: (resource, seat)
Place = tuple[str, int]


class Claims:
    """What open tasks hold or will hold beside their seats, by place."""

    def __init__(self, twin: "ShopTwin") -> None:
        self._twin = twin
        self._people = frozenset(one.operator_id for one in twin.network.operators)
        self._tasks: dict[Place, dict[str, Task]] = {}
        self._helped: dict[str, dict[str, Task]] = {}

    def show(self, task: Task, before: tuple[Claim, ...]) -> None:
        """Take a task with its claims as they are now.

        Args:
            before: its claims as last shown.
        """
        for claim in before:
            self._tasks.get(_place(claim), {}).pop(task.name, None)
        for claim in task.job.also if task.open else ():
            self._tasks.setdefault(_place(claim), {})[task.name] = task

    def operator(self, task: Task) -> str | None:
        """Return who attends a task, None where its claims name nobody."""
        return next((c.resource_id for c in task.job.also if c.resource_id in self._people), None)

    def helped(self, task: Task, who: str) -> None:
        """Have somebody stand in for whom a task's claims name, "" for nobody any more."""
        self._helped.get(task.stand_in, {}).pop(task.name, None)
        task.stand_in = who
        if who:
            self._helped.setdefault(who, {})[task.name] = task

    def free(self, who: str, task: Task, until_s: int) -> bool:
        """Return whether an operator attends nothing and has no slot before an instant."""
        own = self._tasks.get((who, 0), {}).values()
        return not any(
            (other.phase == "waiting" and other.job.start_s < until_s)
            or (other.attended and not other.stand_in)
            for other in own
            if other is not task
        ) and not any(other.attended for other in self._helped.get(who, {}).values())

    def awaited(self, task: Task) -> bool:
        """Return whether a task must wait until somebody or something is free.

        Whoever was left behind by its batch waits until the door opens again.
        """
        return any(
            self._holds(other, claim)
            and (claim.resource_id == task.job.resource_id or not _shared(claim, other))
            for claim in self._needs(task)
            for other in self._others(task, claim)
        )

    def unattended(self, task: Task) -> bool:
        """Return whether a task that is set up must wait until its operator leaves another."""
        return task.operation.attendance == "all" and any(
            other.attended and not _shared(claim, other)
            for claim in task.job.also
            if claim.resource_id in self._people
            for other in self._others(task, claim)
        )

    def first(self, task: Task) -> Iterator[Task]:
        """Yield what waits for the same as a task and has the earlier slot."""
        own = (task.job.start_s, task.job.end_s, task.name)
        for claim in self._needs(task):
            for other in self._others(task, claim):
                theirs = (other.job.start_s, other.job.end_s, other.name)
                if other.phase == "waiting" and theirs < own and not _shared(claim, other):
                    yield other

    def clash(self, task: Task, other: Task) -> bool:
        """Return whether two tasks, whose true times are drawn, need the same."""
        theirs = {_place(claim): claim.shared_as for claim in self._needs(other)}
        return any(
            _place(claim) in theirs
            and not (claim.shared_as and claim.shared_as == theirs[_place(claim)])
            for claim in self._needs(task)
        )

    def leave(self, task: Task, at_s: int, also: tuple[Claim, ...] = ()) -> None:
        """Have all look anew that wait for what a task holds, or for claims it had."""
        places = {_place(claim) for claim in (*task.job.also, *also)}
        if task.stand_in:
            places.add((task.stand_in, 0))
        for place in sorted(places):
            for other in self._tasks.get(place, {}).values():
                waits = other.phase in ("waiting", "between") and other.job.start_s <= at_s
                if other is not task and waits:
                    self._twin.look(other, at_s)

    def batch(self, task: Task) -> list[Task]:
        """Return a task and whoever shares its work unit's door, by name; alone where nobody."""
        for claim in task.job.also:
            if claim.shared_as and claim.resource_id == task.job.resource_id:
                others = [o for o in self._others(task, claim) if _shared(claim, o)]
                return sorted([task, *others], key=lambda one: one.name)
        return [task]

    def _others(self, task: Task, claim: Claim) -> Iterator[Task]:
        helped = self._helped.get(claim.resource_id, {}) if claim.seat == 0 else {}
        for other in (*self._tasks.get(_place(claim), {}).values(), *helped.values()):
            if other is not task:
                yield other

    def _needs(self, task: Task) -> Iterator[Claim]:
        """Yield what a task needs to begin; nobody where there is nothing to attend."""
        idle = task.operation.attendance == "setup" and not task.setup_s
        for claim in task.job.also:
            if claim.resource_id not in self._people or not (idle or task.stand_in):
                yield claim

    def _holds(self, other: Task, claim: Claim) -> bool:
        if claim.resource_id in self._people:
            return other.attended and other.stand_in in ("", claim.resource_id)
        return other.phase in ("setup", "between", "run")


def _place(claim: Claim) -> Place:
    return claim.resource_id, claim.seat


def _shared(claim: Claim, other: Task) -> bool:
    """Return whether another task claims the same for the same batch."""
    return bool(claim.shared_as) and any(
        _place(one) == _place(claim) and one.shared_as == claim.shared_as for one in other.job.also
    )
