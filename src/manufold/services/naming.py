"""Names for people in reasons that engines give by id: "Lathe 1, Stuttgart", not "st-turn-1".

The ids stay beside the names, as `<parameter>_id`, for programs.
"""

from collections.abc import Iterable

from manufold.model.errors import Param, Reason
from manufold.model.network import Network
from manufold.model.process_plan import ProcessPlan

__all__ = ["named"]

_PLACES = ("at", "operation", "operations", "from_unit", "to_unit", "unit", "work_unit")


def named(network: Network, plan: ProcessPlan, reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """Return the reasons with names of work units and operations where engines wrote their ids."""
    return tuple(Reason(one.code, _named(network, plan, one)) for one in reasons)


def _named(network: Network, plan: ProcessPlan, reason: Reason) -> dict[str, Param]:
    found: dict[str, Param] = dict(reason.params)
    for param in _PLACES:
        value = reason.params.get(param)
        if not isinstance(value, str):
            continue
        shown = ", ".join(_name(network, plan, one) for one in value.split(", "))
        if shown != value:
            found |= {param: shown, f"{param}_id": value}
    return found


def _name(network: Network, plan: ProcessPlan, known_as: str) -> str:
    if known_as in plan.operation:
        return plan.operation[known_as].name
    unit = network.work_unit.get(known_as)
    return known_as if unit is None else f"{unit.name} ({network.site_of(known_as).name})"
