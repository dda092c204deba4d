"""An offer in a terminal: three options side by side, then why."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from rich.console import Console
from rich.table import Table

from manufold.model.errors import Reason
from manufold.model.network import Network
from manufold.model.offer import Offer, Option
from manufold.model.units import shown, shown_money, whole_minor
from manufold.ui.console.rows import add_row, plain_table, print_bullets
from manufold.ui.console.when import day_and_hour, moment
from manufold.words import term, word

__all__ = ["offer_table", "print_offer"]


def print_offer(
    offer: Offer,
    network: Network,
    language: str,
    stages_s: Mapping[str, float],
    console: Console | None = None,
    *,
    noted: Sequence[Reason] = (),
    whole: bool = False,
) -> None:
    """Print an offer with the lines, reasons and assumptions it stands on.

    Args:
        noted: what was found in the design that a buyer should know.
        whole: all reasons of every option; else a way that several are is told once.
    """
    out = console or Console(highlight=False)
    out.print(offer_table(offer, network, language))
    zone = network.delivery_zone[offer.zone_id].zone
    told: set[object] = set()
    for option in offer.options:
        out.print(f"[bold]{option.name}[/bold] [dim]{option.option_id}[/dim]")
        way = (option.process_plan_id, tuple((s.resource_id, s.start_s) for s in option.slots))
        reasons = [reason for reason in option.reasons if reason not in offer.assumptions]
        if way in told and not whole:  # the same way under another name: its reasons stand above
            reasons = [reason for reason in reasons if reason.code == "offer.same_as"]
        told.add(way)
        print_bullets(out, [word(reason, language) for reason in reasons])
    if noted:
        out.print("please note")
        print_bullets(out, [word(reason, language) for reason in noted])
    if offer.assumptions:
        out.print("taken as given")
        print_bullets(out, [word(reason, language) for reason in offer.assumptions], style="dim")
    took = ", ".join(f"{name} {span:.2f} s" for name, span in stages_s.items())
    out.print(f"[dim]{took}[/dim]")
    until = moment(offer.reservation.expires_s, zone, language)
    out.print(f"held until {until}; to take an option of it:")
    accept = f"manufold accept {offer.offer_id} {offer.options[0].name}"
    out.print(f"  [bold]{accept}[/bold]", soft_wrap=True)


def offer_table(offer: Offer, network: Network, language: str = "en") -> Table:
    """Return the three options side by side: date, price with its lines, carbon with its."""
    known = network.delivery_zone[offer.zone_id]
    zone, options = known.zone, offer.options
    names = [option.name for option in options]
    pieces = "1 piece" if offer.quantity == 1 else f"{offer.quantity} pieces"
    title = f"{pieces} to {known.name}; times in {zone}"
    table = plain_table(["", *names], title=title, right=names)

    def row(label: str, values: list[str], style: str = "") -> None:
        add_row(table, label, *values, style=style)

    if offer.requested_at_s is not None:
        row(
            "wanted by",
            [day_and_hour(offer.requested_at_s, zone, language, year=True)] * len(options),
        )
    row(
        "promised (P90)",
        [day_and_hour(o.promised_at_s, zone, language, year=True) for o in options],
        "bold",
    )
    row("even odds (P50)", [day_and_hour(o.p50_at_s, zone) for o in options])
    row(
        "price, tax included", [shown_money(o.price_minor, offer.currency) for o in options], "bold"
    )
    row("net, tax and duty off", [shown_money(_net(o), offer.currency) for o in options])
    row("net a piece", [_each(o, offer) for o in options])
    for kind in dict.fromkeys(line.kind for o in options for line in o.price_lines):
        label = term("price_kind", kind, language)
        row(f"  {label}", [_sum_of(o, kind, offer.currency) for o in options])
    row("carbon, CO2e", [_kg(o.carbon_g) for o in options], "bold")
    for kind in dict.fromkeys(line.kind for o in options for line in o.carbon_lines):
        label = term("carbon_kind", kind, language)
        row(f"  {label}", [_carbon_of(o, kind) for o in options])
    row("process", [o.process_plan_id for o in options])
    row("made at", [", ".join(network.site[s].name for s in o.sites) for o in options])
    return table


def _each(option: Option, offer: Offer) -> str:
    return shown_money(whole_minor(Fraction(_net(option), offer.quantity)), offer.currency)


def _net(option: Option) -> int:
    """Return the price without what goes to the state."""
    return sum(x.amount_minor for x in option.price_lines if x.kind not in ("tax", "duty"))


def _sum_of(option: Option, kind: str, currency: str) -> str:
    found = [line.amount_minor for line in option.price_lines if line.kind == kind]
    return shown_money(sum(found), currency) if found else "-"


def _carbon_of(option: Option, kind: str) -> str:
    found = [line.carbon_g for line in option.carbon_lines if line.kind == kind]
    return _kg(sum(found)) if found else "-"


def _kg(carbon_g: int) -> str:
    return f"{shown(Fraction(carbon_g, 1000))} kg"
