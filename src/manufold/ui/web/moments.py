"""The moments of an order's life in words and in the time of its door."""

from typing import Any

from manufold.model.units import to_rfc3339
from manufold.services.life import life
from manufold.services.order import show_order
from manufold.ui.web.visit import Visit

__all__ = ["moments_of"]


def moments_of(visit: Visit, order_id: str, after_seq: int) -> list[dict[str, Any]]:
    """Return what happened to an order after a place in the log, in words, oldest first."""
    actor = visit.known()
    order = show_order(visit.ctx, actor, order_id)
    known = visit.ctx.network.delivery_zone.get(order.zone_id)
    zone = "UTC" if known is None else known.zone
    return [
        {
            "seq": one.seq,
            "kind": one.kind,
            "exact": to_rfc3339(one.at_s, zone),
            "at": visit.shown.moment(one.at_s, zone),
            "text": visit.shown.sentence(one.reason),
        }
        for one in life(visit.ctx, actor, order_id, after_seq)
    ]
