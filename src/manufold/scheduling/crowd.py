"""A crowd of jobs as the kernels of improvement read it."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from manufold.scheduling.kernel import Seconds

__all__ = ["CARBON", "CHANGE_COST", "ENERGY", "FLOW", "SET_UP", "TARDY", "WORTHS", "Crowd"]

#: columns of a job's value: weighted tardiness and flow time in seconds, working seconds of set-up,
#: what changeovers and electricity cost in thousandths of a minor unit, milligrams of CO2e
TARDY, FLOW, SET_UP, CHANGE_COST, ENERGY, CARBON, WORTHS = range(7)


class Crowd(NamedTuple):
    """Jobs whose operations lie one behind the other, as in `Found`.

    Args:
        first: int64, shape (jobs + 1,), entry of each job's first operation.
        row: int64, shape (jobs,), its routing's first operation in the book.
        first_alt: int64, shape (jobs,), and first alternative.
        ready_ptr: int64, shape (jobs,), where its alternatives' material bounds begin.
        ready_s: int64, those bounds.
        quantity, release_s, due_s, weight: int64, shape (jobs,); due NEVER for nothing promised.
        since_s: int64, shape (jobs,), from when its flow time counts.
        limit_s: int64, shape (jobs,), end that must not be passed, NEVER for any.
        site: int64, shape (ops,), where each operation stays.
        fixed: int64, shape (ops, 2), as in `place.Ask`.
        lane_s: int64, shape (sites, sites).
    """

    first: Seconds
    row: Seconds
    first_alt: Seconds
    ready_ptr: Seconds
    ready_s: Seconds
    quantity: Seconds
    release_s: Seconds
    since_s: Seconds
    due_s: Seconds
    weight: Seconds
    limit_s: Seconds
    site: Seconds
    fixed: NDArray[np.int64]
    lane_s: NDArray[np.int64]
