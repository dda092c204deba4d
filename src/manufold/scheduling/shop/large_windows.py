"""Roll a window over a very large job shop: dispatch on, anneal the order inside, settle, go on.

A window holds all operations that begin within a few mean spans. Inside it neighbours on a machine
are swapped where the second waits for nothing but the first; starts are renewed as far as they go.
What counts is how late each job and each machine leaves the window: jobs that are behind the others
weigh more, one to whose machine many more are going weighs less, and that machine more. Then the
first part is settled for good, and time moves on. A swap costs what it moves within the window,
however long the schedule is, so a million operations get some ten swaps each in seconds.

Profile (1,000,000 operations, 1000 x 1000): nine tenths of the time is renewing starts after a
swap, the rest dispatching; trying twice as many swaps costs twice the time.

Source  Rolling horizon: M. Singer, Comput. Oper. Res. 28 (2001) 153-172,
        doi:10.1016/S0305-0548(99)00098-2; swaps by annealing: P. van Laarhoven, E. Aarts,
        J. Lenstra, Oper. Res. 40 (1992) 113-125, doi:10.1287/opre.40.1.113.
"""

import numpy as np

from manufold.scheduling.kernel import compiled
from manufold.scheduling.shop.large_chain import Chain
from manufold.scheduling.shop.large_dispatch import dispatched_on
from manufold.scheduling.shop.large_state import CLOCK, DRAW, ENDED, WINDOW, Roll, Tuning
from manufold.scheduling.shop.makespan_code import borrowing

__all__ = ["rolled_on"]

#: a job counts at most e to this power times as much as a mean one, and at least as little
FAR = 3.0
#: how much a machine's weight follows the jobs that go there, and a job's loses by each of them
CALLED, CROWDED = 0.5, 0.3
#: operations dispatched that count as one move
DISPATCHED_A_MOVE = 8


@borrowing
def _drawn(r: Roll) -> int:
    """Return 31 random bits."""
    x = r.book[DRAW]
    x ^= (x << 13) & 0x7FFFFFFFFFFFFFFF
    x ^= x >> 7
    x ^= (x << 17) & 0x7FFFFFFFFFFFFFFF
    r.book[DRAW] = x
    return int((x >> 20) & 0x7FFFFFFF)


@borrowing
def _end_s(c: Chain, r: Roll, op: int) -> int:
    return int(r.start_s[op] + c.span_s[op])


@borrowing
def _ready_s(c: Chain, r: Roll, op: int) -> int:
    """Return when the job of an operation comes to it."""
    job = c.job_of[op]
    return int(c.release_s[job]) if op == c.job_ptr[job] else _end_s(c, r, op - 1)


@borrowing
def _swap(r: Roll, m: int, one: int, other: int) -> None:
    """Put two neighbours on a machine the other way round."""
    ahead, behind = r.before[one], r.after[other]
    r.before[other], r.after[other] = ahead, one
    r.before[one], r.after[one] = other, behind
    if ahead >= 0:
        r.after[ahead] = other
    if behind >= 0:
        r.before[behind] = one
    else:
        r.last[m] = one


@borrowing
def _may_swap(c: Chain, r: Roll, one: int, other: int) -> bool:
    """Tell whether an operation waits for its neighbour only and no way leads round."""
    job = c.job_of[one]
    if one < 0 or job == c.job_of[other] or _end_s(c, r, one) < r.start_s[other]:
        return False
    ready_s = _ready_s(c, r, other)
    if ready_s >= r.start_s[other]:
        return False
    return one + 1 >= r.next_op[job] or ready_s < _end_s(c, r, one + 1)


@borrowing
def _look(r: Roll, at: int, op: int) -> int:
    """Put an operation into the ring unless it is there; return the ring's new end."""
    if r.is_waiting[op]:
        return at
    r.is_waiting[op] = 1
    r.ring[at & (len(r.ring) - 1)] = op
    return at + 1


@borrowing
def _renewed(c: Chain, r: Roll, one: int, other: int) -> tuple[int, float]:
    """Renew starts after a swap; return how many moved and what it costs, infinity if too many."""
    mask = len(r.ring) - 1
    head, tail, moved, cost = 0, 0, 0, 0.0
    tail = _look(r, _look(r, tail, other), one)
    while head < tail:
        op = r.ring[head & mask]
        head += 1
        r.is_waiting[op] = 0
        start_s = _ready_s(c, r, op)
        if r.before[op] >= 0:
            start_s = max(start_s, _end_s(c, r, r.before[op]))
        late_s = start_s - r.start_s[op]
        if late_s == 0:
            continue
        if moved == len(r.moved):
            for i in range(head, tail):
                r.is_waiting[r.ring[i & mask]] = 0
            return moved, np.inf
        r.moved[moved], r.moved_s[moved] = op, r.start_s[op]
        moved += 1
        r.start_s[op] = start_s
        job, behind = c.job_of[op], r.after[op]
        if op + 1 == r.next_op[job]:
            cost += r.job_weight[job] * late_s
        else:
            tail = _look(r, tail, op + 1)
        if behind < 0:
            cost += r.machine_weight[c.machine[op]] * late_s
        else:
            tail = _look(r, tail, behind)
    return moved, cost


@borrowing
def _annealed(c: Chain, r: Roll, trials: int, hot_s: float, cold_s: float) -> None:
    """Try swaps in the window."""
    if trials < 1 or r.book[WINDOW] < 2:
        return
    heat_s, cooling = hot_s, (cold_s / hot_s) ** (1.0 / trials)
    for _ in range(trials):
        heat_s *= cooling
        other = r.window[_drawn(r) % r.book[WINDOW]]
        one = r.before[other]
        if one < 0 or not _may_swap(c, r, one, other):
            continue
        m = c.machine[one]
        cost = 0.0
        if r.after[other] < 0:
            cost = r.machine_weight[m] * (_end_s(c, r, one) - _end_s(c, r, other))
        _swap(r, m, one, other)
        moved, more = _renewed(c, r, one, other)
        cost += more
        if cost > 0 and _drawn(r) >= np.exp(-cost / heat_s) * 2147483648.0:
            for i in range(moved - 1, -1, -1):
                r.start_s[r.moved[i]] = r.moved_s[i]
            _swap(r, m, other, one)


@compiled
def _weigh(c: Chain, r: Roll, t: Tuning, mean_s: float) -> None:
    """Say how much a second of each job and each machine at the window's end counts."""
    jobs, machines = len(c.release_s), len(r.last)
    left, going = 0, np.zeros(machines, np.int64)
    middle_s = 0.0
    for job in range(jobs):
        end_s = float(r.job_end_s[job])
        if r.next_op[job] < c.job_ptr[job + 1]:
            end_s += t.stretch * c.tail_s[r.next_op[job]]
            left += c.job_ptr[job + 1] - r.next_op[job]
            going[c.machine[r.next_op[job]]] += 1
        r.job_weight[job] = end_s
        middle_s += end_s / jobs
    wide_s = max(1.0, t.spread * mean_s * np.sqrt(1.0 + left / jobs))
    for job in range(jobs):
        far = (r.job_weight[job] - middle_s) / wide_s
        r.job_weight[job] = np.exp(min(FAR, max(-FAR, far)))
        if r.next_op[job] < c.job_ptr[job + 1]:
            r.job_weight[job] /= 1 + CROWDED * (going[c.machine[r.next_op[job]]] - 1)
    for m in range(machines):
        r.machine_weight[m] = t.machines * (1 - CALLED + CALLED * going[m])


@compiled
def rolled_on(c: Chain, r: Roll, t: Tuning, moves: int) -> int:
    """Roll on for about so many moves; return how many were made.

    Args:
        c: to schedule.
        r: where it stands, changed; `book[ENDED]` says when all is scheduled.
        t: how windows are made and searched.
        moves: a move is a swap tried; some operations dispatched count as one.
    """
    ops, made = len(c.job_of), 0
    mean_s = c.span_s.sum() / ops
    step_s = max(1, int(t.step * mean_s))
    depth_s = max(step_s, int(t.reach * mean_s))
    while made < moves and r.book[ENDED] == 0:
        known = r.book[WINDOW]
        ended = dispatched_on(c, r, t.rule, r.book[CLOCK] + depth_s)
        window = r.book[WINDOW]
        made += 1 + (window - known) // DISPATCHED_A_MOVE
        if t.trials > 0 and window > 1:
            _weigh(c, r, t, mean_s)
            share = 1.0 if ended else step_s / depth_s
            trials = int(t.trials * window * share)
            _annealed(c, r, trials, max(1e-3, t.hot * mean_s), max(1e-3, t.cold * mean_s))
            made += trials
        for job in range(len(c.release_s)):
            if r.next_op[job] > c.job_ptr[job]:
                r.job_end_s[job] = _end_s(c, r, r.next_op[job] - 1)
        for m in range(len(r.last)):
            if r.last[m] >= 0:
                r.machine_end_s[m] = _end_s(c, r, r.last[m])
        if ended:
            r.book[ENDED] = 1
            break
        r.book[CLOCK] += step_s
        kept = 0
        for i in range(window):
            op = r.window[i]
            if r.start_s[op] >= r.book[CLOCK]:
                r.window[kept] = op
                kept += 1
        r.book[WINDOW] = kept
        if kept == 0:  # nothing runs: straight on to the next release
            r.book[CLOCK] = max(r.book[CLOCK], _next_s(c, r))
    return made


@borrowing
def _next_s(c: Chain, r: Roll) -> int:
    """Return when the next operation that is not dispatched could be ready."""
    soonest_s = np.int64(2**62)
    for job in range(len(c.release_s)):
        if r.next_op[job] < c.job_ptr[job + 1]:
            soonest_s = min(soonest_s, r.job_end_s[job])
    return int(soonest_s)
