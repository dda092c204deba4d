"""The footprint: quantity times factor, with the factor's source on every line."""

from dataclasses import replace
from decimal import Decimal

from tests.services.world import two_plants
from tests.shop import shop_network, shop_plan, shop_slots

from manufold.carbon.footprint import made_lines, planned_g, planned_lines
from manufold.model.evidence import EnergyReading, LotUse
from manufold.model.network import Capability, Network
from manufold.model.place import EnergyHours
from manufold.model.schedule import Slot
from manufold.model.units import from_rfc3339

NOON_S = from_rfc3339("2026-03-02T12:00:00+01:00")


def test_planned_footprint_is_hand_arithmetic() -> None:
    """Material, energy and transport of ten pieces agree with a calculation by hand."""
    network, plan = shop_network(), shop_plan()
    lines = planned_lines(
        network,
        plan,
        quantity=10,
        started=10,
        slots=shop_slots(network, plan, 10),
        zone_id="door",
    )
    grams = {line.kind: line.carbon_g for line in lines}
    assert grams == {"material": 10 * 500 * 8, "energy": 600, "transport": 4 * 100}
    slots = shop_slots(network, plan, 10)
    whole_g = planned_g(network, plan, quantity=10, started=10, slots=slots, zone_id="door")
    assert whole_g == sum(grams.values())
    assert all(line.source.title for line in lines)


def test_a_published_example_comes_out_exactly() -> None:
    """120 g at 3.1 kg/kg and 150 W for 6 h at 0.6 kg/kWh make 0.912 kg (agentcalc)."""
    network = shop_network(factor=Decimal(3100), grid=Decimal(600))
    plan = shop_plan(mass="0.12")
    lines = made_lines(
        network,
        plan,
        ways={},
        lots=[LotUse("job", "lot", "metal", Decimal("0.12"), "kg")],
        energy=[("plant", EnergyReading("job", 900, 0))],
    )
    assert sum(line.carbon_g for line in lines) == 912


def test_more_material_used_is_more_carbon_as_made() -> None:
    """What was scrapped counts: twice the issued lots, twice the material line."""
    network, plan = shop_network(), shop_plan()
    one = [LotUse("job", "lot", "metal", Decimal(5), "kg")]
    totals = [
        made_lines(
            network,
            plan,
            ways={("plant", "door"): 10},
            lots=one * times,
            energy=[],
        )[0].carbon_g
        for times in (1, 2)
    ]
    assert totals[1] == 2 * totals[0] == 80_000


def test_each_way_carries_what_really_travelled_it() -> None:
    """Seven pieces from one plant and three from another are two lines with their own masses."""
    network, plan = two_plants(), shop_plan()
    ways = {("plant", "door"): 7, ("works", "door"): 3}
    lines = made_lines(network, plan, ways=ways, lots=[], energy=[])
    told = [(line.kind, line.basis.params["start_id"], line.carbon_g) for line in lines]
    assert told == [("transport", "plant", 280), ("transport", "works", 12)]
    assert [line.basis.params["end"] for line in lines] == ["The door", "The door"]


def energy_of(network: Network, slot: Slot) -> list[tuple[str, int]]:
    """Return codes and grams of the energy lines of ten pieces on a slot."""
    lines = planned_lines(
        network, shop_plan(), quantity=10, started=10, slots=(slot,), zone_id="door"
    )
    return [(line.basis.code, line.carbon_g) for line in lines if line.kind == "energy"]


def test_the_grid_of_the_hour_counts() -> None:
    """Half of 1.5 kWh in the usual grid of 400 g, half at noon in one of 100 g."""
    network = shop_network()
    slot = Slot("mill-1", 0, NOON_S - 900, 600, NOON_S + 900, "job", "op10", 10)
    assert energy_of(network, slot) == [("carbon.energy", 600)]
    sunny = EnergyHours(12, 15, Decimal(20), Decimal(100))
    site = replace(network.sites[0], energy_hours=(sunny,))
    network = replace(network, sites=(site,))
    assert energy_of(network, slot) == [("carbon.energy", 300), ("carbon.energy_hours", 75)]


def test_a_subcontractors_waiting_draws_no_power() -> None:
    """Two days of lead time weigh what the standard times do, not two days of a machine."""
    network = shop_network()
    outside = Capability("mill.3axis", lead_time_s=172_800, order_price_minor=1)
    unit = replace(network.work_units[0], capabilities=(outside,))
    network = replace(network, work_units=(unit,))
    slot = Slot("mill-1", 0, 0, 0, 172_800, "job", "op10", 10)
    assert energy_of(network, slot) == [("carbon.energy", 600)]
