"""What was learned: how far from plan finished orders really ended, for the next promise."""

from manufold.scheduling.lateness import late_score
from manufold.scheduling.quantiles import Scores
from manufold.scheduling.worktime import compiled_worktime
from manufold.services.context import Context

__all__ = ["recorded_scores"]


def recorded_scores(ctx: Context) -> Scores:
    """Return the recorded scores of all finished orders of this store.

    They are read again only when one was written since; work units that the network no longer
    has teach nothing.
    """
    written = (ctx.store.get("scores", "count") or {}).get("written", 0)
    seen = (written, ctx.network.revision)
    kept = ctx.kept.get("scores")
    if kept is not None and kept[0] == seen:
        scores: Scores = kept[1]
        return scores
    found: list[tuple[str, int, int, int]] = []
    after = ""
    while page := ctx.store.scan("score", after):
        for _key, told in page:
            unit = ctx.network.work_unit.get(told["resource_id"])
            if unit is not None:
                times = (told["start_s"], told["finish_s"], told["actual_s"])
                found.append((unit.calendar_id, *times))
        after = page[-1][0]
    values: list[float] = []
    for calendar in sorted({row[0] for row in found}):
        rows = [row[1:] for row in found if row[0] == calendar]
        from_s, to_s = min(min(row) for row in rows), max(max(row) for row in rows)
        worktime = compiled_worktime(ctx.network.calendar[calendar], from_s, to_s + 1)
        values += [late_score(worktime, *row) for row in rows]
    fresh = Scores(tuple(values))
    ctx.kept["scores"] = (seen, fresh)
    return fresh
