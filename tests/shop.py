"""The smallest shop that has everything: one plant, one mill, one operator, one way to a door."""

from decimal import Decimal

from manufold.model.calendar import Shift, WorkCalendar
from manufold.model.material import BillOfMaterialsLine, Material, Source, Stock
from manufold.model.network import (
    Capability,
    DeliveryZone,
    ExchangeRate,
    Lane,
    Network,
    Operator,
    Site,
    WorkCenter,
    WorkUnit,
)
from manufold.model.party import Party
from manufold.model.process_plan import Operation, ProcessPlan, StandardTime
from manufold.model.schedule import Slot
from manufold.model.work_content import setup_family, work_content, worst_changeover_s

__all__ = ["SOURCE", "shop_network", "shop_plan", "shop_slots"]

SOURCE = Source("made for the test", 2026)
ALWAYS = Shift(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), "00:00", "24:00")


def shop_network(
    *,
    site_currency: str = "EUR",
    rate: Decimal = Decimal(1),
    scale: Decimal = Decimal(1),
    lanes: bool = True,
    factor: Decimal = Decimal(8000),
    grid: Decimal = Decimal(400),
) -> Network:
    """Return the shop; `scale` multiplies what the site charges, in minor units."""
    rates = () if site_currency == "EUR" else (ExchangeRate(site_currency, rate, "2026-11-01"),)
    way = Lane("plant", "door", 86400, 1000, 50, "EUR", Decimal(100), SOURCE)
    return Network(
        "shop",
        "EUR",
        (
            Party("maker", "Maker", ("supplier",), "DE"),
            Party("anna", "Anna", ("buyer",), "DE"),
            Party("bert", "Bert", ("buyer",), "DE"),
            Party("hub", "Hub", ("network_operator",), "DE"),
        ),
        (
            Site(
                "plant",
                "Plant",
                "maker",
                "DE",
                "Europe/Berlin",
                site_currency,
                grid,
                SOURCE,
                20 * scale,
                Decimal("0.1"),
            ),
        ),
        (WorkCenter("mills", "Mills", "plant"),),
        (
            WorkUnit(
                "mill-1",
                "Mill 1",
                "mills",
                "always",
                (Capability("mill.3axis", limits={"x_mm": Decimal(500)}),),
                int(6000 * scale),
                2000,
            ),
        ),
        (WorkCalendar("always", "Europe/Berlin", (ALWAYS,)),),
        (Operator("olga", "plant", ("milling",), "always", int(3000 * scale)),),
        (),
        (way,) if lanes else (),
        (DeliveryZone("door", "The door", "DE", "Europe/Berlin", Decimal("0.19")),),
        (Material("metal", "Metal", "kg", 400, "EUR", 3 * 86400, factor, SOURCE),),
        (Stock("plant", "metal", Decimal(50)),),
        rates,
        revision="0" * 64,
    )


def shop_plan(*, mass: str = "0.5", revision: str = "a" * 64) -> ProcessPlan:
    """Return a plan of one milling operation: set-up 600 s, run 120 s and 50 Wh a piece."""
    operation = Operation(
        "op10",
        "mill",
        "mill.3axis",
        (StandardTime("set up", Decimal(600), "10 min", SOURCE),),
        (StandardTime("cut", Decimal(120), "2 min", SOURCE),),
        needs={"x_mm": Decimal(100)},
        skill="milling",
        energy_wh=Decimal(50),
    )
    line = BillOfMaterialsLine("metal", Decimal(mass), "kg", "op10")
    return ProcessPlan("milled", revision, "mill", (operation,), (line,), Decimal(400))


def shop_slots(network: Network, plan: ProcessPlan, quantity: int) -> tuple[Slot, ...]:
    """Return the plan's slots on the only mill, from second nought."""
    unit = network.work_unit["mill-1"]
    operation = plan.operations[0]
    capability = unit.capability(operation.capability)
    assert capability is not None
    change_s = worst_changeover_s(network, unit, setup_family(plan, operation))
    content = work_content(operation, capability, quantity, change_s)
    slot = Slot("mill-1", 0, 0, content.setup_s, content.total_s, "job", "op10", quantity)
    return (slot,)
