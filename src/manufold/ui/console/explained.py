"""Why this date, why this site, why late and what a day earlier would cost, in a terminal."""

from collections.abc import Sequence
from fractions import Fraction

from rich.console import Console

from manufold.model.errors import Reason
from manufold.model.network import Network
from manufold.model.units import shown, shown_money
from manufold.services.explained import Explained, OtherWay
from manufold.ui.console.when import moment
from manufold.words import term, word

__all__ = ["print_explained"]


def print_explained(
    found: Explained, network: Network, language: str, console: Console | None = None
) -> None:
    """Print the date, its reasons, the other ways, and each way to an earlier one."""
    out = console or Console(highlight=False)
    name = found.option or found.order_id
    out.print(
        f"{name}: {moment(found.promised_at_s, found.zone, language)}", style="bold", markup=False
    )
    _print(out, "explain.date", [word(one, language) for one in found.date], language)
    if found.order_id:
        _print(out, "explain.promise", [word(one, language) for one in found.promise], language)
    _print(out, "explain.late", [word(one, language) for one in found.late], language)
    _print(out, "explain.history", [word(one, language) for one in found.history], language)
    others = [_other(one, found, network, language) for one in found.others]
    if found.day_earlier is not None:
        others = others or [word(Reason("explain.no_other", {}), language)]
    _print(out, "explain.site", others, language)
    _print(out, "explain.sooner", [word(one, language) for one in found.sooner], language)
    day = [] if found.day_earlier is None else [word(found.day_earlier, language)]
    _print(out, "explain.day", day, language)
    if not found.whole:
        out.print(word(Reason("explain.own_part", {}), language), markup=False)


def _print(out: Console, heading: str, lines: Sequence[str], language: str) -> None:
    if not lines:
        return
    out.print(word(Reason(heading, {}), language), style="bold")
    for line in lines:
        out.print(f"  {line}", markup=False)


def _other(one: OtherWay, found: Explained, network: Network, language: str) -> str:
    where = ", ".join(network.place_name(site) for site in one.sites) or "-"
    process = term("process", one.process_plan_id, language)
    parts = [f"{process}, {where}"]
    if one.promised_at_s is not None:
        parts.append(moment(one.promised_at_s, found.zone, language))
    if one.price_minor is not None:
        parts.append(shown_money(one.price_minor, found.currency))
    if one.carbon_g is not None:
        parts.append(f"{shown(Fraction(one.carbon_g, 1000))} kg CO2e")
    return f"{'; '.join(parts)}: {word(one.lost, language)}"
