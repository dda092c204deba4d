"""Change of mind: cancel, claim and return, each one command with its own answer."""

from manufold.model.execution import Command, CommandKind, OrderState
from manufold.model.party import Actor
from manufold.services.context import Context
from manufold.services.make import say
from manufold.services.order import show_order

__all__ = ["cancel", "claim", "return_goods"]


def cancel(ctx: Context, actor: Actor, order_id: str, reason: str) -> OrderState:
    """Return the order after cancelling it; what has not begun goes free.

    Raises:
        Conflict: `access.no_such_order`, or the state does not allow it.
    """
    return _said(ctx, actor, order_id, "cancel", {"reason": reason})


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
