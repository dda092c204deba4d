"""`manufold measure` prints the 22 data of a scan, keeps its contract and tells nobody's body."""

import numpy as np
import pytest

from manufold.design.garment.measure.shape import Pose, posed, shape


@pytest.fixture
def file(tmp_path):
    """Write the mean body in the standard posture, 26,000 points, metres, as a PLY."""
    body = shape()
    bends = np.zeros((len(body.names), 3))
    for side, sign in (("L", 1.0), ("R", -1.0)):
        bends[body.joint(f"lowerarm01.{side}"), 0] = np.radians(25.0)
        bends[body.joint(f"upperarm01.{side}"), 1] = sign * np.radians(12.0)
    points, _, _, _ = posed(body, body.mean, body.joints_mean, Pose(bends, np.zeros(3)))
    points = points - [0.0, 0.0, points[:, 2].min()]
    corners = points[body.faces]
    rng = np.random.default_rng(2)
    area = np.linalg.norm(
        np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1
    )
    chosen = rng.choice(len(area), 26_000, p=area / area.sum())
    shares = rng.dirichlet([1.0, 1.0, 1.0], 26_000)
    scan = np.einsum("mk,mka->ma", shares, corners[chosen]) / 1000.0
    head = "ply\nformat binary_little_endian 1.0\nelement vertex 26000\n"
    head += "property float x\nproperty float y\nproperty float z\nend_header\n"
    place = tmp_path / "mean.ply"
    place.write_bytes(head.encode() + scan.astype("<f4").tobytes())
    return place, float(points[:, 2].max())


def test_a_scan_is_measured(bare, file, tmp_path):
    """The object keeps its contract; stature is the mean's, the interval holds it; a drawing."""
    place, tall_mm = file
    drawing = tmp_path / "drawing.svg"
    told = bare.json("measure_answer", "measure", place, "--picture", drawing)
    assert len(told["measures"]) == 22
    stature = told["measures"]["stature"]
    assert stature["value_mm"] == pytest.approx(tall_mm, abs=4.0)
    assert stature["confidence"]["low"] < tall_mm < stature["confidence"]["high"]
    assert told["scan"] == {"unit": "m", "up": "z", "points": 26_000}
    assert told["measures"]["shoulder_slope_L"]["value_deg"] > 5
    svg = drawing.read_text()
    assert svg.startswith("<svg") and "<title>waist_girth</title>" in svg
    assert not bare.home.exists()


def test_people_read_it_in_their_language(bare, file):
    """A line per datum in English and in Chinese."""
    said = bare.words("measure", file[0])
    assert said.code == 0, said.err
    assert "stature: 1" in said.out and "right outside leg length" in said.out
    assert "臀围" in bare.words("measure", file[0], "--language", "zh").out


def test_what_is_no_scan_is_refused(bare, tmp_path):
    """A text and a coarse cloud are the sender's fault, exit code 2, and no body is told."""
    note = tmp_path / "note.txt"
    note.write_text("waist 80")
    assert bare.refusal(2, "measure", note)["code"] == "garment.scan_format"
    coarse = tmp_path / "coarse.ply"
    head = "ply\nformat ascii 1.0\nelement vertex 900\nproperty float x\nproperty float y\n"
    coarse.write_text(head + "property float z\nend_header\n" + "0 0 1\n" * 900)
    found = bare.refusal(2, "measure", coarse)
    assert found["code"] == "garment.scan_few_points"
    assert "900" in found["text"] and "20000" in found["text"]
