"""One search for a layout on cloth with a repeat, in a worker process.

The published solver knows nothing of repeats. It lays the pieces tightly, and of the many layouts
it tells on its way those are shifted onto the repeat that time allows: which of them has slack
where it is needed cannot be seen beforehand, and each is shifted in a fraction of a second.
"""

from collections.abc import Callable, Iterator

from manufold.design.garment.marker.compaction import Convex, compacted, convex
from manufold.design.garment.marker.match import Matching
from manufold.design.garment.marker.match_faults import unmatched
from manufold.design.garment.marker.match_phases import missed, phases
from manufold.design.garment.marker.match_shelves import shelved_on_repeat
from manufold.design.garment.marker.matched import PROGRAM_S, matched
from manufold.design.garment.marker.search import (
    SearchRequest,
    heard,
    hushed,
    rung,
    solving,
    threads,
)
from manufold.design.garment.marker.shelves import shelved
from manufold.design.garment.marker.strip import Layout, Strip

__all__ = ["ENTRY", "best_matched", "off_repeat", "searched_matched"]

ENTRY = "manufold.design.garment.marker.match_search:searched_matched"
#: of the time, kept for shifting, but no more than so many seconds
SHIFTING_SHARE, SHIFTING_MOST_S = 0.5, 12.0
#: layouts that are remembered; every so-manieth is shifted first, since neighbours are alike
KEPT, STRIDE = 32, 4
#: are tried whatever the time: the second one lies on the repeat already
SURELY = 2


def searched_matched(request: SearchRequest) -> Layout:
    """Return the narrowest layout on the repeat that was found in time.

    Where none was, the pieces lie as close as without a repeat; `off_repeat` says where they miss.
    """
    strip, matching = request.strip, request.strip.matching
    assert matching is not None
    shifting_s = min(SHIFTING_SHARE * request.limit_s, SHIFTING_MOST_S)
    program_s = min(PROGRAM_S, shifting_s / 3)
    with (
        rung(request.limit_s - program_s) as ended,
        rung(request.limit_s - shifting_s) as listened,
    ):
        before = threads()
        queue = solving(request, request.limit_s - shifting_s)
        whole = convex(strip)
        told = heard(strip, queue, listened, KEPT) or [shelved(strip)]
        hushed(before)
        found = best_matched(strip, matching, told, ended, whole, program_s)
        return found or compacted(strip, told[0], ended, whole)


def best_matched(
    strip: Strip,
    matching: Matching,
    told: list[Layout],
    ended: Callable[[], bool],
    whole: Convex,
    program_s: float = PROGRAM_S,
) -> Layout | None:
    """Return the narrowest of some layouts once they lie on the repeat; None if none could.

    Args:
        told: without overlaps, the narrowest first.
        ended: asked between programs of `program_s` at most.
    """
    best: Layout | None = None
    for number, layout in enumerate(_tried(strip, matching, told)):
        if ended() and (best is not None or number >= SURELY):
            break
        if best is not None and layout.width_mm >= best.width_mm:
            continue
        one = matched(strip, layout, matching, ended, whole, program_s)
        if one is None and off_repeat(layout, matching) == 0:
            one = layout
        if one is not None and off_repeat(one, matching) == 0:
            best = one if best is None or one.width_mm < best.width_mm else best
    return best


def off_repeat(layout: Layout, matching: Matching) -> int:
    """Return how many pairs of points miss each other that could have met."""
    lost = {name for name, _ in missed(phases(layout, matching))}
    return sum(one.meeting not in lost for one in unmatched(layout, matching))


def _tried(strip: Strip, matching: Matching, told: list[Layout]) -> Iterator[Layout]:
    """Yield the tightest, what lies on the repeat already, then layouts unlike each other first."""
    order = [one for first in range(STRIDE) for one in told[first::STRIDE]]
    yield from order[:1]
    sure = shelved_on_repeat(strip, matching)
    if sure is not None:
        yield sure
    yield from order[1:]
