"""The scripted races of `contracts/races`: every interleaving, then all at once, on every store."""

import itertools
import json
import multiprocessing
import queue
import random
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from manufold.model.codec import decoded, from_json
from manufold.model.errors import Conflict, ManufoldError
from manufold.model.fakes import MemoryStore
from manufold.model.ports import Batch, Booking, NewEvent, Store
from manufold.store import SqlStore, open_store, verify
from store.test_model import doubly_booked

FOLDER = Path(__file__).parents[2] / "contracts" / "races"
NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))
Race = dict[str, Any]
Opener = Callable[[], Store]
Outcome = tuple[dict[str, list[str]], list[str], dict[str, int]]


def _race(name: str) -> Race:
    race: Race = from_json((FOLDER / f"{name}.json").read_bytes())
    return race


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opener]:
    """Open a new, empty store at every call."""
    opened: list[Store] = []
    if request.param == "memory":
        yield MemoryStore
        return
    if request.param == "sqlite":

        def make() -> Store:
            opened.append(open_store(tmp_path / f"{len(opened)}.db", "sim"))
            return opened[-1]

        yield make
    else:
        url = request.getfixturevalue("pg_url")
        engine = create_engine(url, isolation_level="AUTOCOMMIT")

        def remake() -> Store:
            for store in opened:
                store.close()
            with engine.connect() as connection:
                connection.execute(text("drop schema public cascade; create schema public"))
            opened.append(open_store(url, "sim"))
            return opened[-1]

        yield remake
        engine.dispose()
    for store in opened:
        store.close()


class Actor:
    """Takes its steps one by one and notes how each was answered."""

    def __init__(self, steps: Sequence[Race]) -> None:
        self._steps = list(steps)
        self.answers: list[str] = []

    def step(self, store: Store) -> None:
        """Take the next step."""
        step = self._steps[len(self.answers)]
        if "if" in step and (not self.answers or self.answers[-1] != step["if"]):
            self.answers.append("skipped")
            return
        try:
            store.append(decoded(Batch, step["append"]))
            self.answers.append("done")
        except Conflict as refusal:
            self.answers.append(refusal.code)


def _begun(store: Store, race: Race) -> dict[str, Actor]:
    for batch in race["given"]:
        store.append(decoded(Batch, batch))
    return {name: Actor(steps) for name, steps in race["actors"].items()}


def _outcome(store: Store, answers: dict[str, list[str]], race: Race) -> Outcome:
    standing = store.bookings(now_s=-(2**62))
    for one, other in itertools.combinations(standing, 2):
        same = (one.resource_id, one.seat) == (other.resource_id, other.seat)
        meets = one.from_s < other.to_s and other.from_s < one.to_s
        assert not (same and meets and one.holder != other.holder), (one, other)
    assert verify(store, (), {}).sound
    for name, steps in race["actors"].items():
        for step, answer in zip(steps, answers[name], strict=True):
            for key, stored in step["append"].get("unique", {}).items():
                assert answer != "done" or store.claimed(key) == stored
    streams = {name: len(list(store.read(stream=name))) for name in race["orders"][0]["streams"]}
    return answers, [b.booking_id for b in standing], streams


def _written(order: Race) -> Outcome:
    return order["answers"], order["bookings"], order["streams"]


@pytest.mark.parametrize("name", NAMES)
def test_a_race_file_lists_every_order(name: str) -> None:
    """A file is complete: named as it should be, each interleaving once, each step answered."""
    race = _race(name)
    assert (race["type"], race["version"], race["name"]) == ("race", 1, name)
    steps = [actor for actor, steps in race["actors"].items() for _ in steps]
    listed = [tuple(order["order"]) for order in race["orders"]]
    assert sorted(listed) == sorted(set(itertools.permutations(steps)))
    for order in race["orders"]:
        counts = {actor: len(answers) for actor, answers in order["answers"].items()}
        assert counts == {actor: len(steps) for actor, steps in race["actors"].items()}


@pytest.mark.parametrize("name", NAMES)
def test_every_order_comes_out_as_written(name: str, fresh: Opener) -> None:
    """Step by step, in each order, answers and what is left are those of the file."""
    race = _race(name)
    for order in race["orders"]:
        store = fresh()
        actors = _begun(store, race)
        for actor in order["order"]:
            actors[actor].step(store)
        answers = {actor: one.answers for actor, one in actors.items()}
        assert _outcome(store, answers, race) == _written(order)


@pytest.mark.parametrize("name", NAMES)
def test_at_once_it_comes_out_like_one_of_the_orders(name: str, fresh: Opener) -> None:
    """Threads that start together end as if they had come one after the other."""
    race = _race(name)
    for _ in range(3):
        store = fresh()
        actors = _begun(store, race)
        gate = threading.Barrier(len(actors))

        def take(actor: Actor, steps: int, store: Store = store, gate: Any = gate) -> None:
            gate.wait(30)
            for _ in range(steps):
                actor.step(store)

        threads = [
            threading.Thread(target=take, args=(actor, len(race["actors"][one])))
            for one, actor in actors.items()
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        answers = {one: actor.answers for one, actor in actors.items()}
        assert _outcome(store, answers, race) in [_written(order) for order in race["orders"]]


def _actor_process(where: str, steps: str, gate: Any, answers: Any, name: str) -> None:
    store = open_store(where, "sim", create=False)
    actor = Actor(json.loads(steps))
    gate.wait(60)
    for _ in range(len(json.loads(steps))):
        actor.step(store)
    store.close()
    answers.put((name, actor.answers))


@pytest.mark.slow
@pytest.mark.parametrize("database", ["sqlite", "postgres"])
@pytest.mark.parametrize("name", NAMES)
def test_processes_race_like_threads(
    name: str, database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Each actor in a process of its own: still one of the written orders."""
    sqlite = database == "sqlite"
    where = str(tmp_path / "s.db") if sqlite else request.getfixturevalue("pg_url")
    race = _race(name)
    store = open_store(where, "sim")
    actors = _begun(store, race)
    context = multiprocessing.get_context("spawn")
    gate, answers = context.Barrier(len(actors)), context.Queue()
    processes = [
        context.Process(
            target=_actor_process,
            args=(where, json.dumps(race["actors"][one]), gate, answers, one),
        )
        for one in actors
    ]
    for process in processes:
        process.start()
    found = dict(answers.get(timeout=60) for _ in processes)
    for process in processes:
        process.join(60)
    with closing(store):
        assert _outcome(store, found, race) in [_written(order) for order in race["orders"]]


def _hammer(store: Store, number: int, tries: int, told: "queue.Queue[str]") -> None:
    """Claim, release and move bookings on ten seats, never on anybody else's."""
    rng = random.Random(number)
    mine: list[Booking] = []
    for i in range(tries):
        from_s = rng.randrange(0, 2000)
        claim = Booking(
            booking_id=f"b{number}-{i}",
            resource_id="oven",
            seat=rng.randrange(10),
            from_s=from_s,
            to_s=from_s + rng.randrange(1, 60),
            holder=f"holder {number}",
            group=f"group {number}",
            state="firm",
        )
        given_up = mine[-1:] if mine and rng.random() < 0.3 else []
        event = NewEvent(f"hammer:{number}", "Claimed", 1, {"i": i}, i, "me")
        batch = Batch((event,), releases=tuple(b.booking_id for b in given_up), claims=(claim,))
        try:
            store.append(batch)
        except ManufoldError as refusal:
            told.put(refusal.code)
            continue
        told.put("done")
        mine = [b for b in mine if b not in given_up] + [claim]
    told.put(json.dumps(sorted(b.booking_id for b in mine)))


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_sixty_four_threads_never_book_twice(
    database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """64 threads hammer 10 seats: no overlap in the database, each has what it was told."""
    sqlite = database == "sqlite"
    where = tmp_path / "s.db" if sqlite else request.getfixturevalue("pg_url")
    store = open_store(where, "sim", busy_s=30)
    told: queue.Queue[str] = queue.Queue()
    threads = [
        threading.Thread(target=_hammer, args=(store, number, 25, told)) for number in range(64)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    with closing(store):
        _check_hammered(store, list(told.queue), 64 * 25)


def _hammer_process(where: str, first: int, count: int, tries: int, told: Any) -> None:
    store = open_store(where, "sim", create=False, busy_s=60)
    lines: queue.Queue[str] = queue.Queue()
    threads = [
        threading.Thread(target=_hammer, args=(store, first + i, tries, lines))
        for i in range(count)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    store.close()
    told.put(list(lines.queue))


@pytest.mark.slow
@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_processes_with_threads_never_book_twice(
    database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """4 processes of 16 threads each share one store: no overlap, one whole chain."""
    sqlite = database == "sqlite"
    where = str(tmp_path / "s.db") if sqlite else request.getfixturevalue("pg_url")
    store = open_store(where, "sim", busy_s=60)
    context = multiprocessing.get_context("spawn")
    told = context.Queue()
    processes = [
        context.Process(target=_hammer_process, args=(where, 16 * i, 16, 25, told))
        for i in range(4)
    ]
    for process in processes:
        process.start()
    lines = [line for _ in processes for line in told.get(timeout=240)]
    for process in processes:
        process.join(60)
    with closing(store):
        _check_hammered(store, lines, 64 * 25)


def _check_hammered(store: SqlStore, told: list[str], tries: int) -> None:
    done = told.count("done")
    assert done + told.count("store.slot_taken") == tries and 100 < done < tries
    kept = [name for line in told if line.startswith("[") for name in json.loads(line)]
    assert sorted(kept) == sorted(b.booking_id for b in store.bookings(now_s=0))
    assert store.head().seq == done and verify(store, (), {}).sound
    assert doubly_booked(store) == []
