"""Dispatch a chain on from where a roll stands: most work left, and what the next machine needs.

A machine that falls free takes the waiting job with the largest key: the work that the job has left
plus, while much is left to do, a rule that keeps machines fed: short operations first, to machines
that would run dry, past machines that are crowded. The weights were found by covariance matrix
adaptation on generated square shops of 200 x 200, spans 1 to 1000; they are in mean spans.

Cost    O(operations x jobs that wait at a machine) and one heap of jobs and machines per call.
Source  work in the next queue: R. Conway, W. Maxwell, L. Miller, Theory of Scheduling (1967);
        adaptation: N. Hansen, A. Ostermeier, Evol. Comput. 9 (2001) 159-195,
        doi:10.1162/106365601750190398.
"""

import numpy as np

from manufold.scheduling.kernel import Seconds, compiled
from manufold.scheduling.shop.large_chain import Chain, Numbers
from manufold.scheduling.shop.large_state import LEFT, WINDOW, Roll
from manufold.scheduling.shop.makespan_code import borrowing

__all__ = ["dispatched_on"]

#: weights of the rule: a second of the operation; the work ahead on its next machine, which counts
#: half at HALF_AHEAD; nobody waiting there; a second of the next operation; load left there above
#: the mean; the machine idle; each job that comes there; a second waited; work at the one after
SPAN, AHEAD, ALONE, NEXT, LOAD, IDLE, COMING, WAITED, THEN = (
    -28.6, -11.1, 6.85, 3.1, 49.2, -3.87, -5.05, 0.51, -7.7,
)  # fmt: skip
HALF_AHEAD = 0.484
#: how the rule fades as work is done: its weight is the share that is left to this power
FADING = 0.83
COMING_MOST = 5


@borrowing
def _pushed(heap: Seconds, count: int, key: int) -> int:
    at = count
    while at > 0:
        up = (at - 1) >> 1
        if heap[up] <= key:
            break
        heap[at] = heap[up]
        at = up
    heap[at] = key
    return count + 1


@borrowing
def _popped(heap: Seconds, count: int) -> int:
    """Drop the smallest key."""
    count -= 1
    key, at = heap[count], 0
    while True:
        child = 2 * at + 1
        if child >= count:
            break
        if child + 1 < count and heap[child + 1] < heap[child]:
            child += 1
        if heap[child] >= key:
            break
        heap[at] = heap[child]
        at = child
    heap[at] = key
    return count


@borrowing
def _rule(
    c: Chain, r: Roll, job: int, now_s: int, mean_s: float, queued_s: Seconds, coming: Seconds
) -> float:
    """Return how much the rule likes a waiting job, in seconds."""
    op, end = r.next_op[job], c.job_ptr[job + 1]
    liked = SPAN * c.span_s[op] + WAITED * (now_s - r.job_end_s[job])
    if op + 1 >= end:
        return float(liked)
    m = c.machine[op + 1]
    ahead = (max(0, r.machine_end_s[m] - now_s) + queued_s[m]) / mean_s
    liked += AHEAD * mean_s * ahead / (1 + HALF_AHEAD * ahead)
    if queued_s[m] == 0:
        liked += ALONE * mean_s
        if r.machine_end_s[m] <= now_s:
            liked += IDLE * mean_s
    liked += NEXT * c.span_s[op + 1]
    liked += LOAD * (r.rest_s[m] - r.book[LEFT] / len(r.last)) * len(r.last) / len(c.job_of)
    liked += COMING * mean_s * min(coming[m], COMING_MOST)
    if op + 2 < end:
        liked += THEN * queued_s[c.machine[op + 2]]
    return float(liked)


@borrowing
def _taken(
    c: Chain,
    r: Roll,
    m: int,
    now_s: int,
    rule: tuple[float, float],
    line: tuple[Numbers, Numbers, Seconds, Seconds],
) -> int:
    """Take the job with the largest key out of the line of a machine; return it."""
    scale, mean_s = rule
    first, behind, queued_s, coming = line
    best, best_key, ahead, best_ahead = -1, -np.inf, -1, -1
    job = first[m]
    while job >= 0:
        key = float(c.tail_s[r.next_op[job]])
        if scale > 0:
            key += scale * _rule(c, r, job, now_s, mean_s, queued_s, coming)
        if key > best_key:
            best, best_key, best_ahead = job, key, ahead
        ahead, job = job, behind[job]
    if best_ahead < 0:
        first[m] = behind[best]
    else:
        behind[best_ahead] = behind[best]
    return best


@borrowing
def _begin(c: Chain, r: Roll, m: int, job: int, now_s: int) -> int:
    """Let a job begin on a machine now; return when it ends there."""
    op = r.next_op[job]
    end_s = now_s + c.span_s[op]
    r.rest_s[m] -= c.span_s[op]
    r.book[LEFT] -= c.span_s[op]
    r.start_s[op] = now_s
    r.machine_end_s[m] = r.job_end_s[job] = end_s
    r.before[op] = r.last[m]
    if r.last[m] >= 0:
        r.after[r.last[m]] = op
    r.last[m] = op
    r.next_op[job] = op + 1
    r.window[r.book[WINDOW]] = op
    r.book[WINDOW] += 1
    return int(end_s)


@compiled
def dispatched_on(c: Chain, r: Roll, rule: float, until_s: int) -> bool:
    """Append operations to the window until the next one would start at `until_s`.

    Args:
        c: to schedule.
        r: where it stands; `job_end_s` and `machine_end_s` fit its starts.
        rule: scale of the rule beside the work left.
        until_s: up to when.

    Returns:
        Whether all operations are dispatched.
    """
    jobs, machines, ops = len(c.release_s), len(r.last), len(c.job_of)
    base = machines + jobs
    heap = np.zeros(2 * base + 2, np.int64)
    count = 0
    first, behind = np.full(machines, -1, np.int32), np.full(jobs, -1, np.int32)
    queued_s, coming = np.zeros(machines, np.int64), np.zeros(machines, np.int64)
    free, is_free = np.zeros(machines, np.int64), np.zeros(machines, np.bool_)
    total_s = float(c.span_s.sum())
    for job in range(jobs):
        if r.next_op[job] < c.job_ptr[job + 1]:
            count = _pushed(heap, count, r.job_end_s[job] * base + machines + job)
            coming[c.machine[r.next_op[job]]] += 1
    for m in range(machines):
        count = _pushed(heap, count, r.machine_end_s[m] * base + m)
    while count > 0 and heap[0] // base < until_s:
        now_s, frees = heap[0] // base, 0
        while count > 0 and heap[0] // base == now_s:
            m = heap[0] % base
            count = _popped(heap, count)
            if m >= machines:
                job = m - machines
                m = c.machine[r.next_op[job]]
                behind[job], first[m] = first[m], job
                queued_s[m] += c.span_s[r.next_op[job]]
                coming[m] -= 1
            if not is_free[m]:
                is_free[m], free[frees] = True, m
                frees += 1
        scale = rule * (max(0, r.book[LEFT]) / total_s) ** FADING if total_s > 0 else 0.0
        for i in range(frees):
            m = free[i]
            is_free[m] = False
            if r.machine_end_s[m] > now_s or first[m] < 0:
                continue
            job = _taken(c, r, m, now_s, (scale, total_s / ops), (first, behind, queued_s, coming))
            queued_s[m] -= c.span_s[r.next_op[job]]
            end_s = _begin(c, r, m, job, now_s)
            count = _pushed(heap, count, end_s * base + m)
            if r.next_op[job] < c.job_ptr[job + 1]:
                count = _pushed(heap, count, end_s * base + machines + job)
                coming[c.machine[r.next_op[job]]] += 1
    return count == 0
