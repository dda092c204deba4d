"""The desk: keys of a party, and webhooks that tell it what happens to its orders."""

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from manufold.api.answers_of_desk import (
    DeliveriesOut,
    DroppedOut,
    FreshKeyOut,
    FreshWebhookOut,
    KeyRevokedOut,
    KeysOut,
    WebhooksOut,
)
from manufold.api.caller import calling
from manufold.api.documented import replies
from manufold.api.once import Answer
from manufold.api.served import Served, reader, served
from manufold.api.strict import StrictRoute
from manufold.api.wanted import Id, KeyIn, WebhookIn
from manufold.model.codec import canonical
from manufold.model.desk import Webhook
from manufold.model.party import Actor
from manufold.model.units import to_rfc3339
from manufold.services import hooks, keys

__all__ = ["router"]

router = APIRouter(prefix="/v1", tags=["desk"], route_class=StrictRoute)
_JSON = "application/json"
_KEYED = ("api.key_busy", "api.key_of_another", "api.media_type")


@router.post(
    "/keys",
    operation_id="make_key",
    summary="Make a key",
    status_code=201,
    responses=replies(
        201,
        FreshKeyOut,
        "access.key_not_yours",
        "access.note_wrong",
        "access.party_unknown",
        "access.role_may_not",
        "access.role_not_taken",
        *_KEYED,
    ),
)
async def make_key(
    wanted: KeyIn,
    request: Request,
    api: Served = Depends(served),
    actor: Actor = Depends(calling),
    language: str = Depends(reader),
) -> Response:
    """Make a key for a party in a role; it is shown once, here. A replay does not show it again."""

    def work() -> Answer:
        key = keys.make_key(api.ctx, actor, wanted.party, wanted.role, wanted.note)
        body = {
            "key": key,
            "key_id": key.split("_")[1],
            "party": wanted.party,
            "role": wanted.role,
            "note": wanted.note,
            "world": api.ctx.store.world,
        }
        return Answer(201, body, kept={**body, "key": None})

    content = canonical(wanted.model_dump())
    return await api.once.answer(request, language, content, work)


@router.get(
    "/keys",
    operation_id="list_keys",
    summary="List the keys that are yours to make",
    responses=replies(200, KeysOut, "access.role_may_not"),
)
def list_keys(api: Served = Depends(served), actor: Actor = Depends(calling)) -> Response:
    """Return keys without their secrets, oldest first."""
    found = [
        {
            "key_id": one.key_id,
            "party": one.party_id,
            "role": one.role,
            "note": one.note,
            "made_at": to_rfc3339(one.made_at_s),
            "revoked_at": None if one.revoked_at_s is None else to_rfc3339(one.revoked_at_s),
        }
        for one in keys.list_keys(api.ctx, actor)
    ]
    return Response(canonical({"keys": found}), media_type=_JSON)


@router.delete(
    "/keys/{key_id}",
    operation_id="revoke_key",
    summary="Revoke a key",
    responses=replies(200, KeyRevokedOut, "access.no_such_key", "access.role_may_not"),
)
def revoke_key(
    key_id: Id, api: Served = Depends(served), actor: Actor = Depends(calling)
) -> Response:
    """Let a key open nothing any more, at once."""
    revoked = keys.revoke_key(api.ctx, actor, key_id)
    return Response(canonical({"key_id": key_id, "revoked": revoked}), media_type=_JSON)


@router.post(
    "/webhooks",
    operation_id="subscribe",
    summary="Be told what happens to your orders",
    status_code=201,
    responses=replies(
        201,
        FreshWebhookOut,
        "access.role_may_not",
        "hooks.host_unknown",
        "hooks.kind_unknown",
        "hooks.too_many",
        *_KEYED,
    ),
)
async def subscribe(
    wanted: WebhookIn,
    request: Request,
    api: Served = Depends(served),
    actor: Actor = Depends(calling),
    language: str = Depends(reader),
) -> Response:
    """Post what happens to a URL, signed; the secret is shown once, here."""

    def work() -> Answer:
        made = hooks.subscribe(api.ctx, actor, wanted.url, wanted.kinds)
        body = _webhook(made)
        return Answer(201, body | {"secret": made.secret}, kept=body | {"secret": None})

    content = canonical(wanted.model_dump())
    return await api.once.answer(request, language, content, work)


@router.get(
    "/webhooks",
    operation_id="list_webhooks",
    summary="List your webhooks",
    responses=replies(200, WebhooksOut),
)
def list_webhooks(api: Served = Depends(served), actor: Actor = Depends(calling)) -> Response:
    """Return webhooks without their secrets, oldest first."""
    found = [_webhook(one) for one in hooks.list_webhooks(api.ctx, actor)]
    return Response(canonical({"webhooks": found}), media_type=_JSON)


@router.delete(
    "/webhooks/{webhook_id}",
    operation_id="unsubscribe",
    summary="Be told no more",
    responses=replies(200, DroppedOut, "access.no_such_webhook"),
)
def unsubscribe(
    webhook_id: Id, api: Served = Depends(served), actor: Actor = Depends(calling)
) -> Response:
    """Forget a webhook and what waits for it."""
    hooks.unsubscribe(api.ctx, actor, webhook_id)
    return Response(canonical({"webhook_id": webhook_id, "dropped": True}), media_type=_JSON)


@router.get(
    "/webhooks/{webhook_id}/deliveries",
    operation_id="list_deliveries",
    summary="How deliveries went",
    responses=replies(200, DeliveriesOut, "access.no_such_webhook"),
)
def list_deliveries(
    webhook_id: Id,
    api: Served = Depends(served),
    actor: Actor = Depends(calling),
    limit: int = Query(100, ge=1, le=1000),
) -> Response:
    """Return the newest deliveries, newest first."""
    found = [
        {
            "delivery_id": one.delivery_id,
            "seq": one.seq,
            "state": one.state,
            "tries": one.tries,
            "due_at": to_rfc3339(one.due_s),
            "answer": one.answer,
        }
        for one in hooks.list_deliveries(api.ctx, actor, webhook_id, limit)
    ]
    return Response(canonical({"webhook_id": webhook_id, "deliveries": found}), media_type=_JSON)


def _webhook(webhook: Webhook) -> dict[str, object]:
    return {
        "webhook_id": webhook.webhook_id,
        "party": webhook.party_id,
        "role": webhook.role,
        "url": webhook.url,
        "kinds": list(webhook.kinds),
        "made_at": to_rfc3339(webhook.made_at_s),
    }
