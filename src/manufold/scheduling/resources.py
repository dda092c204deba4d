"""Resources: everything of a network that can be booked, by number, and the ways between sites.

Seats of work units come first, then the doors of those that work in batches, then operators and
tools. The tools of one kind at one site lie side by side, whichever record they come from.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from manufold.model.network import Network, Operator, WorkUnit
from manufold.scheduling.calendar_rows import NEVER
from manufold.scheduling.kernel import Seconds, seconds

__all__ = ["Resources", "able_operators", "resources_of"]

#: (resource, seat)
Seat = tuple[str, int]


@dataclass(frozen=True, slots=True, eq=False)
class Resources:
    """What can be booked, and where.

    Args:
        names: (resource, seat) by number.
        number: the other way round.
        site_number: site -> its number, in the order of ids.
        lane_s: int64, shape (sites, sites), 0 within a site, NEVER where there is no way.
        to_lane_s: (site or delivery zone) -> int64, shape (sites,), the ways there.
        tools: (site, kind) -> first number and how many.
        units: work units by the name of a capability, by site and id.
        operators: by (site, skill), the least versatile first.
        matrix_number: setup matrix -> its number.
        seat_matrix: int64, by number, of its setup matrix, -1 for none.
        everywhere: int64, shape (sites,), 1 for each.
        nowhere_s: int64, shape (sites,), 0 for each: the way to where the goods are.
    """

    names: tuple[Seat, ...]
    number: Mapping[Seat, int]
    site_number: Mapping[str, int]
    lane_s: NDArray[np.int64]
    to_lane_s: Mapping[str, Seconds]
    tools: Mapping[tuple[str, str], tuple[int, int]]
    units: Mapping[str, tuple[WorkUnit, ...]]
    operators: Mapping[tuple[str, str], tuple[Operator, ...]]
    matrix_number: Mapping[str, int]
    seat_matrix: Seconds
    everywhere: Seconds
    nowhere_s: Seconds


def resources_of(network: Network) -> Resources:
    """Return a network's resources by number."""
    names: list[Seat] = []
    for unit in network.work_units:
        names += ((unit.work_unit_id, seat) for seat in range(unit.seats))
    names += ((unit.work_unit_id, unit.seats) for unit in network.work_units if unit.batches)
    names += ((operator.operator_id, 0) for operator in network.operators)
    tools: dict[tuple[str, str], tuple[int, int]] = {}
    for tool in sorted(network.tools, key=lambda t: (t.site_id, t.kind, t.tool_id)):
        first, count = tools.get((tool.site_id, tool.kind), (len(names), 0))
        tools[tool.site_id, tool.kind] = first, count + tool.count
        names += ((tool.tool_id, seat) for seat in range(tool.count))
    sites = sorted(network.site)
    units: dict[str, list[WorkUnit]] = {}
    for unit in network.work_units:
        for capability in unit.capabilities:
            units.setdefault(capability.name, []).append(unit)
    matrices = {matrix: number for number, matrix in enumerate(network.setup_matrix)}
    matrix_of = {unit.work_unit_id: unit.setup_matrix_id for unit in network.work_units}
    return Resources(
        tuple(names),
        {name: number for number, name in enumerate(names)},
        {site: number for number, site in enumerate(sites)},
        np.array(
            [[_lane_s(network, start, end) for end in sites] for start in sites], dtype=np.int64
        ).reshape(len(sites), len(sites)),
        {
            end: seconds([_lane_s(network, start, end) for start in sites])
            for end in (*sites, *network.delivery_zone)
        },
        tools,
        {name: tuple(found) for name, found in units.items()},
        able_operators(network),
        matrices,
        seconds([matrices.get(matrix_of.get(name) or "", -1) for name, _ in names]),
        seconds([1] * len(sites)),
        seconds([0] * len(sites)),
    )


def _lane_s(network: Network, start: str, end: str) -> int:
    lane_s = network.lane_s(start, end)
    return NEVER if lane_s is None else lane_s


def able_operators(network: Network) -> dict[tuple[str, str], tuple[Operator, ...]]:
    """Return who has a skill at a site; whoever can least else is asked first."""
    found: dict[tuple[str, str], list[Operator]] = {}
    for operator in network.operators:
        for skill in operator.skills:
            found.setdefault((operator.site_id, skill), []).append(operator)
    return {
        key: tuple(sorted(able, key=lambda o: (len(o.skills), o.rate_minor_per_h, o.operator_id)))
        for key, able in found.items()
    }
