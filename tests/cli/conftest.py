"""One world with a backlog, made once and copied for whoever changes it."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cli.told import Teller

import manufold.app
from manufold.demo import demo_network_path
from manufold.workers.pool import KillablePool


class _Kept(KillablePool):
    """A pool that many homes share: what one closes stays open for the next."""

    def close(self) -> None:
        """Stay."""


@pytest.fixture(scope="session")
def pool() -> Iterator[KillablePool]:
    pool = _Kept()
    yield pool
    KillablePool.close(pool)


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("cli") / "world"
    manufold.app.use_network(path, demo_network_path(), backlog=True, start_s=200_000_000)
    return path


@pytest.fixture(scope="session")
def part() -> Path:
    """The folder of the demo's parts."""
    return Path(manufold.__file__).parent / "design" / "part" / "demo"


@pytest.fixture
def bare(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    pool: KillablePool,
) -> Teller:
    """A teller of a home that does not exist yet."""
    for name in list(os.environ):
        if name.startswith("MANUFOLD_") and name != "MANUFOLD_TEST_DATA":
            monkeypatch.delenv(name)
    monkeypatch.setenv("MANUFOLD_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "80")
    # designs are read by one pool for all; workers that share a search are a command's own
    monkeypatch.setattr(
        manufold.app, "KillablePool", lambda *workers: KillablePool(*workers) if workers else pool
    )
    return Teller(tmp_path / "home", capsys)


@pytest.fixture
def say(bare: Teller, world: Path) -> Teller:
    """A teller of a copy of the world."""
    shutil.copytree(world, bare.home)
    return bare
