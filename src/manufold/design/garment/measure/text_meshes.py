"""Points of OBJ and of text STL files, read by whole blocks of bytes."""

import re

import numpy as np
from numpy.typing import NDArray

__all__ = ["looks_like_obj", "obj_points", "text_stl_points"]

_CORNER = re.compile(rb"vertex\s+([-+0-9.eE]+\s+[-+0-9.eE]+\s+[-+0-9.eE]+)")
_OBJ_LINE = re.compile(rb"^(v|vn|vt|f|o|g|mtllib|usemtl|s)\s", re.MULTILINE)


def looks_like_obj(head: bytes) -> bool:
    """Say whether the beginning of a file reads like an OBJ."""
    return _OBJ_LINE.search(head) is not None


def obj_points(content: bytes, most: int) -> tuple[NDArray[np.floating], int]:
    """Return about `most` points, evenly taken, and how many the file has.

    Raises:
        ValueError: a point has no three numbers.
    """
    letters = np.frombuffer(content, np.uint8)
    starts = np.concatenate([[0], np.flatnonzero(letters == 10) + 1])
    starts = starts[starts < len(letters) - 2]
    spaced = (letters[starts + 1] == 32) | (letters[starts + 1] == 9)
    mine = np.flatnonzero((letters[starts] == ord("v")) & spaced)
    count = len(mine)
    if count == 0:
        raise ValueError("no points in it")
    mine = mine[:: max(1, count // most)]
    ends = np.append(starts[1:], len(letters))[mine]
    lengths = ends - starts[mine] - 1  # without the letter v
    places = np.repeat(starts[mine] + 1 - np.cumsum(lengths) + lengths, lengths)
    picked = letters[places + np.arange(lengths.sum())].tobytes()
    columns = len(picked[: picked.find(b"\n")].split() if b"\n" in picked else picked.split())
    numbers = np.fromstring(picked.decode("ascii"), sep=" ")
    if columns < 3 or len(numbers) != columns * len(mine):
        raise ValueError("a point has no three numbers")
    return numbers.reshape(-1, columns)[:, :3], count


def text_stl_points(content: bytes, most: int) -> tuple[NDArray[np.floating], int]:
    """Return about `most` corners, evenly taken, and how many points its triangles share.

    Raises:
        ValueError: no corners in it.
    """
    corners = _CORNER.findall(content)
    if not corners:
        raise ValueError("no corners in it")
    count = len(corners) // 6  # in a closed mesh six triangles meet at a point
    kept = corners[:: max(1, len(corners) // most)]
    return np.fromstring(b" ".join(kept).decode("ascii"), sep=" ").reshape(-1, 3), count
