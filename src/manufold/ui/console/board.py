"""Dispatch lists in a terminal: what each work unit does, in order."""

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table

from manufold.model.network import Network
from manufold.model.schedule import Slot, dispatch_lists
from manufold.ui.console.when import day_and_hour

__all__ = ["print_dispatch_lists"]


def print_dispatch_lists(
    slots: Sequence[Slot],
    network: Network,
    world: str,
    gains: Mapping[str, object] | None = None,
    console: Console | None = None,
) -> None:
    """Print the dispatch list of every work unit that has one."""
    out = console or Console()
    if gains is not None:
        out.print(", ".join(f"{name.replace('_', ' ')} {value}" for name, value in gains.items()))
    for one in dispatch_lists(slots):
        site = network.site_of(one.resource_id)
        name = network.work_unit[one.resource_id].name
        seat = f", seat {one.seat + 1}" if network.work_unit[one.resource_id].seats > 1 else ""
        table = Table(
            title=f"{site.name}: {name}{seat}",
            title_justify="left",
            show_edge=False,
            pad_edge=False,
        )
        for heading in ("start", "end", "operation", "pieces", "for"):
            table.add_column(heading, no_wrap=True)
        for slot in one.slots:
            table.add_row(
                day_and_hour(slot.start_s, site.zone),
                day_and_hour(slot.end_s, site.zone),
                slot.operation_id,
                str(slot.quantity),
                slot.holder,
            )
        out.print(table)
    out.print(f"{len(slots)} slots, {world} world")
