"""From the bytes of a body scan to its points: PLY, OBJ, STL and GLB, each plain or gzipped.

Only points are read: a body is fitted to points, and the triangles of a mesh say nothing about it
that its corners do not. A finer scan than `KEPT_MOST` is thinned evenly while it is read, so the
seconds hardly grow with the file.

Cost    binary PLY and STL: some milliseconds; text: 0.1 us a number after a pass over the bytes.
"""

import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from manufold.design.garment.measure.binary_meshes import glb_points, is_binary_stl, stl_points
from manufold.design.garment.measure.ply import ply_points
from manufold.design.garment.measure.text_meshes import looks_like_obj, obj_points, text_stl_points
from manufold.model.errors import InputFault

__all__ = ["FILE_BYTES_MOST", "KEPT_MOST", "POINTS_LEAST", "Cloud", "cloud", "recognised_scan"]

FILE_BYTES_MOST = 400_000_000
#: what is fitted; more points than this tell nothing more about a body
KEPT_MOST = 160_000
#: below this a girth would rest on a handful of points
POINTS_LEAST = 20_000
_HEAD_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Cloud:
    """The points of a scan, in the unit and the axes of its file.

    Args:
        points: float64, shape (n, 3), finite; at most about `KEPT_MOST`.
        count: points in the file.
        format: "ply", "obj", "stl" or "glb".
    """

    points: NDArray[np.float64]
    count: int
    format: str


def recognised_scan(name: str, content: bytes) -> str:
    """Return the format of a scan by its first bytes and its name, or ""; never raises."""
    ending = name.lower().removesuffix(".gz").rpartition(".")[2]
    head = content[:_HEAD_BYTES]
    if head.startswith(b"\x1f\x8b"):
        return ending if ending in ("ply", "obj", "stl", "glb") else ""
    if head.startswith((b"ply\n", b"ply\r")):
        return "ply"
    if head.startswith(b"glTF"):
        return "glb"
    if is_binary_stl(content) or (ending == "stl" and head.lstrip().startswith(b"solid")):
        return "stl"
    return "obj" if ending == "obj" and looks_like_obj(head) else ""


def cloud(name: str, content: bytes) -> Cloud:
    """Return the points of a scan file.

    Raises:
        InputFault: `garment.scan_empty`, `garment.scan_too_large`, `garment.scan_unreadable`,
            `garment.scan_unpacks_too_large`, `garment.scan_format`, `garment.scan_few_points`,
            `garment.scan_not_finite`.
    """
    shown = name[:80]
    if not content:
        raise InputFault("garment.scan_empty", file=shown)
    if len(content) > FILE_BYTES_MOST:
        raise InputFault(
            "garment.scan_too_large", file=shown, limit_mb=FILE_BYTES_MOST // 1_000_000
        )
    plain = _unpacked(shown, content) if content.startswith(b"\x1f\x8b") else content
    form = recognised_scan(name, plain)
    if not form:
        raise InputFault("garment.scan_format", file=shown)
    try:
        points, count = _points(form, plain)
    except (ValueError, IndexError, KeyError, TypeError, OverflowError, RecursionError) as fault:
        what = (str(fault).splitlines() or ["damaged"])[0][:120]
        raise InputFault("garment.scan_unreadable", file=shown, what=what) from None
    if count < POINTS_LEAST:
        raise InputFault("garment.scan_few_points", count=count, least=POINTS_LEAST)
    kept = np.ascontiguousarray(points, dtype=np.float64)
    finite = np.isfinite(kept).all(axis=1)
    if not finite.all():
        kept = kept[finite]
    if not len(kept):
        raise InputFault("garment.scan_not_finite", file=shown, count=count)
    if len(kept) < POINTS_LEAST // 2:
        raise InputFault("garment.scan_few_points", count=len(kept), least=POINTS_LEAST)
    return Cloud(kept, count, form)


def _points(form: str, content: bytes) -> tuple[NDArray[np.floating], int]:
    if form == "ply":
        return ply_points(content, KEPT_MOST)
    if form == "glb":
        return glb_points(content, KEPT_MOST)
    if form == "obj":
        return obj_points(content, KEPT_MOST)
    if is_binary_stl(content):
        return stl_points(content, KEPT_MOST)
    return text_stl_points(content, KEPT_MOST)


def _unpacked(shown: str, content: bytes) -> bytes:
    """Return what a gzip holds, and no more of it than a scan may have."""
    opener = zlib.decompressobj(wbits=31)
    try:
        plain = opener.decompress(content, FILE_BYTES_MOST)
    except zlib.error:
        raise InputFault("garment.scan_unreadable", file=shown, what="damaged gzip") from None
    if opener.unconsumed_tail:
        raise InputFault(
            "garment.scan_unpacks_too_large", file=shown, limit_mb=FILE_BYTES_MOST // 1_000_000
        )
    if not opener.eof:
        raise InputFault("garment.scan_unreadable", file=shown, what="the gzip ends too early")
    return plain
