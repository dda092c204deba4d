"""Orders in a terminal: the four dates, where each operation is."""

from collections.abc import Callable, Sequence

from rich.console import Console

from manufold.model.execution import OrderState
from manufold.model.network import Network
from manufold.model.units import HOUR_S, shown_money
from manufold.ui.console.rows import add_row, plain_table, short_id
from manufold.ui.console.when import moment, short_day

__all__ = ["SHOWN_MOST", "print_order", "print_orders"]

#: rows of a list that nobody asked to see whole
SHOWN_MOST = 20


def print_order(
    order: OrderState, network: Network, forecast_at_s: int | None, console: Console | None = None
) -> None:
    """Print one order with its job orders."""
    out = console or Console(highlight=False)
    zone = _zone(order, network)
    out.print(f"[bold]{order.order_id}[/bold] {order.state}")
    facts = [f"{order.quantity} pieces"]
    if order.price_minor:
        facts.append(shown_money(order.price_minor, order.currency))
    if order.zone_id in network.delivery_zone:
        facts.append(f"to {network.delivery_zone[order.zone_id].name}")
    if order.shipped:
        facts.append(f"{order.shipped} shipped, {order.delivered} delivered")
    out.print(", ".join(facts), markup=False)
    for name, at_s in (
        ("requested", order.requested_at_s),
        ("promised", order.promised_at_s),
        ("forecast", forecast_at_s),
        ("actual", order.actual_at_s),
    ):
        told = "" if name in ("requested", "promised") else _against(at_s, order.promised_at_s)
        out.print(f"  {name:10} {moment(at_s, zone)}{told}")
    headings = ("operation", "work unit", "state", "start", "end", "good", "scrap")
    table = plain_table(headings, right=("good", "scrap"))
    zones = {}
    for job in sorted(order.jobs.values(), key=lambda j: (j.start_s, j.operation_id)):
        site = network.site.get(job.site_id)
        zones[job.site_id] = "UTC" if site is None else site.zone
        start_s = job.start_s if job.actual_start_s is None else job.actual_start_s
        end_s = job.end_s if job.actual_end_s is None else job.actual_end_s
        add_row(
            table,
            job.operation_id,
            job.resource_id,
            f"held: {job.held}" if job.held else job.state,
            short_day(start_s, zones[job.site_id]),
            short_day(end_s, zones[job.site_id]),
            str(job.good),
            str(job.scrap),
        )
    out.print(table)
    where = ", ".join(f"{site_id} in {found}" for site_id, found in sorted(zones.items()))
    out.print(f"operations: actual times once begun; {where}", style="dim", markup=False)


def print_orders(
    orders: Sequence[OrderState],
    network: Network,
    forecast_at_s: Callable[[OrderState], int | None],
    console: Console | None = None,
    *,
    everything: bool = False,
) -> None:
    """Print a list of orders, the newest last; late ones say so."""
    out = console or Console(highlight=False)
    listed = orders if everything else orders[-SHOWN_MOST:]
    zones = {_zone(order, network) for order in listed}
    zone = zones.pop() if len(zones) == 1 else "UTC"
    headings = ("order", "state", "pieces", "promised", "forecast", "actual", "date")
    table = plain_table(headings, right=("pieces",))
    for order in listed:
        forecast = forecast_at_s(order)
        end_s = order.actual_at_s if order.actual_at_s is not None else forecast
        late = end_s is not None and end_s > order.promised_at_s
        held = order.actual_at_s is not None and not late
        add_row(
            table,
            short_id(order.order_id),
            order.state,
            str(order.quantity),
            short_day(order.promised_at_s, zone),
            short_day(forecast, zone),
            short_day(order.actual_at_s, zone),
            "late" if late else "held" if held else "",
            style="red" if late else "",
        )
    if listed:
        out.print(f"times in {zone}", style="dim")
        out.print(table)
    more = len(orders) - len(listed)
    rest = f": these are the newest {len(listed)}; --all shows the other {more}" if more else ""
    out.print("1 order" if len(orders) == 1 else f"{len(orders)} orders{rest}")


def _against(at_s: int | None, promised_at_s: int) -> str:
    """Return how an instant lies to the promised one."""
    if at_s is None:
        return ""
    days, hours = divmod(abs(at_s - promised_at_s) // HOUR_S, 24)
    size = f"{days} d {hours} h" if days else f"{hours} h"
    if at_s > promised_at_s:
        return f"  [red]late by {size}[/red]"
    return f"  [green]{size} before the promise[/green]"


def _zone(order: OrderState, network: Network) -> str:
    known = network.delivery_zone.get(order.zone_id)
    return "UTC" if known is None else known.zone
