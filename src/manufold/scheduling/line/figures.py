"""Figures of a plan: what the buyer waits, what is late, what it costs, who is busy."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from manufold.model.units import HOUR_S
from manufold.scheduling.line.plan import LinePlan

__all__ = ["Figures", "figures"]

#: between two looks at how many orders are inside
LOOK_S = 600


@dataclass(frozen=True, slots=True)
class Figures:
    """What a plan comes to.

    Args:
        lead_s: from release to complete: mean; `lead_p95_s`: 95 of 100 are no longer.
        inside_s: from entering to complete: mean.
        late_s: behind the due date, early ones counted as 0: mean over all orders.
        late_fraction: orders complete behind their due date.
        work_s: hands at work for one order: mean; walking and waiting left out.
        change_s: the part of it that style changes cost.
        walks: of operators between stations, for one order.
        last_s: when the last order is complete.
        per_hour: orders complete by working hour, from the first release to the last end.
        inside: orders inside during working time, mean; `inside_most`: at most.
        inside_at: (instant, orders inside) every ten working minutes.
        station_fraction: of the line's working time in which work goes on at a station.
        operator_fraction: of an operator's own time, from the first release to the last end.
    """

    lead_s: float
    lead_p95_s: float
    inside_s: float
    late_s: float
    late_fraction: float
    work_s: float
    change_s: float
    walks: float
    last_s: int
    per_hour: float
    inside: float
    inside_most: int
    inside_at: tuple[tuple[int, int], ...]
    station_fraction: Mapping[str, float]
    operator_fraction: Mapping[str, float]


def figures(plan: LinePlan) -> Figures:
    """Return what a plan comes to."""
    ready, found = plan.ready, plan.found
    release = np.array([order.release_s for order in ready.orders])
    due = np.array([order.due_s for order in ready.orders])
    lead, late = plan.finish_s - release, np.maximum(0, plan.finish_s - due)
    first_s, last_s = int(release.min()), int(plan.finish_s.max())
    runs = ready.line.calendar.intervals(first_s, last_s)
    open_s = sum(end - start for start, end in runs)
    looks = [at for start, end in runs for at in range(start, end, LOOK_S)]
    entered, finished = np.sort(plan.entered_s), np.sort(plan.finish_s)
    inside = np.searchsorted(entered, looks, side="right") - np.searchsorted(
        finished, looks, side="right"
    )
    count = len(ready.orders)
    stations = np.bincount(found.station, found.worked_s, len(ready.line.stations)) / open_s
    people = np.bincount(found.operator, found.worked_s, len(ready.line.operators))
    hours = [_there_s(plan, at, first_s, last_s) for at in range(len(people))]
    return Figures(
        float(lead.mean()),
        float(np.quantile(lead, 0.95)),
        float((plan.finish_s - plan.entered_s).mean()),
        float(late.mean()),
        float((late > 0).mean()),
        float(found.worked_s.sum()) / count,
        float((found.worked_s - found.plain_s).sum()) / count,
        _walks(plan) / count,
        last_s,
        count / open_s * HOUR_S,
        float(inside.mean()),
        int(inside.max()),
        tuple(zip(looks, inside.tolist(), strict=True)),
        dict(zip((s.station_id for s in ready.line.stations), stations.tolist(), strict=True)),
        {
            operator.operator_id: float(people[at]) / max(1, hours[at])
            for at, operator in enumerate(ready.line.operators)
        },
    )


def _there_s(plan: LinePlan, operator: int, first_s: int, last_s: int) -> int:
    rows = plan.ready.rows
    own = slice(int(rows.open_ptr[operator]), int(rows.open_ptr[operator + 1]))
    spans = np.minimum(rows.shuts_s[own], last_s) - np.maximum(rows.opens_s[own], first_s)
    return int(np.maximum(0, spans).sum())


def _walks(plan: LinePlan) -> int:
    found = plan.found
    order = np.lexsort((found.start_s, found.operator))
    same = np.diff(found.operator[order]) == 0
    return int((same & (np.diff(found.station[order]) != 0)).sum())
