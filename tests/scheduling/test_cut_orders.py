"""Cut order planning: the grouping reaches its model's optimum, and every plan is judged."""

from dataclasses import replace
from itertools import permutations

import pytest
from tests.scheduling.cut_days import made_day, partitions, yields

from manufold.judge.cut_rules import cut_violations
from manufold.model.cut_plan import CutRules, CutTable, Roll
from manufold.scheduling.cut_orders.first_come import first_come
from manufold.scheduling.cut_orders.grouping import grouped
from manufold.scheduling.cut_orders.placing import Placer
from manufold.scheduling.cut_orders.reasons import reasons

ROUNDS = 3000


def exact(placer):
    """Return the least rank over every grouping into single cloths."""
    names = [one.order_id for one in placer.day.orders]
    cloth = {one.order_id: one.cloth for one in placer.day.orders}
    return min(
        placer.energy([tuple(sorted(group)) for group in parted])
        for parted in partitions(names)
        if all(len({cloth[name] for name in group}) == 1 for group in parted)
    )


@pytest.mark.parametrize("seed", range(8))
def test_the_grouping_reaches_the_optimum_of_its_model(seed):
    """Over all partitions of seven orders, none has a better rank than the search's, be there
    time enough or not, one lot or two."""
    day = made_day(seed, 7, tight=(1.0, 0.5)[seed % 2], tables=1 + seed // 4, lots=1 + seed % 3)
    placer = Placer(day, yields(day, seed))
    found = grouped(placer, seed, ROUNDS)
    assert placer.energy(found) == pytest.approx(exact(placer))


@pytest.mark.parametrize("seed", range(6))
def test_on_one_table_no_other_sequence_keeps_the_dates(seed):
    """Where the rule is late with a grouping, all permutations of its markers are."""
    day = made_day(seed, 6, tight=0.8)
    day = replace(day, tables=(replace(day.tables[0], hours=((0, 86_400),)),))
    placer = Placer(day, yields(day, seed))
    placed = placer.placed(first_come(day, 2))
    assert not placed.homeless
    due_s = {one.order_id: one.due_s for one in day.orders}

    def late(markers):
        now_s, over = 0, 0
        for marker in markers:
            now_s += marker.end_s - marker.start_s
            over += any(now_s > due_s[name] for name in marker.orders)
        return over

    least = min(late(one) for one in permutations(placed.markers))
    assert (least == 0) == (not placed.late_s)


@pytest.mark.parametrize("seed", range(5))
def test_a_day_of_forty_is_planned_soundly_and_better(seed):
    """Planned, judged without a fault, no order later than one by one, and for less cloth."""
    day = made_day(seed, 40, tables=2)
    day = replace(
        day, rolls=tuple(replace(roll, length_mm=40_000.0 + roll.length_mm) for roll in day.rolls)
    )
    placer = Placer(day, yields(day, seed))
    alone = placer.placed(first_come(day, 1))
    found = placer.placed(grouped(placer, seed, ROUNDS))
    assert not found.homeless
    assert cut_violations(day, found.markers, found.late_s) == ()
    assert cut_violations(day, alone.markers, alone.late_s) == ()
    assert sum(found.late_s.values()) <= sum(alone.late_s.values())
    assert found.cost_minor < 0.98 * alone.cost_minor
    told = reasons(placer, found, str)
    assert len(told) == len(found.markers)
    assert {one.code for one in told} <= {
        f"cut.{how}_{why}"
        for how in ("alone", "together")
        for why in ("only", "due", "table", "roll", "shade", "no_gain")
    }


def test_the_same_seed_gives_the_same_grouping():
    """All chance is in the seed."""
    day = made_day(3, 20, tables=2, lots=2)
    once, again = (grouped(Placer(day, yields(day, 3)), 7, 800) for _ in range(2))
    assert once == again


def test_an_urgent_order_is_cut_alone_and_told_why():
    """An order due before two could be cut is cut first and alone, and the reason says its date."""
    day = made_day(1, 4)
    rules = CutRules(20.0, 300, 60.0, 15.0, 0.0)
    table = CutTable("t", 6_000.0, ((0, 86_400),))
    orders = tuple(
        replace(one, cloth="white", shade="", outline_mm=30_000.0, due_s=80_000)
        for one in day.orders
    )
    lasts_s = 300 + 60 * 1.45 + 15 * 30
    orders = (replace(orders[0], due_s=round(lasts_s)), *orders[1:])
    roll = Roll("r", "white", 1500.0, 50_000.0, "", (), 900.0)
    day = replace(day, orders=orders, rolls=(roll,), tables=(table,), rules=rules)
    placer = Placer(day, yields(day, 1))
    found = placer.placed(grouped(placer, 1, 500))
    assert not found.late_s
    assert [one.orders for one in found.markers] == [("o0",), ("o1", "o2", "o3")]
    why = reasons(placer, found, lambda at_s: f"{at_s} s")
    assert why[0].code == "cut.alone_due" and why[0].params["due"] == f"{round(lasts_s)} s"
    assert why[0].params["other"] == "o1, o2, o3"


def test_what_cannot_be_in_time_is_named_with_the_least_lateness():
    """Two urgent orders and time for one: one of them is late, by less than if cut otherwise."""
    day = made_day(2, 6, tight=0.3)
    placer = Placer(day, yields(day, 2))
    found = placer.placed(grouped(placer, 2, ROUNDS))
    assert found.late_s and placer.energy([one.orders for one in found.markers])[1] == sum(
        found.late_s.values()
    )
    assert sum(found.late_s.values()) == exact(placer)[1]
    assert cut_violations(day, found.markers, found.late_s) == ()
    assert {one.code for one in cut_violations(day, found.markers)} == {"cut.judged_late"}


def test_cloth_that_does_not_suffice_leaves_orders_out_and_says_so():
    """Without a roll of a cloth its orders are homeless; all others are cut."""
    day = made_day(5, 8)
    day = replace(day, rolls=tuple(roll for roll in day.rolls if roll.cloth == "white"))
    placer = Placer(day, yields(day, 5))
    found = placer.placed(grouped(placer, 5, 500))
    left = {name for group in found.homeless for name in group}
    assert left == {one.order_id for one in day.orders if one.cloth == "blue"} != set()
