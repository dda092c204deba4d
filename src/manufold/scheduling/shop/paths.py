"""Longest paths through the precedences of a shop: how early, and how much is left to do.

Cost    one pass over operations and precedences; no shop here is cyclic, `built` has seen to it.
"""

import numpy as np

from manufold.scheduling.kernel import Seconds, compiled, seconds
from manufold.scheduling.shop.problem import Shop

__all__ = ["heads_s", "mean_spans_s", "ordered", "shortest_spans_s", "tails_s"]


def ordered(shop: Shop) -> Seconds:
    """Return the operations, predecessors first, int64, shape (ops,)."""
    return _ordered(shop.before_ptr, shop.after_ptr, shop.after_op)


def shortest_spans_s(shop: Shop) -> Seconds:
    """Return what each operation takes at its fastest, int64, shape (ops,)."""
    return seconds(np.minimum.reduceat(shop.alt_span_s, shop.alt_ptr[:-1]))


def mean_spans_s(shop: Shop) -> Seconds:
    """Return what each operation takes in the mean of its alternatives, rounded down."""
    return seconds(np.add.reduceat(shop.alt_span_s, shop.alt_ptr[:-1]) // np.diff(shop.alt_ptr))


def heads_s(shop: Shop, span_s: Seconds) -> Seconds:
    """Return the earliest start of each operation, were it alone with its predecessors.

    Args:
        shop: whose releases and precedences hold.
        span_s: int64, shape (ops,), how long each operation takes.
    """
    return _heads(ordered(shop), shop.after_ptr, shop.after_op, shop.release_s[shop.job_of], span_s)


def tails_s(shop: Shop, span_s: Seconds) -> Seconds:
    """Return the longest work from the start of each operation to the end, itself included."""
    return _tails(ordered(shop), shop.after_ptr, shop.after_op, span_s)


@compiled
def _ordered(before_ptr: Seconds, after_ptr: Seconds, after_op: Seconds) -> Seconds:
    ops = len(before_ptr) - 1
    waits = before_ptr[1:] - before_ptr[:-1]
    ready = np.zeros(ops, np.int64)
    count = 0
    for op in range(ops):
        if waits[op] == 0:
            ready[count] = op
            count += 1
    at = 0
    while at < count:
        for row in range(after_ptr[ready[at]], after_ptr[ready[at] + 1]):
            waits[after_op[row]] -= 1
            if waits[after_op[row]] == 0:
                ready[count] = after_op[row]
                count += 1
        at += 1
    return ready


@compiled
def _heads(
    order: Seconds, after_ptr: Seconds, after_op: Seconds, release_s: Seconds, span_s: Seconds
) -> Seconds:
    head_s = release_s.copy()
    for op in order:
        for row in range(after_ptr[op], after_ptr[op + 1]):
            after = after_op[row]
            head_s[after] = max(head_s[after], head_s[op] + span_s[op])
    return head_s


@compiled
def _tails(order: Seconds, after_ptr: Seconds, after_op: Seconds, span_s: Seconds) -> Seconds:
    tail_s = span_s.copy()
    for at in range(len(order) - 1, -1, -1):
        op = order[at]
        rest_s = 0
        for row in range(after_ptr[op], after_ptr[op + 1]):
            rest_s = max(rest_s, tail_s[after_op[row]])
        tail_s[op] += rest_s
    return tail_s
