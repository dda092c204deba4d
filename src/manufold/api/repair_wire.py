"""What a repair of the schedule did, as the command line and the API answer it."""

from typing import Any

from manufold.api.what_if_wire import MOVES_MOST, move_answer
from manufold.api.wire import worded
from manufold.model.network import Network
from manufold.model.units import to_rfc3339
from manufold.services.repair_schedule import RepairDone
from manufold.services.repair_view import StillLate

__all__ = ["LATE_MOST", "repair_answer"]

#: late orders told of a repair, the latest first; all are counted
LATE_MOST = 200


def repair_answer(done: RepairDone, network: Network, language: str, world: str) -> dict[str, Any]:
    """Return it as `contracts/repair_answer.schema.json` has it."""
    return {
        "schema": "manufold/repair_answer/1",
        "world": world,
        "now": to_rfc3339(done.at_s),
        "swapped": done.swapped,
        "dry_run": done.dry_run,
        "why": worded([done.why], language)[0],
        "moved": {
            "operations": done.movement.count,
            "elsewhere": done.movement.elsewhere,
            "moved_s": done.movement.moved_s,
        },
        "moves": [
            move_answer(move, done.order_of, network, language) for move in done.moves[:MOVES_MOST]
        ],
        "moves_left_off": max(0, len(done.moves) - MOVES_MOST),
        "missed_before": done.missed_before,
        "missed_after": done.missed_after,
        "late": [_late(one, language) for one in done.late[:LATE_MOST]],
    }


def _late(one: StillLate, language: str) -> dict[str, Any]:
    at_s = one.forecast_s
    return {
        "order_id": one.order_id,
        "where": one.where,
        "promised_at": to_rfc3339(one.promised_s, one.zone),
        "expected_at": None if at_s is None else to_rfc3339(at_s, one.zone),
        "late_s": one.late_s,
        "reasons": worded(one.why, language),
    }
