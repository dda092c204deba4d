"""Swap: move slots of firm orders in one transaction, or not at all.

The moved slots are judged together with everything that stays. A held offer in the way of what
really happened loses its hold, and says so; a firm slot in the way makes the store refuse. What
would merely be better takes no hold away.
"""

from collections.abc import Iterable, Mapping, Sequence

from manufold.judge.violations import violations
from manufold.model.codec import encoded
from manufold.model.errors import Fault, OurFault, Reason
from manufold.model.execution import JobOrder, OrderState
from manufold.model.network import Network
from manufold.model.party import Actor
from manufold.model.ports import Batch, Booking, NewEvent
from manufold.model.schedule import Slot
from manufold.scheduling.bookings import booking_ids, bookings_of
from manufold.services.context import Context
from manufold.services.documents import event, offer_of
from manufold.services.floor import Floor

__all__ = ["holds_in_the_way", "moved_claims", "swapped"]

_TOLD_MOST = 3  # broken rules that a fault of ours names


def swapped(
    ctx: Context,
    by: Actor | str,
    floor: Floor,
    after: Sequence[Slot],
    why: Reason,
    *,
    now_s: int,
    network: Network | None = None,
    over_holds: bool = True,
    beside: Sequence[NewEvent] = (),
) -> tuple[str, ...]:
    """Move the slots that differ and return the orders they belong to.

    Args:
        by: who moves them, already allowed to.
        after: all slots of the floor as they shall stand.
        network: to judge by, with its outages; default the world's own.
        over_holds: whether held offers in the way lose their hold; otherwise they refuse the swap.
        beside: events to append in the same transaction, also where nothing moves.

    Raises:
        OurFault: `schedule.judged_wrong` when the result would break a rule.
        Conflict: what the store refuses, because somebody booked or moved something meanwhile.
    """
    moves = _moves(floor, after)
    if not moves:
        if beside:
            ctx.store.append(Batch(events=tuple(beside), now_s=now_s))
            ctx.loaded = None
        return ()
    known = network or ctx.network
    found = violations(after, known, floor.jobs, now_s=now_s, begun=floor.progress)
    if found:
        told = tuple(Fault(one.holder, one.reason) for one in found[:_TOLD_MOST])
        raise OurFault("schedule.judged_wrong", faults=told, count=len(found))
    claims, releases = _bookings(moves)
    lost = holds_in_the_way(ctx, claims, now_s) if over_holds else {}
    events, expected = _events(ctx.network, by, moves, why, now_s)
    batch = Batch(
        (*beside, *events, *_losses(lost, now_s)),
        expected,
        claims,
        releases,
        tuple(sorted({booking.group for holds in lost.values() for booking in holds})),
        {f"accept/{offer_id}": answer for offer_id, answer in _answers(ctx, lost).items()},
        now_s,
    )
    ctx.store.append(batch)
    ctx.loaded = None  # what was booked has moved
    return tuple(dict.fromkeys(order.order_id for order, _job, _slot in moves))


Move = tuple[OrderState, JobOrder, Slot]


def moved_claims(floor: Floor, after: Sequence[Slot]) -> tuple[Booking, ...]:
    """Return the bookings that moving to these slots would claim."""
    return _bookings(_moves(floor, after))[0]


def _moves(floor: Floor, after: Sequence[Slot]) -> list[Move]:
    moves = []
    for slot in after:
        order, job = floor.job_orders[slot.holder, slot.operation_id]
        if job.state in ("finished", "cancelled"):
            continue
        before = (job.resource_id, job.seat, job.start_s, job.setup_s, job.end_s, job.also)
        now = (slot.resource_id, slot.seat, slot.start_s, slot.setup_s, slot.end_s, slot.also)
        if before != now:
            moves.append((order, job, slot))
    return moves


def _bookings(moves: Sequence[Move]) -> tuple[tuple[Booking, ...], tuple[str, ...]]:
    claims = tuple(
        booking
        for _order, job, slot in moves
        for booking in bookings_of(
            slot, job.job_order_id, slot.holder, "firm", holder=job.job_order_id
        )
    )
    releases = (booking_ids(job.job_order_id, job.also) for _order, job, _slot in moves)
    return claims, tuple(name for names in releases for name in names)


def _events(
    network: Network, by: Actor | str, moves: Sequence[Move], why: Reason, now_s: int
) -> tuple[list[NewEvent], dict[str, int]]:
    by_order: dict[str, list[Move]] = {}
    for move in moves:
        by_order.setdefault(move[0].order_id, []).append(move)
    events, expected = [], {}
    for order_id, found in by_order.items():
        stream = f"order:{order_id}"
        data = {
            "moves": [
                {
                    "job_order_id": job.job_order_id,
                    "resource_id": slot.resource_id,
                    "seat": slot.seat,
                    "site_id": network.site_of(slot.resource_id).site_id,
                    "start_s": slot.start_s,
                    "setup_s": slot.setup_s,
                    "end_s": slot.end_s,
                    "also": encoded(slot.also),
                }
                for _order, job, slot in found
            ],
            "code": why.code,
            "params": dict(why.params),
        }
        events.append(event(stream, "SlotsMoved", data, now_s, by))
        expected[stream] = found[0][0].stream_version
    return events, expected


def holds_in_the_way(
    ctx: Context, claims: Sequence[Booking], now_s: int
) -> dict[str, list[Booking]]:
    """Return the held bookings of every offer that one of the claims overlaps."""
    resources = {claim.resource_id for claim in claims}
    held = [
        booking
        for booking in ctx.store.bookings(now_s=now_s, resources=resources, to_after_s=now_s)
        if booking.state == "held"
    ]
    seats: dict[tuple[str, int], list[Booking]] = {}
    for claim in claims:
        seats.setdefault((claim.resource_id, claim.seat), []).append(claim)
    lost: dict[str, list[Booking]] = {}
    for booking in held:
        for claim in seats.get((booking.resource_id, booking.seat), ()):
            apart = booking.to_s <= claim.from_s or claim.to_s <= booking.from_s
            if not apart and booking.holder != claim.holder:
                lost.setdefault(str(booking.detail.get("offer", booking.holder)), []).append(
                    booking
                )
                break
    for offer_id in lost:
        offer = offer_of(ctx, offer_id)
        groups = set() if offer is None else {option.option_id for option in offer.options}
        everything = ctx.store.bookings(now_s=now_s, to_after_s=now_s)
        lost[offer_id] = [b for b in everything if b.group in groups]
    return lost


def _answers(ctx: Context, lost: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return what accepting a lost offer shall answer from now on.

    The key is the one that an acceptance claims, so that an offer is accepted or lost, never both.
    """
    answers = {}
    for offer_id in lost:
        offer = offer_of(ctx, offer_id)
        party = "" if offer is None else offer.party_id
        answers[offer_id] = {"party": party, "lost": "schedule.hold_lost"}
    return answers


def _losses(lost: Mapping[str, Sequence[Booking]], now_s: int) -> list[NewEvent]:
    return [
        event(
            f"offer:{offer_id}",
            "OfferReleased",
            {"offer_id": offer_id, "reason": "schedule.hold_lost"},
            now_s,
            "manufold",
        )
        for offer_id in lost
    ]
