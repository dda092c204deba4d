"""What a plan could be promised for, in a terminal: the options side by side, then why."""

from fractions import Fraction

from rich.console import Console

from manufold.model.errors import Param, Reason
from manufold.model.network import Network
from manufold.model.units import shown, shown_money
from manufold.services.promises import Promises
from manufold.ui.console.rows import add_row, plain_table, print_bullets
from manufold.ui.console.when import day_and_hour
from manufold.words import term, word

__all__ = ["print_promises"]

#: reasons told of a way where not all are asked for
_REASONS_FEW = 4


def print_promises(
    found: Promises,
    network: Network,
    language: str,
    console: Console | None = None,
    *,
    whole: bool = False,
) -> None:
    """Print dates, prices and footprints, what each date hangs on, and that nothing is held.

    Args:
        whole: all reasons and slots of every way; else the first few reasons.
    """
    out = console or Console(highlight=False)
    ways, zone = found.ways, found.zone.zone
    names = [", ".join(term("option", name, language) for name in way.names) for way in ways]
    params: dict[str, Param] = {"pieces": found.quantity, "zone": found.zone.name, "times": zone}
    title = word(Reason("promise.title", params), language)
    table = plain_table(["", *names], title=title, right=names)

    def row(key: str, cells: list[str], style: str = "") -> None:
        add_row(table, term("promise_row", key, language), *cells, style=style)

    row(
        "promised",
        [day_and_hour(way.promised_at_s, zone, language, year=True) for way in ways],
        "bold",
    )
    row("p50", [day_and_hour(way.p50_at_s, zone, language, year=True) for way in ways])
    row("ships", [day_and_hour(way.ships_at_s, zone, language, year=True) for way in ways])
    row("price", [shown_money(way.price_minor, network.currency) for way in ways], "bold")
    row("carbon", [f"{shown(Fraction(way.carbon_g, 1000))} kg" for way in ways])
    row("sites", [", ".join(map(network.place_name, way.sites)) for way in ways])
    out.print(table)
    for name, way in zip(names, ways, strict=True):
        out.print(f"[bold]{name}[/bold]")
        reasons = (way.binding, *way.reasons, *way.assumptions)
        told = reasons if whole else reasons[:_REASONS_FEW]
        print_bullets(out, [word(reason, language) for reason in told])
        if whole:
            slots = (
                f"{found.plan.operation[slot.operation_id].name}: {slot.resource_id}, "
                f"{day_and_hour(slot.start_s, network.site_of(slot.resource_id).zone, language)} - "
                f"{day_and_hour(slot.end_s, network.site_of(slot.resource_id).zone, language)}"
                for slot in way.slots
            )
            print_bullets(out, slots, style="dim")
    rest = (*found.assumptions, *(found.refused if whole else ()))
    print_bullets(out, [word(reason, language) for reason in rest], style="dim")
    out.print(word(Reason("promise.holds_nothing", {}), language), soft_wrap=True)
