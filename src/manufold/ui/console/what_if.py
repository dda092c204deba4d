"""Scenarios side by side, in a terminal."""

from collections.abc import Callable

from rich.console import Console
from rich.table import Table

from manufold.model.errors import Reason
from manufold.model.network import Network
from manufold.model.units import shown_money
from manufold.services.what_if import Column, Dates, WhatIf
from manufold.ui.console.rows import print_bullets, short_id
from manufold.ui.console.when import moment
from manufold.words import term, word

__all__ = ["print_what_if"]

_MOVES_SHOWN = 12
_ORDERS_SHOWN = 20
_NAMED_SHOWN = 6


def print_what_if(
    found: WhatIf,
    network: Network,
    language: str,
    console: Console | None = None,
    *,
    whole: bool = False,
) -> None:
    """Print the measures of each scenario beside things as they are, the dates, and the moves."""
    out = console or Console(highlight=False)
    table = Table(box=None, pad_edge=False)
    table.add_column("")
    for column in found.columns:
        name = column.name or term("what_if_row", "as_it_is", language)
        table.add_column(name, justify="right")
    for row, shown in _rows(network, language).items():
        table.add_row(term("what_if_row", row, language), *map(shown, found.columns))
    out.print(table)
    if found.known:
        out.print(f"{term('what_if_row', 'known', language)}:", markup=False)
        print_bullets(out, [word(one, language) for one in found.known])
    if found.orders:
        dates = Table(box=None, pad_edge=False)
        for name in ("order", "promised", "as_it_is"):
            dates.add_column(term("what_if_row", name, language))
        for column in found.columns[1:]:
            dates.add_column(column.name)
        for one in found.orders if whole else found.orders[:_ORDERS_SHOWN]:
            cells = (_date(at_s, one, language) for at_s in one.expected_s)
            dates.add_row(
                short_id(one.order_id), moment(one.promised_s, one.zone, language), *cells
            )
        out.print(dates)
    for at, column in enumerate(found.columns[1:], 1):
        _print_why(out, found, at, language, whole=whole)
        out.print(word(Reason("what_if.moves", _moved(column)), language), style="bold")
        for move in column.moves if whole else column.moves[:_MOVES_SHOWN]:
            slot = move.slot
            order = short_id(found.order_of.get(slot.holder, slot.holder))
            zone = network.site_of(slot.resource_id).zone
            where = f"{slot.operation_id} {slot.resource_id} {moment(slot.start_s, zone, language)}"
            out.print(f"  {order} {where}: {word(move.why, language)}", markup=False)


def _print_why(out: Console, found: WhatIf, at: int, language: str, *, whole: bool) -> None:
    """Print what became of rush orders in a scenario, and what makes dates later there."""
    column = found.columns[at]
    if column.notes:
        out.print(f"{column.name}:", style="bold", markup=False)
        print_bullets(out, [word(one, language) for one in column.notes])
    causes: dict[str, list[str]] = {}
    for one in found.orders:
        why = one.why[at]
        if why is not None:
            causes.setdefault(word(why, language), []).append(short_id(one.order_id))
    if not causes:
        return
    heading = term("what_if_row", "why_later", language).replace("{name}", column.name)
    out.print(f"{heading}:", style="bold", markup=False)
    most = len(found.orders) if whole else _NAMED_SHOWN
    lines = []
    for cause, orders in sorted(causes.items(), key=lambda one: -len(one[1])):
        more = f" + {len(orders) - most}" if len(orders) > most else ""
        lines.append(f"{', '.join(orders[:most])}{more}: {cause}")
    print_bullets(out, lines)


def _date(at_s: int | None, one: Dates, language: str) -> str:
    """Return when an order is expected, marked where that is too late."""
    if at_s is None:
        return "-"
    return moment(at_s, one.zone, language) + ("!" if at_s > one.promised_s else "")


def _moved(column: Column) -> dict[str, str | int | bool]:
    return {
        "name": column.name,
        "count": column.movement.count,
        "elsewhere": column.movement.elsewhere,
        "span_s": column.movement.moved_s,
    }


def _rows(network: Network, language: str) -> dict[str, Callable[[Column], str]]:
    def span(span_s: int) -> str:
        return word(Reason("what_if.span", {"span_s": span_s}), language)

    def busy(column: Column) -> str:
        one = column.measures.bottleneck
        if one is None or not one.open_s:
            return "-"
        return f"{one.work_unit} {round(100 * one.used_s / one.open_s)} %"

    return {
        "late": lambda c: str(c.measures.late),
        "late_s": lambda c: span(c.measures.late_s),
        "cost": lambda c: shown_money(c.measures.total_minor, network.currency),
        "energy_wh": lambda c: f"{c.measures.energy_wh / 1000:.1f} kWh",
        "carbon_g": lambda c: f"{c.measures.carbon_g / 1000:.1f} kg",
        "changeovers": lambda c: f"{c.measures.changeovers}, {span(c.measures.changeover_s)}",
        "bottleneck": busy,
    }
