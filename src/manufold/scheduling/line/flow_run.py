"""Run a line from its first order to its last: see `flow` for the rule that its people follow."""

from heapq import heappop, heappush

import numpy as np

from manufold.scheduling.kernel import compiled, unowned
from manufold.scheduling.line.flow import (
    ARRIVES,
    CODE,
    COMES,
    ENDS,
    KIND,
    NEVER_S,
    SHIFTS,
    Carriers,
    Found,
    Posts,
    State,
    Table,
    World,
    pull,
    send,
    take,
    unsend,
)
from manufold.scheduling.line.rows import Rows

__all__ = ["run"]


def _end(world: World, heap: list[int], operator: int, now_s: int) -> bool:
    """Complete what an operator did; true where a carrier left the line by it."""
    world = unowned(world)
    rows, state = world.rows, world.state
    task = state.doing[operator]
    carrier = world.of[task]
    station = state.sent[task, 0]
    state.doing[operator], state.taken[station] = -1, 0
    unsend(world, task)
    for one in range(rows.after_ptr[task], rows.after_ptr[task + 1]):
        follows = rows.after[one]
        state.left[follows] -= 1
        if not state.left[follows]:
            send(world, heap, follows, now_s, -1, -1)
    state.open_tasks[carrier] -= 1
    pull(world, heap, station, now_s)
    take(world, heap, operator, now_s)
    tender = world.posts.tender[state.now[0], station]
    if tender != operator:
        take(world, heap, tender, now_s)
    if not state.open_tasks[carrier]:
        state.now[1] -= world.carriers.ptr[carrier + 1] - world.carriers.ptr[carrier]
        return True
    return False


end = compiled(_end)


def _enter(world: World, heap: list[int], waits: list[int], by_rank: Table, now_s: int) -> None:
    """Let carriers in, the best rank first, while there is room for the pieces of the best."""
    world = unowned(world)
    rows, state, carriers = world.rows, world.state, world.carriers
    while len(waits) > 1:
        carrier = by_rank[waits[0]]
        size = carriers.ptr[carrier + 1] - carriers.ptr[carrier]
        if state.now[1] > 0 and state.now[1] + size > rows.rules[1]:
            return
        heappop(waits)
        state.now[1] += size
        world.found.entered_s[carrier] = now_s
        first = carriers.order[carriers.ptr[carrier]]
        for task in range(rows.task_ptr[first], rows.task_ptr[first + 1]):
            if not state.left[task]:
                send(world, heap, task, now_s, -1, -1)


enter = compiled(_enter)


def _arrive(world: World, heap: list[int], task: int, now_s: int) -> None:
    """Put a task into its station's queue, or send it on where nobody does it any more."""
    world = unowned(world)
    state = world.state
    station = state.sent[task, 0]
    if not world.posts.does[state.now[0], station, world.rows.kind[task]]:
        unsend(world, task)
        send(world, heap, task, now_s, station, -1)
        return
    world.found.arrives_s[task] = now_s
    state.queue[station, state.queued[station]] = task
    state.queued[station] += 1
    take(world, heap, world.posts.tender[state.now[0], station], now_s)


arrive = compiled(_arrive)


def _shift(world: World, heap: list[int], begun: int, now_s: int) -> None:
    """Begin a period: send away what nobody does here any more, and look at all that waits."""
    world = unowned(world)
    state = world.state
    state.now[0] = begun
    for station in range(len(state.queued)):
        kept = 0
        away = state.queue[station, : state.queued[station]].copy()
        state.queued[station] = 0
        for task in away:
            if world.posts.does[begun, station, world.rows.kind[task]]:
                state.queue[station, kept] = task
                kept += 1
                state.backlog_s[state.sent[task, 1]] -= state.sent[task, 2]
                state.sent[task, 1] = world.posts.tender[begun, station]
                state.backlog_s[state.sent[task, 1]] += state.sent[task, 2]
            else:
                unsend(world, task)
                send(world, heap, task, now_s, station, -1)
        state.queued[station] = kept
    for station in range(len(state.queued)):
        pull(world, heap, station, now_s)
    for operator in range(len(state.doing)):
        take(world, heap, operator, now_s)


shift = compiled(_shift)


def _happen(world: World, heap: list[int], by_rank: Table) -> int:
    """Let everything happen in its order; return how many carriers left the line."""
    world, by_rank = unowned((world, by_rank))
    waits = [NEVER_S]
    gone = 0
    while len(heap):
        code = heappop(heap)
        now_s, kind, what = code // CODE, code % CODE // KIND, code % KIND
        if kind == ENDS:
            gone += end(world, heap, what, now_s)
            enter(world, heap, waits, by_rank, now_s)
        elif kind == SHIFTS:
            shift(world, heap, what, now_s)
        elif kind == COMES:
            heappush(waits, world.rank[what])
            enter(world, heap, waits, by_rank, now_s)
        elif kind == ARRIVES:
            arrive(world, heap, what, now_s)
        else:
            take(world, heap, what, now_s)
    return gone


happen = compiled(_happen)


def _run(
    rows: Rows, posts: Posts, carriers: Carriers, rank: Table, alike: int
) -> tuple[Found, bool]:
    """Return what happens, and whether everything was done.

    Args:
        rank: of each carrier, a permutation of 0 ... carriers - 1.
        alike: ranks forgiven to what needs no style change.
    """
    tasks, lots = len(rows.kind), len(carriers.release_s)
    people, stations, kinds = len(rows.pace), len(rows.places), len(rows.skill)
    none = np.full(tasks, -1, dtype=np.int64)
    found = Found(
        none,
        none.copy(),
        none.copy(),
        none.copy(),
        none.copy(),
        np.zeros_like(none),
        np.zeros_like(none),
        np.full(lots, -1, dtype=np.int64),
    )
    of = np.zeros(tasks, dtype=np.int64)
    open_tasks = np.zeros(lots, dtype=np.int64)
    by_rank = np.zeros(lots, dtype=np.int64)
    for carrier in range(lots):
        by_rank[rank[carrier]] = carrier
        first = carriers.order[carriers.ptr[carrier]]
        open_tasks[carrier] = rows.task_ptr[first + 1] - rows.task_ptr[first]
        for at in range(carriers.ptr[carrier], carriers.ptr[carrier + 1]):
            order = carriers.order[at]
            of[rows.task_ptr[order] : rows.task_ptr[order + 1]] = carrier
    state = State(
        np.diff(rows.before_ptr),
        np.zeros(stations, dtype=np.int64),
        np.zeros((stations, rows.places.max()), dtype=np.int64),
        np.zeros(stations, dtype=np.int64),
        np.zeros((kinds, lots + 1), dtype=np.int64),
        np.zeros(kinds, dtype=np.int64),
        np.zeros((tasks, 3), dtype=np.int64),
        np.zeros(people, dtype=np.int64),
        np.full(people, -1, dtype=np.int64),
        np.full(people, -1, dtype=np.int64),
        np.full(people, -1, dtype=np.int64),
        np.zeros(stations, dtype=np.int64),
        np.full((people, kinds), -1, dtype=np.int64),
        np.zeros((people, kinds), dtype=np.int64),
        open_tasks,
        np.zeros(2, dtype=np.int64),
    )
    world = World(rows, posts, carriers, rank, of, state, found, alike)
    heap = [carriers.release_s[c] * CODE + COMES * KIND + c for c in range(lots)]
    for period in range(len(posts.begins_s)):
        heap.append(posts.begins_s[period] * CODE + SHIFTS * KIND + period)
    heap.sort()
    return found, happen(world, heap, by_rank) == lots


run = compiled(_run)
