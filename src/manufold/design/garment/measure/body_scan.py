"""From the file of a body scan to the 22 data: read, set upright, fit, follow, measure, judge.

    >>> found = measured("anna.ply", content)            # doctest: +SKIP
    >>> found.measures["waist_girth"].value              # doctest: +SKIP
    861.4

Nothing here reads a clock, a file or a network, and nothing is kept: a scan is personal data.

Cost    about 1 s of one processor and 300 MB, whatever the size of the file.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from manufold.design.garment.measure.cloth import FOLDED_LEAST, folded, stands_off_mm
from manufold.design.garment.measure.clouds import cloud
from manufold.design.garment.measure.definitions import Taking, taken
from manufold.design.garment.measure.fitting import Fit, fitted
from manufold.design.garment.measure.following import Surface, followed
from manufold.design.garment.measure.regions import regions
from manufold.design.garment.measure.sections import level_girth
from manufold.design.garment.measure.shape import Floats, Shape, shape
from manufold.design.garment.measure.standard import Stood, stood
from manufold.design.garment.measure.standing import standing
from manufold.design.garment.measure.trust import Measure, judged
from manufold.model.errors import InputFault, Reason

__all__ = ["BodyScan", "measured", "measured_scan"]

#: beyond this the statistical body found no person in the points
_UNLIKE_MM = 16.0
_EXPLAINED_LEAST = 0.72
#: of the height: arms at 45 degrees span three quarters of it
_ONE_WIDE = 0.8
_FACING_LEAST = 1.15
_DRESSED_MM, _LOOSE_MM = 9.0, 22.0
#: a fitted body swells under cloth: what is left of its folds is a part of how far it stands off
_OFF_PER_FOLD = 4.0
#: how much of the chest as the arms were held stays in the answer
_CHEST_KEPT = 0.4
#: who leans less than this is as tall as the scan, at least
_UPRIGHT_RAD = 0.052


@dataclass(frozen=True, slots=True)
class BodyScan:
    """A measured person.

    Args:
        measures: the 22 data by name.
        landmarks: points, mm, in the standard pose: +z up from the floor, looking at -y.
        levels_mm: heights at which girths were taken.
        others_mm: girths by other definitions: smallest waist, largest hip.
        notes: what was assumed or seen of the whole scan.
        unit: of the file: "m", "cm" or "mm".
        up: axis of the file: "x", "y" or "z".
        points_count: in the file.
        surface: (n, 3) mm, the measured surface in the standard pose, for pictures.
        faces: (f, 3) of it.
    """

    measures: Mapping[str, Measure]
    landmarks: Mapping[str, tuple[float, float, float]]
    levels_mm: Mapping[str, float]
    others_mm: Mapping[str, float]
    notes: tuple[Reason, ...]
    unit: str
    up: str
    points_count: int
    surface: Floats
    faces: "np.ndarray"


def measured_scan(request: object) -> BodyScan:
    """Entry of a worker process: (name, content) of one file; see `measured`."""
    assert isinstance(request, tuple)
    name, content = request
    return measured(str(name), bytes(content))


def measured(name: str, content: bytes) -> BodyScan:
    """Return the data of the person in a scan file.

    Raises:
        InputFault: `garment.scan_*`: what `clouds.cloud` and `standing.standing` refuse;
            `garment.scan_not_body`, `garment.scan_upside_down`, `garment.scan_two_people`,
            `garment.scan_loose_clothing`, `garment.scan_scale`.
    """
    read = cloud(name, content)
    up = standing(read.points)
    body = shape()
    fit = fitted(body, up.points)
    surface = followed(body, fit.points, fit.scan, fit.tree)
    dressed_mm = _checked(body, fit, surface, told=bool(up.unit))
    if not up.unit:
        raise InputFault("garment.scan_scale", tall=f"{up.tall:.4g}")
    upright = stood(body, fit, surface, up.floor_mm)
    as_held = stood(body, fit, surface, up.floor_mm, arms_set=False)
    taking = _chest_between(taken(body, upright), as_held)
    if float(np.linalg.norm(fit.pose.bends[0, :2])) < _UPRIGHT_RAD:
        taking = _as_tall(taking, surface, up.floor_mm)
    bare = replace(surface, points=fit.points)
    model = taken(body, stood(body, fit, bare, up.floor_mm))
    notes = [Reason("garment.scan_read", {"unit": up.unit, "axis": up.up})]
    if up.floor_mm is None:
        notes.append(Reason("garment.scan_no_floor", {}))
    if dressed_mm:
        notes.append(Reason("garment.scan_dressed", {"off_mm": round(dressed_mm)}))
    return BodyScan(
        judged(
            body,
            fit,
            surface,
            taking,
            model,
            dressed_mm=dressed_mm,
            floor_told=up.floor_mm is not None,
        ),
        {key: (float(p[0]), float(p[1]), float(p[2])) for key, p in taking.landmarks.items()},
        taking.levels_mm,
        taking.others_mm,
        tuple(notes),
        up.unit,
        up.up,
        read.count,
        upright.points,
        body.faces,
    )


def _chest_between(taking: Taking, as_held: Stood) -> Taking:
    """Return the data with a chest girth that trusts the correction for the arms not wholly.

    The skinning of the statistical body moves the chest with the arms; on bodies of another model
    it does so too much. Three quarters of the correction serve both.
    """
    marks = shape().marks
    bust_mm = float(as_held.points[np.concatenate([marks["bust_L"], marks["bust_R"]]), 2].mean())
    held = level_girth(as_held.points, regions().trunk, bust_mm)
    chest = taking.data["bust_girth"]
    if held is None or chest.value is None:
        return taking
    value = chest.value + _CHEST_KEPT * (held.length_mm - chest.value)
    return replace(taking, data={**taking.data, "bust_girth": replace(chest, value=value)})


def _as_tall(taking: Taking, surface: Surface, floor_mm: float | None) -> Taking:
    """Return the data with a stature not below the scan's own: nobody shrinks by standing up."""
    low_mm, high_mm = float(surface.points[:, 2].min()), float(surface.points[:, 2].max())
    top_mm = high_mm - (low_mm if floor_mm is None else floor_mm)
    stature = taking.data["stature"]
    if stature.value is None or stature.value >= top_mm:
        return taking
    return replace(taking, data={**taking.data, "stature": replace(stature, value=top_mm)})


def _checked(body: Shape, fit: Fit, surface: Surface, *, told: bool) -> float:
    """Refuse what is no single, upright, measurable person; return how far cloth stands off."""
    if fit.upside_down and told:
        raise InputFault("garment.scan_upside_down")
    one = fit.residual_mm < _UNLIKE_MM
    if (
        (one or (told and _wide(fit)))
        and surface.explained < _EXPLAINED_LEAST
        and _tall_beside(fit, surface)
    ):
        raise InputFault("garment.scan_two_people")
    if not one or fit.upside_down or surface.explained < _EXPLAINED_LEAST:
        raise InputFault("garment.scan_not_body")
    rough_mm, folds_mm = surface.rough_mm, 0.0
    if folded(surface) > FOLDED_LEAST:
        folds_mm = _OFF_PER_FOLD * stands_off_mm(surface)
    if max(rough_mm, folds_mm) > _LOOSE_MM:
        raise InputFault("garment.scan_loose_clothing", off_mm=round(max(rough_mm, folds_mm)))
    return max(rough_mm if rough_mm > _DRESSED_MM else 0.0, folds_mm)


def _wide(fit: Fit) -> bool:
    """Say whether the scan is wider than one who holds the arms a little away."""
    spans = np.ptp(fit.scan, axis=0)
    return float(spans[:2].max()) > _ONE_WIDE * float(spans[2])


def _tall_beside(fit: Fit, surface: Surface) -> bool:
    """Say whether what lies away from the body is itself as tall as a person."""
    away = fit.scan[surface.away]
    return len(away) > 0 and float(np.ptp(np.percentile(away[:, 2], [3, 97]))) > 900.0
