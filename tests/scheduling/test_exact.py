"""Promises beside frozen bookings against the optimum that CP-SAT proves, constraint by constraint.

`pytest tests/scheduling/test_exact.py -m slow -s` prints the figures of docs/promise.md.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import pytest

from manufold.judge.violations import violations
from manufold.model.errors import CannotMake
from manufold.model.network import Network
from manufold.model.ports import Booking
from manufold.model.schedule import Job, Slot
from manufold.scheduling.load import Load
from manufold.scheduling.promise import promise
from scheduling.cp_reference import earliest_arrival_s
from scheduling.exact_shops import ExactShop, exact_shop
from scheduling.shops import booking, chain, network, operation, plan, unit

PAGE = Path(__file__).parents[2] / "docs" / "promise.md"
HORIZON_S = 3 * 86400
ALL = (
    *("alternatives", "seats", "sites", "breaks", "families"),
    *("people", "tools", "lags", "batches"),
)

#: chains: the date is the optimum
EXACT: dict[str, tuple[str, ...]] = {
    "one work unit each": (),
    "work units, seats and calendars": ("alternatives", "seats", "breaks"),
    "sites, lanes and least lags": ("alternatives", "sites", "lags", "breaks"),
    "set-up families": ("alternatives", "seats", "families"),
    "set-up families and calendars": ("alternatives", "seats", "families", "breaks"),
    "operators": ("alternatives", "people", "breaks"),
    "operators and tools": ("alternatives", "people", "tools", "breaks", "families"),
    "batches": ("alternatives", "batches", "people", "breaks"),
    "lots, one work unit each": ("lots", "breaks", "lags"),
    "all but lots": ALL,
}

#: what a walk from operation to operation cannot foresee, as docs/promise.md names it
MEASURED: dict[str, tuple[str, ...]] = {
    "lots, operators shared": ("lots", "people", "breaks", "tools"),
    "lots, several work units": ("lots", "alternatives", "families", "sites", "seats", "breaks"),
    "longest lags": ("longest lags", "breaks", "lags", "people"),
    "set-ups after own operations": ("shared", "families", "seats", "alternatives"),
    "forks and joins that compete": ("forks", "alternatives", "people", "tools", "breaks"),
    "forks and joins over sites": ("forks", "alternatives", "sites"),
    "everything but lots and longest lags": (*ALL, "forks", "shared"),
}


class Found(NamedTuple):
    """How a promise compares with the proof.

    Args:
        gap_fraction: of the time from release to the optimum.
        refused: nothing was promised where something was possible.
    """

    late_s: int
    gap_fraction: float
    refused: bool


def frozen(shop: ExactShop) -> list[Slot]:
    """Return frozen work on single seats as slots of unknown jobs."""
    units = shop.network.work_unit
    return [
        Slot(b.resource_id, b.seat, b.from_s, 0, b.to_s, b.group, "op", 1, b.detail["family"])
        for b in shop.bookings
        if b.resource_id in units and not units[b.resource_id].batches
    ]


def compared(seed: int, features: Iterable[str]) -> Found:
    """Return how far a promise is off; a date no plan could keep fails at once."""
    shop = exact_shop(seed, tuple(features))
    load = Load.of(shop.network, shop.bookings, 0, HORIZON_S)
    try:
        promised = promise(load, shop.network, shop.job, to_site_or_zone="home")
    except CannotMake:
        return Found(0, 0.0, earliest_arrival_s(shop, "home") is not None)
    found = violations([*frozen(shop), *promised.slots], shop.network, {"new": shop.job})
    wrong = [f"{v.code} {dict(v.reason.params)}" for v in found if v.holder == "new"]
    assert wrong == [], seed
    best_s = earliest_arrival_s(shop, "home", promised.arrives_s)
    assert best_s is not None, f"seed {seed}: promised {promised.arrives_s}, which nothing keeps"
    late_s = promised.arrives_s - best_s
    return Found(late_s, late_s / (best_s - shop.job.release_s), False)


def exact(seeds: Iterable[int], name: str) -> list[int]:
    """Return the seeds whose promise is not the optimum."""
    return [s for s in seeds if (one := compared(s, EXACT[name])).late_s or one.refused]


@pytest.mark.parametrize("name", EXACT)
def test_a_chain_gets_the_earliest_date_there_is(name: str) -> None:
    """The date is the proven optimum, with each kind of constraint and with all together."""
    assert exact(range(15), name) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", EXACT)
def test_a_thousand_chains_get_the_earliest_date_there_is(name: str) -> None:
    """The same on a hundred shops of each of the ten kinds."""
    assert exact(range(1000, 1100), name) == []


@pytest.mark.parametrize("name", MEASURED)
def test_no_date_is_earlier_than_possible(name: str) -> None:
    """Where the walk is not exact by nature its date is still one that can be kept."""
    found = [compared(seed, MEASURED[name]) for seed in range(6)]
    assert min(one.late_s for one in found) >= 0
    assert any(not one.late_s and not one.refused for one in found)


@pytest.mark.slow
@pytest.mark.parametrize("name", MEASURED)
def test_the_page_says_how_far_off_a_date_can_be(name: str) -> None:
    """Measured on a hundred shops: how many dates are exact, the mean and the largest gap."""
    found = [compared(seed, MEASURED[name]) for seed in range(100)]
    assert min(one.late_s for one in found) >= 0
    refused = sum(one.refused for one in found)
    same = sum(not one.late_s and not one.refused for one in found)
    mean = 100 * sum(one.gap_fraction for one in found) / (len(found) - refused)
    worst = max(one.late_s for one in found) / 3600
    said = f"| {name} | {same} | {refused} | {mean:.2f} % | {worst:.1f} h |"
    print(said)
    assert said in PAGE.read_text(encoding="utf-8")


def test_the_page_names_what_is_measured() -> None:
    """docs/promise.md has a row for each set of shops that is measured, and no other."""
    text = PAGE.read_text(encoding="utf-8").split("## What is not exact", 1)[1]
    rows = re.findall(r"^\| ([a-z][^|]*) \| \d", text, re.MULTILINE)
    assert sorted(rows) == sorted(MEASURED)


def test_shops_hold_what_they_are_meant_to() -> None:
    """Promises on the shops of two sets use every kind of constraint."""
    seen = set[str]()
    wanted = [(seed, (*ALL, "lots", "forks")) for seed in range(40)]
    wanted += [(seed, EXACT["batches"]) for seed in range(40)]
    for seed, features in wanted:
        shop = exact_shop(seed, features)
        load = Load.of(shop.network, shop.bookings, 0, HORIZON_S)
        try:
            slots = promise(load, shop.network, shop.job, to_site_or_zone="home").slots
        except CannotMake:
            continue
        joined = {filled.name for filled in shop.ovens}
        at = {slot.operation_id: slot for slot in slots}
        for slot in slots:
            seen |= {"changeover"} if slot.changeover_s else set()
            for claim in slot.also:
                seen |= {"operator"} if claim.resource_id in shop.network.operator else set()
                seen |= {"tool"} if claim.resource_id in shop.network.tool else set()
                seen |= {"joined batch"} if claim.shared_as in joined else set()
            for before in shop.job.plan.operation[slot.operation_id].after:
                seen |= {"overlap"} if at[before].end_s > slot.start_s else set()
                apart = {
                    shop.network.site_of(one.resource_id).site_id for one in (slot, at[before])
                }
                seen |= {"lane"} if len(apart) > 1 else set()
    assert seen == {"changeover", "operator", "tool", "joined batch", "overlap", "lane"}


def best_s(net: Network, job: Job, *booked: Booking) -> int | None:
    """Return what the reference proves for a small case, within two hours."""
    return earliest_arrival_s(ExactShop(net, booked, (), job), "home", 7200)


def test_the_reference_by_hand() -> None:
    """What the reference proves is what one works out on paper."""
    net = network([unit("one", "cut"), unit("two", "bend")], lanes={("a", "home"): 600})
    two = Job("new", chain(("cut", 600), ("bend", 900)), 1)
    assert best_s(net, two) == 2100
    assert best_s(net, two, booking("two", 900, 1800)) == 3300
    lots = operation("op1", "cut", 600, transfer_quantity=1)
    after = operation("op2", "bend", 300, after=["op1"])
    job = Job("new", plan(lots, after), 4)
    assert best_s(net, job) == 2700 + 600  # the last of four pieces: 2400, then 300
    fork = [operation("op1", "cut", 600), operation("op2", "cut", 900)]
    join = operation("op3", "bend", 300, after=["op1", "op2"])
    assert best_s(net, Job("new", plan(*fork, join), 1)) == 1800 + 600


def test_a_busy_seat_may_be_set_up_already() -> None:
    """An empty seat books the worst set-up, the one beside it none: the promise takes that."""
    shop = exact_shop(85, ("families", "seats", "alternatives"))
    load = Load.of(shop.network, shop.bookings, 0, HORIZON_S)
    promised = promise(load, shop.network, shop.job, to_site_or_zone="home")
    assert promised.arrives_s == 53700
    assert {s.operation_id: s.changeover_s for s in promised.slots}["op1"] == 0


@pytest.mark.parametrize("seed", [71, 96, 178])
def test_a_later_gap_may_ask_for_less_set_up(seed: int) -> None:
    """A gap whose set-up is too long for it says nothing about the gaps behind it."""
    assert compared(seed, ALL) == (0, 0.0, False)
