"""Decide: an order, its work unit, its plan and a command -> events, or a refusal.

Pure: nothing is changed, nothing remembered; a refused command leaves nothing behind. What the
state does not allow is a `Conflict` (look again); values that make no sense are an `InputFault`.

What the data of each kind holds (a question mark: may be left out):

    setup_start, setup_end, start, resume   -
    pause            reason?
    finish           good? scrap? rework? (pieces of this report, 0) complete? (true)
    measure          characteristic_id, piece (1 ..), value
    energy           energy_wh
    issue_material   lot_id, material_id, quantity, unit
    move             to_id, quantity, from_id?
    ship             site_id, quantity, zone_id?, partial? (false)
    receive          quantity, zone_id?
    breakdown        reason?                 (resource_id names the work unit; no order)
    repaired         -
    hold             reason                  (no job_order_id: every open one)
    release          piece?                  (with it: that piece passes as it is)
    cancel           reason?                 (with job_order_id: that one and what follows it)
    amend            quantity? under_tolerance? over_tolerance? requested_at_s?
    revise_promise   promised_at_s, code, params? due_s?
    claim            claim_id, quantity, reason
    return           claim_id, quantity
"""

from collections.abc import Callable, Mapping

from manufold.execution import delivery, holding, jobs, measuring, orders
from manufold.execution.breakdown import break_down, repair
from manufold.execution.case import TEXT_LIMIT, Case
from manufold.model.errors import InputFault
from manufold.model.execution import Command, OrderState, UnitState
from manufold.model.ports import NewEvent
from manufold.model.process_plan import ProcessPlan

__all__ = ["decide"]

_UNIT: Mapping[str, Callable[[UnitState, Command], tuple[NewEvent, ...]]] = {
    "breakdown": break_down,
    "repaired": repair,
}

_ORDER: Mapping[str, Callable[[Case], tuple[NewEvent, ...]]] = {
    "setup_start": jobs.setup_start,
    "setup_end": jobs.setup_end,
    "start": jobs.start,
    "pause": jobs.pause,
    "resume": jobs.resume,
    "finish": jobs.finish,
    "measure": measuring.measure,
    "energy": jobs.energy,
    "issue_material": jobs.issue_material,
    "move": jobs.move,
    "ship": delivery.ship,
    "receive": delivery.receive,
    "hold": holding.hold,
    "release": holding.release,
    "cancel": orders.cancel,
    "amend": orders.amend,
    "revise_promise": orders.revise_promise,
    "claim": delivery.claim,
    "return": delivery.return_goods,
}


def decide(
    order: OrderState | None,
    unit: UnitState | None,
    plan: ProcessPlan | None,
    command: Command,
) -> tuple[NewEvent, ...]:
    """Return the events that answer a command.

    Args:
        order: the command's order; None for breakdown and repaired.
        unit: the command's work unit; None when nothing ever happened on it, or none is named.
        plan: the order's process plan; None for breakdown and repaired.

    Raises:
        InputFault: the command makes no sense, whatever the state.
        Conflict: the state does not allow it now.
    """
    if unit is None:
        unit = UnitState(command.resource_id)
    if command.kind in _UNIT:
        if not command.resource_id or unit.resource_id != command.resource_id:
            raise InputFault(
                "execution.unit_missing", kind=command.kind, unit=unit.resource_id or "-"
            )
        return _UNIT[command.kind](unit, command)
    if order is None or plan is None or command.order_id != order.order_id:
        raise InputFault(
            "execution.order_missing",
            kind=command.kind,
            order=command.order_id[:TEXT_LIMIT] or "-",
        )
    return _ORDER[command.kind](Case(order, unit, plan, command))
