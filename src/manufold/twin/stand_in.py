"""Stand-ins: who sets up when the operator a slot names has gone home or attends something else.

Shops do as they must: anybody of the site with the skill may set up, who is there for all of it,
attends nothing, and has no slot of their own before it is over.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from manufold.twin.floor import Task

if TYPE_CHECKING:
    from manufold.twin.shop import ShopTwin

__all__ = ["able", "found_again", "stand_in", "when_there_s"]

#: somebody who is busy is asked again after this long
ASKS_AGAIN_S = 1800


def able(twin: "ShopTwin", task: Task) -> Iterator[str]:
    """Yield who could set a task up in place of whom its slot names, by id."""
    named = twin.claims.operator(task)
    alone = len(twin.claims.batch(task)) == 1
    if named is None or not alone or task.operation.attendance != "setup" or not task.setup_s:
        return
    for one in sorted(twin.network.operators, key=lambda who: who.operator_id):
        here = one.operator_id != named and one.site_id == task.job.site_id
        if here and task.operation.skill in one.skills:
            yield one.operator_id


def stand_in(twin: "ShopTwin", task: Task, at_s: int) -> bool:
    """Have somebody stand in from now on; return whether anybody can."""
    for who in able(twin, task):
        until_s = twin.with_operator(task, who).advance(at_s, task.setup_s)
        if until_s == at_s + task.setup_s and twin.claims.free(who, task, until_s):
            twin.claims.helped(task, who)
            return True
    return False


def when_there_s(twin: "ShopTwin", task: Task, at_s: int) -> int | None:
    """Return when to ask anew who stands in, None for nobody.

    Whoever is there now and has no time is asked again in a while.
    """
    begins = (twin.with_operator(task, who).fitting(at_s, task.setup_s) for who in able(twin, task))
    later = (at_s + ASKS_AGAIN_S if begin_s == at_s else begin_s for begin_s in begins)
    return min((begin_s for begin_s in later if begin_s is not None), default=None)


def found_again(twin: "ShopTwin", task: Task, from_s: int) -> None:
    """Find who stands in at a set-up that goes on while whom its slot names is not there."""
    named = twin.claims.operator(task)
    if named is None or twin.with_operator(task, named).next_working(from_s) == from_s:
        return
    for who in able(twin, task):
        if twin.with_operator(task, who).next_working(from_s) == from_s:
            twin.claims.helped(task, who)
            return
