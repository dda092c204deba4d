"""The torso: back and front halves of each side, from nape to hip, that upper garments share.

Half drafts look out from the centre line: x grows from centre back (or centre front) to the side,
y is nought at the waist. The width at the chest is half the girth and its ease, shared among back,
armhole and front; the side seam stands in the middle of the armhole. The two sides have their own
slope, and a dropped shoulder takes half of its drop along into the armhole.

Source  The three shares of the chest and their order are M. Mueller & Sohn's (back, armhole,
        front); an eighth of the chest in the armhole is theirs, the constants and the pull towards
        the measured across-back width are ours. Neckline scaled to the measured neck: ours.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import cos, radians, sin, sqrt

from manufold.design.garment.pattern.geometry import (
    Path,
    Stroke,
    arc,
    length_mm,
    line,
    unit,
)
from manufold.design.garment.pattern.person import SIDES, Person
from manufold.model.errors import CannotMake

__all__ = ["Half", "Panel", "Torso", "TorsoEase", "side_line", "torso"]


_SLOPE_DEG = 21.0


@dataclass(frozen=True, slots=True)
class TorsoEase:
    """What a garment is larger than the body; girths are whole, in mm.

    Args:
        scye_mm: armhole below the armpit.
        shoulder_mm: each shoulder beyond the shoulder point.
        neck_mm: neckline longer than the neck.
        balance_mm: least and most that the front's neck point may lie above the back's.
        raise_mm: shoulder point raised by padding.
        shoulder_ease_mm: back shoulder longer than front, eased in.
        neck_drop: depth of the front neck, in widths of half the back neck.
    """

    bust_mm: float
    scye_mm: float
    neck_mm: float
    shoulder_mm: float = 0.0
    balance_mm: tuple[float, float] = (-45.0, 10.0)
    raise_mm: float = 0.0
    shoulder_ease_mm: float = 0.0
    neck_drop: float = 1.12


@dataclass(frozen=True, slots=True)
class Panel:
    """Back or front of one side.

    Args:
        neck: from the centre line up to the neck point.
        shoulder: from the neck point to the tip.
        armhole: from the tip down to the underarm point.
        wide_mm: from the centre to the armhole's upright.
    """

    neck: Path
    shoulder: Path
    armhole: Path
    wide_mm: float

    @property
    def underarm(self) -> complex:
        """Where armhole and side seam meet."""
        return self.armhole[-1].d

    @property
    def tip(self) -> complex:
        """The end of the shoulder."""
        return self.shoulder[-1].d


@dataclass(frozen=True, slots=True)
class Half:
    """One side of the body."""

    back: Panel
    front: Panel

    @property
    def armhole_mm(self) -> float:
        """The whole armhole."""
        return length_mm(self.back.armhole) + length_mm(self.front.armhole)


@dataclass(frozen=True, slots=True)
class Torso:
    """Both sides, and the heights above the waist that they share.

    Args:
        nape_mm, scye_mm, bust_mm: above the waist; hip_mm is below nought.
        over_mm: front length over the bust that no balance took up; for a bust dart.
    """

    halves: Mapping[str, Half]
    nape_mm: float
    scye_mm: float
    bust_mm: float
    hip_mm: float
    neck_wide_mm: float
    over_mm: float
    half_bust_mm: float


def torso(body: Person, ease: TorsoEase) -> Torso:
    """Return both halves.

    Raises:
        CannotMake: `garment.pattern_no_room` when an armhole or a neck finds no place.
    """
    nape_mm = body["back_waist_length_mm"]
    scye_mm = nape_mm - body["scye_depth_mm"] - ease.scye_mm
    half_mm = (body["bust_girth_mm"] + ease.bust_mm) / 2
    neck_mm = body["neck_girth_mm"] + ease.neck_mm
    rise = 0.30
    middle_mm = neck_mm / 5.4
    wanted_mm = body["front_waist_length_mm"] - nape_mm - rise * middle_mm
    least, most = ease.balance_mm
    balance_mm = min(max(wanted_mm, least), most)
    drops = [_slope_drop(body, body[f"shoulder_slope_{side}_deg"]) for side in SIDES]
    # shoulders that slope more than most leave the armhole too little height
    scye_mm -= 0.8 * max(sum(drops) / 2 - _slope_drop(body, _SLOPE_DEG), 0.0)

    slopes = tuple(body[f"shoulder_slope_{side}_deg"] for side in SIDES)
    wide_mm = _neck_wide_mm(neck_mm, ease.neck_drop, slopes)
    if wide_mm is None or wide_mm > 0.42 * body["shoulder_width_mm"]:
        raise CannotMake("garment.pattern_no_room", where="neck", measure="neck_girth_mm")
    halves = {}
    for side, drop in zip(SIDES, drops, strict=True):
        level_mm = scye_mm - (drop - sum(drops) / 2) / 2
        slope = body[f"shoulder_slope_{side}_deg"]
        necks = _necks(slope, ease.neck_drop, wide_mm, nape_mm, balance_mm)
        halves[side] = _half(body, side, ease, necks, (nape_mm, level_mm, half_mm))
    return Torso(
        halves,
        nape_mm,
        min(half.back.underarm.imag for half in halves.values()),
        min(nape_mm - body["bust_depth_mm"], scye_mm - 8),
        -body["hip_depth_mm"],
        wide_mm,
        max(wanted_mm - balance_mm, 0.0),
        half_mm,
    )


def _slope_drop(body: Person, slope_deg: float) -> float:
    """Return how far a shoulder point lies below the neck point."""
    return body["shoulder_width_mm"] / 3 * sin(radians(slope_deg))


def _ways(slope_deg: float) -> tuple[complex, complex]:
    """Return the directions of the back and the front shoulder, from the neck outwards."""
    back, front = radians(slope_deg - 1.5), radians(slope_deg + 1.5)
    return complex(cos(back), -sin(back)), complex(cos(front), -sin(front))


@lru_cache(maxsize=64)
def _neck_wide_mm(neck_mm: float, drop: float, slopes: tuple[float, ...]) -> float | None:
    """Return half the width of the back neck for a neckline of a length; None when there is none.

    The neckline keeps its shape and grows with its width: one measurement is enough.
    """
    both = [_necks(slope, drop, 100.0, 0.0, 0.0) for slope in slopes]
    whole = sum(length_mm(back) + length_mm(front) for back, front in both)
    return 100 * neck_mm / whole if 0 < neck_mm < 2000 else None


def _necks(
    slope_deg: float, drop: float, wide_mm: float, nape_mm: float, balance_mm: float
) -> tuple[Path, Path]:
    """Return half of the back and of the front neckline, centre to neck point."""
    back_way, front_way = _ways(slope_deg)
    top = complex(wide_mm, nape_mm + 0.30 * wide_mm)
    nape = complex(0, nape_mm)
    back = (Stroke(nape, nape + 0.52 * wide_mm, top - 0.34 * wide_mm * (1j * back_way), top),)
    deep_mm = drop * wide_mm
    front_top = complex(0.97 * wide_mm, top.imag + balance_mm)
    pit = complex(0, front_top.imag - deep_mm)
    down = -1j * front_way
    front = (Stroke(pit, pit + 0.52 * wide_mm, front_top + 0.50 * deep_mm * down, front_top),)
    return back, front


def _half(
    body: Person,
    side: str,
    ease: TorsoEase,
    necks: tuple[Path, Path],
    levels: tuple[float, float, float],
) -> Half:
    nape_mm, level_mm, half_mm = levels
    back_way, front_way = _ways(body[f"shoulder_slope_{side}_deg"])
    back_top, front_top = necks[0][-1].d, necks[1][-1].d
    reach_mm = body["shoulder_width_mm"] / 2
    nape = complex(0, nape_mm)
    gap = back_top - nape  # the tip lies `reach_mm` from the nape: a quadratic
    middle = (gap * back_way.conjugate()).real
    inside = middle * middle - abs(gap) ** 2 + reach_mm**2
    found = sqrt(inside) - middle if inside > 0 else 0.0
    if found < 40:
        raise CannotMake("garment.pattern_no_room", where="neck", measure="neck_girth_mm")
    shoulder_mm = found + ease.shoulder_mm
    lift = complex(0, ease.raise_mm)
    back_tip = back_top + shoulder_mm * back_way + lift
    front_tip = front_top + (shoulder_mm - ease.shoulder_ease_mm) * front_way
    front_tip = front_top + unit(front_tip + lift - front_top) * (
        abs(back_tip - back_top) - ease.shoulder_ease_mm
    )
    if min(back_tip.imag, front_tip.imag) - level_mm < 60:
        where = "armhole"
        raise CannotMake("garment.pattern_no_room", where=where, measure="back_waist_length_mm")
    backs_mm, hole_mm, fronts_mm = _shares(body, ease, half_mm, back_tip.real, front_tip.real)
    side_mm = hole_mm / 2
    return Half(
        Panel(
            necks[0],
            line(back_top, back_tip),
            _armhole(back_tip, back_way, backs_mm, complex(backs_mm + side_mm, level_mm), 0.56),
            backs_mm,
        ),
        Panel(
            necks[1],
            line(front_top, front_tip),
            _armhole(front_tip, front_way, fronts_mm, complex(fronts_mm + side_mm, level_mm), 0.64),
            fronts_mm,
        ),
    )


def _shares(
    body: Person, ease: TorsoEase, half_mm: float, back_tip_mm: float, front_tip_mm: float
) -> tuple[float, float, float]:
    """Return the widths of back, armhole and front; together they are half the girth."""
    hole_mm = body["bust_girth_mm"] / 8 + 10 + 0.25 * ease.bust_mm
    rest_mm = half_mm - hole_mm
    pull_mm = 0.3 * (body["across_back_width_mm"] / 2 - 0.212 * body["bust_girth_mm"])
    lean_mm = 5 + min(max(pull_mm, -15), 15)
    back_mm = max(rest_mm / 2 + lean_mm, back_tip_mm - 20)
    front_mm = max(rest_mm / 2 - lean_mm, front_tip_mm - 32)
    # the armhole is hollow where it can be: its uprights lie inside the shoulder's tips
    out_mm = max(back_mm - back_tip_mm + 5, 0.0), max(front_mm - front_tip_mm + 14, 0.0)
    share = min(1.0, 0.3 * hole_mm / sum(out_mm)) if sum(out_mm) else 0.0
    back_mm, front_mm = back_mm - share * out_mm[0], front_mm - share * out_mm[1]
    over_mm = back_mm + front_mm - rest_mm
    spare_mm = max(over_mm - 0.25 * hole_mm, 0.0)  # the armhole gives way by a quarter at most
    back_mm, front_mm = back_mm - spare_mm / 2, front_mm - spare_mm / 2
    return back_mm, half_mm - back_mm - front_mm, front_mm


def _armhole(tip: complex, way: complex, wide_mm: float, under: complex, hollow: float) -> Path:
    """Return the curve from the shoulder's tip, square to it, to the underarm point, level there.

    Args:
        hollow: how far the lower handles reach towards the corner; 0.55 is an ellipse.
    """
    middle = complex(wide_mm, under.imag + 0.46 * (tip.imag - under.imag))
    turn = max(0.0, (wide_mm - tip.real) / 25)
    leaving = unit(-1j * way + turn * unit(middle - tip))
    upper = arc(tip, leaving, middle, -1j, 0.3, 0.36)
    reach, deep = under.real - middle.real, middle.imag - under.imag
    lower = Stroke(middle, middle - 1j * hollow * deep, under - hollow * reach, under)
    return (*upper, lower)


def side_line(
    under: complex,
    waist_in_mm: float,
    hip_in_mm: float,
    hip_mm: float,
    hem_mm: float,
    hem_out_mm: float = 0.0,
) -> Path:
    """Return a side seam from the underarm point down to the hem.

    Args:
        waist_in_mm, hip_in_mm: how far it lies inwards of the underarm point there; below nought
            it stands out.
        hip_mm, hem_mm: heights, below nought for what lies under the waist.
        hem_out_mm: how far the hem stands out of the hip.
    """
    waist = complex(under.real - waist_in_mm, 0)
    hip = complex(under.real - hip_in_mm, hip_mm)
    down = -1j
    upper = arc(under, unit(waist - under) + 0.3 * down, waist, down, 0.33, 0.38)
    if hem_mm >= hip_mm - 1:  # a short garment ends above the hip
        share = hem_mm / hip_mm if hip_mm else 0.0
        end = complex(under.real - waist_in_mm - (hip_in_mm - waist_in_mm) * share, hem_mm)
        return (*upper, *arc(waist, down, end, down, 0.38)) if hem_mm < -1 else upper
    hem = complex(hip.real + hem_out_mm, hem_mm)
    return (*upper, *arc(waist, down, hip, unit(hem - hip), 0.42), *line(hip, hem))
