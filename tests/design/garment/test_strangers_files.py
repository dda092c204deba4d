"""What a stranger first sends is known for what it is, and refused in words that lead on."""

import gzip
import json
from decimal import Decimal

import numpy as np
import pytest

from design.garment.people import LEAST, PERSON, as_csv, as_json
from manufold.design.contract import InputFile, chosen, verticals
from manufold.design.garment.body import body
from manufold.design.garment.goods import offered
from manufold.design.garment.measure import clouds
from manufold.design.garment.planning import _tolerances
from manufold.design.garment.reading import told
from manufold.design.garment.sewing.minutes import _counted
from manufold.design.garment.vertical import vertical
from manufold.model.errors import InputFault, Reason
from manufold.words import LANGUAGES, word
from manufold.workers.inline import InlineExecutor


def sure(*files: InputFile) -> float:
    """Return how sure the trade is of files."""
    return vertical.accepts(list(files))


def plain(name: str = "me.json", **values: object) -> InputFile:
    """Return an object of JSON that says nothing but these."""
    return InputFile(name, json.dumps(values).encode())


def ply(points: np.ndarray) -> bytes:
    """Return a binary PLY."""
    head = f"ply\nformat binary_little_endian 1.0\nelement vertex {len(points)}\n"
    head += "".join(f"property float {axis}\n" for axis in "xyz") + "end_header\n"
    return head.encode() + points.astype("<f4").tobytes()


def worded(fault: InputFault) -> str:
    """Return an English sentence, once every language has one."""
    for language in LANGUAGES:
        assert not word(fault.reason, language).startswith("garment."), language
    return word(fault.reason)


def test_an_object_of_measures_is_known_without_its_type():
    """A measure and a weight are a person; so is one measure; a height alone may be a box's."""
    for file in (
        plain(stature_mm=1780, weight_kg=78, sex="male"),
        plain(stature_cm=178, weight_lb=172),
        plain(waist_cm=80, chest_cm=95),
        plain(**LEAST),
    ):
        assert sure(file) >= 0.9
        assert chosen(verticals(), [file]) is verticals()["garment"]
    assert sure(plain(stature_mm=1780)) == 0.6
    assert 0 < sure(plain(height_mm=40)) < sure(plain(stature_mm=1780))
    assert 0 < sure(plain(sex="male")) < 0.6
    for other in (plain(width_mm=1, depth_mm=3), plain(type="part", stature_mm=1780), plain()):
        assert sure(other) == 0


def test_units_in_json_are_read_as_those_of_a_table():
    """Names with cm, in and lb are converted, said to be, and make the same person."""
    values = {"stature_cm": 177.2, "Chest (in)": 40, "waist_cm": 88.9, "weight_lb": 172, "sex": "m"}
    one, other = told(plain(**values)), told(as_csv(values))
    assert (one.values, one.sex) == (other.values, other.sex)
    assert one.values["bust_girth_mm"] == 1016 and one.values["stature_mm"] == 1772
    said = {name: (one.said[name].value, one.said[name].unit) for name in one.said}
    assert said["waist_girth_mm"] == (Decimal("88.9"), "cm") and said["weight_kg"][1] == "lb"
    assumed = {reason.code: reason for reason in body(one, checked=True).assumptions}
    assert assumed["garment.units_read"].params == {"units": "cm, in, lb"}
    assert "in in" not in word(assumed["garment.units_read"])
    assert not told(as_json(PERSON)).said


def test_a_measure_twice_under_two_names_is_refused():
    """Nobody can know which of two figures holds."""
    for more in ({"waist_cm": 88.9}, {"Waist_Girth_MM": 889}):
        with pytest.raises(InputFault, match="garment.json_key_twice") as caught:
            told(as_json(LEAST | more))
        assert caught.value.params["field"] == "waist_girth_mm"


@pytest.mark.parametrize(("value", "shown"), [(True, "true"), (False, "false"), (None, "null")])
def test_what_is_no_number_is_shown_as_it_was_written(value, shown):
    """A reader of JSON finds the very word in the file."""
    with pytest.raises(InputFault, match="garment.field_not_number") as caught:
        told(as_json({"stature_mm": value}))
    assert caught.value.params["value"] == shown
    assert f'"{shown}"' in worded(caught.value)


def test_doubts_are_all_of_one_kind():
    """A sentence kept for good and one for the buyer both tell where 19 of 20 lie."""
    found = body(told(plain(stature_mm=1780, weight_kg=78, sex="male")), checked=True)
    kept = [one for one in found.assumptions if one.code == "garment.completed"]
    loose = [one.reason for one in found.findings if one.reason.code == "garment.girth_unsure"]
    assert kept and loose
    for reason in (*kept, *loose):
        assert "19" in word(reason) and "standard deviation" not in word(reason)
    for reason in kept:
        within = round(1.96 * float(str(reason.params["sd_mm"])))
        assert f"within {within} mm" in word(reason) and f"{within} mm" in word(reason, "zh")
    assert word(Reason("garment.completed", {"measure": "x", "sd_mm": "few"})).count("few mm")


def test_too_many_files_are_refused_by_the_trade():
    """Two scans, or two people's measures, are known, and told how many a garment is made of."""
    scan = InputFile("a.ply", ply(np.zeros((9, 3))))
    tape = as_json(PERSON)
    for files in ([scan, scan], [tape, tape], [scan, tape, tape]):
        assert 0 < sure(*files) < min(sure(scan), sure(tape))
        assert chosen(verticals(), files) is verticals()["garment"]
        with pytest.raises(InputFault, match="garment.one_file") as caught:
            vertical.design(files, {}, InlineExecutor())
        assert str(len(files)) in worded(caught.value)
    assert sure(scan, tape) > 0.8
    assert sure(scan, scan, InputFile("x", b"what is this")) == 0 == sure()


def test_what_unpacks_too_far_is_refused_as_such(monkeypatch):
    """A gzip of any name is the trade's to open, and is opened no farther than a scan may be."""
    monkeypatch.setattr(clouds, "FILE_BYTES_MOST", 1_000_000)
    bomb = gzip.compress(bytes(2_000_000))
    for name in ("bomb.gz", "me.ply.gz", "bomb"):
        file = InputFile(name, bomb)
        assert chosen(verticals(), [file]) is verticals()["garment"]
        with pytest.raises(InputFault, match="garment.scan_unpacks_too_large") as caught:
            vertical.design([file], {}, InlineExecutor())
        assert "1 MB" in worded(caught.value)


def test_a_scan_without_numbers_and_a_part_are_told_apart():
    """Points of NaN are no thinned scan; and what has few points may be a part."""
    with pytest.raises(InputFault, match="garment.scan_not_finite") as caught:
        clouds.cloud("me.ply", ply(np.full((30_000, 3), np.nan)))
    assert "finite" in worded(caught.value) and "30000" in worded(caught.value)
    part = b"\0" * 80 + (12).to_bytes(4, "little") + bytes(600)
    with pytest.raises(InputFault, match="garment.scan_few_points") as caught:
        vertical.design([InputFile("part.stl", part)], {}, InlineExecutor())
    assert "part" in worded(caught.value)


def test_one_is_one():
    """No "10 to 10 mm", no "1 bursts"."""
    codes = {name: _tolerances(goods) for name, goods in offered().items()}
    assert codes["dress"].code == codes["jacket"].code == "garment.tolerance_assumed_same"
    assert codes["shirt"].code == "garment.tolerance_assumed"
    for reason in codes.values():
        assert "10 to 10" not in word(reason) and "10 mm" in word(reason)
    assert (_counted(1, "burst"), _counted(1, "notch", "es")) == ("1 burst", "1 notch")
    assert (_counted(2, "burst"), _counted(3, "notch", "es")) == ("2 bursts", "3 notches")
    laid: dict[str, str | int | bool] = {"pieces": 1, "width": "9", "height": "9", "percent": "50"}
    assert word(Reason("garment.nested", laid)) == ("1 piece on 9 x 9: 50 % of the cloth is used.")
