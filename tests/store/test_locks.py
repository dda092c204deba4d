"""A store keeps its locks: nobody takes the log away from under a process that has it open.

SQLite holds POSIX locks, and a process that closes any descriptor of a file loses all of its locks
on it. Opening a second store or a desk on the same file once did that: the next process that came
and went believed itself alone and deleted the write-ahead log, and what was acknowledged was gone.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from manufold.model.ports import Batch
from manufold.services.documents import event
from manufold.services.project import project
from manufold.store.desk import SqlDesk
from manufold.store.home import Home, create_home, open_home

ANOTHER = """
import sys
from manufold.services.project import project
from manufold.store.home import open_home
home = open_home(sys.argv[1])
store = home.store(project)
list(store.read())
desk = home.desk()
desk.keys()
desk.close()
store.close()
"""


def begun(path: Path) -> Home:
    """Return a home with one event, cleanly closed."""
    create_home(path, "sim", sim_start_s=0)
    home = open_home(path)
    store = home.store(project)
    said(store, 1)
    store.close()
    return home


def held(path: Path) -> int:
    """Return how many locks this process holds on a file, as the kernel says."""
    inode = str(path.stat().st_ino)
    lines = Path("/proc/locks").read_text(encoding="ascii").splitlines()
    return sum(line.split()[5].endswith(f":{inode}") for line in lines if " POSIX " in line)


def said(store, number: int) -> None:
    """Append one event."""
    data = {"name": "n", "revision": f"{number:064d}"}
    store.append(Batch((event("network", "NetworkLoaded", data, number, "manufold"),)))


def test_what_is_acknowledged_outlives_other_processes(tmp_path: Path) -> None:
    """Store and desk open here, a process comes and goes: what is written afterwards is there."""
    home = begun(tmp_path / "home")
    store, desk = home.store(project), home.desk()
    list(store.read())  # the log beside the file is empty now, as after a clean end
    desk.keys()
    second = home.store(project)  # as `verify` does beside a server
    list(second.read())
    second.close()
    command = [sys.executable, "-c", ANOTHER, str(tmp_path / "home")]
    subprocess.run(command, check=True, timeout=60)
    said(store, 2)
    subprocess.run(command, check=True, timeout=60)
    said(store, 3)
    log = tmp_path / "home" / "store.db-wal"
    assert log.exists() and log.stat().st_size > 0
    other = open_home(tmp_path / "home").store(project)
    assert [found.at_s for found in other.read()] == [1, 2, 3]
    other.close()
    desk.close()
    store.close()


@pytest.mark.skipif(not Path("/proc/locks").exists(), reason="the kernel tells no locks here")
def test_opening_more_loses_no_lock(tmp_path: Path) -> None:
    """The locks of a reader stand while others open and close the same file in this process."""
    home = begun(tmp_path / "home")
    path = tmp_path / "home" / "store.db"
    store = home.store(project)
    list(store.read())
    before = held(path)
    assert before > 0
    desk = SqlDesk(path)
    desk.keys()
    desk.close()
    home.store(project).close()
    assert held(path) >= before
    store.close()
