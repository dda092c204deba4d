"""Rules of a shop of the literature, found broken by code that schedules nothing.

Every operation once, on a machine (and with a worker) that can do it, for exactly as long as that
takes; after its predecessors and its job's release; nobody does two things at once; set-ups are
kept; and the objective that is told is the objective that was reached.

Cost    sorts of whole columns: a million operations take about a second.
"""

from collections.abc import Iterator, Mapping
from itertools import pairwise, permutations
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from manufold.judge.violation import Violation, violation
from manufold.model.errors import InputFault

__all__ = ["ShopSlots", "Workshop", "shop_objective", "shop_slots", "shop_violations"]

Column = NDArray[np.int64]
#: violations told of each rule
MOST = 20
NOBODY = -1
#: operations of no length at one instant of a machine whose order is looked for
TIED = 6


class Workshop(Protocol):
    """What the judge reads of a shop: int64 arrays; `ptr` bounds ranges, all counts from 0."""

    @property
    def job_ptr(self) -> Column:
        """Operations of each job, shape (jobs + 1,)."""

    @property
    def alt_ptr(self) -> Column:
        """Alternatives of each operation, shape (ops + 1,)."""

    @property
    def alt_machine(self) -> Column:
        """Machine of each alternative."""

    @property
    def alt_worker(self) -> Column:
        """Worker of each alternative, -1 where nobody is needed."""

    @property
    def alt_span_s(self) -> Column:
        """How long each alternative takes."""

    @property
    def before_ptr(self) -> Column:
        """Direct predecessors of each operation, shape (ops + 1,)."""

    @property
    def before_op(self) -> Column:
        """The predecessors."""

    @property
    def release_s(self) -> Column:
        """When each job may begin."""

    @property
    def due_s(self) -> Column:
        """When each job is due."""

    @property
    def weight(self) -> Column:
        """Of a second of each job's tardiness."""

    @property
    def setup_s(self) -> NDArray[np.int32]:
        """Set-ups, shape (machines, ops, ops) or (0, 0, 0)."""


class ShopSlots(NamedTuple):
    """A schedule as columns: int64, shape (slots,); `worker` is -1 where nobody is told."""

    job: Column
    operation: Column
    machine: Column
    worker: Column
    start_s: Column
    end_s: Column


def shop_slots(answer: Mapping[str, Any]) -> ShopSlots:
    """Return the slots of an answer as it is written to a file.

    Raises:
        InputFault: `shop.judged_unreadable`: a slot lacks a number; names the slot and the key.
    """
    columns = []
    slots = answer.get("slots")
    if not isinstance(slots, list):
        raise InputFault("shop.judged_unreadable", slot=0, key="slots")
    for key in ShopSlots._fields:
        values = []
        for at, slot in enumerate(slots):
            value = slot.get(key, NOBODY if key == "worker" else None)
            if not isinstance(value, int) or isinstance(value, bool) or abs(value) >= 2**61:
                raise InputFault("shop.judged_unreadable", slot=at, key=key)
            values.append(value)
        columns.append(np.array(values, dtype=np.int64))
    return ShopSlots(*columns)


def shop_objective(shop: Workshop, slots: ShopSlots, *, tardiness: bool) -> int:
    """Return the makespan, or the weighted tardiness, that slots of known jobs reach."""
    if not tardiness:
        return int(slots.end_s.max(initial=0))
    done_s = np.zeros(len(shop.due_s), dtype=np.int64)
    np.maximum.at(done_s, slots.job, slots.end_s)
    return int((shop.weight * np.maximum(0, done_s - shop.due_s)).sum())


def shop_violations(
    shop: Workshop, slots: ShopSlots, *, objective: int, tardiness: bool = False
) -> tuple[Violation, ...]:
    """Return what is wrong with a schedule, at most a score of each rule; empty when all is right.

    Args:
        shop: what was to be scheduled.
        slots: in any order.
        objective: that the schedule claims.
        tardiness: whether the objective is weighted tardiness, else it is the makespan.
    """
    jobs = len(shop.job_ptr) - 1
    known = (slots.job >= 0) & (slots.job < jobs)
    job = np.where(known, slots.job, 0)
    known &= (slots.operation >= 0) & (slots.operation < np.diff(shop.job_ptr)[job])
    found = [_at("shop.judged_unknown", slots, row) for row in _rows(~known)]
    op = shop.job_ptr[job] + slots.operation
    times = np.bincount(op[known], minlength=len(shop.alt_ptr) - 1)
    found += [
        _of("shop.judged_count", shop, number, times=int(times[number]))
        for number in _rows(times != 1)
    ]
    if found:  # what follows reads one slot of every operation
        return tuple(found)
    order = np.argsort(op, kind="stable")
    slots = ShopSlots(*(column[order] for column in slots))
    found += _alone(shop, slots)
    found += _after(shop, slots)
    found += _exclusive(shop, slots)
    reached = shop_objective(shop, slots, tardiness=tardiness)
    if reached != objective:
        found.append(
            violation("shop.judged_objective", "", "", "", told=objective, reached=reached)
        )
    return tuple(found)


def _alone(shop: Workshop, slots: ShopSlots) -> Iterator[Violation]:
    """Look at each slot by itself: resources, duration, release."""
    ops = len(slots.job)
    alt_op = np.repeat(np.arange(ops), np.diff(shop.alt_ptr))
    able = shop.alt_machine == slots.machine[alt_op]
    able &= shop.alt_worker == slots.worker[alt_op]
    exact = able & (shop.alt_span_s == (slots.end_s - slots.start_s)[alt_op])
    eligible = np.bincount(alt_op[able], minlength=ops) > 0
    right = np.bincount(alt_op[exact], minlength=ops) > 0
    for row in _rows(~eligible):
        yield _at("shop.judged_ineligible", slots, row, worker=int(slots.worker[row]))
    for row in _rows(eligible & ~right):
        span_s = int(slots.end_s[row] - slots.start_s[row])
        yield _at("shop.judged_span", slots, row, found_s=span_s)
    for row in _rows(slots.start_s < shop.release_s[slots.job]):
        release_s = int(shop.release_s[slots.job[row]])
        yield _at("shop.judged_release", slots, row, release_s=release_s)


def _after(shop: Workshop, slots: ShopSlots) -> Iterator[Violation]:
    """Look at precedences."""
    after = np.repeat(np.arange(len(slots.job)), np.diff(shop.before_ptr))
    early = slots.start_s[after] < slots.end_s[shop.before_op]
    for row in _rows(early):
        before_s = int(slots.end_s[shop.before_op[row]])
        yield _at("shop.judged_precedence", slots, int(after[row]), before_s=before_s)


def _exclusive(shop: Workshop, slots: ShopSlots) -> Iterator[Violation]:
    """Look at machines and workers: one operation at a time, set-ups between them."""
    for code, who in (("shop.judged_machine", slots.machine), ("shop.judged_worker", slots.worker)):
        order = np.lexsort((slots.end_s, slots.start_s, who))
        if code == "shop.judged_machine" and len(shop.setup_s):
            order = _kindest(shop, slots, order)
        before, after = order[:-1], order[1:]
        same = (who[before] == who[after]) & (who[after] != NOBODY)
        overlap = same & (slots.start_s[after] < slots.end_s[before])
        for row in _rows(overlap):
            free_s = int(slots.end_s[before[row]])
            resource = int(who[after[row]])
            yield _at(code, slots, int(after[row]), free_s=free_s, who=resource)
        if code == "shop.judged_machine" and len(shop.setup_s):
            before, after = before[same & ~overlap], after[same & ~overlap]
            machine = slots.machine[after]
            inside = (machine >= 0) & (machine < len(shop.setup_s))
            needed_s = np.where(inside, shop.setup_s[machine * inside, before, after], 0)
            gap_s = slots.start_s[after] - slots.end_s[before]
            for row in _rows(gap_s < needed_s):
                at = int(after[row])
                yield _at(
                    "shop.judged_setup",
                    slots,
                    at,
                    found_s=int(gap_s[row]),
                    needed_s=int(needed_s[row]),
                )


def _kindest(shop: Workshop, slots: ShopSlots, order: Column) -> Column:
    """Order operations of no length at one instant of a machine so that set-ups are kept.

    Times do not say in which order they come, so any order that is right is taken.
    """
    order = order.copy()
    key = np.stack((slots.machine, slots.start_s, slots.end_s))[:, order]
    begins = np.flatnonzero(np.any(np.diff(key, prepend=-(2**62)) != 0, axis=0))
    for begin, end in zip(begins, [*begins[1:], len(order)], strict=True):
        machine = int(key[0, begin])
        if not 1 < end - begin <= TIED or not 0 <= machine < len(shop.setup_s):
            continue
        near = [at for at in (begin - 1, end) if 0 <= at < len(order) and key[0, at] == machine]
        for tied in permutations(order[begin:end].tolist()):
            row = [int(order[at]) for at in near if at < begin]
            row += [*tied, *(int(order[at]) for at in near if at >= end)]
            gaps = ((b, a, slots.start_s[a] - slots.end_s[b]) for b, a in pairwise(row))
            if all(gap_s >= shop.setup_s[machine, b, a] for b, a, gap_s in gaps):
                order[begin:end] = tied
                break
    return order


def _rows(wrong: NDArray[np.bool_]) -> list[int]:
    return [int(row) for row in np.flatnonzero(wrong)[:MOST]]


def _at(code: str, slots: ShopSlots, row: int, **params: int) -> Violation:
    """Return a violation of one slot."""
    job, operation, machine = (int(column[row]) for column in slots[:3])
    start_s = int(slots.start_s[row])
    return violation(code, str(job), str(operation), str(machine), start_s=start_s, **params)


def _of(code: str, shop: Workshop, number: int, **params: int) -> Violation:
    """Return a violation of an operation without a slot of its own."""
    job = int(np.searchsorted(shop.job_ptr, number, side="right")) - 1
    return violation(code, str(job), str(number - int(shop.job_ptr[job])), "", **params)
