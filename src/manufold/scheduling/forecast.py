"""Forecast: what the dispatch lists lead to, given what has happened by now.

Every seat keeps its order, and so do the doors of ovens. Operators and tools go where there is
work; who attends late work is whoever of the site ends it sooner. Nothing starts before its slot
(or what was agreed at first, where that is earlier), and whatever is late pushes what comes after
it, on whatever both use and in its routing, no further than it must (right shift). What shares a
batch moves together. Where nothing has gone wrong the forecast is the plan. Begun work ends when
its remaining working seconds are done; finished work stays as it happened.

Cost    O(slots x log slots).
Source  right-shift rescheduling: G. E. Vieira, J. W. Herrmann, E. Lin, Journal of Scheduling 6
        (2003) 39-62, doi:10.1023/A:1022235519958.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from manufold.model.errors import CannotMake, Reason
from manufold.model.network import Network
from manufold.model.schedule import DispatchList, Job, Slot
from manufold.model.units import DAY_S
from manufold.scheduling.load import HORIZON_LIMIT_S
from manufold.scheduling.objective import finishes_s
from manufold.scheduling.outages import Outage, with_outages
from manufold.scheduling.shift import shifted_slots
from manufold.scheduling.shift_book import Progress, shift_book
from manufold.scheduling.shift_step import OVERRUN_S
from manufold.scheduling.steps import Key, key_of
from manufold.scheduling.worktime import Worktimes

__all__ = ["OVERRUN_S", "Forecast", "Progress", "forecast"]

#: how far beyond the last slot calendars are compiled at first
SPAN_S = 60 * DAY_S


@dataclass(frozen=True, slots=True)
class Forecast:
    """Where the dispatch lists lead.

    Args:
        slots: of all lists; finished and begun ones as they happened.
        finish_s: by holder, end of its last slot.
        at_risk: holders whose promised finish is missed, by how many seconds, worst first.
        delays: by holder, (operation, work unit, seconds it ends later than planned).
        reasons: maximum lags that no longer hold.
    """

    slots: tuple[Slot, ...]
    finish_s: Mapping[str, int]
    at_risk: tuple[tuple[str, int], ...]
    delays: Mapping[str, tuple[tuple[str, str, int], ...]]
    reasons: tuple[Reason, ...]


def forecast(
    network: Network,
    lists: Iterable[DispatchList],
    jobs: Mapping[str, Job],
    progress: Mapping[Key, Progress],
    now_s: int,
    outages: Sequence[Outage] = (),
    agreed_s: Mapping[Key, int] | None = None,
) -> Forecast:
    """Return new slots and finishes of everything on the dispatch lists.

    Args:
        lists: with `claims`, where slots hold operators, tools or doors.
        agreed_s: instead of its slot, where an operation may start at the earliest: what was put
            off by a trouble that is over comes back that far, and no further.
        jobs: by holder; a slot of an unknown holder keeps its working seconds.
        outages: work units that are down and operators who are away, from when to when.

    Raises:
        InputFault: `schedule.sequence_cyclic` where lists and routings wait for each other.
        CannotMake: `schedule.past_horizon`.
    """
    network = with_outages(network, [o for o in outages if o.resource_id in network.operator])
    outages = [o for o in outages if o.resource_id not in network.operator]
    lists = tuple(lists)
    planned = [
        slot
        for listed in lists
        for slot in listed.slots
        if (slot.resource_id, slot.seat) == (listed.resource_id, listed.seat)
    ]
    first_s = min([now_s, *(slot.start_s for slot in planned)])
    last_s = max([now_s, *(slot.end_s for slot in planned)])
    down = with_outages(network, outages)
    for span_s in (SPAN_S, HORIZON_LIMIT_S):
        usual = Worktimes(network, first_s, last_s + span_s)
        worktimes = usual if down is network else Worktimes(down, first_s, last_s + span_s)
        try:
            book = shift_book(
                network, jobs, progress, lists, planned, agreed_s or {}, usual, worktimes
            )
            found = shifted_slots(book, now_s)
            break
        except CannotMake:
            if span_s == HORIZON_LIMIT_S:
                raise
    return _told(planned, {key_of(slot): slot for slot in found}, jobs)


def _told(planned: Sequence[Slot], found: Mapping[Key, Slot], jobs: Mapping[str, Job]) -> Forecast:
    slots = tuple(found[slot.holder, slot.operation_id] for slot in planned)
    finishes = finishes_s(slots)
    late: dict[str, list[tuple[int, str, str, int]]] = {}
    for old, new in zip(planned, slots, strict=True):
        if new.end_s > old.end_s:
            delay = (new.end_s, new.operation_id, new.resource_id, new.end_s - old.end_s)
            late.setdefault(new.holder, []).append(delay)
    at_risk = [
        (holder, end_s - due_s)
        for holder, end_s in finishes.items()
        if holder in jobs and (due_s := jobs[holder].due_s) is not None and end_s > due_s
    ]
    reasons = []
    for (holder, name), slot in found.items():
        operation = jobs[holder].plan.operation[name] if holder in jobs else None
        for earlier in operation.after if operation and operation.max_lag_s is not None else ():
            ended = found.get((holder, earlier))
            if ended and operation and slot.start_s - ended.end_s > (operation.max_lag_s or 0):
                reasons.append(
                    Reason("schedule.lag_at_risk", {"job": holder, "operation": earlier})
                )
    return Forecast(
        slots,
        finishes,
        tuple(sorted(at_risk, key=lambda risk: (-risk[1], risk[0]))),
        {holder: tuple(d[1:] for d in sorted(delays)) for holder, delays in late.items()},
        tuple(reasons),
    )
