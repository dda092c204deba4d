"""The fire on each kind of store: nothing is sold twice, and a kill leaves nothing half held.

The whole fire of 100,000 attempts is `benchmarks/reservations.py`.
"""

import multiprocessing
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from contract.store_batches import booking
from manufold.model.fakes import MemoryStore
from manufold.model.ports import Batch, Store, StoredEvent
from manufold.store import SqlStore, open_store, verify
from store.fire import HOLD_S, Fire, Told, fold_hold, replayed, sold_twice

DAY_S = 86_400


@pytest.fixture(params=["sqlite", "postgres"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a store of each database may be made."""
    sqlite = request.param == "sqlite"
    return str(tmp_path / "s.db") if sqlite else request.getfixturevalue("pg_url")


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store of each kind."""
    if request.param == "memory":
        yield MemoryStore("sim", fold_hold)
        return
    sqlite = request.param == "sqlite"
    found = str(tmp_path / "s.db") if sqlite else request.getfixturevalue("pg_url")
    with closing(open_store(found, "sim", fold_hold, busy_s=60)) as opened:
        yield opened


def _judged(store: Store) -> set[str]:
    """Return what is booked in the end, after both sweeps found nothing sold twice."""
    booked, wrong = replayed(store)
    assert wrong == [] == sold_twice(store)
    assert {b.booking_id for b in store.bookings(now_s=-(2**62))} == booked
    assert verify(store, (), {}).sound
    return booked


def test_sixty_four_threads_hold_and_nothing_is_sold_twice(store: Store) -> None:
    """3,000 attempts on a day of 40 seats: most collide; both sweeps and all counts agree."""
    attempts = 300 if isinstance(store, MemoryStore) else 3000
    told, _took_s = Fire(store, attempts, seed=7, horizon_s=DAY_S * attempts // 3000).run(64)
    assert told.faults == []
    counts = told.counts
    assert counts["won"] + counts["lost"] == attempts
    assert min(counts["won"], counts["lost"], counts["retried"]) > attempts // 20
    assert min(counts["extended"], counts["released"], counts["accepted"]) > 0
    booked = _judged(store)
    kinds = [event.kind for event in store.read()]
    assert kinds.count("Held") == counts["won"]
    for kind in ("Extended", "Released", "Accepted"):
        assert kinds.count(kind) == counts[kind.lower()]
    held = sum(len(e.data["claims"]) for e in store.read() if e.kind == "Held")
    assert held == told.booked >= len(booked) > 0


def test_the_sweeps_see_what_is_sold_twice(store: Store) -> None:
    """A sweep that cannot fail is none: of a log and of a table with a double sale both tell."""
    event = Fire(store, 1, 1, DAY_S)._batch(0, "Held", (), ()).events[0]
    claim = ["a", "mill-1", 0, 60, 120, "one", None]
    other = ["b", "mill-1", 0, 119, 180, "two", None]
    past = ["c", "mill-1", 0, 170, 175, "three", 5]
    for claims in ([claim], [other], [past]):
        store.append(Batch((_with(event, claims),)))
    assert replayed(store)[1] == ["b took from a", "c took from b"]

    class Table:
        """A store whose constraints failed."""

        def bookings(self, **_: Any) -> list[Any]:
            return [
                booking("a", 0, 100, "A"),
                booking("b", 10, 20, "A"),
                booking("c", 99, 120, "C"),
                booking("d", 99, 120, "D", seat=1),
            ]

    assert sold_twice(Table()) == [("a", "c")]  # type: ignore[arg-type]


def _with(event: Any, claims: Sequence[Any]) -> Any:
    return replace(event, data={"claims": list(claims), "releases": []})


def test_a_store_of_before_gets_the_index(where: str) -> None:
    """Opened anew, a store with the index of an earlier release has today's, and all it held."""
    with closing(open_store(where, "sim", fold_hold)) as store:
        Fire(store, 50, 3, DAY_S).run(4)
        before = store.bookings(now_s=0)
        with store._engine.begin() as connection:
            connection.execute(text("DROP INDEX bookings_stretch"))
            old = "CREATE INDEX bookings_place ON bookings (resource_id, seat, to_s)"
            connection.execute(text(old))
            if connection.dialect.name == "sqlite":
                connection.execute(text("DROP INDEX bookings_span"))
    with closing(open_store(where, "sim", fold_hold, create=False)) as store:
        assert store.bookings(now_s=0) == before
        assert _indexes(store) >= {"bookings_stretch", "bookings_group"}
        assert "bookings_place" not in _indexes(store)
        Fire(store, 200, 3, DAY_S, first=1000).run(8)
        _judged(store)


def _indexes(store: SqlStore) -> set[str]:
    asked = "SELECT name FROM sqlite_master WHERE type = 'index'"
    if store._engine.dialect.name != "sqlite":
        asked = "SELECT indexname FROM pg_indexes"
    with store._engine.connect() as connection:
        return set(connection.scalars(text(asked)))


class Telling:
    """A store that tells through a pipe what was acknowledged."""

    def __init__(self, store: Store, pipe: Connection) -> None:
        self._store, self._pipe, self._door = store, pipe, threading.Lock()

    def append(self, batch: Batch) -> tuple[StoredEvent, ...]:
        """Append, and tell."""
        events = self._store.append(batch)
        with self._door:
            self._pipe.send([(event.seq, event.hash) for event in events])
        return events


def burn(where: str, first: int, pipe: Connection) -> None:
    """Hold, extend, release and accept from 64 threads, until killed."""
    store: Any = Telling(open_store(where, "sim", fold_hold, create=False, busy_s=60), pipe)
    told: Told = Fire(store, 10**6, first, 3 * DAY_S, first).run(64)[0]
    raise AssertionError(told.faults)


def _killed(where: str, first: int, few: int) -> dict[int, str]:
    """Let a process burn until some answers came, kill it; return what was acknowledged."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=burn, args=(where, first, theirs))
    process.start()
    theirs.close()
    acknowledged: dict[int, str] = {}
    for _ in range(few):
        assert ours.poll(60)
        acknowledged.update(ours.recv())
    process.kill()
    with suppress(EOFError, OSError):
        while True:
            acknowledged.update(ours.recv())
    ours.close()
    process.join(60)
    assert process.exitcode == -9
    return acknowledged


def kill_the_fire(where: str, rounds: int) -> None:
    """Kill a burning process again and again; each time all is whole and nothing sold twice."""
    open_store(where, "sim", fold_hold).close()
    rng, acknowledged = Random(4), dict[int, str]()
    for number in range(rounds):
        acknowledged |= _killed(where, number * HOLD_S * 1000, rng.randrange(5, 400))
        with closing(open_store(where, "sim", fold_hold, create=False)) as store:
            hashes = {event.seq: event.hash for event in store.read()}
            assert {seq: hashes.get(seq) for seq in acknowledged} == acknowledged
            _judged(store)
            held = [event for event in store.read() if event.kind == "Held"]
            for event in held:
                assert store.get("hold", event.stream) is not None
    assert len(acknowledged) > 50 * rounds


def test_a_kill_in_the_fire_leaves_nothing_half(where: str) -> None:
    """Three times killed with 64 threads at it: what was told is there, each hold is whole."""
    kill_the_fire(where, 3)


@pytest.mark.slow
def test_thirty_kills_in_the_fire(where: str) -> None:
    """The same thirty times."""
    kill_the_fire(where, 30)


def test_statements_stay_small_for_large_groups(tmp_path: Path) -> None:
    """A batch of 3,000 claims, more than one statement may bind, is decided like a small one."""
    with closing(open_store(tmp_path / "s.db", "sim")) as store:
        claims = tuple(booking(f"b{i}", 10 * i, 10 * i + 10, f"h{i}") for i in range(3000))
        store.append(Batch(claims=claims))
        last = booking("x", 29_985, 29_995, "X")
        answers = store.append_many([Batch(claims=(last,)), Batch(claims=(claims[7],))])
        codes = [getattr(answer, "code", "done") for answer in answers]
        assert codes == ["store.slot_taken", "store.booking_exists"]


def test_long_and_short_bookings_meet_on_a_long_seat(where: str) -> None:
    """Among thousands of short ones a long one is found from anywhere inside it, then gone."""
    with closing(open_store(where, "sim")) as store:
        short = [booking(f"s{i}", 100 * i, 100 * i + 50, f"h{i}") for i in range(3000)]
        store.append(Batch(claims=(*short, booking("long", 300_000, 900_000, "L"))))
        for from_s in (300_000, 500_000, 899_999):
            claim = booking("x", from_s, from_s + 1, "X")
            (answer,) = store.append_many([Batch(claims=(claim,))])
            assert getattr(answer, "code", "done") == "store.slot_taken", from_s
        store.append(Batch(releases=("long",)))
        rng = Random(2)
        for number in range(60):
            from_s = rng.randrange(0, 300_000)
            claim = booking(f"y{number}", from_s, from_s + rng.randrange(1, 60), f"y{number}")
            standing = store.bookings(now_s=0)
            taken = any(b.from_s < claim.to_s and claim.from_s < b.to_s for b in standing)
            (answer,) = store.append_many([Batch(claims=(claim,))])
            assert (getattr(answer, "code", "done") == "store.slot_taken") == taken
            with pytest.raises(IntegrityError), store._engine.begin() as raw:
                raw.execute(text(_RAW.format(name=f"raw{number}", at=rng.randrange(0, 3000) * 100)))


_RAW = """
INSERT INTO bookings
    (booking_id, resource_id, seat, from_s, to_s, holder, booking_group, state, detail)
VALUES ('{name}', 'mill', 0, {at} + 10, {at} + 11, 'nobody', 'g', 'firm', '{{}}')
"""
