"""Workers better one schedule together: judged, the same for a seed, and no worse when they die."""

import os
import signal
import threading
from collections.abc import Iterator, Sequence
from math import inf

import pytest

import manufold.services.players as players_of
from manufold.judge.violations import violations
from manufold.model.errors import ExecutorFault
from manufold.model.ports import Executor
from manufold.model.schedule import Slot
from manufold.scheduling.improve import Improvement, Snapshot, improve
from manufold.services.players import Part, WorkerPlayers, played_part
from manufold.workers import InlineExecutor, KillablePool, RayExecutor
from scheduling.test_apart import HEAVY, snapshot, swapped

ROUNDS = 800


@pytest.fixture(scope="module")
def pool() -> Iterator[KillablePool]:
    with KillablePool(2) as made:
        yield made


def clean(before: Snapshot, slots: Sequence[Slot]) -> bool:
    """Return what the judge says."""
    return violations(slots, before.network, before.jobs) == ()


def bettered(
    before: Snapshot, executor: Executor, workers: int = 2, rounds: int = ROUNDS
) -> Improvement:
    """Return what the workers of an executor make of a snapshot."""
    told = WorkerPlayers(executor, workers, lambda: 500.0, pass_most_s=inf, keep=True)
    with told as players:
        players.get_ready()
        return improve(
            before, lambda slots: clean(before, slots), seed=7, rounds=rounds, weights=HEAVY,
            players=players,
        )  # fmt: skip


@pytest.mark.parametrize("seed", [1, 3])
def test_two_workers_better_it_and_say_the_same_twice(pool: KillablePool, seed: int) -> None:
    """Two processes give a clean, better schedule; the same seed and workers the same answer,
    and whoever plays for two gives that answer, too."""
    before = snapshot(seed)
    found = bettered(before, pool)
    assert clean(before, swapped(before, found))
    assert found.after < found.before
    assert found.better > 0
    assert found.rounds >= ROUNDS
    assert bettered(before, pool) == found
    assert bettered(before, InlineExecutor()) == found


@pytest.mark.slow
def test_ray_gives_the_same() -> None:
    """The same code on Ray gives the same answer."""
    before = snapshot(3, 60)
    with RayExecutor(2) as ray:
        there = bettered(before, ray)
    assert there == bettered(before, InlineExecutor())
    assert there.better > 0


class Deadly(InlineExecutor):
    """An executor whose second part dies, as the pool says it when a process does."""

    parts = 0

    def run(self, entry: str, request: object, *, limit_s: float, memory_mb: int) -> object:
        """Run, or die."""
        if isinstance(request, Part):
            self.parts += 1
            if self.parts == 2:
                raise ExecutorFault("executor.crashed", entry=entry, detail="SIGKILL")
        return super().run(entry, request, limit_s=limit_s, memory_mb=memory_mb)


def test_a_part_that_is_lost_is_named_and_the_rest_counts() -> None:
    """One part lost, the others go on; the schedule is clean, and the loss stands in the answer."""
    before = snapshot(1)
    found = bettered(before, Deadly())
    assert [one.params for one in found.lost] == [{"code": "executor.crashed", "what": "SIGKILL"}]
    assert clean(before, swapped(before, found))
    assert found.after < found.before
    assert found.why.code == "improve.played_out"


def die(part: Part) -> object:
    """Play no part of it: the process kills itself."""
    os.kill(os.getpid(), signal.SIGKILL)
    return part


def test_processes_that_die_leave_what_was_judged(
    pool: KillablePool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Real processes killed in the middle of their parts: what the rules found stands, clean."""
    before = snapshot(1)
    monkeypatch.setattr(players_of, "ENTRY", "services.test_players:die")
    found = bettered(before, pool)
    assert found.why.code == "improve.workers_lost"
    assert {one.params["what"] for one in found.lost} == {"SIGKILL"}
    assert found.rounds == 0
    assert clean(before, swapped(before, found))
    assert found.after <= found.before


def test_who_asks_to_end_gets_what_was_found(pool: KillablePool) -> None:
    """Asked to end while parts are played, the search keeps them and says that it was stopped."""
    before, asked = snapshot(3), threading.Event()

    class Asking(WorkerPlayers):
        def play(self, windows):  # type: ignore[no-untyped-def]
            found = super().play(windows)
            asked.set()
            return found

    with Asking(pool, 2, lambda: 500.0, asked.is_set, pass_most_s=0.5, keep=True) as players:
        players.get_ready()
        found = improve(
            before, lambda slots: clean(before, slots), seed=7, rounds=10**8, players=players
        )
    assert found.why.code == "improve.stopped"
    assert found.rounds == players.rounds > 0
    assert players.lost == []
    assert clean(before, swapped(before, found))


def test_parts_are_shared_out_by_size() -> None:
    """Every worker gets about as much, and each window goes to one of them."""
    players = WorkerPlayers(InlineExecutor(), 3, lambda: 500.0, pass_most_s=inf)
    seen: list[Part] = []

    class Looking(InlineExecutor):
        def run(self, entry: str, request: object, *, limit_s: float, memory_mb: int) -> object:
            assert isinstance(request, Part)
            seen.append(request)
            return played_part(request)

    players.executor = Looking()
    with players:
        improve(snapshot(2), lambda _slots: True, seed=1, rounds=10, players=players)
    first = seen[2:5]  # the first pass plays the two sites
    sizes = [sum(len(window.moving) for window in part.windows) for part in first]
    assert len(first) == 3
    assert max(sizes) < 2 * min(sizes)
