"""Lay a strip's pieces before a deadline: several searches at once, the best that is sound."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from manufold.design.garment.marker.match_phases import missed, phases
from manufold.design.garment.marker.match_search import ENTRY as MATCH_ENTRY
from manufold.design.garment.marker.match_search import off_repeat
from manufold.design.garment.marker.match_shelves import shelved_on_repeat
from manufold.design.garment.marker.overlaps import faults
from manufold.design.garment.marker.search import ENTRY, READY, SearchRequest
from manufold.design.garment.marker.shelves import shelved
from manufold.design.garment.marker.strip import Layout, Strip
from manufold.model.errors import ExecutorFault, Reason
from manufold.model.ports import Executor

__all__ = ["Nested", "nested"]

#: a search that has not answered so long after its time is ended
GRACE_S = 0.5
#: for a process to load everything, on a machine with much to do
READY_S = 60.0
#: for a search that is asked when time is up already
LEAST_S = 0.2
MEMORY_MB = 2000


@dataclass(frozen=True, slots=True)
class Nested:
    """A layout that was judged.

    Args:
        searches: how many were begun.
        lost: why searches gave no sound layout: one that crashed, was late, or laid wrongly.
    """

    layout: Layout
    searches: int
    lost: tuple[Reason, ...]


def nested(
    strip: Strip,
    left_s: Callable[[], float],
    seed: int,
    executor: Executor,
    *,
    searches: int,
    threads: int = 1,
) -> Nested:
    """Return the narrowest sound layout of several searches with different dice.

    Args:
        left_s: until the answer is wanted; worker processes that are not warm start within it.
        searches: at once.
        threads: of each.
    """

    def one(number: int) -> Layout | Reason:
        entry = ENTRY if strip.matching is None else MATCH_ENTRY
        try:
            executor.run(READY, "", limit_s=READY_S, memory_mb=MEMORY_MB)
            limit_s = max(LEAST_S, left_s())
            request = SearchRequest(strip, limit_s, seed + number, threads)
            found: Layout = executor.run(
                entry, request, limit_s=limit_s + GRACE_S, memory_mb=MEMORY_MB
            )
        except ExecutorFault as fault:
            return Reason(fault.code, fault.params)
        return _lost(strip, found) or found

    asking = ThreadPoolExecutor(searches)
    try:
        answers = list(asking.map(one, range(searches)))
    finally:
        asking.shutdown(wait=False)  # who was interrupted does not wait for the searches
    found = [answer for answer in answers if isinstance(answer, Layout)]
    lost = [answer for answer in answers if isinstance(answer, Reason)]
    if not found or strip.matching is None:
        found.append(_columns(strip))
    best = min(found, key=lambda one: one.width_mm)
    return Nested(best, searches, (*lost, *_said(strip, best)))


def _columns(strip: Strip) -> Layout:
    """Return what is always there; on the cloth's repeat, where it has one and that can be."""
    on_repeat = strip.matching and shelved_on_repeat(strip, strip.matching)
    return replace(on_repeat or shelved(strip), columns=True)


def _lost(strip: Strip, layout: Layout) -> Reason | None:
    """Return why a layout is no good: laid wrongly, or off the cloth's repeat."""
    wrong = faults(strip, layout)
    if wrong:
        return Reason("garment.nest_unsound", {"faults": len(wrong)})
    off = off_repeat(layout, strip.matching) if strip.matching else 0
    return Reason("garment.match_lost", {"points": off}) if off else None


def _said(strip: Strip, layout: Layout) -> Iterator[Reason]:
    """Yield what a layout is short of: a search, lines of the cloth that run on."""
    if layout.columns:
        yield Reason("garment.nest_columns", {})
    if strip.matching is None:
        return
    off = off_repeat(layout, strip.matching)
    if off:
        yield Reason("garment.match_none", {"points": off})
    for name, off_mm in missed(phases(layout, strip.matching)):
        yield Reason("garment.match_impossible", {"place": name, "off_mm": f"{off_mm:.1f}"})
