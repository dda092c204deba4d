"""Change of mind: amend, cancel, claim, return and forget, each with its own answer."""

from manufold.model.errors import Conflict
from manufold.model.execution import Command, CommandKind, OrderState
from manufold.model.party import Actor
from manufold.model.ports import Batch
from manufold.services.access import may_act
from manufold.services.context import Context
from manufold.services.documents import event
from manufold.services.make import say
from manufold.services.order import show_order
from manufold.services.project import risen

__all__ = ["amend", "cancel", "claim", "forget_design", "return_goods"]


def cancel(ctx: Context, actor: Actor, order_id: str, reason: str) -> OrderState:
    """Return the order after cancelling it; what has not begun goes free.

    Raises:
        Conflict: `access.no_such_order`, or the state does not allow it.
    """
    return _said(ctx, actor, order_id, "cancel", {"reason": reason})


def amend(ctx: Context, actor: Actor, order_id: str, quantity: int) -> OrderState:
    """Return the order after lowering its quantity, which only an order not begun allows.

    Its slots and its date stay as they are; more pieces are another offer.
    """
    return _said(ctx, actor, order_id, "amend", {"quantity": quantity})


def forget_design(ctx: Context, actor: Actor, order_id: str) -> bool:
    """Delete the files of an order's design for good; True when there were any.

    The log keeps only the random name of what was deleted, so the chain still verifies. An
    order that is still to be made keeps its files.

    Raises:
        Conflict: `access.no_such_order`, `change.still_needed`.
    """
    order = show_order(ctx, actor, order_id)
    may_act(ctx.network, actor, "buyer", "network_operator")
    if order.state not in ("delivered", "cancelled", "returned"):
        raise Conflict("change.still_needed", order=order_id, state=order.state)
    stream = f"order:{order_id}"
    accepted = risen(next(iter(ctx.store.read(stream=stream, limit=1))))
    blob_id = str(accepted.data["design_blob"])
    if not blob_id or not ctx.blobs.delete(blob_id):
        return False
    now_s = ctx.clock.now_s()
    said = event(stream, "PersonalDataDeleted", {"blob_id": blob_id}, now_s, actor)
    ctx.store.append(Batch((said,), {stream: order.stream_version}, now_s=now_s))
    return True


def claim(ctx: Context, actor: Actor, order_id: str, quantity: int, reason: str) -> OrderState:
    """Return the order after a claim on delivered pieces."""
    data = {"claim_id": ctx.ids.mint("clm"), "quantity": quantity, "reason": reason}
    return _said(ctx, actor, order_id, "claim", data)


def return_goods(
    ctx: Context, actor: Actor, order_id: str, claim_id: str, quantity: int
) -> OrderState:
    """Return the order after claimed pieces were sent back."""
    return _said(ctx, actor, order_id, "return", {"claim_id": claim_id, "quantity": quantity})


def _said(
    ctx: Context, actor: Actor, order_id: str, kind: CommandKind, data: dict[str, object]
) -> OrderState:
    by = f"{actor.party_id}/{actor.role}"
    command = Command(ctx.ids.mint("evt"), kind, ctx.clock.now_s(), by, order_id, data=data)
    say(ctx, actor, command)
    return show_order(ctx, actor, order_id)
