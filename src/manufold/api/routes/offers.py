"""Offers: ask, look, accept."""

from typing import Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Query, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.responses import Response

from manufold.api.answers import (
    ExplainOut,
    OfferForgottenOut,
    OfferOut,
    OfferReleasedOut,
    OrderOut,
)
from manufold.api.asked import asked_for, digest_of_ask, read_offer
from manufold.api.caller import calling
from manufold.api.documented import replies
from manufold.api.explain_wire import explain_answer
from manufold.api.once import Answer, own_key
from manufold.api.served import Served, reader, served
from manufold.api.strict import StrictRoute, checked_text
from manufold.api.wanted import AcceptIn, Id, OfferIn
from manufold.api.wire import offer_answer, order_answer
from manufold.design.contract import InputFile
from manufold.model.codec import canonical
from manufold.model.errors import InputFault
from manufold.model.party import Actor
from manufold.services import order, quote
from manufold.services.explain import explain_offer
from manufold.services.forget import forget_offer
from manufold.services.holding import extend_offer, release_offer
from manufold.services.schedule import forecast_at_s

__all__ = ["router"]

router = APIRouter(prefix="/v1/offers", tags=["offers"], route_class=StrictRoute)

_FORM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "files": {
            "type": "array",
            "items": {"type": "string", "format": "binary"},
            "description": "The design; STEP, STL or 3MF for parts.",
        },
        "quantity": {"type": "integer", "minimum": 1, "default": 1},
        "to": {"type": "string", "description": "Delivery zone."},
        "by": {"type": "string", "description": "A day or RFC 3339."},
        "vertical": {"type": "string"},
        "material": {"type": "string"},
    },
    "additionalProperties": {
        "type": "string",
        "description": "Choices for the vertical; without files, the fields of its form.",
    },
}
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": {"$ref": "#/components/schemas/OfferIn"}},
            "multipart/form-data": {"schema": _FORM_SCHEMA},
        },
    }
}


@router.post(
    "",
    operation_id="ask_for_offer",
    summary="Ask for an offer",
    status_code=201,
    openapi_extra=_BODY,
    responses=replies(
        201,
        OfferOut,
        "api.body_malformed",
        "api.body_slow",
        "api.body_too_large",
        "api.busy",
        "api.form_wrong",
        "api.key_busy",
        "api.key_of_another",
        "api.media_type",
        "access.role_may_not",
        "design.not_recognised",
        "hold.hours_most",
        "hold.offers_most",
        "offer.quantity_outside",
        "offer.slots_contested",
        "offer.zone_unknown",
    ),
)
async def ask_for_offer(
    request: Request,
    api: Served = Depends(served),
    actor: Actor = Depends(calling),
    language: str = Depends(reader),
) -> Response:
    """Upload a design, or fill in a vertical's form; get three options with price and date."""
    own_key(request)
    if api.offering >= api.ctx.settings.offers_at_once_max:
        raise InputFault("api.busy", retry_s=2)
    api.offering += 1  # before a file is unpacked: many large ones at once fill the memory
    try:
        wanted, files = await _read(request, api)

        def work() -> Answer:
            ask = asked_for(api.ctx, actor, wanted, files)
            quoted = quote.offer(api.ctx, actor, ask)
            seconds = quoted.stages_s["total"]
            body = offer_answer(quoted.offer, api.ctx.network, language, seconds)
            return Answer(201, body, f"/v1/offers/{quoted.offer.offer_id}")

        content = await run_sync(digest_of_ask, wanted, files)
        return await api.once.answer(request, language, content, work, refusals=False)
    finally:
        api.offering -= 1


async def _read(request: Request, api: Served) -> tuple[OfferIn, list[InputFile]]:
    try:
        return await read_offer(request, api.ctx)
    except ValidationError as fault:
        errors = [one | {"loc": ("body", *one["loc"])} for one in fault.errors()]
        raise RequestValidationError(errors) from None


@router.get(
    "/{offer_id}",
    operation_id="show_offer",
    summary="Look at an offer again",
    responses=replies(200, OfferOut, "access.no_such_offer"),
)
def show_offer(
    offer_id: Id,
    api: Served = Depends(served),
    actor: Actor = Depends(calling),
    language: str = Depends(reader),
) -> Response:
    """Return an offer of your own, expired or not."""
    found = quote.show_offer(api.ctx, actor, offer_id)
    return Response(
        canonical(offer_answer(found, api.ctx.network, language)), media_type="application/json"
    )


@router.get(
    "/{offer_id}/explain",
    operation_id="explain_offer",
    summary="Why this date, why this site, what a day earlier would cost",
    responses=replies(
        200, ExplainOut, "access.no_such_offer", "offer.option_unknown", "offer.sooner_over"
    ),
)
def explain_option(
    offer_id: Id,
    option: str = Query(max_length=100, description="fast, cheap, green, or an option's id."),
    api: Served = Depends(served),
    actor: Actor = Depends(calling),
    language: str = Depends(reader),
) -> Response:
    """Work out, on the bookings of now, why an option comes when it does, and what is sooner."""
    found = explain_offer(api.ctx, actor, offer_id, checked_text(option, "option"))
    body = canonical(explain_answer(found, api.ctx.network, language))
    return Response(body, media_type="application/json")


@router.post(
    "/{offer_id}/accept",
    operation_id="accept_offer",
    summary="Accept an option",
    status_code=201,
    responses=replies(
        201,
        OrderOut,
        "access.no_such_offer",
        "access.role_may_not",
        "api.key_busy",
        "api.key_of_another",
        "api.media_type",
        "hold.was_released",
        "offer.option_unknown",
        "order.contested",
        "order.key_reused",
        "order.material_lost",
        "order.offer_accepted",
        "order.offer_expired",
        "order.other_offer_accepted",
        "order.slot_lost",
    ),
)
async def accept_offer(
    offer_id: Id,
    wanted: AcceptIn,
    request: Request,
    api: Served = Depends(served),
    actor: Actor = Depends(calling),
    language: str = Depends(reader),
) -> Response:
    """Make an option binding: its held slots become firm, the order exists."""
    key = own_key(request)

    def work() -> Answer:
        made = order.accept(api.ctx, actor, offer_id, wanted.option, key)
        api.ctx.sign_head(api.ctx.store, api.ctx.clock.now_s())  # a witness to what now binds
        body = order_answer(made, api.ctx.network, forecast_at_s(api.ctx, made))
        return Answer(201, body, f"/v1/orders/{made.order_id}")

    content = canonical(wanted.model_dump())
    return await api.once.answer(request, language, content, work)


_HELD = (
    "access.no_such_offer",
    "access.role_may_not",
    "api.key_busy",
    "api.key_of_another",
    "hold.busy",
    "order.offer_accepted",
    "order.other_offer_accepted",
    "order.slot_lost",
)


@router.post(
    "/{offer_id}/extend",
    operation_id="extend_offer",
    summary="Have an offer held for longer",
    responses=replies(
        200,
        OfferOut,
        "hold.extended_enough",
        "hold.was_released",
        "order.offer_expired",
        *_HELD,
    ),
)
async def extend_offer_of(
    offer_id: Id,
    request: Request,
    api: Served = Depends(served),
    actor: Actor = Depends(calling),
    language: str = Depends(reader),
) -> Response:
    """Add another hold time to what is left; a few times at most."""

    def work() -> Answer:
        longer = extend_offer(api.ctx, actor, offer_id)
        return Answer(200, offer_answer(longer, api.ctx.network, language))

    return await api.once.answer(request, language, b"", work)


@router.post(
    "/{offer_id}/release",
    operation_id="release_offer",
    summary="Release an offer that is not wanted",
    responses=replies(200, OfferReleasedOut, *_HELD),
)
async def release_offer_of(
    offer_id: Id,
    request: Request,
    api: Served = Depends(served),
    actor: Actor = Depends(calling),
    language: str = Depends(reader),
) -> Response:
    """End an offer: its slots go free at once. Said twice, it is done once."""

    def work() -> Answer:
        release_offer(api.ctx, actor, offer_id)
        return Answer(200, {"offer_id": offer_id, "released": True})

    return await api.once.answer(request, language, b"", work)


@router.delete(
    "/{offer_id}/design",
    operation_id="forget_offer",
    summary="End an offer and delete its files",
    responses=replies(
        200, OfferForgottenOut, "access.no_such_offer", "access.role_may_not", "change.still_needed"
    ),
)
def forget_offer_of(
    offer_id: Id, api: Served = Depends(served), actor: Actor = Depends(calling)
) -> Response:
    """Delete files and measurements for good; the offer holds nothing any more."""
    gone = forget_offer(api.ctx, actor, offer_id)
    body = canonical({"offer_id": offer_id, "deleted": gone})
    return Response(body, media_type="application/json")


#: the model stands in the document, though the route reads two kinds of body by itself
MODELS = (OfferIn,)
