"""Moves that can shorten a schedule: operations of a critical path go elsewhere.

Only a critical operation that leaves its place can shorten the longest way. Within its block
(critical operations that follow each other on one machine) it goes before the first or behind the
last of the block, or an end of the block goes inside (N6 and N7); with alternatives it also goes to
another machine, between the operations that must precede and those that must follow. None of the
moves can make a cycle. What a move leads to is estimated by the longest way through the operations
it moved, which costs only what it passes.

Source  N6: E. Balas, A. Vazacopoulos, Manage. Sci. 44 (1998) 262-275, doi:10.1287/mnsc.44.2.262;
        N7: C. Zhang et al., Comput. Oper. Res. 34 (2007) 3229-3242, doi:10.1016/j.cor.2005.12.002;
        alternatives: M. Mastrolilli, L. Gambardella, J. Sched. 3 (2000) 3-20,
        doi:10.1002/(SICI)1099-1425(200001/02)3:1<3::AID-JOS32>3.0.CO;2-Y;
        estimate: E. Taillard, ORSA J. Comput. 6 (1994) 108-117, doi:10.1287/ijoc.6.2.108.
"""

from manufold.scheduling.kernel import Seconds
from manufold.scheduling.shop.makespan_code import borrowing
from manufold.scheduling.shop.makespan_graph import Graph, Links, ready_s, to_come_s

__all__ = [
    "backward_ok",
    "backward_s",
    "critical_path",
    "drawn",
    "forward_ok",
    "forward_s",
    "gap_s",
]

#: longer than any way
FAR_S = 1 << 62


@borrowing
def drawn(state: Seconds, below: int) -> int:
    """Return a number from 0 to below - 1 and step the generator, state[0] (xorshift32)."""
    x = state[0]
    x ^= (x << 13) & 0xFFFFFFFF
    x ^= x >> 17
    x ^= (x << 5) & 0xFFFFFFFF
    state[0] = x
    number: int = (x * below) >> 32
    return number


@borrowing
def _tight_before(g: Graph, op: int, at_s: int) -> int:
    """Return a predecessor in the job that ends when the operation starts, or n."""
    n = len(g.pos) - 1
    if g.many[op]:
        for i in range(g.before_ptr[op], g.before_ptr[op + 1]):
            if g.out_s[g.before_op[i]] == at_s:
                tight: int = g.before_op[i]
                return tight
        return n
    before: int = g.before[op]
    return before if g.out_s[before] == at_s else n


@borrowing
def critical_path(g: Graph, end_s: int, state: Seconds, path: Links) -> int:
    """Write one critical path, drawn at each fork, last operation first; return its length."""
    n = len(g.pos) - 1
    op, seen = n, 0
    for at in g.last:
        if g.out_s[at] == end_s:
            seen += 1
            if seen == 1 or drawn(state, seen) == 0:
                op = at
    length = 0
    while op != n:
        path[length] = op
        length += 1
        at_s = g.out_s[op] - g.span_s[op]
        left = g.left[op] if g.out_s[g.left[op]] == at_s else n
        before = _tight_before(g, op, at_s)
        if left != n and before != n and left != before:
            op = left if drawn(state, 2) == 0 else before
        else:
            op = left if left != n else before
    return length


@borrowing
def _may_reach(g: Graph, op: int, other: int) -> bool:
    """Return False only if no way leads from one operation to another."""
    if g.pos[op] >= g.pos[other]:
        return op == other
    if g.out_s[op] > g.out_s[other] - g.span_s[other]:
        return False
    return bool(g.rest_s[other] <= g.rest_s[op] - g.span_s[op])


@borrowing
def forward_ok(g: Graph, op: int, behind: int) -> bool:
    """Return whether an operation can go right behind a later one of its machine."""
    n = len(g.pos) - 1
    if g.many[op]:
        for i in range(g.after_ptr[op], g.after_ptr[op + 1]):
            if _may_reach(g, g.after_op[i], behind):
                return False
        return True
    return g.after[op] == n or not _may_reach(g, g.after[op], behind)


@borrowing
def backward_ok(g: Graph, op: int, ahead: int) -> bool:
    """Return whether an operation can go right before an earlier one of its machine."""
    n = len(g.pos) - 1
    if g.many[op]:
        for i in range(g.before_ptr[op], g.before_ptr[op + 1]):
            if _may_reach(g, ahead, g.before_op[i]):
                return False
        return True
    return g.before[op] == n or not _may_reach(g, ahead, g.before[op])


@borrowing
def forward_s(g: Graph, op: int, behind: int, way_s: Seconds, limit_s: int) -> int:
    """Estimate the longest way when `op` goes right behind `behind`; exact only up to a limit."""
    out, k = g.out_s[g.left[op]], 0
    at = op
    while at != behind:
        at = g.right[at]
        start = max(ready_s(g, at), out)
        way_s[k] = start
        out = start + g.span_s[at]
        k += 1
    rest = max(to_come_s(g, op), g.rest_s[g.right[behind]]) + g.span_s[op]
    most: int = max(ready_s(g, op), out) + rest
    while k > 0 and most <= limit_s:
        k -= 1
        rest = max(to_come_s(g, at), rest) + g.span_s[at]
        most = max(most, way_s[k] + rest)
        at = g.left[at]
    return most


@borrowing
def backward_s(g: Graph, op: int, ahead: int, way_s: Seconds, limit_s: int) -> int:
    """Estimate the longest way when `op` goes right before `ahead`; exact only up to a limit."""
    rest, k = g.rest_s[g.right[op]], 0
    at = op
    while at != ahead:
        at = g.left[at]
        rest = max(to_come_s(g, at), rest) + g.span_s[at]
        way_s[k] = rest
        k += 1
    out = max(ready_s(g, op), g.out_s[g.left[ahead]]) + g.span_s[op]
    most: int = out + max(to_come_s(g, op), rest)
    while k > 0 and most <= limit_s:
        k -= 1
        start = max(ready_s(g, at), out)
        most = max(most, start + way_s[k])
        out = start + g.span_s[at]
        at = g.right[at]
    return most


@borrowing
def gap_s(g: Graph, op: int, alt: int, limit_s: int) -> tuple[int, int]:
    """Return the best gap on another machine: longest way through the operation, left neighbour.

    Skipped are operations that end before this one is ready (none of them can follow it), and the
    search ends before those from which less is to come than from it (none can precede it).
    """
    n = len(g.pos) - 1
    ready, come, span = ready_s(g, op), to_come_s(g, op), g.alt_span_s[alt]
    least = ready + span + come
    if least > limit_s:
        return FAR_S, n
    left, right = n, g.first[g.alt_machine[alt]]
    # without a length, one that ends right then may follow: the order tells that it does not
    last = g.pos[op] if g.span_s[op] == 0 else n
    while right != n and g.out_s[right] <= ready and g.pos[right] <= last:
        left, right = right, g.right[right]
    best, place = FAR_S, n
    while True:
        most = max(ready, g.out_s[left]) + span + max(come, g.rest_s[right])
        if most < best:
            best, place = most, left
        if right == n or g.rest_s[right] <= come or best == least:
            return best, place
        left, right = right, g.right[right]
