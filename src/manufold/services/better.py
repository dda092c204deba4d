"""Better: what a planner's round does for dates in danger, once slots follow the floor.

An order's date is *safe* while the work still to come, lengthened by what nine of ten recorded
orders kept to, ends in time for the carrier. Where it is not, and the work stands later than was
agreed, `scheduling.rescue` brings it forward past work that can spare the time; where nothing is in
danger, nothing moves. The effort is bounded
by counts, never by time, so that a simulated world told twice is the same. What is held for an
offer stays held.
"""

from collections.abc import Iterable, Mapping

from manufold.judge.violations import violations
from manufold.model.errors import Conflict, Reason
from manufold.model.execution import OrderState, UnitState
from manufold.model.schedule import Slot
from manufold.model.units import DAY_S
from manufold.scheduling.bookings import booked_slots
from manufold.scheduling.lateness import late_finish
from manufold.scheduling.outages import with_outages
from manufold.scheduling.quantiles import Scores
from manufold.scheduling.rescue import rescue
from manufold.scheduling.worktime import Worktimes
from manufold.services.context import Context
from manufold.services.floor import Floor, floor_of
from manufold.services.recorded import recorded_scores
from manufold.services.swap import swapped

__all__ = ["better", "pinned_of", "safe_ends_s"]

_P90 = 0.9
#: how far behind the last slot a P90 is looked for
_TAIL_S = 180 * DAY_S


def better(
    ctx: Context,
    now_s: int,
    orders: Mapping[str, OrderState],
    units: Iterable[UnitState] = (),
) -> tuple[str, ...]:
    """Bring orders whose dates are in danger forward; return the orders whose slots moved."""
    floor = floor_of(ctx, orders.values(), units, now_s)
    ends: dict[str, int] = {}
    for slot in floor.slots:
        ends[slot.holder] = max(slot.end_s, ends.get(slot.holder, 0))
    late = _put_off(floor)
    safe_s = {
        holder: at_s if holder in late else max(at_s, ends[holder])
        for holder, at_s in safe_ends_s(ctx, floor, now_s).items()
    }
    if all(ends[holder] <= at_s for holder, at_s in safe_s.items()):
        return ()
    network = with_outages(ctx.network, floor.outages)
    held = booked_slots(
        booking
        for booking in ctx.store.bookings(now_s=now_s, to_after_s=now_s)
        if booking.state == "held"
    )
    pinned = pinned_of(floor)
    found = rescue(network, (*floor.slots, *held), floor.jobs, safe_s, now_s, pinned)
    if not found.claim:
        return ()
    gone = set(found.release)
    after = [*(slot for slot in floor.slots if slot not in gone), *found.claim]
    if violations(after, network, floor.jobs, now_s=now_s, begun=floor.progress):
        return ()
    why = Reason("schedule.rescued", {"count": len(found.gained_s)})
    try:
        return swapped(
            ctx, "manufold", floor, after, why, now_s=now_s, network=network, over_holds=False
        )
    except Conflict:
        return ()


def _put_off(floor: Floor) -> frozenset[str]:
    """Return the groups with work that stands later than was agreed: the others have what their
    promise gave them."""
    return frozenset(
        slot.holder
        for slot in floor.slots
        if (found := floor.job_orders.get((slot.holder, slot.operation_id))) is not None
        and found[1].state == "planned"
        and (agreed_s := found[1].agreed_s) is not None
        and slot.start_s > agreed_s
    )


def pinned_of(floor: Floor) -> frozenset[tuple[str, str]]:
    """Return (group, operation) of what nobody may move: begun, finished, or held by a person, and
    what takes the material of a remake, which was ordered for its slot."""
    pinned = set()
    for key, (order, job) in floor.job_orders.items():
        group, name = key
        bill = floor.jobs[group].plan.bill_of_materials
        taking = group != order.order_id and any(line.at_operation == name for line in bill)
        if job.state != "planned" or job.held or taking:
            pinned.add(key)
    return frozenset(pinned)


def safe_ends_s(ctx: Context, floor: Floor, now_s: int) -> dict[str, int]:
    """Return, for each open group with a date, the latest end of work at which it is safe."""
    recorded = recorded_scores(ctx)
    scores = Scores(tuple(sorted(recorded.values)), recorded.by_class)
    first: dict[str, int] = {}
    last: dict[str, Slot] = {}
    for slot in floor.slots:
        key = (slot.holder, slot.operation_id)
        if slot.holder not in last or slot.end_s > last[slot.holder].end_s:
            last[slot.holder] = slot
        if key not in floor.progress or floor.progress[key].finished_s is None:
            first[slot.holder] = min(slot.start_s, first.get(slot.holder, slot.start_s))
    if not last:
        return {}
    to_s = max(slot.end_s for slot in last.values()) + _TAIL_S
    worktimes = Worktimes(ctx.network, min(now_s, *first.values()), to_s)
    safe: dict[str, int] = {}
    for holder, slot in last.items():
        due_s = floor.jobs[holder].due_s
        if due_s is None or holder not in first:
            continue
        from_s = max(now_s, first[holder])
        end_s = max(from_s, slot.end_s)
        late = late_finish(worktimes.of(slot.resource_id), from_s, end_s, scores, _P90)
        safe[holder] = due_s - ctx.settings.handover_s - (late.finish_s - end_s)
    return safe
