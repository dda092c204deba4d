"""One search for a layout, in a worker process: a published solver first, then compaction.

The solver cannot be stopped, so it runs in a thread and is listened to: when time is up, the best
it has told is taken. The pool ends a process whose thread still runs after its answer.
"""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import spyrrow

from manufold.design.garment.marker.compaction import compacted, convex
from manufold.design.garment.marker.shelves import shelved
from manufold.design.garment.marker.strip import Layout, Placement, Strip

__all__ = [
    "ENTRY",
    "READY",
    "SearchRequest",
    "heard",
    "hushed",
    "ready",
    "rung",
    "searched",
    "solving",
    "threads",
]

ENTRY = "manufold.design.garment.marker.search:searched"
SOLVER = "solver of a marker"
#: loads what a search needs, and answers nothing
READY = "manufold.design.garment.marker.search:ready"
LOOK_S = 0.01
#: of the time, kept for compaction, but no more than so many seconds, and no less, nor than half
COMPACTION_SHARE, COMPACTION_MOST_S, COMPACTION_LEAST_S = 0.15, 2.0, 0.12
#: of the solver's time, spent on looking around; the rest on pressing what it found
EXPLORING_SHARE = 0.9
#: how many layouts are pushed together: the narrowest is not always the one with most slack
KEPT = 4


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """A search: the same seed and enough time give the same dice, not the same answer.

    Args:
        limit_s: until the answer is wanted.
        threads: that the solver may use.
    """

    strip: Strip
    limit_s: float
    seed: int
    threads: int


def ready(request: str) -> str:
    """Say it back: who is answered knows that this process has loaded everything."""
    return request


def searched(request: SearchRequest) -> Layout:
    """Return the best layout found in time; there always is one.

    Source of the solver: J. Gardeyn, G. Vanden Berghe, T. Wauters: An open-source heuristic to
    reboot 2D nesting research, European Journal of Operational Research, 2025 (`sparrow`).
    """
    kept_s = min(COMPACTION_SHARE * request.limit_s, COMPACTION_MOST_S)
    kept_s = max(kept_s, min(COMPACTION_LEAST_S, request.limit_s / 2))
    with rung(request.limit_s) as ended, rung(request.limit_s - kept_s) as listened:
        before = threads()
        queue = solving(request, request.limit_s - kept_s)
        whole = convex(request.strip)  # while the solver works
        told = heard(request.strip, queue, listened)
        hushed(before)
        pressed = [compacted(request.strip, layout, ended, whole) for layout in told]
    if pressed:
        return min(pressed, key=lambda one: one.width_mm)
    return replace(compacted(request.strip, shelved(request.strip), ended, whole), columns=True)


@contextmanager
def rung(after_s: float) -> Iterator[Callable[[], bool]]:
    """Give a bell that has rung after so many seconds."""
    bell = threading.Event()
    timer = threading.Timer(after_s, bell.set)
    timer.daemon = True
    timer.start()
    yield bell.is_set
    timer.cancel()


def solving(request: SearchRequest, limit_s: float) -> spyrrow.ProgressQueue:
    """Return the queue of a solver that has begun; it knows whole seconds only."""
    seconds = max(2, round(limit_s))
    exploring = max(1, min(seconds - 1, round(EXPLORING_SHARE * seconds)))
    settings = spyrrow.StripPackingConfig(
        early_termination=False,
        total_computation_time=None,
        exploration_time=exploring,
        compression_time=seconds - exploring,
        num_workers=request.threads,
        seed=request.seed,
        min_items_separation=request.strip.gap_mm or None,
    )
    queue = spyrrow.ProgressQueue()
    solve = _instance(request.strip).solve
    threading.Thread(target=solve, args=(settings, queue), daemon=True, name=SOLVER).start()
    return queue


def hushed(before: frozenset[int]) -> None:
    """Let the solver's threads, which cannot be stopped, run only where nobody else wants to.

    Args:
        before: threads that were there before the solver began.
    """
    for thread in threads() - before:
        with suppress(OSError):  # it ended by itself meanwhile
            os.sched_setscheduler(thread, os.SCHED_IDLE, os.sched_param(0))


def threads() -> frozenset[int]:
    """Return this process's threads, those of compiled code as well; on Linux, else none."""
    try:
        return frozenset(int(one.name) for one in Path("/proc/self/task").iterdir())
    except OSError:
        return frozenset()


def heard(
    strip: Strip, queue: spyrrow.ProgressQueue, listened: Callable[[], bool], kept: int = KEPT
) -> list[Layout]:
    """Return the layouts without overlaps that the solver told in time, the narrowest first.

    Args:
        kept: how many are remembered.
    """
    feasible = (spyrrow.ReportType.ExplFeas, spyrrow.ReportType.CmprFeas, spyrrow.ReportType.Final)
    found: list[Layout] = []
    final = False
    pause = threading.Event()
    while not (final or listened()):
        pause.wait(LOOK_S)
        told = queue.drain()
        final = any(kind == spyrrow.ReportType.Final for kind, _ in told)
        found += [_layout(strip, layout) for kind, layout in told if kind in feasible]
        found = sorted(found, key=lambda one: one.width_mm)[:kept]
    return found


def _instance(strip: Strip) -> spyrrow.StripPackingInstance:
    items = [
        spyrrow.Item(
            str(item.item),
            [(float(x), float(y)) for x, y in item.outline],
            item.demand,
            None if item.rotations_deg is None else list(item.rotations_deg),
        )
        for item in strip.items
    ]
    return spyrrow.StripPackingInstance(strip.name, strip.height_mm, items)


def _layout(strip: Strip, told: spyrrow.StripPackingSolution) -> Layout:
    """Return what the solver told; its angles are of single precision, ours are those allowed."""
    rotations = {item.item: item.rotations_deg for item in strip.items}
    placements = []
    for piece in told.placed_items:
        item, (x, y) = int(piece.id), piece.translation
        angle = _allowed(float(piece.rotation), rotations[item])
        placements.append(Placement(item, angle, float(x), float(y)))
    return Layout(float(told.width), tuple(placements))


def _allowed(angle_deg: float, allowed: tuple[float, ...] | None) -> float:
    if allowed is None:
        return angle_deg
    return min(allowed, key=lambda each: abs((angle_deg - each + 180) % 360 - 180))
