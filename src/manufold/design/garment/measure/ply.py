"""Points of a PLY file, binary of either byte order or text."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["ply_points"]

_KINDS = {
    **dict.fromkeys(["char", "int8"], "i1"),
    **dict.fromkeys(["uchar", "uint8"], "u1"),
    **dict.fromkeys(["short", "int16"], "i2"),
    **dict.fromkeys(["ushort", "uint16"], "u2"),
    **dict.fromkeys(["int", "int32"], "i4"),
    **dict.fromkeys(["uint", "uint32"], "u4"),
    **dict.fromkeys(["float", "float32"], "f4"),
    **dict.fromkeys(["double", "float64"], "f8"),
}
_HEADER_BYTES_MOST = 65_536


def ply_points(content: bytes, most: int) -> tuple[NDArray[np.floating], int]:
    """Return about `most` points, evenly taken, and how many the file has.

    Raises:
        ValueError: the header or the body is not what the format asks for.
    """
    end = content.find(b"end_header", 0, _HEADER_BYTES_MOST)
    if end < 0:
        raise ValueError("the header has no end")
    body_at = content.index(b"\n", end) + 1
    form, elements = _header(content[:end].decode("ascii", "replace"))
    skipped = 0
    for name, count, properties in elements:
        if name == "vertex":
            break
        if any(kind == "list" for _, kind in properties):
            raise ValueError("a list stands before the points")
        skipped += count * (
            1 if form == "ascii" else sum(np.dtype(kind).itemsize for _, kind in properties)
        )
    else:
        raise ValueError("no points in it")
    names = [name for name, _ in properties]
    if not {"x", "y", "z"} <= set(names) or any(kind == "list" for _, kind in properties):
        raise ValueError("its points have no x, y and z")
    step = max(1, count // most)
    if form == "ascii":
        return _text(content, body_at, skipped, count, names, step), count
    order = "<" if form == "binary_little_endian" else ">"
    row = np.dtype([(name, order + kind) for name, kind in properties])
    body_bytes = len(content) - body_at - skipped
    if count * row.itemsize > body_bytes:
        raise ValueError(f"{count} points announced, {max(0, body_bytes) // row.itemsize} there")
    rows = np.frombuffer(content, row, count, body_at + skipped)[::step]
    return np.stack([rows["x"], rows["y"], rows["z"]], axis=1).astype(np.float64), count


def _header(text: str) -> tuple[str, list[tuple[str, int, list[tuple[str, str]]]]]:
    """Return the format, and per element its name, count and properties (name, kind)."""
    form = ""
    elements: list[tuple[str, int, list[tuple[str, str]]]] = []
    for line in text.splitlines():
        words = line.split()
        if not words or words[0] in ("ply", "comment", "obj_info"):
            continue
        if words[0] == "format":
            form = words[1]
        elif words[0] == "element":
            elements.append((words[1], int(words[2]), []))
        elif words[0] == "property":
            kind = "list" if words[1] == "list" else _KINDS[words[1]]
            elements[-1][2].append((words[-1], kind))
    if form not in ("ascii", "binary_little_endian", "binary_big_endian"):
        raise ValueError(f"format {form[:40]!r} is unknown")
    return form, elements


def _text(
    content: bytes, body_at: int, skipped: int, count: int, names: list[str], step: int
) -> NDArray[np.floating]:
    letters = np.frombuffer(content, np.uint8, offset=body_at)
    ends = np.flatnonzero(letters == 10)[: skipped + count]
    if len(ends) < skipped + count - 1:
        raise ValueError(f"{count} points announced, {len(ends) - skipped} lines there")
    last = ends[skipped + count - 1] if len(ends) == skipped + count else len(letters)
    first = 0 if skipped == 0 else ends[skipped - 1] + 1
    if step > 1:
        starts = np.concatenate([[first], ends[skipped : skipped + count - 1] + 1])
        lengths = np.diff(np.append(starts, last))
        kept = np.repeat(np.arange(len(starts)) % step == 0, lengths)
        part = letters[first:last][kept].tobytes()
    else:
        part = letters[first:last].tobytes()
    numbers = np.fromstring(part.decode("ascii"), sep=" ")
    table = numbers.reshape(-1, len(names))
    return table[:, [names.index(axis) for axis in "xyz"]]
