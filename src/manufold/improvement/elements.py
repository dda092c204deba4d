"""Elements: the times and quantities of ISO 22400-2, counted for one work unit in one window.

Every second of the planned busy time of a seat is exactly one of four:

    PBT = APT + AUST + ADET + ADOT     production, set-up, delay, down (no order on the seat)

so AUPT = APT + AUST and AUBT = AUPT + ADET. Seconds outside the calendar (a break inside a run, an
hour too long) belong to none of them; the latter are told as `outside_s`. While a work unit is
broken down nothing on it produces, whatever its job orders say: that is delay. A unit of n seats
has n times the seconds. `Elements.total` adds several units or windows.

Times count by overlap with the window. Quantities count when they are reported; only PRI x PQ,
which is set against production time, is spread over the run since the report before, so that work
begun before the window brings in as much as it took.

Source: names of the elements as in ISO 22400-2:2014, by secondary sources (docs/numbers.md).
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from fractions import Fraction
from operator import attrgetter
from typing import Any

from manufold.improvement.records import JobRecord, UnitRecord, Window
from manufold.improvement.stretches import united, without

__all__ = ["Elements", "Worked", "elements_of", "up_of", "worked"]


@dataclass(frozen=True, slots=True)
class Elements:
    """What was counted; see the module for how the times hang together.

    Args:
        pbt_s, apt_s, aust_s, adet_s, adot_s: planned busy, actual production, actual unit set-up,
            actual unit delay and actual unit down time.
        up_s: planned busy seconds of the unit itself (not of its seats) without breakdown.
        operating_s: production and set-up, an average seat's.
        broken_s: planned busy seconds of the unit while broken down.
        outside_s: set-up and run said to have gone on outside the calendar, breaks left out.
        planned_run_s: PRI x PQ of what was produced.
        unreported_s: production time of which no pieces have been reported yet.
        gq, sq, rq: good, scrapped and reworked pieces reported, operation by operation.
        first_good: good pieces without those that were reworked before.
        psq: scrap that the process plans expect of what was produced.
        leaving_site, leaving_all: good pieces of job orders that nothing follows at the site, or
            among all job orders looked at.
        energy_wh, energy_carbon_g: as read, and by the site's grid.
        finished, unread: job orders finished, and those of them without any energy reading.
        unplanned: pieces of which the work unit's time is not known.
        failures, restored: breakdowns, and repairs, in the window; `restoring_s` of the latter in
            planned busy time.
    """

    pbt_s: int = 0
    apt_s: int = 0
    aust_s: int = 0
    adet_s: int = 0
    adot_s: int = 0
    up_s: int = 0
    operating_s: Fraction = Fraction(0)
    broken_s: int = 0
    outside_s: int = 0
    planned_run_s: Fraction = Fraction(0)
    unreported_s: int = 0
    gq: int = 0
    sq: int = 0
    rq: int = 0
    first_good: int = 0
    psq: Fraction = Fraction(0)
    leaving_site: int = 0
    leaving_all: int = 0
    energy_wh: int = 0
    energy_carbon_g: Fraction = Fraction(0)
    finished: int = 0
    unread: int = 0
    unplanned: int = 0
    failures: int = 0
    restored: int = 0
    restoring_s: int = 0

    @property
    def aupt_s(self) -> int:
        """Actual unit processing time: production and set-up."""
        return self.apt_s + self.aust_s

    @property
    def aubt_s(self) -> int:
        """Actual unit busy time: an order has the seat."""
        return self.aupt_s + self.adet_s

    @property
    def pq(self) -> int:
        """Produced quantity: good and scrapped."""
        return self.gq + self.sq

    @staticmethod
    def total(parts: Iterable["Elements"]) -> "Elements":
        """Return the elements of several units, or of windows that follow one another."""
        columns: Iterable[Any] = zip(*map(_COLUMNS, parts), strict=True)
        sums: Iterable[Any] = map(sum, columns)
        return Elements(*sums)


_COLUMNS = attrgetter(*(field.name for field in fields(Elements)))


@dataclass(frozen=True, slots=True)
class Worked:
    """Seconds of one job order inside a window, within the calendar: production, set-up, and all
    the time it had the seat."""

    apt_s: int
    aust_s: int
    aubt_s: int


def worked(unit: UnitRecord, job: JobRecord, window: Window) -> Worked:
    """Return what a job order took of its work unit in a window."""
    if job.begun_s is None:
        return Worked(0, 0, 0)
    apt_s = sum(unit.up.between(*window.part(*run)) for run in job.runs_until(window.to_s))
    aust_s = sum(unit.up.between(*window.part(*one)) for one in job.setups_until(window.to_s))
    ended_s = window.to_s if job.ended_s is None else job.ended_s
    return Worked(apt_s, aust_s, unit.working.between(*window.part(job.begun_s, ended_s)))


def elements_of(
    unit: UnitRecord,
    jobs: Iterable[JobRecord],
    window: Window,
    *,
    leave_site: frozenset[str] = frozenset(),
    leave_all: frozenset[str] = frozenset(),
) -> Elements:
    """Return the elements of a work unit.

    Args:
        jobs: those that have had a seat of it; others of the same unit do no harm.
        leave_site, leave_all: ids of job orders that nothing follows, see `Elements`.
    """
    parts = [_of_unit(unit, window)]
    for job in jobs:
        if job.begun_s is None or job.begun_s >= window.to_s:
            continue
        if job.ended_s is not None and job.ended_s <= window.from_s and not _told(job, window):
            continue
        name = job.job_order_id
        parts.append(_of_job(unit, job, window, name in leave_site, name in leave_all))
    total = Elements.total(parts)
    return replace(
        total,
        adot_s=total.pbt_s - total.aubt_s,
        operating_s=Fraction(total.aupt_s, unit.seats),
        energy_carbon_g=Fraction(total.energy_wh, 1000) * unit.grid_g_per_kwh,
    )


def _told(job: JobRecord, window: Window) -> bool:
    return any(window.has(at_s) for at_s, _energy_wh in job.energy)


def _of_unit(unit: UnitRecord, window: Window) -> Elements:
    working_s = unit.working.between(window.from_s, window.to_s)
    up_s = unit.up.between(window.from_s, window.to_s)
    repaired = [(from_s, to_s) for from_s, to_s in unit.downs if to_s and window.has(to_s)]
    return Elements(
        pbt_s=working_s * unit.seats,
        up_s=up_s,
        broken_s=working_s - up_s,
        failures=sum(window.has(from_s) for from_s, _to_s in unit.downs),
        restored=len(repaired),
        restoring_s=sum(unit.working.between(from_s, to_s) for from_s, to_s in repaired),
    )


def _of_job(
    unit: UnitRecord, job: JobRecord, window: Window, leaves_site: bool, leaves_all: bool
) -> Elements:
    time = worked(unit, job, window)
    reports = [report for report in job.reports if window.has(report[0])]
    good, scrap, rework = (sum(report[column] for report in reports) for column in (1, 2, 3))
    factor = unit.time_factors.get(job.standard.capability)
    planned_s, unreported_s = Fraction(0), 0
    if factor is not None:
        pieces, unreported_s = _pieces_run(unit, job, window)
        planned_s = pieces * job.standard.run_s * factor
    energy_wh = sum(read_wh for at_s, read_wh in job.energy if window.has(at_s))
    finished = window.has(job.ended_s) and not job.cancelled
    return Elements(
        apt_s=time.apt_s,
        aust_s=time.aust_s,
        adet_s=time.aubt_s - time.apt_s - time.aust_s,
        outside_s=_outside_s(unit, job, window),
        planned_run_s=planned_s,
        unreported_s=unreported_s,
        gq=good,
        sq=scrap,
        rq=rework,
        first_good=max(0, good - rework),
        psq=(good + scrap) * job.standard.scrap_fraction,
        leaving_site=good if leaves_site else 0,
        leaving_all=good if leaves_all else 0,
        energy_wh=energy_wh,
        finished=int(finished),
        unread=int(finished and not job.energy),
        unplanned=good + scrap if factor is None else 0,
    )


def _pieces_run(unit: UnitRecord, job: JobRecord, window: Window) -> tuple[Fraction, int]:
    """Return the pieces whose run fell into the window, each report spread evenly over the run
    since the one before; and the run in the window that no report covers yet."""
    known_s = max([window.to_s, *(report[0] for report in job.reports)])
    runs = job.runs_until(known_s)
    whole, parts, before_s = 0, Fraction(0), job.begun_s or 0
    for at_s, good, scrap, _rework in job.reports:
        inside_s = took_s = 0
        for run in runs:
            from_s, to_s = max(run[0], before_s), min(run[1], at_s)
            took_s += unit.up.between(from_s, to_s)
            inside_s += unit.up.between(*window.part(from_s, to_s))
        if (took_s == 0 and window.has(at_s)) or inside_s == took_s > 0:
            whole += good + scrap
        elif took_s:
            parts += Fraction(inside_s * (good + scrap), took_s)
        before_s = at_s
    tail = ((max(from_s, before_s), to_s) for from_s, to_s in runs)
    return whole + parts, sum(unit.up.between(*window.part(*one)) for one in tail)


def _outside_s(unit: UnitRecord, job: JobRecord, window: Window) -> int:
    """Return seconds of closed stretches that the calendar does not explain.

    A stretch that begins and ends in working time only passed over breaks; of one that does not,
    all that lies outside counts, its breaks too.
    """
    found_s = 0
    for from_s, to_s in (*job.setups, *job.runs):
        begin_s, end_s = window.part(from_s, to_s)
        if begin_s >= end_s:
            continue
        outside_s = end_s - begin_s - unit.working.between(begin_s, end_s)
        if outside_s and not _at_work(unit, from_s, to_s):
            found_s += outside_s
    return found_s


def _at_work(unit: UnitRecord, from_s: int, to_s: int) -> bool:
    """Return whether a stretch both begins and ends in working time."""
    return bool(unit.working.between(from_s, from_s + 1) and unit.working.between(to_s - 1, to_s))


def up_of(
    working: Iterable[tuple[int, int]], downs: Iterable[tuple[int, int | None]], until_s: int
) -> tuple[tuple[int, int], ...]:
    """Return working stretches without breakdowns, one that lasts taken as lasting to `until_s`."""
    shut = united((from_s, until_s if to_s is None else to_s) for from_s, to_s in downs)
    return without(working, shut)
