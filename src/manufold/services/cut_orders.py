"""Plan a day's cutting: which orders are cut together, of which roll, when; laid, judged, told why.

The planner groups orders by estimated lengths, the trade lays the groups, the planner looks again
with what they really need, until the time is up. A plan holds only markers that were laid, and a
judge that knows neither side sees it before anybody else does.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from manufold.design.lays import Cloth, Laid, LaysTogether, Wanted
from manufold.judge.cut_rules import cut_violations
from manufold.model.cut_plan import CutDay, CutMarker, CutOrder, CutRules, CutTable, Roll
from manufold.model.errors import Fault, InputFault, ManufoldError, OurFault, Reason
from manufold.model.ports import Executor
from manufold.scheduling.cut_orders.first_come import first_come
from manufold.scheduling.cut_orders.grouping import grouped
from manufold.scheduling.cut_orders.placing import Group, Placed, Placer
from manufold.scheduling.cut_orders.reasons import reasons
from manufold.services.cut_nests import Nests, Task
from manufold.services.cut_tables import Days, OrderRow, read_orders, read_rolls

__all__ = [
    "CutAnswer",
    "CutAsked",
    "Room",
    "Told",
    "nests_of",
    "planned_cut",
    "read_cut",
    "sized",
]

_DAY_S = 86_400
#: days after the last due one in which what is late may be cut
DAYS_AFTER = 7
#: moves of the search for groups, at first and again when lengths are known
ROUNDS, ROUNDS_AGAIN = 8_000, 2_500
#: of the time, for laying the first plan's markers
FIRST_SHARE = 0.7
#: kept for planning, judging and drawing
KEPT_S = 0.6
#: of a length: what is only estimated must promise that much more to be tried
CAUTION = 1.015
#: of rolls and tables, for what is only estimated
SHY = 0.96
_FAULTS_MOST = 20


@dataclass(frozen=True, slots=True)
class Room:
    """The cutting room.

    Args:
        hours: of every day, from and to in seconds since midnight.
    """

    tables: int
    table_mm: float
    hours: tuple[tuple[int, int], ...]
    rules: CutRules
    gap_mm: float


@dataclass(frozen=True, slots=True)
class Told:
    """A table as it was handed in."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class CutAsked:
    """A day that was read: what is to be cut and what each order wants of its cloth."""

    day: CutDay
    days: Days
    wanted: Mapping[str, tuple[Wanted, ...]]
    cloths: Mapping[str, Cloth]
    suits: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class CutAnswer:
    """A judged plan.

    Args:
        laid: of each marker, in the plan's order; `why`: its reason.
        alone_mm: of all orders one by one; by cloth. `alone_laid`: they were laid for it, in as
            much time; otherwise estimated.
        estimate_error: mean error of the estimates of this run's markers, 0..1.
    """

    asked: CutAsked
    placed: Placed
    laid: tuple[Laid, ...]
    why: tuple[Reason, ...]
    alone_mm: Mapping[str, float]
    alone_markers: int
    alone_laid: bool
    estimate_error: float

    def drawn(self, lays: LaysTogether) -> Iterator[Mapping[str, bytes]]:
        """Yield each marker's files by suffix."""
        rolls = {roll.roll_id: roll for roll in self.asked.day.rolls}
        for marker, laid in zip(self.placed.markers, self.laid, strict=True):
            roll = rolls[marker.roll_id]
            cloth = replace(self.asked.cloths[roll.cloth], width_mm=roll.width_mm)
            wanted = [one for name in marker.orders for one in self.asked.wanted[name]]
            yield lays.drawn(wanted, cloth, laid)

    @property
    def notes(self) -> tuple[Reason, ...]:
        """Orders that are late or not cut at all."""
        late = [
            Reason("cut.late", {"order": name, "late_min": -(-late_s // 60)})
            for name, late_s in self.placed.late_s.items()
        ]
        left = [
            Reason("cut.left_out", {"order": name})
            for group in self.placed.homeless
            for name in group
        ]
        return (*late, *left, *(lost for one in self.laid for lost in one.lost))


def read_cut(orders: Told, rolls: Told, room: Room, lays: LaysTogether) -> CutAsked:
    """Return what two tables ask for, every row drawn.

    Raises:
        InputFault: `cut.*`; `cut.rows` names every row that cannot be cut, each with its reason.
    """
    rows, days = read_orders(orders.content, orders.name, lays.columns)
    found, one_way = read_rolls(rolls.content, rolls.name)
    cloths = {name: Cloth(0.0, room.gap_mm, top) for name, top in one_way.items()}
    wanted: dict[str, list[Wanted]] = {}
    faults = []
    for row in rows:
        try:
            wanted.setdefault(row.suit, []).append(_wanted(row, found, cloths, lays))
        except ManufoldError as fault:
            faults.append(Fault(f"row {row.line}, {row.name}", fault.reason))
    if faults:
        raise InputFault("cut.rows", faults=tuple(faults[:_FAULTS_MOST]), rows=len(faults))
    suits: dict[str, list[OrderRow]] = {}
    for row in rows:
        suits.setdefault(row.suit, []).append(row)
    asked = tuple(_order(name, some, wanted[name]) for name, some in suits.items())
    last_day = max(one.due_s for one in asked) // _DAY_S + DAYS_AFTER
    hours = tuple(
        (low + day * _DAY_S, high + day * _DAY_S)
        for day in range(last_day + 1)
        for low, high in room.hours
    )
    tables = tuple(CutTable(f"table {n + 1}", room.table_mm, hours) for n in range(room.tables))
    day = CutDay(asked, found, tables, room.rules)
    own = {name: tuple(row.name for row in some) for name, some in suits.items()}
    return CutAsked(day, days, {k: tuple(v) for k, v in wanted.items()}, cloths, own)


def _wanted(
    row: OrderRow, rolls: Sequence[Roll], cloths: Mapping[str, Cloth], lays: LaysTogether
) -> Wanted:
    widths_mm = [roll.width_mm for roll in rolls if roll.cloth == row.cloth]
    lots = {roll.shade for roll in rolls if roll.cloth == row.cloth}
    if not widths_mm:
        known = ", ".join(sorted(cloths))[:200]
        raise InputFault("cut.no_roll", cloth=row.cloth[:60], known=known)
    if row.shade and row.shade not in lots:
        raise InputFault("cut.no_shade", cloth=row.cloth[:60], shade=row.shade[:60])
    one = lays.wanted(row.name, row.cells)
    lays.check_fits(one, replace(cloths[row.cloth], width_mm=min(widths_mm)))
    return one


def _order(name: str, rows: Sequence[OrderRow], wanted: Sequence[Wanted]) -> CutOrder:
    cloths, shades = {row.cloth for row in rows}, {row.shade for row in rows} - {""}
    if len(cloths) > 1 or len(shades) > 1:
        raise InputFault("cut.suit_parted", suit=name, cloths=", ".join(sorted(cloths | shades)))
    return CutOrder(
        name,
        rows[0].cloth,
        max(row.ready_s for row in rows),
        min(row.due_s for row in rows),
        sum(one.outline_mm for one in wanted),
        shades.pop() if shades else "",
    )


def planned_cut(
    asked: CutAsked,
    lays: LaysTogether,
    executor: Executor,
    *,
    seconds: float,
    spent_s: Callable[[], float],
    workers: int,
    seed: int,
    compare: bool,
) -> CutAnswer:
    """Return a plan, judged, within so many seconds; twice as many where it is compared.

    Args:
        compare: lay all orders one by one, too, for as long.

    Raises:
        OurFault: `cut.misjudged`.
    """
    nests = nests_of(asked, lays, executor, spent_s, workers)
    began_s = spent_s()
    end_s = began_s + seconds - KEPT_S
    groups = _searched(asked.day, nests, began_s, end_s, spent_s, seed)
    placer = Placer(asked.day, _laid_only(nests))
    placed = placer.placed(groups)
    _check(asked.day, placed)
    rolls = {roll.roll_id: roll for roll in asked.day.rolls}
    laid = tuple(nests.known[_task(marker, rolls)] for marker in placed.markers)
    why = reasons(Placer(asked.day, nests.length_mm), placed, asked.days.said)
    alone = nests
    if compare:
        alone = nests_of(asked, lays, executor, spent_s, workers)
        sized(asked.day, alone, 1, spent_s() + seconds, seed)
    alone_placed = Placer(asked.day, alone.length_mm).placed(first_come(asked.day, 1))
    alone_mm: dict[str, float] = {}
    for marker in alone_placed.markers:
        cloth = rolls[marker.roll_id].cloth
        alone_mm[cloth] = alone_mm.get(cloth, 0.0) + marker.to_mm - marker.from_mm
    return CutAnswer(
        asked,
        placed,
        laid,
        why,
        alone_mm,
        len(alone_placed.markers),
        compare,
        nests.error,
    )


def sized(day: CutDay, nests: Nests, size: int, until_s: float, seed: int) -> tuple[Group, ...]:
    """Lay the groups of so many orders, first come first; return them."""
    groups = first_come(day, size)
    nests.lay(_tasks(groups, day, nests), until_s, seed)
    return groups


def nests_of(
    asked: CutAsked,
    lays: LaysTogether,
    executor: Executor,
    spent_s: Callable[[], float],
    workers: int,
) -> Nests:
    """Return what lays an asked day's groups, its workers ready, knowing none yet."""
    nests = Nests(lays, asked.wanted, asked.cloths, executor, spent_s, workers)
    nests.of({one.order_id: one.cloth for one in asked.day.orders})
    nests.ready()
    return nests


def _searched(
    day: CutDay,
    nests: Nests,
    began_s: float,
    end_s: float,
    spent_s: Callable[[], float],
    seed: int,
) -> tuple[Group, ...]:
    """Return the best grouping all of whose markers are laid."""
    seconds = max(0.0, end_s - began_s)
    pieces = sum(nests.pieces((one.order_id,)) for one in day.orders)
    nests.seconds_a_piece = FIRST_SHARE * seconds * nests.workers / max(1, pieces)
    shy = _shy(day)
    groups = grouped(Placer(shy, nests.length_mm), seed, ROUNDS)
    nests.lay(_tasks(groups, day, nests), began_s + FIRST_SHARE * seconds, seed)
    best, number = groups, 0
    while spent_s() < end_s - 1.0:
        number += 1
        nests.caution = CAUTION
        placer = Placer(shy, nests.length_mm)
        tried = grouped(placer, seed + number, ROUNDS_AGAIN, (best,))
        nests.caution = 1.0
        new = [task for task in _tasks(tried, day, nests) if task not in nests.known]
        until_s = min(end_s, spent_s() + sum(map(_pieces(nests), new)) * _pace(nests))
        if new and until_s > spent_s() + 0.5:
            nests.lay(new, until_s, seed + number)
            known = Placer(day, _laid_only(nests))
            best = min((best, tried), key=known.energy)
        else:
            worst = _worst(best, day, nests)
            until_s = min(end_s, spent_s() + sum(map(_pieces(nests), worst)) * _pace(nests))
            nests.lay(worst, until_s, seed + 7_919 * number)
    return _rescued(best, day, nests, end_s, seed)


def _shy(day: CutDay) -> CutDay:
    """Return the day with rolls and tables a little shorter: estimates may be too low."""
    return replace(
        day,
        rolls=tuple(
            replace(one, length_mm=SHY * one.length_mm, flaws=_kept(one)) for one in day.rolls
        ),
        tables=tuple(replace(one, length_mm=SHY * one.length_mm) for one in day.tables),
    )


def _kept(roll: Roll) -> tuple[tuple[float, float], ...]:
    return tuple(flaw for flaw in roll.flaws if flaw[1] <= SHY * roll.length_mm)


def _rescued(
    groups: tuple[Group, ...], day: CutDay, nests: Nests, end_s: float, seed: int
) -> tuple[Group, ...]:
    """Return the grouping with what does not fit, now that it is laid, cut in halves and laid."""
    while True:
        new = [task for task in _tasks(groups, day, nests) if task not in nests.known]
        nests.lay(new, end_s, seed)
        placed = Placer(day, nests.length_mm).placed(groups)
        long = {group for group in placed.homeless if len(group) > 1}
        if not long and not new:
            return groups
        halves = [(one[: len(one) // 2], one[len(one) // 2 :]) for one in long]
        kept = [one for one in groups if one not in long]
        groups = (*kept, *(half for pair in halves for half in pair))


def _pieces(nests: Nests) -> Callable[[Task], int]:
    return lambda task: nests.pieces(task.group)


def _pace(nests: Nests) -> float:
    """Return seconds on the clock for a piece when all workers are busy."""
    return nests.seconds_a_piece / nests.workers


def _worst(groups: Sequence[Group], day: CutDay, nests: Nests) -> list[Task]:
    """Return as many markers as there are workers: those furthest over what was expected."""
    tasks = [task for task in _tasks(groups, day, nests) if task in nests.known]
    return sorted(tasks, key=lambda task: -nests.over_mm(task))[: nests.workers]


def _tasks(groups: Sequence[Group], day: CutDay, nests: Nests) -> list[Task]:
    """Return each group with the cloth and width that a plan gives it."""
    rolls = {roll.roll_id: roll for roll in day.rolls}
    placed = Placer(day, nests.length_mm).placed(groups)
    found = [_task(marker, rolls) for marker in placed.markers]
    return found


def _task(marker: CutMarker, rolls: Mapping[str, Roll]) -> Task:
    roll = rolls[marker.roll_id]
    return Task(marker.orders, roll.cloth, roll.width_mm)


def _laid_only(nests: Nests) -> Callable[[Group, float], float]:
    """Return lengths of what was laid; what was not is longer than any table."""

    def length_mm(group: Group, width_mm: float) -> float:
        return nests.length_mm(group, width_mm) if nests.is_laid(group, width_mm) else _NOWHERE_MM

    return length_mm


_NOWHERE_MM = 1e12


def _check(day: CutDay, placed: Placed) -> None:
    left = {name for group in placed.homeless for name in group}
    rest = replace(day, orders=tuple(one for one in day.orders if one.order_id not in left))
    wrong = cut_violations(rest, placed.markers, placed.late_s)
    if wrong:
        faults = tuple(Fault("plan", one) for one in wrong[:3])
        raise OurFault("cut.misjudged", faults=faults, count=len(wrong))
