"""Posts as columns, period by period: the same people get the same posts again."""

from collections.abc import Mapping, Sequence

import numpy as np

from manufold.model.line import Line, LineOrder
from manufold.scheduling.kernel import seconds
from manufold.scheduling.line.balance import Balance, balanced
from manufold.scheduling.line.flow import Posts
from manufold.scheduling.line.rows import Rows, kinds_of

__all__ = ["balances", "posts_of"]


def balances(
    line: Line,
    orders: Sequence[LineOrder],
    periods_s: Sequence[int],
    to_s: int,
    *,
    changes: bool = True,
    equal: bool = False,
) -> tuple[Balance, ...]:
    """Return a balance for every period, solved once for each set of people and hours.

    Args:
        periods_s: when each begins, rising; the last ends at `to_s`.
        changes, equal: see `balanced`.
    """
    found: list[Balance] = []
    known: dict[tuple[tuple[str, int], ...], Balance] = {}
    for begin_s, end_s in zip(periods_s, [*periods_s[1:], to_s], strict=True):
        there = _there_s(line, begin_s, end_s)
        if not any(there.values()):  # whoever is first to come finds a post
            there = {operator.operator_id: 1 for operator in line.operators}
        key = tuple(sorted(there.items()))
        if key not in known:
            known[key] = balanced(line, orders, there, changes=changes, equal=equal)
        found.append(known[key])
    return tuple(found)


def _there_s(line: Line, begin_s: int, end_s: int) -> Mapping[str, int]:
    runs = line.calendar.intervals(begin_s, end_s)
    found: dict[str, int] = {}
    for operator in line.operators:
        found[operator.operator_id] = sum(
            max(0, min(shut, stops) - max(opens, starts))
            for opens, shut in operator.calendar.intervals(begin_s, end_s)
            for starts, stops in runs
        )
    return found


def posts_of(
    line: Line,
    orders: Sequence[LineOrder],
    rows: Rows,
    periods_s: Sequence[int],
    found: Sequence[Balance],
) -> Posts:
    """Return the posts of all periods as columns."""
    people = {operator.operator_id: at for at, operator in enumerate(line.operators)}
    places = {station.station_id: at for at, station in enumerate(line.stations)}
    kinds = {kind.step_id: at for at, kind in enumerate(kinds_of(orders))}
    periods = len(found)
    tender = np.full((periods, len(places)), -1, dtype=np.int64)
    does = np.zeros((periods, len(places), len(kinds)), dtype=np.int64)
    own = np.full((periods, len(people), len(places)), -1, dtype=np.int64)
    at = np.full((periods, len(kinds), len(places)), -1, dtype=np.int64)
    for period, balance in enumerate(found):
        owned = [0] * len(people)
        for post in balance.posts:
            who, where = people[post.operator_id], places[post.station_id]
            tender[period, where] = who
            own[period, who, owned[who]] = where
            owned[who] += 1
            for step in post.steps:
                if step in kinds:
                    does[period, where, kinds[step]] = 1
        for kind in range(len(kinds)):
            stations = np.flatnonzero(does[period, :, kind])
            at[period, kind, : len(stations)] = stations
    return Posts(seconds(periods_s), tender, own, does, at)
