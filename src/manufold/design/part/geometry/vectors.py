"""Three numbers at a time, where an array would cost more than it saves."""

import math

from manufold.design.part.geometry.facts import Vector

__all__ = ["cross", "dot", "length", "minus", "plus", "times", "unit"]


def dot(a: Vector, b: Vector) -> float:
    """Return the scalar product."""
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def cross(a: Vector, b: Vector) -> Vector:
    """Return the vector product."""
    return (
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    )


def plus(a: Vector, b: Vector) -> Vector:
    """Return the sum."""
    return a[0] + b[0], a[1] + b[1], a[2] + b[2]


def minus(a: Vector, b: Vector) -> Vector:
    """Return the difference."""
    return a[0] - b[0], a[1] - b[1], a[2] - b[2]


def times(a: Vector, factor: float) -> Vector:
    """Return the vector stretched."""
    return a[0] * factor, a[1] * factor, a[2] * factor


def length(a: Vector) -> float:
    """Return the Euclidean length."""
    return math.sqrt(dot(a, a))


def unit(a: Vector) -> Vector:
    """Return the vector of length one; the zero vector stays zero."""
    size = length(a)
    return times(a, 1 / size) if size > 0 else a
