"""Forget: files and measures are deleted for good when their owner says so, or when nobody came.

A design is kept once per offer that was made for it. Forgetting an order's design deletes all of
them that no other open order needs; the log keeps only their random names, so the chain still
verifies. An offer that nobody accepted is forgotten by itself some weeks after it expired.
"""

from collections.abc import Iterator

from manufold.model.errors import Conflict
from manufold.model.party import Actor
from manufold.model.ports import Batch, StoredEvent
from manufold.model.units import DAY_S
from manufold.services.access import may_act, visible_offer
from manufold.services.context import Context
from manufold.services.documents import event, offer_of, orders_of
from manufold.services.holds import end_offer
from manufold.services.order import show_order
from manufold.services.project import risen

__all__ = ["forget_design", "forget_offer", "sweep"]

_OVER = ("delivered", "cancelled", "returned")


def forget_design(ctx: Context, actor: Actor, order_id: str) -> bool:
    """Delete the files of an order's design, and of all offers for it; True when there were any.

    An order that is still to be made keeps its files.

    Raises:
        Conflict: `access.no_such_order`, `change.still_needed`.
    """
    order = show_order(ctx, actor, order_id)
    may_act(ctx.network, actor, "buyer", "network_operator")
    if order.state not in _OVER:
        raise Conflict("change.still_needed", order=order_id, state=order.state)
    stream = f"order:{order_id}"
    needed = {
        _blob_of(ctx, one.order_id)
        for one in orders_of(ctx)
        if one.design_revision == order.design_revision and one.state not in _OVER
    }
    mine = _blob_of(ctx, order_id)
    own = [
        str(offer["design_blob"])
        for offer in _offers(ctx)
        if offer["party_id"] == order.party_id and offer["design_revision"] == order.design_revision
    ]
    gone = [
        blob_id
        for blob_id in dict.fromkeys((mine, *own))
        if blob_id and blob_id not in needed and ctx.blobs.delete(blob_id)
    ]
    now_s = ctx.clock.now_s()
    said = tuple(
        event(stream, "PersonalDataDeleted", {"blob_id": blob_id}, now_s, actor) for blob_id in gone
    )
    if said:
        ctx.store.append(Batch(said, {stream: order.stream_version}, now_s=now_s))
    return bool(gone)


def forget_offer(ctx: Context, actor: Actor, offer_id: str) -> bool:
    """End an offer that nobody accepted and delete its files; True when there were any.

    Of an accepted one, the files of its order are deleted, if that is over.

    Raises:
        Conflict: `access.no_such_offer`, `change.still_needed`.
    """
    may_act(ctx.network, actor, "buyer", "network_operator")
    offer = visible_offer(ctx.network, actor, offer_of(ctx, offer_id), offer_id)
    answer = ctx.store.claimed(f"accept/{offer_id}")
    if answer is None and end_offer(ctx, offer_id, offer.party_id, actor, "change.forgotten"):
        return ctx.blobs.delete(offer.design_blob)
    answer = ctx.store.claimed(f"accept/{offer_id}")
    if answer is not None and "order" in answer:
        return forget_design(ctx, actor, str(answer["order"]))
    return ctx.blobs.delete(offer.design_blob)


def sweep(ctx: Context) -> int:
    """Forget the files of offers that expired long ago and were never accepted; return how many.

    How long is the setting `design_kept_days`. Reads only what came into the log since the last
    time in this process.
    """
    until_s = ctx.clock.now_s() - ctx.settings.design_kept_days * DAY_S
    swept = 0
    for found in ctx.store.read(int(ctx.kept.get("swept_seq", 0))):
        if found.at_s + ctx.settings.hold_s > until_s:
            break  # the log is in the order of time, but for reports of shops
        if found.kind == "OfferMade":
            swept += _forgotten(ctx, found)
        ctx.kept["swept_seq"] = found.seq
    return swept


def _forgotten(ctx: Context, made: StoredEvent) -> int:
    offer = risen(made).data["offer"]
    answer = ctx.store.claimed(f"accept/{offer['offer_id']}")
    if answer is not None and "order" in answer:
        return 0
    if answer is None and offer_of(ctx, offer["offer_id"]) is not None:
        end_offer(ctx, offer["offer_id"], offer["party_id"], "manufold", "change.swept")
    return int(ctx.blobs.delete(str(offer["design_blob"])))


def _offers(ctx: Context) -> Iterator[dict[str, str]]:
    """Yield every offer there ever was, from the log: released ones have no document any more."""
    for found in ctx.store.read():
        if found.kind == "OfferMade":
            yield dict(risen(found).data["offer"])


def _blob_of(ctx: Context, order_id: str) -> str:
    accepted = risen(next(iter(ctx.store.read(stream=f"order:{order_id}", limit=1))))
    return str(accepted.data["design_blob"])
