"""The orders one may see, newest first."""

from dataclasses import dataclass

from starlette.responses import Response

from manufold.model.execution import ORDER_STATES, OrderState
from manufold.model.party import Actor
from manufold.services.access import actor_of, visible_order
from manufold.services.documents import plan_of
from manufold.services.order_book import order_book
from manufold.services.schedule import forecast_at_s
from manufold.ui.web.page import rendered
from manufold.ui.web.thing import thing_of, zone_of
from manufold.ui.web.visit import Visit

__all__ = ["Row", "newest", "orders"]

_PAGE = 50


@dataclass(frozen=True, slots=True)
class Row:
    """One order of a list, in the zone of its destination, or of the site for a supplier.

    Args:
        title: its files, "" where they are not to be told of.
    """

    order: OrderState
    title: str
    material: str
    process: str
    zone: str
    forecast_at_s: int | None


def newest(visit: Visit, actor: Actor, most: int) -> list[Row]:
    """Return the newest orders of the actor, newest first."""
    return [_row(visit, order) for order in _own(visit, actor)[:most]]


def orders(visit: Visit) -> Response:
    """Return one page of the list of orders."""
    actor, query = visit.known(), visit.request.query_params
    state = query.get("state", "")
    state = state if state in ORDER_STATES else ""
    text = query.get("page", "1")
    page = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 1
    every = _own(visit, actor)
    found = [order for order in every if not state or order.state == state]
    pages = max(1, -(-len(found) // _PAGE))
    page = min(max(1, page), pages)
    return rendered(
        visit,
        "orders.html",
        rows=[_row(visit, order) for order in found[(page - 1) * _PAGE : page * _PAGE]],
        count=len(found),
        page=page,
        pages=pages,
        state=state,
        states=[one for one in ORDER_STATES if any(order.state == one for order in every)],
    )


def _own(visit: Visit, actor: Actor) -> list[OrderState]:
    network = visit.ctx.network
    actor_of(network, actor)
    book = order_book(visit.ctx).orders.values()
    seen = [order for one in book if (order := visible_order(network, actor, one)) is not None]
    return sorted(seen, key=lambda order: (order.accepted_at_s, order.order_id), reverse=True)


def _row(visit: Visit, order: OrderState) -> Row:
    title, material = thing_of(visit, order)
    process = plan_of(visit.ctx, order.plan_digest).process
    zone = zone_of(visit.ctx.network, order)
    return Row(order, title, material, process, zone, forecast_at_s(visit.ctx, order))
