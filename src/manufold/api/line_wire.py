"""A line's plan as the command line answers it, and its lists as a table."""

import csv
import io
from typing import Any

from manufold.model.errors import Reason
from manufold.model.units import to_rfc3339
from manufold.services.line_day import LineDay
from manufold.words import word

__all__ = ["line_answer", "station_lists"]

COLUMNS = ("station", "start", "end", "order", "step", "operator", "arrives")


def line_answer(
    day: LineDay, *, out: str, seed: int, seconds: float, language: str
) -> dict[str, Any]:
    """Return the JSON object of `contracts/line_answer.schema.json`.

    Args:
        out: where the lists of the stations were written.
        seconds: that it took.
        language: of the reasons.
    """
    found, zone = day.figures, day.file.zone
    return {
        "schema": "manufold/line_answer/1",
        "orders": len(day.released),
        "late": sum(row.finish_s > row.due_s for row in day.released),
        "lead_s": round(found.lead_s),
        "lead_p95_s": round(found.lead_p95_s),
        "late_s": round(found.late_s),
        "work_s": round(found.work_s, 1),
        "change_s": round(found.change_s, 1),
        "per_hour": round(found.per_hour, 2),
        "inside_most": found.inside_most,
        "orders_most": day.plan.policy.orders_most,
        "lots": None
        if day.in_lots is None
        else {
            "lead_s": round(day.in_lots.lead_s),
            "late_s": round(day.in_lots.late_s),
            "work_s": round(day.in_lots.work_s, 1),
            "change_s": round(day.in_lots.change_s, 1),
            "inside_most": day.in_lots.inside_most,
        },
        "plans": day.plan.tried,
        "seed": seed,
        "seconds": round(seconds, 3),
        "out": out,
        "released": [
            {
                "order": row.order_id,
                "style": row.style,
                "enters": to_rfc3339(row.enters_s, zone),
                "finishes": to_rfc3339(row.finish_s, zone),
                "due": to_rfc3339(row.due_s, zone),
                "reasons": [_reason(reason, language) for reason in row.reasons],
            }
            for row in day.released
        ],
        "stations": [
            {
                "station": name,
                "operator": operator or None,
                "busy_fraction": round(found.station_fraction[name], 4),
            }
            for name, operator in day.stations.items()
        ],
        "operators": [
            {"operator": name, "busy_fraction": round(share, 4)}
            for name, share in found.operator_fraction.items()
        ],
    }


def _reason(reason: Reason, language: str) -> dict[str, Any]:
    text = word(reason, language)
    return {"code": reason.code, "params": dict(reason.params), "text": text}


def station_lists(day: LineDay) -> bytes:
    """Return what each station does, by station and begin, as CSV."""
    text, zone = io.StringIO(), day.file.zone
    table = csv.writer(text, lineterminator="\n")
    table.writerow(COLUMNS)
    for slot in day.slots:
        table.writerow(
            (
                slot.station_id,
                to_rfc3339(slot.start_s, zone),
                to_rfc3339(slot.end_s, zone),
                slot.order_id,
                slot.step_id,
                slot.operator_id,
                to_rfc3339(slot.arrives_s, zone),
            )
        )
    return text.getvalue().encode()
