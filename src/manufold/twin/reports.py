"""What a shop says about a task: the material it takes, what it measures, what it used up."""

from collections.abc import Iterator
from typing import Any

from manufold.model.execution import CommandKind
from manufold.model.process_plan import ProcessPlan
from manufold.model.units import HOUR_S
from manufold.model.work_content import place_share
from manufold.twin.floor import Task, Unit
from manufold.twin.luck import Luck

__all__ = ["closing", "materials"]

Said = tuple[CommandKind, str, dict[str, Any]]


def materials(
    task: Task, unit: Unit, plan: ProcessPlan, luck: Luck, at_s: int
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield (detail, data) of the lots a task takes from when its run starts."""
    for line in plan.bill_of_materials:
        if line.at_operation == task.operation.operation_id:
            lot_id = luck.lot_id(unit.site.site_id, line.material_id, at_s)
            data = {
                "lot_id": lot_id,
                "material_id": line.material_id,
                "quantity": line.quantity * task.quantity,
                "unit": line.unit,
            }
            yield f"{line.material_id}/{line.unit}", data


def closing(task: Task, unit: Unit, luck: Luck) -> Iterator[Said]:
    """Yield (kind, detail, data) said when a task's last piece is done: values, energy, finish.

    A piece out of limits is scrapped, beside those that luck scraps; the values of both are kept.
    Pieces that others have reported already stay as they reported them.
    """
    job, name = task.job, task.name
    scrapped = luck.scrapped(name, task.operation, task.quantity)
    scrapped |= {piece for piece, _characteristic in job.open_faults}
    for wanted in task.operation.characteristics:
        for piece, value in luck.measured(name, wanted, task.quantity):
            data = {
                "characteristic_id": wanted.characteristic_id,
                "piece": piece,
                "value": value,
            }
            if not wanted.lower <= value <= wanted.upper:
                scrapped.add(piece)
            yield "measure", f"{wanted.characteristic_id}/{piece}", data
    share = float(place_share(unit.noun))
    drawn_wh = share * unit.noun.power_w * (task.setup_s + task.run_s) / HOUR_S
    exact_wh = drawn_wh + float(task.operation.energy_wh) * task.quantity
    yield "energy", "", {"energy_wh": luck.energy_wh(name, exact_wh)}
    left = task.quantity - max(job.good, task.handed) - job.scrap
    scrap = min(len(scrapped), left)
    yield "finish", "", {"good": left - scrap, "scrap": scrap, "rework": 0, "complete": True}
