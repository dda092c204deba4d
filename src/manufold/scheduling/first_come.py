"""First come, first served: new work goes behind everything that a seat has booked already.

What a shop does with a first-in queue and the machine that is free soonest. A seat is closed until
its last booking ends; on what is left open, `promise` finds the work unit that finishes soonest.
So each operation keeps its calendar, its set-up and its way, no gap is filled, and on every seat
work stands in the order in which it was placed.

Cost    O(booked seats), beside the promise made on it.
Source  first come, first served as the benchmark of priority rules: R. Haupt, A survey of priority
        rule-based scheduling, OR Spektrum 11 (1989) 3-16.
"""

from dataclasses import replace

from manufold.scheduling.load import Load
from manufold.scheduling.seat import seat_load

__all__ = ["behind_everything"]

#: what closes a seat belongs to nobody
_QUEUE = "queue"


def behind_everything(load: Load) -> Load:
    """Return the load with every seat taken from the load's beginning to its last booking's end."""
    group = load.number(_QUEUE)
    closed = {
        seat: seat_load([(load.from_s, int(rows.covered_s[-1]), group, load.number(None))])
        for seat, rows in load.booked.items()
        if len(rows.covered_s) and int(rows.covered_s[-1]) > load.from_s
    }
    return replace(load, booked={**load.booked, **closed})
