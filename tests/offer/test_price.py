"""The price: lines that multiply, add up, and never lose a cent between them."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.shop import shop_network, shop_plan, shop_slots

from manufold.model.errors import CannotMake
from manufold.offer.price import price_lines


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
