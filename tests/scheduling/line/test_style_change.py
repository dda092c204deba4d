"""What a style change costs is what the public table says, derived by the script beside it."""

import tomllib
from pathlib import Path

import pytest
from benchmarks.style_change import TABLE, extras, productivity, sewing_days, within_teams

ROOT = Path(__file__).parents[3]


def test_the_loss_is_what_the_table_says(test_data: Path) -> None:
    """0.748 without a change, 0.615 with one, 0.662 with two, and the thousandths that follow."""
    path = test_data / TABLE
    if not path.is_file():
        pytest.skip(f"the table of line days is not at {path}")
    days = sewing_days(path)
    told = tomllib.loads((ROOT / "benchmarks/style_change.toml").read_text("utf-8"))
    found = productivity(days)
    levels = [told["found"][name] for name in ("unchanged", "once", "twice")]
    assert [round(level, 3) for level, _ in found.values()] == levels
    assert [count for _, count in found.values()] == told["found"]["days"]
    assert list(extras(found[0][0], found[1][0])) == told["extra_permille"]
    assert 0.10 < within_teams(days) < 1 - found[1][0] / found[0][0]


def test_each_repetition_halves_the_loss() -> None:
    """From a level of 0.8 that falls to 0.5, the first piece takes 60 % longer, the next 30 %."""
    assert extras(0.8, 0.5)[:4] == (600, 300, 150, 75)
