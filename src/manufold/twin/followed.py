"""An order as the twin follows it: who comes after whom, what is made, what is to be shipped."""

from dataclasses import dataclass, field

from manufold.model.errors import OurFault
from manufold.model.execution import JobOrder, OrderState
from manufold.model.process_plan import ProcessPlan
from manufold.twin.floor import Task

__all__ = ["Followed"]

_STOPPED = ("cancelled", "claimed", "returned")


@dataclass(slots=True)
class Followed:
    """An order, its plan and its tasks.

    Args:
        shipped: pieces said to be shipped, which may run ahead of the order as last shown.
        shipped_from: the same, by site.
        sent: pieces whose receipt is done or on the agenda.
    """

    order: OrderState
    plan: ProcessPlan
    tasks: dict[str, Task] = field(default_factory=dict)
    after: dict[str, list[Task]] = field(default_factory=dict)
    shipped: int = 0
    shipped_from: dict[str, int] = field(default_factory=dict)
    sent: int = 0

    def show(self, order: OrderState) -> None:
        """Take the order as it is now."""
        self.order = order
        self.shipped = max(self.shipped, order.shipped)
        self.sent = max(self.sent, order.delivered)
        for site_id, pieces in order.shipped_from.items():
            self.shipped_from[site_id] = max(self.shipped_from.get(site_id, 0), pieces)

    def link(self) -> None:
        """Find anew which tasks come after which."""
        self.after = {name: [] for name in self.tasks}
        for task in self.tasks.values():
            for before in task.job.after:
                self.after[before].append(task)

    def in_sequence(self) -> list[JobOrder]:
        """Return the order's job orders as last shown, each behind those it comes after."""
        placed: dict[str, JobOrder] = {}
        left = dict(self.order.jobs)
        while left:
            free = [job for job in left.values() if all(name in placed for name in job.after)]
            for job in free:
                placed[job.job_order_id] = left.pop(job.job_order_id)
            if not free:
                raise OurFault("execution.job_missing", job=min(left), order=self.order.order_id)
        return list(placed.values())

    def ready_s(self, task: Task) -> int | None:
        """Return since when its pieces are there, None while they are not."""
        ready_s = 0
        for name in task.job.after:
            before = self.tasks[name]
            if before.handed:
                first_s = before.first_s.get(task.job.site_id)
                if first_s is None:
                    return None
                left_s = before.first_s[before.job.site_id] + task.operation.min_lag_s
                ready_s = max(ready_s, first_s, left_s)
                continue
            came_s = self.came_s(task, before)
            if came_s is None:
                return None
            ready_s = max(ready_s, came_s)
        return ready_s

    def came_s(self, task: Task, before: Task) -> int | None:
        """Return since when all pieces of a predecessor are there, None while they are not."""
        if before.phase != "done":
            return None
        ready_s = before.end_s + task.operation.min_lag_s
        if before.job.site_id == task.job.site_id:
            return ready_s
        arrived_s = before.arrived_s.get(task.job.site_id)
        return None if arrived_s is None else max(ready_s, arrived_s)

    def quantity_in(self, task: Task) -> int:
        """Return the pieces it works on: what was started, or the least that came good before."""
        before = [self.tasks[name] for name in task.job.after]
        good = [one.good if one.phase == "done" else one.quantity for one in before]
        return min(good) if good else task.job.quantity_in

    def behind(self, task: Task) -> list[Task]:
        """Return every task after this one, directly or not."""
        found: dict[str, Task] = {}
        look = [task]
        while look:
            for follower in self.after[look.pop().name]:
                if follower.name not in found:
                    found[follower.name] = follower
                    look.append(follower)
        return list(found.values())

    def to_ship(self) -> list[tuple[str, int, bool]]:
        """Return (site, pieces, partial) of the shipments due now.

        Nothing goes before every task is done and enough pieces are good: one delivery, unless
        they lie at several sites. What is short waits for a remake or for a wider tolerance; what
        is claimed or returned, for a remake.
        """
        if self.order.state in _STOPPED or any(task.open for task in self.tasks.values()):
            return []
        owed = self.order.quantity + sum(self.order.claims.values())
        least = owed - self.order.under_tolerance
        good = self._good_by_site()
        if sum(good.values()) < least:
            return []
        due: list[tuple[str, int, bool]] = []
        shipped = self.shipped
        for site_id in sorted(good):
            here = good[site_id] - self.shipped_from.get(site_id, 0)
            pieces = min(here, owed - shipped)
            if pieces > 0:
                shipped += pieces
                due.append((site_id, pieces, shipped < least))
        return due

    @property
    def short(self) -> bool:
        """True when all is done and too little came out good."""
        if self.order.state == "cancelled" or any(task.open for task in self.tasks.values()):
            return False
        owed = self.order.quantity + sum(self.order.claims.values())
        return sum(self._good_by_site().values()) < owed - self.order.under_tolerance

    def _good_by_site(self) -> dict[str, int]:
        lot = {name: name for name in self.tasks}

        def lot_of(name: str) -> str:
            while lot[name] != name:
                name = lot[name]
            return name

        for name, followers in self.after.items():
            for task in followers:
                lot[lot_of(name)] = lot_of(task.name)
        ends: dict[str, list[Task]] = {}
        for name, task in self.tasks.items():
            if not self.after[name]:
                ends.setdefault(lot_of(name), []).append(task)
        good: dict[str, int] = {}
        for tasks in ends.values():
            site_id = max(tasks, key=lambda task: task.name).job.site_id
            good[site_id] = good.get(site_id, 0) + min(task.good for task in tasks)
        return good
