"""Which side of a line a point lies on, and whether a polygon crosses itself: exactly.

Reckoned in floating point first; where that cannot be sure, again in whole fractions.

Source  The bound on the error of the floating determinant is the first filter of J. R. Shewchuk,
        Discrete Comput. Geom. 18 (1997) 305-363: (3 + 16 e) e times the sum of the products' sizes.
"""

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

__all__ = ["area_mm2", "crossings", "sides"]

_EPSILON = 2.0**-53
_BOUND = (3 + 16 * _EPSILON) * _EPSILON
Points = NDArray[np.complex128]


def sides(a: Points, b: Points, c: Points) -> NDArray[np.int8]:
    """Return, of each triple, 1 where c lies left of a->b, -1 right, 0 exactly on the line."""
    left = (a.real - c.real) * (b.imag - c.imag)
    right = (a.imag - c.imag) * (b.real - c.real)
    found = np.sign(left - right).astype(np.int8)
    unsure = np.abs(left - right) <= _BOUND * (np.abs(left) + np.abs(right))
    for at in np.flatnonzero(unsure):
        found[at] = _exactly(complex(a[at]), complex(b[at]), complex(c[at]))
    return found


def _exactly(a: complex, b: complex, c: complex) -> int:
    ax, ay, bx, by, cx, cy = map(Fraction, (a.real, a.imag, b.real, b.imag, c.real, c.imag))
    value = (ax - cx) * (by - cy) - (ay - cy) * (bx - cx)
    return (value > 0) - (value < 0)


def crossings(polygon: Points) -> list[tuple[int, int]]:
    """Return pairs of edges of a closed polygon that touch or cross and should not.

    Neighbours share a corner; they are a fault only where one folds back on the other.
    """
    count = len(polygon)
    after = np.roll(polygon, -1)
    low_x, high_x = np.minimum(polygon.real, after.real), np.maximum(polygon.real, after.real)
    low_y, high_y = np.minimum(polygon.imag, after.imag), np.maximum(polygon.imag, after.imag)
    near = (
        (low_x[:, None] <= high_x[None, :])
        & (low_x[None, :] <= high_x[:, None])
        & (low_y[:, None] <= high_y[None, :])
        & (low_y[None, :] <= high_y[:, None])
    )
    one, two = np.nonzero(np.triu(near, 2))
    apart = ~((one == 0) & (two == count - 1))
    one, two = one[apart], two[apart]
    a, b, c, d = polygon[one], after[one], polygon[two], after[two]
    abc, abd = sides(a, b, c), sides(a, b, d)
    cda, cdb = sides(c, d, a), sides(c, d, b)
    # boxes overlap, so four points on one line touch as well
    touch = (abc * abd <= 0) & (cda * cdb <= 0)
    found = [(int(i), int(j)) for i, j in zip(one[touch], two[touch], strict=True)]
    beyond = np.roll(polygon, -2)
    way, next_way = after - polygon, beyond - after
    back = np.flatnonzero(way.real * next_way.real + way.imag * next_way.imag <= 0)
    straight = back[sides(polygon[back], after[back], beyond[back]) == 0]
    found += [(int(i), int((i + 1) % count)) for i in straight]
    return found


def area_mm2(polygon: Points) -> float:
    """Return the area, above nought when counter-clockwise."""
    after = np.roll(polygon, -1)
    return float(np.sum(polygon.real * after.imag - after.real * polygon.imag) / 2)
