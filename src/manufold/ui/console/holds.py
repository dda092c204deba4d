"""Holds in a terminal: who held what until when, and how it ended."""

from collections.abc import Sequence

from rich.console import Console

from manufold.model.errors import Reason
from manufold.services.hold_log import Hold
from manufold.ui.console.rows import add_row, plain_table
from manufold.ui.console.when import short_day
from manufold.words import word

__all__ = ["print_holds"]

_HOUR_S = 3600


def print_holds(holds: Sequence[Hold], language: str, console: Console | None = None) -> None:
    """Print a line per offer; times are UTC."""
    out = console or Console(highlight=False)
    headings = ("offer or hold", "for", "held from", "until", "machine h", "longer", "and then")
    table = plain_table(headings, right=("machine h", "longer"))
    for hold in holds:
        held_s = sum(one.to_s - one.from_s for one in hold.stretches)
        until_s = hold.expires_s if hold.ended_s is None else hold.ended_s
        then = word(Reason(hold.how, {}), language)
        add_row(
            table,
            hold.offer_id or hold.reservation_id,
            hold.party_id or "-",
            short_day(hold.made_s, "UTC"),
            short_day(until_s, "UTC"),
            f"{held_s / _HOUR_S:.1f}",
            str(len(hold.longer)) if hold.longer else "",
            f"{then}: {hold.order_id[-8:]}" if hold.order_id else then,
            style="bold" if hold.ended_s is None else "",
        )
    if holds:
        out.print(table)
    still = sum(hold.ended_s is None for hold in holds)
    out.print(f"{len(holds)} holds, {still} of them open; times are UTC")
