"""The network of a log written as a network file that a factory owner goes on with."""

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal

from manufold.model.errors import Reason
from manufold.model.network import Network
from manufold.model.units import CURRENCIES
from manufold.words import word

__all__ = ["network_text"]

_GUESS = "not-from-the-log"


def network_text(network: Network, reasons: Iterable[Reason] = (), language: str = "en") -> str:
    """Return the TOML of a network that `plant_of` saw, what was assumed as notes above it.

    Reading it again gives the same network.
    """
    digits = CURRENCIES[network.currency]
    site = network.sites[0]
    guess = site.grid_source
    lines = [f"# {word(reason, language)}" for reason in reasons]
    lines += ["", "manufold_network = 1"]
    lines += _pairs({"name": network.name, "currency": network.currency})
    lines += _table(
        "source",
        {"id": _GUESS, "title": guess.title, "year": guess.year, "verified": guess.verified},
    )
    for party in network.parties:
        lines += _table(
            "party",
            {
                "id": party.party_id,
                "name": party.name,
                "roles": list(party.roles),
                "country": party.country,
            },
        )
    for calendar in network.calendars:
        shifts = [
            {"days": list(shift.days), "start": shift.start, "end": shift.end}
            for shift in calendar.shifts
        ]
        lines += _table(
            "calendar", {"id": calendar.calendar_id, "zone": calendar.zone, "shifts": shifts}
        )
    lines += _table(
        "site",
        {
            "id": site.site_id,
            "name": site.name,
            "party": site.party_id,
            "country": site.country,
            "zone": site.zone,
            "currency": site.currency,
            "grid_g_per_kwh": site.grid_g_per_kwh,
            "grid_source": _GUESS,
            "energy_price_per_kwh": site.energy_minor_per_kwh.scaleb(-digits),
        },
    )
    for center in network.work_centers:
        lines += _table(
            "work_center",
            {"id": center.work_center_id, "name": center.name, "site": center.site_id},
        )
    return "\n".join([*lines, *_who_works(network, digits), *_ways(network, digits), ""])


def _who_works(network: Network, digits: int) -> list[str]:
    lines: list[str] = []
    for unit in network.work_units:
        failing = {"mtbf_h": unit.mtbf_h, "mttr_h": unit.mttr_h} if unit.mtbf_h else {}
        lines += _table(
            "work_unit",
            {
                "id": unit.work_unit_id,
                "name": unit.name,
                "work_center": unit.work_center_id,
                "calendar": unit.calendar_id,
                "capabilities": [capability.name for capability in unit.capabilities],
                "rate_per_h": Decimal(unit.rate_minor_per_h).scaleb(-digits),
                "seats": unit.seats,
            }
            | failing,
        )
    for operator in network.operators:
        lines += _table(
            "operator",
            {
                "id": operator.operator_id,
                "site": operator.site_id,
                "skills": list(operator.skills),
                "calendar": operator.calendar_id,
                "rate_per_h": Decimal(operator.rate_minor_per_h).scaleb(-digits),
            },
        )
    return lines


def _ways(network: Network, digits: int) -> list[str]:
    lines: list[str] = []
    for zone in network.delivery_zones:
        lines += _table(
            "delivery_zone",
            {
                "id": zone.zone_id,
                "name": zone.name,
                "country": zone.country,
                "zone": zone.zone,
                "tax_percent": zone.tax_fraction * 100,
            },
        )
    for lane in network.lanes:
        lines += _table(
            "lane",
            {
                "from": lane.from_id,
                "to": lane.to_id,
                "time_h": lane.time_s // 3600,
                "cost": Decimal(lane.cost_minor).scaleb(-digits),
                "currency": lane.currency,
                "carbon_g_per_kg": lane.carbon_g_per_kg,
                "source": _GUESS,
            },
        )
    return lines


def _table(section: str, values: Mapping[str, object]) -> list[str]:
    return ["", f"[[{section}]]", *_pairs(values)]


def _pairs(values: Mapping[str, object]) -> list[str]:
    return [f"{key} = {_value(value)}" for key, value in values.items()]


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, Decimal)):
        return f"{value:f}" if isinstance(value, Decimal) else str(value)
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_value(one)}" for key, one in value.items()) + " }"
    if isinstance(value, list):
        wide = any(isinstance(one, Mapping) for one in value)
        inner = [_value(one) for one in value]
        return "[\n    " + ",\n    ".join(inner) + ",\n]" if wide else f"[{', '.join(inner)}]"
    return json.dumps(str(value), ensure_ascii=False)  # what JSON escapes, TOML escapes alike
