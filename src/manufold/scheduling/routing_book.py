"""A book of routings: many plans one behind the other, for kernels that place many jobs."""

from collections.abc import Sequence

import numpy as np

from manufold.scheduling.kernel import Seconds, seconds
from manufold.scheduling.routing import Routing
from manufold.scheduling.routing_rows import (
    ALTS,
    ALTS_END,
    BEFORE,
    BEFORE_END,
    TOOLS,
    TOOLS_END,
    WHO_AT,
    WHO_END,
    RoutingRows,
)

__all__ = ["book_of"]


def book_of(routings: Sequence[Routing]) -> tuple[RoutingRows, Seconds]:
    """Return the rows of routings joined, and the first operation of each, int64, shape (n + 1,).

    Alternatives, operators and tools are numbered within the book; predecessors within their
    routing, so that a slice of `ops` is a routing of its own.
    """
    parts = [one.rows for one in routings]
    first_op = _bounds([part.ops.shape[0] for part in parts])
    first_alt = _bounds([part.alts.shape[1] for part in parts])
    first_before = _bounds([len(part.before) for part in parts])
    first_who = _bounds([len(part.who) for part in parts])
    first_tool = _bounds([len(part.tool) for part in parts])
    all_ops, all_alts, before = [], [], []
    for at, part in enumerate(parts):
        ops, alts = part.ops.copy(), part.alts.copy()
        ops[:, [BEFORE, BEFORE_END]] += first_before[at]
        ops[:, [ALTS, ALTS_END]] += first_alt[at]
        alts[[WHO_AT, WHO_END]] += first_who[at]
        alts[[TOOLS, TOOLS_END]] += first_tool[at]
        all_ops.append(ops)
        all_alts.append(alts)
        before.append(part.before)
    return (
        RoutingRows(
            np.concatenate(all_ops),
            np.ascontiguousarray(np.concatenate(all_alts, axis=1)),
            seconds(np.concatenate(before)),
            seconds(np.concatenate([part.who for part in parts])),
            seconds(np.concatenate([part.tool for part in parts])),
        ),
        first_op,
    )


def _bounds(lengths: Sequence[int]) -> Seconds:
    return seconds(np.concatenate([[0], np.cumsum(lengths)]))
