"""Explain a date from the end of the work to the door: what is kept in reserve, the way, the door.

What an option was promised with is told as it was offered: the reserve that nine of ten orders
keep to, and a way that takes as long as nine of ten do. What an order is expected with is the plan
of now and the usual way; what then lies before its promise is its reserve.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from manufold.model.errors import Param, Reason
from manufold.model.execution import OrderState
from manufold.model.network import DeliveryZone
from manufold.model.offer import Option
from manufold.model.units import to_rfc3339, whole_s
from manufold.services.context import Context
from manufold.services.door import opens_s

__all__ = ["outweighs", "to_the_door", "to_the_promise"]


def to_the_promise(
    ctx: Context, option: Option, zone: DeliveryZone, now_s: int
) -> tuple[Reason, ...]:
    """Return the steps from the end of an option's work to its promised date."""
    site_id = option.sites[-1]
    site = ctx.network.site[site_id]
    usual_s = ctx.network.lane_s(site_id, zone.zone_id) or 0
    late_s = whole_s(Decimal(str(ctx.settings.lane_p90_factor)) * usual_s)
    there_s = option.ships_at_s + late_s
    return (
        _ends(option.finish_s, now_s, site.zone),
        Reason(
            "explain.reserve",
            {
                "span_s": option.ships_at_s - option.finish_s,
                "at": to_rfc3339(option.ships_at_s, site.zone),
            },
        ),
        Reason(
            "explain.carriage_late",
            {
                "site": site.name,
                "zone": zone.name,
                "span_s": late_s,
                "usual_s": usual_s,
                "at": to_rfc3339(there_s, zone.zone),
            },
        ),
        *_door(there_s, option.promised_at_s, zone),
    )


def to_the_door(
    ctx: Context, order: OrderState, site_id: str, finish_s: int, now_s: int
) -> tuple[Reason, ...]:
    """Return the steps from the end of an order's work to when it is expected, and from there to
    what was promised.

    Args:
        site_id: where the work ends.
    """
    zone, site = ctx.network.delivery_zone[order.zone_id], ctx.network.site[site_id]
    usual_s = ctx.network.lane_s(site_id, zone.zone_id) or 0
    there_s = max(now_s, finish_s + ctx.settings.handover_s) + usual_s
    expected_s = opens_s(zone, there_s)
    spare_s = order.promised_at_s - expected_s
    told: dict[str, Param] = {
        "expected": to_rfc3339(expected_s, zone.zone),
        "promised": to_rfc3339(order.promised_at_s, zone.zone),
        "span_s": abs(spare_s),
    }
    return (
        _ends(finish_s, now_s, site.zone),
        Reason(
            "explain.carriage",
            {
                "site": site.name,
                "zone": zone.name,
                "span_s": usual_s,
                "at": to_rfc3339(there_s, zone.zone),
            },
        ),
        *_door(there_s, expected_s, zone),
        Reason("explain.in_time" if spare_s >= 0 else "explain.too_late", told),
    )


def outweighs(binding: Reason, steps: Iterable[Reason]) -> tuple[Reason, ...]:
    """Return the carriage where it takes longer than what the work hangs on most; else nothing."""
    for step in steps:
        if step.code in ("explain.carriage", "explain.carriage_late"):
            span_s = int(step.params["span_s"])
            if span_s > int(binding.params.get("span_s", 0)):
                at = f"{step.params['site']} - {step.params['zone']}"
                return (Reason("schedule.binding_carriage", {"at": at, "span_s": span_s}),)
    return ()


def _ends(finish_s: int, now_s: int, zone: str) -> Reason:
    told: dict[str, Param] = {"span_s": max(0, finish_s - now_s), "at": to_rfc3339(finish_s, zone)}
    return Reason("explain.work_ends", told)


def _door(there_s: int, opens_at_s: int, zone: DeliveryZone) -> Iterator[Reason]:
    """Yield how long the goods wait for the door, where they do."""
    if opens_at_s > there_s:
        told: dict[str, Param] = {
            "span_s": opens_at_s - there_s,
            "at": to_rfc3339(opens_at_s, zone.zone),
        }
        yield Reason("explain.door", told)
