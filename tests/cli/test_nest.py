"""`manufold nest` lays pieces, keeps its contract and names what is wrong; it needs no home."""

import json

import pytest
from tests.contracts.schemas import faults

from manufold.design.garment.marker.overlaps import faults as wrongly_laid
from manufold.design.garment.marker.strip import Layout, Placement
from manufold.design.garment.marker.strip_file import read_strip

PIECES = {
    "name": "triangles",
    "strip_height": 10,
    "items": [
        {
            "id": number,
            "demand": 3,
            "allowed_orientations": [0.0, 180.0],
            "shape": {"type": "simple_polygon", "data": [[0, 0], [6, 0], [0, 4 + number]]},
        }
        for number in range(2)
    ],
}


@pytest.fixture
def file(tmp_path):
    """Write six triangles."""
    place = tmp_path / "triangles.json"
    place.write_text(json.dumps(PIECES))
    return place


def test_pieces_are_laid_and_written(bare, file, tmp_path):
    """Answer and file keep their contracts, agree, and an independent judge finds no fault."""
    out = tmp_path / "out.json"
    told = bare.json("nest_answer", "nest", file, "--seconds", 3, "--workers", 1, "--out", out)
    layout = json.loads(out.read_text())
    assert faults("strip_layout", layout) == []
    assert (layout["width"], layout["density"]) == (told["width"], told["density"])
    strip = read_strip(file.read_bytes())
    placements = tuple(Placement(**one) for one in layout["placements"])
    assert wrongly_laid(strip, Layout(layout["width"], placements)) == []
    assert told["density"] == pytest.approx(strip.area_mm2 / (10 * told["width"]))
    assert told["density"] > 0.6
    assert (told["pieces"], told["searches"], told["notes"]) == (6, 1, [])
    assert not bare.home.exists()


def test_people_read_it_in_their_language(bare, file, tmp_path):
    """A line with the part of the cloth used, in English and in Chinese."""
    said = bare.words("nest", file, "--seconds", 2, "--workers", 1, "--out", tmp_path / "o.json")
    assert said.code == 0, said.err
    assert "6 pieces" in said.out and "written to" in said.out
    told = ("nest", file, "--seconds", 2, "--workers", 1, "--out", tmp_path / "o.json")
    assert "用布率" in bare.words(*told, "--language", "zh").out


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--seconds", "0"), "--seconds is 0"),
        (("--seconds", "nan"), "--seconds is nan"),
        (("--workers", "-1"), "--workers is -1"),
        (("--seed", "-1"), "--seed is -1"),
    ],
)
def test_options_have_bounds(bare, file, tmp_path, options, says):
    """What is out of bounds is refused before anybody works; nothing is written."""
    out = tmp_path / "out.json"
    said = bare.words("nest", file, *options, "--out", out)
    assert said.code == 2
    assert says in said.err
    assert not out.exists()


def test_what_is_wrong_is_named(bare, file, tmp_path):
    """No file, no JSON, a piece too tall, its own file as the place of the answer."""
    out = tmp_path / "out.json"
    assert bare.words("nest", tmp_path / "none.json", "--out", out).code == 2
    assert "is the file that is read" in bare.words("nest", file, "--out", file).err
    assert json.loads(file.read_text()) == PIECES
    wrong = PIECES | {"strip_height": 3.5}
    file.write_text(json.dumps(wrong))
    said = bare.words("nest", file, "--out", out)
    assert said.code == 2
    assert "Piece 0 is 4 high" in said.err
    assert "Traceback" not in said.err and not out.exists()


def test_help_shows_the_verbs_of_verticals(bare):
    """What a vertical brings stands beside the other commands."""
    assert "nest" in bare.words("--help").out
    assert "--seconds" in bare.words("nest", "--help").out
