"""Orders: look, follow, change one's mind, prove."""

from collections.abc import Callable

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from manufold.api.answers import (
    ExplainOut,
    ForgottenOut,
    LifeOut,
    OrderOut,
    OrdersOut,
    PassportOut,
)
from manufold.api.caller import caller_of, calling
from manufold.api.documented import replies
from manufold.api.explain_wire import explain_answer
from manufold.api.once import Answer
from manufold.api.served import Served, reader, reader_of, served, served_of
from manufold.api.shapes import moment_answer
from manufold.api.stream import life_stream
from manufold.api.strict import StrictRoute, checked_text
from manufold.api.wanted import AmendIn, CancelIn, ClaimIn, Id, ReceiveIn, ReturnIn
from manufold.api.wire import order_answer, passport_answer
from manufold.model.codec import canonical
from manufold.model.errors import InputFault
from manufold.model.execution import OrderState, OrderStateName
from manufold.model.party import Actor
from manufold.services import change, prove
from manufold.services.explain_order import explain_order
from manufold.services.forget import forget_design as forget_design_of
from manufold.services.life import life
from manufold.services.order import show_order
from manufold.services.page import orders_page
from manufold.services.schedule import forecast_at_s

__all__ = ["router"]

router = APIRouter(prefix="/v1/orders", tags=["orders"], route_class=StrictRoute)
_JSON = "application/json"
_SEQ_MOST = 2**62
_CHANGING = ("access.no_such_order", "access.command_may_not", "execution.order_state")
_KEYED = ("api.key_busy", "api.key_of_another", "api.media_type")


def _shown(api: Served, order: OrderState) -> dict[str, object]:
    return order_answer(order, api.ctx.network, forecast_at_s(api.ctx, order))


@router.get(
    "",
    operation_id="list_orders",
    summary="List the orders you may see",
    responses=replies(
        200,
        OrdersOut,
    ),
)
def list_orders(
    api: Served = Depends(served),
    actor: Actor = Depends(calling),
    state: OrderStateName | None = Query(None, description="Only in this state."),
    after: str = Query("", max_length=100, description="`next` of the page before."),
    limit: int = Query(50, ge=1, le=200, description="Orders on a page."),
) -> Response:
    """Return a page of orders, oldest first."""
    after = checked_text(after, "after")
    found, following = orders_page(api.ctx, actor, after=after, limit=limit, state=state)
    body = {"orders": [_shown(api, one) for one in found], "next": following}
    return Response(canonical(body), media_type=_JSON)


@router.get(
    "/{order_id}",
    operation_id="show_order",
    summary="Look at an order",
    responses=replies(200, OrderOut, "access.no_such_order"),
)
def one_order(
    order_id: Id, api: Served = Depends(served), actor: Actor = Depends(calling)
) -> Response:
    """Return what you may see of an order: the four dates, and where each operation stands."""
    found = show_order(api.ctx, actor, order_id)
    return Response(canonical(_shown(api, found)), media_type=_JSON)


@router.get(
    "/{order_id}/explain",
    operation_id="explain_order",
    summary="Why this date, why late, what a day earlier would cost",
    responses=replies(200, ExplainOut, "access.no_such_order"),
)
def explain_one(
    order_id: Id,
    api: Served = Depends(served),
    actor: Actor = Depends(calling),
    language: str = Depends(reader),
) -> Response:
    """Work out, on the bookings of now, why an order stands where it does; cut to what is yours."""
    found = explain_order(api.ctx, actor, order_id)
    body = canonical(explain_answer(found, api.ctx.network, language))
    return Response(body, media_type=_JSON)


async def _changed(
    request: Request, content: bytes, work: Callable[[Served, Actor], OrderState]
) -> Response:
    """Answer a change of an order with the order as it is afterwards."""
    api, actor = served_of(request), caller_of(request)
    return await api.once.answer(
        request, reader_of(request), content, lambda: Answer(200, _shown(api, work(api, actor)))
    )


@router.post(
    "/{order_id}/cancel",
    operation_id="cancel_order",
    summary="Cancel an order",
    responses=replies(200, OrderOut, *_CHANGING, *_KEYED),
)
async def cancel_order(order_id: Id, wanted: CancelIn, request: Request) -> Response:
    """Give an order up; what has not begun goes free."""
    return await _changed(
        request,
        canonical(wanted.model_dump()),
        lambda api, actor: change.cancel(api.ctx, actor, order_id, wanted.reason),
    )


@router.post(
    "/{order_id}/amend",
    operation_id="amend_order",
    summary="Lower an order's quantity",
    responses=replies(
        200, OrderOut, *_CHANGING, *_KEYED, "execution.amend_more", "execution.started"
    ),
)
async def amend_order(order_id: Id, wanted: AmendIn, request: Request) -> Response:
    """Want fewer pieces of an order that has not begun."""
    return await _changed(
        request,
        canonical(wanted.model_dump()),
        lambda api, actor: change.amend(api.ctx, actor, order_id, wanted.quantity),
    )


@router.post(
    "/{order_id}/receive",
    operation_id="receive_pieces",
    summary="Say that pieces have arrived",
    responses=replies(200, OrderOut, *_CHANGING, *_KEYED, "execution.receive_too_many"),
)
async def receive_pieces(order_id: Id, wanted: ReceiveIn, request: Request) -> Response:
    """Confirm that shipped pieces came to your door; the passport stands on it."""
    return await _changed(
        request,
        canonical(wanted.model_dump()),
        lambda api, actor: change.receive(api.ctx, actor, order_id, wanted.quantity),
    )


@router.post(
    "/{order_id}/claims",
    operation_id="claim_pieces",
    summary="Claim delivered pieces",
    responses=replies(200, OrderOut, *_CHANGING, *_KEYED, "execution.claim_too_many"),
)
async def claim_pieces(order_id: Id, wanted: ClaimIn, request: Request) -> Response:
    """Say that delivered pieces are not right."""
    return await _changed(
        request,
        canonical(wanted.model_dump()),
        lambda api, actor: change.claim(api.ctx, actor, order_id, wanted.quantity, wanted.reason),
    )


@router.post(
    "/{order_id}/returns",
    operation_id="return_pieces",
    summary="Send claimed pieces back",
    responses=replies(
        200, OrderOut, *_CHANGING, *_KEYED, "execution.claim_unknown", "execution.return_too_many"
    ),
)
async def return_pieces(order_id: Id, wanted: ReturnIn, request: Request) -> Response:
    """Say that claimed pieces were sent back."""
    return await _changed(
        request,
        canonical(wanted.model_dump()),
        lambda api, actor: change.return_goods(
            api.ctx, actor, order_id, wanted.claim_id, wanted.quantity
        ),
    )


@router.delete(
    "/{order_id}/design",
    operation_id="forget_design",
    summary="Delete the files of an order's design",
    responses=replies(
        200, ForgottenOut, "access.no_such_order", "access.role_may_not", "change.still_needed"
    ),
)
def forget_design(
    order_id: Id, api: Served = Depends(served), actor: Actor = Depends(calling)
) -> Response:
    """Delete files and measurements for good; the proof of the order still stands."""
    gone = forget_design_of(api.ctx, actor, order_id)
    return Response(canonical({"order_id": order_id, "deleted": gone}), media_type=_JSON)


@router.get(
    "/{order_id}/passport",
    operation_id="show_passport",
    summary="What is proven about a delivered order",
    responses=replies(200, PassportOut, "access.no_such_order", "order.not_delivered"),
)
def show_passport(
    order_id: Id, api: Served = Depends(served), actor: Actor = Depends(calling)
) -> Response:
    """Return the passport, issued at the first asking: contracts/passport.schema.json."""
    found = prove.show_passport(api.ctx, actor, order_id)
    return Response(canonical(passport_answer(found)), media_type=_JSON)


@router.get(
    "/{order_id}/life",
    operation_id="follow_order",
    summary="Follow an order",
    responses=replies(200, LifeOut, "access.no_such_order", "api.streams_many"),
)
async def follow_order(
    order_id: Id,
    request: Request,
    after: int = Query(0, ge=0, le=_SEQ_MOST, description="Only what came after this `seq`."),
    language: str = Depends(reader),
) -> Response:
    """Return what happened to an order, or a stream of what happens."""
    if "text/event-stream" in request.headers.get("accept", ""):
        return await life_stream(request, order_id, max(after, _last_seen(request)))
    api, actor = served_of(request), caller_of(request)
    moments = await api.look(lambda: life(api.ctx, actor, order_id, after))
    body = {
        "order_id": order_id,
        "world": api.ctx.store.world,
        "moments": [moment_answer(one, api.ctx, language) for one in moments],
    }
    return Response(canonical(body), media_type=_JSON)


def _last_seen(request: Request) -> int:
    """Return the Last-Event-ID that a stream is resumed from, 0 for none."""
    text = request.headers.get("last-event-id", "")
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise InputFault("api.last_event_wrong", found=text[:40])
    return int(text)
