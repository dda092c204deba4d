"""A search of a shop in a terminal: how far it is, and what came of it."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console

from manufold.model.errors import Reason
from manufold.scheduling.shop.team import Progress
from manufold.words import word

__all__ = ["print_solved", "progress_line"]


def progress_line(progress: Progress, language: str) -> str:
    """Return a line that says how far a search is."""
    return word(
        Reason(
            "shop.progress",
            {
                "value": progress.value,
                "bound": progress.bound,
                "left_s": max(0, round(progress.left_s)),
            },
        ),
        language,
    )


def print_solved(answer: Mapping[str, Any], language: str, console: Console | None = None) -> None:
    """Print what a solved shop answers, in two lines."""
    out = console or Console(highlight=False)
    code = "shop.solved_optimal" if answer["optimal"] else "shop.solved"
    names = ("goal", "objective", "bound", "seconds", "operations", "search")
    told = {name: answer[name] for name in names} | {"seconds": f"{answer['seconds']:.1f}"}
    out.print(word(Reason(code, told), language), markup=False, soft_wrap=True)
    where = Reason("shop.written", {"out": answer["out"]})
    out.print(word(where, language), markup=False, soft_wrap=True)
