"""Pages of a shop: the work that comes next, what to make of an order, and saying what happened.

One plain form per thing that may be said; each carries an id of its own, so that a click made
twice is done once. What is said happens at the world's now.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from secrets import token_hex
from typing import Any

from starlette.responses import Response

from manufold.model.errors import Conflict, InputFault, ManufoldError, Reason
from manufold.model.execution import COMMANDS, Command, CommandKind, JobOrder, OrderState
from manufold.model.material import BillOfMaterialsLine
from manufold.model.process_plan import Operation
from manufold.services.access import SUPPLIER_ROLES
from manufold.services.change import receive
from manufold.services.documents import order_of, plan_of
from manufold.services.instructions import Instructions, instructions
from manufold.services.make import say
from manufold.services.order import show_order
from manufold.services.work import Task, next_work, sayable, to_move, to_ship
from manufold.ui.web.ordering import home as order_form
from manufold.ui.web.page import refusal, rendered, see_other
from manufold.ui.web.visit import Visit

__all__ = ["Making", "file_of", "fresh_id", "home", "making", "receive_pieces", "say_it"]

_TASKS_MOST = 100
_ID_MOST = 80


@dataclass(frozen=True, slots=True)
class Piecework:
    """One own job order with what may be said of it now.

    Args:
        left: pieces that are neither good nor scrap yet.
        ways: site -> pieces to move there.
    """

    job: JobOrder
    operation: Operation
    unit: str
    zone: str
    kinds: tuple[str, ...]
    left: int
    materials: tuple[BillOfMaterialsLine, ...]
    ways: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Making:
    """What a shop needs on the page of an order.

    Args:
        found: what to make; None where nothing is left to make, and `why` says so.
        ships: site -> good pieces that may leave.
    """

    found: Instructions | None
    why: Reason | None
    work: tuple[Piecework, ...]
    ships: Mapping[str, int]


def fresh_id() -> str:
    """Return the id of something that a form will say."""
    return f"page-{token_hex(12)}"


def home(visit: Visit) -> Response:
    """Return where somebody begins: a shop with its work, everybody else with the order form."""
    if visit.known().role not in SUPPLIER_ROLES:
        return order_form(visit)
    tasks = next_work(visit.ctx, visit.known())
    shown = [_line(visit, task) for task in tasks[:_TASKS_MOST]]
    return rendered(visit, "work.html", tasks=shown, count=len(tasks))


def _line(visit: Visit, task: Task) -> dict[str, Any]:
    network = visit.ctx.network
    unit, site = network.work_unit.get(task.job.resource_id), network.site[task.job.site_id]
    return {
        "task": task,
        "unit": task.job.resource_id if unit is None else unit.name,
        "site": site.name,
        "zone": site.zone,
    }


def making(visit: Visit, seen: OrderState) -> Making | None:
    """Return what a shop makes of an order and may say of it; None for whoever makes nothing."""
    ctx, actor = visit.ctx, visit.known()
    if actor.role not in SUPPLIER_ROLES:
        return None
    order = order_of(ctx, seen.order_id)
    assert order is not None, seen.order_id
    plan, found, why = plan_of(ctx, seen.plan_digest), None, None
    try:
        found = instructions(ctx, actor, seen.order_id)
    except Conflict as fault:
        why = Reason(fault.code, fault.params)
    jobs = sorted(seen.jobs.values(), key=lambda job: (job.start_s, job.job_order_id))
    work = []
    for job in jobs:
        unit = ctx.network.work_unit.get(job.resource_id)
        lines = tuple(m for m in plan.bill_of_materials if m.at_operation == job.operation_id)
        work.append(
            Piecework(
                job,
                plan.operation[job.operation_id],
                job.resource_id if unit is None else unit.name,
                ctx.network.site[job.site_id].zone,
                sayable(actor, order, job, plan),
                max(0, job.quantity_in - job.good - job.scrap),
                lines,
                to_move(order, job),
            )
        )
    return Making(found, why, tuple(work), to_ship(ctx, actor, seen.order_id))


def say_it(visit: Visit) -> Response:
    """Say one command of a form about an order; back to the order, or what is wrong with it.

    Raises:
        InputFault: `execution.command_unknown` for a form that is not ours.
    """
    order_id, form = visit.request.path_params["order_id"], visit.form
    kind: Any = str(form.get("kind", ""))
    try:
        if kind not in COMMANDS or kind not in _READERS:
            raise InputFault("execution.command_unknown", kind=kind[:80])
        job = show_order(visit.ctx, visit.known(), order_id).jobs.get(_text(form, "job"))
        data = {
            name: value
            for name, read in _READERS[kind].items()
            if (value := read(form, name)) is not None
        }
        _say(visit, kind, order_id, job, data)
    except ManufoldError as fault:
        return refusal(visit, fault, order_id=order_id)
    return see_other(f"/orders/{order_id}#making")


def _say(
    visit: Visit, kind: CommandKind, order_id: str, job: JobOrder | None, data: dict[str, Any]
) -> None:
    actor = visit.known()
    command = Command(
        _said_id(visit),
        kind,
        visit.ctx.clock.now_s(),
        f"{actor.party_id}/{actor.role}",
        order_id,
        "" if job is None else job.job_order_id,
        "" if job is None else job.resource_id,
        data,
    )
    say(visit.ctx, actor, command, now=True)


def receive_pieces(visit: Visit) -> Response:
    """Say that shipped pieces have arrived; back to the order, which then has its passport."""
    order_id = visit.request.path_params["order_id"]
    try:
        pieces = _whole(visit.form, "quantity")
        said = _said_id(visit)
        receive(visit.ctx, visit.known(), order_id, pieces or 0, command_id=said)
    except ManufoldError as fault:
        return refusal(visit, fault, order_id=order_id)
    return see_other(f"/orders/{order_id}")


def file_of(visit: Visit) -> Response:
    """Return a file of an order's design, as it was sent, to whoever makes it."""
    path = visit.request.path_params
    number = str(path["number"])
    found = instructions(visit.ctx, visit.known(), path["order_id"]).files
    if not (number.isascii() and number.isdigit() and 0 < int(number[:6]) <= len(found)):
        raise InputFault("web.no_such_page", path=visit.request.url.path[:200])
    file = found[int(number) - 1]
    kept = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "_" for c in file.name)
    named = f'attachment; filename="{kept[-80:]}"'
    headers = {"Content-Disposition": named}
    return Response(file.content, media_type="application/octet-stream", headers=headers)


def _said_id(visit: Visit) -> str:
    return _text(visit.form, "said")[:_ID_MOST] or fresh_id()


def _text(form: Mapping[str, Any], name: str) -> str:
    return str(form.get(name, "")).strip()[:200]


def _whole(form: Mapping[str, Any], name: str) -> int | None:
    text = _text(form, name)
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 12):
        raise InputFault("web.not_whole", found=text[:40])
    return int(text)


def _decimal(form: Mapping[str, Any], name: str) -> Decimal | None:
    text = _text(form, name).replace(",", ".")
    if not text:
        return None
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise InputFault("web.not_a_number", found=text[:40]) from None
    if not value.is_finite() or len(text) > 30 or "e" in text.lower():
        raise InputFault("web.not_a_number", found=text[:40])
    return value


def _named(form: Mapping[str, Any], name: str) -> str | None:
    return _text(form, name) or None


def _ticked(form: Mapping[str, Any], name: str) -> bool:
    return bool(_text(form, name))


#: command -> what its form holds, each with its reader
_READERS: Mapping[str, Mapping[str, Callable[[Mapping[str, Any], str], Any]]] = {
    "setup_start": {},
    "setup_end": {},
    "start": {},
    "pause": {"reason": _named},
    "resume": {},
    "finish": {"good": _whole, "scrap": _whole, "complete": _ticked},
    "measure": {"characteristic_id": _named, "piece": _whole, "value": _decimal},
    "energy": {"energy_wh": _whole},
    "issue_material": {
        "lot_id": _named,
        "material_id": _named,
        "quantity": _decimal,
        "unit": _named,
    },
    "move": {"to_id": _named, "quantity": _whole},
    "ship": {"site_id": _named, "quantity": _whole, "partial": _ticked},
}
