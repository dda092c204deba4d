"""What an extra shift would bring: computed on a changed network, nothing booked moved."""

import random
from dataclasses import replace

from manufold.judge.violations import violations
from manufold.model.calendar import Shift
from manufold.model.network import Network, Operator
from manufold.model.ports import Booking
from manufold.model.schedule import Job
from manufold.model.units import DAY_S, HOUR_S
from manufold.scheduling.earlier import Earlier, earlier, extra_shifts, with_extra
from manufold.scheduling.load import Load
from manufold.scheduling.promise import promise
from scheduling.made import middle_jobs, middle_shop
from scheduling.shops import ALWAYS, EARLY, MONDAY_S, booking, chain, network, unit

SITES = frozenset({"a"})
#: a working day of `EARLY`: eight hours less half an hour of break
SHIFT_S = 27_000
LATE = replace(EARLY, calendar_id="late", shifts=(Shift(EARLY.shifts[0].days, "14:00", "22:00"),))


def asked(net: Network, job: Job, bookings: tuple[Booking, ...] = ()) -> tuple[Earlier, ...]:
    """Return what would bring a job forward from Monday on."""
    load = Load.of(net, bookings, MONDAY_S)
    usual = promise(load, net, job, sites=SITES)
    return earlier(load, job, usual.slots, usual.finish_s, sites=SITES)


def forty_hours(capability: str = "cut", **more: object) -> Job:
    """Return a job that ends on its second Monday at half past eight."""
    return Job("job", chain((capability, 40 * HOUR_S), **more), 1, MONDAY_S)


def by_day(found: tuple[Earlier, ...]) -> dict[str, Earlier]:
    """Return what was found for one work unit by the day of its extra shift."""
    return {one.extra.day: one for one in found}


def test_a_saturday_saves_the_weekend() -> None:
    """Forty hours in shifts of seven and a half end on Monday 8:30, or on Saturday 8:30."""
    net = network([unit("a1", "cut", calendar="early")])
    found = by_day(asked(net, forty_hours()))["sat"]
    usual = promise(Load.of(net, (), MONDAY_S), net, forty_hours())
    assert usual.finish_s == MONDAY_S + 7 * DAY_S + int(8.5 * HOUR_S)
    assert (found.extra.resource_id, found.extra.who) == ("a1", ("a1",))
    assert (found.shifts, found.open_s, found.gain_s) == (1, SHIFT_S, 2 * DAY_S)
    assert found.promised.finish_s == usual.finish_s - 2 * DAY_S


def test_a_second_shift_in_the_evenings_halves_the_week() -> None:
    """With 7.5 hours from six and 8 from two, forty hours end on Wednesday 15:00."""
    net = network([unit("a1", "cut", calendar="early")])
    found = by_day(asked(net, forty_hours()))["late"]
    assert found.promised.finish_s == MONDAY_S + 2 * DAY_S + 15 * HOUR_S + HOUR_S // 2
    assert (found.shifts, found.open_s) == (3, 3 * 8 * HOUR_S)


def test_where_saturday_is_worked_it_is_sunday_and_where_both_are_nothing() -> None:
    """The first day of rest is asked for; who never rests has none, who never works neither."""
    six = replace(EARLY, calendar_id="six", shifts=(replace(EARLY.shifts[0], days=("sat",)),))
    never = replace(EARLY, calendar_id="never", shifts=())
    named = {"a1": "six", "a2": "always", "a3": "never"}
    units = [unit(name, "cut", calendar=calendar) for name, calendar in named.items()]
    net = network(units, calendars=(ALWAYS, six, never))
    load = Load.of(net, (), MONDAY_S)
    job = Job("job", chain(("cut", HOUR_S)), 1, MONDAY_S)
    (slot,) = promise(load, net, job).slots
    for name, days in {"a1": ["sun", "late"], "a2": [], "a3": []}.items():
        extras = list(extra_shifts(net, [replace(slot, resource_id=name)]))
        assert [extra.day for extra in extras] == days
        for extra in extras:
            changed = with_extra(net, extra)
            assert changed.work_unit["a2"] == net.work_unit["a2"], "only its own calendar changes"
            assert changed.work_unit["a1"].calendar_id not in net.calendar


def test_whoever_attends_comes_along() -> None:
    """A machine opened on Saturday cuts nothing unless its operator comes, too."""
    otto = Operator("otto", "a", ("cutting",), "early", 3000)
    net = network([unit("a1", "cut", calendar="early")], operators=[otto])
    found = by_day(asked(net, forty_hours(skill="cutting", attendance="all")))
    assert found["sat"].extra.who == found["late"].extra.who == ("a1", "otto")
    assert found["sat"].gain_s == 2 * DAY_S
    (slot,) = found["sat"].promised.slots
    assert [claim.resource_id for claim in slot.also] == ["otto"]


def test_a_machine_that_never_rests_waits_for_its_operator() -> None:
    """Only the operator gets a shift where the machine runs day and night anyway."""
    otto = Operator("otto", "a", ("cutting",), "early", 3000)
    net = network([unit("a1", "cut")], operators=[otto])
    found = by_day(asked(net, forty_hours(skill="cutting", attendance="all")))
    assert (found["sat"].extra.who, found["sat"].open_s) == (("otto",), SHIFT_S)


def test_an_extra_shift_that_helps_nothing_is_not_told() -> None:
    """An hour on Monday is over long before Saturday; the other machine is the one that counts."""
    net = network([unit("a1", "cut", calendar="early"), unit("b1", "bend", calendar="early")])
    job = Job("job", chain(("bend", HOUR_S), ("cut", 40 * HOUR_S)), 1, MONDAY_S)
    assert {one.extra.resource_id for one in asked(net, job)} == {"a1"}
    assert asked(net, Job("short", chain(("cut", HOUR_S)), 1, MONDAY_S)) == ()


def test_what_is_booked_stays_and_counts() -> None:
    """With the whole week booked, work comes on Monday after it, or on the Saturday between."""
    net = network([unit("a1", "cut", calendar="early")])
    week = Booking("b1", "a1", 0, MONDAY_S, MONDAY_S + 5 * DAY_S, "other", "other", "firm")
    (found,) = asked(net, Job("job", chain(("cut", 5 * HOUR_S)), 1, MONDAY_S), (week,))
    assert found.extra.day == "sat"
    assert all(slot.start_s >= week.to_s for slot in found.promised.slots)
    assert found.gain_s == 2 * DAY_S


def test_every_gain_can_be_had() -> None:
    """On random shops the slots of each change stand before the judge on the changed network, and
    end as much sooner as was said; the load that was asked is as it was."""
    seen = 0
    for seed in range(4):
        net = middle_shop(seed)
        rng = random.Random(seed)
        booked = [
            booking(
                u.work_unit_id,
                MONDAY_S + k * DAY_S,
                MONDAY_S + k * DAY_S + rng.randint(1, 20) * HOUR_S,
            )
            for u in net.work_units
            for k in range(5)
        ]
        load = Load.of(net, booked, MONDAY_S)
        for job in middle_jobs(seed, 20):
            usual = promise(load, net, job)
            for one in earlier(load, job, usual.slots, usual.finish_s):
                seen += 1
                changed = with_extra(net, one.extra)
                assert violations(one.promised.slots, changed, {job.holder: job}) == ()
                assert max(s.end_s for s in one.promised.slots) == usual.finish_s - one.gain_s
            assert promise(load, net, job).slots == usual.slots
    assert seen > 20, seen
