"""Lay a marker of many pieces: part them on a strip that grows shorter and shorter.

A published solver begins each marker anew and takes a tenth of a per cent at a time; for the many
pieces of several people it is still on its way down when time is up. Here the first strip is as
dense as a good marker of one person; where its pieces can be parted, the strip is cut shorter and
what lay beyond moves back, and where they cannot, two pieces change places and it is tried again.
What was found last is pushed together by `compaction`.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from manufold.design.garment.marker.outline import bays_filled, convex_parts, crossing
from manufold.design.garment.marker.parting import NOTHING_MM, Forms, parted
from manufold.design.garment.marker.shelves import shelved
from manufold.design.garment.marker.strip import (
    Layout,
    Placement,
    Points,
    Strip,
    turned,
    used_width_mm,
)

__all__ = ["closed", "joined", "plain"]

#: of a marker's length, cut off at a time: at first, after a failure, and at least
STEP_FIRST, STEP_NEXT, STEP_SHORTER, STEP_LEAST = 0.02, 0.01, 0.5, 0.001
#: of the time, for the markers that one is begun from
BEFORE = 0.4
#: how dense the first strip is
DENSE_FIRST = 0.76
#: times as long, where the first strip was too short
LONGER = 1.05
#: how dense a begin must be to be better than pieces strewn
WORTH_BEGINNING = 0.79
#: rounds of parting at a time, and how often it may gain nothing
ROUNDS, PATIENCE = 25, 4
#: beside the gap: what is parted but for this is not an overlap
MARGIN_MM = 2 * NOTHING_MM
#: how far the search's outlines stand out from the pieces: in hollows, and where they are round
HOLLOW_MM, ROUND_MM = 6.0, 1.0
#: edges whose tables are made in one go: bounds the memory
AT_ONCE = 500


Ring = Callable[[float], AbstractContextManager[Callable[[], bool]]]


@dataclass(slots=True)
class _State:
    """Where all pieces lie: `form_of` (pieces,), `at` (pieces, 2) and the strip's length."""

    form_of: NDArray[np.int64]
    at: NDArray[np.float64]
    length_mm: float

    def copy(self) -> "_State":
        return _State(self.form_of.copy(), self.at.copy(), self.length_mm)


@dataclass(frozen=True, slots=True)
class _Cut:
    """The strip as the search sees it.

    Args:
        item: of each piece; angles: of each form; middles: shape (forms, 2), of the turned box.
    """

    forms: Forms
    item: tuple[int, ...]
    angles: tuple[float, ...]
    middles: NDArray[np.float64]


def joined(
    strip: Strip, owners: Sequence[int], seed: int, limit_s: float, ring: Ring
) -> Layout | None:
    """Return the shortest layout found in time, begun from markers of fewer owners side by side.

    A marker of few pieces is close within a second; two of them side by side are a better begin
    than any that is strewn, and the more so the more pieces there are.

    Args:
        owners: whose each item is.
        ring: gives a bell that has rung after so many seconds.
    """
    names = list(dict.fromkeys(owners))
    begin, rest_s = None, limit_s
    if len(names) > 1:
        half = len(names) // 2
        found = []
        for number, some in enumerate((names[:half], names[half:])):
            rows = [n for n, owner in enumerate(owners) if owner in some]
            part = replace(strip, items=tuple(strip.items[n] for n in rows))
            part_s = limit_s * BEFORE * len(some) / len(names)
            whose = [owners[n] for n in rows]
            layout = joined(part, whose, seed + 101 * number + 1, part_s, ring)
            found.append(layout or shelved(part))
            rest_s -= part_s
        begin = _side_by_side(strip, found)
    with ring(rest_s) as ended:
        return closed(strip, seed, ended, begin)


def closed(
    strip: Strip, seed: int, ended: Callable[[], bool], begin: Layout | None = None
) -> Layout | None:
    """Return the shortest layout found until `ended`; None where none was.

    Args:
        strip: its items have angles to choose from.
        ended: asked every few hundredths of a second.
        begin: a layout without overlaps to begin with.
    """
    cut = _prepared(strip)
    dice = np.array([seed * 2_654_435_761 % 2**63 + 88_172_645_463_325_252], dtype=np.uint64)
    rng = np.random.default_rng(seed)
    if begin is None or strip.density(begin.width_mm) < WORTH_BEGINNING:
        now, step = _begun(strip, cut, rng), STEP_FIRST
    else:
        now, step = _state(cut, begin), STEP_NEXT
    best: _State | None = None
    while not ended():
        free = _part(strip, cut, now, dice, ended)
        if free:
            best = now.copy()
            used_mm = float((best.at[:, 0] + cut.forms.half[best.form_of, 0]).max())
            best.length_mm = min(best.length_mm, used_mm)
        elif best is None:
            now.length_mm *= LONGER
            continue
        else:
            step = max(STEP_LEAST, step * STEP_SHORTER)
            now = best.copy()
            _changed(cut, now, rng, strip)
        assert best is not None
        _shortened(cut, now, best.length_mm * (1 - step), rng)
    if best is None:
        return begin
    placements = tuple(
        Placement(
            cut.item[piece],
            cut.angles[form],
            float(best.at[piece, 0] - cut.middles[form, 0]),
            float(best.at[piece, 1] - cut.middles[form, 1]),
        )
        for piece, form in enumerate(best.form_of.tolist())
    )
    width_mm = used_width_mm(strip, placements)
    if begin is not None and begin.width_mm < width_mm:
        return begin
    return Layout(width_mm, placements)


def _side_by_side(strip: Strip, found: Sequence[Layout]) -> Layout:
    """Return layouts one after the other."""
    placements: list[Placement] = []
    at_mm = 0.0
    for layout in found:
        placements += [replace(one, x=one.x + at_mm) for one in layout.placements]
        at_mm += layout.width_mm + strip.gap_mm + 2 * MARGIN_MM
    return Layout(at_mm - strip.gap_mm, tuple(placements))


def _state(cut: _Cut, layout: Layout) -> _State:
    """Return where a layout's pieces lie, as the search sees them."""
    left = sorted(range(len(cut.item)), key=lambda piece: cut.item[piece])
    lying = sorted(layout.placements, key=lambda one: one.item)
    form_of = np.zeros(len(left), dtype=np.int64)
    at = np.zeros((len(left), 2))
    for piece, one in zip(left, lying, strict=True):
        low, high = cut.forms.first[piece]
        form = min(range(low, high), key=lambda f: abs(cut.angles[f] - one.rotation_deg))
        form_of[piece] = form
        at[piece] = cut.middles[form] + (one.x, one.y)
    return _State(form_of, at, layout.width_mm + 2 * MARGIN_MM)


def _part(
    strip: Strip,
    cut: _Cut,
    now: _State,
    dice: NDArray[np.uint64],
    ended: Callable[[], bool],
) -> bool:
    """Return whether all pieces could be parted; `now` is changed."""
    weights = np.ones((len(now.form_of), len(now.form_of)))
    least, waited = np.inf, 0
    while not ended():
        left = parted(
            cut.forms, now.form_of, now.at, weights, now.length_mm, strip.height_mm, dice, ROUNDS
        )
        if left < NOTHING_MM:
            return True
        waited = 0 if left < 0.98 * least else waited + 1
        least = min(least, left)
        if waited >= PATIENCE:
            return False
    return False


def _begun(strip: Strip, cut: _Cut, rng: np.random.Generator) -> _State:
    """Return pieces strewn over a strip as dense as a good marker of one person."""
    count = len(cut.item)
    form_of = np.array([rng.integers(low, high) for low, high in cut.forms.first])
    half = cut.forms.half[form_of]
    length_mm = strip.area_mm2 / strip.height_mm / DENSE_FIRST
    length_mm = max(length_mm, 2 * float(half[:, 0].max()) + 1)
    room = np.array((length_mm, strip.height_mm)) - 2 * half
    at = half + rng.random((count, 2)) * np.maximum(room, 0.0)
    return _State(form_of, at, length_mm)


def _shortened(cut: _Cut, now: _State, length_mm: float, rng: np.random.Generator) -> None:
    """Take cloth out of the strip at some place: what lies beyond moves back."""
    gone = now.length_mm - length_mm if now.length_mm > length_mm else 0.0
    place = rng.random() * now.length_mm
    now.at[now.at[:, 0] > place, 0] -= gone
    half = cut.forms.half[now.form_of, 0]
    now.at[:, 0] = np.clip(now.at[:, 0], half, length_mm - half)
    now.length_mm = length_mm


def _changed(cut: _Cut, now: _State, rng: np.random.Generator, strip: Strip) -> None:
    """Let two of the larger pieces change places."""
    half = cut.forms.half[now.form_of]
    size = half[:, 0] * half[:, 1]
    large = np.argsort(-size)[: max(2, len(size) // 3)]
    one, other = rng.choice(large, 2, replace=False)
    now.at[[one, other]] = now.at[[other, one]]
    limit = np.array((now.length_mm, strip.height_mm))
    now.at[:] = np.clip(now.at, half, np.maximum(limit - half, half))


def _prepared(strip: Strip) -> _Cut:
    """Return all copies of all items in all their angles as convex parts."""
    forms_of: list[list[tuple[float, NDArray[np.float64], list[NDArray[np.float64]]]]] = []
    for item in strip.items:
        some = []
        bare = convex_parts(plain(bays_filled(item.outline, HOLLOW_MM), ROUND_MM))
        for angle in item.angles_deg:
            outline = np.vstack([turned(part, angle) for part in bare])
            low, high = outline.min(axis=0), outline.max(axis=0)
            if high[1] - low[1] > strip.height_mm:
                continue
            middle = (low + high) / 2
            some.append((angle, middle, [turned(part, angle) - middle for part in bare]))
        forms_of.append(some)
    half, parts, corners, middles = [], [0], [], []
    angles: list[float] = []
    spans: list[tuple[int, int]] = []
    for some in forms_of:
        spans.append((len(angles), len(angles) + len(some)))
        for angle, middle, own in some:
            angles.append(angle)
            middles.append(middle)
            whole = np.vstack(own)
            half.append(whole.max(axis=0))
            corners += own
            parts.append(len(corners))
    pieces = [n for n, item in enumerate(strip.items) for _ in range(item.demand)]
    return _Cut(
        _tables(
            np.array(half),
            np.array(parts),
            corners,
            np.array([spans[n] for n in pieces]),
            strip.gap_mm + MARGIN_MM,
        ),
        tuple(strip.items[n].item for n in pieces),
        tuple(angles),
        np.array(middles),
    )


def plain(outline: Points, within_mm: float) -> Points:
    """Return the outline with short edges of round sides left out, none of it cut off.

    Where an edge goes, its neighbours are drawn out until they meet.
    """
    points = list(outline)
    at = 0
    while at < len(points) and len(points) > 4:
        a, b, c, d = (points[(at + n) % len(points)] for n in range(4))
        first, last = b - a, c - d
        cross = first[0] * last[1] - first[1] * last[0]
        turn = _turn(b - a, c - b), _turn(c - b, d - c)
        if min(turn) > 0 and abs(cross) > 1e-9:
            along = ((c - b)[0] * last[1] - (c - b)[1] * last[0]) / cross
            tip = b + first * along
            edge = c - b
            off = abs(_turn(edge, tip - b)) / np.hypot(*edge)
            if along > 0 and off <= within_mm and _turn(b - a, d - c) > 0:
                points[(at + 1) % len(points)] = tip
                del points[(at + 2) % len(points)]
                continue
        at += 1
    found = np.array(points)
    return found if crossing(found) is None else outline


def _turn(one: Points, other: Points) -> float:
    return float(one[0] * other[1] - one[1] * other[0])


def _tables(
    half: NDArray[np.float64],
    parts: NDArray[np.int64],
    corners: list[NDArray[np.float64]],
    first: NDArray[np.int64],
    gap_mm: float,
) -> Forms:
    """Return forms with what the search looks up: how far each part reaches against each edge."""
    counts = [len(part) for part in corners]
    edges = np.concatenate(([0], np.cumsum(counts)))
    normals = np.zeros((edges[-1], 2))
    own = np.zeros(edges[-1])
    for n, part in enumerate(corners):
        along = np.roll(part, -1, axis=0) - part
        outward = np.column_stack((along[:, 1], -along[:, 0]))
        outward /= np.hypot(along[:, 0], along[:, 1])[:, None]
        normals[edges[n] : edges[n + 1]] = outward
        own[edges[n] : edges[n + 1]] = (outward * part).sum(axis=1)
    points = np.vstack(corners)
    free = np.zeros((edges[-1], len(corners)), dtype=np.float32)
    for low in range(0, edges[-1], AT_ONCE):
        rows = slice(low, low + AT_ONCE)
        reach = normals[rows] @ points.T
        free[rows] = np.minimum.reduceat(reach, edges[:-1], axis=1) - own[rows, None]
    boxes = np.array([(*part.min(axis=0), *part.max(axis=0)) for part in corners])
    return Forms(half, parts, boxes, edges, normals, free, first, gap_mm)
