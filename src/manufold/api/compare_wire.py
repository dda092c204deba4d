"""A comparison of policies as programs read it; `contracts/compare_answer.schema.json` has it."""

from typing import Any

from manufold.improvement.paired import Paired
from manufold.model.units import to_rfc3339
from manufold.services.compare import Comparison
from manufold.services.compare_measures import MEASURES, Measure, verdict_of
from manufold.services.compare_stream import BEGINS_S
from manufold.words import term

__all__ = ["compare_answer", "compare_command"]


def compare_answer(found: Comparison, language: str) -> dict[str, Any]:
    """Return a comparison with everything needed to do it again."""
    plan = found.plan
    return {
        "schema": "manufold/compare_answer/1",
        "simulated": True,
        "policies": {
            side: {
                "name": name,
                "text": term("compare_policy", name, language),
                "about": term("compare_about", name, language),
            }
            for side, name in zip("ab", plan.policies, strict=True)
        },
        "network": {"name": found.network_name, "revision": found.network_revision},
        "orders": plan.orders,
        "load": plan.load,
        "seeds": list(plan.seeds),
        "begins_at": to_rfc3339(BEGINS_S),
        "confidence": 0.95,
        "command": compare_command(found),
        "measures": [_measure(one, found.measures[one.name], language) for one in MEASURES],
        "pairs": [
            {"seed": pair.seed, "a": dict(pair.a), "b": dict(pair.b)} for pair in found.pairs
        ],
    }


def compare_command(found: Comparison) -> str:
    """Return the command that does it again, on the same network with the same settings."""
    plan = found.plan
    return (
        f"manufold improve compare --orders {plan.orders} --seeds {len(plan.seeds)} "
        f"--first-seed {plan.seeds[0]} --load {plan.load:g} --policies {','.join(plan.policies)}"
    )


def _measure(measure: Measure, told: Paired, language: str) -> dict[str, Any]:
    verdict = verdict_of(measure, told)
    return {
        "name": measure.name,
        "text": term("compare_measure", measure.name, language),
        "better": measure.better,
        "a": told.mean_a,
        "b": told.mean_b,
        "difference": told.difference,
        "low": told.low,
        "high": told.high,
        "pairs": told.pairs,
        "above": told.above,
        "below": told.below,
        "same": told.same,
        "sign_p": told.sign_p,
        "verdict": verdict,
        "verdict_text": term("compare_verdict", verdict, language),
    }
