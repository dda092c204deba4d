"""Give groups of orders their roll, their table and their time.

Cloth: the longest marker first, each to the stretch where it costs least and fits best. Time: the
marker with the earliest due order first, each to the table that ends it soonest; what is begun is
ended within the same hours. Both are rules, not searches: the search is among groups. On one table
and with nothing to wait for, no other sequence keeps all dates when this one does not.

Source: J. R. Jackson: Scheduling a production line to minimize maximum tardiness, Management
Science Research Project 43, University of California (1955), for the sequence.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from manufold.model.cut_plan import CutDay, CutMarker, CutOrder, CutTable, Roll

__all__ = ["Group", "Lay", "Lengths", "Placed", "Placer"]

#: names of orders, in the order of the day's
Group = tuple[str, ...]
#: how long a group's pieces lie on cloth of a width, mm; `inf` where they cannot
Lengths = Callable[[Group, float], float]


@dataclass(frozen=True, slots=True)
class Lay:
    """A group on a stretch of a roll.

    Args:
        span_mm: with the ends.
    """

    group: Group
    roll: Roll
    stretch: int
    laid_mm: float
    span_mm: float
    lasts_s: int


@dataclass(frozen=True, slots=True)
class _OfCloth:
    """What the groups of one cloth come to."""

    lays: tuple[Lay, ...]
    homeless: tuple[Group, ...]
    cost_minor: float


@dataclass(frozen=True, slots=True)
class Placed:
    """A plan of a day.

    Args:
        homeless: groups that no roll, table or hour holds.
        late_s: of all orders together, by order.
        cost_minor: cloth of all markers and of remnants too short to use.
    """

    markers: tuple[CutMarker, ...]
    homeless: tuple[Group, ...]
    late_s: Mapping[str, int]
    cost_minor: float

    @property
    def rank(self) -> tuple[int, int, float]:
        """What is made small, in this order: orders not cut, lateness, cloth."""
        left = sum(len(group) for group in self.homeless)
        return left, sum(self.late_s.values()), self.cost_minor


class Placer:
    """Places groupings of one day; remembers what the groups of each cloth came to."""

    def __init__(self, day: CutDay, lengths: Lengths) -> None:
        """Take a day and what is known of lengths."""
        self.day = day
        self.lengths = lengths
        self.order = {one.order_id: one for one in day.orders}
        self._rolls: dict[str, list[Roll]] = {}
        for roll in day.rolls:
            self._rolls.setdefault(roll.cloth, []).append(roll)
        self._longest_mm = max(table.length_mm for table in day.tables)
        self._known: dict[tuple[str, frozenset[Group]], _OfCloth] = {}

    def energy(self, groups: Iterable[Group]) -> tuple[int, int, float]:
        """Return the rank that `placed` would give."""
        lays, homeless, cost_minor = self._cloth(groups)
        times, timeless = self._timed(lays)
        left = sum(map(len, homeless)) + sum(map(len, timeless))
        late_s = sum(
            max(0, end_s - self.order[name].due_s)
            for lay, (_, _, end_s) in times
            for name in lay.group
        )
        return left, late_s, cost_minor

    def placed(self, groups: Iterable[Group]) -> Placed:
        """Return where and when each group is cut."""
        lays, homeless, cost_minor = self._cloth(groups)
        times, timeless = self._timed(lays)
        ends_mm: dict[tuple[str, int], float] = {}
        markers = []
        for lay, (table, start_s, end_s) in sorted(times, key=lambda one: one[1][1:]):
            place = lay.roll.roll_id, lay.stretch
            from_mm = ends_mm.get(place, lay.roll.sound[lay.stretch][0])
            ends_mm[place] = to_mm = from_mm + lay.span_mm
            markers.append(
                CutMarker(
                    lay.group,
                    lay.roll.roll_id,
                    lay.laid_mm,
                    from_mm,
                    to_mm,
                    table.table_id,
                    start_s,
                    end_s,
                )
            )
        late_s = {
            name: marker.end_s - self.order[name].due_s
            for marker in markers
            for name in marker.orders
            if marker.end_s > self.order[name].due_s
        }
        return Placed(tuple(markers), (*homeless, *timeless), late_s, cost_minor)

    def _cloth(self, groups: Iterable[Group]) -> tuple[list[Lay], list[Group], float]:
        by_cloth: dict[str, list[Group]] = {}
        for group in groups:
            by_cloth.setdefault(self.order[group[0]].cloth, []).append(group)
        lays: list[Lay] = []
        homeless: list[Group] = []
        cost_minor = 0.0
        for cloth, some in by_cloth.items():
            key = cloth, frozenset(some)
            found = self._known.get(key)
            if found is None:
                found = self._known[key] = self._of_cloth(cloth, some)
            lays += found.lays
            homeless += found.homeless
            cost_minor += found.cost_minor
        return lays, homeless, cost_minor

    def _of_cloth(self, cloth: str, groups: Sequence[Group]) -> _OfCloth:
        """Put the groups of one cloth on its rolls, the longest first."""
        rolls = self._rolls.get(cloth, [])
        if not rolls:
            return _OfCloth((), tuple(groups), 0.0)
        free_mm = {(at, n): to - low for at, r in enumerate(rolls) for n, (low, to) in _sound(r)}
        widest_mm = max(roll.width_mm for roll in rolls)
        opened: set[tuple[int, int]] = set()
        lays, homeless, cost_minor = [], [], 0.0
        for group in sorted(groups, key=lambda one: (-self.lengths(one, widest_mm), one)):
            best: tuple[tuple[float, float], tuple[int, int], float] | None = None
            for place, left_mm in free_mm.items():
                roll = rolls[place[0]]
                if not self._may(group, roll):
                    continue
                laid_mm = self.lengths(group, roll.width_mm)
                span_mm = laid_mm + self.day.rules.ends_mm
                if span_mm > min(left_mm, self._longest_mm):
                    continue
                rest_mm = left_mm - span_mm
                worth = span_mm * roll.metre_price_minor
                worth += _lost_mm(rest_mm, self.day.rules.usable_mm) * roll.metre_price_minor
                if place in opened:
                    lost_mm = _lost_mm(left_mm, self.day.rules.usable_mm)
                    worth -= lost_mm * roll.metre_price_minor
                if best is None or (worth, rest_mm) < best[0]:
                    best = (worth, rest_mm), place, laid_mm
            if best is None:
                homeless.append(group)
                continue
            (worth, rest_mm), place, laid_mm = best
            free_mm[place] = rest_mm
            opened.add(place)
            cost_minor += worth / 1000
            lays.append(self._lay(group, rolls[place[0]], place[1], laid_mm))
        return _OfCloth(tuple(lays), tuple(homeless), cost_minor)

    def _may(self, group: Group, roll: Roll) -> bool:
        return all(self.order[name].shade in ("", roll.shade) for name in group)

    def _lay(self, group: Group, roll: Roll, stretch: int, laid_mm: float) -> Lay:
        rules = self.day.rules
        span_mm = laid_mm + rules.ends_mm
        outline_mm = sum(self.order[name].outline_mm for name in group)
        work_s = (span_mm * rules.metre_spread_s + outline_mm * rules.metre_cut_s) / 1000
        return Lay(group, roll, stretch, laid_mm, span_mm, rules.setup_s + ceil(work_s))

    def _timed(
        self, lays: Iterable[Lay]
    ) -> tuple[list[tuple[Lay, tuple[CutTable, int, int]]], list[Group]]:
        """Return each lay's table, start and end, and the groups that no hours hold."""
        free = [(table, list(table.hours)) for table in self.day.tables]
        times: list[tuple[Lay, tuple[CutTable, int, int]]] = []
        timeless: list[Group] = []
        for _, ready_s, _, lay in sorted(map(self._urgency, lays), key=lambda one: one[:3]):
            best: tuple[int, CutTable, list[tuple[int, int]], int, int] | None = None
            for table, gaps in free:
                if table.length_mm < lay.span_mm:
                    continue
                for at, (low_s, high_s) in enumerate(gaps):
                    start_s = max(low_s, ready_s)
                    if start_s + lay.lasts_s <= high_s:
                        if best is None or start_s + lay.lasts_s < best[0]:
                            best = start_s + lay.lasts_s, table, gaps, at, start_s
                        break
            if best is None:
                timeless.append(lay.group)
                continue
            end_s, table, gaps, at, start_s = best
            low_s, high_s = gaps[at]
            gaps[at : at + 1] = [
                one for one in ((low_s, start_s), (end_s, high_s)) if one[1] > one[0]
            ]
            times.append((lay, (table, start_s, end_s)))
        return times, timeless

    def _urgency(self, lay: Lay) -> tuple[int, int, Group, Lay]:
        members = [self.order[name] for name in lay.group]
        return _first_due_s(members), max(one.ready_s for one in members), lay.group, lay


def _first_due_s(members: Iterable[CutOrder]) -> int:
    return min(one.due_s for one in members)


def _sound(roll: Roll) -> Iterable[tuple[int, tuple[float, float]]]:
    return enumerate(roll.sound)


def _lost_mm(rest_mm: float, usable_mm: float) -> float:
    """Return how much of a remnant is worth nothing."""
    return rest_mm if rest_mm < usable_mm else 0.0
