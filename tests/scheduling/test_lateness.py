"""Lateness counts working time: nights and weekends neither help nor hurt."""

from hypothesis import given
from hypothesis import strategies as st

from manufold.model.calendar import DAYS, Shift, WorkCalendar
from manufold.model.units import DAY_S, HOUR_S, from_rfc3339
from manufold.scheduling.lateness import PAD_S, late_finish, late_score
from manufold.scheduling.quantiles import Scores, work_class
from manufold.scheduling.worktime import compiled_worktime

MONDAY_S = from_rfc3339("2026-11-30T00:00:00+01:00")
WEEK = WorkCalendar("week", "Europe/Berlin", (Shift(DAYS[:5], "08:00", "16:00"),))
WORKTIME = compiled_worktime(WEEK, MONDAY_S, MONDAY_S + 60 * DAY_S)


def test_an_hour_late_on_friday_is_monday_morning() -> None:
    """Planned Monday 8 to Friday 16 (40 h); a 32nd of it and a day is two hours: Monday at ten."""
    start, finish = MONDAY_S + 8 * HOUR_S, MONDAY_S + 4 * DAY_S + 16 * HOUR_S
    found = late_finish(WORKTIME, start, finish, Scores((2 / 64,) * 40), 0.5)
    assert found.finish_s == MONDAY_S + 7 * DAY_S + 10 * HOUR_S


def test_the_same_delay_has_the_same_score_inside_a_shift_and_across_a_weekend() -> None:
    """Two working hours late are a 32nd of forty and a day, whatever lies between."""
    start = MONDAY_S + 8 * HOUR_S
    friday = MONDAY_S + 4 * DAY_S + 16 * HOUR_S
    over_weekend = late_score(WORKTIME, start, friday, MONDAY_S + 7 * DAY_S + 10 * HOUR_S)
    noon = MONDAY_S + DAY_S + 12 * HOUR_S
    inside = late_score(WORKTIME, noon, noon + 7 * DAY_S, noon + 7 * DAY_S + 2 * HOUR_S)
    assert over_weekend == inside == 2 / 64


def test_short_work_has_grace_of_its_own() -> None:
    """What goes wrong does not shrink with the order: an hour's work may be late by hours, too."""
    start = MONDAY_S + 8 * HOUR_S
    scores = Scores((0.1,) * 40)
    hour = late_finish(WORKTIME, start, start + HOUR_S, scores, 0.9).finish_s
    assert hour - start - HOUR_S == 2.5 * HOUR_S
    week = start + 4 * DAY_S + 8 * HOUR_S
    late_s = WORKTIME.worked_s(week, late_finish(WORKTIME, start, week, scores, 0.9).finish_s)
    assert late_s == 6.4 * HOUR_S, "forty times the work, not forty times the grace"


def test_soon_is_not_taken_for_later() -> None:
    """Work that ends first is recorded first; work that begins later is not promised by it."""
    soon, later = work_class("mill", HOUR_S), work_class("mill", 3 * DAY_S)
    few = Scores((0.01,) * 40, {soon: (0.01,) * 40, "/soon": (0.01,) * 40})
    start = MONDAY_S + 8 * HOUR_S
    told = (WORKTIME, start, start + 8 * HOUR_S, few, 0.9)
    assert late_finish(*told, soon).reason.code == "schedule.quantile_recorded_class"
    assert late_finish(*told, later).reason.code == "schedule.quantile_default"
    assert late_finish(*told, soon).finish_s < late_finish(*told, later).finish_s
    other = late_finish(*told, work_class("lathe", HOUR_S))
    assert other.finish_s == late_finish(*told, soon).finish_s, "all work as soon stands in"


@given(st.integers(0, 20 * DAY_S), st.integers(1, 20 * DAY_S), st.floats(0, 0.5))
def test_what_is_scored_comes_back(start_s: int, span_s: int, score: float) -> None:
    """Finishing at the quantile gives the score it came from, to a second of rounding."""
    start, finish = MONDAY_S + start_s, MONDAY_S + start_s + span_s
    worked = WORKTIME.worked_s(start, finish)
    late = late_finish(WORKTIME, start, finish, Scores((score,) * 40), 0.5).finish_s
    assert late >= finish
    if worked:
        assert abs(late_score(WORKTIME, start, finish, late) - score) <= 1.01 / (worked + PAD_S)
