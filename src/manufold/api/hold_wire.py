"""Holds as programs read them: `contracts/holds_answer.schema.json`."""

from collections.abc import Sequence
from typing import Any

from manufold.model.errors import Reason
from manufold.model.network import Network
from manufold.model.ports import World
from manufold.model.units import to_rfc3339
from manufold.services.hold_log import Hold, Stretch
from manufold.words import word

__all__ = ["holds_answer"]


def holds_answer(
    holds: Sequence[Hold], network: Network, world: World, language: str
) -> dict[str, Any]:
    """Return holds as their contract has them; stretches in the time of their site."""
    return {
        "schema": "manufold/holds_answer/1",
        "world": world,
        "holds": [_hold(hold, network, language) for hold in holds],
    }


def _hold(hold: Hold, network: Network, language: str) -> dict[str, Any]:
    return {
        "offer_id": hold.offer_id,
        "reservation_id": hold.reservation_id,
        "party": hold.party_id,
        "by": hold.by,
        "made_at": to_rfc3339(hold.made_s),
        "expires_at": to_rfc3339(hold.expires_s),
        "extended": [
            {"at": to_rfc3339(one.at_s), "by": one.by, "expires_at": to_rfc3339(one.expires_s)}
            for one in hold.longer
        ],
        "state": hold.how.removeprefix("hold."),
        "text": word(Reason(hold.how, {}), language),
        "ended_at": None if hold.ended_s is None else to_rfc3339(hold.ended_s),
        "ended_by": hold.ended_by,
        "order_id": hold.order_id,
        "option": hold.accepted,
        "stretches": [_stretch(one, network) for one in hold.stretches],
    }


def _stretch(stretch: Stretch, network: Network) -> dict[str, Any]:
    site = network.site.get(stretch.site_id)
    zone = "UTC" if site is None else site.zone
    return {
        "work_unit": stretch.resource_id,
        "seat": stretch.seat,
        "site": stretch.site_id,
        "start_at": to_rfc3339(stretch.from_s, zone),
        "end_at": to_rfc3339(stretch.to_s, zone),
        "options": list(stretch.options),
    }
