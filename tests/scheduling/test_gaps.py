"""The kernels agree with counting second by second."""

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from manufold.model.schedule import Job
from manufold.scheduling.asked import asked_of
from manufold.scheduling.calendar_rows import NEVER, Calendars, done_s, ready_to_end_s
from manufold.scheduling.clocks import calendars_of
from manufold.scheduling.fit import END, FOUND, START, fit
from manufold.scheduling.kernel import seconds
from manufold.scheduling.load import Load
from manufold.scheduling.warm import warm
from manufold.scheduling.worktime import Worktime
from scheduling.shops import booking, network, operation, plan, unit

NET = network([unit("saw", "cut")])

UNTIL_S = 60
edges = st.lists(st.integers(0, UNTIL_S), max_size=8, unique=True).map(sorted)


def work_of(cuts: list[int]) -> Worktime:
    """Return working intervals between every second pair of edges."""
    starts, ends = seconds(cuts[: len(cuts) // 2 * 2 : 2]), seconds(cuts[1::2])
    spans = (ends - starts).tolist()
    before = seconds([sum(spans[:row]) for row in range(len(spans))])
    return Worktime(starts, ends, before, max(spans, default=0), sum(spans))


def counted_end_s(start_s: int, content_s: int, works: list[bool], pausable: bool) -> int:
    """Return the end of work by counting, NEVER where it does not fit."""
    left = content_s
    for instant in range(start_s, UNTIL_S):
        if works[instant]:
            left -= 1
            if not left:
                return instant + 1
        elif not pausable or instant == start_s:
            return NEVER
    return NEVER


def counted(
    ready_s: int, content_s: int, pausable: bool, works: list[bool], taken: list[bool]
) -> tuple[int, int]:
    """Return the earliest gap by trying every second."""
    for start_s in range(ready_s, UNTIL_S):
        end_s = counted_end_s(start_s, content_s, works, pausable)
        if end_s != NEVER and not any(taken[start_s:end_s]):
            return start_s, end_s
    return NEVER, NEVER


@settings(max_examples=500, deadline=None)
@given(
    edges,
    st.lists(st.tuples(st.integers(0, 55), st.integers(1, 9)), max_size=5),
    st.integers(0, UNTIL_S),
    st.integers(1, 15),
    st.booleans(),
)
def test_the_earliest_gap_is_the_first_that_fits(
    cuts: list[int],
    booked: list[tuple[int, int]],
    ready_s: int,
    content_s: int,
    pausable: bool,
) -> None:
    """Any calendar, any bookings, overlapping ones too: the gap is that of trying each second."""
    work = work_of(cuts)
    works, taken = [False] * UNTIL_S, [False] * (UNTIL_S + 9)
    for start, end in zip(work.start_s.tolist(), work.end_s.tolist(), strict=True):
        works[start:end] = [True] * (end - start)
    for start, span in booked:
        taken[start : start + span] = [True] * span
    rows = [booking("saw", start, start + span) for start, span in booked]
    load = Load.of(NET, rows, 0, UNTIL_S)
    load = replace(load, clocks=replace(load.clocks, rows=calendars_of([work])))
    routing = plan(operation("op1", "cut", content_s, pausable=pausable))
    asked = asked_of(load, Job("new", routing, 1, ready_s), None, None, None, None)
    found = np.full(FOUND, NEVER, dtype=np.int64)
    kernel = (load.clocks.rows, load.changes, asked.routing.rows)
    fit(load.pool.rows(load.bounds), *kernel, 0, 0, 1, ready_s, found)
    assert (found[START], found[END]) == counted(ready_s, content_s, pausable, works, taken)


@settings(max_examples=300, deadline=None)
@given(edges.filter(lambda cuts: len(cuts) > 1), st.integers(1, UNTIL_S), st.integers(1, 15))
def test_the_latest_ready_instant_parts_early_ends_from_late_ones(
    cuts: list[int], end_s: int, content_s: int
) -> None:
    """Pausable work begun at it or later ends at or after the instant; begun before, before."""
    work = work_of(cuts)
    calendars: Calendars = calendars_of([work])
    border_s = ready_to_end_s(calendars, 0, end_s, content_s, True)
    for start, end in zip(work.start_s.tolist(), work.end_s.tolist(), strict=True):
        for instant in range(start, end):
            finish = done_s(calendars, 0, instant, content_s)
            if finish != NEVER:
                assert (instant >= border_s) == (finish >= end_s)


def test_warming_up_twice_is_fine() -> None:
    """All kernels compile, and a second time nothing happens."""
    warm()
    warm()
