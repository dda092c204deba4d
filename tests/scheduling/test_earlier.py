"""What an extra shift would bring: computed on a changed network, nothing booked moved."""

from dataclasses import replace

from manufold.model.network import Network
from manufold.model.ports import Booking
from manufold.model.schedule import Job
from manufold.model.units import DAY_S, HOUR_S
from manufold.scheduling.earlier import Earlier, earlier, with_extra_shift
from manufold.scheduling.load import Load
from manufold.scheduling.promise import promise
from scheduling.shops import ALWAYS, EARLY, MONDAY_S, chain, network, unit

SITES = frozenset({"a"})
#: a working day of `EARLY`: eight hours less half an hour of break
SHIFT_S = 27_000


def asked(net: Network, job: Job, bookings: tuple[Booking, ...] = ()) -> tuple[Earlier, ...]:
    """Return what would bring a job forward from Monday on."""
    return earlier(net, lambda one: Load.of(one, bookings, MONDAY_S), job, sites=SITES)


def forty_hours(capability: str = "cut") -> Job:
    """Return a job that ends on its second Monday at half past eight."""
    return Job("job", chain((capability, 40 * HOUR_S)), 1, MONDAY_S)


def test_a_saturday_saves_the_weekend() -> None:
    """Forty hours in shifts of seven and a half end on Monday 8:30, or on Saturday 8:30."""
    net = network([unit("a1", "cut", calendar="early")])
    (found,) = asked(net, forty_hours())
    usual = promise(Load.of(net, (), MONDAY_S), net, forty_hours())
    assert usual.finish_s == MONDAY_S + 7 * DAY_S + int(8.5 * HOUR_S)
    assert (found.resource_id, found.day, found.shifts, found.open_s) == ("a1", "sat", 1, SHIFT_S)
    assert found.gain_s == 2 * DAY_S
    assert found.promised.finish_s == usual.finish_s - 2 * DAY_S


def test_where_saturday_is_worked_it_is_sunday_and_where_both_are_nothing() -> None:
    """The first day of rest is asked for; who never rests has none."""
    six = replace(EARLY, calendar_id="six", shifts=(replace(EARLY.shifts[0], days=("sat",)),))
    never = replace(EARLY, calendar_id="never", shifts=())
    named = {"a1": "six", "a2": "always", "a3": "never"}
    units = [unit(name, "cut", calendar=calendar) for name, calendar in named.items()]
    net = network(units, calendars=(ALWAYS, six, never))
    changed = with_extra_shift(net, "a1")
    assert changed is not None and changed[1] == "sun"
    assert changed[0].work_unit["a2"] == net.work_unit["a2"], "only its own calendar changes"
    assert with_extra_shift(net, "a2") is None
    assert with_extra_shift(net, "a3") is None


def test_an_extra_shift_that_helps_nothing_is_not_told() -> None:
    """An hour on Monday is over long before Saturday; the other machine is the one that counts."""
    net = network([unit("a1", "cut", calendar="early"), unit("b1", "bend", calendar="early")])
    job = Job("job", chain(("bend", HOUR_S), ("cut", 40 * HOUR_S)), 1, MONDAY_S)
    assert [one.resource_id for one in asked(net, job)] == ["a1"]
    assert asked(net, Job("short", chain(("cut", HOUR_S)), 1, MONDAY_S)) == ()


def test_what_is_booked_stays_and_counts() -> None:
    """With the whole week booked, work comes on Monday after it, or on the Saturday between."""
    net = network([unit("a1", "cut", calendar="early")])
    week = Booking("b1", "a1", 0, MONDAY_S, MONDAY_S + 5 * DAY_S, "other", "other", "firm")
    (found,) = asked(net, Job("job", chain(("cut", 5 * HOUR_S)), 1, MONDAY_S), (week,))
    assert all(slot.start_s >= week.to_s for slot in found.promised.slots)
    assert found.gain_s == 2 * DAY_S
