"""Tables and lists that fit a terminal of 80 columns: they fold, they never cut."""

from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

__all__ = ["add_row", "plain_table", "print_bullets", "short_id"]


def plain_table(headings: Sequence[str], *, title: str = "", right: Iterable[str] = ()) -> Table:
    """Return an empty table with these headings, some of them over numbers."""
    table = Table(
        title=Text(title) if title else None,
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
    numbers = set(right)
    for heading in headings:
        side = "right" if heading in numbers else "left"
        table.add_column(heading, overflow="fold", justify=side)  # type: ignore[arg-type]
    return table


def add_row(table: Table, *cells: str, style: str = "") -> None:
    """Add a row of plain text: names come from files, and a bracket in one is no markup."""
    table.add_row(*(Text(cell) for cell in cells), style=style)


def print_bullets(out: Console, lines: Iterable[str], *, style: str = "") -> None:
    """Print sentences as a list whose wrapped lines stay indented."""
    grid = Table.grid(padding=(0, 1))
    grid.add_column()
    grid.add_column(overflow="fold", style=style)
    for line in lines:
        add_row(grid, "  ·", line)
    if grid.row_count:
        out.print(grid)


def short_id(found: str) -> str:
    """Return the ending of an id that tells it from others; commands take it for the whole."""
    return found[-8:]
