"""KPIs as programs read them: `contracts/kpi_answer.schema.json`.

Values are JSON numbers, rounded to twelve digits; shares and ratios as they are, not in percent.
"""

from dataclasses import fields
from fractions import Fraction
from typing import Any

from manufold.api.wire import worded
from manufold.improvement.elements import Elements
from manufold.improvement.kpi import DEFINITIONS, Kpi
from manufold.model.network import Network
from manufold.model.units import to_rfc3339
from manufold.services.kpis import KpiNode, KpiReport

__all__ = ["kpi_answer", "node_name"]


def kpi_answer(report: KpiReport, network: Network, language: str) -> dict[str, Any]:
    """Return a report as its contract has it; instants in the site's zone where there is one."""
    zone = network.site[report.sites[0]].zone if len(report.sites) == 1 else "UTC"
    told = {kpi.kpi_id for node in report.nodes for kpi in node.kpis}
    told |= {kpi.kpi_id for kpi in report.orders}
    return {
        "schema": "manufold/kpi_answer/1",
        "world": report.world,
        "from": to_rfc3339(report.from_s, zone),
        "to": to_rfc3339(report.to_s, zone),
        "sites": list(report.sites),
        "notes": worded(report.notes, language),
        "definitions": [
            {
                "id": one.kpi_id,
                "name": one.name,
                "unit": one.unit,
                "formula": one.formula,
                "source": one.source,
            }
            for one in DEFINITIONS.values()
            if one.kpi_id in told
        ],
        "nodes": [_node(node, network, language) for node in report.nodes],
        "orders": [_kpi(kpi, language) for kpi in report.orders],
    }


def node_name(node: KpiNode, network: Network) -> str:
    """Return the name people know a node by; "" for all."""
    if node.level == "site":
        return network.site[node.node_id].name
    if node.level == "work_center":
        return network.work_center[node.node_id].name
    return network.work_unit[node.node_id].name if node.level == "work_unit" else ""


def _node(node: KpiNode, network: Network, language: str) -> dict[str, Any]:
    return {
        "level": node.level,
        "id": node.node_id,
        "name": node_name(node, network),
        "parent": node.parent_id,
        "elements": _elements(node.elements),
        "kpis": [_kpi(kpi, language) for kpi in node.kpis],
        "notes": worded(node.notes, language),
    }


def _elements(elements: Elements) -> dict[str, int | float | None]:
    found = {field.name: _number(getattr(elements, field.name)) for field in fields(elements)}
    return found | {"aupt_s": elements.aupt_s, "aubt_s": elements.aubt_s, "pq": elements.pq}


def _kpi(kpi: Kpi, language: str) -> dict[str, Any]:
    return {
        "id": kpi.kpi_id,
        "value": _number(kpi.value),
        "numerator": _number(kpi.numerator),
        "denominator": _number(kpi.denominator),
        "low": _number(kpi.low),
        "high": _number(kpi.high),
        "reason": worded([kpi.basis], language)[0],
    }


def _number(value: int | float | Fraction | None) -> int | float | None:
    if value is None or isinstance(value, int):
        return value
    if isinstance(value, Fraction) and value.denominator == 1:
        return value.numerator
    return float(f"{float(value):.12g}")
