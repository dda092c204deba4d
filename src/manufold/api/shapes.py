"""Answers that only the API gives: networks, forms, lives, runs."""

from typing import Any

from manufold.api.wire import worded
from manufold.design.contract import Vertical
from manufold.model.party import Actor
from manufold.model.units import to_rfc3339
from manufold.services.access import own_sites
from manufold.services.context import Context
from manufold.services.life import Moment
from manufold.services.running import RunStatus
from manufold.words import term

__all__ = ["moment_answer", "network_answer", "run_status_answer", "vertical_answer"]


def moment_answer(moment: Moment, ctx: Context, language: str) -> dict[str, Any]:
    """Return a moment of an order's life, worded."""
    site = ctx.network.site.get(moment.site_id)
    return {
        "seq": moment.seq,
        "at": to_rfc3339(moment.at_s, "UTC" if site is None else site.zone),
        "kind": moment.kind,
        **worded([moment.reason], language)[0],
        "job_order_id": moment.job_order_id,
        "site": moment.site_id,
        "world": moment.world,
    }


def network_answer(ctx: Context, actor: Actor) -> dict[str, Any]:
    """Return the network as far as the actor may see it: machines of its own sites only."""
    network, own = ctx.network, own_sites(ctx.network, actor)
    centers = network.work_center
    return {
        "name": network.name,
        "revision": network.revision,
        "world": ctx.store.world,
        "currency": network.currency,
        "sites": [
            {
                "site_id": site.site_id,
                "name": site.name,
                "party": site.party_id,
                "country": site.country,
                "zone": site.zone,
            }
            for site in network.sites
        ],
        "work_units": [
            {
                "work_unit": unit.work_unit_id,
                "name": unit.name,
                "site": centers[unit.work_center_id].site_id,
                "seats": unit.seats,
                "capabilities": [one.name for one in unit.capabilities],
            }
            for unit in network.work_units
            if centers[unit.work_center_id].site_id in own
        ],
        "delivery_zones": [
            {"zone_id": z.zone_id, "name": z.name, "country": z.country, "zone": z.zone}
            for z in network.delivery_zones
        ],
        "materials": [
            {"material_id": one.material_id, "name": one.name} for one in network.materials
        ],
    }


def vertical_answer(vertical: Vertical, language: str) -> dict[str, Any]:
    """Return what a vertical takes, its fields labelled."""
    form, name = vertical.form, vertical.name
    return {
        "name": name,
        "level": vertical.level,
        "suffixes": list(form.suffixes),
        "by_hand": form.by_hand,
        "fields": [
            {
                "name": field.name,
                "label": term(f"{name}.field", field.name, language),
                "kind": field.kind,
                "to": field.to,
                "example": field.example,
                "least": field.least,
                "most": field.most,
                "choices": list(field.choices),
                "required": field.required,
            }
            for field in form.fields
        ],
    }


def run_status_answer(status: RunStatus, ctx: Context, language: str) -> dict[str, Any]:
    """Return how a run is going."""
    return {
        "running": status.running,
        "world": ctx.store.world,
        "now": to_rfc3339(status.now_s),
        "share": round(status.share, 4),
        "events": status.events,
        "error": None if status.error is None else worded([status.error], language)[0],
    }
