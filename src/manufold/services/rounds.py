"""Rounds: the planner's, by hand or by the clock: slots follow the floor, what is short is planned
once more, and dates in danger are brought forward."""

from collections.abc import Iterable
from dataclasses import dataclass

from manufold.model.party import Actor
from manufold.services.access import may_act, visible_order
from manufold.services.better import better
from manufold.services.catch_up import catch_up
from manufold.services.context import Context
from manufold.services.documents import order_of, orders_of, units_of
from manufold.services.remake import remake

__all__ = ["Round", "plan_round", "round_now"]


@dataclass(frozen=True, slots=True)
class Round:
    """What a planner's round did.

    Args:
        moved: orders whose slots moved.
        made_again: orders of which pieces that came out short were planned once more.
    """

    at_s: int
    moved: tuple[str, ...]
    made_again: tuple[str, ...]


def plan_round(ctx: Context) -> Round:
    """Bring slots in line with the floor, plan what is short once more, then bring dates in danger
    forward."""
    with ctx.floor:
        now_s = ctx.clock.now_s()
        orders = {order.order_id: order for order in orders_of(ctx)}
        moved = catch_up(ctx, now_s, orders, units_of(ctx))
        if moved:
            orders = {order.order_id: order for order in orders_of(ctx)}
        again = remake(ctx, now_s, orders)
        if again:
            orders = {order.order_id: order for order in orders_of(ctx)}
        forward = better(ctx, now_s, orders, units_of(ctx))
        return Round(now_s, tuple(dict.fromkeys((*moved, *forward))), tuple(again))


def round_now(ctx: Context, actor: Actor) -> Round:
    """Make a planner's round now; of what it did, the actor learns what is its own.

    Raises:
        InputFault: `access.role_may_not` for whoever plans nothing.
    """
    may_act(ctx.network, actor, "planner", "owner", "network_operator")
    done = plan_round(ctx)

    def own(order_ids: Iterable[str]) -> tuple[str, ...]:
        return tuple(
            name for name in order_ids if visible_order(ctx.network, actor, order_of(ctx, name))
        )

    return Round(done.at_s, own(done.moved), own(done.made_again))
