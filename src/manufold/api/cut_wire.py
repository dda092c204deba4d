"""A cutting plan as the command line answers it, and its files."""

import json
from collections.abc import Sequence
from typing import Any

from manufold.model.errors import Reason
from manufold.scheduling.cut_orders.remnants import remnants
from manufold.services.cut_orders import CutAnswer
from manufold.words import word

__all__ = ["cut_answer", "plan_bytes"]


def cut_answer(
    found: CutAnswer, *, out: str, seed: int, workers: int, seconds: float, language: str
) -> dict[str, Any]:
    """Return the JSON object of `contracts/cut_answer.schema.json`."""
    day, said = found.asked.day, found.asked.days.said
    cloth_of = {roll.roll_id: roll.cloth for roll in day.rolls}
    used_mm: dict[str, float] = dict.fromkeys(found.alone_mm, 0.0)
    for marker in found.placed.markers:
        cloth = cloth_of[marker.roll_id]
        used_mm[cloth] = used_mm.get(cloth, 0.0) + marker.to_mm - marker.from_mm
    cloths = [
        {"cloth": name, **_lengths(length_mm, found.alone_mm.get(name, 0.0))}
        for name, length_mm in sorted(used_mm.items())
    ]
    left = remnants(day, found.placed.markers)
    return {
        "schema": "manufold/cut_answer/1",
        "orders": len(day.orders),
        "markers": _markers(found, language),
        "remnants": [
            {
                "roll": one.roll_id,
                "from_mm": round(one.from_mm, 1),
                "to_mm": round(one.to_mm, 1),
                "usable": one.usable,
            }
            for one in left
        ],
        "cloths": cloths,
        **_lengths(sum(used_mm.values()), sum(found.alone_mm.values())),
        "alone_laid": found.alone_laid,
        "ends_mm": day.rules.ends_mm,
        "late": [
            {"order": name, "due": said(_due_s(found, name)), "late_s": late_s}
            for name, late_s in found.placed.late_s.items()
        ],
        "left_out": [name for group in found.placed.homeless for name in group],
        "estimate_error_percent": round(100 * found.estimate_error, 2),
        "seconds": round(seconds, 3),
        "seed": seed,
        "workers": workers,
        "out": out,
        "notes": [_worded(note, language) for note in found.notes],
    }


def plan_bytes(answer: dict[str, Any]) -> bytes:
    """Return an answer as the file `plan.json`."""
    return json.dumps(answer, indent=1, ensure_ascii=False).encode() + b"\n"


def _lengths(length_mm: float, alone_mm: float) -> dict[str, float]:
    saved = 100 * (1 - length_mm / alone_mm) if alone_mm else 0.0
    return {
        "length_mm": round(length_mm, 1),
        "alone_mm": round(alone_mm, 1),
        "saved_percent": round(saved, 2),
    }


def _markers(found: CutAnswer, language: str) -> Sequence[dict[str, Any]]:
    rolls = {roll.roll_id: roll for roll in found.asked.day.rolls}
    said = found.asked.days.said
    told = []
    rows = zip(found.placed.markers, found.laid, found.why, strict=True)
    for number, (marker, laid, why) in enumerate(rows, 1):
        roll = rolls[marker.roll_id]
        told.append(
            {
                "marker": number,
                "orders": list(marker.orders),
                "rows": [one for name in marker.orders for one in found.asked.suits[name]],
                "cloth": roll.cloth,
                "roll": roll.roll_id,
                "shade": roll.shade,
                "width_mm": roll.width_mm,
                "from_mm": round(marker.from_mm, 1),
                "to_mm": round(marker.to_mm, 1),
                "laid_mm": round(marker.laid_mm, 1),
                "density": round(laid.cover, 5),
                "table": marker.table_id,
                "start": said(marker.start_s),
                "end": said(marker.end_s),
                "reason": _worded(why, language),
                "files": [f"marker-{number:02d}.{suffix}" for suffix in ("dxf", "svg", "json")],
            }
        )
    return told


def _worded(reason: Reason, language: str) -> dict[str, Any]:
    text = word(reason, language)
    return {"code": reason.code, "params": dict(reason.params), "text": text}


def _due_s(found: CutAnswer, name: str) -> int:
    return next(one.due_s for one in found.asked.day.orders if one.order_id == name)
