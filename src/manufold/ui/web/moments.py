"""The moments of an order's life in words, in the time of its door or of the supplier's site."""

import re
from typing import Any

from manufold.model.errors import Param, Reason
from manufold.model.units import to_rfc3339
from manufold.services.life import life
from manufold.services.order import show_order
from manufold.ui.web.shown import Shown
from manufold.ui.web.thing import zone_of
from manufold.ui.web.visit import Visit

__all__ = ["moments_of", "spoken"]

#: an instant inside a sentence of `services.life`, already in the zone of who reads it
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d")


def moments_of(visit: Visit, order_id: str, after_seq: int) -> list[dict[str, Any]]:
    """Return what happened to an order after a place in the log, in words, oldest first."""
    actor = visit.known()
    order = show_order(visit.ctx, actor, order_id)
    zone = zone_of(visit.ctx.network, order)
    return [
        {
            "seq": one.seq,
            "kind": one.kind,
            "exact": to_rfc3339(one.at_s, zone),
            "at": visit.shown.moment(one.at_s, zone),
            "text": visit.shown.sentence(spoken(visit.shown, one.reason)),
        }
        for one in life(visit.ctx, actor, order_id, after_seq)
    ]


def spoken(shown: Shown, reason: Reason) -> Reason:
    """Return the reason with instants written as everywhere else on the page."""
    params: dict[str, Param] = {
        name: shown.local(value)
        if isinstance(value, str) and name.endswith("_at") and _INSTANT.fullmatch(value)
        else value
        for name, value in reason.params.items()
    }
    return Reason(reason.code, params)
