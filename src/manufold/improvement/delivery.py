"""Indicators of orders: do the dates hold, how long does it take, what carbon does it cost.

An order is *due* when the date first promised to its buyer lies in the window, whether or not it
arrived: counting delivered orders only would hide the late ones that are still open. One that was
cancelled is not due. Its promise is judged by the date that was accepted; a date moved later is
told apart. Times of delivery are of orders first received whole inside the window.
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction

from manufold.improvement.estimates import quantile
from manufold.improvement.kpi import Kpi, made_of, ratio, share
from manufold.improvement.records import OrderRecord, Window
from manufold.model.errors import Reason
from manufold.model.units import HOUR_S

__all__ = ["delivery_kpis"]


def delivery_kpis(orders: Iterable[OrderRecord], window: Window) -> tuple[Kpi, ...]:
    """Return every indicator of orders."""
    known = tuple(orders)
    due = [order for order in known if _due(order, window)]
    arrived = [order for order in known if window.has(order.delivered_s)]
    return (*_dates(due), *_requests(due), *_times(arrived), _carbon(arrived))


def _due(order: OrderRecord, window: Window) -> bool:
    if not window.has(order.first_promised_s):
        return False
    if order.delivered_s is None:
        return order.cancelled_s is None and order.first_promised_s < window.to_s
    return True


def _arrived(order: OrderRecord, by_s: int) -> bool:
    return order.delivered_s is not None and order.delivered_s <= by_s


def _dates(due: Sequence[OrderRecord]) -> tuple[Kpi, ...]:
    total, nothing = len(due), "kpi.no_order_due"
    on_time = sum(_arrived(order, order.first_promised_s) for order in due)
    revised = sum(_arrived(order, order.promised_s) for order in due)
    by_p50 = sum(_arrived(order, order.p50_s) for order in due)
    return (
        share("on_time", on_time, total, nothing),
        share("on_time_revised", revised, total, nothing),
        share("p50_calibration", by_p50, total, nothing),
        share("p90_calibration", on_time, total, nothing),
    )


def _requests(due: Sequence[OrderRecord]) -> tuple[Kpi, ...]:
    wishes = [(order, order.requested_s) for order in due if order.requested_s is not None]
    total, nothing = len(wishes), "kpi.no_order_requested"
    arrived = sum(_arrived(order, wish_s) for order, wish_s in wishes)
    promised = sum(order.first_promised_s <= wish_s for order, wish_s in wishes)
    return (
        share("on_time_requested", arrived, total, nothing),
        share("promised_requested", promised, total, nothing),
    )


def _times(arrived: Sequence[OrderRecord]) -> tuple[Kpi, ...]:
    leads = [(o.delivered_s or 0) - o.accepted_s for o in arrived]
    lates = [(o.delivered_s or 0) - o.first_promised_s for o in arrived]
    error_h = Fraction(sum(abs(late_s) for late_s in lates), HOUR_S)
    return (
        _quantile("lead_p50", leads, Fraction(1, 2)),
        _quantile("lead_p90", leads, Fraction(9, 10)),
        _quantile("late_p10", lates, Fraction(1, 10)),
        _quantile("late_p50", lates, Fraction(1, 2)),
        _quantile("late_p90", lates, Fraction(9, 10)),
        ratio("promise_error", error_h, len(lates), "kpi.no_order_arrived"),
    )


def _quantile(kpi_id: str, spans: Sequence[int], part: Fraction) -> Kpi:
    if not spans:
        return Kpi(kpi_id, None, None, 0, Reason("kpi.no_order_arrived", {}))
    value = quantile(spans, part) / HOUR_S
    basis = Reason("kpi.quantile_of_orders", {"orders": len(spans)})
    return Kpi(kpi_id, value, None, len(spans), basis)


def _carbon(arrived: Sequence[OrderRecord]) -> Kpi:
    """Carbon of delivered orders: of the passport where it was issued, else what was offered."""
    proven = [o for o in arrived if o.passport_carbon_g is not None and o.passport_pieces]
    offered = [o for o in arrived if o.passport_carbon_g is None and o.offered_carbon_g]
    unknown = len(arrived) - len(proven) - len(offered)
    carbon_g = sum(o.passport_carbon_g or 0 for o in proven)
    carbon_g += sum(o.offered_carbon_g for o in offered)
    pieces = sum(o.passport_pieces for o in proven) + sum(o.quantity for o in offered)
    if pieces == 0:
        return Kpi("carbon_per_good", None, None, None, Reason("kpi.no_carbon_known", {}))
    basis = made_of("carbon_per_good", carbon_g, pieces)
    if offered or unknown:
        counts = {"proven": len(proven), "offered": len(offered), "unknown": unknown}
        basis = Reason("kpi.carbon_of_orders", counts)
    return ratio("carbon_per_good", carbon_g, pieces, "kpi.no_carbon_known", basis)
