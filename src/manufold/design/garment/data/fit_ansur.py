"""Fits what completes and doubts measures, on the public ANSUR II tables; writes `fitted.toml`.

Run `python fit_ansur.py FOLDER` with the folder of the two tables (.csv or .csv.gz). Men and women
are fitted together, since nobody is asked for a sex: each row states how far it leans for either.
Ordinary least squares; the spread is the standard deviation of the residuals of all 6,068 people.
"""

import csv
import gzip
import io
import sys
import tomllib
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parents[1]
TABLES = ("ANSUR_II_MALE_Public.csv", "ANSUR_II_FEMALE_Public.csv")
BASIS = ("stature_mm", "neck_girth_mm", "bust_girth_mm", "waist_girth_mm")
COMPLETED = (
    "hip_girth_mm",
    "shoulder_width_mm",
    "back_waist_length_mm",
    "arm_length_left_mm",
    "arm_length_right_mm",
    "upper_arm_girth_mm",
    "wrist_girth_mm",
)
#: beyond the smallest and the largest of 6,068 soldiers there are still people
MARGIN_FRACTION = 0.15
#: nobody measured is asked about: this much farther out than the farthest of them, and 6 at least
DOUBT_FACTOR = 1.25
DOUBT_LEAST_SD = 6.0

HEAD = """\
# Made by data/fit_ansur.py from the public ANSUR II tables; do not edit by hand.
# [[limit]]: smallest and largest of them, and 15 % more on either side.
# [[complete]]: a missing measure from the four that everybody gives.
# [[doubt]]: what the other three of the four lead one to expect.
# doubt_sd: asked about when farther from what is expected; 1.25 x the farthest of them, 6 at least.

[source]
title = "Fitted on the public ANSUR II tables (US Army, 2012), 4,082 men and 1,986 women together"
year = 2014
licence = "US Government work, public release\""""

Columns = dict[str, np.ndarray]


def people(folder: Path) -> tuple[Columns, np.ndarray]:
    """Return our measures of everybody as the mapping has them, and who is a woman."""
    mapping = tomllib.loads((FOLDER / "ansur.toml").read_text(encoding="utf-8"))
    rows: list[dict[str, str]] = []
    women: list[bool] = []
    for name in TABLES:
        path = folder / name
        packed = folder / f"{name}.gz"
        content = path.read_bytes() if path.exists() else gzip.decompress(packed.read_bytes())
        read = list(csv.DictReader(io.StringIO(content.decode("latin-1"))))
        rows += read
        women += ["FEMALE" in name] * len(read)
    found = {
        row["measure"]: sum(
            weight * np.array([float(person[column]) for person in rows])
            for column, weight in row["columns"].items()
        )
        for row in mapping["row"]
    }
    return found, np.array(women)


def fitted(columns: Columns, women: np.ndarray, target: str, basis: tuple[str, ...]) -> str:
    """Return the row of a regression of one measure on others."""
    matrix = np.column_stack([np.ones(len(women)), *(columns[name] for name in basis)])
    solved, *_ = np.linalg.lstsq(matrix, columns[target], rcond=None)
    rounded = [float(f"{value:.5g}") for value in solved]
    left = columns[target] - matrix @ np.array(rounded)
    sd = left.std(ddof=len(rounded))
    doubt = max(DOUBT_LEAST_SD, DOUBT_FACTOR * float(np.abs(left).max() / sd))
    terms = ", ".join(f"{n} = {v:g}" for n, v in zip(basis, rounded[1:], strict=True))
    return "\n".join(
        [
            f'measure = "{target}"',
            f"constant_mm = {rounded[0]:g}",
            f"times = {{ {terms} }}",
            f"residual_sd_mm = {sd:.1f}",
            f"lean_women_mm = {left[women].mean():.1f}",
            f"lean_men_mm = {left[~women].mean():.1f}",
            f"doubt_sd = {doubt:.1f}",
            f"people = {len(women)}",
        ]
    )


def main(folder: Path) -> None:
    """Write the table."""
    columns, women = people(folder)
    blocks = [HEAD]
    for name, values in columns.items():
        least, most = float(values.min()), float(values.max())
        blocks.append(
            f'[[limit]]\nmeasure = "{name}"\nleast = {round(least * (1 - MARGIN_FRACTION))}\n'
            f"most = {round(most * (1 + MARGIN_FRACTION))}\nseen = [{least:.0f}, {most:.0f}]"
        )
    for target in COMPLETED:
        blocks.append("[[complete]]\n" + fitted(columns, women, target, BASIS))
    for target in BASIS:
        others = tuple(name for name in BASIS if name != target)
        blocks.append("[[doubt]]\n" + fitted(columns, women, target, others))
    (FOLDER / "fitted.toml").write_text("\n\n".join(blocks) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
