"""People of the public survey, some fifty of them: sound patterns, none tighter than the body."""

import csv
import gzip
import io
from pathlib import Path

import pytest

from manufold.design.garment.pattern.checks import faults
from manufold.design.garment.pattern.fit import fit
from manufold.design.garment.pattern.person import from_ansur, person
from manufold.design.garment.pattern.publishing import asked, published


def rows(folder: Path) -> list[dict[str, str]]:
    """Return everybody of both tables."""
    found: list[dict[str, str]] = []
    for name in ("MALE", "FEMALE"):
        packed = (folder / f"ANSUR_II_{name}_Public.csv.gz").read_bytes()
        found += csv.DictReader(io.StringIO(gzip.decompress(packed).decode("latin-1")))
    return found


@pytest.mark.parametrize("name", ["dress", "jacket", "shirt", "trousers"])
def test_people_of_the_survey_are_drafted(test_data: Path, name: str):
    """Both sexes, all sizes: sound patterns, and no finished girth below the body's."""
    everybody = rows(test_data / "garment" / "ansur2")
    assert len(everybody) == 6068
    fits = published()[name].options["fit"]
    for at in range(7, 6068, 120):
        body = person(from_ansur(everybody[at]))
        pattern = published()[name].draft(asked(published()[name], body, {"fit": fits[at % 3]}))
        assert faults(pattern) == (), at
        assert min(girth.ease_mm for girth in fit(pattern)) > 0, at


def test_the_survey_completes_itself(test_data: Path):
    """What the table of completions expects of a person lies where its spread says, for most."""
    everybody = rows(test_data / "garment" / "ansur2")
    off = []
    for at in range(0, 6068, 40):
        told = from_ansur(everybody[at])
        least = ("stature_mm", "neck_girth_mm", "bust_girth_mm", "waist_girth_mm")
        found = person({name: told[name] for name in least})
        off.append(abs(found["hip_girth_mm"] - told["hip_girth_mm"]))
    off.sort()
    assert off[len(off) // 2] < 42  # a standard deviation of the regression is 42 mm
    assert off[int(0.95 * len(off))] < 2.2 * 42
