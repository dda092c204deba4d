"""A passport in a terminal."""

from fractions import Fraction

from rich.console import Console

from manufold.model.evidence import Passport
from manufold.model.network import Network
from manufold.model.units import shown
from manufold.ui.console.rows import print_bullets
from manufold.ui.console.when import moment
from manufold.words import word

__all__ = ["print_passport"]


def print_passport(
    passport: Passport, network: Network, language: str, console: Console | None = None
) -> None:
    """Print what is proven about a delivery."""
    out = console or Console(highlight=False)
    if passport.world == "sim":
        out.print("[bold yellow]SIMULATED[/bold yellow]: these goods exist in the twin only")
    made_at = ", ".join(network.site[s].name for s in passport.made_at if s in network.site)
    out.print(f"[bold]{passport.passport_id}[/bold] for {passport.order_id}")
    facts = (f"{passport.quantity} pieces", passport.process, passport.material_id, made_at)
    out.print(", ".join(facts), markup=False)
    held = passport.delivered_at_s <= passport.promised_at_s
    out.print(f"promised  {moment(passport.promised_at_s, 'UTC')}")
    out.print(
        f"delivered {moment(passport.delivered_at_s, 'UTC')}: "
        + ("[green]the date held[/green]" if held else "[red]late[/red]")
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
    print_bullets(out, [word(line.basis, language) for line in passport.carbon_lines])
    out.print(f"[dim]chain head {passport.head.seq}\n{passport.head.hash}[/dim]")
