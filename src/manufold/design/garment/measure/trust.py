"""How far each datum can be trusted: an interval, and flags that say what troubles it.

What widens an interval: how far such a datum strayed on generated bodies, how far the surface lies
from what the statistical body expects there (a second way of measuring), holes that were bridged,
and a pose that had to be corrected. A datum over a hole too wide to bridge has no value.

Source  the spreads were found on generated bodies, clean and with faults (benchmarks/bodies), never
        on the scans the project is judged by.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from manufold.design.garment.measure.definitions import Taking
from manufold.design.garment.measure.fitting import Fit
from manufold.design.garment.measure.following import Surface
from manufold.design.garment.measure.regions import regions
from manufold.design.garment.measure.shape import Floats, Ints, Shape, normals
from manufold.design.garment.measure.standard import ARMS_DEG, arm_angles_deg
from manufold.design.garment.measure.tape import Taken
from manufold.model.errors import Reason

__all__ = ["LIMITS", "Measure", "SPREADS", "judged", "touching"]

#: the classes of ISO 20685, mm; slopes in degrees
LIMITS: Mapping[str, float] = {
    "stature": 4.0,
    "neck_girth": 4.0,
    "shoulder_width": 5.0,
    "shoulder_slope_L": 1.0,
    "shoulder_slope_R": 1.0,
    "bust_girth": 9.0,
    "waist_girth": 9.0,
    "hip_girth": 9.0,
    "back_waist_length": 5.0,
    "front_waist_length": 5.0,
    "across_back_width": 5.0,
    "arm_length_L": 5.0,
    "arm_length_R": 5.0,
    "upper_arm_girth": 4.0,
    "wrist_girth": 4.0,
    "thigh_girth": 9.0,
    "knee_girth": 4.0,
    "calf_girth": 4.0,
    "inside_leg_height": 4.0,
    "outside_leg_length_L": 5.0,
    "outside_leg_length_R": 5.0,
    "total_crotch_length": 5.0,
}
#: standard deviation of the error on generated bodies, mm or degrees
SPREADS: Mapping[str, float] = {
    "stature": 1.2,
    "neck_girth": 1.2,
    "shoulder_width": 3.0,
    "shoulder_slope_L": 0.6,
    "shoulder_slope_R": 0.6,
    "bust_girth": 2.6,
    "waist_girth": 2.4,
    "hip_girth": 2.4,
    "back_waist_length": 2.9,
    "front_waist_length": 2.8,
    "across_back_width": 2.9,
    "arm_length_L": 2.5,
    "arm_length_R": 2.5,
    "upper_arm_girth": 0.9,
    "wrist_girth": 0.9,
    "thigh_girth": 1.0,
    "knee_girth": 1.6,
    "calf_girth": 0.9,
    "inside_leg_height": 1.2,
    "outside_leg_length_L": 2.5,
    "outside_leg_length_R": 2.5,
    "total_crotch_length": 4.4,
}
#: how much of the way from model to surface counts as doubt
_DOUBT = 0.3
#: a point of the surface farther than this from any scan point lies over a hole, mm
_HOLE_MM = 20.0
_BRIDGED_SHARE, _LOST_SHARE, _LOST_MM = 0.06, 0.30, 100
#: arms farther than this from the standard widen intervals, and beyond the second are flagged:
#: between 20 and 45 degrees the correction holds
_ARMS_OFF_DEG, _ARMS_FAR_DEG = 12.0, 19.0
#: of the surface, how much may lie over holes before nothing of it is believed
_UNSEEN_MOST = 0.2
#: heights that count from the soles where no floor is
_FROM_SOLES = ("stature", "inside_leg_height", "outside_leg_length_L", "outside_leg_length_R")
_POSED = ("shoulder_width", "across_back_width", "shoulder_slope_L", "shoulder_slope_R")
_TOUCH_MM = 9.0
#: thickness of what touches the ground, mm
_SOLE_MM = 20.0
#: more than this share of the soles farther than so many mm from any point: nobody saw them
_SOLES_UNSEEN, _SOLE_GAP_MM = 0.25, 12.0
#: of 26 generated bodies with faults none had a mean square of its shape above 0.97, none a spine
#: joint bent by more than 6 degrees
_SHAPE_MOST, _BENT_MOST_DEG = 1.15, 8.5
_UNLIKELY_WIDER = 3.0


@dataclass(frozen=True, slots=True)
class Measure:
    """One datum, judged.

    Args:
        value: mm or degrees; None where nothing honest can be said.
        half: half of its 95 % interval.
        flags: what troubles it; reasons of the catalogue.
        lines: where it was taken, in the standard pose; each (m, 3) mm.
    """

    value: float | None
    half: float
    flags: tuple[Reason, ...]
    lines: tuple[Floats, ...]


def judged(
    body: Shape,
    fit: Fit,
    surface: Surface,
    taking: Taking,
    model: Taking,
    *,
    dressed_mm: float,
    floor_told: bool,
) -> dict[str, Measure]:
    """Return the data with their intervals and flags.

    Args:
        taking: from the surface that follows the scan.
        model: the same from the statistical body alone.
        dressed_mm: how far cloth seems to stand off, 0 for skin.
        floor_told: whether the scan says where the floor is.
    """
    touch = touching(surface.points)
    arms = arm_angles_deg(body, fit)
    off_deg = max(abs(angle - ARMS_DEG) for angle in arms)
    found = {
        name: _one(name, taken, model.data[name], surface, taking, touch, off_deg, dressed_mm)
        for name, taken in taking.data.items()
    }
    if not floor_told:
        soles = surface.gap_mm[_soles(body)]
        if float((soles > _SOLE_GAP_MM).mean()) > _SOLES_UNSEEN:
            wide_mm = round(2 * float(soles.max()))
            found |= {name: _floorless(found[name], wide_mm) for name in _FROM_SOLES}
    return (
        {name: _doubted(m) for name, m in found.items()} if _unlikely(body, fit, surface) else found
    )


def _unlikely(body: Shape, fit: Fit, surface: Surface) -> bool:
    """Say whether no likely body in a likely posture explains the scan, as when its head is cut."""
    if float((surface.gap_mm > _HOLE_MM).mean()) > _UNSEEN_MOST:
        return True
    spine = [body.joint(name) for name in ("spine03", "spine02", "spine01", "neck01", "head")]
    bent_deg = float(np.degrees(np.abs(fit.pose.bends[spine])).max())
    return float(np.mean(np.square(fit.b))) > _SHAPE_MOST or bent_deg > _BENT_MOST_DEG


def _soles(body: Shape) -> Ints:
    """Return the points on which the body stands."""
    low = body.mean[:, 2] < float(body.mean[:, 2].min()) + _SOLE_MM
    return np.flatnonzero(low & (normals(body, body.mean)[:, 2] < -0.7))


def _floorless(measure: Measure, wide_mm: int) -> Measure:
    """Return a height that counts from soles nobody saw: the fit alone says where they are."""
    if measure.value is None:
        return measure
    bridged = Reason("garment.datum_bridged", {"wide_mm": wide_mm})
    flags = (*(flag for flag in measure.flags if flag.code != bridged.code), bridged)
    return Measure(measure.value, float(np.hypot(measure.half, _SOLE_MM)), flags, measure.lines)


def _doubted(measure: Measure) -> Measure:
    if measure.value is None:
        return measure
    doubt = Reason("garment.datum_unsure", {})
    flags = measure.flags if doubt in measure.flags else (*measure.flags, doubt)
    return Measure(measure.value, measure.half * _UNLIKELY_WIDER, flags, measure.lines)


def _one(
    name: str,
    taken: Taken,
    model: Taken,
    surface: Surface,
    taking: Taking,
    touch: tuple[float, float] | None,
    off_deg: float,
    dressed_mm: float,
) -> Measure:
    if taken.value is None or model.value is None:
        return Measure(None, 0.0, (Reason("garment.datum_not_found", {}),), ())
    gaps = surface.gap_mm[taken.leans_on]
    share = float((gaps > _HOLE_MM).mean()) if len(gaps) else 1.0
    widest_mm = round(2 * float(gaps.max())) if len(gaps) else 0
    if share > _LOST_SHARE and widest_mm > _LOST_MM:
        lost = Reason("garment.datum_hole", {"wide_mm": widest_mm})
        return Measure(None, 0.0, (lost,), taken.lines)
    flags = []
    apart = abs(taken.value - model.value)
    spread = np.hypot(SPREADS[name], _DOUBT * apart)
    if share > _BRIDGED_SHARE:
        flags.append(Reason("garment.datum_bridged", {"wide_mm": widest_mm}))
        spread = np.hypot(spread, share * LIMITS[name] * 1.5)
    if name in _POSED and off_deg > _ARMS_OFF_DEG:
        spread *= 1.5
        if off_deg > _ARMS_FAR_DEG:
            flags.append(Reason("garment.datum_posed", {"off_deg": round(off_deg)}))
    if touch is not None and _touched(name, taken, taking, touch):
        low, high = touch
        flags.append(
            Reason("garment.datum_touched", {"low_mm": round(low), "high_mm": round(high)})
        )
        spread = np.hypot(spread, LIMITS[name])
    if dressed_mm > 0:
        flags.append(Reason("garment.datum_dressed", {}))
        spread = np.hypot(spread, dressed_mm)
    half = 2.0 * float(spread)
    if half > 3.0 * LIMITS[name] and not flags:
        flags.append(Reason("garment.datum_unsure", {}))
    return Measure(taken.value, half, tuple(flags), taken.lines)


def _touched(name: str, taken: Taken, taking: Taking, touch: tuple[float, float]) -> bool:
    low, high = touch
    levels = {"bust_girth": "bust", "waist_girth": "waist", "hip_girth": "hip"}
    if name in levels:
        return low - 25.0 < taking.levels_mm[levels[name]] < high + 25.0
    return name == "upper_arm_girth" and high > taking.levels_mm["bust"] - 150.0


def touching(points: Floats) -> tuple[float, float] | None:
    """Return between which heights an arm touches the trunk, or None."""
    part = regions()
    arm = np.flatnonzero(part.arm_share > 0.95)
    trunk = np.flatnonzero(part.arm_share < 0.02)
    far, _ = cKDTree(points[trunk]).query(points[arm], distance_upper_bound=60.0)
    near = points[arm[far < _TOUCH_MM], 2]
    if len(near) < 12:
        return None
    return float(np.percentile(near, 3)), float(np.percentile(near, 97))
