"""What all tests share: where the data lie, a home of their own, a database, seeded properties."""

import os
from pathlib import Path

import hypothesis
import pytest

from postgres import pg_server, pg_url

__all__ = ["home", "pg_server", "pg_url", "test_data"]

# the same examples on every machine, and no deadline: other work may share the cores
hypothesis.settings.register_profile("ci", derandomize=True, deadline=None, database=None)
hypothesis.settings.register_profile("explore", deadline=None, max_examples=2_000)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.fixture(scope="session")
def test_data() -> Path:
    """The folder of public data that does not ship with the package."""
    told = os.environ.get("MANUFOLD_TEST_DATA")
    path = Path(told) if told else Path(__file__).parent.parent.parent / "shared" / "data"
    if not path.is_dir():
        pytest.skip(f"the public test data are not at {path}; set MANUFOLD_TEST_DATA to them")
    return path


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty MANUFOLD_HOME, with no other MANUFOLD_ setting of the caller's in the way."""
    for name in list(os.environ):
        if name.startswith("MANUFOLD_") and name not in ("MANUFOLD_TEST_DATA", "MANUFOLD_PG_URL"):
            monkeypatch.delenv(name)
    path = tmp_path / "home"
    path.mkdir()
    monkeypatch.setenv("MANUFOLD_HOME", str(path))
    return path
