"""Every way to have it: each plan on each set of sites, with its date, price and footprint."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from manufold.carbon.footprint import planned_g, planned_lines
from manufold.model.errors import CannotMake, Reason
from manufold.model.material import Stock
from manufold.model.network import DeliveryZone, Network
from manufold.model.offer import OPTION_NAMES, CarbonLine, PriceLine
from manufold.model.process_plan import ProcessPlan
from manufold.model.schedule import Claim, Job
from manufold.model.units import DAY_S
from manufold.offer.price import price_lines, price_minor
from manufold.offer.started import quantity_to_start
from manufold.scheduling.eligible import sets_of
from manufold.scheduling.explain import why_this_date
from manufold.scheduling.lateness import late_finish
from manufold.scheduling.load import Load
from manufold.scheduling.promise import Promised, promise
from manufold.scheduling.quantiles import Scores, work_class
from manufold.services.context import Context
from manufold.services.door import door_dates
from manufold.services.naming import named

__all__ = [
    "Candidate",
    "Demand",
    "MaterialAt",
    "best_by_name",
    "candidate",
    "candidates",
    "dated",
    "material_at",
    "stock_at",
]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A plan on chosen sites: its slots and its three numbers.

    Args:
        network: by which it was priced and weighed.
        quantity: good pieces wanted.
        p50_at_s, promised_at_s: at the buyer's door.
        ships_at_s: P90 of the hand-over to the carrier.
    """

    network: Network = field(repr=False)
    plan: ProcessPlan
    quantity: int
    zone: DeliveryZone
    started: int
    promised: Promised
    sites: tuple[str, ...]
    p50_at_s: int
    promised_at_s: int
    ships_at_s: int
    price_minor: int
    carbon_g: int
    reasons: tuple[Reason, ...]
    ready_s: Mapping[str, int]

    @property
    def price_lines(self) -> tuple[PriceLine, ...]:
        """What `price_minor` is made of; worked out anew whenever it is asked for."""
        return price_lines(
            self.network,
            self.plan,
            quantity=self.quantity,
            started=self.started,
            slots=self.promised.slots,
            zone=self.zone,
        )

    @property
    def carbon_lines(self) -> tuple[CarbonLine, ...]:
        """What `carbon_g` is made of; worked out anew whenever it is asked for."""
        return planned_lines(
            self.network,
            self.plan,
            quantity=self.quantity,
            started=self.started,
            slots=self.promised.slots,
            zone_id=self.zone.zone_id,
        )


@dataclass(frozen=True, slots=True)
class Demand:
    """What is asked of every plan alike.

    Args:
        now_s: nothing starts before.
        stock: (site, material) -> what is there and not spoken for.
        scores: recorded deviations from plan, for P50 and P90.
    """

    quantity: int
    zone: DeliveryZone
    now_s: int
    stock: Mapping[tuple[str, str], Decimal]
    scores: Scores


def candidates(
    ctx: Context, load: Load, plans: Sequence[ProcessPlan], demand: Demand
) -> tuple[tuple[Candidate, ...], tuple[CannotMake, ...]]:
    """Return what can be promised, and why the rest cannot."""
    found: list[Candidate] = []
    refused: list[CannotMake] = []
    for plan in plans:
        try:
            started = quantity_to_start(
                demand.quantity, plan.yield_fraction, ctx.settings.start_confidence_fraction
            )
            material = material_at(ctx.network, plan, started, demand.stock, demand.now_s)
            ways = sets_of(load.routing(plan, started).sites)  # bound once, for the promise, too
        except CannotMake as fault:
            refused.append(fault)
            continue
        for sites in ways:
            try:
                found.append(candidate(ctx, load, plan, started, demand, sites, material))
            except CannotMake as fault:
                refused.append(fault)
    return tuple(found), tuple(refused)


def best_by_name(found: Sequence[Candidate]) -> dict[str, Candidate]:
    """Return the fastest, the cheapest and the greenest; ties go to the other two numbers.

    Options of one offer are held together. They may overlap, but what one shares with the batch of
    somebody else the other cannot have at the same time: then it takes the next best way.
    """
    order = {
        "fast": lambda c: (c.promised_at_s, c.price_minor, c.carbon_g),
        "cheap": lambda c: (c.price_minor, c.promised_at_s, c.carbon_g),
        "green": lambda c: (c.carbon_g, c.price_minor, c.promised_at_s),
    }
    best: dict[str, Candidate] = {}
    for name in OPTION_NAMES:
        free = [c for c in found if not any(_clash(c, other) for other in best.values())]
        best[name] = min(free, key=order[name])
    return best


def _clash(one: Candidate, other: Candidate) -> bool:
    """Return whether two ways share something with different batches at one time."""
    if one is other:
        return False
    return any(
        (a.resource_id, a.seat) == (b.resource_id, b.seat)
        and a.shared_as != b.shared_as
        and a.start_s < b.end_s
        and b.start_s < a.end_s
        for a in _claims(one)
        for b in _claims(other)
    )


def _claims(candidate: Candidate) -> list[Claim]:
    return [claim for slot in candidate.promised.slots for claim in slot.also]


@dataclass(frozen=True, slots=True)
class MaterialAt:
    """When a plan's material is there, by (operation, site), and by site how it gets there."""

    ready_s: Mapping[tuple[str, str], int]
    how: Mapping[str, tuple[Reason, ...]]


def material_at(
    network: Network,
    plan: ProcessPlan,
    started: int,
    stock: Mapping[tuple[str, str], Decimal],
    now_s: int,
) -> MaterialAt:
    """Return when and how the material gets to each site: from stock, or bought.

    All lines of a plan are taken from one stock. An operation that lacks one of its materials has
    all of them bought, so that it takes either everything or nothing out of stock.

    Raises:
        CannotMake: `offer.material_unknown` when the network does not know a material.
    """
    needed: dict[str, Decimal] = {}
    for line in plan.bill_of_materials:
        if line.material_id not in network.material:
            known = ", ".join(sorted(network.material))
            raise CannotMake("offer.material_unknown", material=line.material_id, known=known)
        more = line.quantity * started
        needed[line.material_id] = needed.get(line.material_id, Decimal(0)) + more
    ready_s: dict[tuple[str, str], int] = {}
    how: dict[str, tuple[Reason, ...]] = {}
    for site in network.sites:
        there = {name: stock.get((site.site_id, name), Decimal(0)) for name in needed}
        bought = {
            line.at_operation
            for line in plan.bill_of_materials
            if there[line.material_id] < needed[line.material_id]
        }
        reasons: list[Reason] = []
        for line in plan.bill_of_materials:
            material = network.material[line.material_id]
            late = line.at_operation in bought
            key = (line.at_operation, site.site_id)
            there_s = now_s + (material.lead_time_s if late else 0)
            ready_s[key] = max(ready_s.get(key, 0), there_s)
            days = -(-material.lead_time_s // DAY_S)
            code = "offer.material_bought" if late else "offer.material_from_stock"
            if late and days == 0:
                code = "offer.material_bought_at_once"
            reason = Reason(code, {"material": material.name, "site": site.name, "days": days})
            if reason not in reasons:
                reasons.append(reason)
        how[site.site_id] = tuple(reasons)
    return MaterialAt(ready_s, how)


def stock_at(stocks: Iterable[Stock]) -> dict[tuple[str, str], Decimal]:
    """Return stock by (site, material)."""
    there: dict[tuple[str, str], Decimal] = {}
    for stock in stocks:
        key = (stock.site_id, stock.material_id)
        there[key] = there.get(key, Decimal(0)) + stock.quantity
    return there


def candidate(
    ctx: Context,
    load: Load,
    plan: ProcessPlan,
    started: int,
    demand: Demand,
    sites: frozenset[str],
    material: MaterialAt,
) -> Candidate:
    """Return a plan on a set of sites, promised, dated, priced and weighed.

    Raises:
        CannotMake: as `promise`.
    """
    job = Job(plan.process_plan_id, plan, started, release_s=demand.now_s)
    promised = promise(
        load,
        ctx.network,
        job,
        sites=sites,
        to_site_or_zone=demand.zone.zone_id,
        ready_s=material.ready_s,
    )
    return dated(ctx, load, plan, started, demand, material, promised)


def dated(
    ctx: Context,
    load: Load,
    plan: ProcessPlan,
    started: int,
    demand: Demand,
    material: MaterialAt,
    promised: Promised,
) -> Candidate:
    """Return what was promised on a load with its dates at the door, its price and footprint."""
    network, zone = ctx.network, demand.zone
    start_s = min(slot.start_s for slot in promised.slots)
    last = max(promised.slots, key=lambda slot: slot.end_s)
    worktime = load.worktime_over(last.resource_id, start_s, promised.finish_s)
    longest = max(promised.slots, key=lambda slot: (slot.end_s - slot.start_s, slot.operation_id))
    capability = plan.operation[longest.operation_id].capability
    alike = work_class(capability, start_s - demand.now_s)
    p50, p90 = (
        late_finish(worktime, start_s, promised.finish_s, demand.scores, q, alike)
        for q in (0.5, 0.9)
    )
    lane_s = promised.arrives_s - promised.finish_s
    door = door_dates(ctx, zone, p50.finish_s, p90.finish_s, lane_s)
    slots = promised.slots
    price = price_minor(
        network, plan, quantity=demand.quantity, started=started, slots=slots, zone=zone
    )
    carbon = planned_g(
        network, plan, quantity=demand.quantity, started=started, slots=slots, zone_id=zone.zone_id
    )
    ready_s = {
        slot.operation_id: material.ready_s.get(
            (slot.operation_id, network.site_of(slot.resource_id).site_id), 0
        )
        for slot in slots
    }
    used = dict.fromkeys(network.site_of(slot.resource_id).site_id for slot in slots)
    fetched = tuple(reason for site in used for reason in material.how.get(site, ()))
    return Candidate(
        network,
        plan,
        demand.quantity,
        zone,
        started,
        promised,
        tuple(used),
        door.p50_at_s,
        door.promised_at_s,
        door.ships_at_s,
        price,
        carbon,
        (*plan.reasons, *fetched, *named(ctx.network, plan, why_this_date(promised)), p90.reason),
        {name: at_s for name, at_s in ready_s.items() if at_s > demand.now_s},
    )
