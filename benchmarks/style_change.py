"""What a style change costs a line, worked out anew from the UCI table.

    MANUFOLD_TEST_DATA=... python benchmarks/style_change.py

Prints the mean actual productivity of sewing days with no, one and two style changes, the same
within teams, and the thousandths by which a changed piece takes longer (see `style_change.toml` for
the source, its licence and what is assumed between a day and a piece).
"""

import csv
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from statistics import mean

__all__ = ["extras", "productivity", "sewing_days", "within_teams"]

TABLE = "garment/sewing/garments_worker_productivity.csv"
#: pieces of one manner until nothing is left of the loss
REPEATS = 9


def sewing_days(path: Path) -> list[Mapping[str, str]]:
    """Return the rows of sewing; the table writes the word its own way."""
    with path.open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["department"].startswith("sw")]


def productivity(days: Iterable[Mapping[str, str]]) -> dict[int, tuple[float, int]]:
    """Return mean actual productivity and the number of days, by style changes of the day."""
    found: dict[int, list[float]] = {}
    for day in days:
        changes = int(day["no_of_style_change"])
        found.setdefault(changes, []).append(float(day["actual_productivity"]))
    return {changes: (mean(values), len(values)) for changes, values in sorted(found.items())}


def within_teams(days: Iterable[Mapping[str, str]]) -> float:
    """Return what a day with changes loses against the same team's other days, as a share."""
    teams: dict[str, tuple[list[float], list[float]]] = {}
    for day in days:
        both = teams.setdefault(day["team_no"], ([], []))
        both[int(day["no_of_style_change"]) > 0].append(float(day["actual_productivity"]))
    lost = [(1 - mean(b) / mean(a), len(b)) for a, b in teams.values() if a and b]
    return sum(share * count for share, count in lost) / sum(count for _, count in lost)


def extras(unchanged: float, changed: float) -> tuple[int, ...]:
    """Return the thousandths that a changed piece and those after it take longer."""
    first = unchanged / changed - 1
    return tuple(round(1000 * first / 2**repeat) for repeat in range(REPEATS))


def main() -> None:
    """Print what the table says."""
    days = sewing_days(Path(os.environ["MANUFOLD_TEST_DATA"]) / TABLE)
    found = productivity(days)
    for changes, (level, count) in found.items():
        print(f"{changes} changes: {level:.3f} on {count} days")
    print(f"within teams a day with changes loses {within_teams(days):.1%}")
    print("extra_permille =", list(extras(found[0][0], found[1][0])))


if __name__ == "__main__":
    main()
