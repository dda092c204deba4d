"""What happens in the simulated world at an instant, and what is said of it."""

from typing import TYPE_CHECKING

from manufold.twin.agenda import What
from manufold.twin.floor import Seat, Task, Unit
from manufold.twin.lots import first_lot, lot_arrives, poke, whole_s
from manufold.twin.reports import closing, materials
from manufold.twin.stand_in import stand_in, when_there_s

if TYPE_CHECKING:
    from manufold.twin.shop import ShopTwin

__all__ = ["happen"]

#: how often a stretch is looked for that suits a work unit and its operator
_FITS = 50


def happen(twin: "ShopTwin", at_s: int, what: What, whom: str, turn: int) -> None:
    """Let one thing of the agenda happen.

    Args:
        whom: a work unit, a job order, or a job order or an order and where its pieces go.
        turn: the seat for LOOKS, the pieces for RECEIVED, the task's turn for PHASE_ENDS and
            HANDS_ON.
    """
    if what is What.LOOKS:
        _look(twin, twin.unit(whom), turn, max(at_s, twin.agenda.now_s))
    elif what is What.PHASE_ENDS:
        _phase_ends(twin, twin.tasks[whom], turn, at_s)
    elif what is What.GOES_ON:
        _go_on(twin, twin.unit(whom), max(at_s, twin.agenda.now_s))
    elif what is What.HANDS_ON:
        first_lot(twin, twin.tasks[whom], turn, at_s)
    elif what is What.LOT_ARRIVES:
        lot_arrives(twin, whom, at_s)
    elif what is What.ARRIVES:
        _arrives(twin, whom, at_s)
    elif what is What.RECEIVED:
        _received(twin, whom, turn, at_s)
    elif what is What.FAILS:
        _fails(twin, twin.unit(whom), at_s)
    else:
        _repaired(twin, twin.unit(whom), at_s)


def _look(twin: "ShopTwin", unit: Unit, number: int, at_s: int) -> None:
    """Begin what the seat has to do now, or come back when it can begin."""
    seat = unit.seats[number]
    if seat.look_at_s <= at_s:
        seat.look_at_s = -1
    task, begin_s = _next(twin, unit, seat, at_s)
    if task is None or begin_s is None:
        return
    going = [task]
    if task.phase == "waiting":
        going = [one for one in twin.claims.batch(task) if _goes_in(one)]
        for other in going:
            comes, soonest_s = _next(twin, unit, twin.seat(other), at_s)
            if comes is not other or soonest_s is None:
                return
            begin_s = max(begin_s, soonest_s)
    if begin_s > at_s:
        if not at_s < seat.look_at_s <= begin_s:
            seat.look_at_s = begin_s
            twin.agenda.put(begin_s, What.LOOKS, unit.noun.work_unit_id, number)
        return
    if not all(_comes_first(twin, one, at_s) for one in going):
        return
    for one in going:
        _begin(twin, one, unit, at_s)


def _goes_in(task: Task) -> bool:
    return task.phase == "waiting" and not task.job.held


def _begin(twin: "ShopTwin", task: Task, unit: Unit, at_s: int) -> None:
    twin.seat(task).current = task
    if task.phase == "waiting" and (task.setup_s or task.job.needs_setup):
        twin.say_job("setup_start", task, at_s)
        task.phase, task.worked_s = "setup", 0
        twin.spell(task, at_s)
    else:
        _run(twin, task, unit, at_s)


def _next(twin: "ShopTwin", unit: Unit, seat: Seat, at_s: int) -> tuple[Task | None, int | None]:
    """Return what a seat does next, and from when on it could; None for never as things are."""
    task = seat.current or seat.next_task()
    if unit.down or task is None or task.job.held or task.phase not in ("waiting", "between"):
        return None, None
    followed = twin.orders[task.order_id]
    ready_s = followed.ready_s(task)
    if ready_s is None:
        return task, None
    begin_s: int | None = max(at_s, ready_s)
    if task.phase == "waiting":
        begin_s = max(at_s, ready_s, task.job.start_s)
    if begin_s == at_s:
        if task.phase == "waiting":
            twin.claims.helped(task, "")
            twin.draw(task, followed.quantity_in(task))
        begin_s = _attended_s(twin, task, at_s)
    return task, begin_s


def _attended_s(twin: "ShopTwin", task: Task, at_s: int) -> int | None:
    """Return when a task fits into working time, with a stand-in where its operator is not there
    for the whole set-up."""
    begin_s = _fitting(twin, task, at_s)
    setting_up, running = twin.times(task)
    if task.phase != "waiting" or begin_s is None or setting_up is running:
        return begin_s
    stays = setting_up.advance(begin_s, task.setup_s) == running.advance(begin_s, task.setup_s)
    if begin_s == at_s and stays:
        return begin_s
    if running.next_working(at_s) == at_s and stand_in(twin, task, at_s):
        if _fitting(twin, task, at_s) == at_s:
            return at_s
        twin.claims.helped(task, "")
    there_s = when_there_s(twin, task, at_s)
    return begin_s if there_s is None or begin_s == at_s else min(begin_s, there_s)


def _fitting(twin: "ShopTwin", task: Task, at_s: int) -> int | None:
    """Return when a task that may begin now fits into working time: its own and its operator's.

    What may not pause and never fits begins where there is most room.
    """
    setting_up, running = twin.times(task)
    if task.phase == "between":
        return running.next_working(at_s) if task.run_s else at_s
    if task.operation.pausable:
        return (setting_up if task.setup_s else running).next_working(at_s)
    begin_s: int | None = at_s
    for _ in range(_FITS):
        if begin_s is None:
            return None
        begin_s = running.fitting(begin_s, task.setup_s + task.run_s)
        if begin_s is None or not task.setup_s or setting_up is running:
            return begin_s
        attended_s = setting_up.fitting(begin_s, task.setup_s)
        if attended_s == begin_s:
            return begin_s
        begin_s = attended_s
    return setting_up.next_working(at_s)


def _comes_first(twin: "ShopTwin", task: Task, at_s: int) -> bool:
    """Return whether all that a task needs is free, and nobody with an earlier slot could begin.

    Whoever could is made to look at once; the task looks again when what it needs is left.
    """
    if task.phase == "between":
        return not twin.claims.unattended(task)
    if twin.claims.awaited(task) and not (
        stand_in(twin, task, at_s)
        and not twin.claims.awaited(task)
        and _fitting(twin, task, at_s) == at_s
    ):
        return False
    for other in twin.claims.first(task):
        unit, seat = twin.unit(other.job.resource_id), twin.seat(other)
        comes, begin_s = _next(twin, unit, seat, at_s)
        if comes is other and begin_s == at_s and twin.claims.clash(task, other):
            twin.look(other, at_s)
            return False
    return True


def _run(twin: "ShopTwin", task: Task, unit: Unit, at_s: int) -> None:
    plan = twin.orders[task.order_id].plan
    for detail, data in materials(task, unit, plan, twin.luck, at_s):
        twin.say_job("issue_material", task, at_s, detail, data)
    twin.say_job("start", task, at_s)
    task.phase, task.worked_s = "run", 0
    twin.spell(task, at_s)
    twin.claims.leave(task, at_s)  # to whoever let it go first, though it had nothing to set up


def _phase_ends(twin: "ShopTwin", task: Task, turn: int, at_s: int) -> None:
    if task.turn != turn or task.since_s is None:
        return
    if task.phase == "run" and task.job.after:
        ended_s = whole_s(twin, task, twin.time(task))
        if ended_s is None:
            task.starving = True
            return
        if ended_s > at_s:
            twin.agenda.put(ended_s, What.PHASE_ENDS, task.name, turn)
            return
    task.since_s = None
    if task.phase == "setup":
        twin.say_job("setup_end", task, at_s)
        task.phase = "between"
        # at once, before anybody else takes the operator who stays
        _look(twin, twin.unit(task.job.resource_id), task.job.seat, at_s)
        twin.claims.leave(task, at_s)
        return
    task.worked_s = task.run_s
    others = [one for one in twin.claims.batch(task) if one is not task]
    if any(_going_on(one) for one in others):
        return  # the door opens when the last one is done
    for one in (task, *(other for other in others if other.at_the_door)):
        _close(twin, one, at_s)


def _going_on(task: Task) -> bool:
    begun = task.phase in ("setup", "between", "run") and not task.job.held
    return begun and not task.at_the_door and task.paused_by != "people"


def _close(twin: "ShopTwin", task: Task, at_s: int) -> None:
    task.quantity = twin.orders[task.order_id].quantity_in(task)
    good = max(task.job.good, task.handed)
    for kind, detail, data in closing(task, twin.unit(task.job.resource_id), twin.luck):
        twin.say_job(kind, task, at_s, detail, data)
        if kind == "finish":
            good += data["good"]
    twin.close(task, at_s, good)


def _fails(twin: "ShopTwin", unit: Unit, at_s: int) -> None:
    name = unit.noun.work_unit_id
    if at_s < twin.agenda.now_s or unit.down or not unit.wanted:
        twin.next_failure(unit)
        return
    unit.down = True
    twin.agenda.say("breakdown", at_s, unit.by, resource_id=name, data={"reason": "breakdown"})
    for seat in unit.seats:
        task = seat.current
        if task is not None and task.since_s is not None:
            twin.pause(task, at_s)
            task.paused_by = "breakdown"
            twin.say_job("pause", task, at_s, data={"reason": "breakdown"})
    twin.agenda.put(twin.repaired_s[name], What.REPAIRED, name)


def _repaired(twin: "ShopTwin", unit: Unit, at_s: int) -> None:
    name = unit.noun.work_unit_id
    unit.down = False
    twin.agenda.say("repaired", at_s, unit.by, resource_id=name)
    twin.next_failure(unit)
    next_s = unit.time.next_working(at_s)
    if next_s is not None:
        twin.agenda.put(next_s, What.GOES_ON, name)


def _go_on(twin: "ShopTwin", unit: Unit, at_s: int) -> None:
    if unit.down:
        return
    for number, seat in enumerate(unit.seats):
        task = seat.current
        if task is not None and task.resumable:
            twin.say_job("resume", task, at_s)
            twin.spell(task, at_s)
        twin.agenda.put(at_s, What.LOOKS, unit.noun.work_unit_id, number)


def _arrives(twin: "ShopTwin", whom: str, at_s: int) -> None:
    name, to_id = whom.split("\0")
    task = twin.tasks[name]
    followers = [
        other
        for other in twin.orders[task.order_id].after[name]
        if other.open and other.job.site_id == to_id
    ]
    pieces = task.good - twin.moved_to(task, to_id)
    if not followers or to_id in task.arrived_s:
        return
    task.arrived_s[to_id] = at_s
    task.first_s.setdefault(to_id, at_s)
    if pieces > 0:
        task.sent[to_id] = task.good
        data = {"from_id": task.job.site_id, "to_id": to_id, "quantity": pieces}
        twin.say_job("move", task, at_s, to_id, data)
    for other in followers:
        twin.look(other, at_s)
        poke(twin, other, at_s)


def _received(twin: "ShopTwin", whom: str, pieces: int, at_s: int) -> None:
    order = twin.orders[whom.split("\0")[0]].order
    twin.agenda.say(
        "receive",
        at_s,
        f"{order.party_id}/buyer",
        order_id=order.order_id,
        detail=whom.split("\0")[1],
        data={"zone_id": order.zone_id, "quantity": pieces},
    )
