"""Scans are read from every format alike, and what cannot be read says why."""

import gzip
import json
import struct

import numpy as np
import pytest

from manufold.design.garment.measure.clouds import KEPT_MOST, cloud, recognised_scan
from manufold.model.errors import InputFault

from .conftest import ply

POINTS = np.random.default_rng(3).normal(size=(24_000, 3)).astype("<f4")


def ascii_ply(points: np.ndarray) -> bytes:
    """Return a text PLY with a colour beside each point."""
    head = f"ply\nformat ascii 1.0\ncomment of us\nelement vertex {len(points)}\n"
    head += "".join(f"property float {axis}\n" for axis in "xyz") + "property uchar red\n"
    rows = "\n".join(f"{x:.6f} {y:.6f} {z:.6f} 7" for x, y, z in points)
    return (head + "end_header\n" + rows + "\n").encode()


def big_endian_ply(points: np.ndarray) -> bytes:
    """Return a binary PLY of the other byte order, doubles, faces behind the points."""
    head = f"ply\r\nformat binary_big_endian 1.0\r\nelement vertex {len(points)}\r\n"
    head += "".join(f"property double {axis}\r\n" for axis in "xyz")
    head += "element face 1\r\nproperty list uchar int vertex_indices\r\nend_header\r\n"
    return head.encode() + points.astype(">f8").tobytes() + struct.pack(">Biii", 3, 0, 1, 2)


def obj(points: np.ndarray) -> bytes:
    """Return an OBJ with normals between the points and faces behind them."""
    rows = [f"v {x:.6f} {y:.6f} {z:.6f}\nvn 0 0 1" for x, y, z in points]
    return ("# a body\n" + "\n".join(rows) + "\nf 1//1 2//2 3//3\n").encode()


def stl(points: np.ndarray) -> bytes:
    """Return a binary STL whose triangles have the points as their corners."""
    corners = points[: len(points) // 3 * 3].reshape(-1, 3, 3)
    rows = np.zeros(
        len(corners), dtype=[("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("more", "<u2")]
    )
    rows["corners"] = corners
    return b"\0" * 80 + struct.pack("<I", len(rows)) + rows.tobytes()


def glb(points: np.ndarray) -> bytes:
    """Return a GLB whose node doubles and lifts its mesh."""
    document = {
        "asset": {"version": "2.0"},
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0, "scale": [2, 2, 2], "translation": [0, 0, 1]}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}}]}],
        "accessors": [
            {"bufferView": 0, "componentType": 5126, "count": len(points), "type": "VEC3"}
        ],
        "bufferViews": [{"buffer": 0, "byteLength": points.nbytes}],
        "buffers": [{"byteLength": points.nbytes}],
    }
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    body = struct.pack("<II", len(text), 0x4E4F534A) + text
    body += struct.pack("<II", points.nbytes, 0x004E4942) + points.tobytes()
    return b"glTF" + struct.pack("<II", 2, 12 + len(body)) + body


@pytest.mark.parametrize("write", [ply, ascii_ply, big_endian_ply, obj, glb])
def test_every_format_gives_the_points(write):
    """The same points come back in their order, whatever held them."""
    content = write(POINTS, 1.0) if write is ply else write(POINTS)
    name = "scan.obj" if write is obj else "scan.bin"
    found = cloud(name, content)
    expected = POINTS * 2 + [0, 0, 1] if write is glb else POINTS
    assert found.count == len(POINTS)
    np.testing.assert_allclose(found.points, expected, atol=2e-6)


def test_corners_of_an_stl_are_points():
    """A binary STL, told by its length, gives corners of its triangles."""
    many = np.random.default_rng(4).normal(size=(150_000, 3)).astype("<f4")
    found = cloud("scan.stl", stl(many))
    assert found.format == "stl" and found.count == 25_000
    known = {row.tobytes() for row in many}
    assert all(row.astype("<f4").tobytes() in known for row in found.points[:500])


def test_a_gzip_is_opened_and_a_fine_scan_thinned():
    """Half a million points are thinned evenly while read, and counted whole."""
    many = np.random.default_rng(5).normal(size=(500_000, 3)).astype("<f4")
    found = cloud("scan.ply.gz", gzip.compress(ply(many, 1.0), 1))
    assert found.count == 500_000 and KEPT_MOST <= len(found.points) < 2 * KEPT_MOST
    np.testing.assert_allclose(found.points[1], many[500_000 // KEPT_MOST], atol=1e-6)


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("scan.ply", b"", "garment.scan_empty"),
        ("scan.jpg", b"\xff\xd8\xff\xe0" * 900, "garment.scan_format"),
        ("scan.ply", ply(POINTS)[:-400], "garment.scan_unreadable"),
        ("scan.ply", ply(POINTS[:900]), "garment.scan_few_points"),
        ("scan.ply", ascii_ply(POINTS).replace(b"0.", b"x.", 1), "garment.scan_unreadable"),
        ("scan.glb", glb(POINTS)[:-800], "garment.scan_unreadable"),
        ("scan.ply.gz", gzip.compress(ply(POINTS))[:-900], "garment.scan_unreadable"),
        ("scan.obj", b"v 1 2\n" * 30_000, "garment.scan_unreadable"),
    ],
)
def test_what_cannot_be_read_says_why(name, content, code):
    """A damaged, empty, foreign or coarse file is the sender's fault and named."""
    with pytest.raises(InputFault) as refused:
        cloud(name, content)
    assert refused.value.code == code


def test_other_files_of_the_trade_are_not_scans():
    """Measures in JSON or CSV are left to those who read them."""
    assert recognised_scan("anna.json", b'{"type": "garment"}') == ""
    assert recognised_scan("anna.csv", b"stature_mm,bust_girth_mm\n1700,900\n") == ""
