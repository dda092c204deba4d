"""Answers as programs read them: instants in RFC 3339, every reason with its sentence.

The shapes stand in `contracts/`; the command line prints them and the API sends them.
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

from manufold.model.codec import encoded, stamped
from manufold.model.errors import ManufoldError, Reason
from manufold.model.evidence import Passport
from manufold.model.execution import OrderState
from manufold.model.network import Network
from manufold.model.offer import Offer, Option
from manufold.model.schedule import Slot
from manufold.model.units import to_rfc3339, whole_minor
from manufold.words import word

__all__ = [
    "error_answer",
    "offer_answer",
    "order_answer",
    "passport_answer",
    "slot_answer",
    "worded",
]


def worded(reasons: Iterable[Reason], language: str) -> list[dict[str, Any]]:
    """Return reasons as code, params and the sentence in that language."""
    return [{"code": r.code, "params": dict(r.params), "text": word(r, language)} for r in reasons]


def offer_answer(
    offer: Offer, network: Network, language: str, seconds: float = 0.0
) -> dict[str, Any]:
    """Return an offer as `contracts/offer_answer.schema.json` has it."""
    zone = network.delivery_zone[offer.zone_id].zone
    return {
        "schema": "manufold/offer_answer/1",
        "offer_id": offer.offer_id,
        "quantity": offer.quantity,
        "destination": offer.zone_id,
        "assumptions": worded(offer.assumptions, language),
        "seconds": round(seconds, 3),
        "reservation": {
            "id": offer.reservation.reservation_id,
            "expires_at": to_rfc3339(offer.reservation.expires_s, zone),
        },
        "options": [_option(option, offer, zone, language) for option in offer.options],
    }


def _option(option: Option, offer: Offer, zone: str, language: str) -> dict[str, Any]:
    price = [
        {"kind": line.kind, "amount_minor": line.amount_minor, "to": line.to}
        | worded([line.basis], language)[0]
        for line in option.price_lines
    ]
    carbon = [
        {"kind": line.kind, "carbon_g": line.carbon_g}
        | worded([line.basis], language)[0]
        | {"source": encoded(line.source)}
        for line in option.carbon_lines
    ]
    return {
        "option_id": option.option_id,
        "name": option.name,
        "price_minor": option.price_minor,
        "unit_price_minor": whole_minor(Fraction(option.price_minor, offer.quantity)),
        "currency": offer.currency,
        "promised_at": to_rfc3339(option.promised_at_s, zone),
        "p50_at": to_rfc3339(option.p50_at_s, zone),
        "ships_at": to_rfc3339(option.ships_at_s, zone),
        "carbon_g": option.carbon_g,
        "sites": list(option.sites),
        "lines": [*price, *carbon],
        "reasons": worded(option.reasons, language),
    }


def order_answer(
    order: OrderState, network: Network, forecast_at_s: int | None = None
) -> dict[str, Any]:
    """Return an order as its party may see it, with the four dates apart."""
    known = network.delivery_zone.get(order.zone_id)
    zone = "UTC" if known is None else known.zone

    def at(instant_s: int | None) -> str | None:
        return None if instant_s is None else to_rfc3339(instant_s, zone)

    jobs = [
        {
            "job_order_id": job.job_order_id,
            "production_order_id": job.production_order_id,
            "operation": job.operation_id,
            "work_unit": job.resource_id,
            "site": job.site_id,
            "state": "held" if job.held else job.state,
            "start_at": at(job.start_s),
            "end_at": at(job.end_s),
            "actual_start_at": at(job.actual_start_s),
            "actual_end_at": at(job.actual_end_s),
            "quantity": job.quantity_in,
            "good": job.good,
            "scrap": job.scrap,
        }
        for job in sorted(order.jobs.values(), key=lambda j: (j.start_s, j.job_order_id))
    ]
    return {
        "schema": "manufold/order_answer/1",
        "order_id": order.order_id,
        "offer_id": order.offer_id,
        "option_id": order.option_id,
        "party": order.party_id,
        "state": order.state,
        "quantity": order.quantity,
        "shipped": order.shipped,
        "delivered": order.delivered,
        "destination": order.zone_id,
        "price_minor": order.price_minor,
        "currency": order.currency,
        "requested_at": at(order.requested_at_s),
        "promised_at": at(order.promised_at_s),
        "forecast_at": at(forecast_at_s),
        "actual_at": at(order.actual_at_s),
        "passport_id": order.passport_id,
        "claims": [
            {
                "claim_id": name,
                "quantity": pieces,
                "returned": order.claims_returned.get(name, 0),
            }
            for name, pieces in sorted(order.claims.items())
        ],
        "job_orders": jobs,
    }


def slot_answer(slot: Slot, network: Network) -> dict[str, Any]:
    """Return one row of a schedule in the time of its site."""
    site = network.site_of(slot.resource_id)
    return {
        "work_unit": slot.resource_id,
        "seat": slot.seat,
        "site": site.site_id,
        "start_at": to_rfc3339(slot.start_s, site.zone),
        "end_at": to_rfc3339(slot.end_s, site.zone),
        "setup_s": slot.setup_s,
        "operation": slot.operation_id,
        "quantity": slot.quantity,
        "holder": slot.holder,
        "held": slot.for_offer,
    }


def passport_answer(passport: Passport) -> dict[str, Any]:
    """Return a passport as `contracts/passport.schema.json` has it."""
    return stamped("passport", 1, passport)


def error_answer(error: ManufoldError, language: str) -> dict[str, Any]:
    """Return a refusal as `contracts/error.schema.json` has it."""
    faults: Sequence[dict[str, Any]] = [
        {"where": fault.where} | worded([fault.reason], language)[0] for fault in error.faults
    ]
    return {
        "type": "error",
        "version": 1,
        "branch": error.branch,
        **worded([error.reason], language)[0],
        "faults": list(faults),
    }
