"""Orders in a terminal: the four dates, where each operation is."""

from collections.abc import Callable, Sequence

from rich.console import Console
from rich.table import Table

from manufold.model.execution import OrderState
from manufold.model.network import Network
from manufold.model.units import shown_money
from manufold.ui.console.when import day_and_hour

__all__ = ["print_order", "print_orders"]


def print_order(
    order: OrderState, network: Network, forecast_at_s: int | None, console: Console | None = None
) -> None:
    """Print one order with its job orders."""
    out = console or Console()
    zone = _zone(order, network)
    price = shown_money(order.price_minor, order.currency) if order.price_minor else "-"
    out.print(f"[bold]{order.order_id}[/bold] {order.state}, {order.quantity} pieces, {price}")
    dates = (
        ("requested", order.requested_at_s),
        ("promised", order.promised_at_s),
        ("forecast", forecast_at_s),
        ("actual", order.actual_at_s),
    )
    out.print("  ".join(f"{name} {day_and_hour(at_s, zone)}" for name, at_s in dates))
    table = Table(show_edge=False, pad_edge=False)
    for heading in ("operation", "work unit", "state", "start", "end", "good", "scrap"):
        table.add_column(heading, justify="right" if heading in ("good", "scrap") else "left")
    for job in sorted(order.jobs.values(), key=lambda j: (j.start_s, j.operation_id)):
        site_zone = network.site[job.site_id].zone
        start_s = job.start_s if job.actual_start_s is None else job.actual_start_s
        end_s = job.end_s if job.actual_end_s is None else job.actual_end_s
        table.add_row(
            job.operation_id,
            network.work_unit[job.resource_id].name,
            f"held: {job.held}" if job.held else job.state,
            day_and_hour(start_s, site_zone),
            day_and_hour(end_s, site_zone),
            str(job.good),
            str(job.scrap),
        )
    out.print(table)


def print_orders(
    orders: Sequence[OrderState],
    network: Network,
    forecast_at_s: Callable[[OrderState], int | None],
    console: Console | None = None,
) -> None:
    """Print a list of orders; late ones stand out."""
    out = console or Console()
    table = Table(show_edge=False, pad_edge=False)
    for heading in ("order", "state", "pieces", "promised", "forecast", "actual"):
        table.add_column(heading, no_wrap=True)
    for order in orders:
        zone = _zone(order, network)
        forecast = forecast_at_s(order)
        end_s = order.actual_at_s if order.actual_at_s is not None else forecast
        late = end_s is not None and end_s > order.promised_at_s
        table.add_row(
            order.order_id,
            order.state,
            str(order.quantity),
            day_and_hour(order.promised_at_s, zone),
            day_and_hour(forecast, zone),
            day_and_hour(order.actual_at_s, zone),
            style="red" if late else "",
        )
    out.print(table)
    out.print(f"{len(orders)} orders")


def _zone(order: OrderState, network: Network) -> str:
    return network.delivery_zone[order.zone_id].zone if order.zone_id else "UTC"
