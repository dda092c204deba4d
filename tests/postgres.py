"""A real PostgreSQL for the tests: the one of MANUFOLD_PG_URL, or one started for this run.

Each test process starts its own server, when a test first asks, on a socket in a folder of its own
(no port, so no race for one), and each test gets an empty database. Without either the tests that
need one are skipped, and say so.

The server's lifetime is that of a pipe: a small shell waits for the end of its input, which comes
when the tests close it and also when they are killed, then stops the server and removes its files.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

__all__ = ["pg_server", "pg_url"]

START_LIMIT_S = 30.0
STOP_LIMIT_S = 10.0

# $1 programs, $2 folder. fsync is off: these tests kill the client, never the machine.
SERVER = """
"$1/initdb" -D "$2/data" -U postgres -A trust -E UTF8 --no-locale --no-sync > "$2/log" 2>&1 || exit
"$1/postgres" -D "$2/data" -k "$2" -c listen_addresses= -c fsync=off -c full_page_writes=off \
    -c synchronous_commit=off -c max_connections=50 -c shared_buffers=32MB \
    < /dev/null >> "$2/log" 2>&1 &
cat > /dev/null
kill -INT $!
wait
rm -rf "$2"
"""


@pytest.fixture(scope="session")
def pg_server() -> Iterator[str]:
    """A SQLAlchemy URL of a server on which databases may be created."""
    pytest.importorskip("psycopg", reason="psycopg is not installed (extra: postgres)")
    given = os.environ.get("MANUFOLD_PG_URL")
    if given:
        yield given
        return
    programs = _programs()
    if programs is None:
        pytest.skip("no PostgreSQL: set MANUFOLD_PG_URL, or install one (Debian: postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="manufold-pg-"))
    user = _server_user()
    if user is not None:
        os.chown(folder, user.pw_uid, user.pw_gid)
    server = subprocess.Popen(
        ["/bin/sh", "-c", SERVER, "sh", str(programs), str(folder)],
        stdin=subprocess.PIPE,
        cwd=folder,
        user=user.pw_uid if user else None,
        group=user.pw_gid if user else None,
        extra_groups=[] if user else None,
        start_new_session=True,  # Ctrl-C is for the tests; they stop the server
    )
    try:
        url = f"postgresql+psycopg://postgres@/postgres?host={folder}"
        _wait_until_up(url, server, folder)
        yield url
    finally:
        assert server.stdin is not None
        server.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            server.wait(STOP_LIMIT_S)
        server.kill()
        server.wait()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def pg_url(pg_server: str) -> Iterator[str]:
    """A SQLAlchemy URL of an empty database, dropped after the test."""
    from sqlalchemy import create_engine, make_url, text

    name = f"manufold_{uuid.uuid4().hex}"
    engine = create_engine(pg_server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"create database {name}"))
    yield make_url(pg_server).set(database=name).render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.execute(text(f"drop database {name} with (force)"))
    engine.dispose()


def _programs() -> Path | None:
    """Return the folder of initdb and postgres, the newest of Debian's or the PATH's."""
    debian = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    found = sorted(debian, key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("initdb")
    if found:
        return found[-1].parent
    return Path(on_path).resolve().parent if on_path else None


def _server_user() -> pwd.struct_passwd | None:
    """Return who runs the server: PostgreSQL refuses root; None stands for ourselves."""
    if os.geteuid() != 0:
        return None
    for name in ["postgres", "nobody"]:
        with suppress(KeyError):
            return pwd.getpwnam(name)
    return pytest.skip("PostgreSQL does not run as root and there is no user postgres or nobody")


def _wait_until_up(url: str, server: subprocess.Popen[bytes], folder: Path) -> None:
    """Return when the server answers; fail with its log when it does not."""
    from sqlalchemy import create_engine
    from sqlalchemy.exc import OperationalError

    engine = create_engine(url)
    until = time.monotonic() + START_LIMIT_S
    while server.poll() is None and time.monotonic() < until:
        with suppress(OperationalError), engine.connect():
            break
        time.sleep(0.05)
    else:
        log = folder / "log"
        pytest.fail(f"PostgreSQL did not start: {log.read_text() if log.exists() else 'no log'}")
    engine.dispose()
