"""Transfer lots on the floor: the first one lets what follows begin, the last one lets it end.

What follows begins when the first lot has come and works on at its own pace; it cannot end before
the last lot has come and been worked on. Where all goes as planned no lot is waited for.
"""

from typing import TYPE_CHECKING

from manufold.twin.agenda import What
from manufold.twin.floor import Task
from manufold.twin.worktime import WorkTime

if TYPE_CHECKING:
    from manufold.twin.shop import ShopTwin

__all__ = ["expect_lot", "first_lot", "in_lots", "lot_arrives", "poke", "whole_s"]


def in_lots(task: Task, quantity: int) -> bool:
    """Return whether an operation hands its pieces on in several lots."""
    lot = task.operation.transfer_quantity
    return lot is not None and lot < quantity


def expect_lot(twin: "ShopTwin", task: Task, from_s: int) -> None:
    """Note when a run that goes on from an instant has made its first lot."""
    lot = task.operation.transfer_quantity
    followed = twin.orders[task.order_id].after[task.name]
    if lot is None or task.handed or not in_lots(task, task.quantity) or not followed:
        return
    made_s = max(1, -(-task.run_s * lot // task.quantity))
    at_s = twin.time(task).advance(from_s, made_s - task.worked_s)
    if at_s is not None:
        twin.agenda.put(at_s, What.HANDS_ON, task.name, task.turn)


def first_lot(twin: "ShopTwin", task: Task, turn: int, at_s: int) -> None:
    """Hand the first lot on; where nothing of it is good, all goes on together."""
    lot = task.operation.transfer_quantity
    if task.turn != turn or task.since_s is None or task.handed or lot is None:
        return
    scrapped = twin.luck.scrapped(task.name, task.operation, task.quantity)
    tasks = twin.orders[task.order_id].tasks
    before = [tasks[name] for name in task.job.after]
    come = [one.handed for one in before if one.phase != "done"]
    task.handed = min([sum(piece not in scrapped for piece in range(1, lot + 1)), *come])
    if not task.handed:
        return
    data = {"good": task.handed, "scrap": 0, "rework": 0, "complete": False}
    twin.say_job("finish", task, at_s, "first lot", data)
    task.first_s[task.job.site_id] = at_s
    followers = twin.orders[task.order_id].after[task.name]
    for to_id in sorted({other.job.site_id for other in followers} - {task.job.site_id}):
        twin.send_lot(task, to_id, at_s)
    for other in followers:
        twin.look(other, at_s)


def lot_arrives(twin: "ShopTwin", whom: str, at_s: int) -> None:
    """Have the first lot at another site, where those that follow look whether they can begin."""
    name, to_id = whom.split("\0")
    task = twin.tasks[name]
    followers = [o for o in twin.orders[task.order_id].after[name] if o.job.site_id == to_id]
    if to_id in task.first_s or not any(o.open for o in followers):
        return
    task.first_s[to_id] = at_s
    if not twin.moved_to(task, to_id):
        task.sent[to_id] = task.handed
        data = {"from_id": task.job.site_id, "to_id": to_id, "quantity": task.handed}
        twin.say_job("move", task, at_s, f"{to_id}/first lot", data)
    for other in followers:
        twin.look(other, at_s)


def whole_s(twin: "ShopTwin", task: Task, time: WorkTime) -> int | None:
    """Return when the last lots can have been worked on, None while one is still to come."""
    followed, ended_s = twin.orders[task.order_id], 0
    for name in task.job.after:
        before = followed.tasks[name]
        lot = before.operation.transfer_quantity
        if lot is None or not in_lots(before, task.quantity):
            continue
        came_s = followed.came_s(task, before)
        if came_s is None:
            return None
        done = (-(-task.quantity // lot) - 1) * lot
        before_s = min(task.run_s * done // task.quantity, task.run_s - 1)
        last_s = time.advance(came_s, task.run_s - before_s)
        ended_s = max(ended_s, last_s or 0)
    return ended_s


def poke(twin: "ShopTwin", task: Task, at_s: int) -> None:
    """Have a run look anew that had nothing left to work on."""
    if task.starving:
        task.starving = False
        twin.agenda.put(at_s, What.PHASE_ENDS, task.name, task.turn)
