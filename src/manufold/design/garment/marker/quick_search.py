"""The layout that an offer stands on: found by so much work, not in so much time.

A search that is ended by a clock tells another length of cloth on a busier machine; but the same
design must ask for the same cloth whenever it is looked at. So the solver's layouts are counted:
with one thread and one seed it tells the same ones in the same order, and the best of the last ones
is pressed together. What is found here can be cut; the longer search of `nest` only saves cloth.

Cost    0.2 to 0.3 s of two processors and 0.1 to 0.2 s of one, for 8 to 20 pieces.
"""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress

import manifold3d
import numpy as np

from manufold.design.garment.marker.compaction import compacted
from manufold.design.garment.marker.outline import bays_filled, cleaned
from manufold.design.garment.marker.overlaps import faults
from manufold.design.garment.marker.quick import QuickRequest
from manufold.design.garment.marker.shelves import shelved
from manufold.design.garment.marker.strip import (
    Layout,
    Placement,
    Points,
    Strip,
    StripItem,
    area_of,
)

__all__ = ["quickly_laid"]

PROGRAM = "manufold.design.garment.marker.layouts_told"
SEEDS = (1, 3)
#: hollows are drawn by few points: they cost most of the time, and little cloth
HOLLOW_MM = 6.0
#: corners that stick out further than so many gaps are cut off when a piece is grown
MITRE = 2.0
#: rounds of pressing together
ROUNDS_MOST = 12
#: only a machine with very much to do takes that long: then what was told so far is taken
LIMIT_S = 6.0


def quickly_laid(request: QuickRequest) -> Layout:
    """Return a sound layout; the same request has the same answer.

    Two searches run at once, since their luck differs. Every piece is grown by half of the gap and
    laid without one: the solver is faster so than with a gap of its own.
    """
    strip = request.strip
    found = shelved(strip)
    for told in _told(strip, request.layouts):
        if told.width_mm < found.width_mm and not faults(strip, told):
            found = told
    rounds = iter(range(ROUNDS_MOST))
    pressed = compacted(strip, found, lambda: next(rounds, None) is None)
    return found if faults(strip, pressed) else pressed


def _told(strip: Strip, layouts: int) -> Iterator[Layout]:
    """Yield the last of so many layouts of each search, moved back to pieces as they are."""
    half_mm = strip.gap_mm / 2
    asked = {
        "height": strip.height_mm + strip.gap_mm,
        "items": [
            {
                "outline": _grown(item.outline, half_mm).tolist(),
                "demand": item.demand,
                "angles": None if item.rotations_deg is None else list(item.rotations_deg),
            }
            for item in strip.items
        ],
    }
    for line in _lines([json.dumps(asked | {"seed": seed}) for seed in SEEDS], layouts):
        width_mm, rows = json.loads(line)
        placements = tuple(
            Placement(
                strip.items[at].item, _allowed(strip.items[at], turn), x - half_mm, y - half_mm
            )
            for at, turn, x, y in rows
        )
        yield Layout(width_mm - strip.gap_mm, placements)


def _allowed(item: StripItem, turn_deg: float) -> float:
    """Return the angle that the solver means: its own are of single precision."""
    if item.rotations_deg is None:
        return turn_deg
    return min(item.rotations_deg, key=lambda one: abs((turn_deg - one + 180) % 360 - 180))


def _lines(asked: Sequence[str], layouts: int) -> list[str]:
    """Return the last whole line that each solver wrote, of so many; none of one that is lost."""
    solvers = [
        subprocess.Popen(
            [sys.executable, "-m", PROGRAM],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in asked
    ]

    def end() -> None:
        for solver in solvers:
            solver.kill()

    bell = threading.Timer(LIMIT_S, end)
    bell.start()
    try:
        for solver, text in zip(solvers, asked, strict=True):
            _write(solver, text)
        found = [_last(solver, layouts) for solver in solvers]
    finally:
        bell.cancel()
        bell.join()
        end()
        for solver in solvers:
            with solver:  # close its pipes and wait for it
                pass
    return [line for line in found if line]


def _write(solver: "subprocess.Popen[str]", text: str) -> None:
    assert solver.stdin is not None
    with suppress(BrokenPipeError):  # it is gone: it will tell nothing
        solver.stdin.write(text)
        solver.stdin.close()


def _last(solver: "subprocess.Popen[str]", layouts: int) -> str:
    assert solver.stdout is not None
    line = ""
    for _ in range(layouts):
        told = solver.stdout.readline()
        if not told.endswith("\n"):
            break
        line = told
    return line


def _grown(outline: Points, by_mm: float) -> Points:
    whole = manifold3d.CrossSection([outline.tolist()])
    rings = whole.offset(by_mm, manifold3d.JoinType.Miter, MITRE).to_polygons()
    outer = max((np.array(ring) for ring in rings), key=area_of)
    return bays_filled(cleaned(outer), HOLLOW_MM)
