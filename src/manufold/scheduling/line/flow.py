"""Flow: what happens on a line when its people follow one rule, second by second.

A carrier enters when the line has room for its pieces, the best rank first. Each step goes to the
station, of those that do it, where it should be done soonest, as long as a place is free; else it
waits on the loop until one is. An operator takes, of all that stands at his or her
stations, the best rank, whereby `alike` ranks are forgiven to what needs no style change. Nobody
waits for what is not there yet. What is begun is ended, over a break if need be.

Cost    O(tasks x (log tasks + stations of a step)): a thousand orders of forty steps in tens of
        milliseconds. No randomness, no clock.
"""

from heapq import heappush
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from manufold.scheduling.kernel import Seconds, compiled, unowned
from manufold.scheduling.line.rows import Rows

__all__ = ["Carriers", "Found", "Posts", "State", "World", "finish_s", "opening_s", "working_s"]

Table = NDArray[np.int64]

#: a working day that never comes
NEVER_S = 2**50
#: what happens, in the order in which it is looked at within one second
ENDS, SHIFTS, COMES, ARRIVES, WAKES = 0, 1, 2, 3, 4
CODE = 2**21
KIND = 2**18


class Posts(NamedTuple):
    """Who works where, by period.

    Args:
        begins_s: of each period.
        tender: shape (periods, stations), the operator, -1 for nobody.
        own: shape (periods, operators, most), the operator's stations, then -1.
        does: shape (periods, stations, kinds), 1 where a step is done.
        at: shape (periods, kinds, most), the stations of a step, then -1.
    """

    begins_s: Seconds
    tender: Table
    own: Table
    does: Table
    at: Table


class Carriers(NamedTuple):
    """What travels together: one order, or a lot of one style.

    Args:
        ptr: orders of each carrier, shape (carriers + 1,).
        order: the orders.
        release_s: when all of it is there.
    """

    ptr: Table
    order: Table
    release_s: Seconds


class Found(NamedTuple):
    """What happened, int64 by task; `entered_s` by carrier; -1 for what did not happen.

    Args:
        plain_s: what the task would have taken the same operator without a style change.
        worked_s: what it took.
    """

    station: Table
    operator: Table
    arrives_s: Seconds
    start_s: Seconds
    end_s: Seconds
    plain_s: Seconds
    worked_s: Seconds
    entered_s: Seconds


class State(NamedTuple):
    """Everything that changes.

    Args:
        left: predecessors of each task that are not complete.
        holds: carriers at or on the way to each station.
        queue, queued: tasks that stand at each station, and how many.
        loop, looped: tasks of each kind that wait on the loop, and how many.
        sent: of each task: station, operator meant, its share of that operator's backlog.
        backlog_s: of each operator.
        doing: of each operator, the task, -1.
        last: station of each operator, -1.
        wakes_s: when each operator was last told to look again.
        taken: of each station, 1 while work goes on there.
        memory, repeats: last variant of each operator at each kind, and how often since.
        open_tasks: of each carrier.
        now: the period, pieces inside.
    """

    left: Table
    holds: Table
    queue: Table
    queued: Table
    loop: Table
    looped: Table
    sent: Table
    backlog_s: Table
    doing: Table
    last: Table
    wakes_s: Table
    taken: Table
    memory: Table
    repeats: Table
    open_tasks: Table
    now: Table


class World(NamedTuple):
    """All of it; `rank` by carrier, small first; `of` the carrier of each task."""

    rows: Rows
    posts: Posts
    carriers: Carriers
    rank: Table
    of: Table
    state: State
    found: Found
    alike: int


def _opening_s(rows: Rows, operator: int, instant_s: int) -> int:
    for at in range(rows.open_ptr[operator], rows.open_ptr[operator + 1]):
        if instant_s < rows.shuts_s[at]:
            return max(instant_s, rows.opens_s[at])
    return NEVER_S


opening_s = compiled(_opening_s)


def _finish_s(rows: Rows, operator: int, start_s: int, work_s: int) -> int:
    left_s = work_s
    for at in range(rows.open_ptr[operator], rows.open_ptr[operator + 1]):
        if rows.shuts_s[at] <= start_s:
            continue
        begin_s = max(start_s, rows.opens_s[at])
        if begin_s + left_s <= rows.shuts_s[at]:
            return begin_s + left_s
        left_s -= rows.shuts_s[at] - begin_s
    return NEVER_S


finish_s = compiled(_finish_s)


def _working_s(standard_ms: int, pace: int, extra: int) -> int:
    return max(1, -(-standard_ms * (1000 + extra) // (1000 * pace)))


working_s = compiled(_working_s)


def _send(world: World, heap: list[int], task: int, now_s: int, base: int, only: int) -> None:
    """Send a task to the station that should end it soonest; leave it on the loop if all are full.

    Args:
        base: the station it stands at, -1 where its predecessors ended.
        only: the one station that is looked at, -1 for all.
    """
    world = unowned(world)
    rows, posts, state = world.rows, world.posts, world.state
    period, kind = state.now[0], rows.kind[task]
    carrier = world.of[task]
    size = world.carriers.ptr[carrier + 1] - world.carriers.ptr[carrier]
    entrance = rows.travel_s.shape[1]
    best, best_s, best_way_s, best_work_s = -1, NEVER_S, 0, 0
    for station in posts.at[period, kind]:
        if station < 0:
            break
        if only >= 0 and station != only:
            continue
        if state.holds[station] >= rows.places[station]:
            continue
        operator = posts.tender[period, station]
        work_s = size * working_s(rows.standard_ms[task], rows.pace[operator, rows.skill[kind]], 0)
        way_s = 0
        if rows.before_ptr[task] == rows.before_ptr[task + 1]:
            way_s = rows.travel_s[entrance, station]
        for one in range(rows.before_ptr[task], rows.before_ptr[task + 1]):
            way_s = max(way_s, rows.travel_s[world.found.station[rows.before[one]], station])
        if base >= 0:
            way_s = max(way_s, rows.travel_s[base, station])
        done_s = now_s + max(way_s, state.backlog_s[operator])
        done_s = opening_s(rows, operator, done_s) + work_s
        if done_s < best_s:
            best, best_s, best_way_s, best_work_s = station, done_s, way_s, work_s
    if best < 0:
        state.loop[kind, state.looped[kind]] = task
        state.looped[kind] += 1
        return
    operator = posts.tender[period, best]
    state.holds[best] += 1
    state.sent[task, 0], state.sent[task, 1], state.sent[task, 2] = best, operator, best_work_s
    state.backlog_s[operator] += best_work_s
    heappush(heap, (now_s + best_way_s) * CODE + ARRIVES * KIND + task)


send = compiled(_send)


def _unsend(world: World, task: int) -> None:
    """Give back the place and the time that a task was meant to take."""
    world = unowned(world)
    state = world.state
    state.holds[state.sent[task, 0]] -= 1
    state.backlog_s[state.sent[task, 1]] -= state.sent[task, 2]


unsend = compiled(_unsend)


def _pull(world: World, heap: list[int], station: int, now_s: int) -> None:
    """Bring the best of what waits on the loop to a station that has a place."""
    world = unowned(world)
    rows, posts, state = world.rows, world.posts, world.state
    does = posts.does[state.now[0], station]
    loop, looped, ranks, of = state.loop, state.looped, world.rank, world.of
    while state.holds[station] < rows.places[station]:
        best, best_kind, best_rank = -1, -1, NEVER_S
        for kind in range(len(looped)):
            if not looped[kind] or not does[kind]:
                continue
            for at in range(looped[kind]):
                rank = ranks[of[loop[kind, at]]]
                if rank < best_rank:
                    best, best_kind, best_rank = at, kind, rank
        if best < 0:
            return
        task = loop[best_kind, best]
        looped[best_kind] -= 1
        loop[best_kind, best] = loop[best_kind, looped[best_kind]]
        send(world, heap, task, now_s, -1, station)


pull = compiled(_pull)


def _take(world: World, heap: list[int], operator: int, now_s: int) -> None:
    """Let an operator who is free begin what is best at his or her stations."""
    world = unowned(world)
    rows, posts, state, found = world.rows, world.posts, world.state, world.found
    if operator < 0 or state.doing[operator] >= 0:
        return
    opens_s = opening_s(rows, operator, now_s)
    if opens_s > now_s:
        if state.wakes_s[operator] != opens_s and opens_s < NEVER_S:
            state.wakes_s[operator] = opens_s
            heappush(heap, opens_s * CODE + WAKES * KIND + operator)
        return
    best, best_at, best_worth = -1, -1, NEVER_S
    own = posts.own[state.now[0], operator]
    queue, queued, memory = state.queue, state.queued, state.memory[operator]
    kinds, variants, ranks, of = rows.kind, rows.variant, world.rank, world.of
    for station in own:
        if station < 0:
            break
        if state.taken[station]:
            continue
        for at in range(queued[station]):
            task = queue[station, at]
            worth = ranks[of[task]]
            if memory[kinds[task]] == variants[task]:
                worth -= world.alike
            if worth < best_worth:
                best, best_at, best_worth = station, at, worth
    if best < 0:
        return
    task, kind = state.queue[best, best_at], rows.kind[state.queue[best, best_at]]
    state.queued[best] -= 1
    state.queue[best, best_at] = state.queue[best, state.queued[best]]
    carrier = world.of[task]
    first = world.carriers.order[world.carriers.ptr[carrier]]
    step = task - rows.task_ptr[first]
    then_s = now_s
    if state.last[operator] >= 0 and state.last[operator] != best:
        then_s += rows.rules[0]
    pace = rows.pace[operator, rows.skill[kind]]
    for member in range(world.carriers.ptr[carrier], world.carriers.ptr[carrier + 1]):
        own = rows.task_ptr[world.carriers.order[member]] + step
        same = state.memory[operator, kind] == rows.variant[own]
        repeats = state.repeats[operator, kind] + 1 if same else 0
        extra = rows.extra[min(repeats, len(rows.extra) - 1)]
        state.memory[operator, kind], state.repeats[operator, kind] = rows.variant[own], repeats
        found.plain_s[own] = working_s(rows.standard_ms[own], pace, 0)
        found.worked_s[own] = working_s(rows.standard_ms[own], pace, extra)
        found.station[own], found.operator[own] = best, operator
        found.arrives_s[own] = found.arrives_s[task]
        found.start_s[own] = opening_s(rows, operator, then_s)
        then_s = finish_s(rows, operator, found.start_s[own], found.worked_s[own])
        found.end_s[own] = then_s
    state.last[operator], state.doing[operator], state.taken[best] = best, task, 1
    if then_s < NEVER_S:
        heappush(heap, then_s * CODE + ENDS * KIND + operator)


take = compiled(_take)
