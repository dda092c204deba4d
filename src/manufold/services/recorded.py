"""What was learned: how far from plan finished orders really ended, for the next promise."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from manufold.model.units import DAY_S
from manufold.scheduling.lateness import late_score
from manufold.scheduling.quantiles import Scores
from manufold.scheduling.worktime import compiled_worktime
from manufold.services.context import Context

__all__ = ["recorded_scores"]


@dataclass(slots=True)
class _Kept:
    """What a process remembers between two promises.

    Args:
        written: how often a score had been written.
        seq: the newest event by then.
        found: by order, (class of work, score).
    """

    written: int
    revision: str
    seq: int
    found: dict[str, tuple[str, float]] = field(default_factory=dict)
    scores: Scores = field(default_factory=Scores)


def recorded_scores(ctx: Context) -> Scores:
    """Return the recorded scores of all finished orders of this store, sorted.

    Only orders that ended since the last call are read; work units that the network no longer has
    teach nothing. By class of work, and under "/soon" and "/later" of all classes alike.
    """
    seq = ctx.store.head().seq
    written = int((ctx.store.get("scores", "count") or {}).get("written", 0))
    kept: _Kept | None = ctx.kept.get("scores")
    if kept is not None and kept.revision == ctx.network.revision:
        if kept.written == written:
            return kept.scores
        fresh = dict(kept.found)
    else:
        kept, fresh = None, {}
    told = _all(ctx) if kept is None or seq - kept.seq > len(fresh) else _since(ctx, kept.seq)
    for order_id, row in told:
        score = _score(ctx, row)
        if score is not None:
            fresh[order_id] = (str(row.get("work_class", "")), score)
    scores = _by_class(fresh.values())
    ctx.kept["scores"] = _Kept(written, ctx.network.revision, seq, fresh, scores)
    return scores


def _all(ctx: Context) -> Iterable[tuple[str, Any]]:
    after = ""
    while page := ctx.store.scan("score", after):
        yield from page
        after = page[-1][0]


def _since(ctx: Context, seq: int) -> Iterable[tuple[str, Any]]:
    """Yield the scores of orders of which work ended after a place in the log."""
    streams = (e.stream for e in ctx.store.read(seq) if e.kind == "Finished")
    for stream in dict.fromkeys(streams):
        order_id = stream.partition(":")[2]
        row = ctx.store.get("score", order_id)
        if row is not None:
            yield order_id, row


def _score(ctx: Context, row: Any) -> float | None:
    unit = ctx.network.work_unit.get(row["resource_id"])
    if unit is None:
        return None
    times = (row["start_s"], row["finish_s"], row["actual_s"])
    from_s, to_s = min(times), max(times)
    calendar = ctx.network.calendar[unit.calendar_id]
    worktime = compiled_worktime(calendar, from_s - DAY_S, to_s + DAY_S)
    return late_score(worktime, *times)


def _by_class(found: Iterable[tuple[str, float]]) -> Scores:
    values: list[float] = []
    classes: dict[str, list[float]] = {}
    for name, score in sorted(found, key=lambda one: one[1]):
        values.append(score)
        if name:
            classes.setdefault(name, []).append(score)
            classes.setdefault("/" + name.rpartition("/")[2], []).append(score)
    return Scores(tuple(values), {name: tuple(listed) for name, listed in classes.items()})
