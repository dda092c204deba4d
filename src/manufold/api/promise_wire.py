"""What a plan could be promised for, as the command line and the API answer it."""

from typing import Any

from manufold.api.wire import worded
from manufold.model.errors import Reason
from manufold.model.network import Network
from manufold.model.process_plan import ProcessPlan
from manufold.model.schedule import Slot
from manufold.model.units import to_rfc3339
from manufold.services.promises import Promises, Way
from manufold.services.weights import MEASURES

__all__ = ["NOTHING_HELD", "promise_answer"]

#: said in every answer
NOTHING_HELD = Reason("promise.holds_nothing", {})


def promise_answer(
    found: Promises, network: Network, language: str, world: str, seconds: float = 0.0
) -> dict[str, Any]:
    """Return it as `contracts/promise_answer.schema.json` has it."""
    zone, by_s, weights = found.zone, found.by_s, found.weights
    told = [(way, _way(way, found, network, language)) for way in found.ways]
    options = [
        {"name": name, "same_as": [other for other in way.names if other != name], **body}
        for way, body in told
        for name in way.names
    ]
    order = ("fast", "cheap", "green")
    options.sort(key=lambda one: order.index(one["name"]) if one["name"] in order else len(order))
    return {
        "schema": "manufold/promise_answer/1",
        "world": world,
        "now": to_rfc3339(found.at_s, zone.zone),
        "process_plan_id": found.plan.process_plan_id,
        "quantity": found.quantity,
        "destination": zone.zone_id,
        "currency": network.currency,
        "requested_at": None if by_s is None else to_rfc3339(by_s, zone.zone),
        "weights": None
        if weights is None
        else dict(zip(MEASURES, map(float, weights.each), strict=True)),
        "held": False,
        "note": worded([NOTHING_HELD], language)[0],
        "options": options,
        "refused": worded(found.refused, language),
        "assumptions": worded(found.assumptions, language),
        "seconds": round(seconds, 4),
    }


def _way(way: Way, found: Promises, network: Network, language: str) -> dict[str, Any]:
    zone = found.zone.zone
    return {
        "p50_at": to_rfc3339(way.p50_at_s, zone),
        "promised_at": to_rfc3339(way.promised_at_s, zone),
        "ships_at": to_rfc3339(way.ships_at_s, zone),
        "price_minor": way.price_minor,
        "carbon_g": way.carbon_g,
        "quantity_started": way.quantity_started,
        "sites": list(way.sites),
        "site_names": [network.place_name(site) for site in way.sites],
        "binding": worded([way.binding], language)[0],
        "reasons": worded(way.reasons, language),
        "assumptions": worded(way.assumptions, language),
        "slots": [_slot(slot, found.plan, network) for slot in way.slots],
    }


def _slot(slot: Slot, plan: ProcessPlan, network: Network) -> dict[str, Any]:
    site = network.site_of(slot.resource_id)
    return {
        "operation_id": slot.operation_id,
        "operation": plan.operation[slot.operation_id].name,
        "work_unit": slot.resource_id,
        "seat": slot.seat,
        "site": site.site_id,
        "start_at": to_rfc3339(slot.start_s, site.zone),
        "end_at": to_rfc3339(slot.end_s, site.zone),
        "setup_s": slot.setup_s,
    }
