"""How long an operation keeps a work unit busy: the one place where standard time meets a machine.

Seconds are rounded up once for the set-up and once for the whole, never per piece, so that a
thousand pieces do not gather a thousand roundings. Changeover belongs to the machine: the work
unit's time factor does not stretch it.
"""

from dataclasses import dataclass, replace
from fractions import Fraction

from manufold.model.errors import CannotMake
from manufold.model.network import Capability, Network, WorkUnit
from manufold.model.process_plan import Operation, ProcessPlan
from manufold.model.units import HOUR_S, whole_s

__all__ = [
    "WorkContent",
    "booked_content",
    "changeover_s",
    "drawn_s",
    "drawn_wh",
    "place_share",
    "setup_family",
    "work_content",
    "worst_changeover_s",
]


@dataclass(frozen=True, slots=True)
class WorkContent:
    """Working seconds of an operation on a work unit.

    Args:
        setup_s: set-up, changeover included.
        total_s: set-up and all pieces, at least one second.
    """

    setup_s: int
    total_s: int


def work_content(
    operation: Operation, capability: Capability, quantity: int, changeover_s: int = 0
) -> WorkContent:
    """Return the working seconds of `quantity` pieces on a work unit with that capability.

    Args:
        changeover_s: from the seat's setup family before, on top of the own set-up.
    """
    if capability.lead_time_s is not None:
        return WorkContent(changeover_s, capability.lead_time_s + changeover_s)
    standard_s = operation.setup_s
    setup_s = whole_s(standard_s * capability.time_factor)
    total_s = whole_s((standard_s + quantity * operation.run_s) * capability.time_factor)
    return WorkContent(setup_s + changeover_s, max(1, total_s) + changeover_s)


def setup_family(plan: ProcessPlan, operation: Operation) -> str:
    """Return the operation's setup family; without one, the plan is a family of its own."""
    if operation.setup_family is not None:
        return operation.setup_family
    return f"{plan.design_revision}/{plan.process_plan_id}"


def changeover_s(network: Network, unit: WorkUnit, from_family: str | None, to_family: str) -> int:
    """Return the changeover between two families on a work unit, 0 where it has no matrix."""
    if unit.setup_matrix_id is None:
        return 0
    return network.setup_matrix[unit.setup_matrix_id].changeover_s(from_family, to_family)


def worst_changeover_s(network: Network, unit: WorkUnit, to_family: str) -> int:
    """Return the longest changeover into a family on a work unit, whatever ran before."""
    if unit.setup_matrix_id is None:
        return 0
    return network.setup_matrix[unit.setup_matrix_id].worst_changeover_s(to_family)


def booked_content(
    operation: Operation, unit: WorkUnit, quantity: int, setup_s: int
) -> WorkContent:
    """Return what a slot of an operation has booked and is charged for.

    Args:
        setup_s: of the slot, its changeover included.

    Raises:
        CannotMake: `schedule.unit_cannot` when the work unit lacks the capability.
    """
    own = work_content(operation, _capability(operation, unit), quantity)
    return WorkContent(setup_s, own.total_s - own.setup_s + setup_s)


def drawn_s(operation: Operation, unit: WorkUnit, quantity: int, setup_s: int) -> int:
    """Return the working seconds over which a slot draws power.

    Elsewhere most of a subcontractor's lead time is waiting: there it is the standard time.

    Raises:
        CannotMake: `schedule.unit_cannot` when the work unit lacks the capability.
    """
    capability = _capability(operation, unit)
    if capability.lead_time_s is not None:
        capability = replace(capability, lead_time_s=None)
        return work_content(operation, capability, quantity).total_s
    return booked_content(operation, unit, quantity, setup_s).total_s


def _capability(operation: Operation, unit: WorkUnit) -> Capability:
    capability = unit.capability(operation.capability)
    if capability is None:
        raise CannotMake(
            "schedule.unit_cannot",
            work_unit=unit.work_unit_id,
            capability=operation.capability,
        )
    return capability


def drawn_wh(operation: Operation, unit: WorkUnit, total_s: int, quantity: int) -> Fraction:
    """Return the exact energy of a job: its share of what the work unit draws, and the process per
    piece."""
    drawn = Fraction(unit.power_w * total_s, HOUR_S * place_share(unit).denominator)
    if not operation.energy_wh:
        return drawn
    return drawn + quantity * Fraction(operation.energy_wh)


def place_share(unit: WorkUnit) -> Fraction:
    """Return the share of a work unit and of its operator that a slot bears.

    What works in batches is shared by places, whoever else comes: a price once promised does not
    depend on how full the oven gets. Elsewhere every seat works for itself.
    """
    return Fraction(1, unit.seats) if unit.batches else Fraction(1)
