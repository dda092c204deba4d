"""Quote: from files to a binding offer whose slots are held.

Read the design, list the ways to make it, ask the schedule for each, price it, weigh its carbon,
keep the best three, hold their slots. The store has the last word on the slots: when somebody
else was faster, the load is read again and the promise made anew, at most three times.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from time import perf_counter

from manufold.design.contract import InputFile, chosen
from manufold.model.codec import canonical, stamped
from manufold.model.design import Design
from manufold.model.errors import (
    CannotMake,
    Conflict,
    Fault,
    InputFault,
    ManufoldError,
    Param,
    Reason,
    StoreFault,
)
from manufold.model.network import DeliveryZone, Network
from manufold.model.offer import Offer, Option, Reservation
from manufold.model.party import Actor
from manufold.model.ports import Batch, NewEvent
from manufold.model.process_plan import ProcessPlan
from manufold.model.units import shown, to_rfc3339
from manufold.scheduling.bookings import bookings_of
from manufold.scheduling.eligible import site_sets
from manufold.services.access import may_act, visible_offer
from manufold.services.candidates import Candidate, Demand, best_by_name, candidates
from manufold.services.context import Context
from manufold.services.documents import digest_of, event, offer_of, put_design
from manufold.services.free_stock import free_stock
from manufold.services.holds import capped, open_offers, shared
from manufold.services.loads import booked_load, current_load, forget_load
from manufold.services.naming import named
from manufold.services.personal import apart
from manufold.services.recorded import recorded_scores

__all__ = ["Ask", "Quoted", "offer", "show_offer"]


@dataclass(frozen=True, slots=True)
class Ask:
    """What a buyer asks for.

    Args:
        to: delivery zone; empty = the settings' or the network's first.
        by_s: wanted at the door by then; None = any time.
        vertical: who shall read the files; None = whoever is surest.
        parameters: choices for the vertical; `material` among them.
    """

    files: Sequence[InputFile]
    quantity: int
    to: str = ""
    by_s: int | None = None
    vertical: str | None = None
    parameters: Mapping[str, Param] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Quoted:
    """An offer, the design it is for, and the seconds each stage took."""

    offer: Offer
    design: Design
    stages_s: Mapping[str, float]


def offer(ctx: Context, actor: Actor, ask: Ask) -> Quoted:
    """Return a binding offer, its slots held until it expires.

    Raises:
        InputFault: the files, the quantity, the zone or the date are at fault.
        CannotMake: no site can make it, or none in the horizon; carries why for each way.
        Conflict: `offer.slots_contested` when others were faster three times running;
            `hold.offers_most`, `hold.hours_most` when the party holds as much as it may.
    """
    began = perf_counter()
    may_act(ctx.network, actor, "buyer", "network_operator")
    zone = _checked(ctx, ask)
    capped(ctx, actor.party_id, ctx.clock.now_s())(ctx.store.get)  # before anything costly
    vertical = chosen(ctx.verticals, ask.files, ask.vertical)
    design = apart(ctx, vertical.design(ask.files, ask.parameters, ctx.executor))
    read = perf_counter()
    plans = _plans(design, vertical.plans(design, ask.quantity))
    planned = perf_counter()
    design_blob = put_design(ctx, design, ask.files)
    try:
        with ctx.standing():
            made, promised = _promised(ctx, actor, ask, zone, design, design_blob, plans)
    except ManufoldError as fault:
        if _surely_refused(fault):
            ctx.blobs.delete(design_blob)  # no offer names it
        raise
    stages = {
        "read": read - began,
        "plan": planned - read,
        "promise": promised - planned,
        "hold": perf_counter() - promised,
        "total": perf_counter() - began,
    }
    return Quoted(made, design, stages)


def _promised(
    ctx: Context,
    actor: Actor,
    ask: Ask,
    zone: DeliveryZone,
    design: Design,
    design_blob: str,
    plans: Sequence[ProcessPlan],
) -> tuple[Offer, float]:
    """Return an offer whose slots are held, and when its last promise was found."""
    for tries in range(ctx.settings.promise_tries_max):
        load = current_load(ctx, ctx.clock.now_s())
        now_s = ctx.clock.now_s()  # a simulated world may have gone on while the load waited
        # one's own earlier offers push nothing back, unless a batch one joined is in the way
        apart_from = 0 < tries == ctx.settings.promise_tries_max - 1
        own = () if apart_from else open_offers(ctx, actor.party_id, design.revision, now_s)
        for option_id in (option_id for other in own for option_id in other.options):
            load = load.without_group(option_id)
        demand = Demand(ask.quantity, zone, now_s, free_stock(ctx), recorded_scores(ctx))
        found: list[Candidate] = []
        refused: list[tuple[str, CannotMake]] = []
        for plan in plans:
            able, unable = candidates(ctx, load, [plan], demand)
            found += able
            refused += _ways_named(ctx.network, plan, ask.quantity, unable)
        if not found:
            raise _cannot(refused)
        promised = perf_counter()
        made = _offer(ctx, actor, ask, zone, design, design_blob, found, now_s)
        if _held(ctx, made, plans, actor, now_s):
            return made, promised
        forget_load(ctx)
    raise Conflict("offer.slots_contested", tries=ctx.settings.promise_tries_max)


def show_offer(ctx: Context, actor: Actor, offer_id: str) -> Offer:
    """Return an offer that is the actor's to see.

    Raises:
        Conflict: `access.no_such_offer`.
    """
    return visible_offer(ctx.network, actor, offer_of(ctx, offer_id), offer_id)


def _checked(ctx: Context, ask: Ask) -> DeliveryZone:
    settings, zones = ctx.settings, ctx.network.delivery_zone
    if not 1 <= ask.quantity <= settings.quantity_max:
        raise InputFault(
            "offer.quantity_outside", quantity=ask.quantity, most=settings.quantity_max
        )
    if not 1 <= len(ask.files) <= settings.files_max:
        raise InputFault("offer.files_count", count=len(ask.files), most=settings.files_max)
    for file in ask.files:
        if not file.content:
            raise InputFault("offer.file_empty", file=file.name[:200])
        if len(file.content) > settings.file_bytes_max:
            raise InputFault(
                "offer.file_too_large",
                file=file.name[:200],
                megabytes=len(file.content) // 1_000_000,
                most=settings.file_bytes_max // 1_000_000,
            )
    wanted = ask.to or settings.to or next(iter(zones), "")
    if wanted not in zones:
        raise InputFault("offer.zone_unknown", zone=wanted[:80], known=", ".join(sorted(zones)))
    if ask.by_s is not None and ask.by_s <= ctx.clock.now_s():
        now = to_rfc3339(ctx.clock.now_s(), zones[wanted].zone)
        date = to_rfc3339(ask.by_s, zones[wanted].zone)
        raise InputFault("offer.date_past", date=date, now=now)
    return zones[wanted]


def _plans(design: Design, plans: tuple[ProcessPlan, ...]) -> tuple[ProcessPlan, ...]:
    if design.blocked or not plans:
        for finding in design.findings:
            if finding.severity == "asks":
                raise InputFault.of(finding.reason)
            if finding.severity == "blocks":
                raise CannotMake.of(finding.reason)
        raise CannotMake("offer.no_plan", vertical=design.vertical, material=design.material_id)
    return plans


def _surely_refused(fault: ManufoldError) -> bool:
    """Return whether nothing was kept: not so when a store cannot say, or on a fault of ours."""
    if isinstance(fault, StoreFault):
        return fault.code != "store.unsure"
    return isinstance(fault, (InputFault, CannotMake, Conflict))


def _ways_named(
    network: Network, plan: ProcessPlan, quantity: int, unable: Sequence[CannotMake]
) -> list[tuple[str, CannotMake]]:
    """Return refusals of a plan, each with its way: "plan/sites", or the plan for all its ways."""
    if not unable:
        return []
    name, names = plan.process_plan_id, []
    with suppress(CannotMake):  # no way at all, as the one refusal says
        names = [f"{name}/{'+'.join(sorted(s))}" for s in site_sets(network, plan, quantity)]
    if len(names) != len(unable):
        names = [name] * len(unable)
    return list(zip(names, unable, strict=True))


def _cannot(refused: Sequence[tuple[str, CannotMake]]) -> CannotMake:
    """Return one refusal that names the first cause, its faults, and why each other way fails."""
    first = refused[0][1]
    others = {str(fault) for _way, fault in refused[1:]} - {str(first)}
    more = tuple(Fault(way, fault.reason) for way, fault in refused[1:])
    return CannotMake.of(
        first.reason, faults=(*first.faults, *more), other_ways_refused=len(others)
    )


def _offer(
    ctx: Context,
    actor: Actor,
    ask: Ask,
    zone: DeliveryZone,
    design: Design,
    design_blob: str,
    found: Sequence[Candidate],
    now_s: int,
) -> Offer:
    best = best_by_name(found)
    options = tuple(_option(ctx, name, candidate, best, ask) for name, candidate in best.items())
    used = {c.plan.process_plan_id: c.plan for c in best.values()}
    assumed = [*design.assumptions]
    for candidate in best.values():
        taken = named(ctx.network, candidate.plan, candidate.promised.assumptions)
        assumed += [*candidate.plan.assumptions, *taken]
    pins = {
        "design": design.revision,
        "network": ctx.network.revision,
        **{f"plan:{name}": digest_of(plan) for name, plan in used.items()},
    }
    return Offer(
        ctx.ids.mint("ofr"),
        actor.party_id,
        design.vertical,
        design.revision,
        design_blob,
        ask.quantity,
        zone.zone_id,
        ctx.network.currency,
        now_s,
        ask.by_s,
        Reservation(ctx.ids.mint("rsv"), now_s + ctx.settings.hold_s),
        options,
        _once(assumed),
        pins,
    )


def _option(
    ctx: Context, name: str, candidate: Candidate, best: Mapping[str, Candidate], ask: Ask
) -> Option:
    option_id = ctx.ids.mint("opt")
    reasons = [*candidate.reasons]
    same = [other for other, c in best.items() if c is candidate and other != name]
    if same:
        reasons.insert(0, Reason("offer.same_as", {"option": name, "others": ", ".join(same)}))
    if ask.by_s is not None and candidate.promised_at_s > ask.by_s:
        late_s = -(-(candidate.promised_at_s - ask.by_s) // 60) * 60  # to the minute, never none
        reasons.insert(0, Reason("offer.later_than_requested", {"late_s": late_s}))
    if candidate.started > ask.quantity:
        percent = shown(candidate.plan.yield_fraction * 100)
        reasons.append(
            Reason("offer.started_more", {"pieces": candidate.started, "percent": percent})
        )
    slots = tuple(replace(slot, holder=option_id) for slot in candidate.promised.slots)
    return Option(
        option_id,
        name,  # type: ignore[arg-type]
        candidate.plan.process_plan_id,
        candidate.started,
        candidate.price_lines,
        candidate.carbon_lines,
        candidate.p50_at_s,
        candidate.promised_at_s,
        candidate.ships_at_s,
        candidate.promised.finish_s,
        candidate.sites,
        slots,
        _once(reasons),
        candidate.ready_s,
    )


def _held(
    ctx: Context, made: Offer, plans: Sequence[ProcessPlan], actor: Actor, now_s: int
) -> bool:
    """Append the offer with its held slots; False when a slot went to somebody else."""
    claims = tuple(
        booking
        for option in made.options
        for slot in option.slots
        for booking in bookings_of(
            slot,
            f"{option.option_id}/{slot.operation_id}",
            option.option_id,
            "held",
            holder=made.offer_id,
            expires_s=made.reservation.expires_s,
        )
    )
    used = {option.process_plan_id for option in made.options}
    data = {
        "offer": stamped("offer", 1, made),
        "plans": {
            plan.process_plan_id: stamped("process_plan", 1, plan)
            for plan in plans
            if plan.process_plan_id in used
        },
    }
    stream = f"offer:{made.offer_id}"
    offered: NewEvent = event(stream, "OfferMade", data, now_s, actor)
    try:
        held = shared(made, claims)
        check = capped(ctx, actor.party_id, now_s)
        stored = ctx.store.append(Batch((offered,), {stream: 0}, held, now_s=now_s, check=check))
    except Conflict as fault:
        if fault.code == "store.slot_taken":
            return False
        raise
    slots = [slot for option in made.options for slot in option.slots]
    booked_load(ctx, slots, stored[-1].seq, made.reservation.expires_s)
    return True


def _once(reasons: Sequence[Reason]) -> tuple[Reason, ...]:
    seen: dict[bytes, Reason] = {}
    for reason in reasons:
        seen.setdefault(canonical([reason.code, reason.params]), reason)
    return tuple(seen.values())
