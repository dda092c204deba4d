"""Six thousand real bodies: each gets a sane shirt, none a false question; the fits are true."""

import csv
import importlib.util
import io
import random
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import manufold.design.garment
from design.garment.people import as_csv, design, record, rows, tables
from manufold.design.contract import InputFile
from manufold.design.garment.tables import completions, doubts, measures
from manufold.design.garment.vertical import vertical
from manufold.model.errors import InputFault

FOLDER = Path(manufold.design.garment.__file__).parent
PEOPLE = 6068
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


def shirts(people: list[tuple[str, str]]) -> list[float]:
    """Return the metres of cloth of everybody's shirt, after all of it was found sane."""
    metres = []
    for header, row in people:
        made = design(InputFile("row.csv", f"{header}\n{row}".encode("latin-1")))
        assert not made.findings, (row[:20], made.findings)
        (plan,) = vertical.plans(made, 1)
        cloth_m = float(plan.bill_of_materials[0].quantity)
        assert CLOTH_M[0] <= cloth_m <= CLOTH_M[1], row[:20]
        assert 120 <= plan.piece_mass_g <= 450
        assert float(plan.operation["op20"].run_s) / 60 == pytest.approx(22.32, rel=0.1)
        metres.append(cloth_m)
    return metres


def test_a_seeded_two_hundred(test_data):
    """Two hundred of them get their shirt, with no question that nobody should be asked."""
    people = random.Random(22).sample(rows(test_data), 200)
    metres = shirts(people)
    assert len(set(metres)) > 8
    assert 1.2 < sum(metres) / len(metres) < 1.45


@pytest.mark.slow
def test_everybody(test_data):
    """All 6,068 get their shirt, with no question that nobody should be asked."""
    assert len(shirts(rows(test_data))) == PEOPLE


@pytest.mark.parametrize("sex", ["MALE", "FEMALE"])
def test_rows_in_every_dress(test_data, sex):
    """A row is the same person by comma, semicolon and tab, in both encodings, quoted, shuffled."""
    header, row, *_ = tables(test_data)[sex].splitlines()
    cells = record(header, row)
    wanted = design(InputFile("a.csv", f"{header}\n{row}\n".encode("latin-1"))).personal
    for separator in (",", ";", "\t"):
        for encoding in ("utf-8", "latin-1"):
            plain = {name: value.replace(",", " ") for name, value in cells.items()}
            assert design(as_csv(plain, separator, encoding)).personal == wanted
    shuffled = dict(random.Random(1).sample(list(cells.items()), len(cells)))
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerows([[name.upper() for name in shuffled], list(shuffled.values())])
    assert design(InputFile("b.csv", text.getvalue().encode())).personal == wanted


def test_what_a_row_lacks_is_said(test_data):
    """No shoulder slope and no left side: both are flagged; weight and age are not even kept."""
    header, row, *_ = tables(test_data)["MALE"].splitlines()
    made = design(InputFile("a.csv", f"{header}\n{row}".encode("latin-1")))
    codes = [reason.code for reason in made.assumptions]
    assert {"garment.ansur_read", "garment.slope_assumed"} <= set(codes)
    derived = {r.params["measure"] for r in made.assumptions if r.code == "garment.ansur_derived"}
    assert derived == {"shoulder_width_mm", "arm_length_left_mm"}
    assert made.personal["given"].keys() <= measures().keys()


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


def test_limits_leave_room_for_more_people(test_data, fit):
    """Everybody lies inside the limits, by seven to twenty per cent of what was seen."""
    columns, women = fit.people(test_data / "garment" / "ansur2")
    assert len(women) == PEOPLE
    assert women.sum() == 1986
    for name, values in columns.items():
        measure = measures()[name]
        assert measure.least == pytest.approx(0.85 * values.min(), abs=1)
        assert measure.most == pytest.approx(1.15 * values.max(), abs=1)


def test_the_spread_told_is_the_spread_found(test_data, fit):
    """Each regression errs on the people as much as it says, leans nowhere, and doubts none."""
    columns, _women = fit.people(test_data / "garment" / "ansur2")
    for one in (*completions().values(), *doubts().values()):
        left = columns[one.measure] - float(one.constant_mm)
        for name, factor in one.times.items():
            left = left - float(factor) * columns[name]
        assert left.std() == pytest.approx(float(one.residual_sd_mm), rel=0.01), one.measure
        assert abs(left.mean()) < 0.02 * left.std(), one.measure
        assert np.abs(left).max() < float(one.doubt_sd * one.residual_sd_mm), one.measure


def test_the_tables_are_what_the_script_makes(test_data, fit, tmp_path, monkeypatch):
    """Run anew on the public tables, the script writes the shipped file to the byte."""
    (tmp_path / "ansur.toml").write_bytes((FOLDER / "ansur.toml").read_bytes())
    monkeypatch.setattr(fit, "FOLDER", tmp_path)
    fit.main(test_data / "garment" / "ansur2")
    assert (tmp_path / "fitted.toml").read_text() == (FOLDER / "fitted.toml").read_text()
