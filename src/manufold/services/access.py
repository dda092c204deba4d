"""Who may do and see what: the one place where parties are told apart.

A buyer sees its own offers and orders. A supplier sees the work at its own sites, never who buys
it, at which price, or what other owners do. The network operator sees all. What is not yours is
answered as if it did not exist.
"""

from collections.abc import Mapping
from dataclasses import replace

from manufold.model.errors import Conflict, InputFault
from manufold.model.execution import JobOrder, OrderState
from manufold.model.network import Network
from manufold.model.offer import Offer
from manufold.model.party import Actor

__all__ = [
    "SUPPLIER_ROLES",
    "actor_of",
    "may_act",
    "may_run",
    "own_sites",
    "visible_offer",
    "visible_order",
]

SUPPLIER_ROLES = ("planner", "operator", "quality_engineer", "owner")
_RUNS = ("buyer", "planner", "owner", "network_operator")


def actor_of(network: Network, actor: Actor) -> Actor:
    """Return the actor if its party takes part in that role.

    Raises:
        InputFault: `access.party_unknown`, `access.role_not_taken`.
    """
    party = network.party.get(actor.party_id)
    if party is None:
        raise InputFault("access.party_unknown", party=actor.party_id[:80])
    needed = "supplier" if actor.role in SUPPLIER_ROLES else actor.role
    if needed not in party.roles:
        raise InputFault(
            "access.role_not_taken", party=actor.party_id, role=actor.role, needed=needed
        )
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


def may_run(network: Network, actor: Actor) -> Actor:
    """Return the actor if it may let a simulated world run on, and stop it.

    Raises:
        InputFault: `access.role_may_not`, and what `actor_of` raises.
    """
    return may_act(network, actor, *_RUNS)


def own_sites(network: Network, actor: Actor) -> frozenset[str]:
    """Return the sites whose work the actor sees."""
    if actor.role == "network_operator":
        return frozenset(network.site)
    if actor.role in SUPPLIER_ROLES:
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
    jobs = {
        name: replace(job, after=tuple(one for one in job.after if _at(order, one, sites)))
        for name, job in order.jobs.items()
        if job.site_id in sites
    }
    return _own_part(order, jobs, sites) if jobs else None


def _at(order: OrderState, job_order_id: str, sites: frozenset[str]) -> bool:
    job = order.jobs.get(job_order_id)
    return job is not None and job.site_id in sites


def _own_part(order: OrderState, jobs: Mapping[str, JobOrder], sites: frozenset[str]) -> OrderState:
    """Return what a supplier sees; what is not named here, it does not see."""
    ours = {job.production_order_id for job in jobs.values()}
    operations = {job.operation_id for job in jobs.values()}
    shipped_from = {site: n for site, n in order.shipped_from.items() if site in sites}
    return OrderState(
        order.order_id,
        offer_id="",
        option_id="",
        party_id="",
        plan_digest=order.plan_digest,
        design_revision=order.design_revision,
        quantity=order.quantity,
        zone_id="",
        price_minor=0,
        currency=order.currency,
        state=order.state,
        production_orders={n: q for n, q in order.production_orders.items() if n in ours},
        jobs=jobs,
        promised_at_s=order.promised_at_s,
        due_s=order.due_s,
        under_tolerance=order.under_tolerance,
        over_tolerance=order.over_tolerance,
        shipped=sum(shipped_from.values()),
        accepted_at_s=order.accepted_at_s,
        ready_s={name: at_s for name, at_s in order.ready_s.items() if name in operations},
        stream_version=order.stream_version,
        shipped_from=shipped_from,
        last_at_s=max(job.last_at_s for job in jobs.values()),
    )
