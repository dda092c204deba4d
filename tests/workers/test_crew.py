"""A crew searches in several processes, shares what it finds, and loses a process without harm."""

import os
import signal
import time
from pathlib import Path

import numpy as np
from tests.scheduling.shop.tiny import slots_of, tiny

from manufold.judge.shop_rules import shop_violations
from manufold.scheduling.shop.problem import value_of
from manufold.scheduling.shop.redispatch import Redispatch
from manufold.scheduling.shop.solve import begun, solve
from manufold.workers.crew import ProcessCrew
from manufold.workers.shared_shop import SharedShop

LIMIT_S = 30.0


def waited(condition) -> bool:
    """Return whether a condition came true within the limit."""
    until_s = time.monotonic() + LIMIT_S
    while not condition():
        if time.monotonic() > until_s:
            return False
        os.sched_yield()
    return True


def test_a_shop_lies_in_shared_memory_as_it_was():
    """Another view of the memory has the same arrays; empty ones as well."""
    for kind in ("flexible", "setups", "workers"):
        shop = tiny(kind, 2)
        first = begun(shop, "makespan")
        made = SharedShop.create(shop, "makespan", first, 2)
        other = SharedShop.opened(made.layout)
        assert all(np.array_equal(a, b) for a, b in zip(shop, other.shop(), strict=True))
        assert other.first().value == first.value
        made.close()
        other.close()


def test_boards_show_whole_answers_and_the_best_first():
    """Each member sees the best of all, a worse post changes nothing, others are not oneself."""
    shop = tiny("flexible", 2, jobs=20)
    first = begun(shop, "makespan")
    shared = SharedShop.create(shop, "makespan", first, 2)
    mine, theirs = shared.board(0), shared.board(1)
    assert mine.best() is None and mine.best_value() is None
    mine.post(first.value, first.answer, 3)
    search = Redispatch(shop, "makespan", 1, first.answer)
    while search.value >= first.value:
        search.go(1)
    theirs.post(search.value, search.best, 4)
    theirs.post(first.value, first.answer, 5)
    value, answer = mine.best()
    assert value == search.value == value_of(shop, answer, "makespan")
    assert [value_of(shop, one, "makespan") for one in mine.others()] == [search.value]
    assert [value_of(shop, one, "makespan") for one in theirs.others()] == [first.value]
    assert mine.moves() == 8 and not theirs.stopped()
    mine.stop()
    assert theirs.stopped()
    shared.close()


def test_a_crew_searches_and_its_finds_are_shared():
    """The other process posts answers of its own; all ends well and nobody is lost."""
    shop = tiny("workers", 8, jobs=40)
    first = begun(shop, "makespan")
    crew = ProcessCrew(2)
    board = crew.begin(shop, "makespan", first, 1, lambda: LIMIT_S)
    assert waited(lambda: board.others())
    found = solve(
        shop, "makespan", left_s=_three_looks(), seed=1, first=first, board=board, members=2
    )
    assert list(crew.end()) == []
    assert found.value <= min(value_of(shop, one, "makespan") for one in board.others())
    assert shop_violations(shop, slots_of(shop, found.answer), objective=found.value) == ()
    assert list(crew.end()) == []  # ending twice does nothing


def test_a_killed_member_is_told_of_and_the_rest_goes_on():
    """The system kills the other process: the answer comes all the same, with a note."""
    shop = tiny("workers", 9, jobs=40)
    first = begun(shop, "makespan")
    crew = ProcessCrew(2)
    board = crew.begin(shop, "makespan", first, 1, lambda: LIMIT_S)
    assert waited(lambda: board.others())
    posted = min(value_of(shop, one, "makespan") for one in board.others())
    for child in Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split():
        if b"manufold.workers.child" in Path(f"/proc/{child}/cmdline").read_bytes():
            os.kill(int(child), signal.SIGKILL)
    assert waited(lambda: crew.lost())
    found = solve(
        shop, "makespan", left_s=_three_looks(), seed=1, first=first, board=board, members=2
    )
    lost = crew.end()
    assert [one.code for one in lost] == ["shop.member_lost"]
    assert lost[0].params["member"] == 1 and "SIGKILL" in str(lost[0].params["what"])
    assert found.value <= posted
    assert shop_violations(shop, slots_of(shop, found.answer), objective=found.value) == ()


def _three_looks():
    """Return a clock that is out of time at the third look."""
    looks = iter([0.2, 0.1])
    return lambda: next(looks, 0.0)
