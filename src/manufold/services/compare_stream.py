"""The stream two policies are compared on: orders from a seed, the same for whoever makes them.

Plans and quantities come from the twin's backlog generator, so every trade that a site can do
alone takes part, in proportion to its work units. Orders arrive over the span in which their work
would load the main work units of all trades by the load asked for. Each wants its goods after a
multiple of the shortest time in which the empty network could bring them to its door, drawn from
the seed: nothing of it depends on a policy, on what is booked, or on luck.

Source  requested dates as arrival + factor x work content: the total-work-content rule, K. R.
        Baker, J. W. M. Bertrand, A comparison of due-date selection rules, AIIE Transactions 13
        (1981) 123-131; here the content is counted on calendars, ways and waits included.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from decimal import Decimal
from random import Random

from manufold.model.errors import CannotMake, InputFault
from manufold.model.network import Network
from manufold.model.process_plan import ProcessPlan
from manufold.model.schedule import Job
from manufold.model.units import DAY_S, from_rfc3339
from manufold.offer.started import quantity_to_start
from manufold.scheduling.eligible import site_sets
from manufold.scheduling.load import Load
from manufold.scheduling.promise import Promised, promise
from manufold.settings import Settings
from manufold.twin.backlog import WEEK_S, WEEKS, backlog

__all__ = ["BEGINS_S", "Arrival", "Stream", "soonest", "stream"]

#: every comparison begins on the same Monday, so that the same seeds say the same next year
BEGINS_S = from_rfc3339("2027-02-01T06:00:00Z")
#: least and most of the requested span over the shortest possible one
FACTORS = (1.5, 4.0)
#: share of pieces that the longest operation makes good; the generator scraps nothing
YIELD = Decimal("0.98")


@dataclass(frozen=True, slots=True)
class Arrival:
    """An order as it comes in.

    Args:
        number: 1, 2, ... in the order of arrival.
        quantity: good pieces wanted.
        started: pieces to start for them.
        ready_s: operation -> its material is there, for what stock does not cover.
        requested_at_s: wanted at the door.
        shortest_s: from arrival to the door if the network were empty.
    """

    number: int
    at_s: int
    plan: ProcessPlan
    quantity: int
    started: int
    ready_s: Mapping[str, int]
    zone_id: str
    party_id: str
    requested_at_s: int
    shortest_s: int

    def job(self, holder: str) -> Job:
        """Return it as a job of a holder."""
        return Job(holder, self.plan, self.started, self.at_s, dict(self.ready_s))


@dataclass(frozen=True, slots=True)
class Stream:
    """Orders by arrival, and when the window in which they arrive is over."""

    arrivals: tuple[Arrival, ...]
    ends_s: int


def stream(network: Network, settings: Settings, seed: int, orders: int, load: float) -> Stream:
    """Return the orders of a seed.

    Args:
        orders: how many; more orders are smaller orders, the load stays.
        load: work that arrives over working time there is, of the main work units; > 0.

    Raises:
        InputFault: `backlog.nothing_to_make`; `compare.no_buyer`, `compare.nowhere_to_send`.
    """
    rng = Random(f"compare/{seed}")
    jobs = list(backlog(network, seed, orders, BEGINS_S))
    rng.shuffle(jobs)
    span_s = round(sum(WEEKS) * WEEK_S / load)
    instants = sorted(BEGINS_S + rng.randrange(span_s) for _ in jobs)
    buyers = [party.party_id for party in network.parties if "buyer" in party.roles]
    if not buyers:
        raise InputFault("compare.no_buyer", network=network.name)
    empty = Load.of(network, (), BEGINS_S, settings.horizon_days * DAY_S)
    found: list[Arrival] = []
    for number, (at_s, job) in enumerate(zip(instants, jobs, strict=True), 1):
        plan = _imperfect(job.plan)
        sure = settings.start_confidence_fraction
        started = quantity_to_start(job.quantity, plan.yield_fraction, sure)
        ready_s = {name: at_s + late_s - BEGINS_S for name, late_s in job.ready_s.items()}
        factor, buyer = rng.uniform(*FACTORS), rng.choice(buyers)
        zones = [zone.zone_id for zone in network.delivery_zones]
        rng.shuffle(zones)
        arrival = Arrival(number, at_s, plan, job.quantity, started, ready_s, "", buyer, at_s, 0)
        placed = next(_anywhere(empty, network, arrival, zones), None)
        if placed is None:
            raise InputFault("compare.nowhere_to_send", plan=plan.process_plan_id)
        zone_id, arrives_s = placed
        requested_at_s = at_s + round(factor * (arrives_s - at_s))
        found.append(
            replace(
                arrival,
                zone_id=zone_id,
                requested_at_s=requested_at_s,
                shortest_s=arrives_s - at_s,
            )
        )
    return Stream(tuple(found), BEGINS_S + span_s)


def soonest(load: Load, network: Network, job: Job, zone_id: str) -> Promised:
    """Return the way to make a job, over all sets of sites, that is at the door first.

    Raises:
        CannotMake: when no set of sites can; the first one's reason.
    """
    best: Promised | None = None
    refusal: CannotMake | None = None
    for sites in site_sets(network, job.plan, job.quantity):
        try:
            found = promise(load, network, job, sites=sites, to_site_or_zone=zone_id)
        except CannotMake as fault:
            refusal = refusal or fault
            continue
        if best is None or found.arrives_s < best.arrives_s:
            best = found
    if best is None:
        assert refusal is not None  # site_sets names one set at least, or refuses itself
        raise refusal
    return best


def _anywhere(
    empty: Load, network: Network, arrival: Arrival, zones: list[str]
) -> Iterator[tuple[str, int]]:
    """Yield the zones that goods can get to, with when they would be there."""
    for zone_id in zones:
        with suppress(CannotMake):
            yield zone_id, soonest(empty, network, arrival.job("empty"), zone_id).arrives_s


def _imperfect(plan: ProcessPlan) -> ProcessPlan:
    """Return the plan with a share of scrap in the operation that takes longest a piece."""
    longest = max(plan.operations, key=lambda operation: (operation.run_s, operation.operation_id))
    operations = tuple(
        replace(operation, yield_fraction=YIELD) if operation is longest else operation
        for operation in plan.operations
    )
    return replace(plan, operations=operations)
