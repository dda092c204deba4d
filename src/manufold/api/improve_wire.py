"""What bettering gained, as programs read it; `contracts/improve_answer.schema.json` has it."""

from typing import Any

from manufold.api.wire import worded
from manufold.scheduling.objective import Objective
from manufold.services.schedule import Bettered

__all__ = ["improved_answer"]


def improved_answer(done: Bettered, language: str) -> dict[str, Any]:
    """Return what was gained, part by part, against the bound, and which promises are missed."""
    found = done.found
    above = found.after.weighed_micro_minor - found.bound.weighed_micro_minor
    return {
        "moved_orders": done.moved_orders,
        "moved_slots": done.moved_slots,
        "refused": done.refused,
        "dry_run": done.dry_run,
        "rounds": found.rounds,
        "better": found.better,
        "seconds": round(done.seconds, 3),
        "ready_seconds": round(done.ready_s, 3),
        "workers": done.workers,
        "on": done.on,
        "lost": worded(found.lost, language),
        "rounds_per_s": round(found.rounds / max(done.seconds, 1e-3), 1),
        "seed": done.seed,
        "before": _worth(found.before),
        "after": _worth(found.after),
        "bound": _worth(found.bound),
        "gap": {
            "tardiness_s": found.gap_s,
            "weighed_fraction": round(above / max(1, found.after.weighed_micro_minor), 4),
        },
        "missed": [
            {
                "order_id": order_id,
                "holder": one.holder,
                "late_s": one.end_s - one.due_s,
                "cannot_hold": one.cannot_hold,
                "why": worded([one.why], language)[0],
            }
            for order_id, one in done.missed
        ],
        "why": worded([found.why], language)[0],
    }


def _worth(value: Objective) -> dict[str, int]:
    """Return the parts of an objective in the units people read."""
    return {
        "tardiness_s": value.tardiness_s,
        "weighed_minor": value.weighed_micro_minor // 1_000_000,
        "flow_s": value.flow_s,
        "setup_s": value.setup_s,
        "changeover_minor": value.changeover_milli_minor // 1000,
        "energy_minor": value.energy_milli_minor // 1000,
        "carbon_g": value.carbon_mg // 1000,
    }
