"""KPIs in a terminal: the sites beside one another, one place in full, and how orders came."""

from fractions import Fraction

from rich.console import Console

from manufold.improvement.kpi import Kpi
from manufold.model.network import Network
from manufold.services.kpis import KpiNode, KpiReport
from manufold.ui.console.rows import add_row, plain_table, print_bullets
from manufold.ui.console.when import moment
from manufold.words import word

__all__ = ["print_kpis"]

#: heading -> indicator, of the table that sets places side by side
_BESIDE = {
    "alloc.": "allocation_efficiency",
    "avail.": "availability",
    "effect.": "effectiveness",
    "quality": "quality_ratio",
    "OEE": "oee_index",
    "NEE": "nee_index",
    "FPY": "first_pass_yield",
}
_PERCENT = ("share", "ratio")


def print_kpis(
    report: KpiReport,
    network: Network,
    language: str,
    console: Console | None = None,
    *,
    full: bool = False,
) -> None:
    """Print a report.

    Args:
        full: every indicator of the first place, with what it was made of; else places only side
            by side.
    """
    out = console or Console(highlight=False)
    zone = network.site[report.sites[0]].zone if len(report.sites) == 1 else "UTC"
    world = "simulated world" if report.world == "sim" else "live world"
    out.print(f"{world}: {moment(report.from_s, zone)} to {moment(report.to_s, zone)}")
    print_bullets(out, [word(note, language) for note in report.notes], style="dim")
    if report.nodes:
        _side_by_side(out, report, full)
        place = _first(report, full)
        print_bullets(out, [word(note, language) for note in place.notes], style="yellow")
        if full:
            _in_full(out, place.kpis, f"{place.level.replace('_', ' ')} {place.node_id}", language)
    if report.orders:
        _in_full(out, report.orders, "orders", language)
    out.print("names and formulas: docs/numbers.md, after ISO 22400-2", style="dim")


def _first(report: KpiReport, full: bool) -> KpiNode:
    """Return the narrowest place that holds all that was asked for."""
    if not full:
        return report.nodes[0]
    units = [node for node in report.nodes if node.level == "work_unit"]
    if len(units) == 1:
        return units[0]
    return next((node for node in report.nodes if node.level == "site"), report.nodes[0])


def _side_by_side(out: Console, report: KpiReport, full: bool) -> None:
    table = plain_table(("place", *_BESIDE), right=tuple(_BESIDE))
    for node in report.nodes:
        if node.level == "all" and len(report.sites) == 1:
            continue
        if node.level == "work_center" or (node.level == "work_unit" and not full):
            continue
        found = {kpi.kpi_id: kpi for kpi in node.kpis}
        indent = "  " if node.level == "work_unit" else ""
        cells = [_shown(found[name]) for name in _BESIDE.values()]
        add_row(table, indent + (node.node_id or "all"), *cells)
    out.print(table)


def _in_full(out: Console, kpis: tuple[Kpi, ...], title: str, language: str) -> None:
    table = plain_table(("indicator", "value", "95 %", "of"), title=title, right=("value", "95 %"))
    for kpi in kpis:
        between = ""
        if kpi.low is not None and kpi.high is not None:
            between = f"{100 * kpi.low:.0f}-{100 * kpi.high:.0f} %"
        name = kpi.definition.name
        add_row(table, name, _shown(kpi), between, word(kpi.basis, language))
    out.print(table)


def _shown(kpi: Kpi) -> str:
    if kpi.value is None:
        return "-"
    unit = kpi.definition.unit
    if unit in _PERCENT:
        return f"{_rounded(100 * kpi.value)} %"
    return f"{_rounded(kpi.value)} {unit}"


def _rounded(value: Fraction) -> str:
    return f"{float(value):.1f}"
