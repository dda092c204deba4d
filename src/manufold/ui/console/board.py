"""The schedule in a terminal: what each work unit does, in order."""

from collections.abc import Sequence

from rich.console import Console

from manufold.model.network import Network
from manufold.model.schedule import Slot, dispatch_lists
from manufold.services.rounds import Round
from manufold.ui.console.rows import add_row, plain_table, short_id
from manufold.ui.console.when import day_and_hour, short_day

__all__ = ["print_round", "print_schedule"]

#: slots that are still a list; of more, only what comes next on each work unit is shown
LISTED_MOST = 20


def print_round(done: Round, console: Console | None = None) -> None:
    """Print what a planner's round did."""
    out = console or Console(highlight=False)
    out.print(f"round: {len(done.moved)} orders moved, {len(done.made_again)} planned once more")


def print_schedule(
    slots: Sequence[Slot],
    network: Network,
    *,
    whole: bool = False,
    console: Console | None = None,
) -> None:
    """Print the dispatch list of every work unit, or of each only what comes next."""
    out = console or Console(highlight=False)
    if whole or len(slots) <= LISTED_MOST:
        _print_lists(out, slots, network)
        out.print(f"{len(slots)} slots")
        return
    headings = ("work unit", "next start", "end", "operation", "order", "slots")
    table = plain_table(headings, right=("slots",))
    lists = sorted(dispatch_lists(slots), key=lambda d: network.site_of(d.resource_id).site_id)
    last = ""
    for one in lists:
        site = network.site_of(one.resource_id)
        if site.site_id != last:
            add_row(table, site.site_id, site.zone, style="bold")
            last = site.site_id
        first = one.slots[0]
        add_row(
            table,
            _seat(one.resource_id, one.seat, network),
            day_and_hour(first.start_s, site.zone),
            short_day(first.end_s, site.zone),
            first.operation_id,
            _holder(first),
            str(len(one.slots)),
            style="dim" if first.for_offer else "",
        )
    out.print(table)
    out.print(f"{len(slots)} slots on {len(lists)} dispatch lists")
    out.print("--work-unit ID shows one list, --all shows all")


def _print_lists(out: Console, slots: Sequence[Slot], network: Network) -> None:
    for one in dispatch_lists(slots):
        site = network.site_of(one.resource_id)
        unit = network.work_unit[one.resource_id]
        title = f"{_seat(one.resource_id, one.seat, network)}: {unit.name}, {site.name}"
        headings = ("start", "end", "operation", "pieces", "order")
        table = plain_table(headings, right=("pieces",))
        for slot in one.slots:
            add_row(
                table,
                day_and_hour(slot.start_s, site.zone),
                day_and_hour(slot.end_s, site.zone),
                slot.operation_id,
                str(slot.quantity),
                _holder(slot),
                style="dim" if slot.for_offer else "",
            )
        out.print(f"{title}; times in {site.zone}", style="bold", markup=False)
        out.print(table)
        out.print()


def _holder(slot: Slot) -> str:
    """Return whose a slot is: an order, or nobody's yet."""
    return "held for an offer" if slot.for_offer else short_id(slot.holder)


def _seat(resource_id: str, seat: int, network: Network) -> str:
    seats = network.work_unit[resource_id].seats
    return f"{resource_id}, seat {seat + 1}" if seats > 1 else resource_id
