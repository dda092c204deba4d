"""What a passport cannot know: energy nobody read, material nobody issued, sizes nobody measured.

Silence is no saving: the footprint takes what is missing from the plan, for the pieces that really
went in, and says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from manufold.model.errors import CannotMake, Reason
from manufold.model.evidence import EnergyReading, LotUse, Measurement
from manufold.model.execution import JobOrder, OrderState
from manufold.model.network import Network
from manufold.model.process_plan import ProcessPlan
from manufold.model.work_content import drawn_s, drawn_wh

__all__ = ["Unread", "unread"]


@dataclass(frozen=True, slots=True)
class Unread:
    """What stands in for what was not said, and the lines that say so.

    Args:
        energy_wh: site -> energy of the plan, for job orders without a reading.
        material: material -> quantity of the plan, where no lot of it was recorded.
    """

    energy_wh: dict[str, Fraction]
    material: dict[str, Fraction]
    reasons: tuple[Reason, ...]


def unread(
    network: Network,
    order: OrderState,
    plan: ProcessPlan,
    lots: Sequence[LotUse],
    energy: Sequence[EnergyReading],
    measured: Sequence[Measurement],
) -> Unread:
    """Return what the evidence of a delivered order leaves open, as the plan has it."""
    done = [job for job in order.jobs.values() if job.state == "finished"]
    read = {reading.job_order_id for reading in energy}
    planned_wh: dict[str, Fraction] = {}
    silent: list[str] = []
    for job in done:
        job_wh = Fraction(0) if job.job_order_id in read else _planned_wh(network, plan, job)
        if job_wh:
            planned_wh[job.site_id] = planned_wh.get(job.site_id, Fraction(0)) + job_wh
            silent.append(job.operation_id)
    issued = {lot.material_id for lot in lots}
    material: dict[str, Fraction] = {}
    for line in plan.bill_of_materials:
        pieces = sum(job.quantity_in for job in done if job.operation_id == line.at_operation)
        if line.material_id not in issued and pieces:
            more = Fraction(line.quantity) * pieces
            material[line.material_id] = material.get(line.material_id, Fraction(0)) + more
    seen = {order.jobs[one.job_order_id].operation_id for one in measured}
    unmeasured = [
        job.operation_id
        for job in done
        if plan.operation[job.operation_id].characteristics and job.operation_id not in seen
    ]
    return Unread(planned_wh, material, _reasons(network, plan, silent, material, unmeasured))


def _planned_wh(network: Network, plan: ProcessPlan, job: JobOrder) -> Fraction:
    unit = network.work_unit.get(job.resource_id)
    if unit is None:
        return Fraction(0)  # the network has changed since: nothing to take it from
    operation = plan.operation[job.operation_id]
    try:
        total_s = drawn_s(operation, unit, job.quantity_in, job.setup_s)
    except CannotMake:
        return Fraction(0)
    return drawn_wh(operation, unit, total_s, job.quantity_in)


def _reasons(
    network: Network,
    plan: ProcessPlan,
    silent: list[str],
    material: dict[str, Fraction],
    unmeasured: list[str],
) -> tuple[Reason, ...]:
    def names(ids: list[str]) -> str:
        return ", ".join(plan.operation[one].name for one in dict.fromkeys(ids))

    found = []
    if silent:
        found.append(Reason("prove.energy_not_read", {"operations": names(silent)}))
    if material:
        known = (network.material[one].name for one in material)
        found.append(Reason("prove.material_not_recorded", {"materials": ", ".join(known)}))
    if unmeasured:
        found.append(Reason("prove.not_measured", {"operations": names(unmeasured)}))
    return tuple(found)
