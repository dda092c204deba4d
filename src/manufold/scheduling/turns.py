"""Turns: when people and tools are taken, and who else of a site may take somebody's place."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from manufold.model.network import Network
from manufold.model.schedule import Claim, Job, Slot

__all__ = ["Turns", "stand_ins"]

#: (resource, seat)
Place = tuple[str, int]


class Turns:
    """Until when and from when each place is taken: disjoint [start, end), sorted.

    A machine works off its list in order; a person goes where there is work. So a person or a tool
    is only in the way of others while it is really taken, not before its next turn.
    """

    def __init__(self) -> None:
        self._starts: dict[Place, list[int]] = {}
        self._ends: dict[Place, list[int]] = {}

    def take(self, claim: Claim) -> None:
        """Note a claim; what it overlaps becomes one with it."""
        place = claim.resource_id, claim.seat
        starts, ends = self._starts.setdefault(place, []), self._ends.setdefault(place, [])
        low, high = bisect_left(ends, claim.start_s), bisect_right(starts, claim.end_s)
        start_s = min([claim.start_s, *starts[low:high]])
        end_s = max([claim.end_s, *ends[low:high]])
        starts[low:high], ends[low:high] = [start_s], [end_s]

    def taken_until_s(self, claim: Claim) -> int | None:
        """Return until when somebody else takes what is claimed, None where it is free."""
        place = claim.resource_id, claim.seat
        ends = self._ends.get(place, [])
        at = bisect_right(ends, claim.start_s)
        if at == len(ends) or self._starts[place][at] >= claim.end_s:
            return None
        return ends[at]


def stand_ins(network: Network, job: Job | None, slot: Slot) -> Sequence[str]:
    """Return who else of its site could attend a slot, the least versatile first.

    Nobody for the members of a batch, who share one operator, nor for unknown work.
    """
    named = [claim for claim in slot.also if claim.resource_id in network.operator]
    if job is None or len(named) != 1 or named[0].shared_as:
        return ()
    skill = job.plan.operation[slot.operation_id].skill
    site_id = network.operator[named[0].resource_id].site_id
    able = [
        one
        for one in network.operators
        if one.site_id == site_id
        and skill in one.skills
        and one.operator_id != named[0].resource_id
    ]
    able.sort(key=lambda one: (len(one.skills), one.rate_minor_per_h, one.operator_id))
    return tuple(one.operator_id for one in able)
