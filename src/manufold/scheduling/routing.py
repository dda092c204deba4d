"""Routing: a process plan bound to the seats, operators and tools of a network, once for all
quantities.

Every operation gets its alternatives: each work unit that can do it, once for each working time of
the operators who could attend it there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import gcd, lcm

import numpy as np
from numpy.typing import NDArray

from manufold.model.network import Capability, Network, Operator
from manufold.model.process_plan import Operation, ProcessPlan
from manufold.model.work_content import setup_family, work_content
from manufold.scheduling.calendar_rows import NEVER
from manufold.scheduling.clocks import Clocks
from manufold.scheduling.eligible import Eligible, eligible, needs_operator
from manufold.scheduling.kernel import Seconds, seconds
from manufold.scheduling.resources import Resources
from manufold.scheduling.routing_rows import (
    ALT_DOOR,
    ALT_SEAT,
    ALT_SEATS,
    ALTS,
    ALTS_END,
    ATTENDED_ALL,
    ATTENDED_NONE,
    ATTENDED_SETUP,
    TOOLS,
    TOOLS_END,
    WANTED,
    WHO_AT,
    WHO_END,
    RoutingRows,
)

__all__ = ["Alternative", "Routing", "routing_of"]

#: set-up, what is done once (set-up included) and what is done per piece, as numerators; a scale
Work = tuple[int, int, int, int]

#: exact numerators must leave room for thousands of pieces in 63 bits
LARGEST = 1 << 46


@dataclass(frozen=True, slots=True, eq=False)
class Alternative:
    """A work unit for an operation and the operators who would attend it."""

    operation: Operation
    eligible: Eligible
    operators: tuple[Operator, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Routing:
    """A plan for the kernels.

    Args:
        rows: arrays, operations in routing order.
        alternatives: by their row.
        sites: of each operation, where it can be done.
        works: by alternative, exact work as in `Work`.
        last: int64, rows of the operations that nothing follows.
        ready_s: int64, zero for each alternative: what has no material bound.
        nothing_fixed: int64, shape (ops, 2), NEVER.
        no_site: int64, shape (ops,), -1.
        batches: name of each operation's batch family.
        tools_max: most tools an operation holds.
        claims: rows that all operations book together.
        any_quantity: whether it holds for any; times too fine for whole numerators are worked out
            for one.
    """

    plan: ProcessPlan
    rows: RoutingRows
    alternatives: tuple[Alternative, ...]
    sites: tuple[frozenset[str], ...]
    works: tuple[Work, ...]
    last: Seconds
    ready_s: Seconds
    nothing_fixed: NDArray[np.int64]
    no_site: Seconds
    batches: Mapping[str, str]
    tools_max: int
    claims: int
    any_quantity: bool

    def work_s(self, alt: int, quantity: int) -> int:
        """Return all working seconds of an alternative without changeover, at least one."""
        _setup, once, each, scale = self.works[alt]
        return max(1, -(-(once + quantity * each) // scale))

    def alternatives_of(self, op: int) -> range:
        """Return the rows of an operation's alternatives."""
        first, last = self.rows.ops[op, [ALTS, ALTS_END]].tolist()
        return range(first, last)


def routing_of(
    network: Network,
    resources: Resources,
    clocks: Clocks,
    plan: ProcessPlan,
    family_number: dict[str | None, int],
    quantity: int,
) -> Routing:
    """Return a plan bound to a network, for any quantity where its times allow it.

    Args:
        family_number: names of families as the kernels know them; new ones are added.

    Raises:
        CannotMake: `schedule.no_capability`.
    """
    ops: list[tuple[int, ...]] = []
    alts: list[tuple[int, ...]] = []
    others: dict[str, list[int]] = {"before": [], "who": [], "tool": []}
    row_of = {operation.operation_id: row for row, operation in enumerate(plan.operations)}
    found: list[Alternative] = []
    sites: list[frozenset[str]] = []
    batches: dict[str, str] = {}
    tools = [sum(operation.tools.values()) for operation in plan.operations]
    works: list[Work] = []
    any_quantity = True

    def number(name: str) -> int:
        return family_number.setdefault(name, len(family_number))

    for operation in plan.operations:
        batch = _batch_family(plan, operation)
        batches[operation.operation_id] = batch
        first = len(others["before"]), len(alts)
        others["before"] += (row_of[name] for name in operation.after)
        units = resources.units.get(operation.capability, ())
        own = _alternatives(network, resources, operation, eligible(network, operation, units))
        for one in own:
            exact = _numerators(operation, one.eligible.capability)
            any_quantity = any_quantity and exact is not None
            work = exact or _of_one_quantity(operation, one.eligible.capability, quantity)
            works.append(work)
            alts.append(_alternative(others, resources, clocks, one, work))
        found += own
        sites.append(frozenset(one.eligible.site_id for one in own))
        families = number(setup_family(plan, operation)), number(f"batch {batch}")
        bounds = first[0], len(others["before"]), first[1], len(alts)
        ops.append((*_fixed_columns(operation), *families, _attended(operation), 1, *bounds))
    rows = RoutingRows(
        np.array(ops, dtype=np.int64),
        np.array(alts, dtype=np.int64).T.copy(),
        *(seconds(values) for values in others.values()),
    )
    _mark_wanted(rows)
    return Routing(
        plan,
        rows,
        tuple(found),
        tuple(sites),
        tuple(works),
        seconds([row_of[name] for name in plan.last_operations]),
        seconds([0] * len(found)),
        np.full((len(tools), 2), NEVER, dtype=np.int64),
        seconds([-1] * len(tools)),
        batches,
        max(tools),
        3 * len(tools) + sum(tools),
        any_quantity,
    )


def _mark_wanted(rows: RoutingRows) -> None:
    """Mark the operations that may book what a later one may want; seats of tools always are."""
    later: set[int] = set()
    for op in range(len(rows.ops) - 1, -1, -1):
        own: set[int] = set()
        for alt in range(rows.ops[op, ALTS], rows.ops[op, ALTS_END]):
            first, seats = rows.alts[ALT_SEAT, alt], rows.alts[ALT_SEATS, alt]
            crew = rows.who[rows.alts[WHO_AT, alt] : rows.alts[WHO_END, alt]]
            own.update(range(first, first + seats), crew.tolist(), [int(rows.alts[ALT_DOOR, alt])])
        own.discard(-1)
        holds_tools = rows.alts[TOOLS, alt] < rows.alts[TOOLS_END, alt]
        rows.ops[op, WANTED] = holds_tools or not later.isdisjoint(own)
        later |= own


def _fixed_columns(operation: Operation) -> tuple[int, ...]:
    """Return what an operation says of itself: pausing, lags, lots."""
    longest_s = -1 if operation.max_lag_s is None else operation.max_lag_s
    lot = operation.transfer_quantity or 0
    return int(operation.pausable), operation.min_lag_s, longest_s, lot


def _batch_family(plan: ProcessPlan, operation: Operation) -> str:
    """Return what may share a batch; without a family of its own, the operation of this plan.

    What may pause and what may not would part at the first break, and so would what somebody
    attends and what nobody does: they are never one batch.
    """
    family = operation.batch_family
    if family is None:
        family = f"{plan.design_revision}/{plan.process_plan_id}/{operation.operation_id}"
    attended = f", {operation.skill}" if needs_operator(operation) else ""
    return f"{family}{attended}" if operation.pausable else f"{family}{attended}, unbroken"


def _attended(operation: Operation) -> int:
    if not needs_operator(operation):
        return ATTENDED_NONE
    return ATTENDED_SETUP if operation.attendance == "setup" else ATTENDED_ALL


def _alternatives(
    network: Network, resources: Resources, operation: Operation, able: Sequence[Eligible]
) -> list[Alternative]:
    if not needs_operator(operation):
        return [Alternative(operation, one, ()) for one in able]
    found = []
    for one in able:
        shifts: dict[str, list[Operator]] = {}
        for operator in resources.operators[one.site_id, str(operation.skill)]:
            shifts.setdefault(operator.calendar_id, []).append(operator)
        found += [Alternative(operation, one, tuple(shift)) for shift in shifts.values()]
    return found


def _alternative(
    others: dict[str, list[int]],
    resources: Resources,
    clocks: Clocks,
    one: Alternative,
    work: Work,
) -> tuple[int, ...]:
    """Return the row of an alternative; its operators and tools go to the others."""
    unit, site_id = one.eligible.unit, one.eligible.site_id
    joint = -1
    if one.operators:
        joint = clocks.number[unit.calendar_id, one.operators[0].calendar_id]
    matrix = unit.setup_matrix_id
    first = len(others["who"]), len(others["tool"])
    others["who"] += (resources.number[o.operator_id, 0] for o in one.operators)
    for kind, count in sorted(one.operation.tools.items()):
        others["tool"] += (*resources.tools[site_id, kind], count)
    return (
        resources.number[unit.work_unit_id, 0],
        unit.seats,
        resources.number[unit.work_unit_id, unit.seats] if unit.batches else -1,
        resources.site_number[site_id],
        clocks.number[unit.calendar_id, None],
        joint,
        -1 if matrix is None else resources.matrix_number[matrix],
        *work,
        first[0],
        len(others["who"]),
        first[1],
        len(others["tool"]),
    )


def _numerators(operation: Operation, capability: Capability) -> Work | None:
    """Return exact numerators for any quantity, None where they would not fit."""
    if capability.lead_time_s is not None:
        return 0, capability.lead_time_s, 0, 1
    factor = capability.time_factor.as_integer_ratio()
    (setup, of_setup), (run, of_run) = (
        _product(exact_s.as_integer_ratio(), factor)
        for exact_s in (operation.setup_s, operation.run_s)
    )
    scale = lcm(of_setup, of_run)
    once, each = setup * (scale // of_setup), run * (scale // of_run)
    return None if max(once, each, scale) > LARGEST else (once, once, each, scale)


def _product(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    """Return the product of two ratios in lowest terms; fractions would take ten times as long."""
    over, under = one[0] * other[0], one[1] * other[1]
    shared = gcd(over, under)
    return over // shared, under // shared


def _of_one_quantity(operation: Operation, capability: Capability, quantity: int) -> Work:
    """Return whole seconds for one quantity, where exact numerators would not fit."""
    content = work_content(operation, capability, quantity)
    return content.setup_s, content.total_s, 0, 1
