"""Read a strip and its pieces from JSON, as the public nesting instances are written.

`{"name", "strip_height", "items": [{"id", "demand", "allowed_orientations", "shape"}]}`, where a
shape is `{"type": "simple_polygon", "data": [[x, y], ...]}`, or `{"type": "polygon", "data":
{"outer": [...], "inner": [...]}}`, whose holes are not laid into: nobody cuts inside a piece.
Lengths are taken as millimetres, angles as degrees; without `allowed_orientations` a piece may be
turned by any. Ours are `gap`, the least distance between two pieces; `repeat`, how far the cloth
repeats itself (`{"along": 25, "across": 0}`); and `meetings`, pairs of points that must show the
same line of it, in the coordinates of their items: `{"name", "one": {"item", "x", "y"}, "other":
{...}, "along": true, "across": false}`.
"""

import json
import math
from typing import Any

import numpy as np

from manufold.design.garment.marker.match import Matching, Meeting, Repeat
from manufold.design.garment.marker.outline import cleaned, crossing
from manufold.design.garment.marker.strip import Points, Strip, StripItem, turned
from manufold.model.errors import InputFault

__all__ = ["read_strip", "written"]

#: pieces of all kinds together; a day's marker of a large house has some thousands
COPIES_MOST = 10_000
POINTS_MOST = 5_000
ANGLES_MOST = 360
NUMBER_MOST = 10**9
ID_MOST = 2**53
_DIRECTIONS = ("along", "across")


def read_strip(content: bytes) -> Strip:
    """Return the strip that a file asks for.

    Raises:
        InputFault: a code of `garment.nest_*`; it names the place in the file or the piece.
    """
    try:
        told = json.loads(content)
    except (ValueError, RecursionError) as fault:
        raise InputFault("garment.nest_not_json", what=str(fault)[:200]) from None
    if not isinstance(told, dict):
        raise InputFault("garment.nest_not_object", place="the file")
    height = _number(told.get("strip_height"), "strip_height")
    gap = _number(told.get("gap", 0), "gap", zero=True)
    if gap >= height:
        raise InputFault("garment.nest_gap", gap=f"{gap:g}", height=f"{height:g}")
    listed = told.get("items")
    if not isinstance(listed, list) or not listed:
        raise InputFault("garment.nest_not_list", place="items", least=1, most=COPIES_MOST)
    items = tuple(_item(one, at) for at, one in enumerate(listed))
    numbers = [item.item for item in items]
    if len(set(numbers)) < len(numbers):
        twice = next(number for number in numbers if numbers.count(number) > 1)
        raise InputFault("garment.nest_twice", item=twice)
    if sum(item.demand for item in items) > COPIES_MOST:
        raise InputFault("garment.nest_too_many", most=COPIES_MOST)
    for item in items:
        _check_fits(item, height)
    matching = _matching(told, frozenset(numbers))
    return Strip(str(told.get("name", ""))[:80], height, items, gap, matching)


def written(strip: Strip) -> dict[str, Any]:
    """Return a strip as the JSON object that `read_strip` reads."""
    items = []
    for item in strip.items:
        shape = {"type": "simple_polygon", "data": item.outline.tolist()}
        one: dict[str, Any] = {"id": item.item, "demand": item.demand, "shape": shape}
        if item.rotations_deg is not None:
            one["allowed_orientations"] = list(item.rotations_deg)
        items.append(one)
    told: dict[str, Any] = {"name": strip.name, "strip_height": strip.height_mm}
    told |= {"gap": strip.gap_mm, "items": items}
    if strip.matching is not None:
        repeat = strip.matching.repeat
        told["repeat"] = {"along": repeat.along_mm, "across": repeat.across_mm}
        told["meetings"] = [
            {
                "name": one.name,
                "one": {"item": one.one, "x": one.at[0], "y": one.at[1]},
                "other": {"item": one.other, "x": one.to[0], "y": one.to[1]},
                "along": one.axes[0],
                "across": one.axes[1],
            }
            for one in strip.matching.meetings
        ]
    return told


def _matching(told: dict[str, Any], items: frozenset[int]) -> Matching | None:
    """Return what must match, if the cloth repeats itself."""
    if "repeat" not in told:
        return None
    if not isinstance(told["repeat"], dict):
        raise InputFault("garment.nest_not_object", place="repeat")
    sizes = [_number(told["repeat"].get(k, 0), f"repeat.{k}", zero=True) for k in _DIRECTIONS]
    listed = told.get("meetings", [])
    if not isinstance(listed, list) or len(listed) > COPIES_MOST:
        raise InputFault("garment.nest_not_list", place="meetings", least=0, most=COPIES_MOST)
    found = [_meeting(one, f"meetings[{at}]", items) for at, one in enumerate(listed)]
    return Matching(Repeat(*sizes), tuple(found)) if any(sizes) else None


def _meeting(told: Any, place: str, items: frozenset[int]) -> Meeting:
    if not isinstance(told, dict):
        raise InputFault("garment.nest_not_object", place=place)
    ends = []
    for key in ("one", "other"):
        end, where = told.get(key), f"{place}.{key}"
        if not isinstance(end, dict):
            raise InputFault("garment.nest_not_object", place=where)
        item = _whole(end.get("item"), f"{where}.item", 0, ID_MOST)
        if item not in items:
            raise InputFault("garment.match_item", place=where, item=item)
        x, y = (_number(end.get(k), f"{where}.{k}", negative=True) for k in "xy")
        ends.append((item, (x, y)))
    axes = tuple(told.get(key, False) for key in _DIRECTIONS)
    for key, axis in zip(_DIRECTIONS, axes, strict=True):
        if not isinstance(axis, bool):
            raise InputFault("garment.match_axis", place=f"{place}.{key}")
    (one, at), (other, to) = ends
    return Meeting(str(told.get("name", place))[:80], one, other, at, to, (axes[0], axes[1]))


def _item(told: Any, at: int) -> StripItem:
    place = f"items[{at}]"
    if not isinstance(told, dict):
        raise InputFault("garment.nest_not_object", place=place)
    number = _whole(told.get("id", at), f"{place}.id", 0, ID_MOST)
    demand = _whole(told.get("demand", 1), f"{place}.demand", 1, COPIES_MOST)
    angles, name = told.get("allowed_orientations"), f"{place}.allowed_orientations"
    if angles is not None:
        if not isinstance(angles, list) or len(angles) > ANGLES_MOST:
            raise InputFault("garment.nest_not_list", place=name, least=0, most=ANGLES_MOST)
        angles = tuple(_number(angle, name, negative=True) for angle in angles) or (0.0,)
    return StripItem(number, _outline(told.get("shape"), f"{place}.shape", number), demand, angles)


def _outline(told: Any, place: str, number: int) -> Points:
    if not isinstance(told, dict) or told.get("type") not in ("simple_polygon", "polygon"):
        raise InputFault("garment.nest_shape", place=place)
    data = told.get("data")
    if told["type"] == "polygon":
        data, place = (data.get("outer") if isinstance(data, dict) else None), f"{place}.data.outer"
    else:
        place = f"{place}.data"
    if not isinstance(data, list) or not 3 <= len(data) <= POINTS_MOST:
        raise InputFault("garment.nest_not_list", place=place, least=3, most=POINTS_MOST)
    points = np.zeros((len(data), 2))
    for at, point in enumerate(data):
        if not isinstance(point, list) or len(point) != 2:
            raise InputFault("garment.nest_point", place=f"{place}[{at}]")
        points[at] = [_number(value, f"{place}[{at}]", negative=True) for value in point]
    outline = cleaned(points)
    if not len(outline):
        raise InputFault("garment.nest_flat", place=place)
    crossed = crossing(outline)
    if crossed is not None:
        x, y = outline[crossed[0]]
        raise InputFault("garment.nest_crossing", item=number, x=f"{x:g}", y=f"{y:g}")
    return outline


def _check_fits(item: StripItem, height_mm: float) -> None:
    """Refuse a piece that is taller than the strip however it is turned."""
    tall = min(float(np.ptp(turned(item.outline, angle)[:, 1])) for angle in item.angles_deg)
    if tall > height_mm:
        raise InputFault(
            "garment.nest_too_tall", item=item.item, tall=f"{tall:g}", height=f"{height_mm:g}"
        )


def _number(told: Any, place: str, *, zero: bool = False, negative: bool = False) -> float:
    fine = isinstance(told, int | float) and not isinstance(told, bool)
    if not fine or not math.isfinite(told) or abs(told) > NUMBER_MOST:
        raise InputFault("garment.nest_not_number", place=place, most=NUMBER_MOST)
    if not negative and (told < 0 or (told == 0 and not zero)):
        raise InputFault("garment.nest_not_positive", place=place)
    return float(told)


def _whole(told: Any, place: str, least: int, most: int) -> int:
    if not isinstance(told, int) or isinstance(told, bool) or not least <= told <= most:
        raise InputFault("garment.nest_not_whole", place=place, least=least, most=most)
    return told
