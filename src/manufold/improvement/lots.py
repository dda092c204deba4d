"""Indicators of production orders: how much of their time in the shop they were worked on.

A production order counts when its last open job order finishes inside the window; its AOET (actual
order execution time) is the plain time from its first begin to its last end, nights included.

Source: ISO 22400-2:2014 by secondary sources; docs/numbers.md.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from manufold.improvement.elements import Worked, worked
from manufold.improvement.kpi import Kpi, ratio
from manufold.improvement.records import JobRecord, UnitRecord, Window
from manufold.model.units import HOUR_S

__all__ = ["Lots", "lot_kpis", "lots_of"]


@dataclass(frozen=True, slots=True)
class Lots:
    """Production orders that were finished in a window, added up.

    Args:
        aoet_s: actual order execution time.
        pq: pieces reported by each one's last job order.
    """

    count: int = 0
    aoet_s: int = 0
    apt_s: int = 0
    aubt_s: int = 0
    pq: int = 0


def lots_of(
    jobs: Iterable[JobRecord],
    units: Mapping[str, UnitRecord],
    window: Window,
    lives: dict[str, Worked] | None = None,
) -> Lots:
    """Return the production orders among these job orders that finished in the window.

    Args:
        lives: what finished job orders took in all; filled as they are looked at, for the next.
    """
    known = {} if lives is None else lives
    by_order: dict[str, list[JobRecord]] = {}
    for job in jobs:
        by_order.setdefault(job.production_order_id, []).append(job)
    count = aoet_s = apt_s = aubt_s = pq = 0
    for members in by_order.values():
        done = [job for job in members if job.begun_s is not None and not job.cancelled]
        if not done or any(job.ended_s is None for job in members):
            continue
        last = max(done, key=lambda job: (job.ended_s or 0, job.job_order_id))
        begun_s = min(job.begun_s for job in done if job.begun_s is not None)
        if last.ended_s is None or not window.has(last.ended_s):
            continue
        whole = Window(begun_s, last.ended_s)
        for job in done:
            if job.job_order_id not in known:
                known[job.job_order_id] = worked(units[job.resource_id], job, whole)
        spent = [known[job.job_order_id] for job in done]
        count += 1
        aoet_s += last.ended_s - begun_s
        apt_s += sum(one.apt_s for one in spent)
        aubt_s += sum(one.aubt_s for one in spent)
        pq += sum(good + scrap for _at_s, good, scrap, _rework in last.reports)
    return Lots(count, aoet_s, apt_s, aubt_s, pq)


def lot_kpis(lots: Lots) -> tuple[Kpi, ...]:
    """Return the indicators of production orders."""
    nothing = "kpi.nothing_finished"
    return (
        ratio("throughput_rate", lots.pq, Fraction(lots.aoet_s, HOUR_S), nothing),
        ratio("allocation_ratio", lots.aubt_s, lots.aoet_s, nothing),
        ratio("process_ratio", lots.apt_s, lots.aoet_s, nothing),
    )
