"""Planning a day's cutting with a toy trade: only what was laid is planned, and it is judged."""

from dataclasses import replace
from itertools import count, pairwise

import pytest

from manufold.design.lays import Cloth, Laid, Wanted
from manufold.judge.cut_rules import cut_violations
from manufold.model.cut_plan import CutRules
from manufold.scheduling.cut_orders.first_come import first_come
from manufold.scheduling.cut_orders.remnants import remnants
from manufold.services.cut_orders import Room, Told, nests_of, planned_cut, read_cut, sized
from manufold.workers.inline import InlineExecutor

ORDERS = "order,cloth,due,suit,long_mm\n" + "\n".join(
    f"o{n},{'ab'[n % 2]},{9 + n % 7}:{30 * (n % 2):02d},{'s' if n in (2, 8) else ''},{900 + 37 * n}"
    for n in range(14)
).replace(",9:", ",09:")
ROLLS = "roll,cloth,width_mm,length_mm,flaws,price\nA,a,1500,12000,5000-5100,9\nB,b,1500,12000,,7\n"
ROOM = Room(1, 4_000.0, ((8 * 3600, 17 * 3600),), CutRules(20.0, 120, 20.0, 5.0, 1500.0), 2.0)


class Bars:
    """A trade of bars: a group lies a little shorter than its bars end to end.

    Args:
        too_low: by how much the estimates of groups of three and more are too low, 0..1.
    """

    columns = ("long_mm",)

    def __init__(self, too_low: float = 0.0) -> None:
        self.too_low, self.asked = too_low, []

    def wanted(self, name, row):
        """Return a bar."""
        long_mm = float(row["long_mm"])
        return Wanted(name, long_mm, 1, long_mm * 1000, 20_000.0)

    def check_fits(self, wanted, cloth):
        """Fit any."""
        assert cloth.width_mm == 1500.0

    def estimated_mm(self, group, cloth, seconds):
        """Return the length, too low for larger groups."""
        low = 1 - self.too_low if len(group) > 2 else 1.0
        return sum(one.what for one in group) * (0.9 + 0.1 / len(group)) * low

    def laid(self, group, cloth, *, left_s, seed, executor):
        """Return the true length."""
        assert cloth == Cloth(1500.0, 2.0)
        self.asked.append(tuple(one.name for one in group))
        return Laid(sum(one.what for one in group) * (0.9 + 0.1 / len(group)), 0.9, None)

    def ready(self, executor):
        """Be ready."""

    def drawn(self, group, cloth, laid):
        """Draw nothing."""
        return {"json": b"{}"}


def planned(lays, compare=False, orders=ORDERS):
    """Return the plan of the day; each look at the clock takes a fifth of a second."""
    asked = read_cut(Told("o.csv", orders.encode()), Told("r.csv", ROLLS.encode()), ROOM, lays)
    clock = count()
    return planned_cut(
        asked, lays, InlineExecutor(), seconds=6.0, spent_s=lambda: next(clock) / 5, workers=1,
        seed=1, compare=compare,
    )  # fmt: skip


@pytest.mark.parametrize("too_low", [0.0, 0.15])
def test_only_laid_markers_are_planned_though_estimates_are_too_low(too_low):
    """Everything is cut once and in time, on tables that hold it, for less than one by one; each
    marker was laid, also where groups that were planned came out longer than the table."""
    lays = Bars(too_low)
    found = planned(lays, compare=True)
    day = found.asked.day
    assert cut_violations(day, found.placed.markers) == () and not found.placed.homeless
    laid = {frozenset(one) for one in lays.asked}
    for marker, each in zip(found.placed.markers, found.laid, strict=True):
        names = frozenset(w.name for name in marker.orders for w in found.asked.wanted[name])
        assert names in laid and each.length_mm == marker.laid_mm
    used_mm = sum(marker.to_mm - marker.from_mm for marker in found.placed.markers)
    assert used_mm < 0.97 * sum(found.alone_mm.values())
    assert found.alone_laid and found.alone_markers == len(day.orders) == 13
    assert found.estimate_error < 0.2 and len(found.why) == len(found.placed.markers)
    assert all(drawn == {"json": b"{}"} for drawn in found.drawn(lays))


def test_a_suit_is_one_order_of_the_earlier_date():
    """Its garments share a marker, hence a roll; the day counts it once."""
    found = planned(Bars())
    suit = next(one for one in found.asked.day.orders if one.order_id == "s")
    assert found.asked.suits["s"] == ("o2", "o8") and suit.due_s == 10 * 3600
    assert suit.outline_mm == 40_000.0
    assert sum("s" in marker.orders for marker in found.placed.markers) == 1


def test_what_is_left_of_the_rolls_and_what_is_cut_make_them_whole():
    """Remnants, markers and flaws together are the length of each roll, and never overlap."""
    found = planned(Bars())
    day = found.asked.day
    for roll in day.rolls:
        spans = [
            (one.from_mm, one.to_mm)
            for one in (*found.placed.markers, *remnants(day, found.placed.markers))
            if one.roll_id == roll.roll_id
        ]
        spans = sorted((*spans, *roll.flaws))
        assert sum(high - low for low, high in spans) == pytest.approx(roll.length_mm, abs=5)
        assert all(a[1] <= b[0] + 1 for a, b in pairwise(spans))


def test_cloth_that_ends_leaves_orders_out_by_name():
    """Of a roll too short for all, what is not cut is named, and the rest is sound."""
    lays = Bars()
    asked = read_cut(Told("o", ORDERS.encode()), Told("r", ROLLS.encode()), ROOM, lays)
    short = tuple(replace(one, length_mm=5_500.0) for one in asked.day.rolls)
    clock = count()
    found = planned_cut(
        replace(asked, day=replace(asked.day, rolls=short)), lays, InlineExecutor(), seconds=6.0,
        spent_s=lambda: next(clock) / 5, workers=1, seed=1, compare=False,
    )  # fmt: skip
    left = {note.params["order"] for note in found.notes if note.code == "cut.left_out"}
    cut = {name for marker in found.placed.markers for name in marker.orders}
    assert left and left | cut == {one.order_id for one in asked.day.orders} and not left & cut


def test_groups_of_a_size_are_laid_first_come_first():
    """Groups of four hold the orders of a cloth by their dates."""
    lays = Bars()
    asked = read_cut(Told("o", ORDERS.encode()), Told("r", ROLLS.encode()), ROOM, lays)
    nests = nests_of(asked, lays, InlineExecutor(), lambda: 0.0, 1)
    groups = sized(asked.day, nests, 3, 5.0, 1)
    assert groups == first_come(asked.day, 3) and max(map(len, groups)) == 3
    assert {task.group for task in nests.known} <= set(groups)
