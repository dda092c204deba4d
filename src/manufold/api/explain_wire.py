"""Why this date, why this site, why late and what a day earlier would cost, as programs read it."""

from typing import Any

from manufold.api.wire import worded
from manufold.model.network import Network
from manufold.model.units import to_rfc3339
from manufold.services.explained import Explained, OtherWay

__all__ = ["explain_answer"]


def explain_answer(found: Explained, network: Network, language: str) -> dict[str, Any]:
    """Return it as `contracts/explain_answer.schema.json` has it."""
    named = {"offer_id": found.offer_id, "order_id": found.order_id, "option": found.option}
    forecast_s, day = found.forecast_at_s, found.day_earlier
    return {
        "schema": "manufold/explain_answer/1",
        **{name: value or None for name, value in named.items()},
        "currency": found.currency,
        "promised_at": to_rfc3339(found.promised_at_s, found.zone),
        "forecast_at": None if forecast_s is None else to_rfc3339(forecast_s, found.zone),
        "standing": found.standing,
        "date": worded(found.date, language),
        "promise": worded(found.promise, language),
        "sites": list(found.sites),
        "others": [_other(one, found.zone, network, language) for one in found.others],
        "late": worded(found.late, language),
        "history": worded(found.history, language),
        "sooner": worded(found.sooner, language),
        "day_earlier": None if day is None else worded([day], language)[0],
    }


def _other(one: OtherWay, zone: str, network: Network, language: str) -> dict[str, Any]:
    return {
        "process_plan_id": one.process_plan_id,
        "process": one.process,
        "sites": list(one.sites),
        "site_names": [network.place_name(site) for site in one.sites],
        "promised_at": None if one.promised_at_s is None else to_rfc3339(one.promised_at_s, zone),
        "price_minor": one.price_minor,
        "carbon_g": one.carbon_g,
        "lost": worded([one.lost], language)[0],
    }
