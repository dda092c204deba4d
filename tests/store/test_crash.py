"""Whatever dies, and whenever: what was acknowledged is there, and nothing is half there."""

import multiprocessing
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

import postgres
from contract.store_batches import counted
from manufold.model.errors import StoreFault
from manufold.store import create_home, open_store
from store.crash_writer import batch_of, die_at, sound_after, write_on

FORK = multiprocessing.get_context("forkserver")
FORK.set_forkserver_preload(["store.crash_writer", "psycopg"])
DATABASES = pytest.mark.parametrize("database", ["sqlite", "postgres"])


@pytest.fixture(scope="module", autouse=True)
def warm() -> None:
    """Start the server of our writers where it finds what to load ahead: 25 starts in a second."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join(path for path in sys.path if path))
        first = FORK.Process(target=int)
        first.start()
        first.join(60)


@pytest.fixture
def where(database: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """Where an empty store may be made: a path or a URL."""
    if database == "sqlite":
        return str(tmp_path / "s.db")
    return str(request.getfixturevalue("pg_url"))


def _killed_round(where: str, number: int, acknowledged: dict[int, str], enough: int) -> None:
    """Let a process write until `enough` answers came, kill it, and note all it acknowledged."""
    ours, theirs = FORK.Pipe(duplex=False)
    writer = FORK.Process(target=write_on, args=(where, number, theirs))
    writer.start()
    theirs.close()
    try:
        for _ in range(enough):
            assert ours.poll(60)
            acknowledged.update(ours.recv())
    finally:
        writer.kill()
    try:
        while True:
            acknowledged.update(ours.recv())
    except (EOFError, OSError):
        pass
    writer.join(60)
    ours.close()


def _kill_rounds(where: str, rounds: int, full_every: int = 1) -> None:
    open_store(where, "sim", counted).close()
    rng = random.Random(20261123)
    acknowledged: dict[int, str] = {}
    seen = 0
    for number in range(rounds):
        _killed_round(where, number, acknowledged, rng.randrange(0, 12))
        with closing(open_store(where, "sim", counted, create=False)) as store:
            fresh = {one.seq: one.hash for one in store.read(after_seq=seen)}
            assert {s: h for s, h in acknowledged.items() if s > seen}.items() <= fresh.items()
            seen = store.head().seq
            if number % full_every == 0 or number == rounds - 1:
                sound_after(store, acknowledged)
    assert rounds < len(acknowledged) <= seen


@DATABASES
def test_killing_a_writer_loses_nothing(where: str) -> None:
    """25 times a process of four writing threads is killed: all it acknowledged is there, whole."""
    _kill_rounds(where, 25)


@pytest.mark.slow
@DATABASES
def test_killing_five_hundred_writers_loses_nothing(where: str) -> None:
    """The same 500 times."""
    _kill_rounds(where, 500, full_every=50)


@DATABASES
def test_dying_between_any_two_statements_leaves_all_or_nothing(where: str) -> None:
    """A process that dies before its n-th statement, for every n, leaves no part of its batch."""
    open_store(where, "sim", counted).close()
    deaths = 0
    for number in range(1, 60):
        writer = FORK.Process(target=die_at, args=(where, number, f"d-{number}"))
        writer.start()
        writer.join(60)
        with closing(open_store(where, "sim", counted, create=False)) as store:
            kept = sound_after(store, {})
        assert writer.exitcode in (0, 9) and kept == (writer.exitcode == 0)
        if writer.exitcode == 0:
            break
        deaths += 1
    assert deaths >= 10


class Broken(sqlite3.OperationalError):
    """A disk that fails, as the driver tells it (SQLITE_IOERR)."""

    sqlite_errorcode = 10


@DATABASES
@pytest.mark.parametrize("many", [False, True])
def test_failing_at_any_statement_leaves_nothing(where: str, many: bool) -> None:
    """In a process that lives on, a fault at the n-th statement leaves the store as it was."""
    store = open_store(where, "sim", counted)
    left = 0

    def fail(*_: Any) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise Broken

    event.listen(store._engine, "before_cursor_execute", fail)
    event.listen(store._engine, "commit", fail)
    faults = 0
    for number in range(1, 60):
        left = number
        batches = [batch_of(f"{name}-{number}") for name in ("a", "b", "c")]
        try:
            if many:
                for answer in store.append_many(batches):
                    if isinstance(answer, Exception):
                        raise answer
            else:
                store.append(batches[0])
        except StoreFault as fault:
            assert fault.code == "store.disk_failed"  # noqa: PT017
            left = 0
            faults += 1
            assert sound_after(store, {}) == 0
            continue
        break
    left = 0
    assert faults >= 8 and sound_after(store, {}) == (3 if many else 1)
    store.close()


def _written(folder: Path, batches: int) -> tuple[Path, list[tuple[int, str]]]:
    """Return the folder of a copied live store, log not yet merged, and its heads by batch."""
    live = folder / "live"
    home = create_home(live, "sim", sim_start_s=0)
    heads = [(0, "")]
    with closing(home.store(counted)) as store:
        for number in range(batches):
            last = store.append(batch_of(f"w-{number}"))[-1]
            heads.append((last.seq, last.hash))
        home.sign_head(store, at_s=1)
        shutil.copytree(live, folder / "copy")
    return folder / "copy", heads


def _reopened(folder: Path, heads: list[tuple[int, str]]) -> int | None:
    """Return how many batches a damaged copy still holds, None when it is refused as corrupt."""
    try:
        with closing(open_store(folder / "store.db", "sim", counted, create=False)) as store:
            kept = sound_after(store, dict(heads[1:][: store.head().seq // 2]))
            assert store.head().seq == heads[kept][0]
            return kept
    except StoreFault as fault:
        if fault.code not in ("store.corrupt", "store.absent"):
            raise
        return None


def _cut_log(folder: Path, batches: int, cuts: int) -> None:
    source, heads = _written(folder, batches)
    log = (source / "store.db-wal").read_bytes()
    assert len(log) > 20_000
    rng = random.Random(7)
    frame = 4096 + 24
    edges = [32 + frame * n + d for n in range(len(log) // frame) for d in (-1, 0, 1)]
    places = sorted({0, 1, 31, len(log), *rng.sample(edges, min(len(edges), cuts // 3))}
                    | {rng.randrange(len(log)) for _ in range(cuts)})  # fmt: skip
    found: list[int] = []
    target = folder / "cut"
    for place in places:
        flipped = (
            log[:place] + bytes([log[place] ^ 0x40]) + log[place + 1 :] if place < len(log) else log
        )
        garbage = log[:place] + rng.randbytes(500)
        for kind, content in enumerate((log[:place], flipped, garbage)):
            shutil.rmtree(target, ignore_errors=True)
            target.mkdir()
            shutil.copy(source / "store.db", target / "store.db")
            (target / "store.db-wal").write_bytes(content)
            kept = _reopened(target, heads)
            assert kept is not None
            if kind == 0:
                found.append(kept)
    assert found == sorted(found) and found[0] == 0 and found[-1] == batches
    assert len(set(found)) > batches // 2


def test_a_log_cut_anywhere_is_a_prefix(tmp_path: Path) -> None:
    """Cut, flipped or followed by garbage at any byte: a prefix of what was written, never more."""
    _cut_log(tmp_path, batches=25, cuts=50)


@pytest.mark.slow
def test_a_log_cut_at_many_bytes_is_a_prefix(tmp_path: Path) -> None:
    """The same at 1,300 places, each in three ways."""
    _cut_log(tmp_path, batches=60, cuts=1000)


def test_a_cut_file_is_corrupt_or_whole(tmp_path: Path) -> None:
    """A database file that lost its end, by any number of bytes, is refused."""
    source, heads = _written(tmp_path, 40)
    _reopened(source, heads)  # merges the log into the file
    whole = (source / "store.db").read_bytes()
    assert not (source / "store.db-wal").exists() and len(whole) > 50_000
    target = tmp_path / "cut"
    target.mkdir()
    rng = random.Random(3)
    places = {
        0,
        1,
        99,
        511,
        512,
        4096,
        len(whole) - 1,
        *(rng.randrange(len(whole)) for _ in range(150)),
    }
    for place in sorted(places):
        for old in target.iterdir():
            old.unlink()
        (target / "store.db").write_bytes(whole[:place])
        assert _reopened(target, heads) is None, place
    (target / "store.db").write_bytes(whole)
    assert _reopened(target, heads) == 40


def test_signed_heads_know_of_a_lost_tail(tmp_path: Path) -> None:
    """A cut log opens as a sound prefix; only the witness outside knows that there was more."""
    home = create_home(tmp_path / "h", "sim", sim_start_s=0)
    with closing(home.store(counted)) as store:
        for number in range(10):
            store.append(batch_of(f"w-{number}"))
        home.sign_head(store, at_s=1)
        shutil.copytree(home.path, tmp_path / "copy")
    log = tmp_path / "copy" / "store.db-wal"
    log.write_bytes(log.read_bytes()[: -4096 * 6])
    copy = type(home)(tmp_path / "copy", home.world, home.database, home.store_id)
    with closing(copy.store(counted)) as store:
        assert 0 < sound_after(store, {}) < 10
    faults = copy.verify().faults
    assert [fault.reason.code for fault in faults] == ["store.head_beyond"]


@pytest.fixture
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Server"]:
    """A PostgreSQL server that may be stopped at once, and started again."""
    programs = postgres._programs()
    if programs is None:
        pytest.skip("no PostgreSQL programs to start a server of our own")
    folder = Path(
        subprocess.check_output(["mktemp", "-d", "/tmp/manufold-pg-XXXXXX"], text=True).strip()
    )
    server = Server(folder, programs)
    try:
        server.make()
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


class Server:
    """A server in a folder, run by whoever may run one."""

    def __init__(self, folder: Path, programs: Path) -> None:
        self._folder, self._programs = folder, programs
        self._user = postgres._server_user()
        if self._user is not None:
            os.chown(folder, self._user.pw_uid, self._user.pw_gid)
        self.url = f"postgresql://postgres@/postgres?host={folder}"

    def make(self) -> None:
        """Make the database files."""
        data = str(self._folder / "data")
        self._run("initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")

    def start(self) -> None:
        """Start, after recovery from whatever happened before."""
        options = f"-k {self._folder} -c listen_addresses= -c max_connections=40"
        self._control("start", "-o", options, "-l", str(self._folder / "log"), "-w")

    def stop(self) -> None:
        """Stop at once: no flush, no farewell; what is not in the log is lost."""
        if (self._folder / "data" / "postmaster.pid").exists():
            self._control("stop", "-m", "immediate", "-w")

    def _control(self, *words: str) -> None:
        self._run("pg_ctl", "-D", str(self._folder / "data"), *words)

    def _run(self, program: str, *words: str) -> None:
        subprocess.run(
            [str(self._programs / program), *words],
            check=True,
            timeout=60,
            cwd=self._folder,
            user=self._user.pw_uid if self._user else None,
            group=self._user.pw_gid if self._user else None,
            extra_groups=[] if self._user else None,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


def test_stopping_the_server_at_once_loses_nothing(own_server: "Server") -> None:
    """PostgreSQL stopped without a flush while we write: all that we acknowledged is there."""
    with closing(open_store(own_server.url, "sim", counted)) as store:
        acknowledged: dict[int, str] = {}
        for number in range(4):
            ours, theirs = FORK.Pipe(duplex=False)
            writer = FORK.Process(target=write_on, args=(own_server.url, number, theirs))
            writer.start()
            theirs.close()
            assert ours.poll(60)
            time.sleep(0.05 * number)
            own_server.stop()
            try:
                while True:
                    acknowledged.update(ours.recv())
            except EOFError:
                ours.close()
            writer.join(60)
            with pytest.raises(StoreFault, match=r"store\.(unreachable|unsure)"):
                store.append(batch_of(f"x-{number}"))
            own_server.start()
            sound_after(store, acknowledged)
    assert len(acknowledged) > 8
