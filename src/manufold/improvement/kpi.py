"""Kpi: one key performance indicator with what it was made of; and the closed list of them.

A figure that cannot be formed has no value and says why: nothing was planned, nothing was made,
nothing failed. Nothing divided by nothing is never 100 %.

Source: names and formulas of `ISO` as in ISO 22400-2:2014 by secondary sources, clause text not
read; each stands with its source in docs/numbers.md. Those of `OWN` are ours.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from manufold.improvement.estimates import wilson
from manufold.model.errors import Param, Reason
from manufold.model.units import HOUR_S

__all__ = ["DEFINITIONS", "Definition", "Kpi", "Number", "made_of", "ratio", "share"]

Number = int | Fraction

ISO = "ISO 22400-2"
OWN = "manufold"


@dataclass(frozen=True, slots=True)
class Definition:
    """What an indicator is.

    Args:
        kpi_id: its key in programs and in the catalogue of words.
        name: its name, of the standard where it is the standard's.
        unit: "share" (0 to 1), "ratio" (may exceed 1), "piece/h", "h", "Wh" or "g".
        formula: of the elements.
        source: "ISO 22400-2" or "manufold".
        above, below: units of what is divided: "s" and "h" are shown in hours, counts bare.
    """

    kpi_id: str
    name: str
    unit: str
    formula: str
    source: str
    above: str = ""
    below: str = ""


def _listed(*rows: tuple[str, ...]) -> Mapping[str, Definition]:
    return {row[0]: Definition(*row) for row in rows}


DEFINITIONS: Mapping[str, Definition] = _listed(
    ("allocation_efficiency", "Allocation efficiency", "share", "AUBT / PBT", ISO, "s", "s"),
    ("utilization_efficiency", "Utilization efficiency", "share", "APT / AUBT", ISO, "s", "s"),
    ("availability", "Availability", "share", "APT / PBT", ISO, "s", "s"),
    ("effectiveness", "Effectiveness", "ratio", "PRI x PQ / APT", ISO, "s", "s"),
    ("quality_ratio", "Quality ratio", "share", "GQ / PQ", ISO),
    (
        "oee_index",
        "OEE index",
        "ratio",
        "Availability x Effectiveness x Quality ratio",
        ISO,
        "s",
        "s",
    ),
    (
        "nee_index",
        "NEE index",
        "ratio",
        "AUPT / PBT x Effectiveness x Quality ratio",
        ISO,
        "s",
        "s",
    ),
    ("setup_ratio", "Setup ratio", "share", "AUST / AUPT", ISO, "s", "s"),
    ("technical_efficiency", "Technical efficiency", "share", "APT / (APT + ADET)", ISO, "s", "s"),
    ("first_pass_yield", "First pass yield", "share", "GP / IP", ISO),
    ("scrap_ratio", "Scrap ratio", "share", "SQ / PQ", ISO),
    ("rework_ratio", "Rework ratio", "ratio", "RQ / PQ", ISO),
    ("planned_scrap_ratio", "Actual to planned scrap ratio", "ratio", "SQ / PSQ", ISO),
    ("mttf", "Mean time to failure", "h", "sum of TTF / FE", ISO, "h"),
    ("mtbf", "Mean operating time between failures", "h", "sum of TBF / FE", ISO, "h"),
    ("mttr", "Mean time to restoration", "h", "sum of TTR / restorations", ISO, "h"),
    ("energy_consumption", "Comprehensive energy consumption", "Wh", "E / PQ", ISO, "Wh"),
    ("energy_per_good", "Energy per good piece", "Wh", "E / good pieces", OWN, "Wh"),
    (
        "grid_carbon_per_good",
        "Energy carbon per good piece",
        "g",
        "E x grid / good pieces",
        OWN,
        "g",
    ),
    ("throughput_rate", "Throughput rate", "piece/h", "PQ / AOET", ISO, "", "h"),
    ("allocation_ratio", "Allocation ratio", "ratio", "sum of AUBT / AOET", ISO, "s", "s"),
    ("process_ratio", "Production process ratio", "ratio", "sum of APT / AOET", ISO, "s", "s"),
    ("on_time", "On-time delivery", "share", "actual <= first promised / due", OWN),
    ("on_time_revised", "On-time delivery, as revised", "share", "actual <= promised / due", OWN),
    ("on_time_requested", "On-time delivery, as requested", "share", "actual <= requested", OWN),
    ("promised_requested", "Promised as requested", "share", "first promised <= requested", OWN),
    ("p50_calibration", "P50 calibration", "share", "actual <= P50 / due", OWN),
    ("p90_calibration", "P90 calibration", "share", "actual <= P90 / due", OWN),
    ("lead_p50", "Order lead time, P50", "h", "P50 of (actual - accepted)", OWN),
    ("lead_p90", "Order lead time, P90", "h", "P90 of (actual - accepted)", OWN),
    ("late_p10", "Lateness, P10", "h", "P10 of (actual - first promised)", OWN),
    ("late_p50", "Lateness, P50", "h", "P50 of (actual - first promised)", OWN),
    ("late_p90", "Lateness, P90", "h", "P90 of (actual - first promised)", OWN),
    ("promise_error", "Promise error", "h", "mean of abs(actual - first promised)", OWN, "h"),
    ("carbon_per_good", "Carbon per good piece", "g", "carbon / good pieces", OWN, "g"),
)


@dataclass(frozen=True, slots=True)
class Kpi:
    """One indicator, measured.

    Args:
        value: exact; None where there was nothing to measure.
        numerator, denominator: what it was divided of; value = numerator / denominator unless the
            definition is a quantile, whose denominator is the number of orders.
        basis: what it stands on, or why there is no value.
        low, high: of a share of orders, its 95 % interval after Wilson.
    """

    kpi_id: str
    value: Fraction | None
    numerator: Number | None
    denominator: Number | None
    basis: Reason
    low: float | None = None
    high: float | None = None

    @property
    def definition(self) -> Definition:
        """Its name, unit, formula and source."""
        return DEFINITIONS[self.kpi_id]


def ratio(
    kpi_id: str,
    numerator: Number,
    denominator: Number,
    nothing: str,
    basis: Reason | None = None,
) -> Kpi:
    """Return numerator / denominator, or no value for the reason `nothing` where the latter is 0.

    Args:
        nothing: code of the reason, e.g. "kpi.nothing_planned".
        basis: what else to say; else what was divided.
    """
    if denominator == 0:
        return Kpi(kpi_id, None, numerator, denominator, Reason(nothing, {}))
    value = Fraction(numerator) / denominator
    return Kpi(
        kpi_id, value, numerator, denominator, basis or made_of(kpi_id, numerator, denominator)
    )


def share(kpi_id: str, hits: int, total: int, nothing: str) -> Kpi:
    """Return a share of orders with its interval."""
    found = ratio(kpi_id, hits, total, nothing, Reason("kpi.of_orders", _counts(hits, total)))
    if total == 0:
        return found
    low, high = wilson(hits, total)
    return Kpi(kpi_id, found.value, hits, total, found.basis, low, high)


def made_of(kpi_id: str, numerator: Number, denominator: Number) -> Reason:
    """Return the reason that tells both sides of a division, rounded for people."""
    of = DEFINITIONS[kpi_id]
    params: dict[str, Param] = {
        "above": _rounded(numerator, of.above),
        "below": _rounded(denominator, of.below),
    }
    return Reason("kpi.made_of", params)


def _counts(hits: int, total: int) -> dict[str, Param]:
    return {"hits": hits, "total": total}


def _rounded(number: Number, unit: str) -> str:
    exact = Fraction(number, HOUR_S) if unit == "s" else Fraction(number)
    bare = str(exact.numerator) if exact.denominator == 1 else f"{float(exact):.1f}"
    return f"{bare} {'h' if unit == 's' else unit}".rstrip()
