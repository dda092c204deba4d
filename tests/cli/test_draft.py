"""`manufold draft`: measures in, drawings out, pieces on to `nest`; refusals name what is wrong."""

import csv
import gzip
import io
import json
from decimal import Decimal

import ezdxf
import pytest

from manufold.design.garment.marker.match_faults import unmatched
from manufold.design.garment.marker.match_phases import missed, phases
from manufold.design.garment.marker.overlaps import faults as wrongly_laid
from manufold.design.garment.marker.strip import Layout, Placement
from manufold.design.garment.marker.strip_file import read_strip

PERSON = {
    "type": "garment",
    "version": 1,
    "stature_mm": 1786,
    "neck_girth_mm": 392,
    "bust_girth_mm": 1013,
    "waist_girth_mm": 887,
    "shoulder_slope_left_deg": 19,
    "shoulder_slope_right_deg": 23,
}


@pytest.fixture
def file(tmp_path):
    """Write a person."""
    place = tmp_path / "person.json"
    place.write_text(json.dumps(PERSON))
    return place


def test_a_shirt_goes_from_measures_to_the_cloth(bare, file, tmp_path):
    """Drawings are whole, the strip's pieces are laid, and the contract is kept."""
    outs = {name: tmp_path / f"out.{name}" for name in ("dxf", "svg", "pdf", "strip")}
    said = [word for name, place in outs.items() for word in (f"--{name}", place)]
    told = bare.json("draft_answer", "draft", file, "--choose", "fit=slim", *said)
    assert (told["garment"], told["options"]["fit"]) == ("shirt", "slim")
    assert told["intervals"].keys() == set(told["completed"])
    assert all(0 < one["low"] < one["high"] for one in told["intervals"].values())
    assert "arm_length_left_mm" in told["completed"] and "stature_mm" not in told["completed"]
    blocks = {block.name for block in ezdxf.readfile(outs["dxf"]).blocks}
    assert {one["name"].upper() for one in told["pieces"]} <= {name.upper() for name in blocks}
    assert outs["svg"].read_bytes().startswith(b"<svg")
    assert outs["pdf"].read_bytes().startswith(b"%PDF")
    strip = read_strip(outs["strip"].read_bytes())
    wanted = sum(one["cut"].get("shell", 0) for one in told["pieces"])
    assert sum(item.demand for item in strip.items) == wanted
    laid = tmp_path / "laid.json"
    answer = bare.json(
        "nest_answer", "nest", outs["strip"], "--seconds", 4, "--workers", 1, "--out", laid
    )
    layout = json.loads(laid.read_text())
    placements = tuple(Placement(**one) for one in layout["placements"])
    assert wrongly_laid(strip, Layout(layout["width"], placements)) == []
    assert answer["pieces"] == wanted and answer["density"] > 0.5
    assert not bare.home.exists()


def test_a_bulletin_goes_to_the_work_study_engineer(bare, file, tmp_path):
    """The table has the operations of the answer, in turn, with words in both languages."""
    place = tmp_path / "bulletin.csv"
    said = ("draft", file, "--garment", "jacket", "--choose", "vent=none", "--operations", place)
    told = bare.json("draft_answer", *said)
    rows = list(csv.DictReader(io.StringIO(place.read_text(encoding="utf-8-sig"))))
    assert [row["operation"] for row in rows] == [one["name"] for one in told["operations"]]
    assert len(rows) >= 60 and told["operations_file"] == str(place)
    minutes = sum(Decimal(row["minutes"]) for row in rows)
    assert minutes == pytest.approx(Decimal(f"{told['minutes']:.3f}"))
    assert [row["operation"] for row in rows if row["critical"] == "yes"] == told["critical"]
    sewn = [seam for row in rows for seam in row["seams"].split(";") if seam]
    assert len(sewn) == len(set(sewn)) == told["seams"]
    done: set[str] = set()
    for row in rows:
        assert {one for one in row["after"].split(";") if one} <= done
        done.add(row["operation"])
        assert row["operation_en"].isascii() and not row["operation_zh"].isascii()
    words = bare.words(*said[:-2]).out
    assert f"{len(rows)} sewing operations, {told['minutes']:.1f} min, critical path" in words


def test_what_a_scan_told_is_drafted(bare, tmp_path):
    """The object that `measure --json` prints is read; a datum without a value is completed."""
    place = tmp_path / "scan.json"
    scan = {
        "schema": "manufold/measure_answer/1",
        "measures": {
            "stature": {"value_mm": 1700.0},
            "neck_girth": {"value_mm": 380.0},
            "bust_girth": {"value_mm": 960.0},
            "waist_girth": {"value_mm": 820.0},
            "arm_length_L": {"value_mm": 590.0},
            "arm_length_R": {"value_mm": 600.0},
            "shoulder_slope_L": {"value_deg": 22.5},
            "hip_girth": {"value_mm": None},
        },
    }
    place.write_text(json.dumps(scan))
    told = bare.json("draft_answer", "draft", place, "--garment", "trousers")
    assert "hip_girth_mm" in told["completed"]
    assert not {"arm_length_left_mm", "arm_length_right_mm"} & set(told["completed"])
    assert all(one["ease_mm"] > 0 for one in told["girths"])


def test_checks_go_from_the_pattern_to_the_cloth(bare, file, tmp_path):
    """A strip on checked cloth carries what must match, and is laid so that it does."""
    place, laid = tmp_path / "strip.json", tmp_path / "laid.json"
    repeat = ("--repeat", 30, "--repeat-across", 20, "--way", "one")
    bare.json("draft_answer", "draft", file, "--strip", place, *repeat)
    strip = read_strip(place.read_bytes())
    assert strip.matching is not None and strip.matching.repeat.sizes_mm == (30, 20)
    assert {item.rotations_deg for item in strip.items} == {(0.0,)}
    told = bare.json("nest_answer", "nest", place, "--seconds", 6, "--workers", 1, "--out", laid)
    layout = json.loads(laid.read_text())
    lying = Layout(layout["width"], tuple(Placement(**one) for one in layout["placements"]))
    assert wrongly_laid(strip, lying) == []
    lost = {name for name, _ in missed(phases(lying, strip.matching))}
    assert {one.meeting for one in unmatched(lying, strip.matching)} <= lost
    said = [note["code"] for note in told["notes"]]  # a busy machine may have lost its search
    assert said.count("garment.match_impossible") == len(lost)


def test_sex_stature_and_weight_are_enough(bare, tmp_path):
    """Sex and weight in any unit stand in for girths, and narrow what is worked out."""
    place = tmp_path / "me.csv"
    place.write_text("sex,height_cm,weight_lb\nfemale,168,140\n")
    told = bare.json("draft_answer", "draft", place, "--garment", "dress")
    bust = told["intervals"]["bust_girth_mm"]
    assert 820 < bust["low"] < 900 < bust["high"] < 1000
    assert len(told["completed"]) == 21


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--garment", "cape"), "no pattern of cape"),
        (("--choose", "slim"), '"slim" is no choice'),
        (("--choose", "fit=huge"), "huge"),
        (("--strip", "{}/x.json", "--way", "none"), "Choose one of: both, one"),
        (("--strip", "{}/x.json", "--repeat", "0.7"), "repeat of 0.7 mm"),
        (("--stretch", "101"), "--stretch is 101"),
        (("--pdf", "{}/x.pdf", "--paper", "A3"), "A3 is no paper"),
        (("--strip", "{}/x.json", "--cloth-width", "300"), "Take wider cloth"),
        (("--svg", "{}/x", "--pdf", "{}/x"), "name the same file"),
    ],
)
def test_what_is_wrong_is_named(bare, file, tmp_path, options, says):
    """Each refusal says what and what to do; nothing is written."""
    before = sorted(path.name for path in tmp_path.iterdir())
    said = bare.words("draft", file, *(option.format(tmp_path) for option in options))
    assert said.code in (2, 3)
    assert says in said.err and "Traceback" not in said.err
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_a_repeat_without_a_strip_is_refused(bare, file, tmp_path):
    """What would change nothing is refused with what it belongs to; with a strip it counts."""
    for option in ("repeat", "repeat-across"):
        found = bare.refusal(2, "draft", file, f"--{option}", 25)
        assert found["code"] == "garment.option_alone"
        assert "--strip" in found["text"] and f"--{option}" in found["text"]
    strip = tmp_path / "strip.json"
    bare.json("draft_answer", "draft", file, "--repeat", 25, "--strip", strip)
    assert read_strip(strip.read_bytes()).matching is not None


def test_a_scan_is_sent_to_be_measured(bare, tmp_path):
    """A scan of many megabytes is named as one, packed or not, and so is the command for it."""
    head = b"ply\nformat binary_little_endian 1.0\nelement vertex 250000\n"
    head += b"property float x\nproperty float y\nproperty float z\nend_header\n"
    for name, content in (("me.ply", head + bytes(3_000_000)), ("me.ply.gz", b"")):
        place = tmp_path / name
        place.write_bytes(content or gzip.compress((tmp_path / "me.ply").read_bytes()))
        found = bare.refusal(2, "draft", place)
        assert found["code"] == "garment.draft_of_scan"
        assert "manufold measure" in found["text"]
    large = tmp_path / "large.csv"
    large.write_bytes(b"stature_mm,waist_girth_mm\n" * 100_000)
    assert bare.refusal(2, "draft", large)["code"] == "garment.file_too_large"
