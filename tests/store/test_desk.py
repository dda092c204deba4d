"""The desk on memory, SQLite and PostgreSQL: its contract, several processes, deaths, old homes."""

import multiprocessing
import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from contract.desk_suite import NOW_S, Again, DeskSuite, key
from manufold.model.desk_fake import MemoryDesk
from manufold.model.errors import StoreFault
from manufold.store import SqlDesk, create_home, open_home, open_store
from store.desk_claimer import claim_all, work_on

FORK = multiprocessing.get_context("forkserver")
FORK.set_forkserver_preload(["store.desk_claimer", "psycopg"])
DATABASES = pytest.mark.parametrize("database", ["sqlite", "postgres"])


@pytest.fixture(autouse=True)
def found_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let processes that we start find what we import."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(path for path in sys.path if path))


@pytest.fixture
def where(database: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """A database with a store in it, made before there was a desk."""
    sqlite = database == "sqlite"
    place = str(tmp_path / "s.db") if sqlite else str(request.getfixturevalue("pg_url"))
    open_store(place, "sim").close()
    return place


class TestMemory(DeskSuite):
    """The shipped fake."""

    @pytest.fixture
    def again(self) -> Again:
        desk = MemoryDesk()
        return lambda: desk


@DATABASES
class TestDatabases(DeskSuite):
    """A desk of its own each time it is opened, on one database."""

    @pytest.fixture
    def again(self, where: str) -> Iterator[Again]:
        with ExitStack() as stack:
            yield lambda: stack.enter_context(closing(SqlDesk(where, busy_s=30)))


@DATABASES
def test_processes_share_the_claims_without_a_double(where: str) -> None:
    """Three processes claim the same forty idempotency keys at once: each key has one owner."""
    names = [f"k{number}" for number in range(40)]
    pipes = [FORK.Pipe() for _ in range(3)]
    workers = [FORK.Process(target=claim_all, args=(where, names, theirs)) for _, theirs in pipes]
    for worker in workers:
        worker.start()
    for ours, _ in pipes:
        assert ours.poll(60) and ours.recv() == "ready"
    for ours, _ in pipes:
        ours.send("go")
    owned = [ours.recv() for ours, _ in pipes if ours.poll(60)]
    for worker in workers:
        worker.join(60)
    assert len(owned) == 3
    assert sorted(name for some in owned for name in some) == sorted(names)


@DATABASES
def test_what_was_kept_survives_a_kill(where: str) -> None:
    """A process killed at any moment leaves all it acknowledged, and no delivery without its place
    in the log."""
    for first, enough in ((0, 3), (1000, 1), (2000, 7)):
        ours, theirs = FORK.Pipe(duplex=False)
        worker = FORK.Process(target=work_on, args=(where, first, theirs))
        worker.start()
        theirs.close()
        for _ in range(enough):
            assert ours.poll(60)
            told = ours.recv()
        worker.kill()
        worker.join(60)
        while ours.poll():  # what it said before it died counts
            try:
                told = ours.recv()
            except EOFError:
                break
        assert told >= first + enough - 1
        with closing(SqlDesk(where)) as desk:
            for number in range(first, told + 1):
                name = f"{number:06}"
                kept = desk.begin_answer(name, "d", NOW_S, NOW_S + 9)
                assert desk.key(name) is not None
                assert kept is not None and (kept.status, kept.body) == (200, name)
                assert [d.seq for d in desk.deliveries(name, 9)] == [2, 1]
            for webhook in desk.webhooks():
                listed = desk.deliveries(webhook.webhook_id, 9)
                assert (webhook.after_seq, len(listed)) in ((0, 0), (2, 2))
        ours.close()


@DATABASES
def test_the_store_does_not_mind_the_desk(where: str) -> None:
    """A store opens, exports and verifies with a desk beside it as it did before."""
    with closing(open_store(where, "sim", create=False)) as store:
        before = (store.head(), list(store.export()), store.store_id)
    with closing(SqlDesk(where)) as desk:
        desk.add_key(key("K1"))
    with closing(open_store(where, "sim")) as store:
        assert (store.head(), list(store.export()), store.store_id) == before
        assert store.damage() == ""
        store.rebuild()
    with closing(SqlDesk(where)) as desk:
        assert desk.key("K1") == key("K1")


@DATABASES
def test_a_newer_desk_is_refused(where: str) -> None:
    """What a newer manufold wrote is not touched by this one; the store beside it still opens."""
    with closing(SqlDesk(where)) as desk:
        desk.add_key(key("K1"))
    engine = create_engine(where if "://" in where else f"sqlite:///{where}")
    with engine.begin() as connection:
        connection.execute(text("UPDATE desk_meta SET version = 2"))
    engine.dispose()
    with closing(SqlDesk(where)) as desk, pytest.raises(StoreFault) as refusal:
        desk.key("K1")
    assert refusal.value.code == "store.newer"
    assert dict(refusal.value.params) == {"found": 2, "newest": 1}
    open_store(where, "sim", create=False).close()


def test_an_old_home_gets_a_desk_when_first_asked(tmp_path: Path) -> None:
    """Opening a home makes no table of the desk; the first question does, and rights stay."""
    create_home(tmp_path / "home", "sim")
    path = tmp_path / "home" / "store.db"
    path.chmod(0o640)
    desk = open_home(tmp_path / "home").desk()
    assert not _desk_tables(path)
    assert desk.keys() == ()
    assert len(_desk_tables(path)) == 5
    assert path.stat().st_mode & 0o777 == 0o640
    desk.close()
    desk.close()
    with pytest.raises(StoreFault) as refusal:
        desk.keys()
    assert refusal.value.code == "store.closed"


def _desk_tables(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as raw:
        found = raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    return [name for (name,) in found if name.startswith("desk_")]


def test_no_store_no_desk(tmp_path: Path) -> None:
    """A desk neither makes a file nor settles in a database that is not a store's."""
    with closing(SqlDesk(tmp_path / "none.db")) as desk, pytest.raises(StoreFault) as refusal:
        desk.keys()
    assert refusal.value.code == "store.absent"
    assert not (tmp_path / "none.db").exists()
    with closing(sqlite3.connect(tmp_path / "other.db")) as raw:
        raw.execute("CREATE TABLE somebody_elses (a)")
    with closing(SqlDesk(tmp_path / "other.db")) as desk, pytest.raises(StoreFault) as refusal:
        desk.keys()
    assert refusal.value.code == "store.absent"
    assert _desk_tables(tmp_path / "other.db") == []


def test_a_busy_database_is_waited_for_then_refused(tmp_path: Path) -> None:
    """While somebody else writes, a look is answered at once and a write says `store.locked`."""
    open_store(tmp_path / "s.db", "sim").close()
    with closing(SqlDesk(tmp_path / "s.db", busy_s=0.05)) as desk:
        desk.add_key(key("K1"))
        with closing(sqlite3.connect(tmp_path / "s.db", isolation_level=None)) as raw:
            raw.execute("BEGIN IMMEDIATE")
            assert desk.key("K1") == key("K1")
            assert desk.due(NOW_S, 9) == ()
            with pytest.raises(StoreFault) as refusal:
                desk.revoke_key("K1", NOW_S)
            assert refusal.value.code == "store.locked"
            raw.execute("ROLLBACK")
        assert desk.revoke_key("K1", NOW_S)
