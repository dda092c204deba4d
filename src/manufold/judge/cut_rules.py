"""The judge of cutting plans: knows neither how orders were grouped nor how pieces were laid.

A late order is a fault unless the plan names it as late.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise
from math import ceil

from manufold.model.cut_plan import CutDay, CutMarker, CutOrder, CutRules, CutTable, Roll
from manufold.model.errors import Param, Reason

__all__ = ["cut_violations"]

#: mm; what lies over by less is rounding
ROUNDING_MM = 1e-3


def cut_violations(
    day: CutDay, markers: Sequence[CutMarker], late: Collection[str] = ()
) -> tuple[Reason, ...]:
    """Return everything that is wrong with a plan; empty = it can be cut as it stands.

    Args:
        late: orders that the plan says it is late with; exactly those may be.
    """
    counted = tuple(_counted(day, markers))
    if counted:
        return counted
    orders = {one.order_id: one for one in day.orders}
    rolls = {one.roll_id: one for one in day.rolls}
    tables = {one.table_id: one for one in day.tables}
    found: list[Reason] = []
    for number, marker in enumerate(markers, 1):
        members = [orders[name] for name in marker.orders]
        found += _cloth(number, marker, members, rolls[marker.roll_id], day.rules)
        found += _hours(number, marker, members, tables[marker.table_id], day.rules)
        found += _dates(number, marker, members, late)
    return (*found, *_shared(markers))


def _counted(day: CutDay, markers: Sequence[CutMarker]) -> Iterator[Reason]:
    times = Counter(name for marker in markers for name in marker.orders)
    wanted = {one.order_id for one in day.orders}
    for name in sorted(wanted | set(times)):
        if times[name] != (name in wanted):
            yield Reason("cut.judged_count", {"order": name, "times": times[name]})
    known = {one.roll_id for one in day.rolls} | {one.table_id for one in day.tables}
    for number, marker in enumerate(markers, 1):
        for name in (marker.roll_id, marker.table_id):
            if name not in known:
                yield Reason("cut.judged_unknown", {"marker": number, "name": name})
        if not marker.orders:
            yield Reason("cut.judged_empty", {"marker": number})


def _cloth(
    number: int, marker: CutMarker, members: list[CutOrder], roll: Roll, rules: CutRules
) -> Iterator[Reason]:
    told: dict[str, Param] = {"marker": number, "roll": roll.roll_id}
    for one in members:
        if one.cloth != roll.cloth:
            yield Reason("cut.judged_cloth", told | {"order": one.order_id, "cloth": one.cloth})
        if one.shade not in ("", roll.shade):
            yield Reason("cut.judged_shade", told | {"order": one.order_id, "shade": one.shade})
    if marker.to_mm - marker.from_mm < marker.laid_mm + rules.ends_mm - ROUNDING_MM:
        yield Reason("cut.judged_ends", told)
    if marker.from_mm < -ROUNDING_MM or marker.to_mm > roll.length_mm + ROUNDING_MM:
        yield Reason("cut.judged_roll", told | {"to_mm": round(marker.to_mm)})
    for low, high in roll.flaws:
        if marker.from_mm < high - ROUNDING_MM and low < marker.to_mm - ROUNDING_MM:
            yield Reason("cut.judged_flaw", told | {"flaw_mm": round(low)})


def _hours(
    number: int, marker: CutMarker, members: list[CutOrder], table: CutTable, rules: CutRules
) -> Iterator[Reason]:
    told: dict[str, Param] = {"marker": number, "table": table.table_id}
    spread_mm = marker.to_mm - marker.from_mm
    if spread_mm > table.length_mm + ROUNDING_MM:
        yield Reason("cut.judged_table", told | {"length_mm": round(spread_mm)})
    work_s = spread_mm / 1000 * rules.metre_spread_s
    work_s += sum(one.outline_mm for one in members) / 1000 * rules.metre_cut_s
    needed_s = rules.setup_s + ceil(work_s - 1e-6)
    if marker.end_s - marker.start_s < needed_s:
        yield Reason("cut.judged_short", told | {"needed_s": needed_s})
    if not any(low <= marker.start_s and marker.end_s <= high for low, high in table.hours):
        yield Reason("cut.judged_hours", told)


def _dates(
    number: int, marker: CutMarker, members: list[CutOrder], late: Collection[str]
) -> Iterator[Reason]:
    for one in members:
        told: dict[str, Param] = {"marker": number, "order": one.order_id}
        if marker.start_s < one.ready_s:
            yield Reason("cut.judged_early", told)
        over_s = marker.end_s - one.due_s
        if over_s > 0 and one.order_id not in late:
            yield Reason("cut.judged_late", told | {"late_s": over_s})
        if over_s <= 0 and one.order_id in late:
            yield Reason("cut.judged_not_late", told)


def _shared(markers: Sequence[CutMarker]) -> Iterator[Reason]:
    """Yield markers that lie over each other on a roll or on a table."""
    numbered = list(enumerate(markers, 1))
    for one, other in pairwise(sorted(numbered, key=lambda m: (m[1].roll_id, m[1].from_mm))):
        same = one[1].roll_id == other[1].roll_id
        if same and other[1].from_mm < one[1].to_mm - ROUNDING_MM:
            told: dict[str, Param] = {"roll": one[1].roll_id, "one": one[0], "other": other[0]}
            yield Reason("cut.judged_roll_twice", told)
    for one, other in pairwise(sorted(numbered, key=lambda m: (m[1].table_id, m[1].start_s))):
        same = one[1].table_id == other[1].table_id
        if same and other[1].start_s < one[1].end_s:
            told = {"table": one[1].table_id, "one": one[0], "other": other[0]}
            yield Reason("cut.judged_table_twice", told)
