"""The judge of lines finds every planted fault by its name, and nothing in what is right."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from manufold.judge.line_rules import line_violations
from manufold.model.calendar import DAYS, Shift, WorkCalendar
from manufold.model.line import Line, LineOperator, LineOrder, LineSlot, Station, Step
from manufold.model.units import HOUR_S

DAY = WorkCalendar("day", "UTC", (Shift(DAYS, "08:00", "16:00", (("12:00", "12:30"),)),))
BEGIN_S = 8 * HOUR_S
PERSONS = (
    LineOperator("ann", {"cut": 1000, "glue": 500}, DAY),
    LineOperator("ben", {"glue": 1000}, DAY),
)
LINE = Line(
    (
        Station("saw", "saw", 0, 2),
        Station("press", "press", 20, 1, ("jig",)),
        Station("bare", "press", 40, 2),
    ),
    PERSONS,
    DAY,
    loop_s=60,
    hand_s=5,
    walk_s=4,
    orders_most=2,
    extra_permille=(200, 100),
)
Slots = list[LineSlot]


def order(name: str, style: str = "red") -> LineOrder:
    """Return a piece that is sawn and then glued with a jig."""
    steps = (
        Step("saw", "saw", "cut", 10_000, style),
        Step("glue", "press", "glue", 20_000, style, ("saw",), "jig"),
    )
    return LineOrder(name, style, steps, BEGIN_S, BEGIN_S + HOUR_S)


ORDERS = (order("a"), order("b"), order("c", "blue"))


def right() -> Slots:
    """Return slots by hand: a and b of one style, then c, which changes it.

    Ann saws: 12 s for the first of a manner (a fifth more), 11 s for the second. Ben glues: 24 and
    22 s. From the entrance to the saw 0 + 5 s, from the saw to the press 20 + 5 s.
    """
    t = BEGIN_S
    return [
        LineSlot("a", "saw", "saw", "ann", "a", t + 5, t + 5, t + 17),
        LineSlot("a", "glue", "press", "ben", "a", t + 42, t + 42, t + 66),
        LineSlot("b", "saw", "saw", "ann", "b", t + 5, t + 17, t + 28),
        LineSlot("b", "glue", "press", "ben", "b", t + 66, t + 66, t + 88),
        LineSlot("c", "saw", "saw", "ann", "c", t + 71, t + 71, t + 83),
        LineSlot("c", "glue", "press", "ben", "c", t + 108, t + 108, t + 132),
    ]


def at(slots: Slots, row: int, **changed: object) -> Slots:
    """Return the slots with one of them changed."""
    slots[row] = replace(slots[row], **changed)  # type: ignore[arg-type]
    return slots


def later(slots: Slots, row: int, by_s: int) -> Slots:
    """Return the slots with one of them moved."""
    one = slots[row]
    times = {name: getattr(one, name) + by_s for name in ("arrives_s", "start_s", "end_s")}
    return at(slots, row, **times)


def test_what_is_right_has_no_fault() -> None:
    """A line worked by hand has no violation, told or not when its orders entered."""
    assert line_violations(LINE, ORDERS, right()) == ()
    entered = {"a": BEGIN_S, "b": BEGIN_S, "c": BEGIN_S + 66}
    assert line_violations(LINE, ORDERS, right(), entered_s=entered) == ()


PLANTED: list[tuple[str, Callable[[Slots], Slots]]] = [
    ("line.judged_count", lambda s: s[:-1]),
    ("line.judged_count", lambda s: [*s, s[0]]),
    ("line.judged_unknown", lambda s: [*s, replace(s[0], order_id="z")]),
    ("line.judged_station", lambda s: at(s, 5, station_id="bare")),
    ("line.judged_station", lambda s: at(s, 5, station_id="nowhere")),
    ("line.judged_skill", lambda s: at(s, 0, operator_id="ben")),
    ("line.judged_skill", lambda s: at(s, 0, operator_id="nobody")),
    ("line.judged_way", lambda s: at(s, 0, arrives_s=BEGIN_S + 4)),
    ("line.judged_way", lambda s: at(s, 1, arrives_s=BEGIN_S + 41)),
    ("line.judged_arrival", lambda s: at(s, 4, arrives_s=BEGIN_S + 72)),
    ("line.judged_overlap", lambda s: later(s, 2, -1)),
    ("line.judged_walk", lambda s: later(at(s, 5, operator_id="ann", end_s=BEGIN_S + 156), 5, -22)),
    ("line.judged_length", lambda s: at(s, 2, end_s=BEGIN_S + 29)),
    ("line.judged_length", lambda s: at(s, 0, end_s=BEGIN_S + 15)),
    ("line.judged_length", lambda s: at(s, 4, end_s=BEGIN_S + 82)),
    ("line.judged_hours", lambda s: later(s, 5, 8 * HOUR_S)),
    ("line.judged_places", lambda s: at(s, 3, arrives_s=BEGIN_S + 60)),
    ("line.judged_inside", lambda s: later(s, 4, -10)),
    ("line.judged_lot", lambda s: at(s, 4, carrier_id="a")),
]


@pytest.mark.parametrize(("code", "planted"), PLANTED, ids=[str(n) for n in range(len(PLANTED))])
def test_a_planted_fault_is_found(code: str, planted: Callable[[Slots], Slots]) -> None:
    """Each fault that is planted is named, whatever else follows from it."""
    assert code in {found.code for found in line_violations(LINE, ORDERS, planted(right()))}


def test_entering_early_is_seen() -> None:
    """Told that c entered while a and b were inside, the judge counts three; told too late, no
    piece could be where it is."""
    early = {"a": BEGIN_S, "b": BEGIN_S, "c": BEGIN_S + 10}
    found = line_violations(LINE, ORDERS, right(), entered_s=early)
    assert {v.code for v in found} == {"line.judged_inside"}
    late = {"a": BEGIN_S + 1, "b": BEGIN_S, "c": BEGIN_S + 66}
    found = line_violations(LINE, ORDERS, right(), entered_s=late)
    assert [(v.code, v.holder) for v in found] == [("line.judged_way", "a")]


def test_longer_than_needed_may_be_allowed() -> None:
    """Not exact, a step may take longer, and still no less."""
    slower = at(right(), 5, end_s=BEGIN_S + 140)
    assert {v.code for v in line_violations(LINE, ORDERS, slower)} == {"line.judged_length"}
    assert line_violations(LINE, ORDERS, slower, exact=False) == ()
    faster = at(right(), 5, end_s=BEGIN_S + 131)
    found = line_violations(LINE, ORDERS, faster, exact=False)
    assert {v.code for v in found} == {"line.judged_length"}


def test_a_lot_moves_when_it_is_whole() -> None:
    """Two pieces on one carrier hold one place and may not go on before both are done."""
    t = BEGIN_S
    whole = [
        LineSlot("a", "saw", "saw", "ann", "lot", t + 5, t + 5, t + 17),
        LineSlot("b", "saw", "saw", "ann", "lot", t + 5, t + 17, t + 28),
        LineSlot("a", "glue", "press", "ben", "lot", t + 53, t + 53, t + 77),
        LineSlot("b", "glue", "press", "ben", "lot", t + 53, t + 77, t + 99),
    ]
    assert line_violations(LINE, ORDERS[:2], whole) == ()
    early = [
        *whole[:2],
        *(replace(s, arrives_s=t + 42) for s in whole[2:]),
    ]
    assert {v.code for v in line_violations(LINE, ORDERS[:2], early)} == {"line.judged_way"}
