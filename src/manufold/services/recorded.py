"""What was learned: how far from plan finished orders really ended, for the next promise."""

from manufold.scheduling.quantiles import Scores
from manufold.services.context import Context

__all__ = ["recorded_scores"]


def recorded_scores(ctx: Context) -> Scores:
    """Return the recorded scores of all finished orders of this store."""
    head = ctx.store.head().seq
    kept = ctx.kept.get("scores")
    if kept is not None and kept[0] == head:
        scores: Scores = kept[1]
        return scores
    values: list[float] = []
    after = ""
    while page := ctx.store.scan("score", after):
        values += [float(document["score"]) for _key, document in page]
        after = page[-1][0]
    fresh = Scores(tuple(values))
    ctx.kept["scores"] = (head, fresh)
    return fresh
