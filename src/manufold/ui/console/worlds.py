"""Which world speaks: said aloud before what could be taken for real."""

from rich.console import Console

from manufold.model.errors import Reason
from manufold.words import word

__all__ = ["print_world"]


def print_world(world: str, language: str, console: Console | None = None) -> None:
    """Print one line that says whether this is real."""
    out = console or Console(highlight=False)
    said = word(Reason(f"cli.world_{world}", {}), language)
    out.print(said, style="yellow" if world == "sim" else "", markup=False)
