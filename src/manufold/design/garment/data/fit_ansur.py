"""Fits what completes and doubts a person's measures, on the public ANSUR II tables.

Run `python fit_ansur.py FOLDER` with the folder of the two tables (.csv or .csv.gz). It writes

- `fitted.toml`: the smallest and the largest of each measure, with room beyond;
- `population.toml`: of women and of men, the mean and the covariance of the logarithms of all
  measures and of weight, from which every missing one follows, whatever was given;
- `pattern/completed.toml`: heights that patterns need beside the 22, by least squares.
"""

import csv
import gzip
import io
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parents[1]
TABLES = ("ANSUR_II_FEMALE_Public.csv", "ANSUR_II_MALE_Public.csv")
#: beyond the smallest and the largest of 6,068 soldiers there are still people
MARGIN_FRACTION = 0.15
#: a nape lies that much above the side neck points (ours); with it the slopes of everybody, from
#: the heights of nape and acromion, have their middle at 21 degrees
NAPE_MM = 21.0
SLOPE_DEG = 21
#: extra: columns of the table; and the measures from which it follows, few and plain ones, since
#: scans take some measures in another way than the survey did
EXTRAS = {
    "scye_depth_mm": (
        {"cervicaleheight": 1, "axillaheight": -1},
        ("stature_mm", "bust_girth_mm", "back_waist_length_mm"),
    ),
    "bust_depth_mm": (
        {"cervicaleheight": 1, "chestheight": -1},
        ("stature_mm", "bust_girth_mm", "back_waist_length_mm"),
    ),
    "hip_depth_mm": (
        {"waistheightomphalion": 1, "buttockheight": -1},
        ("stature_mm", "inside_leg_height_mm", "outside_leg_length_mm"),
    ),
    "knee_height_mm": ({"kneeheightmidpatella": 1}, ("stature_mm", "inside_leg_height_mm")),
}

MADE = "# Made by data/fit_ansur.py from the public ANSUR II tables; do not edit by hand.\n"
SOURCE = """
[source]
title = "Fitted on the public ANSUR II tables (US Army, 2012), 1,986 women and 4,082 men"
year = 2014
licence = "US Government work, public release"
"""
LIMITS = "# [[limit]]: smallest and largest of all 6,068 people, and 15 % more on either side.\n"
POPULATION = """\
# Card. What it is: of women and of men, mean and covariance of the natural logarithms of `names`
# (mm, kg), so that every subset of them tells the others with an interval, in closed form.
# Logarithms, because large people spread more than small ones: held out, intervals of the widest
# tenth hold as well as the others. Made from: two public tables, everybody in them, nobody's row
# kept. Bias: soldiers of 17 to 58 years of one country in 2012; no children, few very old, few
# very heavy; taken by trained measurers. `ansur.toml` says how each measure was taken there; knee
# girth, front waist and outside leg lengths are stood in for by neighbours. The survey has no
# shoulder slope: its level is ours, its spread that of the angle between nape and acromion, in
# which the error of three heights is contained. Sides: the survey took one.
# covariance_log: the lower triangle, row by row.
"""
COMPLETED = """\
# [[extra]]: what patterns need beside the 22, from a few of the 22; least squares on everybody.
"""

Columns = dict[str, np.ndarray]


def people(folder: Path) -> tuple[Columns, Columns, np.ndarray]:
    """Return our measures of everybody, the columns that are used, and who is a woman."""
    rows: list[dict[str, str]] = []
    women: list[bool] = []
    for name in TABLES:
        path = folder / name
        packed = folder / f"{name}.gz"
        content = path.read_bytes() if path.exists() else gzip.decompress(packed.read_bytes())
        read = list(csv.DictReader(io.StringIO(content.decode("latin-1"))))
        rows += read
        women += ["FEMALE" in name] * len(read)
    mapping = tomllib.loads((FOLDER / "ansur.toml").read_text(encoding="utf-8"))["row"]
    wanted = {"weightkg", "cervicaleheight", "acromialheight", "shoulderlength"}
    wanted |= {c for row in mapping for c in row["columns"]}
    wanted |= {c for columns, _ in EXTRAS.values() for c in columns}
    raw = {c: np.array([float(row[c]) for row in rows]) for c in sorted(wanted)}
    found = {
        row["measure"]: row.get("constant_mm", 0) + weighed(raw, row["columns"]) for row in mapping
    }
    return found, raw, np.array(women)


def weighed(raw: Columns, columns: Mapping[str, float]) -> np.ndarray:
    """Return a weighted sum of columns."""
    parts = [factor * raw[name] for name, factor in columns.items()]
    found: np.ndarray = np.add.reduce(parts)
    return found


def modelled(columns: Columns, raw: Columns) -> Columns:
    """Return what the population is told of: each site once, and weight."""
    sites = {
        name.replace("_right_", "_"): values
        for name, values in columns.items()
        if "_left_" not in name
    }
    return sites | {"weight_kg": raw["weightkg"] / 10}


def population(sites: Columns, women: np.ndarray) -> str:
    """Return mean and covariance of both sexes, as text."""
    logs = np.log(np.column_stack(list(sites.values())))
    names = ",\n".join(f'    "{name}"' for name in sites)
    blocks = [f"names = [\n{names},\n]"]
    for sex, rows in (("female", logs[women]), ("male", logs[~women])):
        mean = ", ".join(f"{v:.6f}" for v in rows.mean(axis=0))
        covariance = np.cov(rows.T)
        triangle = ",\n".join(
            "    [" + ", ".join(f"{v:.4e}" for v in covariance[k, : k + 1]) + "]"
            for k in range(len(sites))
        )
        blocks.append(
            f"[{sex}]\npeople = {len(rows)}\nmean_log = [{mean}]\n"
            f"covariance_log = [\n{triangle},\n]"
        )
    return "\n\n".join(blocks)


def slope(raw: Columns) -> str:
    """Return level and spread of the shoulder's slope, as text."""
    drop_mm = raw["cervicaleheight"] - NAPE_MM - raw["acromialheight"]
    found = np.degrees(np.arcsin(np.clip(drop_mm / raw["shoulderlength"], 0.0, 0.8)))
    assert abs(np.median(found) - SLOPE_DEG) < 1
    return f"[slope]\nmiddle_deg = {SLOPE_DEG}\nsd_deg = {found.std():.1f}"


def extra(sites: Columns, target: np.ndarray, basis: tuple[str, ...]) -> str:
    """Return constant, factors and spread of a regression, as text."""
    matrix = np.column_stack([np.ones(len(target)), *(sites[name] for name in basis)])
    solved, *_ = np.linalg.lstsq(matrix, target, rcond=None)
    rounded = [float(f"{value:.5g}") for value in solved]
    sd = (target - matrix @ np.array(rounded)).std(ddof=len(rounded))
    terms = ", ".join(f"{n} = {v:g}" for n, v in zip(basis, rounded[1:], strict=True))
    return f"constant_mm = {rounded[0]:g}\ntimes = {{ {terms} }}\nresidual_sd_mm = {sd:.1f}"


def limit(name: str, values: np.ndarray) -> str:
    """Return what is believed of a measure, as text."""
    least, most = float(values.min()), float(values.max())
    return (
        f'[[limit]]\nmeasure = "{name}"\nleast = {round(least * (1 - MARGIN_FRACTION))}\n'
        f"most = {round(most * (1 + MARGIN_FRACTION))}\nseen = [{least:.0f}, {most:.0f}]"
    )


def main(folder: Path) -> None:
    """Write the tables."""
    columns, raw, women = people(folder)
    sites = modelled(columns, raw)
    limits = [limit(name, values) for name, values in columns.items()]
    limits.append(limit("weight_kg", sites["weight_kg"]))
    extras = [
        f'[[extra]]\nname = "{name}"\n' + extra(sites, weighed(raw, table), basis)
        for name, (table, basis) in EXTRAS.items()
    ]
    for name, head, blocks in (
        ("fitted.toml", LIMITS, [SOURCE.strip(), *limits]),
        ("population.toml", POPULATION, [population(sites, women), slope(raw), SOURCE.strip()]),
        ("pattern/completed.toml", COMPLETED, [SOURCE.strip(), *extras]),
    ):
        text = MADE + head + "\n" + "\n\n".join(blocks) + "\n"
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
