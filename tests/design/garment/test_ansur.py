"""Six thousand real bodies: each gets a sane shirt, none a false question; the fits are true."""

import csv
import importlib.util
import io
import random
import tomllib
from itertools import combinations
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import manufold.design.garment
from design.garment.people import as_csv, design, record, rows, tables
from manufold.design.contract import InputFile
from manufold.design.garment import doubts, population
from manufold.design.garment.body import Body, body
from manufold.design.garment.reading import told
from manufold.design.garment.tables import known, measures
from manufold.design.garment.vertical import vertical
from manufold.model.errors import InputFault

FOLDER = Path(manufold.design.garment.__file__).parent
PEOPLE = 6068
#: neighbours stand in for them, so their limits are wider, and judged
STOOD_IN = {
    "front_waist_length_mm", "knee_girth_mm", "outside_leg_length_left_mm",
    "outside_leg_length_right_mm",
}  # fmt: skip
#: metres of cloth 150 cm wide: short people of a small size to the largest man of the survey
CLOTH_M = (0.85, 2.1)


@pytest.fixture(scope="module")
def fit() -> ModuleType:
    """The script that fitted the tables."""
    spec = importlib.util.spec_from_file_location("fit_ansur", FOLDER / "data" / "fit_ansur.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def survey(test_data, fit) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray], np.ndarray]:
    """Everybody's measures, each site once with weight, and who is a woman."""
    columns, raw, women = fit.people(test_data / "garment" / "ansur2")
    return columns, fit.modelled(columns, raw), women


def who(file: InputFile) -> Body:
    """Return the person of a file."""
    return body(told(file), checked=False)


def person_of(header: str, row: str) -> Body:
    """Return the person of a row."""
    return who(InputFile("row.csv", f"{header}\n{row}".encode("latin-1")))


def asked_nothing(people: list[tuple[str, str]]) -> int:
    """Return how many people are whole and not asked anything; stop at the first that is not."""
    for header, row in people:
        found = person_of(header, row)
        assert not found.findings, (row[:20], found.findings)
        assert found.given.keys() | found.completed.keys() == measures().keys()
        assert found.given.keys() & found.completed.keys() == set()
    return len(people)


def test_a_seeded_two_hundred(test_data):
    """Two hundred of them are read whole, with no question that nobody should be asked."""
    assert asked_nothing(random.Random(22).sample(rows(test_data), 200)) == 200


def test_a_few_get_their_shirt(test_data):
    """From a row of the survey to a plan: cloth, mass and minutes are a shirt's."""
    for header, row in random.Random(4).sample(rows(test_data), 6):
        made = design(InputFile("row.csv", f"{header}\n{row}".encode("latin-1")))
        assert not made.blocked
        (plan,) = vertical.plans(made, 1)
        assert CLOTH_M[0] <= float(plan.bill_of_materials[0].quantity) <= CLOTH_M[1], row[:20]
        assert 120 <= plan.piece_mass_g <= 450


@pytest.mark.slow
def test_everybody(test_data):
    """All 6,068 are read whole, with no question that nobody should be asked."""
    assert asked_nothing(rows(test_data)) == PEOPLE


@pytest.mark.parametrize("sex", ["MALE", "FEMALE"])
def test_rows_in_every_dress(test_data, sex):
    """A row is the same person by comma, semicolon and tab, in both encodings, quoted, shuffled."""
    header, row, *_ = tables(test_data)[sex].splitlines()
    cells = record(header, row)
    wanted = who(InputFile("a.csv", f"{header}\n{row}\n".encode("latin-1")))
    for separator in (",", ";", "\t"):
        for encoding in ("utf-8", "latin-1"):
            plain = {name: value.replace(",", " ") for name, value in cells.items()}
            assert who(as_csv(plain, separator, encoding)) == wanted
    shuffled = dict(random.Random(1).sample(list(cells.items()), len(cells)))
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerows([[name.upper() for name in shuffled], list(shuffled.values())])
    assert who(InputFile("b.csv", text.getvalue().encode())) == wanted


def test_what_a_row_lacks_is_said(test_data):
    """No shoulder slope and no left side: both are flagged; weight and age are not even kept."""
    header, row, *_ = tables(test_data)["MALE"].splitlines()
    made = person_of(header, row)
    codes = [reason.code for reason in made.assumptions]
    assert {"garment.ansur_read", "garment.slope_assumed"} <= set(codes)
    derived = {r.params["measure"] for r in made.assumptions if r.code == "garment.ansur_derived"}
    legs = {"knee_girth_mm", "outside_leg_length_left_mm", "outside_leg_length_right_mm"}
    assert derived == {"shoulder_width_mm", "arm_length_left_mm"} | legs
    assert made.given.keys() <= measures().keys()


def test_a_whole_table_is_refused_with_its_count(test_data):
    """Four thousand people are not one, nor are one thousand."""
    text = tables(test_data)["MALE"]
    with pytest.raises(InputFault, match="garment.file_too_large") as caught:
        design(InputFile("all.csv", text.encode("latin-1")))
    assert caught.value.params["limit_mb"] == 2
    some = "\n".join(text.splitlines()[:1001])
    with pytest.raises(InputFault, match="csv_rows") as caught:
        design(InputFile("some.csv", some.encode("latin-1")))
    assert caught.value.params["rows"] == 1000


def test_limits_leave_room_for_more_people(survey):
    """Everybody lies inside the limits, by seven to twenty per cent of what was seen."""
    columns, sites, women = survey
    assert len(women) == PEOPLE
    assert women.sum() == 1986
    for name, values in (columns | {"weight_kg": sites["weight_kg"]}).items():
        measure = known()[name] if name in known() else measures()[name]
        if name in STOOD_IN:
            assert measure.least < values.min() < values.max() < measure.most
            continue
        assert measure.least == pytest.approx(0.85 * values.min(), abs=1)
        assert measure.most == pytest.approx(1.15 * values.max(), abs=1)


#: what of a person was given: a few girths, sex and weight, the old four, a tailor's set
GIVEN = [
    ("stature_mm", "bust_girth_mm", "waist_girth_mm"),
    ("stature_mm", "weight_kg"),
    ("stature_mm", "neck_girth_mm", "bust_girth_mm", "waist_girth_mm"),
    (
        "stature_mm", "neck_girth_mm", "bust_girth_mm", "waist_girth_mm", "hip_girth_mm",
        "arm_length_mm", "inside_leg_height_mm", "upper_arm_girth_mm",
    ),
]  # fmt: skip


@pytest.mark.parametrize("given", GIVEN, ids=len)
@pytest.mark.parametrize("said", [True, False])
def test_intervals_hold_for_people_held_out(survey, fit, given, said):
    """Fitted on one half of them, 93 to 97 of 100 of the other half lie in each interval, women
    and men alike, and the widest tenth too; both halves are tried."""
    _columns, sites, women = survey
    half = np.random.default_rng(3).permutation(PEOPLE) % 2 == 0
    inside = {name: np.zeros(PEOPLE, bool) for name in sites if name not in given}
    for fitted in (half, ~half):
        table = fit.population({k: v[fitted] for k, v in sites.items()}, women[fitted])
        people = population.read(tomllib.loads(table))
        for sex, of in (("female", women), ("male", ~women)):
            at = ~fitted & of
            told = {name: sites[name][at] for name in given}
            found = population.expected(told, sex if said else None, people)
            for name, one in found.items():
                inside[name][at] = (one.low <= sites[name][at]) & (sites[name][at] <= one.high)
    for name, those in inside.items():
        print(f"{len(given)} given, sex {said}: {name} {100 * those.mean():.1f} %")
        assert 0.93 <= those.mean() <= 0.97, name
    wide = sites["waist_girth_mm"] > np.quantile(sites["waist_girth_mm"], 0.9)
    everything = np.stack(list(inside.values()))
    for some in (women, ~women, wide):
        assert 0.92 <= everything[:, some].mean() <= 0.97


def test_more_told_is_more_known(survey):
    """Each measure more makes every interval narrower, and sex said none wider by much."""
    _columns, sites, _women = survey
    told = {name: float(values[7]) for name, values in sites.items()}
    given: dict[str, float] = {}
    last: dict[str, float] = {}
    for name in GIVEN[3]:
        given[name] = told[name]
        found = population.expected(given, "female")
        widths = {one: float(np.log(r.high / r.low)) for one, r in found.items()}
        assert all(width < last.get(one, 9) for one, width in widths.items()), name
        last = widths


def test_nobody_of_the_survey_is_doubted(survey):
    """Every subset of a tailor's measures, all people at once: none lies 5 deviations out, and for
    none is an exchange of two girths likelier by so much that it would be asked about."""
    _columns, sites, _women = survey
    for given in (*GIVEN, tuple(sites)):
        told = {name: sites[name] for name in given}
        for name, misfit in population.misfits(told).items():
            assert np.abs(misfit.far_sd).max() < doubts._FAR_SD, name
        girths = [name for name in given if name.endswith("_girth_mm")]
        before = population.unlikely(told)
        for one, other in combinations(girths, 2):
            after = population.unlikely(told | {one: told[other], other: told[one]})
            assert (before - after).max() < doubts._SWAP_GAIN, (one, other)


def test_the_tables_are_what_the_script_makes(test_data, fit, tmp_path, monkeypatch):
    """Run anew on the public tables, the script writes the shipped files to the byte."""
    (tmp_path / "pattern").mkdir()
    (tmp_path / "ansur.toml").write_bytes((FOLDER / "ansur.toml").read_bytes())
    monkeypatch.setattr(fit, "FOLDER", tmp_path)
    fit.main(test_data / "garment" / "ansur2")
    for name in ("fitted.toml", "population.toml", "pattern/completed.toml"):
        assert (tmp_path / name).read_text() == (FOLDER / name).read_text(), name
