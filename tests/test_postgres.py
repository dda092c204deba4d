"""The PostgreSQL that the tests stand on is real, empty for each test, and leaves nothing."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError

EXCLUDED = """
create extension btree_gist;
create table booking (seat text, holder text, span int8range,
    exclude using gist (seat with =, holder with <>, span with &&) deferrable initially deferred);
insert into booking values ('s1', 'a', '[0,10)'), ('s1', 'a', '[5,15)'), ('s1', 'b', '[15,20)');
"""


def test_one_second_of_a_seat_has_one_holder(pg_url: str) -> None:
    """btree_gist is there: a deferred exclusion lets one holder overlap itself, and no other."""
    engine = create_engine(pg_url)
    with engine.begin() as connection:
        connection.execute(text(EXCLUDED))
    taken = "insert into booking values ('s1', 'c', '[19,21)')"
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(text(taken))
    with engine.connect() as connection:
        assert connection.execute(text("select count(*) from booking")).scalar() == 3
    engine.dispose()


def test_a_database_starts_empty(pg_url: str) -> None:
    """What another test created is not here."""
    engine = create_engine(pg_url)
    with engine.connect() as connection:
        tables = "select count(*) from pg_tables where schemaname = 'public'"
        assert connection.execute(text(tables)).scalar() == 0
    engine.dispose()


ASKS = """
import os, time

def test_ask(pg_server):
    with open("found", "w") as file:
        file.write(pg_server.partition("host=")[2])
    os.rename("found", "ready")
    time.sleep(60)
"""


@pytest.mark.skipif("MANUFOLD_PG_URL" in os.environ, reason="the server is not ours to stop")
def test_the_server_dies_with_a_killed_run(tmp_path: Path, pg_server: str) -> None:
    """kill -9 of the tests stops their server and removes its files."""
    (tmp_path / "test_ask.py").write_text(ASKS)
    (tmp_path / "conftest.py").write_text("from postgres import pg_server")
    (tmp_path / "pytest.ini").write_text(f"[pytest]\npythonpath = {Path(__file__).parent}\n")
    run = subprocess.Popen([sys.executable, "-m", "pytest", "-q"], cwd=tmp_path)
    ready = tmp_path / "ready"
    _wait(lambda: ready.exists() or run.poll() is not None)
    folder = Path(ready.read_text())
    assert folder.is_dir()
    run.send_signal(signal.SIGKILL)
    run.wait()
    _wait(lambda: not folder.exists())
    assert not folder.exists()


def _wait(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until and not is_so():
        time.sleep(0.05)
