"""The judge of shops finds each rule broken, and nothing where none is."""

import numpy as np
import pytest

from manufold.judge.shop_rules import ShopSlots, shop_objective, shop_slots, shop_violations
from manufold.model.errors import InputFault
from manufold.scheduling.shop.built import built
from manufold.scheduling.shop.read import read

WORKED = "2 2\n2 1 0 5 2 0 3 1 4\n1 1 1 7\n"
#: job, operation, machine, worker, start, end
GOOD = [(0, 0, 0, -1, 0, 5), (1, 0, 1, -1, 0, 7), (0, 1, 0, -1, 5, 8)]


def columns(rows):
    """Return slots of rows."""
    return ShopSlots(*np.array(rows, dtype=np.int64).T)


def codes(shop, rows, objective, **more):
    """Return the codes of what is wrong."""
    return {one.code for one in shop_violations(shop, columns(rows), objective=objective, **more)}


def changed(at, **cells):
    """Return the good slots with cells of one of them changed."""
    rows = [dict(zip(ShopSlots._fields, row, strict=True)) for row in GOOD]
    rows[at] |= cells
    return [tuple(row.values()) for row in rows]


def test_a_right_schedule_passes_in_any_order():
    """The worked example, forwards and backwards."""
    shop = read(WORKED, "fjsp")
    assert codes(shop, GOOD, 8) == codes(shop, GOOD[::-1], 8) == set()


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        (GOOD[:2], "shop.judged_count"),
        ([*GOOD, GOOD[0]], "shop.judged_count"),
        (changed(2, job=2), "shop.judged_unknown"),
        (changed(2, operation=2), "shop.judged_unknown"),
        (changed(2, operation=-1), "shop.judged_unknown"),
        (changed(0, machine=1), "shop.judged_ineligible"),
        (changed(2, machine=7), "shop.judged_ineligible"),
        (changed(2, worker=0), "shop.judged_ineligible"),
        (changed(2, end_s=9), "shop.judged_span"),
        (changed(2, start_s=6, end_s=8), "shop.judged_span"),
        (changed(2, start_s=8, end_s=5), "shop.judged_span"),
        (changed(2, machine=1, start_s=4, end_s=8), "shop.judged_precedence"),
        (changed(2, machine=1, start_s=5, end_s=9), "shop.judged_machine"),
        (changed(0, start_s=-1, end_s=4), "shop.judged_release"),
    ],
)
def test_each_rule_can_be_broken(rows, code):
    """One change of a right schedule, one rule that says so."""
    shop = read(WORKED, "fjsp")
    assert code in codes(shop, rows, 8)


def test_a_claimed_objective_is_computed_again():
    """Makespan and weighted tardiness are what slots say, not what is told."""
    shop = read("2 1\n1 5 3 1 1 0 4\n0 9 2 1 1 0 7\n", "fjsp-tardiness")
    rows = [(0, 0, 0, -1, 1, 5), (1, 0, 0, -1, 5, 12)]
    assert shop_objective(shop, columns(rows), tardiness=True) == 2 * 3
    assert codes(shop, rows, 6, tardiness=True) == codes(shop, rows, 12) == set()
    assert (
        codes(shop, rows, 5, tardiness=True) == codes(shop, rows, 13) == {"shop.judged_objective"}
    )
    early = [(0, 0, 0, -1, 0, 4), rows[1]]
    assert codes(shop, early, 6, tardiness=True) == {"shop.judged_release"}


def test_workers_do_one_thing_at_a_time():
    """Two machines may run at once, their one worker not."""
    shop = read("2 2 2\n1 1 1 2 1 5 2 6\n1 1 2 1 1 5\n", "fjsp-w")
    assert codes(shop, [(0, 0, 0, 0, 0, 5), (1, 0, 1, 0, 4, 9)], 9) == {"shop.judged_worker"}
    assert codes(shop, [(0, 0, 0, 1, 0, 6), (1, 0, 1, 0, 0, 5)], 6) == set()
    assert codes(shop, [(0, 0, 0, 1, 0, 5), (1, 0, 1, 0, 0, 5)], 5) == {"shop.judged_span"}
    assert codes(shop, [(0, 0, 0, 1, 0, 6), (1, 0, 1, 1, 6, 11)], 11) == {"shop.judged_ineligible"}


def test_setups_are_kept_between_neighbours():
    """A gap as long as the set-up is enough, one second less is not; the first needs none."""
    shop = read("2 1 1\n1 1 1 5\n1 1 1 4\n0 3\n2 0\n", "fjsp-sdst")
    assert codes(shop, [(0, 0, 0, -1, 0, 5), (1, 0, 0, -1, 8, 12)], 12) == set()
    assert codes(shop, [(0, 0, 0, -1, 0, 5), (1, 0, 0, -1, 7, 11)], 11) == {"shop.judged_setup"}
    assert codes(shop, [(1, 0, 0, -1, 0, 4), (0, 0, 0, -1, 6, 11)], 11) == set()


def test_operations_of_no_length_stand_in_the_order_that_keeps_setups():
    """Times do not tell the order of two such operations: one that is right is enough."""
    spans_s, setups_s = np.array([0, 0, 2]), np.full((1, 3, 3), 9, dtype=np.int32)
    rows = [(0, 0, 0, -1, 3, 3), (1, 0, 0, -1, 3, 3), (2, 0, 0, -1, 3, 5)]
    ptr = np.arange(4)
    for right in (True, False):
        setups_s[0, 1, 0], setups_s[0, 0, 2] = 0, 0 if right else 1
        shop = built(ptr, ptr, np.zeros(3, int), spans_s, 1, setup_s=setups_s)
        assert codes(shop, rows, 5) == (set() if right else {"shop.judged_setup"})


def test_nothing_happens_inside_of_something_else():
    """An operation of no length stands at the ends of another, not within it."""
    shop = built(np.array([0, 1, 2]), np.array([0, 1, 2]), np.array([0, 0]), np.array([4, 0]), 1)
    for at_s, wrong in ((0, False), (4, False), (2, True)):
        rows = [(0, 0, 0, -1, 0, 4), (1, 0, 0, -1, at_s, at_s)]
        assert (codes(shop, rows, 4) == {"shop.judged_machine"}) == wrong


def test_an_answer_is_read_or_refused():
    """Slots as they are written; a slot without a number is named."""
    slot = {"job": 0, "operation": 0, "machine": 1, "start_s": 0, "end_s": 5}
    assert shop_slots({"slots": [slot]}) == ShopSlots(0, 0, 1, -1, 0, 5)
    for wrong in ({"slots": [slot, {**slot, "end_s": 5.0}]}, {"slots": [slot, {"job": 0}]}):
        with pytest.raises(InputFault) as refused:
            shop_slots(wrong)
        assert refused.value.code == "shop.judged_unreadable" and refused.value.params["slot"] == 1
    with pytest.raises(InputFault):
        shop_slots({})


def test_at_most_a_score_is_told():
    """A schedule that is wrong everywhere does not fill the memory with complaints."""
    ops = 500
    shop = built(np.arange(ops + 1), np.arange(ops + 1), np.zeros(ops, int), np.ones(ops, int), 1)
    rows = [(job, 0, 0, -1, 0, 1) for job in range(ops)]
    assert len(shop_violations(shop, columns(rows), objective=1)) == 20
