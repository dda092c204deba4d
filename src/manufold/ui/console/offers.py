"""An offer in a terminal: three options side by side, then why."""

from collections.abc import Mapping
from fractions import Fraction

from rich.console import Console
from rich.table import Table

from manufold.model.network import Network
from manufold.model.offer import Offer, Option
from manufold.model.units import shown, shown_money, whole_minor
from manufold.ui.console.when import day_and_hour
from manufold.words import word

__all__ = ["offer_table", "print_offer"]


def print_offer(
    offer: Offer,
    network: Network,
    language: str,
    stages_s: Mapping[str, float],
    console: Console | None = None,
) -> None:
    """Print an offer with the lines, reasons and assumptions it stands on."""
    out = console or Console()
    out.print(offer_table(offer, network))
    zone = network.delivery_zone[offer.zone_id].zone
    for option in offer.options:
        out.print(f"[bold]{option.name}[/bold] [dim]{option.option_id}[/dim]")
        for reason in option.reasons:
            out.print(f"  · {word(reason, language)}", highlight=False, markup=False)
    for reason in offer.assumptions:
        out.print(f"  assumed: {word(reason, language)}", style="dim", highlight=False)
    took = ", ".join(f"{name} {span:.2f} s" for name, span in stages_s.items())
    out.print(
        f"[bold]{offer.offer_id}[/bold] held until "
        f"{day_and_hour(offer.reservation.expires_s, zone)} · {took}",
        highlight=False,
    )


def offer_table(offer: Offer, network: Network) -> Table:
    """Return the three options side by side: date, price with its lines, carbon with its."""
    zone = network.delivery_zone[offer.zone_id].zone
    title = f"{offer.quantity} pieces to {network.delivery_zone[offer.zone_id].name}"
    table = Table(title=title, title_justify="left", show_edge=False, pad_edge=False)
    table.add_column("", style="dim")
    for option in offer.options:
        table.add_column(option.name, justify="right", overflow="fold")

    def row(label: str, values: list[str], style: str = "") -> None:
        table.add_row(label, *values, style=style)

    options = offer.options
    row("promised (P90)", [day_and_hour(o.promised_at_s, zone) for o in options], "bold")
    row("even odds (P50)", [day_and_hour(o.p50_at_s, zone) for o in options])
    row("price", [shown_money(o.price_minor, offer.currency) for o in options], "bold")
    row("a piece", [_each(o, offer) for o in options])
    for kind in dict.fromkeys(line.kind for o in options for line in o.price_lines):
        row(f"  {kind.replace('_', ' ')}", [_sum_of(o, kind, offer.currency) for o in options])
    row("carbon", [f"{shown(Fraction(o.carbon_g, 1000))} kg" for o in options], "bold")
    for kind in dict.fromkeys(line.kind for o in options for line in o.carbon_lines):
        row(f"  {kind}", [_carbon_of(o, kind) for o in options])
    row("process", [o.process_plan_id for o in options])
    row("made at", [", ".join(network.site[s].name for s in o.sites) for o in options])
    return table


def _each(option: Option, offer: Offer) -> str:
    return shown_money(whole_minor(Fraction(option.price_minor, offer.quantity)), offer.currency)


def _sum_of(option: Option, kind: str, currency: str) -> str:
    found = [line.amount_minor for line in option.price_lines if line.kind == kind]
    return shown_money(sum(found), currency) if found else "-"


def _carbon_of(option: Option, kind: str) -> str:
    found = [line.carbon_g for line in option.carbon_lines if line.kind == kind]
    return f"{shown(Fraction(sum(found), 1000))} kg" if found else "-"
