"""Dispatching keeps every rule of every kind of shop, and never idles where it need not."""

import gzip

import numpy as np
import pytest
from tests.scheduling.shop.tiny import KINDS, slots_of, tiny

from manufold.judge.shop_rules import shop_violations
from manufold.scheduling.shop.dispatch import (
    RULES,
    Rule,
    dispatch,
    first_answer,
    first_answers,
)
from manufold.scheduling.shop.dispatch_kernel import ATC, FIFO, MWKR, SPT
from manufold.scheduling.shop.problem import ends_s, value_of
from manufold.scheduling.shop.read import read


@pytest.mark.parametrize("kind", KINDS)
def test_every_rule_keeps_every_rule_of_the_shop(kind):
    """Sixty random shops of each kind, all rules, patient or not: the judge finds nothing."""
    for seed in range(60):
        shop = tiny(kind, seed)
        for rules in RULES.values():
            for rule in rules:
                for patient in (False, True):
                    answer = dispatch(shop, rule._replace(patient=patient))
                    value = value_of(shop, answer, "makespan")
                    slots = slots_of(shop, answer)
                    assert shop_violations(shop, slots, objective=value) == (), (seed, rule)


def test_rules_choose_as_they_are_named():
    """Of two waiting jobs, each rule begins with the one its name says."""
    shop = read("2 2\n0 5 1 9\n0 3 1 1\n", "jsp")
    assert dispatch(shop, Rule(SPT)).start_s.tolist() == [3, 8, 0, 3]
    assert dispatch(shop, Rule(FIFO)).start_s.tolist() == [0, 5, 5, 14]
    turned = read("2 2\n0 3 1 1\n0 5 1 9\n", "jsp")
    assert dispatch(turned, Rule(FIFO)).start_s.tolist() == [0, 3, 3, 8]
    assert dispatch(turned, Rule(MWKR)).start_s.tolist() == [5, 14, 0, 5]
    late = read("2 1\n0 5 1 1 1 0 5\n0 9 9 1 1 0 3\n", "fjsp-tardiness")
    assert dispatch(late, Rule(ATC, 1.0)).start_s.tolist() == [3, 0]
    assert dispatch(late, Rule(ATC, 1.0), rank=np.array([0.0, 99.0])).start_s.tolist() == [0, 5]


def test_patience_waits_for_the_machine_that_ends_sooner():
    """A slow idle machine is left alone when the fast one ends the operation first."""
    shop = read("2 2\n1 1 0 2\n1 2 0 3 1 9\n", "fjsp")
    hasty, patient = (dispatch(shop, Rule(FIFO, patient=p)) for p in (False, True))
    assert value_of(shop, hasty, "makespan") == 9
    assert value_of(shop, patient, "makespan") == 5


def test_operations_of_no_length_all_run_at_once():
    """A thousand of them end as they begin, on one machine, and what follows still waits."""
    shop = read("500 1\n" + "0 0 0 0 0 3\n" * 500, "jsp")
    answer = dispatch(shop, Rule(MWKR))
    assert value_of(shop, answer, "makespan") == 1500
    assert shop_violations(shop, slots_of(shop, answer), objective=1500) == ()


@pytest.mark.parametrize("kind", ["job", "flexible", "late", "graph"])
def test_no_machine_idles_while_work_waits_for_it(kind):
    """Without patience every operation starts when it is ready or a machine falls free."""
    for seed in range(40):
        shop = tiny(kind, seed)
        answer = dispatch(shop, Rule(MWKR))
        end_s = ends_s(shop, answer)
        machine = shop.alt_machine[answer.alt]
        for op in range(len(shop.job_of)):
            before = shop.before_op[shop.before_ptr[op] : shop.before_ptr[op + 1]]
            ready_s = max([shop.release_s[shop.job_of[op]], *end_s[before]])
            start_s = answer.start_s[op]
            for m in set(shop.alt_machine[shop.alt_ptr[op] : shop.alt_ptr[op + 1]].tolist()):
                there = machine == m
                free = ((answer.start_s[there] <= ready_s) & (end_s[there] > ready_s)) | (
                    (answer.start_s[there] >= ready_s) & (answer.start_s[there] <= start_s)
                )
                assert start_s == ready_s or free.any(), (seed, op, m)


def test_the_portfolio_keeps_its_best_and_is_the_same_again():
    """The first answer is the best of what the rules give, twice the same."""
    for kind, goal in (("flexible", "makespan"), ("late", "tardiness")):
        shop = tiny(kind, 3, jobs=9)
        values = [value_of(shop, answer, goal) for _, answer in first_answers(shop, goal)]
        one, two = first_answer(shop, goal), first_answer(shop, goal)
        assert value_of(shop, one, goal) == min(values)
        assert all(np.array_equal(a, b) for a, b in zip(one, two, strict=True))


def test_dates_are_kept_as_well_as_the_published_reference(test_data):
    """The best rule is below the published best dispatch of 14,301 on a shop of ten thousand."""
    path = test_data / "scheduling" / "fjsp_tardiness" / "t10k_s2.txt.gz"
    shop = read(gzip.decompress(path.read_bytes()), "fjsp-tardiness")
    answer = first_answer(shop, "tardiness")
    value = value_of(shop, answer, "tardiness")
    slots = slots_of(shop, answer)
    assert value < 14_301
    assert shop_violations(shop, slots, objective=value, tardiness=True) == ()
