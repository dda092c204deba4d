"""Whether a file looks like the scan of a person: cheaply, by its first bytes and its extents.

PLY, OBJ and GLB are read by nobody else here. An STL may be a part as well: one that is as tall as
a person in metres or millimetres, with a person's proportions and a scan's many triangles, is
likelier a body; as tall in centimetres it may as well be a part of 18 cm, and both trades say so.
"""

import re

import numpy as np

from manufold.design.contract import InputFile
from manufold.design.garment.measure.clouds import recognised_scan

__all__ = ["is_scan", "seen"]

_SUFFIXES = ("ply", "obj", "glb")
#: as sure as the trade of parts is of an STL
_MAYBE, _LIKELY, _SURE, _DAMAGED = 0.6, 0.75, 0.85, 0.2
_FACES_LEAST = 8_000
_TALL = {"m": (1.2, 2.3), "cm": (120.0, 230.0), "mm": (1200.0, 2300.0)}
#: of the height: arms' span held away, and the depth with a floor left out
_WIDE, _DEEP = (0.2, 1.05), (0.1, 0.55)
_SAMPLED = 20_000
_HEAD_BYTES, _SLICE_BYTES = 84, 65_536
_VERTEX = re.compile(rb"vertex\s+(\S+)\s+(\S+)\s+(\S+)")


def is_scan(file: InputFile) -> bool:
    """Return whether a file is to be read as a scan, once it is known to be of this trade."""
    if recognised_scan(file.name, file.content) or _suffix(file) in (*_SUFFIXES, "stl"):
        return True
    return _packed(file)


def seen(file: InputFile) -> float:
    """Return 0..1: how sure it is that a file is the scan of a person; never raises."""
    form = recognised_scan(file.name, file.content)
    if form == "stl":
        return _of_stl(file.content)
    if form:
        return _SURE
    return _DAMAGED if _suffix(file) in _SUFFIXES or _packed(file) else 0.0


def _packed(file: InputFile) -> bool:
    """Return whether a file is a gzip: nothing but a scan is unpacked here."""
    return file.content.startswith(b"\x1f\x8b")


def _suffix(file: InputFile) -> str:
    return file.name.lower().removesuffix(".gz").rpartition(".")[2]


def _of_stl(content: bytes) -> float:
    if content.startswith(b"\x1f\x8b"):
        return _MAYBE  # parts are not read gzipped; what is inside is told by reading it
    try:
        extents = _extents(content)
    except (ValueError, OverflowError):
        return 0.0
    if extents is None:
        return 0.0
    deep, wide, tall = sorted(float(one) for one in extents)
    if not (_WIDE[0] <= wide / tall <= _WIDE[1] and _DEEP[0] <= deep / tall <= _DEEP[1]):
        return 0.0
    unit = next((u for u, (least, most) in _TALL.items() if least <= tall <= most), "")
    return {"m": _LIKELY, "mm": _LIKELY, "cm": _MAYBE}.get(unit, 0.0)


def _extents(content: bytes) -> "np.ndarray | None":
    """Return the extents of an STL with as many triangles as a scan has, by a sample of it."""
    faces = (len(content) - _HEAD_BYTES) // 50
    if b"\x00" not in content[:512]:
        if content.count(b"endfacet", 0, 64_000_000) < _FACES_LEAST:
            return None
        starts = range(0, len(content), max(_SLICE_BYTES, len(content) // 40))
        parts = [_VERTEX.findall(content[at : at + _SLICE_BYTES]) for at in starts]
        points = np.array([row for part in parts for row in part], dtype=np.float64)
    else:
        if faces < _FACES_LEAST:
            return None
        rows = np.frombuffer(content, np.uint8, faces * 50, _HEAD_BYTES).reshape(faces, 50)
        picked = np.ascontiguousarray(rows[:: max(1, faces // _SAMPLED), 12:24])
        points = picked.view("<f4").astype(np.float64)
    points = points[np.isfinite(points).all(axis=1)]
    if len(points) < 3:
        return None
    extents = np.ptp(points, axis=0)
    return extents if extents.min() > 0 else None
