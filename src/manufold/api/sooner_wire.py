"""What an earlier date would cost, as the command line answers it."""

from typing import Any

from manufold.api.wire import worded
from manufold.model.network import Network
from manufold.model.units import to_rfc3339
from manufold.services.sooner import Sooner

__all__ = ["sooner_answer"]


def sooner_answer(found: Sooner, network: Network, language: str) -> dict[str, Any]:
    """Return it as `contracts/sooner_answer.schema.json` has it."""
    zone = network.delivery_zone[found.offer.zone_id].zone
    return {
        "schema": "manufold/sooner_answer/1",
        "offer_id": found.offer.offer_id,
        "option": found.option.name,
        "promised_at": to_rfc3339(found.option.promised_at_s, zone),
        "reasons": worded(found.option.reasons, language),
        "ways": worded(found.ways, language),
    }
