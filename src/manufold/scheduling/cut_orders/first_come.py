"""What a hall does without a search: orders of one cloth in the order they are due, so many each.

An order goes to the next marker when it must be of another shade than those it would join.
"""

from manufold.model.cut_plan import CutDay, CutOrder
from manufold.scheduling.cut_orders.placing import Group

__all__ = ["first_come"]


def first_come(day: CutDay, size: int) -> tuple[Group, ...]:
    """Return groups of at most `size` orders of one cloth; 1 = each by itself."""
    at = {order.order_id: n for n, order in enumerate(day.orders)}
    lots: dict[tuple[str, str], list[CutOrder]] = {}
    for order in sorted(day.orders, key=lambda one: (one.due_s, at[one.order_id])):
        lots.setdefault((order.cloth, order.shade), []).append(order)
    return tuple(
        tuple(sorted((one.order_id for one in lot[low : low + size]), key=at.__getitem__))
        for lot in lots.values()
        for low in range(0, len(lot), size)
    )
