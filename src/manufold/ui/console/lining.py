"""A line's plan in a terminal: what it comes to, what enters when and why, who stands where."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console

from manufold.model.errors import Reason
from manufold.words import word

__all__ = ["print_line"]


def print_line(answer: Mapping[str, Any], language: str, console: Console | None = None) -> None:
    """Print a plan: its figures, the release list, the stations."""
    out = console or Console(highlight=False)

    def say(text: str) -> None:
        out.print(text, markup=False, soft_wrap=True)

    told = {
        "orders": answer["orders"],
        "late": answer["late"],
        "lead_h": f"{answer['lead_s'] / 3600:.1f}",
        "work_min": f"{answer['work_s'] / 60:.2f}",
        "change_min": f"{answer['change_s'] / 60:.2f}",
        "inside": answer["inside_most"],
        "plans": answer["plans"],
    }
    say(word(Reason("line.planned", told), language))
    if answer["lots"] is not None:
        say(word(Reason("line.in_lots", _lots(answer)), language))
    for row in answer["released"]:
        why = " ".join(reason["text"] for reason in row["reasons"])
        named = {name: row[name] for name in ("order", "style", "enters", "finishes")}
        say(word(Reason("line.released", named | {"why": why}), language))
    for row in answer["stations"]:
        if row["operator"] is not None:
            percent = f"{100 * row['busy_fraction']:.0f}"
            named = {"station": row["station"], "operator": row["operator"], "percent": percent}
            say(word(Reason("line.tended", named), language))
    say(word(Reason("line.lists_written", {"out": answer["out"]}), language))


def _lots(answer: Mapping[str, Any]) -> dict[str, str | int | bool]:
    lots = answer["lots"]
    more = 100 * (answer["work_s"] / lots["work_s"] - 1)
    return {
        "lead_h": f"{lots['lead_s'] / 3600:.1f}",
        "late_h": f"{lots['late_s'] / 3600:.2f}",
        "own_late_h": f"{answer['late_s'] / 3600:.2f}",
        "more_percent": f"{more:+.1f}",
    }
