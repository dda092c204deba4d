"""Lateness counts working time: nights and weekends neither help nor hurt."""

from hypothesis import given
from hypothesis import strategies as st

from manufold.model.calendar import DAYS, Shift, WorkCalendar
from manufold.model.units import DAY_S, HOUR_S, from_rfc3339
from manufold.scheduling.lateness import late_finish, late_score
from manufold.scheduling.quantiles import Scores
from manufold.scheduling.worktime import compiled_worktime

MONDAY_S = from_rfc3339("2026-11-30T00:00:00+01:00")
WEEK = WorkCalendar("week", "Europe/Berlin", (Shift(DAYS[:5], "08:00", "16:00"),))
WORKTIME = compiled_worktime(WEEK, MONDAY_S, MONDAY_S + 60 * DAY_S)


def test_an_hour_late_on_friday_is_monday_morning() -> None:
    """Planned Monday 8 to Friday 16 (40 h); 5 % of it is two hours: Monday at ten."""
    start, finish = MONDAY_S + 8 * HOUR_S, MONDAY_S + 4 * DAY_S + 16 * HOUR_S
    found = late_finish(WORKTIME, start, finish, Scores((0.05,) * 40), 0.5)
    assert found.finish_s == MONDAY_S + 7 * DAY_S + 10 * HOUR_S


def test_the_same_delay_has_the_same_score_inside_a_shift_and_across_a_weekend() -> None:
    """Two working hours late are a twentieth of forty, whatever lies between."""
    start = MONDAY_S + 8 * HOUR_S
    friday = MONDAY_S + 4 * DAY_S + 16 * HOUR_S
    over_weekend = late_score(WORKTIME, start, friday, MONDAY_S + 7 * DAY_S + 10 * HOUR_S)
    wednesday = MONDAY_S + 2 * DAY_S + 12 * HOUR_S
    inside = late_score(WORKTIME, start, wednesday, wednesday + HOUR_S)
    assert over_weekend == 0.05
    assert inside == 1 / 20


@given(st.integers(0, 20 * DAY_S), st.integers(1, 20 * DAY_S), st.floats(0, 0.5))
def test_what_is_scored_comes_back(start_s: int, span_s: int, score: float) -> None:
    """Finishing at the quantile gives the score it came from, to a second of rounding."""
    start, finish = MONDAY_S + start_s, MONDAY_S + start_s + span_s
    worked = WORKTIME.worked_s(start, finish)
    late = late_finish(WORKTIME, start, finish, Scores((score,) * 40), 0.5).finish_s
    assert late >= finish
    if worked:
        assert abs(late_score(WORKTIME, start, finish, late) - score) <= 1.01 / worked
