"""What an arm of a comparison comes to: one number per measure, over all its orders.

Orders that never came to the door are late, and counted until the last round. Shares of working
time and good pieces are of the window in which orders arrive, which is the same in both arms; all
else is of everything that was ordered.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import fsum
from typing import Literal

from manufold.carbon.footprint import made_lines
from manufold.improvement.paired import Paired
from manufold.model.evidence import EnergyReading, LotUse
from manufold.model.execution import JobOrder, OrderState
from manufold.model.units import DAY_S
from manufold.scheduling.worktime import Worktime, compiled_worktime
from manufold.services.compare_arm import Arm
from manufold.services.compare_stream import BEGINS_S, Stream
from manufold.services.documents import plan_of

__all__ = ["MEASURES", "Measure", "measured", "verdict_of"]


@dataclass(frozen=True, slots=True)
class Measure:
    """Something compared; its name ends in its unit.

    Args:
        better: which way is better; "neither" where it only tells what happened.
    """

    name: str
    better: Literal["more", "less", "neither"]


MEASURES = (
    Measure("on_time_fraction", "more"),
    Measure("lead_time_s", "less"),
    Measure("tardiness_s", "less"),
    Measure("promise_kept_fraction", "more"),
    Measure("good_pieces_per_day", "more"),
    Measure("setups", "less"),
    Measure("setup_s", "less"),
    Measure("bottleneck_fraction", "neither"),
    Measure("energy_per_piece_wh", "less"),
    Measure("carbon_per_piece_g", "less"),
    Measure("undelivered", "less"),
)


def verdict_of(measure: Measure, told: Paired) -> str:
    """Return what may be said: a `Verdict`, or "differs" where neither way is better."""
    verdict = told.verdict(more_is_better=measure.better == "more")
    if measure.better == "neither" and verdict in ("better", "worse"):
        return "differs"
    return verdict


def measured(arm: Arm, found: Stream) -> dict[str, float]:
    """Return every measure of `MEASURES` of an arm."""
    orders = list(arm.orders.values())
    count = len(orders)
    times = {order.order_id: _door_s(arm, order) for order in orders}
    wanted = {name: arrival.requested_at_s for name, arrival in arm.arrived.items()}
    there = [order for order in orders if order.actual_at_s is not None]
    on_time = sum(times[order.order_id] <= wanted[order.order_id] for order in there)
    kept = sum(times[order.order_id] <= order.promised_at_s for order in there)
    lead = [times[name] - arrival.at_s for name, arrival in arm.arrived.items()]
    late = [max(0, times[name] - wanted[name]) for name in arm.arrived]
    pieces = sum(order.delivered for order in orders)
    early = sum(
        order.shipped
        for order in orders
        if order.shipped_at_s is not None and order.shipped_at_s <= found.ends_s
    )
    jobs = [job for order in orders for job in order.jobs.values()]
    clocks = _clocks(arm)
    energy_wh = sum(job.energy_wh for job in jobs)
    return {
        "on_time_fraction": on_time / count,
        "lead_time_s": fsum(lead) / count,
        "tardiness_s": fsum(late) / count,
        "promise_kept_fraction": kept / count,
        "good_pieces_per_day": early * DAY_S / (found.ends_s - BEGINS_S),
        "setups": float(sum(bool(job.setup_spells) for job in jobs)),
        "setup_s": float(sum(_worked_s(clocks, job, job.setup_spells) for job in jobs)),
        "bottleneck_fraction": _busiest(arm, jobs, clocks, found.ends_s),
        "energy_per_piece_wh": energy_wh / max(1, pieces),
        "carbon_per_piece_g": sum(_carbon_g(arm, order) for order in orders) / max(1, pieces),
        "undelivered": float(count - len(there)),
    }


def _door_s(arm: Arm, order: OrderState) -> int:
    return arm.ended_s if order.actual_at_s is None else order.actual_at_s


def _clocks(arm: Arm) -> dict[str, Worktime]:
    """Return the working time of each work unit over the whole run."""
    network = arm.ctx.network
    compiled = {
        name: compiled_worktime(network.calendar[name], BEGINS_S, arm.ended_s + DAY_S)
        for name in sorted({unit.calendar_id for unit in network.work_units})
    }
    return {unit.work_unit_id: compiled[unit.calendar_id] for unit in network.work_units}


def _worked_s(
    clocks: Mapping[str, Worktime],
    job: JobOrder,
    spells: Sequence[tuple[int, int]],
    until_s: int | None = None,
) -> int:
    """Return the working seconds of some spells of a job order, up to an instant."""
    cut = [(a, b if until_s is None else min(b, until_s)) for a, b in spells]
    return sum(clocks[job.resource_id].worked_s(a, b) for a, b in cut if a < b)


def _busiest(
    arm: Arm, jobs: Sequence[JobOrder], clocks: Mapping[str, Worktime], ends_s: int
) -> float:
    """Return the share of its working time in the window that the busiest work unit works."""
    busy: dict[str, int] = {}
    for job in jobs:
        spells = (*job.setup_spells, *job.run_spells)
        worked_s = _worked_s(clocks, job, spells, ends_s)
        busy[job.resource_id] = busy.get(job.resource_id, 0) + worked_s
    units = arm.ctx.network.work_unit
    shares = [
        worked_s / (units[name].seats * there_s)
        for name, worked_s in busy.items()
        if (there_s := clocks[name].worked_s(BEGINS_S, ends_s))
    ]
    return max(shares, default=0.0)


def _carbon_g(arm: Arm, order: OrderState) -> int:
    """Return the footprint of what an order really used and how it really travelled."""
    plan = plan_of(arm.ctx, order.plan_digest)
    lots, energy = [], []
    ways: dict[tuple[str, str], int] = {}
    for job in order.jobs.values():
        taken = job.good + job.scrap
        for line in plan.bill_of_materials:
            if line.at_operation == job.operation_id and taken:
                lots.append(
                    LotUse(job.job_order_id, "", line.material_id, taken * line.quantity, line.unit)
                )
        energy.append((job.site_id, EnergyReading(job.job_order_id, 0, job.energy_wh)))
        for to_id, moved in job.moved.items():
            ways[job.site_id, to_id] = ways.get((job.site_id, to_id), 0) + moved
    for site_id, shipped in order.shipped_from.items():
        way = (site_id, order.zone_id)
        ways[way] = ways.get(way, 0) + shipped
    lines = made_lines(arm.ctx.network, plan, ways=ways, lots=lots, energy=energy)
    return sum(line.carbon_g for line in lines)
