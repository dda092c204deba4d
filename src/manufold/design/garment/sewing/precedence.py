"""What comes after what, and the longest way through.

A piece lies at one place at a time, and so does what hangs together with it: an operation comes
after the last one on each assembly that it works on, in the bulletin's order. Collar, cuffs,
sleeves, fronts and lining are assemblies of their own until a seam joins them, so they are made
side by side. What trade knows beyond that is said by a row's `after`.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from manufold.design.garment.sewing.ways import Place

__all__ = ["Assemblies", "circle", "critical", "in_turn"]


class Assemblies:
    """Places that hang together, and the operations that were the last on each."""

    def __init__(self) -> None:
        self._parent: dict[Place, Place] = {}
        self._last: dict[Place, tuple[str, ...]] = {}

    def work(
        self, step: str, places: Iterable[Place], joins: Iterable[tuple[Place, ...]]
    ) -> tuple[str, ...]:
        """Return what has to be done before a step on these places; it is the last on them now."""
        touched = tuple(dict.fromkeys(self._whole(place) for place in places))
        before = tuple(dict.fromkeys(one for whole in touched for one in self._last.get(whole, ())))
        for joined in joins:
            first = self._whole(joined[0])
            for place in joined[1:]:
                self._parent[self._whole(place)] = first
                first = self._whole(first)
        for whole in touched:
            self._last[self._whole(whole)] = (step,)
        return before

    def _whole(self, place: Place) -> Place:
        while self._parent.setdefault(place, place) != place:
            place = self._parent[place]
        return place


def in_turn(after: Mapping[str, Sequence[str]]) -> tuple[str, ...] | None:
    """Return the names so that each stands after what it needs, else as given; None in a circle."""
    done: dict[str, None] = {}
    left = list(after)
    while left:
        ready = [name for name in left if all(one in done for one in after[name])]
        if not ready:
            return None
        first = left.index(ready[0])
        done[left.pop(first)] = None
    return tuple(done)


def circle(after: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Return the names of a circle, in order; empty when there is none."""
    state: dict[str, bool] = {}  # True = on the way, False = done
    trail: list[str] = []

    def walk(name: str) -> tuple[str, ...]:
        state[name] = True
        trail.append(name)
        for before in after.get(name, ()):
            if state.get(before):
                return tuple(trail[trail.index(before) :])
            if before not in state:
                found = walk(before)
                if found:
                    return found
        state[name] = False
        trail.pop()
        return ()

    for name in after:
        if name not in state:
            found = walk(name)
            if found:
                return found
    return ()


def critical(
    after: Mapping[str, Sequence[str]], minutes: Mapping[str, Decimal]
) -> tuple[tuple[str, ...], Decimal]:
    """Return the longest way, first to last, and its minutes.

    Args:
        after: in turn, each name after what it needs.
    """
    ends: dict[str, tuple[Decimal, str]] = {}
    for name, needs in after.items():
        start, before = max(((ends[one][0], one) for one in needs), default=(Decimal(0), ""))
        ends[name] = start + minutes[name], before
    if not ends:
        return (), Decimal(0)
    name = max(ends, key=lambda one: ends[one][0])
    whole, way = ends[name][0], [name]
    while ends[way[-1]][1]:
        way.append(ends[way[-1]][1])
    return tuple(reversed(way)), whole
