"""The kernels agree with counting second by second."""

from hypothesis import given, settings
from hypothesis import strategies as st

from manufold.scheduling.gaps import NEVER, earliest_gap, finish_s, latest_ready_s
from manufold.scheduling.kernel import Seconds, seconds
from manufold.scheduling.seat import seat_load
from manufold.scheduling.warm import warm

UNTIL_S = 60
edges = st.lists(st.integers(0, UNTIL_S), max_size=8, unique=True).map(sorted)


def work_of(cuts: list[int]) -> tuple[Seconds, Seconds, Seconds]:
    """Return working intervals between every second pair of edges."""
    starts, ends = seconds(cuts[: len(cuts) // 2 * 2 : 2]), seconds(cuts[1::2])
    spans = (ends - starts).tolist()
    return starts, ends, seconds([sum(spans[:row]) for row in range(len(spans))])


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
    for start, end in zip(work[0].tolist(), work[1].tolist(), strict=True):
        works[start:end] = [True] * (end - start)
    for start, span in booked:
        taken[start : start + span] = [True] * span
    seat = seat_load([(start, start + span, 0, 0) for start, span in booked])
    found = earliest_gap(ready_s, content_s, pausable, *work, seat.start_s, seat.covered_s)
    assert tuple(map(int, found)) == counted(ready_s, content_s, pausable, works, taken)


@settings(max_examples=300, deadline=None)
@given(edges.filter(lambda cuts: len(cuts) > 1), st.integers(1, UNTIL_S), st.integers(1, 15))
def test_the_latest_ready_instant_parts_early_ends_from_late_ones(
    cuts: list[int], end_s: int, content_s: int
) -> None:
    """Pausable work begun at it or later ends at or after the instant; begun before, before."""
    work = work_of(cuts)
    border_s = latest_ready_s(end_s, content_s, True, *work)
    for start, end in zip(work[0].tolist(), work[1].tolist(), strict=True):
        for instant in range(start, end):
            finish = finish_s(instant, content_s, *work)
            if finish != NEVER:
                assert (instant >= border_s) == (finish >= end_s)


def test_warming_up_twice_is_fine() -> None:
    """All kernels compile, and a second time nothing happens."""
    warm()
    warm()
