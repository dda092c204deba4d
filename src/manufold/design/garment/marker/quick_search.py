"""The layout that an offer stands on: found by so much work, not in so much time.

A search that is ended by a clock tells another length of cloth on a busier machine; but the same
design must ask for the same cloth whenever it is looked at. So the solver is listened to until a
layout is dense enough: with one thread and one seed it tells the same ones in the same order, and
up to there it is fast. That layout is pressed together. It can be cut; the longer search of `nest`
only saves cloth.

Cost    0.3 to 0.5 s of one processor for 8 to 20 pieces.
"""

import json
import subprocess
import sys
import threading
from hashlib import sha256
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any

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
    StripItem,
    area_of,
)

__all__ = ["quickly_laid"]

PROGRAM = "manufold.design.garment.marker.layouts_told"
SEED = 1
#: hollows are drawn by few points: they cost most of the time, and little cloth
HOLLOW_MM = 6.0
#: corners that stick out further than so many gaps are cut off when a piece is grown
MITRE = 2.0
#: rounds of pressing together
ROUNDS_MOST = 8
#: markers of the last requests in this process: a buyer asks for the same pieces again
KEPT_MOST = 100
_KEPT: dict[bytes, Layout] = {}
#: the solver goes on in steps of a thousandth of the width
LAYOUTS_MOST = 400
#: only a machine with very much to do takes that long: then what was told so far is taken
LIMIT_S = 20.0


def quickly_laid(request: QuickRequest) -> Layout:
    """Return a sound layout; the same request has the same answer, the second time at once."""
    key = _digest(request)
    if key not in _KEPT:
        if len(_KEPT) >= KEPT_MOST:
            _KEPT.pop(next(iter(_KEPT)))
        _KEPT[key] = _laid(request)
    return _KEPT[key]


def _digest(request: QuickRequest) -> bytes:
    """Return what tells requests apart, and tells nothing of their pieces."""
    strip = request.strip
    found = sha256(f"{strip.height_mm} {strip.gap_mm} {request.enough_fraction}".encode())
    for item in strip.items:
        found.update(f" {item.item} {item.demand} {item.rotations_deg} ".encode())
        found.update(item.outline.tobytes())
    return found.digest()


def _laid(request: QuickRequest) -> Layout:
    """Return a layout that is found anew.

    Every piece is grown by half of the gap and laid without one: the solver is faster so than with
    a gap of its own.
    """
    strip = request.strip
    found, told = shelved(strip), _told(request)
    if told is not None and told.width_mm < found.width_mm and not faults(strip, told):
        found = told
    rounds = iter(range(ROUNDS_MOST))
    pressed = compacted(strip, found, lambda: next(rounds, None) is None)
    return found if faults(strip, pressed) else pressed


def _told(request: QuickRequest) -> Layout | None:
    """Return the solver's first layout that is dense enough, moved back to pieces as they are."""
    strip, half_mm = request.strip, request.strip.gap_mm / 2
    asked = {
        "height": strip.height_mm + strip.gap_mm,
        "seed": SEED,
        "items": [
            {
                "outline": _grown(item.outline, half_mm).tolist(),
                "demand": item.demand,
                "angles": None if item.rotations_deg is None else list(item.rotations_deg),
            }
            for item in strip.items
        ],
    }
    enough_mm = strip.area_mm2 / (strip.height_mm * request.enough_fraction) + strip.gap_mm
    found = _layout(json.dumps(asked), enough_mm)
    if found is None:
        return None
    width_mm, rows = found
    placements = tuple(
        Placement(strip.items[at].item, _allowed(strip.items[at], turn), x - half_mm, y - half_mm)
        for at, turn, x, y in rows
    )
    return Layout(width_mm - strip.gap_mm, placements)


def _allowed(item: StripItem, turn_deg: float) -> float:
    """Return the angle that the solver means: its own are of single precision."""
    if item.rotations_deg is None:
        return turn_deg
    return min(item.rotations_deg, key=lambda one: abs((turn_deg - one + 180) % 360 - 180))


def _layout(asked: str, enough_mm: float) -> tuple[float, list[Any]] | None:
    """Return the first layout no longer than that, else the last one; None when none is told."""
    ours, theirs = Pipe()
    with ours, _solver(theirs) as solver:
        bell = threading.Timer(LIMIT_S, solver.kill)
        bell.start()
        found = None
        try:
            ours.send_bytes(asked.encode())
            for _ in range(LAYOUTS_MOST):
                found = json.loads(ours.recv_bytes())
                if found[0] <= enough_mm:
                    break
        except (EOFError, OSError):  # it was ended, or it died: what it told so far counts
            return found
        finally:
            bell.cancel()
            bell.join()
            solver.kill()
    return found


def _solver(channel: Connection) -> "subprocess.Popen[bytes]":
    """Return the solver's process, which alone holds the channel from now on."""
    number = channel.fileno()
    with channel:
        return subprocess.Popen(
            [sys.executable, "-m", PROGRAM, str(number)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=(number,),
        )


def _grown(outline: Points, by_mm: float) -> Points:
    whole = manifold3d.CrossSection([outline.tolist()])
    rings = whole.offset(by_mm, manifold3d.JoinType.Miter, MITRE).to_polygons()
    outer = max((np.array(ring) for ring in rings), key=area_of)
    return bays_filled(cleaned(outer), HOLLOW_MM)
