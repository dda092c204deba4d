"""A real shop planned again: 225 orders on 31 resources, against what really happened.

The log is Levy's "Production Analysis with Process Mining Technology" (4TU.ResearchData, doi
10.4121/uuid:68726926-5ac5-4fab-b873-ee76ea412399), which does not ship with the package. Run it as
`MANUFOLD_TEST_DATA=... python benchmarks/real_shop.py [--rounds N]`; it prints what was taken as
given, rows for RESULTS.md, and how much of its open time every machine worked.

Hours    "mined": the weekly shifts mined from the log. "seen": a machine is closed besides
         whenever it was not seen at work for more than a day, as if nobody had been there;
         the mined shifts after the end of the log.
Machines "same": every operation on the machine that did it. "alike": on any machine that did work
         of that name in the log, in the same time.
Ways     "as it was": every operation no earlier than it really began, in the order of release: can
         the model hold what happened? "FIFO": first in, first out dispatch. "rolling": each order
         promised when it is released, by what is known then, and nothing booked before is moved:
         what the platform does. "rules": the best of all dispatch rules. "improved": the best of
         these three, bettered by `improve`. The last two know all orders from the start, all know
         how long each operation will take and that nothing will break.
Late     against the real finish, which is the due date of every plan; an hour is no lateness.
"""

import argparse
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from statistics import mean, median
from time import perf_counter

from row import row

from manufold.connect.event_log import Alternatives, Imported, imported, read_log
from manufold.judge.violations import violations
from manufold.model.calendar import DAYS, Shift, WorkCalendar
from manufold.model.network import Network
from manufold.model.schedule import Job, Slot
from manufold.model.units import DAY_S, HOUR_S
from manufold.scheduling.dispatch import RULES, best_dispatch
from manufold.scheduling.improve import Snapshot, improve
from manufold.scheduling.load import Load
from manufold.scheduling.objective import finishes_s, objective
from manufold.scheduling.promise import promise
from manufold.scheduling.warm import warm
from manufold.scheduling.worktime import Worktimes
from manufold.words import word

FILE = "factory/production_levy2014_reconstructed.csv"
#: the log names no zone; wall time of UTC has no night an hour longer than another
ZONE = "UTC"
#: at shorter ones the model, held to the real starts, falls behind what really happened
GAP_S = 24 * HOUR_S
SEED = 1
ROUNDS = 300
_MACHINES: tuple[tuple[Alternatives, str], ...] = (("machine", "same"), ("work", "alike"))
PLANNED_ON_S = 200 * DAY_S


Plan = Callable[[], Iterable[Slot]]


@dataclass(frozen=True, slots=True)
class Shop:
    """The orders to plan again on one network; due when they were really finished."""

    hours: str
    machines: str
    network: Network
    jobs: tuple[Job, ...]
    begun_s: dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the orders."""

    way: str
    finish_s: dict[str, int]
    slots: tuple[Slot, ...]
    took_s: float
    faults: int


def main() -> None:
    """Plan the shop again in every way and print how it compares."""
    parser = argparse.ArgumentParser(description="A real shop planned again.")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    rounds = parser.parse_args().rounds
    log = read_log(Path(os.environ["MANUFOLD_TEST_DATA"]) / FILE, ZONE)
    warm()
    made = []
    for alternatives, machines in _MACHINES:
        seen = imported(log, alternatives=alternatives, closures=True)
        if machines == "same":
            _say_assumptions(seen)
            real = Outcome("really", _really(seen), (), 0.0, 0)
            print(_row("-", "-", real, _jobs(seen)))
        for hours in ("mined", "seen"):
            shop = _shop(seen, hours, machines)
            for outcome in _ways(shop, rounds):
                print(_row(hours, machines, outcome, shop.jobs), flush=True)
                made.append((shop, outcome))
    _print_machines(imported(log, alternatives="machine", closures=True), made)


def _jobs(seen: Imported) -> tuple[Job, ...]:
    return tuple(replace(order.job, due_s=order.done.finish_s) for order in seen.orders)


def _really(seen: Imported) -> dict[str, int]:
    return {order.job.holder: order.done.finish_s for order in seen.orders}


def _shop(seen: Imported, hours: str, machines: str) -> Shop:
    network = seen.plant.network
    sites = tuple(replace(site, frozen_zone_s=0) for site in network.sites)
    network = replace(network, sites=sites)
    if hours == "seen":
        network = _as_seen(seen, network)
    begun_s = {
        order.job.holder: {
            operation.operation_id: done.start_s
            for operation, done in zip(
                order.job.plan.operations, order.done.operations, strict=True
            )
        }
        for order in seen.orders
    }
    return Shop(hours, machines, network, _jobs(seen), begun_s)


def _as_seen(seen: Imported, network: Network) -> Network:
    """Return the network with each machine closed when it was not seen for longer."""
    first_s = min(event.start_s for event in seen.log.events)
    last_s = max(event.end_s for event in seen.log.events)
    always = (Shift(DAYS, "00:00", "24:00"),)
    calendars, units = list(network.calendars), []
    for unit in network.work_units:
        worked = sorted(
            (event.start_s, event.end_s)
            for event in seen.log.events
            if event.kind != "down" and seen.plant.unit_id[event.resource] == unit.work_unit_id
        )
        weekly = network.calendar[unit.calendar_id]
        after = weekly.intervals(last_s, last_s + PLANNED_ON_S)
        closed, open_to = [], first_s - 2 * DAY_S
        for start, end in (*worked, *after):
            filled = open_to >= first_s and start < last_s and start - open_to <= GAP_S
            if start > open_to and not filled:
                closed.append((open_to, start))
            open_to = max(open_to, end)
        name = f"seen-{unit.work_unit_id}"
        calendars.append(WorkCalendar(name, weekly.zone, always, closures=tuple(closed)))
        units.append(replace(unit, calendar_id=name))
    return replace(network, calendars=tuple(calendars), work_units=tuple(units))


def _ways(shop: Shop, rounds: int) -> list[Outcome]:
    from_s = min(job.release_s for job in shop.jobs)
    network, jobs = shop.network, shop.jobs
    load = Load.of(network, from_s=from_s)
    fifo = tuple(rule for rule in RULES if rule.name == "FIFO")
    found = []
    if shop.machines == "same":
        held = [replace(job, ready_s=shop.begun_s[job.holder]) for job in jobs]
        found.append(_timed("as it was", shop, held, lambda: _one_by_one(shop, load, held)))
    for way, plan in (
        ("FIFO", lambda: best_dispatch(network, jobs, load, rules=fifo)),
        ("rolling", lambda: _one_by_one(shop, load, jobs)),
        ("rules", lambda: best_dispatch(network, jobs, load)),
    ):
        found.append(_timed(way, shop, jobs, plan))
    start = min(found[-3:], key=lambda one: objective(one.slots, {j.holder: j for j in jobs}))
    better = partial(_improved, shop, start.slots, from_s, rounds)
    found.append(_timed("improved", shop, jobs, better))
    return found


def _timed(way: str, shop: Shop, jobs: Sequence[Job], plan: Plan) -> Outcome:
    begun = perf_counter()
    slots = tuple(plan())
    took_s = perf_counter() - begun
    wrong = violations(slots, shop.network, {job.holder: job for job in jobs})
    return Outcome(way, finishes_s(slots), slots, took_s, len(wrong))


def _one_by_one(shop: Shop, load: Load, jobs: Sequence[Job]) -> list[Slot]:
    slots: list[Slot] = []
    for job in sorted(jobs, key=lambda job: (job.release_s, job.holder)):
        found = promise(load, shop.network, job)
        load = load.with_slots(found.slots)
        slots += found.slots
    return slots


def _improved(shop: Shop, slots: tuple[Slot, ...], now_s: int, rounds: int) -> list[Slot]:
    jobs = {job.holder: job for job in shop.jobs}
    made = improve(
        Snapshot(shop.network, slots, jobs, now_s),
        lambda rows: not violations(rows, shop.network, jobs),
        seed=SEED,
        rounds=rounds,
    )
    released = set(made.release)
    return [*(slot for slot in slots if slot not in released), *made.claim]


def _figures_of(outcome: Outcome, jobs: Sequence[Job]) -> dict[str, float]:
    leads = sorted((outcome.finish_s[job.holder] - job.release_s) / DAY_S for job in jobs)
    late = [max(0, outcome.finish_s[job.holder] - (job.due_s or 0)) / DAY_S for job in jobs]
    first_s = min(job.release_s for job in jobs)
    last_s = max(outcome.finish_s.values())
    return {
        "lead_mean_days": mean(leads),
        "lead_median_days": median(leads),
        "lead_p90_days": leads[-(-9 * len(leads) // 10) - 1],
        "late_mean_days": mean(late),
        "late_orders": sum(days > 1 / 24 for days in late),
        "all_done_days": (last_s - first_s) / DAY_S,
        "open_orders": DAY_S * sum(leads) / (last_s - first_s),
        "faults": outcome.faults,
        "took_s": outcome.took_s,
    }


def _row(hours: str, machines: str, outcome: Outcome, jobs: Sequence[Job]) -> str:
    f = _figures_of(outcome, jobs)
    return row(
        hours,
        machines,
        outcome.way,
        f"{f['lead_mean_days']:.1f} / {f['lead_median_days']:.1f} / {f['lead_p90_days']:.1f} d",
        f"{f['late_mean_days']:.2f} d",
        f"{f['late_orders']:.0f} of {len(jobs)}",
        f"{f['open_orders']:.1f}",
        f"{f['all_done_days']:.1f} d",
        f"{outcome.faults}",
        f"{outcome.took_s:.1f} s",
    )


def _print_machines(seen: Imported, made: Sequence[tuple[Shop, Outcome]]) -> None:
    """Print worked over open hours (ISO 22400-2: allocation efficiency, AUBT / PBT) until the real
    end, on the mined shifts; machines that work less than a tenth of a day a week are left out."""
    shown = [(s, o) for s, o in made if s.hours == "mined" and o.way in ("rolling", "improved")]
    first_s = min(order.done.release_s for order in seen.orders)
    last_s = max(order.done.finish_s for order in seen.orders)
    content: dict[str, int] = {}
    for order in seen.orders:
        for done in order.done.operations:
            unit_id = seen.plant.unit_id[done.resource]
            content[unit_id] = content.get(unit_id, 0) + done.setup_s + done.run_s
    ways = [f"{outcome.way}, {shop.machines}" for shop, outcome in shown]
    print("\n| machine | seats | open | worked | " + " | ".join(["really", *ways]) + " |")
    print("|---|---|---|---|" + "---|" * (1 + len(ways)))
    for unit in shown[0][0].network.work_units:
        if content.get(unit.work_unit_id, 0) < 20 * HOUR_S:
            continue
        times = Worktimes(shown[0][0].network, first_s, last_s + PLANNED_ON_S).of(unit.work_unit_id)
        open_s = unit.seats * times.worked_s(first_s, last_s)
        worked_s = [content[unit.work_unit_id]]
        for _, outcome in shown:
            own = [slot for slot in outcome.slots if slot.resource_id == unit.work_unit_id]
            worked_s.append(sum(times.worked_s(s.start_s, min(s.end_s, last_s)) for s in own))
        shares = " | ".join(f"{100 * one / open_s:.0f} %" for one in worked_s)
        hours = f"{open_s / HOUR_S:.0f} h | {worked_s[0] / HOUR_S:.0f} h"
        print(f"| {unit.name} | {unit.seats} | {hours} | {shares} |")


def _say_assumptions(seen: Imported) -> None:
    for reason in seen.assumptions:
        print(f"- {word(reason, 'en')}")
    for code, count in seen.log.counts.items():
        fault = next(fault for fault in seen.log.left_out if fault.reason.code == code)
        print(f"- {count} rows left out, the first at {fault.where}: {word(fault.reason, 'en')}")
    print()


if __name__ == "__main__":
    main()
