"""Tabu search: the best move of a critical path, though it be worse, and not back again.

Each step takes the move with the shortest estimated way among those that are not tabu, or that
promise a new best. What it undoes is tabu for a while drawn at random: the order of each pair of
operations that it turned round, and the machine that it left. If all is tabu, one move is drawn.

Source  Tabu search for job shops: E. Nowicki, C. Smutnicki, Manage. Sci. 42 (1996) 797-813,
        doi:10.1287/mnsc.42.6.797; tenure: B. Peng, Z. Lu, T. Cheng, Comput. Oper. Res. 53 (2015)
        154-164, doi:10.1016/j.cor.2014.08.006.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from manufold.scheduling.kernel import Seconds
from manufold.scheduling.shop.makespan_code import borrowing
from manufold.scheduling.shop.makespan_graph import (
    Graph,
    Links,
    makespan,
    moved,
)
from manufold.scheduling.shop.tabu_moves import (
    FAR_S,
    backward_ok,
    backward_s,
    critical_path,
    drawn,
    forward_ok,
    forward_s,
    gap_s,
)

__all__ = ["Memory", "memory_of", "tabu"]

#: slots of the tabu table; two things in one slot are tabu together, which is rare and harmless
SLOTS_BITS = 16
#: where in `state`: generator, step, moves since the best, value now, best value
DRAW, STEP, STALE, VALUE, BEST = 0, 1, 2, 3, 4
#: where in `move`: operation, alternative, left neighbour there, estimate, ties so far
OP, ALT, LEFT, WAY, TIES = 0, 1, 2, 3, 4


class Memory(NamedTuple):
    """What a tabu search remembers.

    Args:
        state: int64, see the constants.
        until: step until which a pair or a machine is tabu, by slot.
        move: the best move that is not tabu; row 1: one drawn from all.
        path, way_s: scratch.
        order, alt: the best schedule since the search began.
    """

    state: Seconds
    until: Seconds
    move: NDArray[np.int64]
    path: Links
    way_s: Seconds
    order: Links
    alt: Links


def memory_of(ops: int, seed: int) -> Memory:
    """Return an empty memory."""
    state = np.zeros(5, dtype=np.int64)
    state[DRAW] = (seed * 2654435761 + 88172645) % 0xFFFFFFFE + 1
    return Memory(
        state=state,
        until=np.zeros(1 << SLOTS_BITS, dtype=np.int64),
        move=np.zeros((2, 5), dtype=np.int64),
        path=np.zeros(ops + 1, dtype=np.uint32),
        way_s=np.zeros(ops + 1, dtype=np.int64),
        order=np.zeros(ops + 1, dtype=np.uint32),
        alt=np.zeros(ops + 1, dtype=np.uint32),
    )


@borrowing
def _slot(one: int, other: int) -> int:
    key = one * 0x9E3779B1 + other * 0x85EBCA77
    return ((key ^ (key >> 15)) * 0x2C1B3C6D >> 12) & ((1 << SLOTS_BITS) - 1)


@borrowing
def _tabu_until(g: Graph, m: Memory, op: int, alt: int, left: int) -> int:
    """Return until when a move is tabu."""
    n = len(g.pos) - 1
    until: int = 0
    if g.machine[op] != g.alt_machine[alt]:
        until = m.until[_slot(op, n + alt)]
        return until
    if left != n and g.pos[left] > g.pos[op]:
        at = op
        while at != left:
            at = g.right[at]
            until = max(until, m.until[_slot(at, op)])
    else:
        at = g.left[op]
        while at != left:
            until = max(until, m.until[_slot(op, at)])
            at = g.left[at]
    return until


@borrowing
def _offer(g: Graph, m: Memory, op: int, alt: int, left: int, way: int) -> None:
    """Keep a move if it is the best so far, each of equal ones with equal chance."""
    m.move[1, TIES] += 1
    if drawn(m.state, m.move[1, TIES]) == 0:
        m.move[1, OP], m.move[1, ALT], m.move[1, LEFT] = op, alt, left
    if way > m.move[0, WAY]:
        return
    if way >= m.state[BEST] and _tabu_until(g, m, op, alt, left) > m.state[STEP]:
        return
    if way < m.move[0, WAY]:
        m.move[0, TIES] = 0
    m.move[0, TIES] += 1
    if m.move[0, TIES] == 1 or drawn(m.state, m.move[0, TIES]) == 0:
        m.move[0, OP], m.move[0, ALT], m.move[0, LEFT], m.move[0, WAY] = op, alt, left, way


@borrowing
def _block(g: Graph, m: Memory, low: int, high: int) -> None:
    """Offer the moves of one block; path[low] is its last, path[high - 1] its first operation."""
    last, first = m.path[low], m.path[high - 1]
    for i in range(low, high):
        op = m.path[i]
        if op != last and forward_ok(g, op, last):
            way = forward_s(g, op, last, m.way_s, m.move[0, WAY])
            _offer(g, m, op, g.alt[op], last, way)
        if op != first and backward_ok(g, op, first):
            way = backward_s(g, op, first, m.way_s, m.move[0, WAY])
            _offer(g, m, op, g.alt[op], g.left[first], way)
        if op != first and op != last:
            if forward_ok(g, first, op):
                way = forward_s(g, first, op, m.way_s, m.move[0, WAY])
                _offer(g, m, first, g.alt[first], op, way)
            if backward_ok(g, last, op):
                way = backward_s(g, last, op, m.way_s, m.move[0, WAY])
                _offer(g, m, last, g.alt[last], g.left[op], way)


@borrowing
def _offers(g: Graph, m: Memory) -> None:
    """Offer all moves of one critical path."""
    m.move[0, WAY], m.move[0, TIES], m.move[1, TIES] = FAR_S, 0, 0
    length = critical_path(g, m.state[VALUE], m.state, m.path)
    begin = 0
    for i in range(1, length + 1):
        if i == length or g.left[m.path[i - 1]] != m.path[i]:
            if i - begin > 1:
                _block(g, m, begin, i)
            begin = i
    for i in range(length):
        op = m.path[i]
        for alt in range(g.alt_ptr[op], g.alt_ptr[op + 1]):
            if g.alt_machine[alt] != g.machine[op]:
                way, left = gap_s(g, op, alt, m.move[0, WAY])
                if way < FAR_S:
                    _offer(g, m, op, alt, left, way)


@borrowing
def _forbid(g: Graph, m: Memory, op: int, alt: int, left: int, until: int) -> None:
    """Forbid what would undo a move that is about to be made."""
    n = len(g.pos) - 1
    if g.machine[op] != g.alt_machine[alt]:
        m.until[_slot(op, n + g.alt[op])] = until
    elif left != n and g.pos[left] > g.pos[op]:
        at = op
        while at != left:
            at = g.right[at]
            m.until[_slot(op, at)] = until
    else:
        at = g.left[op]
        while at != left:
            m.until[_slot(at, op)] = until
            at = g.left[at]


@borrowing
def tabu(g: Graph, m: Memory, moves: int, patience: int, bound_s: int, tenure: int) -> int:
    """Search on; return how many moves were made before they, the patience or all moves ran out."""
    for made in range(moves):
        if m.state[STALE] >= patience or m.state[BEST] <= bound_s:
            return made
        _offers(g, m)
        if m.move[1, TIES] == 0:
            m.state[STALE] = patience
            return made
        row = 0 if m.move[0, TIES] > 0 else 1
        op, alt, left = m.move[row, OP], m.move[row, ALT], m.move[row, LEFT]
        m.state[STEP] += 1
        m.state[STALE] += 1
        until = m.state[STEP] + tenure + drawn(m.state, tenure // 2 + 1)
        _forbid(g, m, op, alt, left, until)
        moved(g, op, alt, left)
        m.state[VALUE] = makespan(g)
        if m.state[VALUE] < m.state[BEST]:
            m.state[BEST], m.state[STALE] = m.state[VALUE], 0
            for i in range(len(g.pos)):
                m.order[i], m.alt[i] = g.order[i], g.alt[i]
    return moves
