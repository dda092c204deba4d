"""Why each marker is as it is: what it saves, and why nothing more joins it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from manufold.model.cut_plan import CutMarker
from manufold.model.errors import Param, Reason
from manufold.scheduling.cut_orders.placing import Group, Placed, Placer

__all__ = ["reasons"]

_NAMED_MOST = 6
#: why nothing more joins a marker: the code of one with several orders, and of one with one
_TOGETHER = {
    "only": "cut.together_only",
    "due": "cut.together_due",
    "table": "cut.together_table",
    "roll": "cut.together_roll",
    "shade": "cut.together_shade",
    "no_gain": "cut.together_no_gain",
}
_ALONE = {
    "only": "cut.alone_only",
    "due": "cut.alone_due",
    "table": "cut.alone_table",
    "roll": "cut.alone_roll",
    "shade": "cut.alone_shade",
    "no_gain": "cut.alone_no_gain",
}


@dataclass(frozen=True, slots=True)
class _Join:
    """A plan in which a marker is joined with another one of its cloth."""

    other: CutMarker
    rank: tuple[int, int, float]
    together: Group


def reasons(placer: Placer, placed: Placed, said: Callable[[int], str]) -> tuple[Reason, ...]:
    """Return a reason for each marker of a plan, in its order.

    Args:
        said: an instant as people read it.
    """
    rolls = {roll.roll_id: roll for roll in placer.day.rolls}
    by_cloth: dict[str, list[CutMarker]] = {}
    for marker in placed.markers:
        by_cloth.setdefault(rolls[marker.roll_id].cloth, []).append(marker)
    found = []
    for marker in placed.markers:
        mates = [
            one for one in by_cloth[rolls[marker.roll_id].cloth] if one.orders != marker.orders
        ]
        width_mm = rolls[marker.roll_id].width_mm
        alone_mm = sum(placer.lengths((name,), width_mm) for name in marker.orders)
        due_s = min(placer.order[name].due_s for name in marker.orders)
        told: dict[str, Param] = {
            "orders": listed(marker.orders),
            "length_m": f"{marker.laid_mm / 1000:.2f}",
            "alone_m": f"{alone_mm / 1000:.2f}",
            "due": said(due_s),
        }
        why, more = _why(placer, placed, marker, mates, said)
        code = (_TOGETHER if len(marker.orders) > 1 else _ALONE)[why]
        found.append(Reason(code, {**told, **more}))
    return tuple(found)


def listed(names: Sequence[str]) -> str:
    """Return names as people read them; of many, the first ones."""
    shown = ", ".join(names[:_NAMED_MOST])
    return shown if len(names) <= _NAMED_MOST else f"{shown} +{len(names) - _NAMED_MOST}"


def _why(
    placer: Placer,
    placed: Placed,
    marker: CutMarker,
    mates: Sequence[CutMarker],
    said: Callable[[int], str],
) -> tuple[str, Mapping[str, Param]]:
    """Return why a marker is joined with no other: the best way to join it, and what it breaks."""
    if not mates:
        return "only", {}
    groups = [one.orders for one in placed.markers]
    at = {order.order_id: n for n, order in enumerate(placer.day.orders)}
    joins = []
    for other in mates:
        together = tuple(sorted((*marker.orders, *other.orders), key=at.__getitem__))
        rest = [one for one in groups if one not in (marker.orders, other.orders)]
        joins.append(_Join(other, placer.energy((*rest, together)), together))
    best = min(joins, key=lambda one: one.rank)
    told: dict[str, Param] = {"other": listed(best.other.orders), "ends": said(best.other.end_s)}
    before = placed.rank
    if best.rank[0] > before[0]:
        return _no_room(placer, best, told)
    if best.rank[1] > before[1]:
        return "due", told
    return "no_gain", told


def _no_room(
    placer: Placer, best: _Join, told: Mapping[str, Param]
) -> tuple[str, Mapping[str, Param]]:
    lots = {placer.order[name].shade for name in best.together} - {""}
    if len(lots) > 1:
        return "shade", told
    cloth = placer.order[best.together[0]].cloth
    widths_mm = [roll.width_mm for roll in placer.day.rolls if roll.cloth == cloth]
    shortest_mm = min(placer.lengths(best.together, width_mm) for width_mm in widths_mm)
    table_mm = max(table.length_mm for table in placer.day.tables)
    if shortest_mm + placer.day.rules.ends_mm > table_mm:
        return "table", {**told, "table_m": f"{table_mm / 1000:.2f}"}
    return "roll", told
