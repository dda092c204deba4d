"""A crew searches in several processes, shares what it finds, and loses a process without harm."""

import os
import signal
import time
from pathlib import Path

import numpy as np
from tests.scheduling.shop.tiny import hard_job_shop, slots_of, tiny

from manufold.judge.shop_rules import shop_violations
from manufold.scheduling.shop.problem import value_of
from manufold.scheduling.shop.read import read
from manufold.scheduling.shop.redispatch import Redispatch
from manufold.scheduling.shop.solve import begun
from manufold.services.solve_shop import Plan, solved
from manufold.workers.crew import ProcessCrew
from manufold.workers.shared_shop import SharedShop

LIMIT_S = 120.0


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
    """Both processes post answers; all ends well and nobody is lost; ending twice does nothing."""
    shop = tiny("workers", 8, jobs=40)
    first = begun(shop, "makespan")
    crew = ProcessCrew(2)
    board = crew.begin(shop, "makespan", first, 1, lambda: LIMIT_S)
    assert waited(lambda: len(board.others()) == 2)
    assert list(crew.end()) == []
    value, answer = board.best()
    assert value <= first.value
    assert shop_violations(shop, slots_of(shop, answer), objective=value) == ()
    assert list(crew.end()) == []
    assert waited(lambda: not crew.wait())  # whoever watched a killed member is done soon


def test_a_killed_member_is_told_of_and_the_rest_goes_on():
    """The system kills one of two at work: the other posts on, and the end tells who died."""
    shop = read(hard_job_shop(20, 15).encode(), "jsp")  # no search proves it optimal and ends
    first = begun(shop, "makespan")
    others = _children()  # of pools of other tests
    crew = ProcessCrew(2)
    board = crew.begin(shop, "makespan", first, 1, lambda: LIMIT_S)
    assert waited(lambda: len(board.others()) == 2)  # killed while it loads, it would be replaced
    os.kill(min(_children() - others), signal.SIGKILL)
    assert waited(crew.lost)
    moves = board.moves()
    assert waited(lambda: board.moves() > moves)
    lost = crew.end()
    assert [one.code for one in lost] == ["shop.member_lost"]
    assert "SIGKILL" in str(lost[0].params["what"])
    value, answer = board.best()
    assert shop_violations(shop, slots_of(shop, answer), objective=value) == ()


def test_members_that_never_answer_cost_no_time(monkeypatch):
    """A member that never begins is ended when time is up; the first answer is given, and why."""
    monkeypatch.setattr("manufold.workers.crew.ENTRY", "worker_entries:never")
    crew = ProcessCrew(1)
    began_s = time.monotonic()

    def spent_s() -> float:
        return time.monotonic() - began_s

    found = solved(
        hard_job_shop(20, 15).encode(),
        Plan("jsp"),
        left_s=lambda: 3.0 - spent_s(),
        spent_s=spent_s,
        crew=crew,
    )
    assert found.value > found.bound
    assert [note.code for note in found.notes] == ["shop.not_begun"]
    assert spent_s() < 30


def _children() -> set[int]:
    """Return the working processes that this process started."""
    known = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
    return {
        int(child)
        for child in known
        if b"manufold.workers.child" in Path(f"/proc/{child}/cmdline").read_bytes()
    }
