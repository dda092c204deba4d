"""A passport in a terminal."""

from fractions import Fraction

from rich.console import Console

from manufold.model.evidence import Passport
from manufold.model.network import Network
from manufold.model.units import shown
from manufold.ui.console.when import day_and_hour
from manufold.words import word

__all__ = ["print_passport"]


def print_passport(
    passport: Passport, network: Network, language: str, console: Console | None = None
) -> None:
    """Print what is proven about a delivery."""
    out = console or Console()
    if passport.world == "sim":
        out.print("[bold yellow]SIMULATED[/bold yellow]: these goods exist in the twin only")
    made_at = ", ".join(network.site[s].name for s in passport.made_at if s in network.site)
    out.print(f"[bold]{passport.passport_id}[/bold] for {passport.order_id}")
    out.print(f"{passport.quantity} pieces, {passport.process}, {passport.material_id}, {made_at}")
    out.print(
        f"promised {day_and_hour(passport.promised_at_s, 'UTC')} UTC, "
        f"delivered {day_and_hour(passport.delivered_at_s, 'UTC')} UTC"
    )
    within = sum(m.within for m in passport.measurements)
    out.print(
        f"{within} of {len(passport.measurements)} measurements within limits, "
        f"{len(passport.nonconformances)} nonconformances, {len(passport.lots)} lot issues, "
        f"{shown(Fraction(passport.energy_wh, 1000))} kWh"
    )
    out.print(
        f"carbon {shown(Fraction(passport.carbon_g, 1000))} kg CO2e as made, "
        f"{shown(Fraction(passport.offered_carbon_g, 1000))} kg as offered"
    )
    for line in passport.carbon_lines:
        out.print(f"  · {word(line.basis, language)}", highlight=False, markup=False)
    out.print(f"chain head {passport.head.seq} {passport.head.hash[:16]}…", style="dim")
