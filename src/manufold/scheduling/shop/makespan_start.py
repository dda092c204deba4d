"""Where a search begins: schedules built job by job with some luck, or read from an answer.

Each step takes the machine that could finish something first and, of what could begin there before
that, the operation with the longest way to come: an active schedule. Chance stretches the ways, so
that each beginning is another.

Source  B. Giffler, G. Thompson, Oper. Res. 8 (1960) 487-503, doi:10.1287/opre.8.4.487.
"""

from typing import NamedTuple

import numpy as np

from manufold.scheduling.kernel import Seconds
from manufold.scheduling.shop.makespan_code import borrowing
from manufold.scheduling.shop.makespan_graph import Graph, Links
from manufold.scheduling.shop.problem import Answer, Shop
from manufold.scheduling.shop.tabu_moves import drawn

__all__ = ["Begin", "begin_of", "dispatch", "order_of"]

#: ways are stretched by a factor from 1 to 1 + LUCK / 1024
LUCK = 512
#: later than anything
NEVER_S = 1 << 62


class Begin(NamedTuple):
    """What jobs alone say, and scratch of the dispatch.

    Args:
        rank: shape (ops,), place of each operation in an order that keeps all precedences.
        rest_s: shape (ops + 1,), the job's way from the start of each on, at its shortest.
        bound_s: shortest way through the longest job: nothing ends sooner.
        way_s, at_s, waits, pool: scratch.
        free_s: shape (machines,), scratch.
    """

    rank: Links
    rest_s: Seconds
    bound_s: int
    way_s: Seconds
    at_s: Seconds
    waits: Links
    pool: Links
    free_s: Seconds


def begin_of(shop: Shop, g: Graph) -> Begin:
    """Return what the jobs of a shop alone say."""
    n = len(shop.job_of)
    waits = np.diff(shop.before_ptr)
    order = [int(op) for op in np.flatnonzero(waits == 0)]
    for op in order:
        for after in shop.after_op[shop.after_ptr[op] : shop.after_ptr[op + 1]]:
            waits[after] -= 1
            if waits[after] == 0:
                order.append(int(after))
    rank = np.zeros(n, dtype=np.uint32)
    rank[order] = np.arange(n)
    least_s = np.minimum.reduceat(g.alt_span_s, g.alt_ptr[:-1])
    rest_s = np.zeros(n + 1, dtype=np.int64)
    for op in reversed(order):
        after = shop.after_op[shop.after_ptr[op] : shop.after_ptr[op + 1]]
        rest_s[op] = least_s[op] + (rest_s[after].max() if len(after) else 0)
    return Begin(
        rank=rank,
        rest_s=rest_s,
        bound_s=int((g.ready_s + rest_s).max()),
        way_s=np.zeros(n + 1, dtype=np.int64),
        at_s=np.zeros(n + 1, dtype=np.int64),
        waits=np.zeros(n + 1, dtype=np.uint32),
        pool=np.zeros(n + 1, dtype=np.uint32),
        free_s=np.zeros(shop.machine_count, dtype=np.int64),
    )


def order_of(g: Graph, b: Begin, answer: Answer, order: Links, alt: Links) -> None:
    """Write an answer as an order that keeps its sequence on each machine and all precedences."""
    n = len(b.rank)
    row = np.zeros(int(g.alt_row.max()) + 1, dtype=np.uint32)
    row[g.alt_row] = np.arange(len(g.alt_row))
    alt[:n] = row[answer.alt]
    end_s = answer.start_s + g.alt_span_s[alt[:n]]
    order[:n] = np.lexsort((b.rank, end_s, answer.start_s))
    order[n] = n


@borrowing
def _soonest(g: Graph, b: Begin, op: int) -> tuple[int, int]:
    """Return the alternative that ends an operation first, and when."""
    best, end_s = 0, NEVER_S
    for alt in range(g.alt_ptr[op], g.alt_ptr[op + 1]):
        ends = max(b.at_s[op], b.free_s[g.alt_machine[alt]]) + g.alt_span_s[alt]
        if ends < end_s:
            best, end_s = alt, ends
    return best, end_s


@borrowing
def _next(g: Graph, b: Begin, count: int, alt: Links) -> int:
    """Return the place in the pool of what comes next; all of the pool know their alternative."""
    first_s, machine = NEVER_S, 0
    for i in range(count):
        op = b.pool[i]
        alt[op], end_s = _soonest(g, b, op)
        if end_s < first_s:
            first_s, machine = end_s, g.alt_machine[alt[op]]
    best, way_s = -1, -1
    for i in range(count):
        op = b.pool[i]
        if g.alt_machine[alt[op]] != machine:
            continue
        start_s = max(b.at_s[op], b.free_s[machine])
        if b.way_s[op] > way_s and (
            start_s < first_s or start_s + g.alt_span_s[alt[op]] == first_s
        ):
            best, way_s = i, b.way_s[op]
    return best


@borrowing
def dispatch(g: Graph, b: Begin, luck: int, state: Seconds, order: Links, alt: Links) -> None:
    """Write a schedule; luck 0 gives the same each time."""
    n = len(b.rank)
    count = 0
    b.free_s[:] = 0
    for op in range(n):
        b.way_s[op] = b.rest_s[op] * (1024 + drawn(state, luck + 1))
        b.at_s[op] = g.ready_s[op]
        b.waits[op] = g.before_ptr[op + 1] - g.before_ptr[op]
        if b.waits[op] == 0:
            b.pool[count] = op
            count += 1
    for i in range(n):
        place = _next(g, b, count, alt)
        op = b.pool[place]
        count -= 1
        b.pool[place] = b.pool[count]
        machine = g.alt_machine[alt[op]]
        end_s = max(b.at_s[op], b.free_s[machine]) + g.alt_span_s[alt[op]]
        b.free_s[machine] = end_s
        order[i] = op
        for j in range(g.after_ptr[op], g.after_ptr[op + 1]):
            after = g.after_op[j]
            b.at_s[after] = max(b.at_s[after], end_s)
            b.waits[after] -= 1
            if b.waits[after] == 0:
                b.pool[count] = after
                count += 1
    order[n] = n
