"""One search for a close marker, in a worker process; it needs no thread and leaves none."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from manufold.design.garment.marker.close import closed, joined
from manufold.design.garment.marker.compaction import compacted
from manufold.design.garment.marker.search import rung
from manufold.design.garment.marker.shelves import shelved
from manufold.design.garment.marker.strip import Layout, Strip, StripItem

__all__ = ["ENTRY", "READY", "CloseRequest", "closely_laid", "ready"]

ENTRY = "manufold.design.garment.marker.close_search:closely_laid"
#: loads and compiles what a search needs, and answers nothing
READY = "manufold.design.garment.marker.close_search:ready"
#: of the time, kept for compaction, but no more than so many seconds
PRESSING_SHARE, PRESSING_MOST_S = 0.12, 1.5


@dataclass(frozen=True, slots=True)
class CloseRequest:
    """A search.

    Args:
        owners: whose each of the strip's items is.
        limit_s: until the answer is wanted.
    """

    strip: Strip
    owners: tuple[int, ...]
    limit_s: float
    seed: int


def closely_laid(request: CloseRequest) -> Layout:
    """Return the best layout found in time; there always is one."""
    kept_s = min(PRESSING_SHARE * request.limit_s, PRESSING_MOST_S)
    with rung(request.limit_s) as ended:
        found = joined(request.strip, request.owners, request.seed, request.limit_s - kept_s, rung)
        return compacted(request.strip, found or shelved(request.strip), ended)


def ready(request: str) -> str:
    """Say it back: who is answered knows that this process has loaded and compiled everything."""
    _compiled()
    return request


@cache
def _compiled() -> None:
    square = np.array([(0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0)])
    strip = Strip("ready", 20.0, (StripItem(0, square, 3, (0.0, 180.0)),), 1.0)
    asked = iter(range(20))
    closed(strip, 1, lambda: next(asked, None) is None)
