"""Boxes as binary STL, and other files that people send."""

import struct
from itertools import product

FACES = ((0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3))


def box_stl(x_mm: float, y_mm: float, z_mm: float) -> bytes:
    """Return a box as a binary STL file."""
    corners = [(x * x_mm, y * y_mm, z * z_mm) for x, y, z in product((0, 1), repeat=3)]
    triangles = [t for a, b, c, d in FACES for t in ((a, b, c), (a, c, d))]
    rows = b"".join(
        struct.pack("<12fH", 0, 0, 0, *(value for i in t for value in corners[i]), 0)
        for t in triangles
    )
    return bytes(80) + struct.pack("<I", len(triangles)) + rows
