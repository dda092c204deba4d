"""Promises on real calendars: daylight-saving nights, shifts over midnight, holidays, closures."""

import pytest

from manufold.model.calendar import DAYS, Shift, WorkCalendar
from manufold.model.schedule import Job
from manufold.model.units import from_rfc3339, to_rfc3339
from manufold.scheduling.load import Load
from manufold.scheduling.promise import promise
from manufold.scheduling.worktime import compiled_worktime
from scheduling.made import wrong
from scheduling.shops import chain, network, unit

H = 3600
NIGHTS = WorkCalendar("nights", "Europe/Berlin", (Shift(DAYS, "22:00", "06:00"),))


def finish(calendar: WorkCalendar, release: str, hours: float, pausable: bool = True) -> str:
    """Return when that many hours of work released at an instant end, in the calendar's zone."""
    net = network([unit("saw", "cut", calendar=calendar.calendar_id)], calendars=(calendar,))
    release_s = from_rfc3339(release)
    job = Job("j", chain(("cut", round(hours * H)), pausable=pausable), 1, release_s)
    found = promise(Load.of(net, (), release_s), net, job)
    assert wrong(found.slots, net, [job]) == ()
    return to_rfc3339(found.finish_s, calendar.zone)


@pytest.mark.parametrize(
    ("release", "ends"),
    [
        # an ordinary night holds eight hours
        ("2026-03-20T12:00:00+01:00", "2026-03-21T06:00:00+01:00"),
        # the night clocks go forward holds seven: the eighth is worked the next night
        ("2026-03-28T12:00:00+01:00", "2026-03-29T23:00:00+02:00"),
        # the night clocks go back holds nine: eight are done at five
        ("2026-10-24T12:00:00+02:00", "2026-10-25T05:00:00+01:00"),
    ],
)
def test_a_daylight_saving_night_is_shorter_or_longer(release: str, ends: str) -> None:
    """Eight hours of work end where the wall clock of that night says."""
    assert finish(NIGHTS, release, 8) == ends


def test_unpausable_work_runs_over_midnight() -> None:
    """A shift over midnight is one stretch: seven hours fit, and start at ten in the evening."""
    assert finish(NIGHTS, "2026-03-02T12:00:00+01:00", 7, False) == "2026-03-03T05:00:00+01:00"


def test_shifts_that_touch_are_one_stretch() -> None:
    """Early and late shift hand over without a pause: twelve hours fit unbroken."""
    both = WorkCalendar(
        "both", "UTC", (Shift(DAYS, "06:00", "14:00"), Shift(DAYS, "14:00", "22:00"))
    )
    assert finish(both, "2026-03-02T00:00:00Z", 12, False) == "2026-03-02T18:00:00+00:00"
    assert compiled_worktime(both, 0, 86400).longest_s == 16 * H


def test_no_shift_starts_on_a_holiday() -> None:
    """The night before the holiday runs into it; the holiday's own night does not start."""
    calendar = WorkCalendar("h", "Europe/Berlin", NIGHTS.shifts, holidays=("2026-03-03",))
    assert finish(calendar, "2026-03-02T12:00:00+01:00", 8) == "2026-03-03T06:00:00+01:00"
    assert finish(calendar, "2026-03-02T12:00:00+01:00", 9) == "2026-03-04T23:00:00+01:00"


def test_maintenance_closes() -> None:
    """Two hours of closure in the night are waited out."""
    shut = (from_rfc3339("2026-03-02T23:00:00+01:00"), from_rfc3339("2026-03-03T01:00:00+01:00"))
    calendar = WorkCalendar("m", "Europe/Berlin", NIGHTS.shifts, closures=(shut,))
    assert finish(calendar, "2026-03-02T12:00:00+01:00", 2) == "2026-03-03T02:00:00+01:00"
    assert finish(calendar, "2026-03-02T12:00:00+01:00", 2, False) == "2026-03-03T03:00:00+01:00"


def test_worked_seconds_count_working_time_only() -> None:
    """From anywhere to anywhere, worked seconds are those inside the intervals."""
    work = compiled_worktime(NIGHTS, from_rfc3339("2026-03-02T00:00:00+01:00"), 200_000_000)
    noon, late = (
        from_rfc3339("2026-03-02T12:00:00+01:00"),
        from_rfc3339("2026-03-02T23:00:00+01:00"),
    )
    assert work.worked_s(noon, late) == H
    assert work.worked_s(noon, noon + 48 * H) == 16 * H
    assert work.worked_s(late, late + 60) == 60
