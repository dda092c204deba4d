"""An offer as a page: its ways side by side, each number with what it is made of; and accepting."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeVar

from starlette.responses import Response

from manufold.model.errors import Conflict, ManufoldError, Reason
from manufold.model.offer import CarbonLine, Offer, Option, PriceLine
from manufold.model.party import Actor
from manufold.services.documents import plan_of
from manufold.services.holding import extend_offer, extensions_left, release_offer
from manufold.services.order import accept, accepted_as
from manufold.services.pictures import figures, noted, picture, picture_names
from manufold.services.quote import show_offer
from manufold.ui.web.page import refusal, rendered, see_other
from manufold.ui.web.thing import count_of, file_names
from manufold.ui.web.visit import Visit

__all__ = ["Way", "accept_offer", "extend", "offer_page", "picture_of", "release", "ways"]

#: a drawing may bring its own style, and nothing else, however it is opened
_DRAWING_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"

#: why an offer cannot be accepted any more, where asking again helps
_ASK_AGAIN = (
    "order.slot_lost",
    "order.other_offer_accepted",
    "order.material_lost",
    "order.contested",
    "hold.was_released",
    "hold.extended_enough",
    "hold.busy",
)

Line = TypeVar("Line", bound=PriceLine | CarbonLine)


@dataclass(frozen=True, slots=True)
class Way:
    """One way to have it; options whose plan and slots are the same are one way.

    Args:
        names: what it is best at.
        process: how it is made.
        net_minor: without what goes to the state.
        price, carbon: lines by kind.
    """

    option: Option
    names: tuple[str, ...]
    process: str
    sites: tuple[str, ...]
    net_minor: int
    price: Mapping[str, tuple[PriceLine, ...]]
    carbon: Mapping[str, tuple[CarbonLine, ...]]
    reasons: tuple[Reason, ...]


def offer_page(visit: Visit) -> Response:
    """Return an offer as it stands now: open, accepted, or expired."""
    actor, ctx = visit.known(), visit.ctx
    found = show_offer(ctx, actor, visit.request.path_params["offer_id"])
    order_id = accepted_as(ctx, actor, found.offer_id)
    left_s = found.reservation.expires_s - ctx.clock.now_s()
    if order_id is None and left_s <= 0:
        return _expired(visit, found)
    took = visit.request.query_params.get("took_ms", "")
    return rendered(
        visit,
        "offer.html",
        offer=found,
        ways=ways(visit, found),
        zone_of=ctx.network.delivery_zone[found.zone_id],
        made=count_of(visit, found),
        files=file_names(visit, found.vertical, found.design_blob),
        noted=[one.reason for one in noted(ctx, actor, found.offer_id)],
        pictures=picture_names(ctx, actor, found.offer_id),
        figures=figures(ctx, actor, found.offer_id),
        shared=not visit.signed_in,
        each=Fraction,
        order_id=order_id,
        left_s=max(0, left_s),
        longer=order_id is None and extensions_left(ctx, found) > 0,
        took=f"{int(took) / 1000:.2f}" if re.fullmatch("[0-9]{1,6}", took) else "",
    )


def picture_of(visit: Visit) -> Response:
    """Return a drawing of an offer, for its buyer."""
    told = visit.request.path_params
    drawing = picture(visit.ctx, visit.known(), told["offer_id"], told["name"])
    headers = {"Content-Security-Policy": _DRAWING_POLICY}
    return Response(drawing, media_type="image/svg+xml", headers=headers)


def accept_offer(visit: Visit) -> Response:
    """Accept an option; its order is followed from now on."""
    actor, ctx = visit.known(), visit.ctx
    offer_id = visit.request.path_params["offer_id"]
    option, key = (str(visit.form.get(name, ""))[:200] for name in ("option", "key"))
    key = key if re.fullmatch("[!-~]*", key) else ""  # then the offer and the option are it
    try:
        made = accept(ctx, actor, offer_id, option, key)
    except Conflict as fault:
        return _not_accepted(visit, actor, offer_id, fault)
    ctx.sign_head(ctx.store, ctx.clock.now_s())  # a witness to what now binds
    return see_other(f"/orders/{made.order_id}")


def extend(visit: Visit) -> Response:
    """Have the offer held for longer, and show it again."""
    offer_id = visit.request.path_params["offer_id"]
    try:
        extend_offer(visit.ctx, visit.known(), offer_id)
    except Conflict as fault:
        return _not_accepted(visit, visit.known(), offer_id, fault)
    return see_other(f"/offers/{offer_id}")


def release(visit: Visit) -> Response:
    """End an offer that is not wanted; the form waits for the next one."""
    offer_id = visit.request.path_params["offer_id"]
    try:
        release_offer(visit.ctx, visit.known(), offer_id)
    except Conflict as fault:
        return _not_accepted(visit, visit.known(), offer_id, fault)
    return see_other("/")


def ways(visit: Visit, offer: Offer) -> list[Way]:
    """Return the different ways of an offer, in the order of its options."""
    network, found = visit.ctx.network, dict[Any, list[Option]]()
    for option in offer.options:
        slots = tuple((slot.resource_id, slot.seat, slot.start_s) for slot in option.slots)
        found.setdefault((option.process_plan_id, slots), []).append(option)
    return [
        Way(
            same[0],
            tuple(option.name for option in same),
            plan_of(visit.ctx, offer.pins[f"plan:{same[0].process_plan_id}"]).process,
            tuple(network.site[site].name for site in same[0].sites),
            sum(x.amount_minor for x in same[0].price_lines if x.kind not in ("tax", "duty")),
            _by_kind(same[0].price_lines),
            _by_kind(same[0].carbon_lines),
            _own_reasons(same[0].reasons, offer.assumptions),
        )
        for same in found.values()
    ]


def _by_kind(lines: Iterable[Line]) -> Mapping[str, tuple[Line, ...]]:
    found: dict[str, tuple[Line, ...]] = {}
    for line in lines:
        found[line.kind] = (*found.get(line.kind, ()), line)
    return found


def _own_reasons(reasons: Iterable[Reason], assumed: Iterable[Reason]) -> tuple[Reason, ...]:
    said = {(one.code, tuple(sorted(one.params.items()))) for one in assumed}
    return tuple(
        one
        for one in reasons
        if one.code != "offer.same_as" and (one.code, tuple(sorted(one.params.items()))) not in said
    )


def _expired(visit: Visit, offer: Offer) -> Response:
    zone = visit.ctx.network.delivery_zone[offer.zone_id]
    files = file_names(visit, offer.vertical, offer.design_blob)
    return rendered(visit, "expired.html", 410, offer=offer, zone_of=zone, files=files)


def _not_accepted(visit: Visit, actor: Actor, offer_id: str, fault: Conflict) -> Response:
    """Return what to do instead: ask again, or look at the order there is already."""
    if fault.code == "order.offer_expired":
        return _expired(visit, show_offer(visit.ctx, actor, offer_id))
    if fault.code == "order.offer_accepted":
        order_id = accepted_as(visit.ctx, actor, offer_id)
        if order_id is not None:  # a second tab, say: told in the words of a page
            fault = Conflict("web.accepted_otherwise")
        return refusal(visit, fault, order_id=order_id, offer=_seen(visit, actor, offer_id))
    if fault.code in _ASK_AGAIN:
        return refusal(visit, fault, offer=_seen(visit, actor, offer_id))
    raise fault


def _seen(visit: Visit, actor: Actor, offer_id: str) -> Offer | None:
    """Return the offer, None where it is gone for good."""
    try:
        return show_offer(visit.ctx, actor, offer_id)
    except ManufoldError:
        return None
