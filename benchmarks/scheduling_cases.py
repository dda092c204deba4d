"""Which shops are measured, where they lie, and the best values anybody has published for them."""

import csv
import os
from pathlib import Path
from typing import NamedTuple

__all__ = ["CASES", "Case", "best_known", "folder"]


class Case(NamedTuple):
    """An instance of a family: `file` lies below the folder of scheduling data."""

    family: str
    form: str
    file: str

    @property
    def name(self) -> str:
        """Its short name."""
        return Path(self.file).name.split(".")[0]


def _cases(family: str, form: str, pattern: str, *names: object) -> list[Case]:
    return [Case(family, form, pattern.format(name)) for name in names]


#: the first of a family is its quick one
CASES: tuple[Case, ...] = (
    *_cases("brandimarte", "fjsp", "fjsp/brandimarte/mk{:02}.txt", 10, *range(1, 10)),
    *_cases("hurink", "fjsp", "fjsp/hurink_{}.txt", "edata/la21", "rdata/la16", "vdata/la06"),
    *_cases("taillard", "jsp", "jsp_ta/ta{}.txt", 41, 42, 43, 44),
    *_cases("large", "jsp", "jsp_large/tai_j{}_1.data.gz", "100_m100", "1000_m100", "100_m1000"),
    *_cases("packed", "jsp", "jsp_large/{}-1.data.gz", "short-js-600000-100-10000"),
    *_cases("packed", "jsp", "jsp_large/{}-1.data.gz", "long-js-600000-100-10000"),
    *_cases("packed", "jsp", "jsp_large/{}-1.data.gz", "short-js-600000-1000-100000"),
    *_cases("packed", "jsp", "jsp_large/{}-1.data.gz", "long-js-600000-100-100000"),
    *_cases("million", "jsp", "jsp_large/tai_j1000_m1000_{}.data.gz", 1),
    *_cases("tardiness", "fjsp-tardiness", "fjsp_tardiness/{}.txt.gz", "t10k_s1", "t10k_s2"),
    *_cases("tardiness", "fjsp-tardiness", "fjsp_tardiness/{}.txt.gz", "t10k_s3", "t100k_s1"),
    *_cases("workers", "fjsp-w", "fjsp_w/BrandimarteMk{}.fjsw", 10, 2, 4, 6, 8, 12, 14),
    *_cases("workers", "fjsp-w", "fjsp_w/Fattahi{}.fjsw", 10, 12, 14, 16, 18, 20),
    *_cases(
        "workers",
        "fjsp-w",
        "fjsp_w/{}",
        "Kacem2.fjsw",
        "Kacem4.fjsw",
        "Behnke16.fjsw.gz",
        "Behnke56.fjsw.gz",
    ),
    *_cases("setups", "fjsp-sdst", "fjsp_sdst/Fattahi_setup_{:02}.fjs", 10, *range(1, 10)),
    *_cases("assembly", "fajsp", "fajsp/DAFJS{}", 30, 20, 25, 10),
    *_cases("assembly", "fajsp", "fajsp/YFJS{}", 20, 10),
)


def folder() -> Path:
    """Return the folder of scheduling data.

    Raises:
        SystemExit: nobody said where the public data lie.
    """
    told = os.environ.get("MANUFOLD_TEST_DATA")
    path = Path(told or "none") / "scheduling"
    if not path.is_dir():
        raise SystemExit(
            "set MANUFOLD_TEST_DATA to the folder of public data; it holds scheduling/"
        )
    return path


def best_known(case: Case) -> int | None:
    """Return the best published value of a case, for reports only; nobody solves with it."""
    name = case.name
    if case.family == "taillard":
        name = f"{name}js"
    elif case.family in {"large", "million"}:
        name = name.replace("_j", "_").replace("_m", "_")
    elif case.family == "packed":
        length, _, rest = name.partition("-js-600000-")
        name = f"dct-{length}-{rest}"
    elif case.family == "hurink":
        name = f"{name}_{case.file.split('hurink_')[1].split('/')[0]}"
    elif case.form not in {"fjsp", "jsp"}:
        return None
    with (folder() / "bks.csv").open(encoding="utf-8") as opened:
        for row in csv.DictReader(opened):
            if row["instance"] == name:
                return int(row["upper_bound"])
    return None
