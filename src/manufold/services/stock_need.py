"""What job orders take out of stock, as a pure function of what an order is and what it has begun.

A job order that has not begun speaks for its material; one that has begun has used it, also when
it is cancelled afterwards. An operation whose material is bought takes nothing out of stock. A
remake does not tell, and counts as taking from stock: the safe side.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from manufold.model.execution import JobOrder, OrderState

__all__ = ["Need", "need_of", "spoken_for", "used"]

#: (site, material) -> quantity in the material's unit
Need = dict[tuple[str, str], Decimal]


def need_of(bill: Iterable[Mapping[str, Any]], jobs: Iterable[JobOrder]) -> Need:
    """Return what job orders take, all of it.

    Args:
        bill: lines of a process plan as a document: `material_id`, `quantity`, `at_operation`.
    """
    found: Need = {}
    lines = list(bill)
    for job in jobs:
        for line in lines:
            if line["at_operation"] == job.operation_id:
                key = (job.site_id, str(line["material_id"]))
                quantity = Decimal(str(line["quantity"])) * job.quantity_in
                found[key] = found.get(key, Decimal(0)) + quantity
    return found


def spoken_for(order: OrderState) -> tuple[JobOrder, ...]:
    """Return the job orders whose material still lies in stock for them."""
    return tuple(job for job in _from_stock(order) if job.state != "cancelled" and not _begun(job))


def used(order: OrderState) -> tuple[JobOrder, ...]:
    """Return the job orders whose material has left the stock."""
    return tuple(job for job in _from_stock(order) if _begun(job))


def _begun(job: JobOrder) -> bool:
    return job.actual_start_s is not None


def _from_stock(order: OrderState) -> list[JobOrder]:
    own = next(iter(order.production_orders), "")
    return [
        job
        for job in order.jobs.values()
        if job.production_order_id != own or job.operation_id not in order.ready_s
    ]
