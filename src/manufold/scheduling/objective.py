"""What a better schedule is: less weighted tardiness, then less flow time, then less set-up."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from manufold.model.schedule import Job, Slot

__all__ = ["Objective", "finishes_s", "objective"]


@dataclass(frozen=True, slots=True, order=True)
class Objective:
    """Smaller is better, compared field by field.

    Args:
        tardiness_s: seconds behind the promised finish times weight, of all jobs.
        flow_s: seconds from release to the last operation's end, of all jobs.
        setup_s: working seconds of set-up.
    """

    tardiness_s: int
    flow_s: int
    setup_s: int


def finishes_s(slots: Iterable[Slot]) -> dict[str, int]:
    """Return the end of the last slot of each holder."""
    ends: dict[str, int] = {}
    for slot in slots:
        ends[slot.holder] = max(slot.end_s, ends.get(slot.holder, slot.end_s))
    return ends


def objective(slots: Iterable[Slot], jobs: Mapping[str, Job]) -> Objective:
    """Return the objective of a schedule; slots of unknown jobs count by their set-up only."""
    rows = tuple(slots)
    tardiness_s = flow_s = 0
    for holder, end_s in finishes_s(rows).items():
        job = jobs.get(holder)
        if job is not None:
            flow_s += end_s - job.release_s
            if job.due_s is not None:
                tardiness_s += job.weight * max(0, end_s - job.due_s)
    return Objective(tardiness_s, flow_s, sum(slot.setup_s for slot in rows))
