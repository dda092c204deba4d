"""A process plan that a caller sends: read, bounded, and remembered for the next time it is asked.

A vertical's plans are ours; these are anybody's. What no shop could do, or no number could hold,
is refused by name before anything is planned.
"""

import json
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from hashlib import sha256
from threading import Lock
from typing import Any

from manufold.model.codec import decoded, unstamped
from manufold.model.errors import InputFault
from manufold.model.process_plan import Operation, ProcessPlan
from manufold.model.units import DAY_S
from manufold.scheduling.load import Load
from manufold.services.context import Context
from manufold.services.loads import forget_load

__all__ = ["AFTER_MOST", "OPERATIONS_MOST", "bound", "read_plan"]

#: a plan of more is several designs; each asks the schedule as often as it has operations
OPERATIONS_MOST = 500
#: references to operations before, of all operations together
AFTER_MOST = 5_000
#: no time of a plan, all its pieces made, may be longer: beyond, dates leave the known calendars
_SPAN_MOST_S = 36_500 * DAY_S
#: no mass, energy or quantity of a piece may be larger
_NUMBER_MOST = Decimal(10) ** 12
#: pieces that may have to be started for each one wanted
_STARTED_EACH = 10
#: plans remembered
_PLANS_KEPT = 1_000
#: bindings kept to a load: a plan whose times are too fine is bound once for each quantity
_BOUND_MOST = 2_000
#: names that a load numbers are never given back; a plan brings a few of its own
_NAMES_MOST = 500_000


@dataclass(slots=True)
class _Kept:
    """Plans by their digest, the newest last, and the load they are bound to.

    A binding keeps its plan, also one that is forgotten, until there are `_BOUND_MOST` of them.
    """

    plans: OrderedDict[bytes, ProcessPlan] = field(default_factory=OrderedDict)
    lock: Lock = field(default_factory=Lock)
    base: Load | None = None
    view: Load | None = None


def read_plan(ctx: Context, document: Mapping[str, Any], quantity: int) -> ProcessPlan:
    """Return the plan of a document as `contracts/process_plan.schema.json` has it.

    Args:
        quantity: good pieces wanted, already bounded.

    Raises:
        InputFault: `codec.*` for what is no plan, `plan.*` for what it says wrongly,
            `promise.plan_too_large`, `promise.number_outside`.
        StoreFault: `codec.version_newer`.
    """
    if not isinstance(document, Mapping):
        raise InputFault("codec.type_wrong", found=type(document).__name__, wanted="process_plan")
    data = unstamped(document, "process_plan", 1)
    _refuse_large(data)
    kept = _kept(ctx)
    # not the canonical form: two dresses of one number may be read twice, in less time than told
    digest = sha256(json.dumps(data, default=repr).encode()).digest()
    with kept.lock:
        plan = kept.plans.get(digest)
        if plan is not None:
            kept.plans.move_to_end(digest)
    if plan is None:
        plan = decoded(ProcessPlan, data, "process_plan")
        _refuse_outside(plan, 1)
        with kept.lock:
            plan = kept.plans.setdefault(digest, plan)
            if len(kept.plans) > _PLANS_KEPT:
                kept.plans.popitem(last=False)
    _refuse_outside(plan, quantity)
    return plan


def bound(ctx: Context, load: Load) -> Load:
    """Return a load with bindings of its own, so that callers' plans do not fill everybody's."""
    kept = _kept(ctx)
    with kept.lock:
        if kept.view is None or kept.base is not load or len(kept.view.routings) > _BOUND_MOST:
            kept.base, kept.view = load, replace(load, routings={})
        view = kept.view
    if len(load.numbers) > _NAMES_MOST:
        forget_load(ctx)
    return view


def _kept(ctx: Context) -> _Kept:
    found = ctx.kept.setdefault("asked_plans", _Kept())
    assert isinstance(found, _Kept)
    return found


def _refuse_large(data: Mapping[str, Any]) -> None:
    """Refuse a plan by its size, before it costs anything to look at."""
    operations = data.get("operations")
    if not isinstance(operations, list):
        return  # the reader says what is wrong with it
    after = 0
    for one in operations:
        before = one.get("after") if isinstance(one, Mapping) else None
        after += len(before) if isinstance(before, list) else 0
    if len(operations) > OPERATIONS_MOST or after > AFTER_MOST:
        raise InputFault(
            "promise.plan_too_large",
            operations=len(operations),
            most=OPERATIONS_MOST,
            after=after,
            after_most=AFTER_MOST,
        )


def _refuse_outside(plan: ProcessPlan, quantity: int) -> None:
    for operation in plan.operations:
        for what, number, most in _numbers(operation, quantity * _STARTED_EACH):
            if number > most:
                raise _outside(f"{operation.operation_id}.{what}", number, most)
    if not 0 <= plan.piece_mass_g <= _NUMBER_MOST:
        raise _outside("piece_mass_g", plan.piece_mass_g, _NUMBER_MOST)
    for line in plan.bill_of_materials:
        if line.quantity > _NUMBER_MOST:
            raise _outside(f"bill_of_materials.{line.material_id}", line.quantity, _NUMBER_MOST)


def _numbers(operation: Operation, started: int) -> Iterator[tuple[str, Decimal | int, Decimal]]:
    """Yield what an operation says in numbers, and the most that each may be."""
    span_most = Decimal(_SPAN_MOST_S)
    yield "setup_terms", operation.setup_s, span_most
    yield "run_terms", started * operation.run_s, span_most
    yield "min_lag_s", operation.min_lag_s, span_most
    yield "max_lag_s", operation.max_lag_s or 0, span_most
    yield "transfer_quantity", operation.transfer_quantity or 0, _NUMBER_MOST
    yield "energy_wh", operation.energy_wh, _NUMBER_MOST


def _outside(where: str, number: Decimal | int, most: Decimal) -> InputFault:
    found, limit = f"{number:.3g}", f"{most:f}"
    return InputFault("promise.number_outside", where=where[:120], found=found, most=limit)
