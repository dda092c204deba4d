"""Who can do it: work units whose capability, limits, material, skill and tools fit an operation.

When nobody can, the refusal names what stands in the way and how many work units it excludes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from manufold.model.errors import CannotMake, Fault, Reason
from manufold.model.network import Capability, Network, WorkUnit
from manufold.model.process_plan import Operation, ProcessPlan

__all__ = [
    "Eligible",
    "eligible",
    "needs_operator",
    "sets_of",
    "site_sets",
    "takes_family",
    "unstated_limits",
]


#: capabilities that a refusal names at most
KNOWN_MOST = 30


@dataclass(frozen=True, slots=True)
class Eligible:
    """A work unit that can do an operation, where it stands, and as what."""

    unit: WorkUnit
    site_id: str
    capability: Capability


def eligible(
    network: Network,
    operation: Operation,
    units: Iterable[WorkUnit] | None = None,
    sites: frozenset[str] | None = None,
) -> tuple[Eligible, ...]:
    """Return the work units that can do an operation, by site and id.

    Args:
        units: to choose from, all of the network when absent.
        sites: where it may be done, anywhere when absent.

    Raises:
        CannotMake: `schedule.capability_unknown` when no work unit has it; else
            `schedule.no_capability`, its faults name what excludes how many work units.
    """
    named = [
        (unit, capability)
        for unit in (network.work_units if units is None else units)
        if (capability := unit.capability(operation.capability)) is not None
    ]
    able = []
    for unit, capability in named:
        site_id = network.work_center[unit.work_center_id].site_id
        if (sites is None or site_id in sites) and (
            _takes(capability, operation)
            and takes_family(network, unit, operation)
            and _has_skill(network, site_id, operation)
            and not _missing_tools(network, site_id, operation)
        ):
            able.append(Eligible(unit, site_id, capability))
    if not able:
        raise _refusal(network, operation, named, sites)
    return tuple(sorted(able, key=lambda one: (one.site_id, one.unit.work_unit_id)))


def site_sets(network: Network, plan: ProcessPlan, quantity: int) -> tuple[frozenset[str], ...]:
    """Return the sets of sites worth a promise: each single site that can make all, then all.

    The whole network is left out where one site is all there is. `quantity` is accepted because
    later floors split it over sites; today every operation is done in one place.

    Raises:
        CannotMake: as `eligible` when not even the whole network can.
    """
    assert quantity >= 1, quantity
    return sets_of(
        [
            frozenset(one.site_id for one in eligible(network, operation))
            for operation in plan.operations
        ]
    )


def sets_of(able: Sequence[frozenset[str]]) -> tuple[frozenset[str], ...]:
    """Return the sets of sites worth a promise, as `site_sets`, of where each operation can be."""
    alone = sorted(frozenset.intersection(*able))
    together = frozenset.union(*able)
    singles = tuple(frozenset({site_id}) for site_id in alone)
    return singles if together in singles else (*singles, together)


def needs_operator(operation: Operation) -> bool:
    """Return whether somebody must be bound to the operation at any time."""
    return operation.skill is not None and operation.attendance != "none"


def _takes(capability: Capability, operation: Operation) -> bool:
    return _takes_material(capability, operation) and all(
        name not in capability.limits or capability.limits[name] >= needed
        for name, needed in operation.needs.items()
    )


def _takes_material(capability: Capability, operation: Operation) -> bool:
    return (
        operation.material_id is None
        or not capability.materials
        or operation.material_id in capability.materials
    )


def takes_family(network: Network, unit: WorkUnit, operation: Operation) -> bool:
    """Return whether a work unit can be set up for an operation: any can, unless its setup matrix
    lists all the families there are."""
    if unit.setup_matrix_id is None:
        return True
    families = network.setup_matrix[unit.setup_matrix_id].families
    return not families or operation.setup_family in families


def unstated_limits(operation: Operation, capability: Capability) -> tuple[str, ...]:
    """Return the needs about which a capability says nothing; they are taken as met."""
    return tuple(sorted(name for name in operation.needs if name not in capability.limits))


def _has_skill(network: Network, site_id: str, operation: Operation) -> bool:
    return not needs_operator(operation) or any(
        operator.site_id == site_id and operation.skill in operator.skills
        for operator in network.operators
    )


def _missing_tools(network: Network, site_id: str, operation: Operation) -> list[tuple[str, int]]:
    """Return the kinds of tools of which a site has too few, and how many are needed."""
    there: dict[str, int] = {}
    for tool in network.tools if operation.tools else ():
        if tool.site_id == site_id:
            there[tool.kind] = there.get(tool.kind, 0) + tool.count
    return [(kind, n) for kind, n in sorted(operation.tools.items()) if there.get(kind, 0) < n]


def _refusal(
    network: Network,
    operation: Operation,
    named: list[tuple[WorkUnit, Capability]],
    sites: frozenset[str] | None,
) -> CannotMake:
    where = operation.operation_id
    if not named:
        known = sorted({c.name for unit in network.work_units for c in unit.capabilities})
        return CannotMake(
            "schedule.capability_unknown",
            capability=operation.capability,
            operation=where,
            known=", ".join(known[:KNOWN_MOST]) + ("..." if len(known) > KNOWN_MOST else ""),
        )
    found: list[tuple[str, Fault]] = []
    for name, needed in sorted(operation.needs.items()):
        stated = [(c.limits[name], u.work_unit_id) for u, c in named if name in c.limits]
        small = [limit for limit, _ in stated if limit < needed]
        if small:
            largest, at = max(stated, key=lambda pair: pair[0])
            params = {"limit": name, "needed": _plain(needed), "largest": _plain(largest)}
            reason = Reason("schedule.too_small", {**params, "at": at, "units": len(small)})
            text = f"{name} {_plain(needed)} > {_plain(largest)} ({at})"
            if largest >= needed:  # some are large enough, and something else excludes those
                text = f"{name} {_plain(needed)} ({len(small)})"
            found.append((text, Fault(where, reason)))
    closed = [unit for unit, c in named if not _takes_material(c, operation)]
    if closed:
        material = str(operation.material_id)
        params = {"material": material}
        reason = Reason("schedule.material_not_taken", {**params, "units": len(closed)})
        found.append((f"{material} ({len(closed)})", Fault(where, reason)))
    unset = [unit for unit, _ in named if not takes_family(network, unit, operation)]
    if unset:
        family = operation.setup_family or "-"
        reason = Reason("schedule.family_unknown", {"family": family, "units": len(unset)})
        found.append((f"{family} ({len(unset)})", Fault(where, reason)))
    place = {u.work_unit_id: network.work_center[u.work_center_id].site_id for u, _ in named}
    found += _site_faults(network, operation, place)
    outside = [u for u, _ in named if sites is not None and place[u.work_unit_id] not in sites]
    if outside:
        reason = Reason("schedule.site_left_out", {"units": len(outside)})
        shown = ", ".join(sorted({place[u.work_unit_id] for u in outside}))
        found.append((f"{shown} ({len(outside)})", Fault(where, reason)))
    return CannotMake(
        "schedule.no_capability",
        faults=tuple(fault for _, fault in found),
        capability=operation.capability,
        operation=where,
        units=len(named),
        excluded="; ".join(text for text, _ in found) or "-",
    )


def _site_faults(
    network: Network, operation: Operation, place: Mapping[str, str]
) -> Iterable[tuple[str, Fault]]:
    """Return the skills and tools that the sites of work units lack, and how many those are."""
    where, skill = operation.operation_id, str(operation.skill)
    unskilled = sum(not _has_skill(network, site, operation) for site in place.values())
    if unskilled:
        reason = Reason("schedule.skill_missing", {"skill": skill, "units": unskilled})
        yield f"{skill} ({unskilled})", Fault(where, reason)
    short: dict[tuple[str, int], int] = {}
    for site in place.values():
        for missing in _missing_tools(network, site, operation):
            short[missing] = short.get(missing, 0) + 1
    for (kind, count), units in short.items():
        reason = Reason("schedule.tool_missing", {"tool": kind, "count": count, "units": units})
        yield f"{kind} ({units})", Fault(where, reason)


def _plain(value: Decimal) -> str:
    return format(value.normalize(), "f")
