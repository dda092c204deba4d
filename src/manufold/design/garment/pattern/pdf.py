"""Patterns on paper at full size: a map of the pages, then tiles with marks to join them by.

Every tile shows its row and column, has crosses at its four corners, and overlaps nothing: pages
are trimmed or laid edge to edge along the crosses. The map carries a square of 100 mm to measure
after printing. Tiles on which nothing lies are left out, and the map shows which.
"""

import io
from collections.abc import Iterable
from typing import Any, Literal

from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from manufold.design.garment.pattern.cutline import nick
from manufold.design.garment.pattern.geometry import bounds
from manufold.design.garment.pattern.piece import Pattern
from manufold.design.garment.pattern.sheets import Laid, Sheet, sheet

__all__ = ["PAPERS", "SQUARE_MM", "printed"]

Paper = Literal["A4", "A0"]
#: wide, high, margin in millimetres
PAPERS: dict[Paper, tuple[float, float, float]] = {
    "A4": (210.0, 297.0, 10.0),
    "A0": (841.0, 1189.0, 15.0),
}
SQUARE_MM = 100.0


def printed(pattern: Pattern, paper: Paper, title: str) -> bytes:
    """Return the pages; the first is the map."""
    wide, high, margin = PAPERS[paper]
    tile = wide - 2 * margin, high - 2 * margin
    count = max(1, round(1500 / tile[0]))
    laid = sheet(pattern, count * tile[0])
    columns, rows = -int(-laid.wide_mm // tile[0]), -int(-laid.high_mm // tile[1])
    used = sorted(
        {cell for one in laid.laid for cell in _cells(one, laid.high_mm, tile, columns, rows)}
    )
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=(wide * mm, high * mm), invariant=1, pageCompression=1)
    canvas.setTitle(title)
    for at, one in enumerate(laid.laid):
        canvas.beginForm(f"piece{at}", -mm, -mm, (laid.wide_mm + 1) * mm, (laid.high_mm + 1) * mm)
        _piece(canvas, one)
        canvas.endForm()
    _map(canvas, laid, paper, (columns, rows), used, title)
    for row, column in used:
        _tile(canvas, laid, paper, (row, column), (columns, rows))
    canvas.save()
    return stream.getvalue()


def _cells(
    one: Laid, high_mm: float, tile: tuple[float, float], columns: int, rows: int
) -> Iterable[tuple[int, int]]:
    """Yield row and column of tiles that a piece's box touches; row nought is the uppermost."""
    left, low, right, top = bounds(z + one.shift for z in one.cut)
    for row in range(int((high_mm - top) // tile[1]), int((high_mm - low) // tile[1]) + 1):
        for column in range(int(left // tile[0]), int(right // tile[0]) + 1):
            if 0 <= row < rows and 0 <= column < columns:
                yield row, column


def _piece(canvas: Any, one: Laid) -> None:
    """Draw a piece where it lies on the sheet."""
    canvas.setLineWidth(0.35 * mm)
    _line(canvas, one.cut, one.shift, close=True)
    canvas.setLineWidth(0.2 * mm)
    canvas.setDash(4, 3)
    _line(canvas, one.piece.outline(), one.shift, close=True)
    for mark in one.piece.marks:
        if mark.kind != "drill":
            _line(canvas, mark.points, one.shift, close=mark.kind in ("dart", "pleat"))
    canvas.setDash()
    _line(canvas, one.piece.grain, one.shift)
    canvas.setLineWidth(0.6 * mm)
    for notch in one.piece.notches:
        _line(canvas, nick(one.piece, notch), one.shift)
    for mark in one.piece.marks:
        if mark.kind == "drill":
            z = mark.points[0] + one.shift
            canvas.circle(z.real * mm, z.imag * mm, 1.5 * mm)
    left, low, right, high = bounds(one.cut)
    z = complex((left + right) / 2, (low + high) / 2) + one.shift
    counts = ", ".join(f"{count} {cloth}" for cloth, count in one.piece.cut.items())
    size = max(6.0, min(14.0, 1.6 * (right - left) * mm / max(len(counts), 8)))
    canvas.setFont("Helvetica", size)
    canvas.drawCentredString(z.real * mm, z.imag * mm, one.piece.name.replace("_", " "))
    canvas.drawCentredString(z.real * mm, z.imag * mm - 1.2 * size, counts)


def _line(canvas: Any, points: Iterable[complex], shift: complex, close: bool = False) -> None:
    path = canvas.beginPath()
    for at, z in enumerate(points):
        there = (z + shift).real * mm, (z + shift).imag * mm
        (path.lineTo if at else path.moveTo)(*there)
    if close:
        path.close()
    canvas.drawPath(path)


def _tile(
    canvas: Any, laid: Sheet, paper: Paper, at: tuple[int, int], counts: tuple[int, int]
) -> None:
    wide, high, margin = PAPERS[paper]
    tile = wide - 2 * margin, high - 2 * margin
    row, column = at
    left, low = column * tile[0], laid.high_mm - (row + 1) * tile[1]
    canvas.saveState()
    frame = canvas.beginPath()
    frame.rect(margin * mm, margin * mm, tile[0] * mm, tile[1] * mm)
    canvas.clipPath(frame, stroke=0, fill=0)
    canvas.translate((margin - left) * mm, (margin - low) * mm)
    for index, one in enumerate(laid.laid):
        if at in set(_cells(one, laid.high_mm, tile, *counts)):
            canvas.doForm(f"piece{index}")
    canvas.restoreState()
    canvas.setLineWidth(0.2 * mm)
    for x in (margin, wide - margin):
        for y in (margin, high - margin):
            canvas.line((x - 6) * mm, y * mm, (x + 6) * mm, y * mm)
            canvas.line(x * mm, (y - 6) * mm, x * mm, (y + 6) * mm)
    canvas.setFont("Helvetica", 9)
    canvas.drawString((margin + 8) * mm, (margin - 6) * mm, _cell_name(at))
    canvas.showPage()


def _map(
    canvas: Any,
    laid: Sheet,
    paper: Paper,
    counts: tuple[int, int],
    used: list[tuple[int, int]],
    title: str,
) -> None:
    """Draw the sheet in small with its tiles, and the square to measure."""
    wide, high, margin = PAPERS[paper]
    tile = wide - 2 * margin, high - 2 * margin
    room = wide - 2 * margin, high - 2 * margin - SQUARE_MM - 40
    whole = counts[0] * tile[0], counts[1] * tile[1]
    scale = min(room[0] / whole[0], room[1] / whole[1])
    canvas.setFont("Helvetica", 12)
    canvas.drawString(margin * mm, (high - margin - 6) * mm, title)
    canvas.saveState()
    canvas.translate(margin * mm, (high - margin - 14) * mm)
    canvas.scale(scale, scale)
    for row in range(counts[1]):
        for column in range(counts[0]):
            corner = column * tile[0] * mm, -(row + 1) * tile[1] * mm
            canvas.setStrokeGray(0.6)
            canvas.rect(*corner, tile[0] * mm, tile[1] * mm)
            if (row, column) in used:
                canvas.setFont("Helvetica", 8 / scale)
                text = corner[0] + 3 / scale, corner[1] + 3 / scale
                canvas.drawString(*text, _cell_name((row, column)))
    canvas.setStrokeGray(0)
    canvas.translate(0, -laid.high_mm * mm)
    for index in range(len(laid.laid)):
        canvas.doForm(f"piece{index}")
    canvas.restoreState()
    canvas.setLineWidth(0.3 * mm)
    canvas.rect(margin * mm, margin * mm, SQUARE_MM * mm, SQUARE_MM * mm)
    canvas.setFont("Helvetica", 10)
    canvas.drawString((margin + 4) * mm, (margin + 4) * mm, f"{SQUARE_MM:.0f} x {SQUARE_MM:.0f} mm")
    canvas.showPage()


def _cell_name(at: tuple[int, int]) -> str:
    """Return a tile's name: the row as a letter, the column as a number."""
    row, column = at
    letters = ""
    while True:
        letters = chr(ord("A") + row % 26) + letters
        row = row // 26 - 1
        if row < 0:
            return f"{letters}{column + 1}"
