"""How it is made: a routing of operations and a bill of materials. Plans know no network.

An operation asks for a capability by name; the network binds work units, their rates and their
own times. `after` makes the routing a directed graph without cycles, checked when built.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Literal

from manufold.model.errors import InputFault, Reason
from manufold.model.material import BillOfMaterialsLine, Source

__all__ = ["Attendance", "Characteristic", "Operation", "ProcessPlan", "StandardTime"]

Attendance = Literal["none", "setup", "all"]


@dataclass(frozen=True, slots=True)
class StandardTime:
    """One term of a standard time: what, how long, by which formula, from which source.

    Args:
        term: what takes the time, e.g. "roughing", a word of the vertical's catalogue.
        span_s: exact seconds; per piece in `Operation.run_terms`, once in `setup_terms`.
        formula: readable, with its inputs, e.g. "V/MRR = 84.2 cm3 / 60 cm3/min".
    """

    term: str
    span_s: Decimal
    formula: str
    source: Source

    def __post_init__(self) -> None:
        if self.span_s < 0:
            raise InputFault("plan.time_negative", term=self.term)


#: what stands for an operation that comes without any time; an offer that stands on it says so
_ASSUMED = Source("default of manufold, nobody stated a time", 2026, verified=False)
_ASSUMED_SETUP = StandardTime("assumed", Decimal(1800), "30 min, not stated", _ASSUMED)
_ASSUMED_RUN = StandardTime("assumed", Decimal(900), "15 min a piece, not stated", _ASSUMED)


@dataclass(frozen=True, slots=True)
class Characteristic:
    """Something measured on the piece: nominal and tolerance in its unit.

    Args:
        characteristic_id: unique in the plan.
        unit: "mm", "g", "deg", ... of the three values.
        sample_fraction: share of pieces measured, 1 = every piece; at least one of a lot.
    """

    characteristic_id: str
    name: str
    unit: str
    nominal: Decimal
    lower: Decimal
    upper: Decimal
    sample_fraction: Decimal = Decimal(1)

    def __post_init__(self) -> None:
        if not self.lower <= self.nominal <= self.upper:
            raise InputFault("plan.tolerance_backwards", characteristic=self.characteristic_id)


@dataclass(frozen=True, slots=True)
class Operation:
    """A step of the routing.

    Args:
        operation_id: unique in the plan, e.g. "op20".
        capability: what a work unit must be able to do.
        setup_terms: standard times taken once per production order.
        run_terms: standard times taken per piece (load and unload included); where neither is
            known, half an hour of set-up and a quarter of an hour a piece are assumed.
        needs: least values the capability's limits must reach, e.g. {"x_mm": 120}.
        material_id: what the work unit must be able to take, None = anything.
        after: operations that must be complete before it starts.
        skill: what an operator needs; None = nobody.
        attendance: when that operator is bound.
        setup_family: jobs of one family change over for nothing; None = family of its own plan.
        pausable: may pause over a break or a night and go on.
        min_lag_s: least wait after its predecessors (curing, cooling).
        max_lag_s: most wait after its predecessors, None = any.
        transfer_quantity: pieces handed on together, so that what follows may begin on the first
            ones; None = all at once.
        tools: counted tools or fixtures held while the slot lasts, kind -> how many.
        batch_family: operations of one batch family and one length may share a work unit that
            works in batches (an oven, a marker table); None = alone.
        yield_fraction: share of good pieces expected, 0 < it <= 1.
        energy_wh: process energy per piece, beside what the work unit draws.
        characteristics: measured in this operation.
        faces: of the design, made by this operation.
    """

    operation_id: str
    name: str
    capability: str
    setup_terms: tuple[StandardTime, ...]
    run_terms: tuple[StandardTime, ...]
    needs: Mapping[str, Decimal] = field(default_factory=dict)
    material_id: str | None = None
    after: tuple[str, ...] = ()
    skill: str | None = None
    attendance: Attendance = "setup"
    setup_family: str | None = None
    pausable: bool = True
    min_lag_s: int = 0
    max_lag_s: int | None = None
    transfer_quantity: int | None = None
    yield_fraction: Decimal = Decimal(1)
    energy_wh: Decimal = Decimal(0)
    characteristics: tuple[Characteristic, ...] = ()
    faces: tuple[str, ...] = ()
    tools: Mapping[str, int] = field(default_factory=dict)
    batch_family: str | None = None

    def __post_init__(self) -> None:
        if not 0 < self.yield_fraction <= 1:
            raise InputFault("plan.yield_outside", operation=self.operation_id)
        if self.min_lag_s < 0 or self.energy_wh < 0:
            raise InputFault("plan.time_negative", term=self.operation_id)
        if self.max_lag_s is not None and self.max_lag_s < self.min_lag_s:
            raise InputFault("plan.lag_backwards", operation=self.operation_id)
        if self.transfer_quantity is not None and self.transfer_quantity < 1:
            raise InputFault("plan.transfer_quantity", operation=self.operation_id)
        if min(self.tools.values(), default=1) < 1:
            raise InputFault("plan.tool_count", operation=self.operation_id)
        if not self.setup_terms and not self.run_terms:
            object.__setattr__(self, "setup_terms", (_ASSUMED_SETUP,))
            object.__setattr__(self, "run_terms", (_ASSUMED_RUN,))

    @property
    def time_assumed(self) -> bool:
        """Whether it came without any time, so that the default of this module stands for it."""
        return self.run_terms == (_ASSUMED_RUN,)

    @property
    def setup_s(self) -> Decimal:
        """Exact standard seconds once per production order."""
        return sum((term.span_s for term in self.setup_terms), Decimal(0))

    @property
    def run_s(self) -> Decimal:
        """Exact standard seconds per piece."""
        return sum((term.span_s for term in self.run_terms), Decimal(0))


@dataclass(frozen=True)
class ProcessPlan:
    """One way to make a design.

    Args:
        process_plan_id: unique among the plans of one design revision, e.g. "milled".
        process: the leading process, e.g. "mill", "print.fdm"; a word of the catalogue.
        operations: sorted so that every `after` points backwards.
        bill_of_materials: what one started piece consumes.
        piece_mass_g: of a good piece, as shipped.
        reasons: why this way.
        assumptions: what was not known and taken as given.
    """

    process_plan_id: str
    design_revision: str
    process: str
    operations: tuple[Operation, ...]
    bill_of_materials: tuple[BillOfMaterialsLine, ...]
    piece_mass_g: Decimal
    reasons: tuple[Reason, ...] = ()
    assumptions: tuple[Reason, ...] = ()

    def __post_init__(self) -> None:
        if not self.operations:
            raise InputFault("plan.no_operation", plan=self.process_plan_id)
        names = [operation.operation_id for operation in self.operations]
        for name in names:
            if names.count(name) > 1:
                raise InputFault("plan.operation_twice", operation=name)
        for line in self.bill_of_materials:
            if line.at_operation not in names:
                raise InputFault("plan.operation_unknown", operation=line.at_operation)
        seen: set[str] = set()
        for operation in self.operations:
            for before in operation.after:
                if before not in names:
                    raise InputFault("plan.operation_unknown", operation=before)
                if before not in seen:
                    raise InputFault(
                        "plan.routing_cyclic",
                        operation=operation.operation_id,
                        before=before,
                    )
            seen.add(operation.operation_id)

    @cached_property
    def operation(self) -> dict[str, Operation]:
        """Operations by id."""
        return {operation.operation_id: operation for operation in self.operations}

    @cached_property
    def last_operations(self) -> tuple[str, ...]:
        """Operations that nothing follows; their end is the end of the plan."""
        followed = {before for operation in self.operations for before in operation.after}
        return tuple(o.operation_id for o in self.operations if o.operation_id not in followed)

    def legs(self, site_of: Mapping[str, str], end_id: str) -> tuple[tuple[str, str], ...]:
        """Return the ways the goods travel: between sites as the routing needs, then to the end.

        Args:
            site_of: operation id -> site id.
            end_id: the delivery zone, or the site where the goods are wanted.
        """
        found: dict[tuple[str, str], None] = {}
        for operation in self.operations:
            here = site_of[operation.operation_id]
            for before in operation.after:
                if site_of[before] != here:
                    found[site_of[before], here] = None
        for last in self.last_operations:
            if site_of[last] != end_id:
                found[site_of[last], end_id] = None
        return tuple(found)

    @property
    def yield_fraction(self) -> Decimal:
        """Share of started pieces expected to come out good."""
        share = Decimal(1)
        for operation in self.operations:
            share *= operation.yield_fraction
        return share
