"""Promises: what a process plan could be promised for now, with nothing held and nothing written.

An offer starts from files and holds its slots. Other programs have plans of their own (an ERP, a
shop's quoting sheet, a what-if of a buyer) and ask again and again for a date. The answer stands
on the same load, dates, prices and footprints as an offer's would; it is told for the best way by
date, by price, by carbon, and by weights of one's own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from manufold.model.errors import CannotMake, Fault, InputFault, Reason
from manufold.model.network import DeliveryZone
from manufold.model.party import Actor
from manufold.model.process_plan import ProcessPlan
from manufold.model.schedule import Slot
from manufold.model.units import shown, to_rfc3339
from manufold.scheduling.explain import longest_waits
from manufold.scheduling.quantiles import Scores
from manufold.services.access import may_act
from manufold.services.asked_plan import bound, read_plan
from manufold.services.candidates import Candidate, Demand, best_by_name, candidates
from manufold.services.context import Context
from manufold.services.documents import sound
from manufold.services.free_stock import free_stock
from manufold.services.holds import OpenOffer, open_offers
from manufold.services.loads import seen_load
from manufold.services.naming import named
from manufold.services.recorded import recorded_scores
from manufold.services.weights import Weights, best_by_weights

__all__ = ["WEIGHTED", "PlanAsk", "Promises", "Way", "promises", "read_ahead"]

#: the name of the option that is best by weights
WEIGHTED = "weighted"
#: pairs of buyer and design whose open offers are remembered
_OFFERS_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class PlanAsk:
    """What is asked.

    Args:
        plan: a process plan, as `contracts/process_plan.schema.json` has it.
        quantity: good pieces wanted.
        to: delivery zone; empty = the settings' or the network's first.
        by_s: wanted at the door by then; None = any time.
        weights: of one's own; None = only fast, cheap and green.
    """

    plan: Mapping[str, Any]
    quantity: int
    to: str = ""
    by_s: int | None = None
    weights: Weights | None = None


@dataclass(frozen=True, slots=True)
class Way:
    """One way to have it; several names may be best at the same way.

    Args:
        names: of what it is best at: "fast", "cheap", "green", "weighted".
        binding: what its date hangs on most.
        reasons: all others, the most telling first.
        p50_at_s, promised_at_s: at the buyer's door; the second is the P90.
        ships_at_s: P90 of the hand-over to the carrier.
        slots: one per operation, in routing order; free now, held for nobody.
    """

    names: tuple[str, ...]
    process_plan_id: str
    quantity_started: int
    binding: Reason
    reasons: tuple[Reason, ...]
    assumptions: tuple[Reason, ...]
    p50_at_s: int
    promised_at_s: int
    ships_at_s: int
    price_minor: int
    carbon_g: int
    sites: tuple[str, ...]
    slots: tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class Promises:
    """What could be promised at an instant.

    Args:
        plan: as it was read.
        ways: each once, in the order of their names.
        refused: why other ways cannot be had.
        assumptions: what was taken as given for all ways.
    """

    at_s: int
    plan: ProcessPlan
    quantity: int
    zone: DeliveryZone
    by_s: int | None
    weights: Weights | None
    ways: tuple[Way, ...]
    refused: tuple[Reason, ...]
    assumptions: tuple[Reason, ...]


def promises(ctx: Context, actor: Actor, ask: PlanAsk) -> Promises:
    """Return what a plan could be promised for now; nothing is held and nothing is written.

    What the same buyer holds for the same design pushes nothing back, as in an offer.

    Raises:
        InputFault: the plan, the quantity, the zone or the date are at fault: see `read_plan`;
            `offer.quantity_outside`, `offer.zone_unknown`, `offer.date_past`.
        CannotMake: no site can make it, or none in the horizon; carries why for each way.
    """
    may_act(ctx.network, actor, "buyer", "network_operator")
    now_s = ctx.clock.now_s()
    zone = _zone(ctx, ask, now_s)
    plan = read_plan(ctx, ask.plan, ask.quantity)
    seen = seen_load(ctx, now_s)
    known = _known(ctx, seen.load.seq)
    load = bound(ctx, seen.load)
    for option_id in known.own(ctx, actor, plan.design_revision, now_s):
        load = load.without_group(option_id)
    demand = Demand(ask.quantity, zone, now_s, known.stock, known.scores)
    found, unable = candidates(ctx, load, [plan], demand)
    if not found:
        raise _cannot(unable)
    late = (Reason("promise.overdue", {}),) if seen.overdue else ()
    return Promises(
        now_s,
        plan,
        ask.quantity,
        zone,
        ask.by_s,
        ask.weights,
        _ways(ctx, ask, found, now_s),
        tuple({str(fault): fault.reason for fault in unable}.values()),
        (*late, *plan.assumptions),
    )


def read_ahead(ctx: Context) -> None:
    """Read what a first promise would wait for: the schedule, and what else the store says.

    Raises:
        StoreFault: the store cannot be read.
    """
    _known(ctx, seen_load(ctx, ctx.clock.now_s()).load.seq)


@dataclass(slots=True)
class _Known:
    """What the store says at a place in the log, read once: it changes with the log only."""

    seq: int
    stock: Mapping[tuple[str, str], Decimal]
    scores: Scores
    offers: dict[tuple[str, str], tuple[OpenOffer, ...]] = field(default_factory=dict)

    def own(self, ctx: Context, actor: Actor, revision: str, now_s: int) -> list[str]:
        """Return the groups by which a buyer's own open offers for a design hold slots."""
        if not sound(revision):
            return []  # a caller's own text, and no name that anything is kept under
        key = actor.party_id, revision
        if key not in self.offers:
            if len(self.offers) >= _OFFERS_KEPT:
                self.offers.clear()
            self.offers[key] = open_offers(ctx, *key, 0)
        found = (one for one in self.offers[key] if one.expires_s > now_s)
        return [option_id for one in found for option_id in one.options]


def _known(ctx: Context, seq: int) -> _Known:
    known: _Known | None = ctx.kept.get("promises_known")
    if known is None or known.seq != seq:
        known = _Known(seq, free_stock(ctx), recorded_scores(ctx))
        ctx.kept["promises_known"] = known
    return known


def _zone(ctx: Context, ask: PlanAsk, now_s: int) -> DeliveryZone:
    settings, zones = ctx.settings, ctx.network.delivery_zone
    if not 1 <= ask.quantity <= settings.quantity_max:
        raise InputFault(
            "offer.quantity_outside", quantity=ask.quantity, most=settings.quantity_max
        )
    wanted = ask.to or settings.to or next(iter(zones), "")
    if wanted not in zones:
        raise InputFault("offer.zone_unknown", zone=wanted[:80], known=", ".join(sorted(zones)))
    if ask.by_s is not None and ask.by_s <= now_s:
        date, now = (to_rfc3339(at_s, zones[wanted].zone) for at_s in (ask.by_s, now_s))
        raise InputFault("offer.date_past", date=date, now=now)
    return zones[wanted]


def _ways(ctx: Context, ask: PlanAsk, found: Sequence[Candidate], now_s: int) -> tuple[Way, ...]:
    """Return the best ways, each once with all that it is best at."""
    best = best_by_name(found)
    more: dict[int, Reason] = {}
    if ask.weights is not None:
        one, far = best_by_weights(found, ask.weights, now_s)
        best[WEIGHTED] = one
        share = {"points": round(100 * far), "ways": len(found)}
        more[id(one)] = Reason("promise.best_by_weights", {**ask.weights.percent, **share})
    names: dict[int, list[str]] = {}
    for name, one in best.items():
        names.setdefault(id(one), []).append(name)
    by_id = {id(one): one for one in best.values()}
    return tuple(
        _way(ctx, ask, by_id[key], tuple(listed), more.get(key)) for key, listed in names.items()
    )


def _way(
    ctx: Context, ask: PlanAsk, one: Candidate, names: tuple[str, ...], weighed: Reason | None
) -> Way:
    """Return a way, what its date hangs on most told first."""
    binding, *waits = named(
        ctx.network, one.plan, (one.promised.binding, *longest_waits(one.promised.waits))
    )
    reasons = [*waits, *(reason for reason in one.reasons if reason not in (binding, *waits))]
    if weighed is not None:
        reasons.insert(0, weighed)
    if ask.by_s is not None and one.promised_at_s > ask.by_s:
        late_s = -(-(one.promised_at_s - ask.by_s) // 60) * 60  # to the minute, never none
        reasons.insert(0, Reason("offer.later_than_requested", {"late_s": late_s}))
    if one.started > ask.quantity:
        percent = shown(one.plan.yield_fraction * 100)
        reasons.append(Reason("offer.started_more", {"pieces": one.started, "percent": percent}))
    return Way(
        names,
        one.plan.process_plan_id,
        one.started,
        binding,
        tuple(reasons),
        named(ctx.network, one.plan, one.promised.assumptions),
        one.p50_at_s,
        one.promised_at_s,
        one.ships_at_s,
        one.price_minor,
        one.carbon_g,
        one.sites,
        one.promised.slots,
    )


def _cannot(unable: Sequence[CannotMake]) -> CannotMake:
    """Return one refusal that names the first cause, its faults, and why each other way fails."""
    first, *others = unable
    more = tuple(Fault("process_plan", fault.reason) for fault in others)
    rest = {str(fault) for fault in others} - {str(first)}
    return CannotMake.of(first.reason, faults=(*first.faults, *more), other_ways_refused=len(rest))
