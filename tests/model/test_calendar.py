"""Calendars: wall time in, UTC out, over midnight, breaks, holidays and daylight-saving nights."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manufold.model.calendar import DAYS, Shift, WorkCalendar
from manufold.model.errors import InputFault
from manufold.model.units import DAY_S, HOUR_S, from_rfc3339

WEEK = DAYS[:5]


def calendar(*shifts: Shift, zone: str = "Europe/Berlin", **more: object) -> WorkCalendar:
    """Return a calendar of these shifts."""
    return WorkCalendar("c", zone, shifts, **more)  # type: ignore[arg-type]


def worked_s(found: tuple[tuple[int, int], ...]) -> int:
    """Return the seconds of intervals."""
    return sum(end - start for start, end in found)


def test_a_week_of_two_shifts_with_breaks() -> None:
    """Five days of 06-14 and 14-22 with half an hour off each make 75 hours."""
    early = Shift(WEEK, "06:00", "14:00", (("10:00", "10:30"),))
    late = Shift(WEEK, "14:00", "22:00", (("18:00", "18:30"),))
    start = from_rfc3339("2026-11-23T00:00:00+01:00")
    found = calendar(early, late).intervals(start, start + 7 * DAY_S)
    assert worked_s(found) == 75 * HOUR_S
    assert len(found) == 15  # the shifts touch at 14:00 and are one stretch there


@pytest.mark.parametrize(
    ("night", "hours"),
    [("2026-03-28", 7.5), ("2026-10-24", 9.5), ("2026-06-06", 8.5)],
    ids=["spring", "autumn", "summer"],
)
def test_a_night_shift_keeps_its_wall_times_over_daylight_saving(night: str, hours: float) -> None:
    """21:30 to 06:00 lasts an hour less in spring and an hour more in autumn."""
    start = from_rfc3339(f"{night}T12:00:00+02:00")
    found = calendar(Shift(("sat",), "21:30", "06:00")).intervals(start, start + DAY_S)
    assert worked_s(found) == hours * HOUR_S


def test_holidays_start_no_shift_but_let_the_night_before_end() -> None:
    """On a holiday nothing begins; the shift of the evening before runs out."""
    night = Shift(DAYS, "22:00", "06:00")
    day = from_rfc3339("2026-12-24T00:00:00+01:00")
    found = calendar(night, holidays=("2026-12-25",)).intervals(day, day + 3 * DAY_S)
    starts = [start for start, _end in found]
    assert day + 22 * HOUR_S in starts
    assert day + DAY_S + 22 * HOUR_S not in starts
    assert (day + 22 * HOUR_S, day + 30 * HOUR_S) in found


def test_a_closure_cuts_working_time_to_the_second() -> None:
    """Maintenance in the middle of a shift leaves both its sides."""
    day = from_rfc3339("2026-11-23T00:00:00+01:00")
    shut = (day + 9 * HOUR_S + 1, day + 10 * HOUR_S)
    found = calendar(Shift(WEEK, "08:00", "12:00"), closures=(shut,)).intervals(day, day + DAY_S)
    assert found == (
        (day + 8 * HOUR_S, day + 9 * HOUR_S + 1),
        (day + 10 * HOUR_S, day + 12 * HOUR_S),
    )


def test_round_the_clock_is_one_stretch() -> None:
    """Seven days from 00:00 to 24:00 leave no seam at midnight."""
    start = from_rfc3339("2026-11-23T13:00:00+01:00")
    found = calendar(Shift(DAYS, "00:00", "24:00")).intervals(start, start + 5 * DAY_S)
    assert found == ((start, start + 5 * DAY_S),)


@given(
    st.integers(200_000_000, 240_000_000),
    st.integers(1, 20 * DAY_S),
    st.sampled_from(["Europe/Berlin", "Asia/Shanghai", "America/New_York", "Australia/Lord_Howe"]),
)
def test_a_window_sees_what_the_whole_sees(from_s: int, span_s: int, zone: str) -> None:
    """Intervals are sorted, disjoint, inside the window, and the same as cut from a longer one."""
    made = calendar(
        Shift(WEEK, "06:00", "14:00", (("09:00", "09:15"),)),
        Shift(("fri", "sun"), "20:00", "04:00", (("23:30", "00:30"),)),
        zone=zone,
        holidays=("2026-12-25",),
    )
    to_s = from_s + span_s
    found = made.intervals(from_s, to_s)
    edges = [edge for pair in found for edge in pair]
    assert edges == sorted(set(edges)) or not edges
    longer = made.intervals(from_s - 3 * DAY_S, to_s + 3 * DAY_S)
    cut = tuple((max(a, from_s), min(b, to_s)) for a, b in longer if b > from_s and a < to_s)
    assert found == cut


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: Shift(("noday",), "08:00", "12:00"), "calendar.day_unknown"),
        (lambda: Shift((), "08:00", "12:00"), "calendar.shift_without_days"),
        (lambda: Shift(WEEK, "8:00", "12:00"), "calendar.clock_malformed"),
        (lambda: Shift(WEEK, "08:00", "25:00"), "calendar.clock_malformed"),
        (
            lambda: Shift(WEEK, "08:00", "12:00", (("13:00", "13:30"),)),
            "calendar.break_outside_shift",
        ),
        (lambda: calendar(zone="Europe/Atlantis"), "calendar.zone_unknown"),
        (lambda: calendar(holidays=("25.12.2026",)), "calendar.date_malformed"),
        (lambda: calendar(closures=((5, 5),)), "calendar.closure_backwards"),
    ],
)
def test_nonsense_is_refused_when_built(make: object, code: str) -> None:
    """Each fault has its own code."""
    with pytest.raises(InputFault) as refusal:
        make()  # type: ignore[operator]
    assert refusal.value.code == code
