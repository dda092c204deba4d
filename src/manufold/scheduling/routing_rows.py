"""A routing as rows: operations, their alternatives, who attends them and what tools they hold.

Compiled once for a plan on a network (`scheduling.routing`) and read for any quantity. Work is
`(fixed + quantity * run) / scale` seconds, exact: numerators are whole, and seconds are rounded up
once for the set-up and once for the whole.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from manufold.scheduling.kernel import Seconds, compiled

__all__ = [
    "ALTS",
    "ALTS_END",
    "ALTS_WIDTH",
    "ALT_CALENDAR",
    "ALT_DOOR",
    "ALT_FIXED",
    "ALT_JOINT",
    "ALT_MATRIX",
    "ALT_RUN",
    "ALT_SCALE",
    "ALT_SEAT",
    "ALT_SEATS",
    "ALT_SETUP",
    "ALT_SITE",
    "ATTENDED",
    "ATTENDED_ALL",
    "ATTENDED_NONE",
    "ATTENDED_SETUP",
    "BATCH",
    "BEFORE",
    "BEFORE_END",
    "FAMILY",
    "MAX_LAG",
    "MIN_LAG",
    "OPS_WIDTH",
    "PAUSABLE",
    "RoutingRows",
    "TOOLS",
    "TOOLS_END",
    "TRANSFER",
    "WANTED",
    "WHO_AT",
    "WHO_END",
    "own_setup_s",
    "work_s",
]

ATTENDED_NONE, ATTENDED_SETUP, ATTENDED_ALL = range(3)

#: columns of `RoutingRows.ops`: whether it may pause; lags, the longest -1 for any; pieces handed
#: on together, 0 for all at once; numbers of its setup and batch families; who attends;
#: whether a later operation may want what it books; bounds of its predecessors and of its
#: alternatives
(
    PAUSABLE,
    MIN_LAG,
    MAX_LAG,
    TRANSFER,
    FAMILY,
    BATCH,
    ATTENDED,
    WANTED,
    BEFORE,
    BEFORE_END,
    ALTS,
    ALTS_END,
    OPS_WIDTH,
) = range(13)

#: rows of `RoutingRows.alts`: the work unit's first seat and how many; its door, -1 where seats
#: are independent; site; calendar; the same together with its operators', -1 where nobody attends;
#: setup matrix, -1 for none; exact work, see above; bounds of its operators and of its tools
(
    ALT_SEAT,
    ALT_SEATS,
    ALT_DOOR,
    ALT_SITE,
    ALT_CALENDAR,
    ALT_JOINT,
    ALT_MATRIX,
    ALT_SETUP,
    ALT_FIXED,
    ALT_RUN,
    ALT_SCALE,
    WHO_AT,
    WHO_END,
    TOOLS,
    TOOLS_END,
    ALTS_WIDTH,
) = range(16)


class RoutingRows(NamedTuple):
    """Operations in routing order, their alternatives, and what these refer to.

    Args:
        ops: int64, shape (operations, OPS_WIDTH).
        alts: int64, shape (ALTS_WIDTH, alternatives).
        before: int64, direct predecessors, numbered from the routing's first operation on.
        who: int64, numbers of operators.
        tool: int64, first seat, seats and how many at once, three entries a kind.
    """

    ops: NDArray[np.int64]
    alts: NDArray[np.int64]
    before: Seconds
    who: Seconds
    tool: Seconds


@compiled
def own_setup_s(routing: RoutingRows, alt: int) -> int:
    """Return the set-up of an alternative without changeover."""
    scale = routing.alts[ALT_SCALE, alt]
    return (routing.alts[ALT_SETUP, alt] + scale - 1) // scale


@compiled
def work_s(routing: RoutingRows, alt: int, quantity: int) -> int:
    """Return all working seconds of an alternative without changeover, at least one."""
    scale = routing.alts[ALT_SCALE, alt]
    exact = routing.alts[ALT_FIXED, alt] + quantity * routing.alts[ALT_RUN, alt]
    return max(1, (exact + scale - 1) // scale)
