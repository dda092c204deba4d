"""Who may do and see what: the one place where parties are told apart.

A buyer sees its own offers and orders. A supplier sees the work at its own sites, never who buys
it, at which price, or what other owners do. The network operator sees all. What is not yours is
answered as if it did not exist.
"""

from dataclasses import replace

from manufold.model.errors import Conflict, InputFault
from manufold.model.execution import OrderState
from manufold.model.network import Network
from manufold.model.offer import Offer
from manufold.model.party import Actor

__all__ = ["actor_of", "may_act", "own_sites", "visible_offer", "visible_order"]

_SUPPLIER_ROLES = ("planner", "operator", "quality_engineer", "owner")


def actor_of(network: Network, actor: Actor) -> Actor:
    """Return the actor if its party takes part in that role.

    Raises:
        InputFault: `access.party_unknown`, `access.role_not_taken`.
    """
    party = network.party.get(actor.party_id)
    if party is None:
        known = ", ".join(sorted(network.party))
        raise InputFault("access.party_unknown", party=actor.party_id[:80], known=known)
    needed = "supplier" if actor.role in _SUPPLIER_ROLES else actor.role
    if needed not in party.roles:
        raise InputFault("access.role_not_taken", party=actor.party_id, role=actor.role)
    return actor


def may_act(network: Network, actor: Actor, *roles: str) -> Actor:
    """Return the actor if it has one of these roles.

    Raises:
        InputFault: `access.role_may_not`, and what `actor_of` raises.
    """
    actor_of(network, actor)
    if actor.role not in roles:
        raise InputFault("access.role_may_not", role=actor.role, roles=", ".join(roles))
    return actor


def own_sites(network: Network, actor: Actor) -> frozenset[str]:
    """Return the sites whose work the actor sees."""
    if actor.role == "network_operator":
        return frozenset(network.site)
    if actor.role in _SUPPLIER_ROLES:
        return frozenset(s.site_id for s in network.sites if s.party_id == actor.party_id)
    return frozenset()


def visible_offer(network: Network, actor: Actor, offer: Offer | None, offer_id: str) -> Offer:
    """Return the offer if it is the actor's to see.

    Raises:
        Conflict: `access.no_such_offer`, for one that is another's and for one that never was.
    """
    actor_of(network, actor)
    if offer is not None and actor.role == "network_operator":
        return offer
    if offer is None or actor.role != "buyer" or offer.party_id != actor.party_id:
        raise Conflict("access.no_such_offer", offer=offer_id[:80], party=actor.party_id)
    return offer


def visible_order(network: Network, actor: Actor, order: OrderState | None) -> OrderState | None:
    """Return what the actor may see of an order: all of it, its own sites' part, or None."""
    if order is None:
        return None
    if actor.role == "network_operator":
        return order
    if actor.role == "buyer":
        return order if order.party_id == actor.party_id else None
    sites = own_sites(network, actor)
    jobs = {name: job for name, job in order.jobs.items() if job.site_id in sites}
    if not jobs:
        return None
    ours = {job.production_order_id for job in jobs.values()}
    return replace(
        order,
        jobs=jobs,
        production_orders={n: q for n, q in order.production_orders.items() if n in ours},
        offer_id="",
        option_id="",
        party_id="",
        zone_id="",
        price_minor=0,
        requested_at_s=None,
        passport_id="",
    )
