"""A solved shop as the command line answers it."""

from typing import Any

from manufold.services.solve_shop import Judged
from manufold.words import word

__all__ = ["solve_answer"]


def solve_answer(
    found: Judged, file: str, out: str, seed: int, workers: int, language: str
) -> dict[str, Any]:
    """Return the JSON object of `contracts/solve_answer.schema.json`.

    Args:
        found: judged answer.
        file: where the shop came from.
        out: where the schedule was written.
        seed: of its dice.
        workers: processes that searched.
        language: of the notes.
    """
    return {
        "schema": "manufold/solve_answer/1",
        "file": file,
        "format": found.form,
        "goal": found.goal,
        "operations": found.ops,
        "search": found.family,
        "objective": found.value,
        "bound": found.bound,
        "optimal": found.value == found.bound,
        "seconds": round(found.took_s, 3),
        "seed": seed,
        "workers": workers,
        "out": out,
        "notes": [
            {"code": note.code, "params": dict(note.params), "text": word(note, language)}
            for note in found.notes
        ],
    }
