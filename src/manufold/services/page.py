"""A page of orders, for lists that grow without end."""

from manufold.model.codec import decoded
from manufold.model.execution import OrderState, OrderStateName
from manufold.model.party import Actor
from manufold.services.access import actor_of, visible_order
from manufold.services.context import Context

__all__ = ["orders_page"]

_READ_AT_ONCE = 200


def orders_page(
    ctx: Context,
    actor: Actor,
    *,
    after: str = "",
    limit: int = 50,
    state: OrderStateName | None = None,
) -> tuple[tuple[OrderState, ...], str | None]:
    """Return the next orders the actor may see, oldest first, and where the page after begins.

    Args:
        after: the last order of the page before.
        state: only orders in this state.
    """
    actor_of(ctx.network, actor)
    found: list[OrderState] = []
    while page := ctx.store.scan("order", after, _READ_AT_ONCE):
        after = page[-1][0]
        for _key, document in page:
            if state is not None and document["state"] != state:
                continue
            seen = visible_order(ctx.network, actor, decoded(OrderState, document))
            if seen is None:
                continue
            if len(found) == limit:
                return tuple(found), found[-1].order_id
            found.append(seen)
    return tuple(found), None
