"""Change of mind: amend, cancel, claim and return, each with its own answer."""

from manufold.model.execution import Command, CommandKind, OrderState
from manufold.model.party import Actor
from manufold.services.context import Context
from manufold.services.make import say
from manufold.services.order import show_order

__all__ = ["amend", "cancel", "claim", "receive", "return_goods"]


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


def receive(
    ctx: Context, actor: Actor, order_id: str, quantity: int, *, command_id: str = ""
) -> OrderState:
    """Return the order after pieces came to its buyer's door.

    Args:
        command_id: its own of whoever may say it twice; then it is done once.

    Raises:
        Conflict: `execution.receive_too_many`, `access.no_such_order`.
    """
    return _said(ctx, actor, order_id, "receive", {"quantity": quantity}, command_id)


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
    ctx: Context,
    actor: Actor,
    order_id: str,
    kind: CommandKind,
    data: dict[str, object],
    command_id: str = "",
) -> OrderState:
    by = f"{actor.party_id}/{actor.role}"
    name = command_id or ctx.ids.mint("evt")
    command = Command(name, kind, ctx.clock.now_s(), by, order_id, data=data)
    say(ctx, actor, command, now=bool(command_id))
    return show_order(ctx, actor, order_id)
