"""A promise for a chain is the earliest there is, by a reference that tries every minute."""

import random

import pytest

from manufold.judge.violations import violations
from manufold.model.calendar import DAYS, Shift, WorkCalendar
from manufold.model.network import Network, SetupMatrix, WorkUnit
from manufold.model.ports import Booking
from manufold.model.process_plan import ProcessPlan
from manufold.model.schedule import Job, Slot
from manufold.scheduling.load import Load
from manufold.scheduling.promise import promise
from scheduling.reference import best_arrival_s
from scheduling.shops import booking, chain, frozen, network, operation, plan, unit

MINUTE_S = 60
UNTIL_S = 5 * 86400
SHORT_DAYS = WorkCalendar(
    "short",
    "UTC",
    (Shift(DAYS, "01:00", "02:30", (("01:40", "01:50"),)), Shift(DAYS, "03:00", "03:50")),
)
NIGHTS = WorkCalendar("nights", "UTC", (Shift(DAYS, "23:00", "01:00"),))


def tiny_shop(rng: random.Random) -> tuple[Network, list[Booking], Job]:
    """Return a shop of at most five work units at two sites, loaded, and a chain for it."""
    calendars = {"short": SHORT_DAYS, "nights": NIGHTS}
    names = ["cut", "bend", "weld"][: rng.randint(1, 3)]
    units: list[WorkUnit] = []
    for name in names:
        for row in range(rng.randint(1, 2)):
            calendar = rng.choice(["always", "short", "short", "nights"])
            made = unit(
                f"{name}{row}",
                name,
                site=rng.choice("ab"),
                calendar=calendar,
                seats=rng.choice([1, 1, 2]),
                matrix=rng.choice([None, "m"]),
            )
            units.append(made)
    matrix = SetupMatrix("m", (("x", "y", 5 * MINUTE_S, 0, 0),), default_s=2 * MINUTE_S)
    lanes = {("a", "b"): rng.randint(1, 90) * MINUTE_S, ("b", "a"): rng.randint(1, 90) * MINUTE_S}
    lanes |= {("a", "home"): rng.randint(0, 300) * MINUTE_S, ("b", "home"): 60 * MINUTE_S}
    net = network(
        units,
        calendars=(*calendars.values(), *network([unit("x", "x")]).calendars),
        lanes=lanes,
        matrices=(matrix,),
    )
    bookings = [
        row
        for made in units
        for row in frozen(rng, made.work_unit_id, made.seats, 43200, 7 * MINUTE_S)
    ]
    steps = []
    for row, name in enumerate(names):
        pausable = rng.random() < 0.6
        longest = 60 if pausable else 45
        steps.append(
            operation(
                f"op{row}",
                name,
                rng.randint(1, longest) * MINUTE_S,
                after=[f"op{row - 1}"] if row else [],
                pausable=pausable,
                setup_family=rng.choice(["x", "y", None]),
                min_lag_s=rng.choice([0, 0, 20 * MINUTE_S]) if row else 0,
            )
        )
    ready = {"op0": rng.randint(0, 200) * MINUTE_S} if rng.random() < 0.3 else {}
    return net, bookings, Job("new", plan(*steps), 1, rng.randint(0, 300) * MINUTE_S, ready)


def as_slots(bookings: list[Booking]) -> list[Slot]:
    """Return frozen work as slots of unknown jobs."""
    return [
        Slot(b.resource_id, b.seat, b.from_s, 0, b.to_s, b.group, "op", 1, "f") for b in bookings
    ]


@pytest.mark.parametrize("seed", range(200))
def test_promise_for_a_chain_is_the_earliest_there_is(seed: int) -> None:
    """The arrival equals that of the exhaustive reference, and the judge finds nothing new."""
    net, bookings, job = tiny_shop(random.Random(seed))
    load = Load.of(net, bookings, 0, UNTIL_S)
    expected_s = best_arrival_s(net, bookings, job, UNTIL_S, "home")
    promised = promise(load, net, job, to_site_or_zone="home")
    assert expected_s is not None
    assert promised.arrives_s == expected_s
    found = violations([*as_slots(bookings), *promised.slots], net, {"new": job})
    assert [v for v in found if v.holder == "new"] == []
    assert not [v for v in found if v.code == "judge.overlap"]


def test_reference_sees_a_busy_unit() -> None:
    """The reference itself waits for a booked seat and goes round by the other site."""
    net = network(
        [unit("one", "cut", site="a"), unit("two", "cut", site="b")],
        lanes={("a", "home"): 0, ("b", "home"): 600},
    )
    job = Job("new", chain(("cut", 600)), 1)
    free = best_arrival_s(net, [], job, 86400, "home")
    some = best_arrival_s(net, [booking("one", 0, 300)], job, 86400, "home")
    much = best_arrival_s(net, [booking("one", 0, 9000)], job, 86400, "home")
    assert (free, some, much) == (600, 900, 1200)


def test_a_booked_pause_is_not_free() -> None:
    """Work that goes on after the night keeps its seat over the night."""
    net = network([unit("one", "cut", calendar="nights")], calendars=(NIGHTS,))
    routing: ProcessPlan = chain(("cut", 5400))
    load = Load.of(net, [booking("one", 2 * 3600, 3 * 3600)], 0, UNTIL_S)
    promised = promise(load, net, Job("new", routing, 1))
    assert promised.slots[0].start_s == 23 * 3600
    assert promised.finish_s == 24 * 3600 + 1800
