"""Why an option comes when it comes, and what an earlier date would cost, in a terminal."""

from rich.console import Console

from manufold.model.errors import Reason
from manufold.model.network import Network
from manufold.services.sooner import Sooner
from manufold.ui.console.when import moment
from manufold.words import word

__all__ = ["print_sooner"]


def print_sooner(
    found: Sooner, network: Network, language: str, console: Console | None = None
) -> None:
    """Print the date, its reasons, and each way to an earlier one."""
    out = console or Console(highlight=False)
    zone = network.delivery_zone[found.offer.zone_id].zone
    out.print(f"{found.option.name}: {moment(found.option.promised_at_s, zone)}", style="bold")
    for reason in found.option.reasons:
        out.print(f"  {word(reason, language)}", markup=False)
    heading = Reason("offer.sooner" if found.ways else "offer.sooner_none", {})
    out.print(word(heading, language), style="bold")
    for way in found.ways:
        out.print(f"  {word(way, language)}", markup=False)
