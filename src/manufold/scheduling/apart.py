"""Apart: a schedule bettered by many at once, each at a site or a window of time of its own.

Pass by pass the schedule is cut, each part is played by whoever is free, and all is put together
again: first every site whole, then every second window of time, then those between, then windows
whose borders lie half a window later. What a player loses stays as it was. The whole is judged
after the first, second, fourth, eighth ... pass and at the end; where the judge finds fault, all
goes on from what was judged last.

With rounds enough to end before time does, the answer depends on seed and number of workers alone:
not on who plays what, nor where.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import count
from typing import Protocol

from manufold.model.errors import Reason
from manufold.model.schedule import Slot
from manufold.scheduling.windows import (
    Played,
    Terms,
    Window,
    borders_s,
    put_together,
    windows_of,
)

__all__ = ["Players", "played_apart"]

#: operations of a window, about
WINDOW_OPERATIONS = 5_000
#: rounds of a pass for each worker, at most however much time there is, and at least, since a
#: worker reads its part before it plays
PASS_ROUNDS, PASS_ROUNDS_LEAST = 40_000, 100
#: passes of one kind after the other: sites, two halves of windows, the same with other borders
CYCLE = 5
#: a search that loses so many parts ends
LOST_MOST = 3
#: seeds of one pass
SEEDS_A_PASS = 100_003


class Players(Protocol):
    """Whoever plays parts of a schedule.

    Attributes:
        workers: how many at once.
        rounds, better: played by all so far, and how many of them were better.
        lost: what happened to those who did not answer.
    """

    workers: int
    rounds: int
    better: int
    lost: list[Reason]

    def stopped(self) -> bool:
        """Return whether time is up or somebody asked to end."""

    def play(self, windows: Sequence[Window]) -> Sequence[Played | None]:
        """Return what became of windows that do not touch, None where a player was lost."""


class Offered(Protocol):
    """The best schedule so far, as `improve` keeps it."""

    def slots(self) -> tuple[Slot, ...]:
        """Return its slots."""

    def offer_slots(self, slots: Sequence[Slot]) -> bool:
        """Offer another; return whether the judge found fault with it."""


def played_apart(
    terms: Terms, best: Offered, players: Players, *, seed: int, rounds: int, patience: int
) -> Reason:
    """Play passes as long as rounds, time and patience last; return how it ended.

    Args:
        rounds: about; each window of a pass plays a whole number.
        patience: it ends once a cycle of passes and so many rounds of each worker were no better.
    """
    stands = offered = best.slots()
    offered_at, last, idle = 1, 0, 0
    whole = max(-(-rounds // (2 * CYCLE)), PASS_ROUNDS_LEAST * players.workers)
    for number in count():
        if players.rounds >= rounds or idle >= CYCLE:
            done = players.rounds >= rounds or players.rounds == 0
            code = "improve.played_out" if done else "improve.settled"
            break
        if players.stopped():
            code = "improve.stopped"
            break
        if len(players.lost) >= LOST_MOST:
            code = "improve.workers_lost"
            break
        share = min(rounds - players.rounds, whole, PASS_ROUNDS * players.workers)
        windows = _cut(terms, stands, players.workers, number, seed, share)
        played, better = players.rounds, players.better
        found = players.play(windows) if windows else ()
        if players.better > better:
            last, idle = players.rounds, 0
            stands = put_together(stands, (one for one in found if one is not None))
        elif players.rounds == played or players.rounds - last >= patience * players.workers:
            idle += 1
        if number + 1 >= offered_at and stands is not offered:
            offered_at = 2 * (number + 1)
            offered = stands = best.slots() if best.offer_slots(stands) else stands
    if stands is not offered:
        best.offer_slots(stands)
    return Reason(code, {"rounds": players.rounds})


def _cut(
    terms: Terms, slots: Sequence[Slot], workers: int, number: int, seed: int, rounds: int
) -> Sequence[Window]:
    """Return the windows of one pass, which do not touch."""
    kind, own_seed = number % CYCLE, seed + number * SEEDS_A_PASS
    moving = [slot for slot in slots if (slot.holder, slot.operation_id) in terms.free]
    if kind == 0:
        return tuple(_sites(terms, slots, moving, own_seed, rounds))
    parts = max(2 * workers, -(-len(moving) // WINDOW_OPERATIONS))
    borders = _borders_s(terms, moving, parts, shifted=kind > 2)
    cut = windows_of(terms, slots, borders, seed=own_seed, rounds=2 * rounds)
    return tuple(one for one in cut if bisect_left(borders, one.from_s) % 2 == kind % 2)


def _sites(
    terms: Terms, slots: Sequence[Slot], moving: Sequence[Slot], seed: int, rounds: int
) -> Iterator[Window]:
    """Yield each site whole, from now to the end, where there are several."""
    at: dict[str, set[tuple[str, str]]] = {}
    for slot in moving:
        site_id = terms.network.site_of(slot.resource_id).site_id
        at.setdefault(site_id, set()).add((slot.holder, slot.operation_id))
    if len(at) < 2:
        return
    borders = _borders_s(terms, moving, 1, shifted=False)
    for place, (_site, free) in enumerate(sorted(at.items())):
        share = max(1, rounds * len(free) // len(moving))
        yield from windows_of(terms, slots, borders, seed=seed + place, rounds=share, free=free)


def _borders_s(
    terms: Terms, moving: Sequence[Slot], parts: int, *, shifted: bool
) -> tuple[int, ...]:
    """Return the borders of windows, the first from when anything may begin."""
    first_s, *others = borders_s(moving, parts, shifted=shifted)
    return min(first_s, terms.from_s), *others
