"""How long a promise takes on a large network: the public call, in process.

    python benchmarks/promise_network.py [--bookings 100000] [--units 500] [--queries 20000]

A seeded network of one site with families, shifts and setup matrices, loaded with firm bookings at
a stated utilisation; plans of ten operations with three work units each that the load knows (a plan
is bound when it is first asked for, which is told apart). Each query asks for a plan, a quantity
and a release anew. Memory is the process's peak.
"""

import argparse
import gc
import random
import resource
from decimal import Decimal
from time import perf_counter

import numpy as np
from row import row

from manufold.model.calendar import DAYS, Shift, WorkCalendar
from manufold.model.material import Source
from manufold.model.network import Capability, Network, SetupMatrix, Site, WorkCenter, WorkUnit
from manufold.model.party import Party
from manufold.model.place import DeliveryZone
from manufold.model.process_plan import Operation, ProcessPlan, StandardTime
from manufold.model.schedule import Job, Slot
from manufold.model.units import DAY_S
from manufold.scheduling.load import Load
from manufold.scheduling.promise import promise
from manufold.scheduling.warm import warm

OURS = Source("made for a benchmark", 2026)
FAMILIES = tuple(f"f{n}" for n in range(8))
MONDAY_S = 194_572_800
SHIFTS = (
    ("early", (Shift(DAYS[:5], "06:00", "14:00", (("10:00", "10:30"),)),)),
    ("two", (Shift(DAYS[:5], "06:00", "22:00", (("10:00", "10:30"), ("18:00", "18:30"))),)),
    ("round", (Shift(DAYS, "00:00", "24:00"),)),
)
PLANS, WIDTH, DEEP = 500, 3, 10


def main() -> None:
    """Load a network, ask, and print rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bookings", type=int, default=100_000)
    parser.add_argument("--units", type=int, default=500)
    parser.add_argument("--queries", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    told = parser.parse_args()
    rng = random.Random(told.seed)
    warm()
    network = shops(rng, told.units)
    load, used = loaded(rng, network, told.bookings)
    plans = [routing(rng, number, told.units) for number in range(PLANS)]
    last_s = int(
        max(load.booked(name, seat)[1].max(initial=0) for name, seat in load.resources.names)
    )
    bound_us = [took_us(lambda plan=plan: load.routing(plan, 1)) for plan in plans]
    took: dict[str, list[float]] = {"slots and date": [], "and its reason": []}
    gc.collect()
    gc.freeze()
    for _ in range(told.queries):
        job = Job("query", rng.choice(plans), rng.randint(1, 20), rng.randint(MONDAY_S, last_s))
        begun = perf_counter()
        found = promise(load, network, job)
        _ = found.slots
        dated = perf_counter()
        _ = found.binding
        took["slots and date"].append(1e6 * (dated - begun))
        took["and its reason"].append(1e6 * (perf_counter() - begun))
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    what = f"{told.bookings} bookings, {told.units} units, {used:.2f} used, {told.queries} queries"
    for name, values in took.items():
        p50, p90, p99, p999 = np.percentile(values, [50, 90, 99, 99.9])
        cells = (f"p50 {p50:.0f} us", f"p90 {p90:.0f} us", f"p99 {p99:.0f} us")
        print(row(f"promise, {name}", what, *cells, f"p99.9 {p999:.0f} us", f"{peak_mb:.0f} MB"))
    p50, p99 = np.percentile(bound_us, [50, 99])
    print(row("binding a plan", f"{PLANS} plans", f"p50 {p50:.0f} us", f"p99 {p99:.0f} us"))


def took_us(call) -> float:  # type: ignore[no-untyped-def]
    """Return how long a call takes."""
    begun = perf_counter()
    call()
    return 1e6 * (perf_counter() - begun)


def shops(rng: random.Random, units: int) -> Network:
    """Return one site of many work units in groups of `WIDTH`, each with one capability."""
    matrix = SetupMatrix(
        "m",
        tuple((a, b, rng.randint(2, 20) * 60, 0, 0) for a in FAMILIES for b in FAMILIES if a != b),
        default_s=1800,
    )
    return Network(
        "bench",
        "EUR",
        (Party("p", "P", ("supplier",), "DE"),),
        (Site("a", "A", "p", "DE", "Europe/Berlin", "EUR", Decimal(300), OURS, Decimal(20)),),
        (WorkCenter("c", "C", "a"),),
        tuple(
            WorkUnit(
                f"u{n}",
                f"u{n}",
                "c",
                SHIFTS[rng.randrange(3)][0],
                (Capability(f"c{n // WIDTH}", Decimal(rng.choice(["1", "1.1", "0.9"]))),),
                0,
                setup_matrix_id="m",
            )
            for n in range(units)
        ),
        tuple(WorkCalendar(name, "Europe/Berlin", shifts) for name, shifts in SHIFTS),
        (),
        (matrix,),
        (),
        (DeliveryZone("z", "Z", "DE", "Europe/Berlin", Decimal(0)),),
        (),
        (),
        (),
    )


def routing(rng: random.Random, number: int, units: int) -> ProcessPlan:
    """Return ten operations one after the other, each for one group of work units."""
    steps = []
    for at in range(DEEP):
        group = rng.randrange(units // WIDTH)
        setup, run = rng.randint(5, 30) * 60, rng.randint(30, 600)
        steps.append(
            Operation(
                f"op{at}",
                f"op{at}",
                f"c{group}",
                (StandardTime("set-up", Decimal(setup), "given", OURS),),
                (StandardTime("run", Decimal(run), "given", OURS),),
                after=(f"op{at - 1}",) if at else (),
                attendance="none",
                setup_family=rng.choice(FAMILIES),
                pausable=rng.random() < 0.8,
            )
        )
    return ProcessPlan(f"p{number}", "rev", "bench", tuple(steps), (), Decimal(1))


def loaded(rng: random.Random, network: Network, bookings: int) -> tuple[Load, float]:
    """Return the network with firm work on every seat, and the share of working time taken."""
    horizon_s = 720 * DAY_S
    load = Load.of(network, from_s=MONDAY_S, horizon_s=horizon_s)
    slots: list[Slot] = []
    taken = open_s = 0
    each = bookings // len(network.work_units)
    for unit in network.work_units:
        work = load.worktime_of(unit.work_unit_id)
        starts, ends = work.start_s.tolist(), work.end_s.tolist()
        at, row_at = starts[0], 0
        for number in range(each):
            span = rng.randint(20, 90) * 60
            while at + span > ends[row_at]:
                row_at += 1
                at = starts[row_at]
            family = rng.choice(FAMILIES)
            slots.append(
                Slot(unit.work_unit_id, 0, at, 0, at + span, f"b{number}", "op", 1, family)
            )
            taken += span
            at += span + rng.choice([0, 0, 0, 0, rng.randint(1, 60) * 60])
        open_s += work.worked_s(MONDAY_S, at)
    return load.with_slots(slots), taken / open_s


if __name__ == "__main__":
    main()
