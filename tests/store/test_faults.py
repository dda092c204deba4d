"""No exception of a database leaves the store: each becomes a refusal that says who must act."""

import re
import sqlite3
import threading
import time
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import psycopg.errors
import pytest
import sqlalchemy.exc
from sqlalchemy import create_engine, text

from contract.store_batches import booking, counted
from contract.store_batches import event as new_event
from manufold.model.errors import Conflict, InputFault, ManufoldError, OurFault, StoreFault
from manufold.model.ports import Batch
from manufold.store import open_store
from manufold.store.faults import translated

ROOT = Path(__file__).parents[2]


def _kinds_of(root: type[BaseException]) -> Iterator[type[BaseException]]:
    yield root
    for kind in root.__subclasses__():
        yield from _kinds_of(kind)


def _made(kind: type[BaseException]) -> BaseException:
    error = kind.__new__(kind)
    error.args = ("something happened",)
    if isinstance(error, sqlalchemy.exc.StatementError):
        error.statement = error.params = error.orig = error.code = None
        error.detail = []
    return error


def _codes() -> set[str]:
    found: set[str] = set()
    for name in ("store", "blobs", "home"):
        for path in (ROOT / "src" / "manufold" / "store").glob("*.py"):
            found.update(re.findall(rf'"({name}\.[a-z_]+)"', path.read_text(encoding="utf-8")))
        for path in (ROOT / "src" / "manufold" / "model").glob("[fl]*e*.py"):
            found.update(re.findall(rf'"({name}\.[a-z_]+)"', path.read_text(encoding="utf-8")))
    return found - {"store.db", "home.toml"}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_code_has_its_words(language: str) -> None:
    """Each code of the store is worded once, and no sentence stands without its code."""
    path = ROOT / "src" / "manufold" / "words" / language / "store.toml"
    words = tomllib.loads(path.read_text(encoding="utf-8"))
    assert set(words) == _codes()


def test_every_exception_of_the_drivers_is_translated() -> None:
    """All classes of sqlite3, psycopg and SQLAlchemy, bare or wrapped, become ours."""
    roots = (sqlite3.Error, psycopg.Error, sqlalchemy.exc.SQLAlchemyError)
    kinds = {kind for root in roots for kind in _kinds_of(root)}
    assert len(kinds) > 300
    for kind in kinds:
        refusal = translated(_made(kind))
        assert isinstance(refusal, OurFault | StoreFault | Conflict | InputFault), kind
        if not issubclass(kind, sqlalchemy.exc.SQLAlchemyError):
            wrapped = sqlalchemy.exc.DBAPIError("select", {}, _made(kind))
            assert translated(wrapped).reason == refusal.reason  # type: ignore[union-attr]


def test_our_own_and_strange_exceptions_are_left_alone() -> None:
    """A projector's or a caller's exception is no fault of the database."""
    for error in (ValueError("x"), OSError("y"), KeyboardInterrupt()):
        assert translated(error) is None


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ("40001", "store.locked"),
        ("55P03", "store.locked"),
        ("57P01", "store.unreachable"),
        ("53100", "store.full"),
        ("53300", "store.unreachable"),
        ("28P01", "store.unreachable"),
        ("XX001", "store.corrupt"),
        ("23P01", "store.slot_taken"),
        ("42501", "store.unwritable"),
        ("22012", "store.failed"),
    ],
)
def test_sqlstates_say_what_happened(state: str, code: str) -> None:
    """PostgreSQL is understood by its SQLSTATE, in whatever language it writes."""
    refusal = translated(psycopg.errors.lookup(state)("irgendetwas"))
    assert refusal is not None and refusal.code == code


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (5, "store.locked"),
        (517, "store.locked"),
        (11, "store.corrupt"),
        (26, "store.corrupt"),
        (522, "store.corrupt"),
        (778, "store.disk_failed"),
        (13, "store.full"),
        (8, "store.unwritable"),
        (14, "store.unwritable"),
        (21, "store.failed"),
    ],
)
def test_result_codes_say_what_happened(number: int, code: str) -> None:
    """SQLite is understood by its result code, extended or not."""
    error = sqlite3.OperationalError("anything")
    error.sqlite_errorcode = number
    refusal = translated(error)
    assert refusal is not None and refusal.code == code


def test_a_locked_store_says_so_and_waits_first(tmp_path: Path) -> None:
    """Another process that holds the write lock: wait as long as asked, then `store.locked`."""
    store = open_store(tmp_path / "s.db", "sim", busy_s=0.3)
    store.append(Batch((new_event(),)))
    raw = sqlite3.connect(tmp_path / "s.db", isolation_level=None)
    raw.execute("BEGIN IMMEDIATE")
    began_s = time.monotonic()
    with pytest.raises(StoreFault, match=r"store\.locked"):
        store.append(Batch((new_event(),)))
    assert 0.25 <= time.monotonic() - began_s < 3
    assert store.head().seq == 1 and len(list(store.read())) == 1
    raw.execute("ROLLBACK")
    raw.close()
    store.append(Batch((new_event(),)))
    store.close()


def test_a_locked_postgres_says_so(pg_url: str) -> None:
    """The same on PostgreSQL, where the head row is the door."""
    store = open_store(pg_url, "sim", busy_s=0.3)
    engine = create_engine(pg_url)
    with engine.connect() as connection:
        connection.execute(text("select * from head for update"))
        with pytest.raises(StoreFault, match=r"store\.locked"):
            store.append(Batch((new_event(),)))
    engine.dispose()
    assert store.append(Batch((new_event(),)))[0].seq == 1
    store.close()


@pytest.mark.parametrize(
    "content",
    [b"this is not a database at all" * 100, b"SQLite format 3\x00" + b"\xff" * 5000, b"x"],
)
def test_a_file_that_is_no_database_is_corrupt(tmp_path: Path, content: bytes) -> None:
    """Any other file in the store's place is refused and left as it is."""
    path = tmp_path / "s.db"
    path.write_bytes(content)
    with pytest.raises(StoreFault, match=r"store\.corrupt"):
        open_store(path, "sim")
    assert path.read_bytes() == content


def test_somebody_elses_database_is_foreign(tmp_path: Path) -> None:
    """A sound database of another program is refused, not adopted."""
    raw = sqlite3.connect(tmp_path / "s.db")
    raw.execute("CREATE TABLE songs (name TEXT)")
    raw.close()
    with pytest.raises(StoreFault, match=r"store\.foreign.*songs"):
        open_store(tmp_path / "s.db", "sim")
    raw = sqlite3.connect(tmp_path / "m.db")
    raw.execute("CREATE TABLE meta (name TEXT, value TEXT)")
    raw.close()
    with pytest.raises(StoreFault, match=r"store\.foreign"):
        open_store(tmp_path / "m.db", "sim")


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("UPDATE meta SET value = '2' WHERE name = 'schema_version'", "store.newer"),
        ("UPDATE meta SET value = 'x' WHERE name = 'schema_version'", "store.foreign"),
        ("UPDATE meta SET value = 'dream' WHERE name = 'world'", "store.corrupt"),
        ("DELETE FROM meta WHERE name = 'store_id'", "store.corrupt"),
        ("DROP TABLE views", "store.corrupt"),
        ("DELETE FROM head", "store.corrupt"),
        ("UPDATE head SET seq = 9", "store.corrupt"),
    ],
)
def test_a_store_that_is_not_as_we_make_it_is_refused(
    tmp_path: Path, statement: str, code: str
) -> None:
    """A newer store, or one that lost a part, is refused when opened."""
    open_store(tmp_path / "s.db", "sim").close()
    raw = sqlite3.connect(tmp_path / "s.db")
    raw.execute(statement)
    raw.commit()
    raw.close()
    with pytest.raises(StoreFault) as caught:
        open_store(tmp_path / "s.db", "sim")
    assert caught.value.code == code


def test_worlds_do_not_mix(tmp_path: Path) -> None:
    """A store of one world is never opened for the other."""
    open_store(tmp_path / "s.db", "sim").close()
    with pytest.raises(StoreFault, match=r"store\.world_differs"):
        open_store(tmp_path / "s.db", "live")


@pytest.mark.parametrize(
    "url", ["mysql://x/y", "sqlite://", "sqlite:///:memory:", "oracle://x", "http://x", "://"]
)
def test_other_databases_are_refused(url: str) -> None:
    """Only files and PostgreSQL hold a store."""
    with pytest.raises(InputFault, match=r"store\.url_wrong"):
        open_store(url, "sim")


def test_a_database_out_of_reach_says_so_without_its_password() -> None:
    """No server, no such host: unreachable, and the password stays private."""
    for host in ("localhost:1", "nowhere.invalid"):
        with pytest.raises(StoreFault, match=r"store\.unreachable") as caught:
            open_store(f"postgresql://me:s3cret@{host}/shop?connect_timeout=2", "sim")
        assert "s3cret" not in str(caught.value)


def test_a_path_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    """A missing folder and a folder in the file's place are the operator's."""
    for path in (tmp_path / "no" / "s.db", tmp_path):
        with pytest.raises(StoreFault, match=r"store\.unwritable"):
            open_store(path, "sim")
    with pytest.raises(StoreFault, match=r"store\.absent"):
        open_store(tmp_path / "s.db", "sim", create=False)


def test_a_lost_connection_heals(pg_url: str) -> None:
    """After the server throws us out, the refusal is ours and the next call connects again."""
    store = open_store(pg_url, "sim", counted)
    store.append(Batch((new_event(),)))
    engine = create_engine(pg_url, isolation_level="AUTOCOMMIT")
    kill = (
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where pid <> pg_backend_pid() and datname = current_database()"
    )
    for _ in range(3):
        with engine.connect() as connection:
            connection.execute(text(kill))
        try:
            store.append(Batch((new_event(),)))
        except StoreFault as fault:
            if fault.code not in ("store.unreachable", "store.unsure"):
                raise
            store.append(Batch((new_event(),)))
    assert store.get("total", "all") == {"n": store.head().seq}
    engine.dispose()
    store.close()


Raw = Callable[[str], None]


def _overlapping(run: Callable[[str], Any]) -> None:
    row = "insert into bookings values ('{}', 'mill', 0, {}, {}, '{}', 'g', 'firm', null, '{{}}')"
    run(row.format("x", 5, 15, "X"))


def test_sqlite_itself_refuses_two_holders(tmp_path: Path) -> None:
    """Written past the store, an overlapping row is refused by the database, new or moved."""
    store = open_store(tmp_path / "s.db", "sim")
    store.append(Batch(claims=(booking("a", 0, 10, "A"), booking("b", 50, 60, "B"))))
    raw = sqlite3.connect(tmp_path / "s.db")
    with pytest.raises(sqlite3.IntegrityError, match="slot_taken"):
        _overlapping(raw.execute)
    with pytest.raises(sqlite3.IntegrityError, match="slot_taken"):
        raw.execute("update bookings set from_s = 5 where booking_id = 'b'")
    raw.close()
    store.close()


def test_postgres_itself_refuses_two_holders(pg_url: str) -> None:
    """The exclusion constraint stands without us, and waits until commit when told to."""
    store = open_store(pg_url, "sim")
    store.append(Batch(claims=(booking("a", 0, 10, "A"), booking("b", 50, 60, "B"))))
    engine = create_engine(pg_url)
    for statement in (None, "update bookings set from_s = 5 where booking_id = 'b'"):
        with engine.connect() as connection, pytest.raises(sqlalchemy.exc.IntegrityError) as caught:
            if statement is None:
                _overlapping(lambda sql: connection.execute(text(sql)))
            else:
                connection.execute(text(statement))
        refusal = translated(caught.value)
        assert isinstance(refusal, Conflict) and refusal.code == "store.slot_taken"
    with engine.begin() as connection:  # two change places, overlapping in between
        connection.execute(text("set constraints bookings_one_holder deferred"))
        move = "update bookings set from_s = {}, to_s = {} where booking_id = '{}'"
        connection.execute(text(move.format(50, 60, "a")))
        connection.execute(text(move.format(0, 10, "b")))
    engine.dispose()
    assert [b.booking_id for b in store.bookings(now_s=0)] == ["b", "a"]
    store.close()


def test_what_the_database_refuses_alone_refuses_one_batch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Were our own check wrong, the constraint would refuse that batch and spare its group."""
    monkeypatch.setattr("manufold.store.plan.Plan._claim", _unchecked_claim)
    store = open_store(tmp_path / "s.db", "sim")
    names = ("a", "b", "c")
    batches = [
        Batch((new_event(),), claims=(booking(n, 10 * (n == "c"), 10 + 10 * (n == "c"), n),))
        for n in names
    ]
    answers = store.append_many(batches)
    codes = [a.code if isinstance(a, ManufoldError) else "done" for a in answers]
    assert codes == ["done", "store.slot_taken", "done"]
    assert [e.seq for e in store.read()] == [1, 2]
    store.close()


def _unchecked_claim(plan: Any, claim: Any, now_s: int) -> None:
    plan._put_back(claim)


def test_many_threads_share_groups_and_their_fate(tmp_path: Path) -> None:
    """A refusal reaches only its own caller, and everybody returns."""
    store = open_store(tmp_path / "s.db", "sim", counted)
    done: list[object] = []

    def work(number: int) -> None:
        for i in range(20):
            kind = "Break" if (number + i) % 5 == 0 else "Made"
            try:
                done.append(store.append(Batch((new_event(f"s:{number}", kind),)))[0].seq)
            except OurFault as fault:
                done.append(fault.code)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    seqs = [one for one in done if isinstance(one, int)]
    assert sorted(seqs) == list(range(1, 257)) and len(done) == 320
    assert done.count("store.projector_failed") == 64
    assert store.get("total", "all") == {"n": 256}
    store.close()
