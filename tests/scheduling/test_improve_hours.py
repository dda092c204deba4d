"""Improve seeks cheap and clean hours and fewer changeovers, worked out by hand, and only where no
promise pays for it; and it says of every missed promise why."""

from dataclasses import replace
from decimal import Decimal

import pytest

from manufold.judge.violations import violations
from manufold.model.network import Network, SetupMatrix
from manufold.model.place import EnergyHours
from manufold.model.schedule import Job, Slot
from manufold.scheduling.improve import Improvement, Snapshot, improve
from manufold.scheduling.weights import Weights
from scheduling.shops import chain, network, unit

H, DAY = 3600, 86400
#: 10 kW for four hours are 40 kWh: at 30 ct 12.00 EUR by day, at 10 ct 4.00 EUR from 22 to 24
NIGHT = EnergyHours(22, 24, Decimal(10), Decimal(300))
EARLY = EnergyHours(0, 6, Decimal(10), Decimal(300))
CLEAN_NOON = EnergyHours(11, 15, Decimal(30), Decimal(50))
DAY_SHAPE = (NIGHT, EARLY)
MONEY_ONLY = Weights(0, 0, 1.0, 1.0, 0)


def oven_shop(*hours: EnergyHours) -> Network:
    """Return a network of one oven of 10 kW, 30 ct and 300 g a kWh by day."""
    net = network([replace(unit("oven", "bake"), power_w=10_000)])
    site = replace(net.sites[0], energy_minor_per_kwh=Decimal(30), energy_hours=hours)
    return replace(net, sites=(site,))


def bread(due_s: int, **more: object) -> tuple[dict[str, Job], tuple[Slot, ...]]:
    """Return a job of four hours in the oven, booked from eight in the morning on."""
    job = Job("bread", chain(("bake", 4 * H), name="bread"), 1, 0, {}, due_s)
    slot = Slot("oven", 0, 8 * H, 0, 12 * H, "bread", "op1", 1, "rev/bread")
    return {"bread": replace(job, **more)}, (slot,)  # type: ignore[arg-type]


def bettered(
    net: Network,
    jobs: dict[str, Job],
    slots: tuple[Slot, ...],
    weights: Weights,
    rounds: int = 200,
    **more: object,
) -> Improvement:
    """Return what `improve` finds, judged."""
    snapshot = Snapshot(net, slots, jobs, 0, **more)  # type: ignore[arg-type]
    return improve(
        snapshot,
        lambda made: not violations(made, net, jobs),
        seed=1,
        rounds=rounds,
        weights=weights,
    )


def test_an_oven_goes_to_the_night_when_its_date_allows() -> None:
    """Due in two days, and money alone counts: eight euros less from 00:00, 22:00 or in between."""
    jobs, slots = bread(2 * DAY)
    found = bettered(oven_shop(*DAY_SHAPE), jobs, slots, MONEY_ONLY)
    assert found.before.energy_milli_minor == 1_200_000
    assert found.after.energy_milli_minor == found.bound.energy_milli_minor == 400_000
    (moved,) = found.claim
    begins_h = moved.start_s / H % 24
    assert begins_h >= 22 or begins_h <= 2
    assert moved.end_s <= 2 * DAY


def test_it_stays_by_day_when_the_date_is_tighter() -> None:
    """Due at noon, released at eight: no cheap hour is left before it, so nothing moves."""
    jobs, slots = bread(12 * H, release_s=8 * H)
    found = bettered(oven_shop(*DAY_SHAPE), jobs, slots, MONEY_ONLY)
    assert found.claim == ()
    assert found.before.energy_milli_minor == 1_200_000


def test_part_of_a_night_is_better_than_none() -> None:
    """Due at half past midnight: two of four hours from 20:30 on fall into the night, and half an
    hour behind it: 1.5 h at 30 ct and 2.5 h at 10 ct are 45 + 25 = 7.00 EUR."""
    jobs, slots = bread(24 * H + H // 2, release_s=8 * H)
    found = bettered(oven_shop(*DAY_SHAPE), jobs, slots, MONEY_ONLY, 2000)
    assert found.after.energy_milli_minor == 700_000
    assert [slot.start_s for slot in found.claim] == [20 * H + H // 2]


def test_waiting_costs_more_than_the_night_saves() -> None:
    """Fourteen hours to the night at one euro an hour are more than the eight that it saves; at
    fifty cents they are less."""
    jobs, slots = bread(2 * DAY, release_s=8 * H)
    for flow, moves in ((100, False), (50, True)):
        weights = Weights(flow, 0, 1.0, 1.0, 0)
        found = bettered(oven_shop(*DAY_SHAPE), jobs, slots, weights)
        assert bool(found.claim) == moves
        if moves:
            assert found.claim[0].start_s == 22 * H


def test_clean_hours_are_sought_where_carbon_counts() -> None:
    """At one price, forty kilowatt-hours emit 12 kg by day and 2 kg from 11 to 15."""
    jobs, slots = bread(2 * DAY)
    weights = Weights(1, 0, 1.0, 1.0, 100)
    found = bettered(oven_shop(CLEAN_NOON), jobs, slots, weights)
    assert (found.before.carbon_mg, found.after.carbon_mg) == (9_500_000, 2_000_000)
    assert found.claim[0].start_s == 11 * H
    assert bettered(
        oven_shop(CLEAN_NOON), jobs, slots, Weights(1, 0, 1.0, 1.0, 0)
    ).after.flow_s == (
        4 * H  # where it counts for nothing, sooner is better
    )


def test_a_safe_end_is_kept_for_no_price() -> None:
    """The date would allow the night, but would no longer be safe from what usually goes wrong."""
    jobs, slots = bread(2 * DAY, release_s=8 * H)
    safe = bettered(oven_shop(*DAY_SHAPE), jobs, slots, MONEY_ONLY, safe_s={"bread": 20 * H})
    assert safe.claim == ()


def test_what_follows_the_oven_comes_along() -> None:
    """The oven goes to the night and the packer behind it, which has a date to keep."""
    net = oven_shop(*DAY_SHAPE)
    packer = unit("table", "pack")
    net = replace(net, work_units=(*net.work_units, packer))
    job = Job("bread", chain(("bake", 4 * H), ("pack", H), name="bread"), 1, 8 * H, {}, 28 * H)
    slots = (
        Slot("oven", 0, 8 * H, 0, 12 * H, "bread", "op1", 1, "rev/bread"),
        Slot("table", 0, 12 * H, 0, 13 * H, "bread", "op2", 1, "rev/bread"),
    )
    found = bettered(net, {"bread": job}, slots, MONEY_ONLY)
    at = {slot.operation_id: slot for slot in found.claim}
    assert found.after.energy_milli_minor == 400_000
    assert at["op1"].end_s <= at["op2"].start_s
    assert 22 * H <= at["op1"].start_s <= at["op2"].end_s - 5 * H <= 23 * H


def painted() -> tuple[Network, dict[str, Job], tuple[Slot, ...]]:
    """Return four jobs of an hour, white and black by turns, five hours of changeover each way."""
    entries = (("white", "black", 300, 4000, 500), ("black", "white", 300, 4000, 500))
    booth = unit("booth", "paint", matrix="m")
    net = network([booth], matrices=[SetupMatrix("m", entries)])
    jobs, slots, at_s = {}, list[Slot](), 0
    for number, family in enumerate(("white", "black", "white", "black")):
        name, change_s = f"j{number}", 300 if number else 0
        made = chain(("paint", H), name=name, setup_family=family)
        jobs[name] = Job(name, made, 1, 0, {}, 10 * H)
        end_s = at_s + change_s + H
        slots.append(Slot("booth", 0, at_s, change_s, end_s, name, "op1", 1, family, change_s))
        at_s = end_s
    return net, jobs, tuple(slots)


def test_two_families_are_grouped() -> None:
    """Three changeovers at 40 EUR become one: 120 EUR and a quarter of an hour become 40 and five
    minutes, and what each draws, half a kilowatt-hour at 20 ct, 30 ct become 10."""
    net, jobs, slots = painted()
    found = bettered(net, jobs, slots, Weights())
    assert found.before.changeover_milli_minor == 12_000_000
    assert found.after.changeover_milli_minor == 4_000_000
    assert (found.before.energy_milli_minor, found.after.energy_milli_minor) == (30_000, 10_000)
    assert found.before.setup_s - found.after.setup_s >= 0
    order = sorted((s for s in (*set(slots) - set(found.release), *found.claim)), key=_begun)
    assert [s.setup_family for s in order][0:2] in (["white"] * 2, ["black"] * 2)


def test_they_stay_apart_when_dates_ask_for_it() -> None:
    """A promise that was kept is not missed to spare eighty euros."""
    net, jobs, slots = painted()
    ends = {slot.holder: slot.end_s for slot in slots}
    tight = {name: replace(job, due_s=ends[name]) for name, job in jobs.items()}
    assert bettered(net, tight, slots, Weights()).claim == ()


MISSES = {
    "improve.missed_work": {"due_s": 3 * H},
    "improve.missed_frozen": {"due_s": 7 * H, "release_s": 7 * H},
    "improve.missed_material": {"due_s": 7 * H, "ready_s": {"op1": 7 * H + 60}},
}


@pytest.mark.parametrize("code", MISSES)
def test_a_promise_that_cannot_hold_says_why(code: str) -> None:
    """Too much work, let go too late, material too late: each is told apart, and proven."""
    jobs, slots = bread(**MISSES[code])  # type: ignore[arg-type]
    found = bettered(oven_shop(), jobs, slots, Weights())
    (missed,) = found.missed
    assert (missed.why.code, missed.cannot_hold) == (code, True)
    assert missed.end_s == missed.soonest_s
    assert found.gap_s == 0


def test_what_is_pinned_too_late_says_so() -> None:
    """Work that nobody may move ends after the date: so does everything behind it."""
    jobs, slots = bread(10 * H)
    found = bettered(oven_shop(), jobs, slots, Weights(), pinned=frozenset({("bread", "op1")}))
    (missed,) = found.missed
    assert missed.why.code == "improve.missed_pinned"
    assert missed.why.params["at"] == "2020-01-01T12:00:00+00:00"
    assert missed.cannot_hold


def test_a_promise_that_others_stand_before_is_not_called_impossible() -> None:
    """Two jobs, two dates at noon of one oven: one is missed, and could hold alone."""
    jobs, slots = bread(4 * H)
    other = Job("cake", chain(("bake", 4 * H), name="cake"), 1, 0, {}, 4 * H, 9)
    both = (*slots, Slot("oven", 0, 0, 0, 4 * H, "cake", "op1", 1, "rev/cake"))
    found = bettered(oven_shop(), jobs | {"cake": other}, both, Weights())
    (missed,) = found.missed
    assert (missed.holder, missed.end_s, missed.soonest_s) == ("bread", 8 * H, 4 * H)
    assert missed.why.code == "improve.missed_crowded"
    assert missed.why.params["work_unit"] == "oven"
    assert not missed.cannot_hold
    assert found.gap_s == 0  # the bound knows that they share the oven


def _begun(slot: Slot) -> int:
    return slot.start_s
