"""Hours: from when a job that is placed anew may begin, so that it does not take the first stretch
but a cheaper or cleaner one."""

from manufold.scheduling.calendar_rows import NEVER
from manufold.scheduling.chance import Chance, below
from manufold.scheduling.crowd import CARBON, ENERGY, Crowd
from manufold.scheduling.fit import ALT, END, START
from manufold.scheduling.kernel import Seconds, compiled
from manufold.scheduling.place import FIXED_END, Found
from manufold.scheduling.rebuild_worth import step_at
from manufold.scheduling.routing_rows import ALTS, ALTS_END, RoutingRows
from manufold.scheduling.tariffs import ALT_TARIFF, FROM, GRID, PRICE, Tariffs

__all__ = ["hours_for"]

#: how many steps of a tariff are looked back and ahead
_BACK, _AHEAD = 4, 8
#: how often a step is drawn until one is cheaper
_DRAWN = 4
#: where the date does not allow all of a step, work begins before it: on a grid of a quarter hour
_GRID_S = 900


@compiled
def hours_for(
    tariffs: Tariffs,
    routing: RoutingRows,
    crowd: Crowd,
    saved: Found,
    job: int,
    sought: bool,
    chance: Chance,
) -> Seconds:
    """Return by alternative from when a job may begin: no operation sooner than it did.

    Args:
        saved: where it was.
        sought: whether one of its operations goes to another hour: no sooner than that begins.
    """
    first, last = crowd.first[job], crowd.first[job + 1]
    begin, ptr, row = crowd.first_alt[job], crowd.ready_ptr[job], crowd.row[job]
    count = routing.ops[row + last - first - 1, ALTS_END] - begin
    ready = crowd.ready_s[ptr : ptr + count].copy()
    chosen = below(chance, last - first) if sought else NEVER
    for op in range(last - first):
        if crowd.fixed[first + op, FIXED_END] != NEVER:
            continue
        from_s = saved[op, START]
        if op == chosen:
            span_s = saved[op, END] - from_s
            from_s = _another_hour(tariffs, saved[op, ALT], from_s, span_s, chance)
        for alt in range(routing.ops[row + op, ALTS], routing.ops[row + op, ALTS_END]):
            ready[alt - begin] = max(ready[alt - begin], from_s)
    return ready


@compiled
def _another_hour(tariffs: Tariffs, alt: int, start_s: int, span_s: int, chance: Chance) -> int:
    """Return when a step of a tariff begins, mostly a cheaper one, or some time before it, so that
    work reaches into it; at times 0, for as soon as may be."""
    tariff = tariffs.alts[ALT_TARIFF, alt]
    low, high = tariffs.ptr[tariff], tariffs.ptr[tariff + 1]
    if high - low == 1 or below(chance, 8) == 0:
        return 0
    here, step = step_at(tariffs, tariff, start_s), NEVER
    for _ in range(_DRAWN):
        step = max(low, min(high - 1, here - _BACK + below(chance, _BACK + _AHEAD + 1)))
        if _weighed(tariffs, step) < _weighed(tariffs, here):
            break
    before_s = below(chance, span_s // _GRID_S + 1) * _GRID_S if below(chance, 2) else 0
    return tariffs.steps[FROM, step] - before_s


@compiled
def _weighed(tariffs: Tariffs, step: int) -> int:
    steps, rates = tariffs.steps, tariffs.rates
    return rates[ENERGY] * steps[PRICE, step] + rates[CARBON] * steps[GRID, step]
