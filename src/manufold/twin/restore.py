"""Take orders and work units as they stand: when first followed, and after others changed them."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from manufold.model.execution import JobOrder
from manufold.model.units import HOUR_S
from manufold.twin.agenda import What
from manufold.twin.floor import Task, Unit
from manufold.twin.followed import Followed
from manufold.twin.lots import in_lots
from manufold.twin.luck import stretched
from manufold.twin.stand_in import found_again
from manufold.twin.worktime import WorkTime

if TYPE_CHECKING:
    from manufold.twin.shop import ShopTwin

__all__ = ["down", "receipts", "take_anew"]


def take_anew(twin: "ShopTwin", task: Task, job: JobOrder) -> None:
    """Bring a task in line with its job order as it is now.

    While commands about it are said and not yet heard, only its slot and its holds are taken: the
    twin knows more than the order then.
    """
    ahead = any(command.job_order_id == task.name for command in twin.agenda.said)
    if not task.open:
        task.job = job
        return
    seat, before = twin.seat(task), task.job.also
    seat.remove(task)
    if job.state == "cancelled":
        twin.drop(task)
    task.job = job
    twin.claims.show(task, before)
    if job.state == "cancelled":
        return
    if any(twin.tasks[name].phase == "cancelled" for name in job.after):
        twin.drop(task)
        return
    seat = twin.seat(task)
    seat.add(task)
    if task.phase == "waiting" and job.state not in ("planned", "finished"):
        seat.current = task
        twin.draw(task, job.quantity_in)
    if not ahead:
        _take_state(twin, task, job)
    twin.look(task, twin.agenda.now_s)
    twin.claims.leave(task, twin.agenda.now_s, before)


def receipts(twin: "ShopTwin", followed: Followed) -> None:
    """Send what was shipped and is not yet on its way to a receipt."""
    order = followed.order
    pieces = followed.shipped - followed.sent
    if pieces > 0:
        at_s = order.accepted_at_s if order.shipped_at_s is None else order.shipped_at_s
        twin.send(followed, max(followed.shipped_from), pieces, at_s)


def down(
    twin: "ShopTwin", unit: Unit, down_since_s: int, failures: Iterator[tuple[int, int]]
) -> None:
    """Take a work unit that is down; a failure that luck did not send gets a repair of its own."""
    unit.down = True
    name = unit.noun.work_unit_id
    for down_s, repaired_s in failures:
        if down_s == down_since_s:
            twin.agenda.put(repaired_s, What.REPAIRED, name)
            return
        if down_s > down_since_s:
            break
    random = twin.luck.stream(name, f"repair/{down_since_s}")
    factor = stretched(random, twin.settings.repair_cv_fraction)
    span_s = max(1, round(max(1, unit.noun.mttr_h) * HOUR_S * factor))
    end_s = unit.time.advance(down_since_s, span_s)
    if end_s is not None:
        twin.agenda.put(end_s, What.REPAIRED, name)


def _take_state(twin: "ShopTwin", task: Task, job: JobOrder) -> None:
    setting_up, running = twin.times(task)
    now_s = twin.agenda.now_s
    if job.state == "finished":
        task.quantity = job.quantity_in
        task.run_s = _worked_s(running, job.run_spells)
        _handed_on(twin, task, job)
        ended_s = now_s if job.actual_end_s is None else job.actual_end_s
        twin.close(task, ended_s, job.good)
    elif job.state == "set_up" and task.phase in ("waiting", "setup"):
        task.phase, task.since_s, task.turn = "between", None, task.turn + 1
        task.setup_s = _worked_s(setting_up, job.setup_spells)
    elif job.state in ("setting_up", "setup_paused"):
        if task.phase == "waiting":
            task.phase, task.worked_s = "setup", _worked_s(setting_up, job.setup_spells)
            _go_or_wait(twin, task, job)
        elif task.phase == "setup":
            _follow_pauses(twin, task, job)
    elif job.state in ("running", "paused"):
        if task.phase != "run":
            task.turn, task.since_s = task.turn + 1, None
            task.phase, task.worked_s = "run", _worked_s(running, job.run_spells)
            task.setup_s = _worked_s(setting_up, job.setup_spells)
            _handed_on(twin, task, job)
            _go_or_wait(twin, task, job)
        else:
            _follow_pauses(twin, task, job)


def _handed_on(twin: "ShopTwin", task: Task, job: JobOrder) -> None:
    """Take a first lot as it was reported; where it goes it is on its way or there."""
    lot = task.operation.transfer_quantity
    if lot is None or not in_lots(task, task.quantity) or not job.good or task.handed:
        return
    made_s, running = max(1, -(-task.run_s * lot // task.quantity)), twin.times(task)[1]
    first_s = job.last_at_s
    going = () if job.spell_from_s is None else ((job.spell_from_s, job.last_at_s),)
    for from_s, to_s in (*job.run_spells, *going):
        worked_s = running.between(from_s, to_s)
        if made_s <= worked_s:
            first_s = running.advance(from_s, made_s) or to_s
            break
        made_s -= worked_s
    task.handed = job.good
    task.first_s[job.site_id] = first_s
    followers = twin.orders[task.order_id].after[task.name]
    for to_id in sorted({other.job.site_id for other in followers} - {job.site_id}):
        twin.send_lot(task, to_id, first_s)


def _go_or_wait(twin: "ShopTwin", task: Task, job: JobOrder) -> None:
    if job.spell_from_s is not None:
        if task.phase == "setup":
            found_again(twin, task, job.spell_from_s)
        twin.spell(task, job.spell_from_s)
        return
    task.paused_by = "hold" if job.held else "breakdown"
    _put_going_on(twin, job)


def _follow_pauses(twin: "ShopTwin", task: Task, job: JobOrder) -> None:
    paused = job.spell_from_s is None
    if paused and (task.since_s is not None or task.at_the_door):
        twin.pause(task, job.last_at_s)
        task.paused_by = "hold" if job.held else "people"
    elif not paused and task.since_s is None and job.spell_from_s is not None:
        twin.spell(task, job.spell_from_s)
    elif paused and task.paused_by == "people" and job.held:
        task.paused_by = "hold"
    if paused and task.paused_by == "hold" and not job.held:
        _put_going_on(twin, job)


def _put_going_on(twin: "ShopTwin", job: JobOrder) -> None:
    next_s = twin.unit(job.resource_id).time.next_working(twin.agenda.now_s)
    if next_s is not None:
        twin.agenda.put(next_s, What.GOES_ON, job.resource_id)


def _worked_s(time: WorkTime, spells: tuple[tuple[int, int], ...]) -> int:
    return sum(time.between(from_s, to_s) for from_s, to_s in spells)
