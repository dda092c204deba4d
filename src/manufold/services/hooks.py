"""Webhooks: a party is told what happens to its orders, as it happens, in the order of the log.

`collect` reads the log from where each webhook stands and puts what its party may know on the
waiting list; `connect.webhooks` sends it. What may be known is what `services.life` tells the same
party, no more: a supplier reads of its own sites, nobody of another's order.
"""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import islice

from manufold.model.codec import canonical
from manufold.model.desk import Delivery, Webhook
from manufold.model.errors import Conflict, InputFault, Reason
from manufold.model.execution import EVENTS, OrderState
from manufold.model.ids import ALPHABET
from manufold.model.party import Actor
from manufold.model.ports import StoredEvent
from manufold.model.units import to_rfc3339
from manufold.services.access import actor_of, may_act, visible_order
from manufold.services.context import Context
from manufold.services.documents import order_of
from manufold.services.hook_url import Resolve, checked_addresses, checked_url, resolved
from manufold.services.life import Moment, life

__all__ = [
    "KINDS",
    "WEBHOOKS_MAX",
    "collect",
    "list_deliveries",
    "list_webhooks",
    "still_takes_part",
    "subscribe",
    "unsubscribe",
]

_ELSEWHERE = (
    "NetworkLoaded",
    "OfferMade",
    "OfferExtended",
    "OfferReleased",
    "BrokeDown",
    "Repaired",
    "OutageTold",
)
#: kinds of events that happen to an order, which a webhook may choose among
KINDS = tuple(kind for kind in EVENTS if kind not in _ELSEWHERE)
#: of one party; each costs a look at every event
WEBHOOKS_MAX = 20
_ROLES = ("buyer", "planner", "owner", "network_operator")
_PAGE = 500  # events looked at before the place in the log is kept
_LISTED_MAX = 1000
_ORDER = "order:"


def subscribe(
    ctx: Context,
    actor: Actor,
    url: str,
    kinds: Sequence[str] = (),
    *,
    resolve: Resolve = resolved,
) -> Webhook:
    """Tell a party from now on what happens to its orders; the answer alone holds the secret.

    Args:
        url: where to post; see `hook_url` for what may stand there.
        kinds: of `KINDS`, empty = all.
        resolve: looks up a host's addresses.

    Raises:
        InputFault: `hooks.kind_unknown`, `hooks.host_unknown`, what `hook_url` refuses, and what
            `access.may_act` raises.
        Conflict: `hooks.too_many`.
    """
    may_act(ctx.network, actor, *_ROLES)
    for kind in kinds:
        if kind not in KINDS:
            raise InputFault("hooks.kind_unknown", kind=kind[:80], known=", ".join(KINDS))
    where = checked_url(ctx, url)
    try:
        addresses = resolve(where.host, where.port)
    except (OSError, UnicodeError):
        addresses = ()
    checked_addresses(ctx, where, addresses)
    if len(ctx.desk.webhooks(actor.party_id)) >= WEBHOOKS_MAX:
        raise Conflict("hooks.too_many", party=actor.party_id, most=WEBHOOKS_MAX)
    webhook = Webhook(
        ctx.ids.mint("whk"),
        actor.party_id,
        actor.role,
        url,
        "whs_" + "".join(secrets.choice(ALPHABET) for _ in range(52)),
        tuple(dict.fromkeys(kinds)),
        ctx.wall.now_s(),
        ctx.store.head().seq,
    )
    ctx.desk.add_webhook(webhook)
    return webhook


def unsubscribe(ctx: Context, actor: Actor, webhook_id: str) -> None:
    """Forget a webhook and what waits for it.

    Raises:
        Conflict: `access.no_such_webhook`, for one that is another's and for one that never was.
    """
    ctx.desk.drop_webhook(_own(ctx, actor, webhook_id).webhook_id)


def list_webhooks(ctx: Context, actor: Actor) -> tuple[Webhook, ...]:
    """Return the actor's webhooks, oldest first, without their secrets; the operator sees all."""
    actor_of(ctx.network, actor)
    party_id = None if actor.role == "network_operator" else actor.party_id
    found = ctx.desk.webhooks(party_id)
    return tuple(replace(one, secret="") for one in found if _owns(actor, one))


def list_deliveries(
    ctx: Context, actor: Actor, webhook_id: str, limit: int = 100
) -> tuple[Delivery, ...]:
    """Return the newest deliveries of a webhook, newest first, and how each went.

    Raises:
        Conflict: `access.no_such_webhook`.
    """
    webhook = _own(ctx, actor, webhook_id)
    return ctx.desk.deliveries(webhook.webhook_id, min(max(limit, 0), _LISTED_MAX))


def still_takes_part(ctx: Context, webhook: Webhook) -> bool:
    """Say whether the party of a webhook still takes part in its role."""
    try:
        actor_of(ctx.network, Actor(webhook.party_id, webhook.role))
    except InputFault:
        return False
    return True


def collect(ctx: Context, sentence: Callable[[Reason], str]) -> int:
    """Put what happened since the last look on the waiting lists; return how many deliveries.

    Safe in several processes at once: of two that list the same events, one is heard.

    Args:
        sentence: words a reason, for people who read what a program received.
    """
    webhooks = ctx.desk.webhooks()
    if not webhooks:
        return 0
    head_seq, count = ctx.store.head().seq, 0
    after_seq = min(webhook.after_seq for webhook in webhooks)
    while after_seq < head_seq:
        page = list(islice(ctx.store.read(after_seq, limit=_PAGE), _PAGE))
        if not page:
            break
        last_seq = page[-1].seq
        orders: dict[str, OrderState | None] = {}
        for webhook in webhooks:
            if webhook.after_seq < last_seq:
                waiting = _deliveries(ctx, webhook, page, orders, sentence)
                if ctx.desk.put_on_list(webhook.webhook_id, last_seq, waiting):
                    count += len(waiting)
        after_seq = last_seq
    return count


def _deliveries(
    ctx: Context,
    webhook: Webhook,
    page: Sequence[StoredEvent],
    orders: dict[str, OrderState | None],
    sentence: Callable[[Reason], str],
) -> tuple[Delivery, ...]:
    if not still_takes_part(ctx, webhook):
        return ()
    actor = Actor(webhook.party_id, webhook.role)
    wanted = {
        event.seq: event.stream.removeprefix(_ORDER)
        for event in page
        if event.stream.startswith(_ORDER) and event.kind in (webhook.kinds or KINDS)
    }
    found: list[Delivery] = []
    for order_id in dict.fromkeys(wanted.values()):
        if order_id not in orders:
            orders[order_id] = order_of(ctx, order_id)
        if visible_order(ctx.network, actor, orders[order_id]) is None:
            continue
        before_seq = max(webhook.after_seq, page[0].seq - 1)
        for moment in life(ctx, actor, order_id, before_seq):
            if moment.seq in wanted:
                found.append(_delivery(ctx, webhook, order_id, moment, sentence(moment.reason)))
    return tuple(sorted(found, key=lambda one: one.seq))


def _delivery(ctx: Context, webhook: Webhook, order_id: str, moment: Moment, text: str) -> Delivery:
    """Return one moment as it is sent; its id says which, so a second try has the same one."""
    delivery_id = f"{webhook.webhook_id}.{moment.seq}"
    body = {
        "type": "order.event",
        "version": 1,
        "webhook_id": webhook.webhook_id,
        "delivery_id": delivery_id,
        "world": moment.world,
        "event": {
            "seq": moment.seq,
            "kind": moment.kind,
            "order_id": order_id,
            "at": to_rfc3339(moment.at_s, "UTC"),
            "job_order_id": moment.job_order_id,
            "site_id": moment.site_id,
            "code": moment.reason.code,
            "params": dict(moment.reason.params),
            "text": text,
        },
    }
    sent = canonical(body).decode()
    now_s = ctx.wall.now_s()
    return Delivery(delivery_id, webhook.webhook_id, moment.seq, sent, "waiting", 0, now_s)


def _own(ctx: Context, actor: Actor, webhook_id: str) -> Webhook:
    actor_of(ctx.network, actor)
    sound = webhook_id.isascii() and webhook_id.isprintable() and len(webhook_id) <= 80
    webhook = ctx.desk.webhook(webhook_id) if sound else None
    if webhook is None or not _owns(actor, webhook):
        raise Conflict("access.no_such_webhook", webhook=webhook_id[:80], party=actor.party_id)
    return webhook


def _owns(actor: Actor, webhook: Webhook) -> bool:
    if actor.role == "network_operator":
        return True
    return (actor.party_id, actor.role) == (webhook.party_id, webhook.role)
