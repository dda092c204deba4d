"""Which orders are cut together: simulated annealing over groupings, each placed whole.

A move takes an order to another group, or out of it, changes two orders, joins two groups or parts
one. Orders not cut and lateness weigh so much that they are given up only on the way; of all
groupings seen, the best by rank is kept: none left out, none late, then the least cloth.

Source: S. Kirkpatrick, C. D. Gelatt, M. P. Vecchi: Optimization by simulated annealing, Science
220 (1983) 671-680.
"""

from collections.abc import Iterable, Sequence
from math import exp
from random import Random

from manufold.scheduling.cut_orders.first_come import first_come
from manufold.scheduling.cut_orders.placing import Group, Placer

__all__ = ["grouped"]

#: of the first grouping's cost: how much worse may be taken at the begin, and at the end
HOT, COLD = 3e-3, 2e-5
#: first groupings that are tried: so many orders in a marker, first come first
SIZES = (1, 2, 3, 4, 5, 6, 8, 10, 12)


def grouped(
    placer: Placer, seed: int, rounds: int, begin: Iterable[Sequence[Group]] = ()
) -> tuple[Group, ...]:
    """Return the best grouping found.

    Args:
        rounds: moves tried.
        begin: groupings known from before; the search begins at the best of them and its own.
    """
    dice = Random(seed)
    firsts = [first_come(placer.day, size) for size in SIZES]
    now = min((list(one) for one in (*begin, *firsts)), key=placer.energy)
    at = {order.order_id: n for n, order in enumerate(placer.day.orders)}
    mates: dict[str, list[str]] = {}
    for order in placer.day.orders:
        mates.setdefault(order.cloth, []).append(order.order_id)
    now_rank = placer.energy(now)
    best, best_rank = list(now), now_rank
    scale_minor = max(best_rank[2], 1.0)
    now_value = _value(now_rank, scale_minor)
    for number in range(rounds if len(at) > 1 else 0):
        name = dice.choice(placer.day.orders).order_id
        other = dice.choice(mates[placer.order[name].cloth])
        tried = _moved(now, name, other, dice.random(), dice, at)
        if tried is None:
            continue
        rank = placer.energy(tried)
        value = _value(rank, scale_minor)
        heat = scale_minor * HOT * (COLD / HOT) ** (number / rounds)
        if value <= now_value or dice.random() < exp((now_value - value) / heat):
            now, now_value = tried, value
            if rank < best_rank:
                best, best_rank = list(now), rank
    return tuple(sorted(best, key=lambda group: at[group[0]]))


def _value(rank: tuple[int, int, float], scale_minor: float) -> float:
    """Return a number for a rank: an order left out costs ten days' cloth, an hour late one."""
    left, late_s, cost_minor = rank
    return cost_minor + scale_minor * (10 * left + late_s / 3600 + 0.01 * (late_s > 0))


def _moved(
    now: list[Group], name: str, other: str, kind: float, dice: Random, at: dict[str, int]
) -> list[Group] | None:
    """Return the grouping after one move, or None where it changes nothing."""

    def group(members: Iterable[str]) -> Group:
        return tuple(sorted(members, key=at.__getitem__))

    own = next(one for one in now if name in one)
    its = next(one for one in now if other in one)
    rest = [one for one in now if one is not own and one is not its]
    left = [member for member in own if member != name]
    if own is its:
        if len(own) == 1:
            return None
        if kind < 0.5:
            return [*rest, (name,), group(left)]
        parted: tuple[list[str], list[str]] = ([], [])
        for member in own:
            parted[dice.random() < 0.5].append(member)
        return [*rest, *(group(half) for half in parted if half)]
    if kind < 0.4:
        return [*rest, group((*its, name)), *([group(left)] if left else [])]
    if kind < 0.9:
        kept = [member for member in its if member != other]
        return [*rest, group((*left, other)), group((*kept, name))]
    return [*rest, group((*own, *its))]
