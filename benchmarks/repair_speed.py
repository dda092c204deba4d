"""How long a repair takes on a full floor, for each cause, and how little it moves.

    python benchmarks/repair_speed.py [--operations 10000] [--units 50] [--seed 1]

Ten operations a job, three work units each, set-ups by family, two shifts or three, two sites;
every other operation is set up by an operator of its site. Everything is booked and due a little
after it is planned. Processor seconds of the second of two calls; `fewest` lets the order of work
go where fewer operations move that way, as what-if does.
"""

import argparse
import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from time import process_time

from improve_network import many
from promise_network import MONDAY_S
from row import row

from manufold.judge.violations import violations
from manufold.model.calendar import DAYS, Shift, WorkCalendar
from manufold.model.network import Network, Operator
from manufold.model.process_plan import ProcessPlan
from manufold.model.schedule import Job, Slot
from manufold.model.units import DAY_S, HOUR_S
from manufold.scheduling.dispatch import RULES, dispatch
from manufold.scheduling.load import Load
from manufold.scheduling.moves import movement_of
from manufold.scheduling.objective import finishes_s
from manufold.scheduling.outages import Outage, with_outages
from manufold.scheduling.promise import promise
from manufold.scheduling.repair import repair
from manufold.scheduling.rescue import rescue
from manufold.scheduling.warm import warm

SITES, OPERATORS = 2, 12
#: what an order may end later than planned and still keep its promise, at most
SPARE_MOST_S = 3 * DAY_S

Answer = tuple[tuple[Slot, ...], Network, Mapping[str, Job]]


def main() -> None:
    """Repair each cause and print its row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--operations", type=int, default=10_000)
    parser.add_argument("--units", type=int, default=50, help="work units a site")
    parser.add_argument("--seed", type=int, default=1)
    told = parser.parse_args()
    warm()
    floor = _Floor(told.operations, told.units, told.seed)
    for name, cause in floor.causes():
        cause()
        begun = process_time()
        slots, network, jobs = cause()
        spent_s = process_time() - begun
        known = {slot.holder for slot in floor.slots}
        movement = movement_of(floor.slots, slots)
        late = _late(slots, jobs)
        wrong = violations(slots, network, jobs, now_s=floor.now_s)
        assert not wrong, (name, wrong[:3])
        print(
            row(
                f"{name}, {len(floor.slots)} operations, seed {told.seed}",
                f"{spent_s:.2f} s",
                f"{movement.count} moved, {movement.elsewhere} of them elsewhere",
                f"{movement.moved_s / HOUR_S:.0f} h in all",
                f"{len(late & known)} orders late, {len(floor.late)} before",
            ),
            flush=True,
        )


class _Floor:
    """A full floor in its second day."""

    def __init__(self, operations: int, units: int, seed: int) -> None:
        rng = random.Random(seed)
        network, jobs, _where = many(operations, SITES, units, seed)
        self.network = _manned(network)
        plans = {job.plan.process_plan_id: _attended(job.plan, rng) for job in jobs}
        jobs = [replace(job, plan=plans[job.plan.process_plan_id]) for job in jobs]
        self.slots = tuple(
            dispatch(self.network, jobs, Load.of(self.network, (), MONDAY_S), RULES[0])
        )
        ends = finishes_s(self.slots)
        self.jobs = {
            job.holder: replace(job, due_s=ends[job.holder] + rng.randrange(0, SPARE_MOST_S))
            for job in jobs
        }
        self.now_s = min(slot.start_s for slot in self.slots)
        self.late = _late(self.slots, self.jobs)
        to_come = [slot for slot in self.slots if slot.start_s < self.now_s + 3 * DAY_S]
        self.unit = Counter(s.resource_id for s in to_come).most_common(1)[0][0]
        self.operator = Counter(
            claim.resource_id for slot in to_come for claim in slot.also
        ).most_common(1)[0][0]
        self.first = next(slot for slot in self.slots if slot.start_s > self.now_s + DAY_S)

    def causes(self) -> Sequence[tuple[str, Callable[[], Answer]]]:
        """Return the five causes; breakdown, absence and late material in both ways."""
        down = Outage(self.unit, self.now_s, self.now_s + DAY_S)
        away = Outage(self.operator, self.now_s, self.now_s + 2 * DAY_S)
        return (
            ("breakdown", lambda: self._repaired([down], fewest=False)),
            ("breakdown, fewest", lambda: self._repaired([down], fewest=True)),
            ("absence", lambda: self._repaired([away], fewest=False)),
            ("absence, fewest", lambda: self._repaired([away], fewest=True)),
            ("late material", lambda: self._material(fewest=False)),
            ("late material, fewest", lambda: self._material(fewest=True)),
            ("rush", self._rush),
            ("scrap", self._scrap),
        )

    def _repaired(self, outages: Sequence[Outage], *, fewest: bool) -> Answer:
        found = repair(self.network, self.slots, self.jobs, {}, self.now_s, outages, fewest=fewest)
        return found.slots, with_outages(self.network, outages), self.jobs

    def _material(self, *, fewest: bool) -> Answer:
        holder, name = self.first.holder, self.first.operation_id
        later = replace(self.jobs[holder], ready_s={name: self.first.start_s + 2 * DAY_S})
        jobs = {**self.jobs, holder: later}
        found = repair(self.network, self.slots, jobs, {}, self.now_s, [], fewest=fewest)
        return found.slots, self.network, jobs

    def _rush(self) -> Answer:
        like = self.jobs[self.first.holder]
        job = replace(like, holder="rush", release_s=self.now_s, due_s=self.now_s + DAY_S)
        return self._added(job)

    def _scrap(self) -> Answer:
        like = self.jobs[self.first.holder]
        job = replace(like, holder="remake", release_s=self.now_s, quantity=2, due_s=like.due_s)
        return self._added(job)

    def _added(self, job: Job) -> Answer:
        load = Load.of(self.network, (), self.now_s).with_slots(self.slots)
        made = promise(load, self.network, job).slots
        jobs = {**self.jobs, job.holder: job}
        slots = (*self.slots, *made)
        safe_s = {name: one.due_s for name, one in jobs.items() if one.due_s is not None}
        found = rescue(
            self.network, slots, jobs, safe_s, self.now_s, only={job.holder}, gate_s=self.now_s
        )
        gone = set(found.release)
        return (*(s for s in slots if s not in gone), *found.claim), self.network, jobs


def _manned(network: Network) -> Network:
    """Return the network with operators at each site who set up, in two shifts."""
    shifts = (("06:00", "14:00"), ("14:00", "22:00"))
    calendars = tuple(
        WorkCalendar(f"crew{at}", "Europe/Berlin", (Shift(DAYS, *clock),))
        for at, clock in enumerate(shifts)
    )
    operators = tuple(
        Operator(f"{site.site_id}-o{at}", site.site_id, ("set",), f"crew{at % 2}", 0)
        for site in network.sites
        for at in range(OPERATORS)
    )
    return replace(network, calendars=(*network.calendars, *calendars), operators=operators)


def _attended(plan: ProcessPlan, rng: random.Random) -> ProcessPlan:
    operations = tuple(
        replace(operation, attendance="setup", skill="set") if rng.random() < 0.5 else operation
        for operation in plan.operations
    )
    return replace(plan, operations=operations)


def _late(slots: Sequence[Slot], jobs: Mapping[str, Job]) -> frozenset[str]:
    ends = finishes_s(slots)
    return frozenset(h for h, end_s in ends.items() if end_s > (jobs[h].due_s or end_s))


if __name__ == "__main__":
    main()
