"""Delivery: ship what is good, receive what was shipped; claims and returns after that.

A claimed piece is owed again; saying a claim again with another quantity changes it, and zero
withdraws or settles it.
"""

from manufold.execution.case import Case
from manufold.execution.pieces import claimed, good_by_site, least_owed, most_owed
from manufold.model.errors import Conflict, InputFault
from manufold.model.ports import NewEvent
from manufold.model.units import whole_g

__all__ = ["claim", "receive", "return_goods", "ship"]


def ship(case: Case) -> tuple[NewEvent, ...]:
    """Ship good pieces from the site where they lie to the order's zone.

    Raises:
        InputFault: `execution.ship_site`, `execution.ship_zone`, `execution.count_wrong`.
        Conflict: `execution.order_state`, `execution.ship_not_good`, `execution.ship_short`,
            `execution.ship_too_many`.
    """
    order = case.order
    case.not_before(max(order.accepted_at_s, order.shipped_at_s or 0))
    if order.state in ("accepted", "cancelled"):
        raise Conflict(
            "execution.order_state", order=order.order_id, state=order.state, kind="ship"
        )
    quantity, site_id = case.count("quantity", least=1), case.text("site_id")
    good = good_by_site(order)
    if site_id not in good:
        raise InputFault("execution.ship_site", site=site_id, known=", ".join(good))
    _same_zone(case)
    here = good[site_id] - order.shipped_from.get(site_id, 0)
    if quantity > here:
        raise Conflict("execution.ship_not_good", quantity=quantity, left=here, site=site_id)
    after = order.shipped + quantity
    if after > most_owed(order):
        raise Conflict(
            "execution.ship_too_many", quantity=after, most=most_owed(order), order=order.order_id
        )
    if after < least_owed(order) and not case.flag("partial", default=False):
        raise Conflict(
            "execution.ship_short", quantity=after, least=least_owed(order), order=order.order_id
        )
    return (
        case.event(
            "Shipped",
            site_id=site_id,
            zone_id=order.zone_id,
            quantity=quantity,
            mass_g=whole_g(case.plan.piece_mass_g * quantity),
        ),
    )


def receive(case: Case) -> tuple[NewEvent, ...]:
    """Note pieces received at the door; at most what is on the way.

    Raises:
        Conflict: `execution.receive_too_many`.
    """
    order = case.order
    case.not_before(order.accepted_at_s)
    quantity = case.count("quantity", least=1)
    _same_zone(case)
    on_the_way = order.shipped - order.delivered
    if quantity > on_the_way:
        raise Conflict(
            "execution.receive_too_many", quantity=quantity, left=on_the_way, order=order.order_id
        )
    return (case.event("Received", zone_id=order.zone_id, quantity=quantity),)


def claim(case: Case) -> tuple[NewEvent, ...]:
    """Claim delivered pieces, or change a claim already made.

    Raises:
        Conflict: `execution.claim_too_many`, `execution.claim_below_returned`.
    """
    order = case.order
    case.not_before(order.accepted_at_s)
    claim_id, reason = case.text("claim_id"), case.text("reason")
    already = order.claims.get(claim_id)
    quantity = case.count("quantity", least=1 if already is None else 0)
    free = order.delivered - claimed(order) + (already or 0)
    if quantity > free:
        raise Conflict(
            "execution.claim_too_many", quantity=quantity, left=free, order=order.order_id
        )
    back = order.claims_returned.get(claim_id, 0)
    if quantity < back:
        raise Conflict(
            "execution.claim_below_returned", claim=claim_id, quantity=quantity, returned=back
        )
    return (case.event("ClaimMade", claim_id=claim_id, quantity=quantity, reason=reason),)


def return_goods(case: Case) -> tuple[NewEvent, ...]:
    """Note pieces that came back on a claim; at most what it claims.

    Raises:
        InputFault: `execution.claim_unknown`.
        Conflict: `execution.return_too_many`.
    """
    order = case.order
    case.not_before(order.accepted_at_s)
    claim_id, quantity = case.text("claim_id"), case.count("quantity", least=1)
    if claim_id not in order.claims:
        raise InputFault("execution.claim_unknown", claim=claim_id, order=order.order_id)
    left = order.claims[claim_id] - order.claims_returned.get(claim_id, 0)
    if quantity > left:
        raise Conflict("execution.return_too_many", quantity=quantity, left=left, claim=claim_id)
    return (case.event("GoodsReturned", claim_id=claim_id, quantity=quantity),)


def _same_zone(case: Case) -> None:
    zone_id = case.text("zone_id", default=case.order.zone_id)
    if zone_id != case.order.zone_id:
        raise InputFault("execution.ship_zone", zone=zone_id, wanted=case.order.zone_id)
