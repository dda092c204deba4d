"""Indicators of work units, and of whatever their elements add up to.

Source: ISO 22400-2:2014 by secondary sources; formula by formula in docs/numbers.md.
"""

from fractions import Fraction

from manufold.improvement.elements import Elements
from manufold.improvement.kpi import Kpi, ratio
from manufold.model.errors import Reason
from manufold.model.units import HOUR_S

__all__ = ["equipment_kpis", "notes_on"]


def equipment_kpis(e: Elements, good: int | None = None) -> tuple[Kpi, ...]:
    """Return every indicator of equipment.

    Args:
        good: good pieces that left, for what is counted per good piece; None leaves that out, as
            for a single work unit, which makes operations and not goods.
    """
    found = (*_times(e), *_quality(e), *_overall(e), *_upkeep(e), *_energy(e))
    return found if good is None else (*found, *_per_good(e, good))


def _times(e: Elements) -> tuple[Kpi, ...]:
    return (
        ratio("allocation_efficiency", e.aubt_s, e.pbt_s, "kpi.nothing_planned"),
        ratio("utilization_efficiency", e.apt_s, e.aubt_s, "kpi.nothing_busy"),
        ratio("availability", e.apt_s, e.pbt_s, "kpi.nothing_planned"),
        ratio("effectiveness", e.planned_run_s, e.apt_s, "kpi.nothing_ran"),
        ratio("setup_ratio", e.aust_s, e.aupt_s, "kpi.nothing_processed"),
        ratio("technical_efficiency", e.apt_s, e.apt_s + e.adet_s, "kpi.nothing_ran"),
    )


def _quality(e: Elements) -> tuple[Kpi, ...]:
    return (
        ratio("quality_ratio", e.gq, e.pq, "kpi.nothing_produced"),
        ratio("first_pass_yield", e.first_good, e.pq, "kpi.nothing_produced"),
        ratio("scrap_ratio", e.sq, e.pq, "kpi.nothing_produced"),
        ratio("rework_ratio", e.rq, e.pq, "kpi.nothing_produced"),
        ratio("planned_scrap_ratio", e.sq, e.psq, "kpi.no_scrap_planned"),
    )


def _overall(e: Elements) -> tuple[Kpi, ...]:
    """OEE = APT/PBT x PRI PQ/APT x GQ/PQ; where APT or PQ is nothing, a factor has no value and so
    has the product. NEE puts AUPT in the place of the first APT."""
    if e.pbt_s == 0:
        return tuple(_none(name, "kpi.nothing_planned") for name in ("oee_index", "nee_index"))
    if e.apt_s == 0:
        return tuple(_none(name, "kpi.nothing_ran") for name in ("oee_index", "nee_index"))
    if e.pq == 0:
        return tuple(_none(name, "kpi.nothing_produced") for name in ("oee_index", "nee_index"))
    good_run_s = e.planned_run_s * Fraction(e.gq, e.pq)
    return (
        ratio("oee_index", good_run_s, e.pbt_s, "kpi.nothing_planned"),
        ratio(
            "nee_index", good_run_s * Fraction(e.aupt_s, e.apt_s), e.pbt_s, "kpi.nothing_planned"
        ),
    )


def _upkeep(e: Elements) -> tuple[Kpi, ...]:
    return (
        ratio("mttf", Fraction(e.up_s, HOUR_S), e.failures, "kpi.nothing_failed"),
        ratio("mtbf", e.operating_s / HOUR_S, e.failures, "kpi.nothing_failed"),
        ratio("mttr", Fraction(e.restoring_s, HOUR_S), e.restored, "kpi.nothing_restored"),
    )


def _energy(e: Elements) -> tuple[Kpi, ...]:
    if e.energy_wh == 0:
        return (_none("energy_consumption", "kpi.no_energy_read"),)
    return (ratio("energy_consumption", e.energy_wh, e.pq, "kpi.nothing_produced"),)


def _per_good(e: Elements, good: int) -> tuple[Kpi, ...]:
    if e.energy_wh == 0:
        names = ("energy_per_good", "grid_carbon_per_good")
        return tuple(_none(name, "kpi.no_energy_read") for name in names)
    return (
        ratio("energy_per_good", e.energy_wh, good, "kpi.nothing_left"),
        ratio("grid_carbon_per_good", e.energy_carbon_g, good, "kpi.nothing_left"),
    )


def _none(kpi_id: str, code: str) -> Kpi:
    return Kpi(kpi_id, None, None, None, Reason(code, {}))


def notes_on(e: Elements) -> tuple[Reason, ...]:
    """Return what a reader of these elements must know: what they leave out or cannot see."""
    found = []
    if e.outside_s:
        found.append(Reason("kpi.outside_calendar", {"seconds": e.outside_s}))
    if e.unreported_s:
        found.append(Reason("kpi.not_yet_reported", {"seconds": e.unreported_s}))
    if e.unread and e.energy_wh:
        found.append(Reason("kpi.energy_unread", {"unread": e.unread, "finished": e.finished}))
    if e.unplanned:
        found.append(Reason("kpi.time_unknown", {"pieces": e.unplanned}))
    return tuple(found)
