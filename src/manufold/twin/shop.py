"""The twin of all shops of a network: a seeded, discrete-event source of commands.

It says what shops, machines and their troubles would: each seat follows its dispatch list in slot
order; nothing starts before its slot, before its pieces are there, outside the work unit's
calendar, or while the unit is down. True times, breakdowns, scrap, values, energy and lanes are
drawn around the plan (`TwinSettings`). Whoever drives it decides each command and appends the
answer; the twin takes it that none of its commands is refused.

- Breaks and nights inside a set-up or a run are not reported as pauses; the calendar says them.
- What may not pause begins only where it fits before the next break; where no stretch of the next
  weeks holds it, it begins in the longest one and goes on after the break.
- A breakdown pauses what is on the unit. A job order held by people is passed over; one they have
  paused waits until they resume or release it.
- An order is shipped when its last operation is finished, whole; a short one waits (`short`).
- Who speaks: the owner of the site as operator, for moves and shipments the owner of the site
  they leave; the buyer receives.
- An operator attends one task at a time, in their own working hours and `stay_s` beyond them; who
  is free and able may set up for another. Tools and doors are held until the work is over.
  Whoever's slot begins first goes first.
- The members of an operation batch begin together and end together, when the last of them is done;
  one that people hold stays behind.

A twin may be made anew at any time from the orders and work units as folded: luck depends on
seed, job order and purpose only. Of a set-up under way the changeover is then unknown.
"""

from collections.abc import Iterable, Iterator, Mapping

from manufold.model.errors import CannotMake, InputFault
from manufold.model.execution import Command, CommandKind, OrderState, UnitState
from manufold.model.network import Network
from manufold.model.process_plan import ProcessPlan
from manufold.model.work_content import changeover_s, setup_family, work_content
from manufold.twin import restore
from manufold.twin.agenda import Agenda, What
from manufold.twin.claims import Claims
from manufold.twin.floor import Seat, Task, Unit
from manufold.twin.followed import Followed
from manufold.twin.happenings import happen
from manufold.twin.lots import expect_lot, poke
from manufold.twin.luck import Luck
from manufold.twin.settings import TwinSettings
from manufold.twin.troubles import failures
from manufold.twin.worktime import WorkTime

__all__ = ["ShopTwin"]


class ShopTwin:
    """The simulated shops of one network.

    Args:
        seed: of all luck.
        now_s: where failures begin to count; the same seed and instant give the same failures.
        units: work units as folded, for a world that has gone on already.
        resumed_s: how far that world has gone; nothing is said of what lies before.
    """

    def __init__(
        self,
        network: Network,
        seed: int | str,
        *,
        now_s: int,
        settings: TwinSettings | None = None,
        units: Iterable[UnitState] = (),
        resumed_s: int | None = None,
    ) -> None:
        self.network = network
        self.settings = settings or TwinSettings()
        self.luck = Luck(seed, self.settings)
        self.agenda = Agenda(self.luck, now_s if resumed_s is None else resumed_s)
        self.orders: dict[str, Followed] = {}
        self.tasks: dict[str, Task] = {}
        self._origin_s = now_s
        self._states = {unit.resource_id: unit for unit in units}
        self._units: dict[str, Unit] = {}
        self._times: dict[tuple[str, ...], WorkTime] = {}
        self._troubles: dict[str, Iterator[tuple[int, int]]] = {}
        self.repaired_s: dict[str, int] = {}
        self.claims = Claims(self)

    @property
    def short(self) -> tuple[str, ...]:
        """Orders all of whose work is done and that came out short; a remake would help."""
        return tuple(name for name, followed in self.orders.items() if followed.short)

    @property
    def idle(self) -> bool:
        """Whether nothing goes on before people or planners change something."""
        return self.agenda.idle

    @property
    def caught_up(self) -> bool:
        """Whether all that it has decided has been said: only then may an order be shown anew."""
        return not self.agenda.said

    def add(self, order: OrderState, plan: ProcessPlan) -> None:
        """Follow an order from now on, however far it is.

        Raises:
            InputFault: `execution.no_way` when a lane of its route is missing.
        """
        self.orders[order.order_id] = Followed(order, plan)
        self.moved(order)

    def moved(self, order: OrderState) -> None:
        """Take an order anew after others changed it: slots, holds, cancellations, remakes."""
        followed = self.orders[order.order_id]
        self.agenda.now_s = max(self.agenda.now_s, order.last_at_s)
        followed.show(order)
        for job in order.jobs.values():
            if job.job_order_id not in self.tasks:
                operation = followed.plan.operation[job.operation_id]
                family = setup_family(followed.plan, operation)
                task = Task(order.order_id, job, operation, family)
                self.tasks[task.name] = followed.tasks[task.name] = task
        followed.link()
        self._check_ways(followed)
        for job in followed.in_sequence():
            restore.take_anew(self, self.tasks[job.job_order_id], job)
        restore.receipts(self, followed)
        self.ship(followed, self.agenda.now_s)

    def next_command(self, until_s: int) -> Command | None:
        """Return the next command not later than `until_s`, in order of time, or None."""
        while True:
            while self.agenda.said:
                command = self.agenda.said.popleft()
                task = self.tasks.get(command.job_order_id)
                if task is None or task.phase != "cancelled":
                    return command
            entry = self.agenda.take(until_s)
            if entry is None:
                return None
            happen(self, *entry)

    def unit(self, resource_id: str) -> Unit:
        """Return a work unit, made known with its calendar and its failures when first asked."""
        if resource_id not in self._units:
            noun = self.network.work_unit[resource_id]
            time = self._time(noun.calendar_id)
            seats = [Seat() for _ in range(noun.seats)]
            unit = Unit(noun, self.network.site_of(resource_id), time, seats)
            self._units[resource_id] = unit
            self._troubles[resource_id] = failures(unit, self.luck, self.settings, self._origin_s)
            down = self._states.get(resource_id)
            if down is not None and down.down_since_s is not None:
                restore.down(self, unit, down.down_since_s, self._troubles[resource_id])
            else:
                self.next_failure(unit)
        return self._units[resource_id]

    def seat(self, task: Task) -> Seat:
        """Return the seat a task is planned on."""
        return self.unit(task.job.resource_id).seats[task.job.seat]

    def times(self, task: Task) -> tuple[WorkTime, WorkTime]:
        """Return the working time of a task's set-up and of its run: attended work goes on while
        its operator works, too."""
        alone = self.unit(task.job.resource_id).noun.calendar_id
        who, attendance = self.claims.operator(task), task.operation.attendance
        who = task.stand_in or who
        if who is None or attendance == "none":
            return self._time(alone), self._time(alone)
        both = self._time(alone, self.network.operator[who].calendar_id)
        return both, both if attendance == "all" else self._time(alone)

    def with_operator(self, task: Task, who: str) -> WorkTime:
        """Return when a task's work unit and an operator work."""
        alone = self.unit(task.job.resource_id).noun.calendar_id
        return self._time(alone, self.network.operator[who].calendar_id)

    def time(self, task: Task) -> WorkTime:
        """Return the working time of what a task is at."""
        setting_up, running = self.times(task)
        return setting_up if task.phase == "setup" else running

    def _time(self, *calendar_ids: str) -> WorkTime:
        key = tuple(dict.fromkeys(calendar_ids))
        if key not in self._times:
            calendars = tuple(self.network.calendar[name] for name in key)
            self._times[key] = WorkTime(calendars, self._origin_s, self.settings)
        return self._times[key]

    def next_failure(self, unit: Unit) -> None:
        """Put a unit's next failure that does not lie in the past on the agenda."""
        name = unit.noun.work_unit_id
        for down_s, repaired_s in self._troubles[name]:
            if down_s >= self.agenda.now_s:
                self.repaired_s[name] = repaired_s
                self.agenda.put(down_s, What.FAILS, name)
                return

    def look(self, task: Task, at_s: int) -> None:
        """Have the task's seat look for its next task."""
        self.agenda.put(at_s, What.LOOKS, task.job.resource_id, task.job.seat)

    def drop(self, task: Task) -> None:
        """Forget a task that was cancelled."""
        seat = self.seat(task)
        seat.remove(task)
        task.phase, task.turn = "cancelled", task.turn + 1
        if seat.current is task:
            seat.current = None
        self.look(task, self.agenda.now_s)
        self.claims.show(task, task.job.also)
        self.claims.leave(task, self.agenda.now_s)

    def pause(self, task: Task, at_s: int) -> None:
        """Close the spell of what goes on."""
        if task.since_s is not None:
            task.worked_s += self.time(task).between(task.since_s, at_s)
            task.since_s, task.turn = None, task.turn + 1
            self.claims.leave(task, at_s)

    def spell(self, task: Task, from_s: int) -> None:
        """Open a spell and note when the phase will end if nothing comes between."""
        task.since_s, task.paused_by, task.turn = from_s, "", task.turn + 1
        task.starving = False
        end_s = self.time(task).advance(from_s, task.total_s - task.worked_s)
        if end_s is not None:
            self.agenda.put(end_s, What.PHASE_ENDS, task.name, task.turn)
        if task.phase == "run":
            expect_lot(self, task, from_s)

    def draw(self, task: Task, quantity: int) -> None:
        """Draw a task's true times for the pieces that are there.

        Raises:
            CannotMake: `schedule.unit_cannot` when the work unit lacks the capability.
        """
        unit, operation = self.unit(task.job.resource_id), task.operation
        capability = unit.noun.capability(operation.capability)
        if capability is None:
            raise CannotMake(
                "schedule.unit_cannot",
                work_unit=unit.noun.work_unit_id,
                capability=operation.capability,
            )
        changed_s = changeover_s(self.network, unit.noun, self.seat(task).family, task.family)
        standard = work_content(operation, capability, quantity, changed_s)
        task.quantity = quantity
        whose = self.claims.batch(task)[0].name  # what is in the oven together takes one time
        task.setup_s = round(standard.setup_s * self.luck.setup_factor(whose))
        run_s = standard.total_s - standard.setup_s
        task.run_s = round(run_s * self.luck.run_factor(whose))
        if not task.setup_s:
            task.run_s = max(1, task.run_s)

    def arrive(self, task: Task, to_id: str) -> None:
        """Send a done task's good pieces to another site."""
        way_s = self._lane_s(task.job.site_id, to_id)
        true_s = self.luck.lane_s(f"{task.name}/{to_id}", way_s)
        self.agenda.put(task.end_s + true_s, What.ARRIVES, f"{task.name}\0{to_id}")

    def send_lot(self, task: Task, to_id: str, at_s: int) -> None:
        """Send a first lot to another site."""
        way_s = self._lane_s(task.job.site_id, to_id)
        true_s = self.luck.lane_s(f"{task.name}/{to_id}", way_s)
        self.agenda.put(at_s + true_s, What.LOT_ARRIVES, f"{task.name}\0{to_id}")

    def moved_to(self, task: Task, to_id: str) -> int:
        """Return the pieces of a task that have arrived at another site."""
        return max(task.job.moved.get(to_id, 0), task.sent.get(to_id, 0))

    def send(self, followed: Followed, site_id: str, pieces: int, at_s: int) -> None:
        """Send a shipment on its way to the door."""
        order = followed.order
        way_s = self._lane_s(site_id, order.zone_id)
        true_s = self.luck.lane_s(f"{order.order_id}/{followed.sent}", way_s)
        self.agenda.put(at_s + true_s, What.RECEIVED, f"{order.order_id}\0{followed.sent}", pieces)
        followed.sent += pieces

    def ship(self, followed: Followed, at_s: int) -> None:
        """Ship what is due, if all is done."""
        at_s = max(at_s, self.agenda.now_s)
        for site_id, pieces, partial in followed.to_ship():
            followed.shipped += pieces
            followed.shipped_from[site_id] = followed.shipped_from.get(site_id, 0) + pieces
            self.agenda.say(
                "ship",
                at_s,
                f"{self.network.site[site_id].party_id}/operator",
                order_id=followed.order.order_id,
                detail=f"{followed.shipped}",
                data={
                    "site_id": site_id,
                    "zone_id": followed.order.zone_id,
                    "quantity": pieces,
                    "partial": partial,
                },
            )
            self.send(followed, site_id, pieces, at_s)

    def close(self, task: Task, at_s: int, good: int) -> None:
        """Take a task as done: free its seat, pass its pieces on, ship if that was all."""
        followed, seat = self.orders[task.order_id], self.seat(task)
        seat.remove(task)
        task.phase, task.good, task.end_s, task.turn = "done", good, at_s, task.turn + 1
        if seat.current is task:
            seat.current = None
        unit = self.unit(task.job.resource_id)
        for one in unit.seats if unit.noun.batches else (seat,):  # an oven is set up as a whole
            if at_s > one.family_at_s:
                one.family, one.family_at_s = task.family, at_s
        self.look(task, at_s)
        self.claims.show(task, task.job.also)
        self.claims.leave(task, at_s)
        if not good:
            for behind in followed.behind(task):
                if behind.open:
                    self.drop(behind)
        followers = [other for other in followed.after[task.name] if other.open]
        for to_id in sorted({other.job.site_id for other in followers} - {task.job.site_id}):
            if self.moved_to(task, to_id) >= good:
                task.arrived_s[to_id] = at_s
            else:
                self.arrive(task, to_id)
        for other in followers:
            self.look(other, at_s)
            poke(self, other, at_s)
        self.ship(followed, at_s)

    def say_job(
        self,
        kind: CommandKind,
        task: Task,
        at_s: int,
        detail: str = "",
        data: Mapping[str, object] | None = None,
    ) -> None:
        """Say something about a task, as the operator of its site."""
        self.agenda.say(
            kind,
            at_s,
            self.unit(task.job.resource_id).by,
            order_id=task.order_id,
            job_order_id=task.name,
            resource_id=task.job.resource_id,
            detail=detail,
            data=data,
        )

    def _lane_s(self, from_id: str, to_id: str) -> int:
        way_s = self.network.lane_s(from_id, to_id)
        if way_s is None:
            raise InputFault("execution.no_way", site=from_id, to=to_id)
        return way_s

    def _check_ways(self, followed: Followed) -> None:
        for name, task in followed.tasks.items():
            for other in followed.after[name]:
                self._lane_s(task.job.site_id, other.job.site_id)
            if not followed.after[name]:
                self._lane_s(task.job.site_id, followed.order.zone_id)
