"""Windows: a schedule cut into spans of time that can be bettered apart.

In a window those operations move that begin in it and whose jobs end in it, and only within it;
all else is pinned. Windows that do not touch may so be played at the same time, in other processes
or on other machines, and put together without looking. Between two that are played lies one that
is not, because the set-up of what runs first behind a border depends on what runs last before it;
then those are played, and next the borders lie elsewhere, so that what crossed one may move.

Cost    cutting reads the schedule once; a window is sent what runs in it, and its neighbours.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from manufold.model.network import Network
from manufold.model.schedule import Job, Slot
from manufold.model.units import DAY_S
from manufold.scheduling.load import Load
from manufold.scheduling.objective import Objective
from manufold.scheduling.rebuild import Rebuild
from manufold.scheduling.weights import Weights

__all__ = [
    "Key",
    "Played",
    "Terms",
    "Window",
    "borders_s",
    "play_window",
    "put_together",
    "windows_of",
]

#: (holder, operation)
Key = tuple[str, str]
#: rounds between two looks at the clock
ROUNDS_AT_ONCE = 100
#: how far behind the end of a schedule its last window ends
TAIL_S = 30 * DAY_S


@dataclass(frozen=True, slots=True)
class Terms:
    """What all windows of a schedule must keep to.

    Args:
        jobs: those of which something may move, none released before it may begin to move.
        free: (holder, operation) that may move.
        limit_s: by holder, an end that it must not pass; absent for any.
        since_s: by holder, from when its flow time counts.
        from_s: nothing is moved before.
    """

    network: Network
    jobs: Mapping[str, Job]
    free: frozenset[Key]
    limit_s: Mapping[str, int]
    since_s: Mapping[str, int]
    from_s: int
    weights: Weights


@dataclass(frozen=True, slots=True)
class Window:
    """What is played apart.

    Args:
        moving: slots of `jobs` that may move, from `from_s` to `to_s`.
        standing: slots of `jobs` that stay, wherever they lie.
        others: slots of other jobs that stay: all in the window, the nearest before and behind.
        limit_s: by job, an end that it must not pass.
        since_s: by job, from when its flow time counts.
        rounds_max: of ruin and recreate, however much time there is.
    """

    network: Network
    jobs: tuple[Job, ...]
    moving: tuple[Slot, ...]
    standing: tuple[Slot, ...]
    others: tuple[Slot, ...]
    from_s: int
    to_s: int
    limit_s: tuple[int, ...]
    since_s: tuple[int, ...]
    seed: int
    rounds_max: int
    weights: Weights


@dataclass(frozen=True, slots=True)
class Played:
    """What became of a window: where its moving slots are now, and how that came about."""

    slots: tuple[Slot, ...]
    before: Objective
    after: Objective
    rounds: int
    better: int


def borders_s(slots: Sequence[Slot], count: int, *, shifted: bool) -> tuple[int, ...]:
    """Return the borders of windows with about as many slots each, the ends included.

    Args:
        count: of windows, >= 1; fewer come back where many slots begin at once.
        shifted: whether each border lies half a window later, with half a window before the first.
    """
    starts = sorted(slot.start_s for slot in slots)
    each = len(starts) / count
    first = each / 2 if shifted else each
    inner = (starts[int(first + each * number)] for number in range(count - 1 + shifted))
    last = max(slot.end_s for slot in slots) + TAIL_S
    return tuple(sorted({starts[0], *inner, last}))


def windows_of(
    terms: Terms,
    slots: Sequence[Slot],
    borders: Sequence[int],
    *,
    seed: int,
    rounds: int,
    free: Collection[Key] | None = None,
) -> tuple[Window, ...]:
    """Return the windows in which something may move, in the order of time.

    Args:
        slots: the whole schedule; those of holders that `terms` do not know stay.
        borders: from `borders_s`.
        rounds: of all windows together, shared out by the jobs that move.
        free: what may move now, default all that ever may.
    """
    by_holder: dict[str, list[Slot]] = {}
    for slot in slots:
        by_holder.setdefault(slot.holder, []).append(slot)
    movable = terms.free if free is None else free
    cast: list[list[tuple[Job, list[Slot]]]] = [[] for _ in borders[1:]]
    for holder, job in terms.jobs.items():
        own = by_holder[holder]
        at = bisect_left(borders, max(slot.end_s for slot in own)) - 1
        moving = _moving(job, own, borders[max(0, at)], movable)
        if moving and at < len(cast):
            cast[at].append((job, moving))
    count = sum(len(found) for found in cast)
    around = _Around(slots)
    made = []
    for at, found in enumerate(cast):
        if found:
            share = -(-rounds * len(found) // count)
            span = (borders[at], borders[at + 1])
            made.append(_window(terms, found, by_holder, around, span, seed + at, share))
    return tuple(made)


def _window(
    terms: Terms,
    found: Sequence[tuple[Job, Sequence[Slot]]],
    by_holder: Mapping[str, Sequence[Slot]],
    around: "_Around",
    span: tuple[int, int],
    seed: int,
    rounds: int,
) -> Window:
    """Return one window in which these jobs move."""
    moving = tuple(slot for _job, free in found for slot in free)
    moves = {(slot.holder, slot.operation_id) for slot in moving}
    here = {job.holder for job, _free in found}
    stays = [slot for job, _free in found for slot in by_holder[job.holder]]
    return Window(
        terms.network,
        tuple(job for job, _free in found),
        moving,
        tuple(slot for slot in stays if (slot.holder, slot.operation_id) not in moves),
        tuple(slot for slot in around.of(*span) if slot.holder not in here),
        *span,
        tuple(min(span[1], terms.limit_s.get(job.holder, span[1])) for job, _free in found),
        tuple(terms.since_s[job.holder] for job, _free in found),
        seed,
        rounds,
        terms.weights,
    )


def play_window(window: Window, left_s: Callable[[], float], empty: Load | None = None) -> Played:
    """Return where the slots of a window are better, or where they were.

    Args:
        left_s: seconds that are left.
        empty: a load that nothing is booked on and that spans the window; who plays many keeps one,
            with the plans that it has compiled.
    """
    site_of = window.network.site_of
    moving: dict[str, dict[str, Slot]] = {job.holder: {} for job in window.jobs}
    standing: dict[str, dict[str, Slot]] = {job.holder: {} for job in window.jobs}
    for slot in window.moving:
        moving[slot.holder][slot.operation_id] = slot
    for slot in window.standing:
        standing[slot.holder][slot.operation_id] = slot
    if empty is None:
        empty = Load.of(window.network, (), window.from_s, window.to_s - window.from_s)
    search = Rebuild(
        empty.with_slots((*window.others, *window.standing)),
        [replace(job, release_s=max(job.release_s, window.from_s)) for job in window.jobs],
        [
            {
                name: site_of(slot.resource_id).site_id
                for name, slot in (standing[job.holder] | moving[job.holder]).items()
            }
            for job in window.jobs
        ],
        [standing[job.holder] for job in window.jobs],
        list(window.limit_s),
        seed=window.seed,
        weights=window.weights,
        since_s=window.since_s,
    )
    try:
        search.stand([moving[job.holder] for job in window.jobs])
    except ValueError:  # somebody placed a slot by hand, or by another calendar: it stays
        nothing = Objective(0, 0, 0)
        return Played(window.moving, nothing, nothing, 0, 0)
    before = search.objective()
    # reading a window takes long: who has read it plays a little, however late it is
    while search.rounds < window.rounds_max and (left_s() > 0 or not search.rounds):
        search.play(min(ROUNDS_AT_ONCE, window.rounds_max - search.rounds))
    slots = tuple(slot for own in search.slots() for slot in own)
    return Played(slots, before, search.objective(), search.rounds, search.better)


def put_together(slots: Iterable[Slot], played: Iterable[Played]) -> tuple[Slot, ...]:
    """Return a schedule with the slots of what was played in the place of those before."""
    anew = {(slot.holder, slot.operation_id): slot for one in played for slot in one.slots}
    return tuple(anew.get((slot.holder, slot.operation_id), slot) for slot in slots)


def _moving(job: Job, own: Sequence[Slot], from_s: int, free: Collection[Key]) -> list[Slot]:
    """Return the slots that may move; an operation with a successor that stays, stays, too."""
    slots = {slot.operation_id: slot for slot in own}
    moves = {
        name
        for name, slot in slots.items()
        if slot.start_s >= from_s and (job.holder, name) in free
    }
    for operation in reversed(job.plan.operations):
        if operation.operation_id not in moves:
            moves.difference_update(operation.after)
    return [slots[name] for name in slots if name in moves]


class _Around:
    """A schedule by seat, to look up what a window must know."""

    def __init__(self, slots: Sequence[Slot]) -> None:
        self._seats: dict[tuple[str, int], list[Slot]] = {}
        for slot in sorted(slots, key=lambda slot: (slot.start_s, slot.holder, slot.operation_id)):
            self._seats.setdefault((slot.resource_id, slot.seat), []).append(slot)
        self._starts = {
            seat: [slot.start_s for slot in found] for seat, found in self._seats.items()
        }

    def of(self, from_s: int, to_s: int) -> list[Slot]:
        """Return what runs in a span, and on each seat the nearest before and behind it."""
        found = []
        for seat, slots in self._seats.items():
            starts = self._starts[seat]
            low = bisect_right(starts, from_s)
            while low > 0 and slots[low - 1].end_s > from_s:
                low -= 1
            found += slots[max(0, low - 1) : bisect_left(starts, to_s) + 1]
        return found
