"""First come, first served: new work goes behind everything that a seat has booked already.

What a shop does with a first-in queue and the machine that is free soonest. The seat of a work unit
is closed until its last booking ends; on what is left open, `promise` finds the work unit that
finishes soonest. So each operation keeps its calendar, its set-up and its way, no gap is filled,
and on every seat work stands in the order in which it was placed.

Cost    O(booked seats), beside the promise made on it.
Source  first come, first served as the benchmark of priority rules: R. Haupt, A survey of priority
        rule-based scheduling, OR Spektrum 11 (1989) 3-16.
"""

from manufold.scheduling.load import Load

__all__ = ["behind_everything"]


def behind_everything(load: Load) -> Load:
    """Return the load with every seat taken from the load's beginning to its last booking's end."""
    return load.closed(load.network.work_unit)
