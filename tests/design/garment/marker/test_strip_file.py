"""Strips from JSON: the public instances as published, and every refusal names the place."""

import copy
import json

import pytest

from manufold.design.garment.marker.strip_file import read_strip
from manufold.model.errors import InputFault

TOLD = {
    "name": "two",
    "strip_height": 10,
    "items": [
        {
            "id": 0,
            "demand": 2,
            "allowed_orientations": [0.0, 180.0],
            "shape": {"type": "simple_polygon", "data": [[0, 0], [4, 0], [4, 3], [0, 3], [0, 0]]},
        },
        {
            "id": 7,
            "shape": {"type": "polygon", "data": {"outer": [[0, 0], [3, 0], [0, 12]], "inner": []}},
        },
    ],
}


def test_what_is_told_is_read():
    """Ids, demands, angles and areas; a piece without angles may be turned by any."""
    read = read_strip(json.dumps(TOLD).encode())
    assert (read.height_mm, read.gap_mm, len(read.items)) == (10.0, 0.0, 2)
    assert [item.rotations_deg for item in read.items] == [(0.0, 180.0), None]
    assert [item.demand for item in read.items] == [2, 1]
    assert read.area_mm2 == 2 * 12 + 18
    assert read.density(7.0) == pytest.approx(42 / 70)


def _at(path, value):
    told = copy.deepcopy(TOLD)
    place = told
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return json.dumps(told).encode()


def _ring(*points):
    return {"type": "simple_polygon", "data": [list(point) for point in points]}


WRONG = {
    "no json": (b"{", "garment.nest_not_json", "what"),
    "deep": (b"[" * 100_000, "garment.nest_not_json", "what"),
    "a list": (b"[1]", "garment.nest_not_object", "place"),
    "no height": (_at(["strip_height"], None), "garment.nest_not_number", "place"),
    "infinite": (_at(["strip_height"], float("inf")), "garment.nest_not_number", "place"),
    "flat strip": (_at(["strip_height"], 0), "garment.nest_not_positive", "place"),
    "gap": (_at(["gap"], 11), "garment.nest_gap", "gap"),
    "negative gap": (_at(["gap"], -1), "garment.nest_not_positive", "place"),
    "no pieces": (_at(["items"], []), "garment.nest_not_list", "place"),
    "a piece": (_at(["items", 1], 5), "garment.nest_not_object", "place"),
    "twice": (_at(["items", 1, "id"], 0), "garment.nest_twice", "item"),
    "id": (_at(["items", 1, "id"], "x"), "garment.nest_not_whole", "place"),
    "demand": (_at(["items", 0, "demand"], 0), "garment.nest_not_whole", "place"),
    "true": (_at(["items", 0, "demand"], True), "garment.nest_not_whole", "place"),
    "many": (_at(["items", 0, "demand"], 10_000), "garment.nest_too_many", "most"),
    "angles": (_at(["items", 0, "allowed_orientations"], 5), "garment.nest_not_list", "place"),
    "angle": (_at(["items", 0, "allowed_orientations"], ["a"]), "garment.nest_not_number", "place"),
    "shape": (_at(["items", 0, "shape"], {"type": "circle"}), "garment.nest_shape", "place"),
    "points": (_at(["items", 0, "shape", "data"], [[0, 0]]), "garment.nest_not_list", "place"),
    "point": (_at(["items", 0, "shape", "data", 1], [0]), "garment.nest_point", "place"),
    "line": (
        _at(["items", 0, "shape"], _ring((0, 0), (1, 1), (2, 2))),
        "garment.nest_flat",
        "place",
    ),
    "bow": (
        _at(["items", 0, "shape"], _ring((0, 0), (2, 2), (2, 0), (0, 1))),
        "garment.nest_crossing",
        "item",
    ),
    "tall": (
        _at(["items", 0, "shape"], _ring((0, 0), (1, 0), (1, 11))),
        "garment.nest_too_tall",
        "tall",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_named(name):
    """Each fault has its own code and says where it is."""
    content, code, param = WRONG[name]
    with pytest.raises(InputFault) as refused:
        read_strip(content)
    assert refused.value.code == code
    assert str(refused.value.params[param]) != ""


def test_a_tall_piece_that_may_be_turned_fits():
    """A piece of any rotation that fits lying down is not refused."""
    told = _at(["items", 1, "shape"], _ring((0, 0), (1, 0), (1, 30)))
    assert read_strip(told).items[1].rotations_deg is None


def test_public_instances_are_as_published(test_data):
    """Height, copies and area of every instance are those of the published records."""
    folder = test_data / "nesting"
    known = json.loads((folder / "best_known.json").read_text())
    names = [file.stem for file in sorted(folder.glob("*.json")) if file.stem in known]
    assert len(names) >= 8
    for name in names:
        read = read_strip((folder / f"{name}.json").read_bytes())
        assert read.height_mm == pytest.approx(known[name]["strip_height"])
        assert sum(item.demand for item in read.items) == known[name]["items"]
        assert read.area_mm2 == pytest.approx(known[name]["total_area"], rel=1e-6)
