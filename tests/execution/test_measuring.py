"""A piece outside its limits never passes as good unless somebody decided so."""

from decimal import Decimal

import pytest
from tests.execution.floor import Floor

from manufold.model.errors import Conflict, InputFault


@pytest.fixture
def floor() -> Floor:
    """Cutting runs."""
    floor = Floor()
    for kind in ("setup_start", "setup_end", "start"):
        floor.say(kind, "cut")
    return floor


def measure(floor: Floor, piece: int, value: str, characteristic: str = "width") -> list[str]:
    said = {"characteristic_id": characteristic, "piece": piece, "value": Decimal(value)}
    return [
        event.data.get("disposition", event.kind) for event in floor.say("measure", "cut", **said)
    ]


def test_limits_are_the_plans_and_belong_to_the_piece(floor: Floor) -> None:
    """The limits themselves are within; a hair beyond is a nonconformance of that piece."""
    assert measure(floor, 1, "19.9") == ["Measured"]
    assert measure(floor, 1, "20.1") == ["Measured"]
    assert measure(floor, 2, "20.1001") == ["Measured", "open"]
    assert floor.order.jobs["cut"].open_faults == ((2, "width"),)
    assert measure(floor, 2, "20.2") == ["Measured"], "open already"


def test_an_open_fault_stops_a_complete_finish(floor: Floor) -> None:
    """Reporting all pieces good is refused while one is out of limits; scrapping it decides."""
    measure(floor, 3, "21")
    measure(floor, 3, "7", "height")
    with pytest.raises(Conflict) as caught:
        floor.say("finish", "cut", good=10)
    assert caught.value.code == "execution.fault_open"
    assert caught.value.params["piece"] == 3
    events = floor.say("finish", "cut", good=9, scrap=1)
    decided = [event.data for event in events if event.kind == "NonconformanceRaised"]
    assert [(data["piece"], data["disposition"]) for data in decided] == [(3, "scrap")] * 2
    assert floor.order.jobs["cut"].open_faults == ()


def test_rework_and_a_new_measurement_close_a_fault(floor: Floor) -> None:
    """A value within limits closes only its own characteristic."""
    measure(floor, 3, "21")
    measure(floor, 3, "7", "height")
    assert measure(floor, 3, "20") == ["Measured", "rework"]
    assert floor.order.jobs["cut"].open_faults == ((3, "height"),)


def test_a_piece_can_be_released_as_it_is(floor: Floor) -> None:
    """Releasing names the piece; one without a fault cannot be released."""
    measure(floor, 4, "19")
    with pytest.raises(Conflict) as caught:
        floor.say("release", "cut", piece=5)
    assert caught.value.code == "execution.fault_unknown"
    (event,) = floor.say("release", "cut", piece=4)
    assert event.data["disposition"] == "use_as_is"
    floor.say("finish", "cut", good=10)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"characteristic_id": "depth"}, "execution.characteristic_unknown"),
        ({"piece": 0}, "execution.count_wrong"),
        ({"piece": 11}, "execution.piece_unknown"),
        ({"value": 20.0}, "execution.number_malformed"),
        ({"value": Decimal("NaN")}, "execution.number_malformed"),
        ({"value": Decimal("Infinity")}, "execution.number_malformed"),
        ({"value": "20"}, "execution.number_malformed"),
    ],
)
def test_nonsense_is_refused(floor: Floor, said: dict[str, object], code: str) -> None:
    """Unknown characteristics, pieces that do not exist and values that are no numbers."""
    whole = {"characteristic_id": "width", "piece": 1, "value": Decimal(20)}
    with pytest.raises(InputFault) as caught:
        floor.say("measure", "cut", **{**whole, **said})
    assert caught.value.code == code
