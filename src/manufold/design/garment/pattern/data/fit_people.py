"""Fits what a pattern needs and a person did not say, on the public ANSUR II tables.

Run `python fit_people.py FOLDER` with the folder of the two tables (.csv or .csv.gz); it writes
`completed.toml`. Two kinds of rows: measures of the 22 that may be missing, from the four that
everybody gives; and extras (heights, depths) that are not among the 22, from those that are.
Ordinary least squares on all 6,068 people, men and women together.
"""

import csv
import gzip
import io
import sys
from pathlib import Path

import numpy as np

Row = tuple[float, dict[str, float]]

TABLES = ("ANSUR_II_MALE_Public.csv", "ANSUR_II_FEMALE_Public.csv")
BASIS = ("stature_mm", "neck_girth_mm", "bust_girth_mm", "waist_girth_mm")
#: measure: (constant, {column: factor}); how the table's columns stand for it
COLUMNS: dict[str, Row] = {
    "stature_mm": (0, {"stature": 1}),
    "neck_girth_mm": (0, {"neckcircumference": 1}),
    "bust_girth_mm": (0, {"chestcircumference": 1}),
    "waist_girth_mm": (0, {"waistcircumference": 1}),
    "hip_girth_mm": (0, {"buttockcircumference": 1}),
    "shoulder_width_mm": (0, {"shoulderlength": 2, "neckcircumferencebase": 0.3183}),
    "back_waist_length_mm": (0, {"waistbacklength": 1}),
    "front_waist_length_mm": (0, {"waistfrontlengthsitting": 1, "neckcircumferencebase": 0.195}),
    "across_back_width_mm": (0, {"interscyeii": 1}),
    "arm_length_mm": (0, {"acromionradialelength": 1, "radialestylionlength": 1}),
    "upper_arm_girth_mm": (0, {"bicepscircumferenceflexed": 1}),
    "wrist_girth_mm": (0, {"wristcircumference": 1}),
    "thigh_girth_mm": (0, {"thighcircumference": 1}),
    "knee_girth_mm": (0, {"lowerthighcircumference": 0.49, "calfcircumference": 0.49}),
    "calf_girth_mm": (0, {"calfcircumference": 1}),
    "inside_leg_height_mm": (0, {"crotchheight": 1}),
    "outside_leg_length_mm": (8, {"waistheightomphalion": 1}),
    "total_crotch_length_mm": (0, {"crotchlengthomphalion": 1}),
}
EXTRAS: dict[str, Row] = {
    "scye_depth_mm": (0, {"cervicaleheight": 1, "axillaheight": -1}),
    "bust_depth_mm": (0, {"cervicaleheight": 1, "chestheight": -1}),
    "hip_depth_mm": (0, {"waistheightomphalion": 1, "buttockheight": -1}),
    "knee_height_mm": (0, {"kneeheightmidpatella": 1}),
}
EXTRA_BASIS = {
    "scye_depth_mm": ("stature_mm", "bust_girth_mm", "back_waist_length_mm"),
    "bust_depth_mm": ("stature_mm", "bust_girth_mm", "back_waist_length_mm"),
    "hip_depth_mm": ("stature_mm", "inside_leg_height_mm", "outside_leg_length_mm"),
    "knee_height_mm": ("stature_mm", "inside_leg_height_mm"),
}
HEAD = """\
# Made by data/fit_people.py from the public ANSUR II tables; do not edit by hand.
# [[measure]]: one of the 22 when it is missing, from the four that everybody gives.
# [[extra]]: what is not among the 22, from those that are. [[column]]: how the table stands for it.

[source]
title = "Fitted on the public ANSUR II tables (US Army, 2012), 4,082 men and 1,986 women together"
year = 2014
licence = "US Government work, public release"
"""


def read(folder: Path) -> dict[str, np.ndarray]:
    """Return every column of numbers of both tables."""
    rows: list[dict[str, str]] = []
    for name in TABLES:
        path, packed = folder / name, folder / f"{name}.gz"
        content = path.read_bytes() if path.exists() else gzip.decompress(packed.read_bytes())
        rows += csv.DictReader(io.StringIO(content.decode("latin-1")))
    wanted = {c for _k, cols in (COLUMNS | EXTRAS).values() for c in cols}
    wanted |= {"cervicaleheight", "acromialheight", "shoulderlength"}
    return {c: np.array([float(row[c]) for row in rows]) for c in wanted}


def fitted(columns: dict[str, np.ndarray], target: np.ndarray, basis: tuple[str, ...]) -> str:
    """Return constant, factors and spread of a regression."""
    matrix = np.column_stack([np.ones(len(target)), *(columns[name] for name in basis)])
    solved, *_ = np.linalg.lstsq(matrix, target, rcond=None)
    rounded = [float(f"{value:.5g}") for value in solved]
    sd = (target - matrix @ np.array(rounded)).std(ddof=len(rounded))
    terms = ", ".join(f"{n} = {v:g}" for n, v in zip(basis, rounded[1:], strict=True))
    return f"constant_mm = {rounded[0]:g}\ntimes = {{ {terms} }}\nresidual_sd_mm = {sd:.1f}\n"


def main(folder: Path) -> None:
    """Write the table."""
    raw = read(folder)

    def taken(row: Row) -> np.ndarray:
        return row[0] + sum(
            (factor * raw[c] for c, factor in row[1].items()), np.zeros(len(raw["stature"]))
        )

    known = {name: taken(row) for name, row in COLUMNS.items()}
    blocks = [HEAD]
    for name, values in known.items():
        if name not in BASIS:
            blocks.append(f'[[measure]]\nname = "{name}"\n' + fitted(known, values, BASIS))
    for name, row in EXTRAS.items():
        text = fitted(known, taken(row), EXTRA_BASIS[name])
        blocks.append(f'[[extra]]\nname = "{name}"\n' + text)
    for name, (constant, cols) in COLUMNS.items():
        terms = ", ".join(f"{c} = {f:g}" for c, f in cols.items())
        blocks.append(
            f'[[column]]\nname = "{name}"\nconstant_mm = {constant}\ncolumns = {{ {terms} }}\n'
        )
    place = Path(__file__).parents[1] / "completed.toml"
    place.write_text("\n".join(blocks), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
