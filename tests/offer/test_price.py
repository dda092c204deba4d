"""The price: lines that multiply, add up, and never lose a cent between them."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.shop import shop_network, shop_plan, shop_slots

from manufold.model.errors import CannotMake
from manufold.model.network import Capability, Network, Operator
from manufold.model.place import EnergyHours
from manufold.model.schedule import Claim, Slot
from manufold.model.units import from_rfc3339
from manufold.offer.price import price_lines, price_minor

NOON_S = from_rfc3339("2026-03-02T12:00:00+01:00")


def test_each_line_is_what_its_basis_says() -> None:
    """Material, set-up, run, labour, energy and the shares on top agree with hand arithmetic."""
    network, plan = shop_network(), shop_plan()
    lines = price_lines(
        network,
        plan,
        quantity=10,
        started=10,
        slots=shop_slots(network, plan, 10),
        zone=network.delivery_zone["door"],
    )
    amounts = {line.kind: line.amount_minor for line in lines}
    # 10 x 0.5 kg at 4.00; set-up 600 s, run 10 x 120 s at 60.00 an hour; operator 30.00 an hour
    # for the set-up; (2 kW x 0.5 h + 10 x 50 Wh) at 0.20 a kWh
    assert amounts["material"] == 2000
    assert amounts["setup"] == 1000
    assert amounts["run"] == 2000
    assert amounts["labour"] == 500
    assert amounts["energy"] == 30
    own = 2000 + 1000 + 2000 + 500 + 30
    assert amounts["margin"] == round(own * Fraction(1, 10))
    goods = own * Fraction(11, 10)
    assert amounts["platform_fee"] == round(goods * Fraction(1, 20))
    assert amounts["transport"] == 1000 + 4 * 50
    before_tax = goods * Fraction(21, 20) + 1200
    assert amounts["tax"] == round(before_tax * Fraction(19, 100))
    assert "duty" not in amounts


def test_a_price_without_its_lines_is_their_sum() -> None:
    """Whatever the quantity and the currency, the price of a promise is that of the offer."""
    yen = shop_network(site_currency="JPY", rate=Decimal("0.00625"), scale=Decimal("1.6"))
    plan = shop_plan()
    for network in (shop_network(), yen):
        for started in (1, 3, 7, 1000):
            told: dict[str, Any] = {
                "quantity": started,
                "started": started,
                "slots": shop_slots(network, plan, started),
                "zone": network.delivery_zone["door"],
            }
            lines = price_lines(network, plan, **told)
            assert price_minor(network, plan, **told) == sum(one.amount_minor for one in lines) > 0


def test_money_of_another_currency_is_exchanged_exactly() -> None:
    """A site that counts in yen costs the same as one that counts in euro at the dated rate."""
    euro = shop_network()
    yen = shop_network(site_currency="JPY", rate=Decimal("0.00625"), scale=Decimal("1.6"))
    plan = shop_plan()
    totals = [
        sum(
            line.amount_minor
            for line in price_lines(
                network,
                plan,
                quantity=10,
                started=10,
                slots=shop_slots(network, plan, 10),
                zone=network.delivery_zone["door"],
            )
        )
        for network in (euro, yen)
    ]
    assert totals[0] == totals[1]


def test_goods_without_a_way_to_the_door_are_refused_by_name() -> None:
    """A missing lane is named with both its ends."""
    network = shop_network(lanes=False)
    plan = shop_plan()
    with pytest.raises(CannotMake) as refusal:
        price_lines(
            network,
            plan,
            quantity=1,
            started=1,
            slots=shop_slots(network, plan, 1),
            zone=network.delivery_zone["door"],
        )
    assert refusal.value.code == "offer.no_lane"
    told = {"start": "Plant", "start_id": "plant", "end": "The door", "end_id": "door"}
    assert refusal.value.params == told


@given(st.integers(1, 5000), st.integers(1, 5000))
def test_a_piece_never_costs_more_in_a_larger_lot(one: int, other: int) -> None:
    """Set-up and shipment are shared, so the unit price falls or stays with quantity."""
    network, plan = shop_network(), shop_plan()

    def total(quantity: int) -> int:
        lines = price_lines(
            network,
            plan,
            quantity=quantity,
            started=quantity,
            slots=shop_slots(network, plan, quantity),
            zone=network.delivery_zone["door"],
        )
        return sum(line.amount_minor for line in lines)

    small, large = sorted((one, other))
    rounding_minor = 10  # one half up for each line
    assert Fraction(total(large) - rounding_minor, large) <= Fraction(total(small), small)


def amounts_of(network: Network, *slots: Slot) -> dict[str, int]:
    """Return the sums by kind of ten pieces on slots."""
    lines = price_lines(
        network,
        shop_plan(),
        quantity=10,
        started=10,
        slots=slots or shop_slots(network, shop_plan(), 10),
        zone=network.delivery_zone["door"],
    )
    found: dict[str, int] = {}
    for line in lines:
        found[line.kind] = found.get(line.kind, 0) + line.amount_minor
    return found


def test_the_changeover_is_charged_as_booked() -> None:
    """Half an hour more of set-up on the slot costs half an hour of machine and operator more."""
    network = shop_network()
    (slot,) = shop_slots(network, shop_plan(), 10)
    plain = amounts_of(network, slot)
    longer = replace(slot, setup_s=slot.setup_s + 1800, end_s=slot.end_s + 1800)
    changed = amounts_of(network, longer)
    assert changed["setup"] - plain["setup"] == 3000
    assert changed["labour"] - plain["labour"] == 1500
    assert changed["energy"] - plain["energy"] == 20  # 2 kW for half an hour at 0.20
    assert changed["run"] == plain["run"]


def test_what_an_oven_takes_is_shared_by_its_places() -> None:
    """Of an oven with four places a slot bears a quarter: machine, operator and electricity, full
    or not; with four places that work for themselves it bears all."""
    network = shop_network()
    (slot,) = shop_slots(network, shop_plan(), 10)
    (unit,) = (one for one in network.work_units if one.work_unit_id == slot.resource_id)
    others = tuple(one for one in network.work_units if one is not unit)

    def with_unit(*, batches: bool) -> Network:
        made = replace(unit, seats=4, batches=batches)
        return replace(network, work_units=(*others, made))

    alone = amounts_of(network, slot)
    assert amounts_of(with_unit(batches=False), slot) == alone
    shared = amounts_of(with_unit(batches=True), slot)
    for kind in ("setup", "run", "labour"):
        assert shared[kind] == Fraction(alone[kind], 4), kind
    process = shop_plan().operations[0].energy_wh * 10 * 20 / 1000  # per piece, nobody shares it
    drawn = alone["energy"] - process
    assert abs(shared["energy"] - (process + drawn / 4)) <= 1
    assert shared["material"] == alone["material"]


def test_the_operator_who_comes_is_paid() -> None:
    """A claim names whom the labour is charged at; without one it is the cheapest who could."""
    network = shop_network()
    dear = Operator("dora", "plant", ("milling",), "always", 9000)
    network = replace(network, operators=(*network.operators, dear))
    (slot,) = shop_slots(network, shop_plan(), 10)
    assert amounts_of(network, slot)["labour"] == 500
    claimed = replace(slot, also=(Claim("dora", 0, slot.start_s, slot.start_s + 600),))
    assert amounts_of(network, claimed)["labour"] == 1500


def test_work_bought_outside_is_one_line() -> None:
    """A subcontractor asks by order and piece; no hour, no kilowatt-hour is charged beside it."""
    network = shop_network()
    (unit, *others) = network.work_units
    outside = Capability(
        "mill.3axis", lead_time_s=172_800, order_price_minor=7500, piece_price_minor=120
    )
    network = replace(network, work_units=(replace(unit, capabilities=(outside,)), *others))
    slot = Slot("mill-1", 0, 0, 0, 172_800, "job", "op10", 10)
    found = amounts_of(network, slot)
    assert found["subcontract"] == 7500 + 10 * 120
    assert not {"setup", "run", "labour", "energy"} & found.keys()
    own = 2000 + found["subcontract"]
    assert found["margin"] == round(own * Fraction(1, 10))


def test_electricity_is_paid_by_the_hours_it_is_drawn_in() -> None:
    """Half the work after noon, at half the price: 15 and 7.5, each line rounded once."""
    network = shop_network()
    slot = Slot("mill-1", 0, NOON_S - 900, 600, NOON_S + 900, "job", "op10", 10)
    usual = amounts_of(network, slot)["energy"]
    site = network.sites[0]
    cheap = EnergyHours(12, 24, site.energy_minor_per_kwh / 2, Decimal(0))
    network = replace(network, sites=(replace(site, energy_hours=(cheap,)), *network.sites[1:]))
    assert (usual, amounts_of(network, slot)["energy"]) == (30, 15 + 8)
    everywhere = EnergyHours(0, 24, site.energy_minor_per_kwh, Decimal(0))
    network = replace(network, sites=(replace(site, energy_hours=(everywhere,)),))
    assert amounts_of(network, slot)["energy"] == usual
