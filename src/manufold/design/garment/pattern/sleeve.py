"""Sleeves: a cap solved to the armhole it is set into, in one piece or in two.

Drafted for the right arm: front at x above nought, the underarm level at y = 0, the hem below.
The height of the cap is solved, so that its length is the armhole's and the stated ease exactly;
the width is the arm's and its ease. A thick arm in a small armhole leaves no cap: `cap` says so by
None, and the armhole has to go deeper.

Source  One piece after the usual flat cap (Aldrich, Bunka: width from the arm, height from the
        armhole); two pieces after the tailors' way of folding one sleeve along the front and the
        hind line and moving the seams off the folds (Aldrich). Shares and handles are ours.
"""

from dataclasses import dataclass

from manufold.design.garment.pattern.geometry import (
    Path,
    arc,
    backwards,
    crossing_mm,
    length_mm,
    mirrored,
    root,
    split,
    unit,
)

__all__ = ["Cap", "TwoPiece", "cap", "too_flat", "two_piece"]


@dataclass(frozen=True, slots=True)
class Cap:
    """The head of a sleeve in one piece.

    Args:
        path: from the front underarm point over the crown to the back underarm point.
    """

    path: Path
    wide_mm: float
    high_mm: float


def cap(wide_mm: float, around_mm: float, least: float = 0.12) -> Cap | None:
    """Return the cap of a length over a width; None when it would be flatter than `least`.

    Args:
        around_mm: length of the cap: armhole and ease.
        least: height as a share of the width.
    """
    high_mm = root(
        lambda high: length_mm(_head(wide_mm, high)) - around_mm, least * wide_mm, 1.1 * wide_mm
    )
    if high_mm is None:
        return None
    return Cap(_head(wide_mm, high_mm), wide_mm, high_mm)


def _head(wide_mm: float, high_mm: float) -> Path:
    half = wide_mm / 2
    crown = complex(0.01 * wide_mm, high_mm)
    front, back = complex(half, 0), complex(-half, 0)
    steep = high_mm / half
    pitch_f = complex(0.56 * half, 0.40 * high_mm)
    pitch_b = complex(-0.58 * half, 0.50 * high_mm)
    way_f, way_b = unit(complex(-1, 1.42 * steep)), unit(complex(-1, -1.32 * steep))
    return (
        *arc(front, complex(-1, 0.12), pitch_f, way_f, 0.44, 0.36),
        *arc(pitch_f, way_f, crown, -1 + 0j, 0.34, 0.40),
        *arc(crown, -1 + 0j, pitch_b, way_b, 0.42, 0.30),
        *arc(pitch_b, way_b, back, complex(-1, -0.10), 0.30, 0.40),
    )


@dataclass(frozen=True, slots=True)
class TwoPiece:
    """A sleeve of top and under sleeve, both for the right arm, walked counter-clockwise.

    Args:
        top_cap: from the front seam over the crown to the hind seam.
        under_cap: from its front seam down under the arm to its hind seam, as the armhole runs.
        top_front, top_hind, under_front, under_hind: seams, from the cap down to the hem.
        crown_mm: arc length on the top cap of the crown.
    """

    top_cap: Path
    top_front: Path
    top_hind: Path
    under_cap: Path
    under_front: Path
    under_hind: Path
    crown_mm: float
    high_mm: float
    under_front_mm: float


def two_piece(
    wide_mm: float, around_mm: float, long_mm: float, hem_mm: float, least: float = 0.3
) -> TwoPiece | None:
    """Return a sleeve in two pieces whose caps together have the length; None when too flat.

    Args:
        wide_mm: around the upper arm, finished.
        long_mm: from the crown to the hem.
        hem_mm: around the hem, finished.
        least: height of the cap as a share of the width.
    """
    high_mm = root(lambda high: _around(wide_mm, high) - around_mm, least * wide_mm, 1.2 * wide_mm)
    if high_mm is None:
        return None
    upper, lower = _folded(wide_mm, high_mm)
    fold = wide_mm / 2  # folded flat: the front fold at x = fold, the hind one at x = 0
    front_mm, hind_mm = 0.09 * wide_mm, 0.045 * wide_mm
    at_front = _at_x(lower, fold - front_mm)
    at_hind = _at_x(lower, hind_mm)
    front_bit, rest = split(lower, at_front)
    under, hind_bit = split(rest, at_hind - at_front)
    top_cap = (
        *backwards(mirrored(front_bit, fold)),
        *upper,
        *backwards(mirrored(hind_bit, 0.0)),
    )
    bottom = high_mm - long_mm
    return TwoPiece(
        top_cap,
        _front_line(complex(fold + front_mm, top_cap[0].a.imag), fold, bottom, front_mm),
        _hind_line(complex(-hind_mm, top_cap[-1].d.imag), fold, bottom, hem_mm, -hind_mm),
        under,
        _front_line(complex(fold - front_mm, under[0].a.imag), fold, bottom, -front_mm),
        _hind_line(complex(hind_mm, under[-1].d.imag), fold, bottom, hem_mm, hind_mm),
        length_mm(front_bit) + length_mm(upper[:2]),
        high_mm,
        length_mm(front_bit),
    )


def too_flat(wide_mm: float, around_mm: float, least: float) -> bool:
    """Return whether `two_piece` would find no cap: cheaper than asking it."""
    return _around(wide_mm, least * wide_mm) > around_mm


def _around(wide_mm: float, high_mm: float) -> float:
    upper, lower = _folded(wide_mm, high_mm)
    return length_mm(upper) + length_mm(lower)


def _folded(wide_mm: float, high_mm: float) -> tuple[Path, Path]:
    """Return the upper and the lower line of the folded cap, front fold to hind fold."""
    fold = wide_mm / 2
    front = complex(fold, 0.20 * high_mm)
    hind = complex(0, 0.52 * high_mm)
    crown = complex(0.50 * fold, high_mm)
    low = complex(0.52 * fold, 0)
    # where the cloth is folded, the line goes on as its own mirror image
    into_front, into_hind = complex(-0.55, 1), complex(-0.50, -1)
    upper = (
        *arc(front, into_front, crown, -1 + 0j, 0.38, 0.46),
        *arc(crown, -1 + 0j, hind, into_hind, 0.46, 0.34),
    )
    lower = (
        *arc(front, complex(-0.55, -1), low, -1 + 0j, 0.30, 0.45),
        *arc(low, -1 + 0j, hind, complex(-0.50, 1), 0.48, 0.30),
    )
    return upper, lower


def _at_x(path: Path, x_mm: float) -> float:
    found = crossing_mm(path, complex(x_mm, 0), 1j)
    assert found is not None, x_mm
    return found


def _front_line(top: complex, fold: float, bottom: float, off: float) -> Path:
    """Return a front seam: the bent front fold moved sideways, from the cap to the hem."""
    elbow = complex(fold - 0.06 * fold + off, 0.46 * bottom)
    hem = complex(fold + 0.05 * fold + off, bottom + 8)
    bend = unit(complex(0.012, -1))
    return (
        *arc(top, complex(-0.10, -1), elbow, bend, 0.33),
        *arc(elbow, bend, hem, complex(0.10, -1), 0.33),
    )


def _hind_line(top: complex, fold: float, bottom: float, hem_mm: float, off: float) -> Path:
    """Return a hind seam: bulged at the elbow, in to the hem."""
    elbow = complex(0.01 * fold + off, 0.44 * bottom)
    hem = complex(fold + 0.05 * fold - hem_mm / 2 + off, bottom - 8)
    way = unit(complex(0.10, -1))
    return (
        *arc(top, complex(-0.02, -1), elbow, way, 0.33),
        *arc(elbow, way, hem, unit(hem - elbow), 0.33),
    )
