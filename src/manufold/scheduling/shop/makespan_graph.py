"""The graph of a schedule: who follows whom on machines, and how long the way through each is.

A selection of the disjunctive graph with alternatives. Each operation knows its neighbours on
its machine; `out_s` is the longest way from the start up to its end (when it ends), `rest_s` the
longest way from its start to the end of everything. A topological order is kept all the time:
a move disturbs only a window of it, and the ways are recomputed in this order from what moved on.

Index `n` stands for nobody: an operation that ends at 0 and has nothing to come.

Source  disjunctive graph: B. Roy, B. Sussmann, SEMA note DS 9 bis (1964); order kept in a window:
        D. Pearce, P. Kelly, J. Exp. Algorithmics 11 (2006) 1.7, doi:10.1145/1187436.1210590.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from manufold.scheduling.kernel import Seconds, seconds
from manufold.scheduling.shop.makespan_code import borrowing
from manufold.scheduling.shop.problem import Shop

__all__ = ["Graph", "Links", "graph_of", "load", "makespan", "moved", "ready_s", "to_come_s"]

Links = NDArray[np.uint32]


class Graph(NamedTuple):
    """Arrays of a schedule under change; n operations, shapes (n + 1,) where not said.

    Args:
        ready_s: fixed, no start before.
        before, after: fixed, the only direct predecessor, successor in the job; n = none.
        many: fixed, 1 if there are several of either, told by `before_ptr`...; [n] of anyone.
        last: fixed, operations without successors.
        alt_ptr, alt_machine, alt_span_s, alt_row: fixed, alternatives, one per machine.
        alt: alternative taken.
        machine: taken.
        span_s: there.
        left, right: neighbours on the machine.
        first: shape (machines,), first operation on each.
        tail: shape (machines,), scratch.
        out_s, rest_s: longest way to the end of, from the start of.
        order, pos: topological order and the place of each in it.
        mark, held: scratch.
    """

    ready_s: Seconds
    before: Links
    after: Links
    many: Links
    before_ptr: Links
    before_op: Links
    after_ptr: Links
    after_op: Links
    last: Links
    alt_ptr: Links
    alt_machine: Links
    alt_span_s: Seconds
    alt_row: Links
    alt: Links
    machine: Links
    span_s: Seconds
    left: Links
    right: Links
    first: Links
    tail: Links
    out_s: Seconds
    rest_s: Seconds
    order: Links
    pos: Links
    mark: NDArray[np.uint8]
    held: Links


def graph_of(shop: Shop) -> Graph:
    """Return the graph of a shop, not yet loaded with a schedule."""
    n = len(shop.job_of)
    before, after = np.full((2, n + 1), n, dtype=np.uint32)
    ins, outs = np.diff(shop.before_ptr), np.diff(shop.after_ptr)
    before[:n][ins > 0] = shop.before_op[shop.before_ptr[:-1][ins > 0]]
    after[:n][outs > 0] = shop.after_op[shop.after_ptr[:-1][outs > 0]]
    many = np.zeros(n + 1, dtype=np.uint32)
    many[:n] = (ins > 1) | (outs > 1)
    many[n] = many.any()
    op_of = np.repeat(np.arange(n), np.diff(shop.alt_ptr))
    by = np.lexsort((shop.alt_span_s, shop.alt_machine, op_of))
    new = np.ones(len(by), dtype=bool)
    same_op, same_machine = np.diff(op_of[by]) == 0, np.diff(shop.alt_machine[by]) == 0
    new[1:] = ~(same_op & same_machine)  # of one machine only its shortest alternative
    rows = by[new]
    alt_ptr = np.concatenate(([0], np.cumsum(np.bincount(op_of[rows], minlength=n))))

    def links(values: NDArray[np.int64] | int = n, size: int = n + 1) -> Links:
        return np.ascontiguousarray(np.broadcast_to(values, size)).astype(np.uint32)

    def zeros() -> Seconds:
        return np.zeros(n + 1, dtype=np.int64)

    ready = zeros()
    ready[:n] = shop.release_s[shop.job_of]
    return Graph(
        ready_s=ready,
        before=before,
        after=after,
        many=many,
        before_ptr=shop.before_ptr.astype(np.uint32),
        before_op=shop.before_op.astype(np.uint32),
        after_ptr=shop.after_ptr.astype(np.uint32),
        after_op=shop.after_op.astype(np.uint32),
        last=np.flatnonzero(outs == 0).astype(np.uint32),
        alt_ptr=alt_ptr.astype(np.uint32),
        alt_machine=shop.alt_machine[rows].astype(np.uint32),
        alt_span_s=seconds(shop.alt_span_s[rows]),
        alt_row=rows.astype(np.uint32),
        alt=links(0),
        machine=links(0),
        span_s=zeros(),
        left=links(),
        right=links(),
        first=links(size=shop.machine_count),
        tail=links(size=shop.machine_count),
        out_s=zeros(),
        rest_s=zeros(),
        order=links(0),
        pos=links(0),
        mark=np.zeros(n + 1, dtype=np.uint8),
        held=links(0),
    )


@borrowing
def ready_s(g: Graph, op: int) -> int:
    """Return when the job lets the operation start."""
    at_s: int = max(g.ready_s[op], g.out_s[g.before[op]])
    if g.many[op]:
        for i in range(g.before_ptr[op], g.before_ptr[op + 1]):
            at_s = max(at_s, g.out_s[g.before_op[i]])
    return at_s


@borrowing
def to_come_s(g: Graph, op: int) -> int:
    """Return how long the job goes on after the operation."""
    way_s: int = g.rest_s[g.after[op]]
    if g.many[op]:
        for i in range(g.after_ptr[op], g.after_ptr[op + 1]):
            way_s = max(way_s, g.rest_s[g.after_op[i]])
    return way_s


@borrowing
def makespan(g: Graph) -> int:
    """Return when everything ends."""
    end_s = 0
    for op in g.last:
        end_s = max(end_s, g.out_s[op])
    return end_s


@borrowing
def load(g: Graph, order: Links, alt: Links) -> None:
    """Load a schedule: a topological order of operations, and the alternative that each takes."""
    n = len(g.pos) - 1
    tail = g.tail
    tail[:] = n
    g.first[:] = n
    for i in range(n):
        op = order[i]
        machine = g.alt_machine[alt[op]]
        g.order[i], g.pos[op], g.alt[op], g.machine[op] = op, i, alt[op], machine
        g.span_s[op] = g.alt_span_s[alt[op]]
        g.left[op], g.right[op] = tail[machine], n
        if tail[machine] == n:
            g.first[machine] = op
        else:
            g.right[tail[machine]] = op
        tail[machine] = op
        g.out_s[op] = max(ready_s(g, op), g.out_s[g.left[op]]) + g.span_s[op]
    for i in range(n - 1, -1, -1):
        op = g.order[i]
        g.rest_s[op] = max(to_come_s(g, op), g.rest_s[g.right[op]]) + g.span_s[op]


@borrowing
def _put_behind(g: Graph, op: int, other: int) -> None:
    """Restore the order when `op`, which stands before `other`, is now to follow it."""
    low, high = g.pos[op], g.pos[other]
    g.mark[op] = 1
    g.held[0] = op
    held, place = 1, low
    for i in range(low + 1, high + 1):
        at = g.order[i]
        behind = g.mark[g.before[at]] | g.mark[g.left[at]]
        if g.many[at]:
            for j in range(g.before_ptr[at], g.before_ptr[at + 1]):
                behind |= g.mark[g.before_op[j]]
        if behind:
            g.mark[at] = 1
            g.held[held] = at
            held += 1
        else:
            g.order[place] = at
            g.pos[at] = place
            place += 1
    for i in range(held):
        at = g.held[i]
        g.mark[at] = 0
        g.order[place + i] = at
        g.pos[at] = place + i


@borrowing
def _remove(g: Graph, op: int) -> None:
    """Take an operation off its machine."""
    n = len(g.pos) - 1
    left, right = g.left[op], g.right[op]
    if left == n:
        g.first[g.machine[op]] = right
    else:
        g.right[left] = right
    if right != n:
        g.left[right] = left


@borrowing
def _insert(g: Graph, op: int, alt: int, left: int, right: int) -> None:
    """Put an operation between two neighbours; the caller knows that no cycle arises."""
    n = len(g.pos) - 1
    g.alt[op], g.machine[op], g.span_s[op] = alt, g.alt_machine[alt], g.alt_span_s[alt]
    g.left[op], g.right[op] = left, right
    if left == n:
        g.first[g.machine[op]] = op
    else:
        g.right[left] = op
        if g.pos[left] > g.pos[op]:
            _put_behind(g, op, left)
    if right != n:
        g.left[right] = op
        if g.pos[right] < g.pos[op]:
            _put_behind(g, right, op)


@borrowing
def renew(g: Graph, low: int, high: int) -> None:
    """Renew the ways to all operations from a place of the order on, and from all up to a place.

    A plain sweep: to follow only what changes costs more at every branch than it saves (measured
    at 600 operations, of which a move changes 280: 8 microseconds against 1). Numbers without
    a sign spare each access a test.
    """
    n = len(g.pos) - 1
    if g.many[n]:
        for i in range(low, n):
            op = g.order[i]
            g.out_s[op] = max(ready_s(g, op), g.out_s[g.left[op]]) + g.span_s[op]
        for i in range(high, -1, -1):
            op = g.order[i]
            g.rest_s[op] = max(to_come_s(g, op), g.rest_s[g.right[op]]) + g.span_s[op]
        return
    for i in range(low, n):
        op = g.order[i]
        ready = max(g.ready_s[op], g.out_s[g.before[op]])
        g.out_s[op] = max(ready, g.out_s[g.left[op]]) + g.span_s[op]
    for i in range(high, -1, -1):
        op = g.order[i]
        g.rest_s[op] = max(g.rest_s[g.after[op]], g.rest_s[g.right[op]]) + g.span_s[op]


@borrowing
def moved(g: Graph, op: int, alt: int, left: int) -> None:
    """Move an operation to an alternative, right behind its new left neighbour, n for the first."""
    n = len(g.pos) - 1
    was_left, was_right = g.left[op], g.right[op]
    _remove(g, op)
    right = g.first[g.alt_machine[alt]] if left == n else g.right[left]
    _insert(g, op, alt, left, right)
    low = high = g.pos[op]
    if was_right != n:
        low = min(low, g.pos[was_right])
    if was_left != n:
        high = max(high, g.pos[was_left])
    renew(g, low, high)
