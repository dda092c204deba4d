"""What is written can be read back: DXF to a tenth of a millimetre, SVG, and paper at full size."""

import io
import math
import re
import xml.etree.ElementTree as ET
import zlib
from base64 import a85decode
from collections.abc import Iterator
from itertools import pairwise

import ezdxf
import numpy as np
import pytest
from ezdxf.document import Drawing

from design.garment.pattern.bodies import ANNA, body
from manufold.design.garment.pattern import dxf, pdf, svg
from manufold.design.garment.pattern.cutline import cut_line, nick
from manufold.design.garment.pattern.fit import fit, picture
from manufold.design.garment.pattern.piece import Pattern
from manufold.design.garment.pattern.publishing import drafted, published
from manufold.design.garment.pattern.sheets import sheet

GARMENTS = ("dress", "jacket", "shirt", "trousers")


@pytest.fixture(scope="module", params=GARMENTS)
def pattern(request: pytest.FixtureRequest) -> Pattern:
    """Return each garment for one woman."""
    return drafted(request.param, body(ANNA))


def read(content: bytes) -> Drawing:
    """Return the drawing that a reader makes of the bytes."""
    return ezdxf.read(io.StringIO(content.decode()))


def lines(block: object, layer: str) -> Iterator[list[complex]]:
    """Yield the polygons of a layer of a block."""
    for entity in block.query(f'POLYLINE[layer=="{layer}"]'):  # type: ignore[attr-defined]
        yield [complex(p.x, p.y) for p in entity.points()]


def apart_mm(one: list[complex], two: list[complex]) -> float:
    """Return how far the farthest point of the first lies from the second's polygon."""
    z = np.array(one)[:, None]
    a = np.array(two)[None, :]
    way = np.roll(np.array(two), -1)[None, :] - a
    size = np.maximum(np.abs(way) ** 2, 1e-12)
    share = np.clip(((z - a) * np.conj(way)).real / size, 0, 1)
    return float(np.abs(z - a - share * way).min(axis=1).max())


@pytest.mark.parametrize(("inches", "unit_mm"), [(False, 1.0), (True, 25.4)])
def test_dxf_reads_back(pattern: Pattern, inches: bool, unit_mm: float):
    """One block a piece; boundary, sew line, grain and notches within 0.1 mm on their layers."""
    document = read(dxf.written(pattern, "TEST", inches=inches))
    told = [text.dxf.text for text in document.modelspace().query("TEXT")]
    assert f"UNITS: {'ENGLISH' if inches else 'METRIC'}" in told
    assert len(document.modelspace().query("INSERT")) == len(pattern.pieces)
    for piece in pattern.pieces:
        block = document.blocks[piece.name.upper()]
        (cut,) = ([z * unit_mm for z in line] for line in lines(block, "1"))
        (sewn,) = ([z * unit_mm for z in line] for line in lines(block, "14"))
        (grain,) = ([z * unit_mm for z in line] for line in lines(block, "7"))
        fine = piece.outline(0.001)
        assert apart_mm(fine, sewn) < 0.1
        assert apart_mm(sewn, fine) < 0.1
        assert apart_mm(cut_line(piece, 0.001), cut) < 0.1
        assert grain == pytest.approx(list(piece.grain), abs=0.1)
        dots = [dot.dxf.location for dot in block.query('POINT[layer=="4"]')]
        notches = [complex(dot.x, dot.y) * unit_mm for dot in dots]
        assert notches == pytest.approx([nick(piece, n)[0] for n in piece.notches], abs=0.1)
        inside = [m for m in piece.marks if m.kind != "drill"]
        assert len(list(lines(block, "8"))) == len(inside)
        assert len(block.query('POINT[layer=="13"]')) == len(piece.marks) - len(inside)
        corners = len(block.query('POINT[layer=="2"]'))
        assert corners >= 2  # a rounded stand has two
        assert corners + len(block.query('POINT[layer=="3"]')) == len(cut)
        texts = {t.dxf.text for t in block.query('TEXT[layer=="15"]')}
        assert f"PIECE NAME: {piece.name.upper()}" in texts
        assert f"QUANTITY: {sum(piece.cut.values())}" in texts


def test_same_pattern_same_bytes(pattern: Pattern):
    """No clock and no chance goes into a file."""
    assert dxf.written(pattern, "A") == dxf.written(pattern, "A")
    assert svg.drawn(pattern) == svg.drawn(pattern)
    assert pdf.printed(pattern, "A4", "A") == pdf.printed(pattern, "A4", "A")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_svg_holds_every_piece(pattern: Pattern, language: str):
    """The picture is sound XML in millimetres, each piece in it once under its name."""
    made = published()[pattern.garment]
    labels = {piece.name: made.label(piece, language) for piece in pattern.pieces}
    root = ET.fromstring(svg.drawn(pattern, labels))
    space = "{http://www.w3.org/2000/svg}"
    assert root.attrib["width"].endswith("mm")
    assert root.attrib["viewBox"].split()[2] == root.attrib["width"].removesuffix("mm")
    groups = root.findall(f"{space}g")
    assert sorted(g.attrib["id"] for g in groups) == sorted(p.name for p in pattern.pieces)
    for group in groups:
        assert group.find(f"{space}text").text == labels[group.attrib["id"]]
        assert len(group.findall(f"{space}path[@class='cut']")) == 1


def test_pieces_on_a_sheet_do_not_overlap(pattern: Pattern):
    """Boxes of pieces lie apart, on the sheet."""
    laid = sheet(pattern, 1500)
    boxes = []
    for one in laid.laid:
        z = np.array(one.cut) + one.shift
        boxes.append((z.real.min(), z.imag.min(), z.real.max(), z.imag.max()))
    for at, (left, low, right, high) in enumerate(boxes):
        assert left >= 0 <= low
        assert right <= laid.wide_mm
        assert high <= laid.high_mm
        for a, b, c, d in boxes[:at]:
            assert c < left or right < a or d < low or high < b


def streams(content: bytes) -> Iterator[str]:
    """Yield the drawing orders of a file of reportlab's, unpacked."""
    for found in re.finditer(rb"stream\r?\n(.*?)endstream", content, re.DOTALL):
        text = found[1].strip()
        packed = a85decode(text[:-2]) if text.endswith(b"~>") else text
        yield zlib.decompress(packed).decode("latin-1")


@pytest.mark.parametrize("paper", ["A4", "A0"])
def test_paper_is_full_size(pattern: Pattern, paper: str):
    """Pages have the paper's size; the map has a square of 100 mm; each piece is drawn to scale."""
    content = pdf.printed(pattern, paper, "Test")
    wide, high, margin = pdf.PAPERS[paper]
    sizes = re.findall(rb"/MediaBox \[ 0 0 ([\d.]+) ([\d.]+) \]", content)
    assert {(round(float(w) / 72 * 25.4), round(float(h) / 72 * 25.4)) for w, h in sizes} == {
        (round(wide), round(high))
    }
    orders = list(streams(content))
    square = pdf.SQUARE_MM / 25.4 * 72
    rectangles = [
        tuple(map(float, found))
        for text in orders
        for found in re.findall(r"([-\d.]+) ([-\d.]+) ([-\d.]+) ([-\d.]+) re", text)
    ]
    assert any(r[2:] == pytest.approx((square, square), abs=0.01) for r in rectangles)
    # the longest straight run of a piece on paper is the one it has in cloth; the run that closes
    # an outline is not drawn to a point
    wanted = max(abs(a - b) for p in pattern.pieces for a, b in pairwise(cut_line(p)))
    drawn = []
    for text in orders:
        points = [
            complex(float(x), float(y)) / 72 * 25.4
            for x, y in re.findall(r"([-\d.]+) ([-\d.]+) [ml]\b", text)
        ]
        drawn += [abs(a - b) for a, b in pairwise(points)]
    assert any(math.isclose(one, wanted, abs_tol=0.02) for one in drawn)
    room = wide - 2 * margin, high - 2 * margin
    laid = sheet(pattern, max(1, round(1500 / room[0])) * room[0])
    tiles = math.ceil(laid.wide_mm / room[0]) * math.ceil(laid.high_mm / room[1])
    assert 1 < len(sizes) <= tiles + 1


def test_fit_is_shown(pattern: Pattern):
    """Each level stands in the picture with body, ease and finished girth that add up."""
    girths = fit(pattern)
    root = ET.fromstring(picture(girths))
    texts = [t.text for t in root.iter("{http://www.w3.org/2000/svg}text")]
    for girth in girths:
        assert girth.level in texts
        assert girth.body_mm + girth.ease_mm == pytest.approx(girth.finished_mm)
        assert any(f"= {girth.finished_mm:.0f} mm" in str(text) for text in texts)
    assert len(list(root.iter("{http://www.w3.org/2000/svg}rect"))) == 2 * len(girths)
