"""The lines of a trouser leg: a front, and a back solved to the front's seams.

x grows from the centre to the side, y is height above the floor. The forks grow until the thigh
has its ease; the back's fork drops until its inseam has its stated stretch; its side rises or
falls until the side seams are alike; its centre rises until the seam through the crotch has the
body's length and its ease.

Source  The order of a classic men's draft (Aldrich; Mueller & Sohn): quarter seat and fork, the
        back from the front. Solving the seams, and all constants, are ours.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from manufold.design.garment.pattern.geometry import (
    Path,
    Stroke,
    arc,
    crossing_mm,
    length_mm,
    line,
    point,
    root,
    unit,
)

__all__ = ["Leg", "Levels", "Widths", "back_leg", "crease_mm", "front_leg", "wide_at_mm"]


@dataclass(frozen=True, slots=True)
class Levels:
    """Heights above the floor."""

    hem_mm: float
    knee_mm: float
    crotch_mm: float
    hip_mm: float
    centre_mm: float


@dataclass(frozen=True, slots=True)
class Widths:
    """Of one panel: at the seat, of the fork, at knee and hem."""

    hip_mm: float
    fork_mm: float
    knee_mm: float
    hem_mm: float


@dataclass(frozen=True, slots=True)
class Leg:
    """One panel, counter-clockwise: hem outwards, side up, waist inwards, centre down, inseam down.

    Args:
        centre: the straight upper part of the crotch seam; crotch: its curve to the fork.
    """

    side: Path
    waist: Path
    centre: Path
    crotch: Path
    inseam: Path

    @property
    def hem(self) -> Path:
        """The lower edge."""
        return line(self.inseam[-1].d, self.side[0].a)


def crease_mm(wide: Widths) -> float:
    """Return where the crease lies, from the centre line outwards."""
    return (wide.hip_mm - wide.fork_mm) / 2


def front_leg(at: Levels, wide: Widths, top_mm: float, cf_in_mm: float, side_in_mm: float) -> Leg:
    """Return a front whose waist is `hip - cf_in - side_in` wide, at the side `top_mm` high."""
    waist_side = complex(wide.hip_mm - side_in_mm, top_mm)
    waist_centre = complex(cf_in_mm, at.centre_mm)
    hip = complex(0, at.hip_mm)
    fork = complex(-wide.fork_mm, at.crotch_mm)
    deep = at.hip_mm - at.crotch_mm
    crotch = (Stroke(hip, hip - 0.56j * deep, fork + 0.54 * wide.fork_mm, fork),)
    reach = waist_side.real - waist_centre.real
    waist = (
        Stroke(
            waist_side,
            waist_side - (reach / 3 + 0j) + 1j * (waist_centre.imag - top_mm) / 4,
            waist_centre + reach / 3,
            waist_centre,
        ),
    )
    return Leg(
        _side(at, wide, waist_side), waist, line(waist_centre, hip), crotch, _inseam(at, wide, fork)
    )


def back_leg(
    at: Levels,
    wide: Widths,
    front: Leg,
    waist_mm: float,
    crotch_mm: float,
    raise_most_mm: float,
    table: Mapping[str, Any],
) -> tuple[Leg, float] | None:
    """Return the back, and what its seam through the crotch lacks; None when it cannot be.

    Args:
        waist_mm: length of its upper edge, darts open.
        crotch_mm: length of the seam through the crotch that is wanted, front and back.
        raise_most_mm: of the centre back above the centre front.
    """
    inseam_mm = length_mm(front.inseam) - table["stretch_mm"]

    def fork(drop: float) -> complex:
        return complex(-wide.fork_mm, at.crotch_mm - drop)

    drop = root(lambda d: length_mm(_inseam(at, wide, fork(d))) - inseam_mm, -60, 120)
    if drop is None:
        return None
    hip = complex(0, at.hip_mm)
    end = fork(drop)
    deep = hip.imag - end.imag
    lean = table["lean"]
    way = unit(complex(lean, 1))
    crotch = (Stroke(hip, hip - 0.54 * deep * way, end + complex(0.54 * wide.fork_mm, 2), end),)
    left_mm = crotch_mm - length_mm(front.centre) - length_mm(front.crotch) - length_mm(crotch)
    straight_mm = (at.centre_mm - at.hip_mm) / way.imag
    centre_mm = min(
        max(left_mm, straight_mm - 4), straight_mm + min(raise_most_mm, 0.36 * waist_mm)
    )
    top = hip + way * centre_mm
    side_mm = length_mm(front.side)

    def waist(side: complex) -> Path:
        reach = abs(side - top) / 3
        return (Stroke(side, side + unit(top - side) * reach, top - 1j * way * reach, top),)

    def side_x(y: float) -> float | None:
        """Return where the side's upper end lies for the upper edge to have its length."""
        least = top.real + 0.3 * waist_mm
        return root(
            lambda x: length_mm(waist(complex(x, y))) - waist_mm, least, top.real + 1.2 * waist_mm
        )

    def off(y: float) -> float | None:
        x = side_x(y)
        return None if x is None else length_mm(_side(at, wide, complex(x, y))) - side_mm

    y = _secant(off, front.side[-1].d.imag)
    x = None if y is None else side_x(y)
    if y is None or x is None:
        return None
    corner = complex(x, y)
    leg = Leg(
        _side(at, wide, corner), waist(corner), line(top, hip), crotch, _inseam(at, wide, end)
    )
    return leg, left_mm - centre_mm


def _secant(off: Callable[[float], float | None], y: float) -> float | None:
    """Return where a function that grows about one to one is nought; None when it gets lost."""
    here = off(y)
    step = 0.0 if here is None else -0.8 * here
    for _ in range(30):
        if here is None or abs(here) < 1e-4:
            break
        there = off(y + step)
        if there is None:
            return None
        slope = (there - here) / step if step else 1.0
        y, here = y + step, there
        step = -here / min(max(slope, 0.25), 4.0)
    return y if here is not None and abs(here) < 0.01 else None


def _side(at: Levels, wide: Widths, top: complex) -> Path:
    """Return the side seam upwards."""
    crease = crease_mm(wide)
    hem = complex(crease + wide.hem_mm / 2, at.hem_mm)
    knee = complex(crease + wide.knee_mm / 2, at.knee_mm)
    hip = complex(wide.hip_mm, at.hip_mm)
    way = unit(unit(knee - hem) + 0.35 * unit(hip - knee))
    upper = unit(complex(0.4 * (top - hip).real / abs(top - hip), 1))
    high = abs(top - hip)
    return (
        *line(hem, knee),
        *arc(knee, way, hip, upper, 0.34, 0.30),
        Stroke(
            hip, hip + upper * 0.38 * high, top - unit(top - hip + 0.3j * high) * 0.34 * high, top
        ),
    )


def _inseam(at: Levels, wide: Widths, fork: complex) -> Path:
    """Return the inseam downwards."""
    crease = crease_mm(wide)
    hem = complex(crease - wide.hem_mm / 2, at.hem_mm)
    knee = complex(crease - wide.knee_mm / 2, at.knee_mm)
    way = unit(unit(hem - knee) + 0.25 * unit(knee - fork))
    leaving = unit(unit(knee - fork) + 0.22)
    return (*arc(fork, leaving, knee, way, 0.30, 0.42), *line(knee, hem))


def wide_at_mm(leg: Leg, y_mm: float) -> float:
    """Return the width of a panel at a height below the crotch."""
    xs = []
    for path in (leg.side, leg.inseam):
        at = crossing_mm(path, complex(0, y_mm), 1)
        assert at is not None, y_mm
        xs.append(point(path, at).real)
    return xs[0] - xs[1]
