"""Balance: who does which steps at which stations, so that the busiest has as little as can be.

A linear programme shares every kind of step among those who can do it: the share of the busiest
operator's time becomes as small as possible, and with it the minutes of all together. Its corner
solutions are sparse (about as many shares as steps and operators), so people keep few steps each.
Where more posts of a machine class come out than stations stand, the smallest post goes and the
programme is solved again. Posts take the stations in the order of the work, round the loop.

Source  lines with parallel stations and workers of different speed: assignment by the linear
        relaxation of ALWABP, e.g. C. Miralles et al., Int. J. Prod. Econ. 108 (2007) 187-196,
        doi:10.1016/j.ijpe.2006.12.012; the rounding by banned posts is ours.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment, linprog
from scipy.sparse import coo_array

from manufold.model.errors import CannotMake
from manufold.model.line import STANDARD_PERMILLE, Line, LineOrder, Station
from manufold.scheduling.line.rows import StepKind, kinds_of

__all__ = ["Balance", "Post", "balanced", "volumes_ms"]

#: of the busiest's time: a smaller post is not worth a station
LEAST_FRACTION = 0.04
#: what all minutes together weigh against the busiest operator's time
ALL_WEIGHT = 1e-3
FAR = 1e6
Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Post:
    """An operator's place at one station, with the steps that are done there."""

    operator_id: str
    station_id: str
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Balance:
    """Who works where in one period.

    Args:
        need_factor: what the busiest needs for all orders over the time that he or she has.
        busy_fraction: of each operator's time while the busiest is never idle.
    """

    posts: tuple[Post, ...]
    need_factor: float = 0.0
    busy_fraction: Mapping[str, float] = field(default_factory=dict)


class _Crowd(NamedTuple):
    """A class with too few stations, and the operators whose posts find none."""

    machine: str
    people: frozenset[int]


def volumes_ms(orders: Sequence[LineOrder], extra_permille: int = 0) -> dict[str, int]:
    """Return the standard milliseconds of every kind of step in all orders together.

    Args:
        extra_permille: what a style change adds; a piece is taken to change as often as two orders
            drawn from all differ at the step.
    """
    total: dict[str, int] = {}
    shares: dict[str, dict[str, int]] = {}
    for order in orders:
        for step in order.steps:
            total[step.step_id] = total.get(step.step_id, 0) + step.standard_ms
            counts = shares.setdefault(step.step_id, {})
            counts[step.variant] = counts.get(step.variant, 0) + 1
    found = {}
    for name, spent_ms in total.items():
        pieces = sum(shares[name].values())
        changed = 1 - sum((count / pieces) ** 2 for count in shares[name].values())
        found[name] = round(spent_ms * (1 + changed * extra_permille / 1000))
    return found


def balanced(
    line: Line,
    orders: Sequence[LineOrder],
    available_s: Mapping[str, int],
    *,
    changes: bool = True,
    equal: bool = False,
) -> Balance:
    """Return who works where while the same people are there.

    Args:
        available_s: of each operator who is there; absent operators get no post.
        changes: whether every piece may differ from the one before.
        equal: take all who have a skill as equally fast, as a balance by standard minutes does.

    Raises:
        CannotMake: `line.nobody_there`, `line.stations_few`: a step has nobody, or no station left.
    """
    kinds = kinds_of(orders)
    people = [o for o in line.operators if available_s.get(o.operator_id, 0) > 0]
    extra = line.extra(0) if changes else 0
    volume = volumes_ms(orders, extra)
    load = np.full((len(people), len(kinds)), np.inf)
    for row, operator in enumerate(people):
        for column, kind in enumerate(kinds):
            pace = operator.pace_permille.get(kind.skill)
            if pace is not None:
                pace = STANDARD_PERMILLE if equal else pace
                spent_s = volume[kind.step_id] / pace
                load[row, column] = spent_s / available_s[operator.operator_id]
    depth = _depths(orders, kinds)
    for _ in range(load.size):
        share = _shares(load, kinds)
        posts, crowded = _stationed(line, [o.operator_id for o in people], kinds, share, depth)
        small = _smallest(load, share, kinds, crowded)
        if small is None:
            if crowded is not None:
                raise CannotMake("line.stations_few", machine=crowded.machine)
            busy = (share * np.where(np.isinf(load), 0, load)).sum(axis=1)
            most = float(busy.max())
            named = zip(people, busy, strict=True)
            return Balance(posts, most, {o.operator_id: float(b) / most for o, b in named})
        who, columns = small
        load[who, columns] = np.inf
    raise CannotMake("line.stations_few", machine=kinds[0].machine)


def _shares(load: Matrix, kinds: Sequence[StepKind]) -> Matrix:
    """Return the share of each step that each operator does, shape (operators, kinds)."""
    who, what = np.nonzero(np.isfinite(load))
    missing = np.flatnonzero(~np.isfinite(load).any(axis=0))
    if len(missing):
        kind = kinds[int(missing[0])]
        raise CannotMake("line.nobody_there", step=kind.step_id, skill=kind.skill)
    count, people = len(who), load.shape[0]
    spent = load[who, what]
    scale = 1 / spent.mean()
    pairs = np.arange(count)
    above = coo_array(
        (
            np.concatenate([spent * scale, -np.ones(people)]),
            (
                np.concatenate([who, np.arange(people)]),
                np.concatenate([pairs, np.full(people, count)]),
            ),
        )
    )
    whole = coo_array((np.ones(count), (what, pairs)), shape=(load.shape[1], count + 1))
    answer = linprog(
        np.concatenate([spent * scale * ALL_WEIGHT, [1.0]]),
        A_ub=above.tocsr(),
        b_ub=np.zeros(people),
        A_eq=whole.tocsr(),
        b_eq=np.ones(load.shape[1]),
        method="highs-ds",
    )
    assert answer.status == 0, answer.message
    share = np.zeros(load.shape)
    share[who, what] = np.where(answer.x[:-1] > 1e-9, answer.x[:-1], 0)
    return share


def _smallest(
    load: Matrix, share: Matrix, kinds: Sequence[StepKind], crowded: _Crowd | None
) -> tuple[int, list[int]] | None:
    """Return the post that should go, as operator and steps: one too small to be worth a station,
    or the smallest of the class that has too few, of those whose steps others can do.
    """
    spent = share * np.where(np.isinf(load), 0, load)
    busiest = float(spent.sum(axis=1).max())
    found: list[tuple[float, int, list[int]]] = []
    for machine in sorted({kind.machine for kind in kinds}):
        if crowded is not None and crowded.machine != machine:
            continue
        columns = [at for at, kind in enumerate(kinds) if kind.machine == machine]
        able = np.isfinite(load[:, columns])
        for who in np.flatnonzero(share[:, columns].sum(axis=1) > 0).tolist():
            others = able.sum(axis=0) - able[who]
            if np.all(others[able[who]] > 0):
                found.append((float(spent[who, columns].sum()), who, columns))
    if crowded is not None:
        found = [row for row in found if row[1] in crowded.people] or found
    if not found:
        return None
    least_s, who, columns = min(found)
    return (who, columns) if crowded or least_s < LEAST_FRACTION * busiest else None


def _depths(orders: Sequence[LineOrder], kinds: Sequence[StepKind]) -> dict[str, float]:
    """Return how far into an order each kind of step lies, in standard time before it."""
    at: dict[str, list[float]] = {kind.step_id: [] for kind in kinds}
    seen = set()
    for order in orders:
        if order.style in seen:
            continue
        seen.add(order.style)
        done: dict[str, float] = {}
        for step in order.steps:
            begins = max((done[name] for name in step.after), default=0.0)
            done[step.step_id] = begins + step.standard_ms
            at[step.step_id].append(begins)
    return {name: sum(values) / max(1, len(values)) for name, values in at.items()}


def _stationed(
    line: Line,
    people: Sequence[str],
    kinds: Sequence[StepKind],
    share: Matrix,
    depth: Mapping[str, float],
) -> tuple[tuple[Post, ...], _Crowd | None]:
    """Return the posts at their stations, or the machine class that has too few."""
    wanted: dict[tuple[int, str], list[int]] = {}
    for row, column in zip(*np.nonzero(share), strict=True):
        wanted.setdefault((int(row), kinds[column].machine), []).append(int(column))
    posts: list[Post] = []
    for machine in sorted({name for _, name in wanted}):
        stations = [s for s in line.stations if s.machine == machine]
        rows = [
            (who, part)
            for (who, name), what in sorted(wanted.items())
            if name == machine
            for part in _parts(kinds, what, stations)
        ]
        if len(rows) > len(stations):
            return (), _Crowd(machine, frozenset(who for who, _ in rows))
        cost = _distances(line, kinds, rows, stations, depth)
        chosen = linear_sum_assignment(cost)
        far = [rows[at][0] for at, place in zip(*chosen, strict=True) if cost[at, place] >= FAR]
        if far:
            return (), _Crowd(machine, frozenset(far))
        for at, place in zip(*chosen, strict=True):
            who, columns = rows[at]
            steps = tuple(kinds[c].step_id for c in columns)
            posts.append(Post(people[who], stations[place].station_id, steps))
    return tuple(posts), None


def _parts(
    kinds: Sequence[StepKind], columns: Sequence[int], stations: Sequence[Station]
) -> list[list[int]]:
    """Return steps of one class parted so that every part finds its attachments at one station."""
    parts: list[tuple[set[str], list[int]]] = []
    for column in sorted(columns, key=lambda c: (kinds[c].attachment == "", kinds[c].attachment)):
        needs = {kinds[column].attachment} - {""}
        for held, part in parts:
            if any(held | needs <= {*station.attachments} for station in stations):
                held |= needs
                part.append(column)
                break
        else:
            parts.append((needs, [column]))
    return [part for _, part in parts]


def _distances(
    line: Line,
    kinds: Sequence[StepKind],
    rows: Sequence[tuple[int, list[int]]],
    stations: Sequence[Station],
    depth: Mapping[str, float],
) -> Matrix:
    """Return how far from the order of the work each post would stand at each station."""
    deepest = max(1.0, *depth.values())
    cost = np.full((len(rows), len(stations)), FAR)
    for at, (_, columns) in enumerate(rows):
        along = sum(depth[kinds[c].step_id] for c in columns) / len(columns) / deepest
        needs = {kinds[c].attachment for c in columns} - {""}
        for place, station in enumerate(stations):
            if needs <= {*station.attachments}:
                cost[at, place] = abs(station.at_s / line.loop_s - along)
    return cost
