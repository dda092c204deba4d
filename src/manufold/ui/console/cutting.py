"""A cutting plan in a terminal: what is saved, its markers, what is left of the rolls."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console

from manufold.model.errors import Reason
from manufold.words import word

__all__ = ["print_cut"]


def print_cut(answer: Mapping[str, Any], language: str, console: Console | None = None) -> None:
    """Print a plan."""
    out = console or Console(highlight=False)

    def say(reason: Reason) -> None:
        out.print(word(reason, language), markup=False, soft_wrap=True)

    how = "laid" if answer["alone_laid"] else "estimated"
    say(
        Reason(
            "cut.planned",
            {
                "orders": answer["orders"],
                "markers": len(answer["markers"]),
                "cloth_m": f"{answer['length_mm'] / 1000:.2f}",
                "alone_m": f"{answer['alone_mm'] / 1000:.2f}",
                "how": how,
                "saved_percent": f"{answer['saved_percent']:.1f}",
                "late": len(answer["late"]),
            },
        )
    )
    for marker in answer["markers"]:
        say(
            Reason(
                "cut.marker",
                {
                    "number": marker["marker"],
                    "start": marker["start"],
                    "end": marker["end"],
                    "table": marker["table"],
                    "roll": marker["roll"],
                    "from_m": f"{marker['from_mm'] / 1000:.2f}",
                    "to_m": f"{marker['to_mm'] / 1000:.2f}",
                    "percent": f"{100 * marker['density']:.1f}",
                    "orders": ", ".join(marker["orders"]),
                },
            )
        )
        out.print(f"     {marker['reason']['text']}", markup=False, soft_wrap=True)
    opened = {marker["roll"] for marker in answer["markers"]}
    for left in answer["remnants"]:
        if left["roll"] in opened:
            code = "cut.remnant_kept" if left["usable"] else "cut.remnant_lost"
            told = {
                "roll": left["roll"],
                "left_m": f"{(left['to_mm'] - left['from_mm']) / 1000:.2f}",
                "from_m": f"{left['from_mm'] / 1000:.2f}",
            }
            say(Reason(code, told))
    say(Reason("cut.written", {"out": answer["out"]}))
