"""Improve: a better schedule from a snapshot, breaking no promise, any time it is stopped.

Slots that have not begun and lie outside the frozen zone of their site may move; all else is
pinned. First a few rules dispatch everything movable anew; then, round by round, a few
jobs are taken out and placed again in another order (`scheduling.rebuild`). A new schedule is kept
only if it is better, if no promise that was kept is missed, and if the judge handed in finds
nothing. Every operation stays at its site, since goods and material are there or on their way.

Cost    a dispatch, then per round a few placements; the same seed and rounds give the same answer.
Source  ruin and recreate: G. Schrimpf et al., J. Comput. Phys. 159 (2000) 139-171,
        doi:10.1006/jcph.1999.6413.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from manufold.model.errors import Reason
from manufold.model.schedule import Slot
from manufold.scheduling.apart import Players, played_apart
from manufold.scheduling.improve_work import Plan, Snapshot, Work, flat
from manufold.scheduling.missed import Missed
from manufold.scheduling.objective import Objective
from manufold.scheduling.rebuild import Rebuild
from manufold.scheduling.weights import Weights

__all__ = ["Improvement", "Judged", "Players", "Snapshot", "improve"]

#: slots of a whole schedule -> whether nothing is wrong with it
Judged = Callable[[Sequence[Slot]], bool]

#: rounds between two looks at the clock
ROUNDS_AT_ONCE = 40
#: most operations that rules dispatch anew: they look at all that wait, again and again
DISPATCHED_MAX = 3000


@dataclass(frozen=True, slots=True)
class Improvement:
    """What to release and what to claim in one transaction; both empty when nothing is better.

    Args:
        bound: no schedule that keeps to the snapshot has less in any field: every job alone on the
            floor, at the lowest price there is, or what jobs must wait for one another at the work
            units they share, whichever says more.
        rounds, better: of ruin and recreate, played by all workers and kept on the way.
        missed: promises that the schedule does not keep, each with its reason.
        why: how it ended: played out, stopped, or failed with the last judged schedule in hand.
        lost: what happened to workers that died or took too long; what they played is not in it.
    """

    release: tuple[Slot, ...]
    claim: tuple[Slot, ...]
    before: Objective
    after: Objective
    bound: Objective
    rounds: int
    better: int
    missed: tuple[Missed, ...]
    why: Reason
    lost: tuple[Reason, ...] = ()

    @property
    def gap_s(self) -> int:
        """Weighted seconds of tardiness above the bound; 0 proves that no date can be better."""
        return self.after.tardiness_s - self.bound.tardiness_s


def improve(
    snapshot: Snapshot,
    judged: Judged,
    *,
    seed: int,
    rounds: int = 200,
    should_stop: Callable[[], bool] = lambda: False,
    weights: Weights | None = None,
    patience: int | None = None,
    players: Players | None = None,
) -> Improvement:
    """Return the changes that make a schedule better, the last that were judged clean.

    A search that fails loses nothing: what was judged before is handed back, and `why` says so.

    Args:
        judged: says whether a whole schedule is clean; asked before anything is handed back, and on
            the way each time that the rounds are four times as many.
        rounds: of ruin and recreate, after the dispatch of everything.
        should_stop: asked between rounds, e.g. whether time is up.
        weights: of what counts beside dates, default `Weights()`.
        patience: it ends once so many rounds in a row were no better.
        players: who plays sites and windows of time apart; by default all is played here, whole.
    """
    work = Work(snapshot, weights or Weights())
    best = _Best(work, judged)
    tally, why = (0, 0), Reason("improve.nothing_moves", {})
    floor, search = None, None
    if work.holders:
        try:
            search = work.rebuild(seed)
            floor = work.bound(search)
            tried = _dispatched(work, best)
            if players is None:
                why = _searched(work, best, search, rounds, should_stop, patience or rounds)
            else:
                terms = work.terms()
                why = played_apart(
                    terms, best, players, seed=seed, rounds=rounds, patience=patience or rounds
                )
            if why.code == "improve.stopped" and not why.params["rounds"]:
                why = Reason("improve.only_rules" if tried else "improve.untried", {})
        except Exception as failed:  # noqa: BLE001 - said in the answer; what was judged is kept
            what = f"{type(failed).__name__}: {failed}"[:200]
            why = Reason("improve.failed", {"what": what})
    if players is not None:
        tally = players.rounds, players.better
    elif search is not None:
        tally = search.rounds, search.better
    if best.disliked:
        why = Reason("improve.disliked", {"rounds": tally[0]})
    bound, soonest_s = floor or work.bound(None)
    old, new = set(snapshot.slots), set(flat(best.plan))
    return Improvement(
        tuple(slot for slot in snapshot.slots if slot not in new),
        tuple(slot for slot in flat(best.plan) if slot not in old),
        best.first,
        best.value,
        bound,
        *tally,
        work.missed(best.plan, soonest_s),
        why,
        () if players is None else tuple(players.lost),
    )


def _dispatched(work: Work, best: "_Best") -> bool:
    """Dispatch everything movable anew where that is not too much; return whether it was tried."""
    if len(work.free) > DISPATCHED_MAX:
        return False
    whole = work.redispatched()
    if whole is not None and work.keeps(whole):
        best.offer(whole)
    return True


def _searched(
    work: Work,
    best: "_Best",
    search: Rebuild,
    rounds: int,
    should_stop: Callable[[], bool],
    patience: int,
) -> Reason:
    """Search as long as rounds, time and patience last; return how it ended."""
    if not work.stands(search, best.plan):
        return Reason("improve.cannot_read", {})
    seen, look, last = 0, ROUNDS_AT_ONCE, 0
    code = "improve.played_out"
    while search.rounds < rounds:
        if should_stop() or search.rounds - last >= patience:
            code = "improve.stopped" if search.rounds - last < patience else "improve.settled"
            break
        if search.play(min(ROUNDS_AT_ONCE, rounds - search.rounds)):
            last = search.rounds
        if search.rounds >= look and search.better > seen:
            best.offer(work.read(search))
            seen, look = search.better, 4 * search.rounds
    if search.better > seen:
        best.offer(work.read(search))
    return Reason(code, {"rounds": search.rounds})


class _Best:
    """The best schedule that the judge found nothing against; at first what stands.

    Attributes:
        disliked: whether the judge found fault with the last that was better.
    """

    def __init__(self, work: Work, judged: Judged) -> None:
        self.work, self.judged, self.plan = work, judged, work.start
        self.first = self.value = work.value(work.start)
        self.disliked = False

    def offer(self, plan: Plan) -> None:
        """Keep a schedule if it is better and clean."""
        value = self.work.value(plan)
        if value < self.value:
            self.disliked = not self.judged(flat(plan))
            if not self.disliked:
                self.plan, self.value = plan, value

    def slots(self) -> tuple[Slot, ...]:
        """Return the slots of the best schedule."""
        return flat(self.plan)

    def offer_slots(self, slots: Sequence[Slot]) -> bool:
        """Offer a schedule by its slots; return whether the judge found fault with it."""
        plan: dict[str, list[Slot]] = {}
        for slot in slots:
            plan.setdefault(slot.holder, []).append(slot)
        self.offer({holder: tuple(own) for holder, own in plan.items()})
        return self.disliked
