"""Nouns refuse nonsense when built, so that no engine meets it."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.shop import shop_network, shop_plan

from manufold.model.codec import (
    canonical,
    decoded,
    encoded,
    from_json,
    stamped,
    unstamped,
    upcaster,
)
from manufold.model.design import DesignFile, design_revision
from manufold.model.errors import InputFault, StoreFault
from manufold.model.network import Network, SetupMatrix
from manufold.model.process_plan import ProcessPlan
from manufold.model.schedule import Schedule, Slot, dispatch_lists


def test_a_cyclic_or_dangling_routing_cannot_be_built() -> None:
    """An operation may only come after one that stands before it."""
    plan = shop_plan()
    one = plan.operations[0]
    for operations, code in (
        ((replace(one, after=("op20",)), replace(one, operation_id="op20", after=("op10",))),
         "plan.routing_cyclic"),
        ((replace(one, after=("op10",)),), "plan.routing_cyclic"),
        ((replace(one, after=("op99",)),), "plan.operation_unknown"),
        ((one, one), "plan.operation_twice"),
        ((), "plan.no_operation"),
    ):  # fmt: skip
        with pytest.raises(InputFault) as refusal:
            replace(plan, operations=operations)
        assert refusal.value.code == code


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"currency": "XXX"}, "units.currency_unknown"),
        ({"sites": ()}, "network.unknown_reference"),
        ({"calendars": ()}, "network.unknown_reference"),
    ],
)
def test_a_network_with_loose_ends_cannot_be_built(change: dict, code: str) -> None:
    """What refers to nothing, and money nobody knows, is refused."""
    with pytest.raises(InputFault) as refusal:
        replace(shop_network(), **change)
    assert refusal.value.code == code


def test_two_things_of_one_name_are_refused() -> None:
    """A second party of the same id is named."""
    network = shop_network()
    with pytest.raises(InputFault) as refusal:
        replace(network, parties=(*network.parties, network.parties[0]))
    assert refusal.value.code == "network.twice"
    assert refusal.value.params["name"] == "maker"


def test_a_changeover_that_is_not_listed_takes_the_default() -> None:
    """The same family takes nothing, a listed pair its time, a stranger the default."""
    matrix = SetupMatrix("m", (("a", "b", 600, 0, 0),), default_s=900)
    assert matrix.changeover_s("a", "a") == 0
    assert matrix.changeover_s("a", "b") == 600
    assert matrix.changeover_s(None, "b") == 900
    assert matrix.worst_changeover_s("b") == 900


def test_every_noun_comes_back_from_its_document() -> None:
    """Network and plan survive JSON byte for byte."""
    for kind, noun in ((Network, shop_network()), (ProcessPlan, shop_plan())):
        text = canonical(encoded(noun))
        again = decoded(kind, from_json(text))
        assert again == noun
        assert canonical(encoded(again)) == text


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda d: d.pop("process"), "codec.field_missing"),
        (lambda d: d.update(colour="red"), "codec.field_unknown"),
        (lambda d: d.update(process=5), "codec.value_wrong"),
        (lambda d: d.update(piece_mass_g="heavy"), "codec.value_wrong"),
        (lambda d: d.update(operations={}), "codec.value_wrong"),
        (lambda d: d["operations"][0].update(min_lag_s=1.5), "codec.value_wrong"),
    ],
)
def test_a_spoilt_document_is_refused_by_field(spoil: object, code: str) -> None:
    """Missing, unknown and misshapen fields are each named."""
    document = encoded(shop_plan())
    spoil(document)  # type: ignore[operator]
    with pytest.raises(InputFault) as refusal:
        decoded(ProcessPlan, document)
    assert refusal.value.code == code


def test_old_documents_are_lifted_and_newer_ones_refused() -> None:
    """Two upcasters in a row bring version 1 to 3; version 4 is not for us to read."""

    @upcaster("toy-noun", 1)
    def _first(document: dict) -> dict:
        return {"length_mm": document["length_cm"] * 10}

    @upcaster("toy-noun", 2)
    def _second(document: dict) -> dict:
        return {**document, "colour": "grey"}

    old = {"type": "toy-noun", "version": 1, "length_cm": 3}
    assert unstamped(old, "toy-noun", 3) == {"length_mm": 30, "colour": "grey"}
    with pytest.raises(StoreFault, match="codec.version_newer"):
        unstamped(stamped("toy-noun", 4, {}), "toy-noun", 3)
    with pytest.raises(InputFault, match="codec.type_wrong"):
        unstamped(old, "plan", 3)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 9), st.integers(0, 1)), max_size=20))
def test_a_schedule_gives_back_its_rows(rows: list[tuple[int, int, int]]) -> None:
    """Columns and rows are the same thing, and dispatch lists hold each slot once, in order."""
    slots = [
        Slot(f"u{seat}", seat, start, 0, start + span, "job", f"op{n}", 1)
        for n, (start, span, seat) in enumerate(rows)
    ]
    schedule = Schedule(slots)
    assert list(schedule) == slots
    assert len(schedule) == len(slots)
    lists = dispatch_lists(schedule)
    assert sorted(s.operation_id for one in lists for s in one.slots) == sorted(
        s.operation_id for s in slots
    )
    for one in lists:
        assert [s.start_s for s in one.slots] == sorted(s.start_s for s in one.slots)


def test_a_design_is_its_content_not_its_name() -> None:
    """Renaming a file keeps the revision; another byte, material or parameter changes it."""
    file = DesignFile("a.step", "model/step", 3, "0" * 64)
    revision = design_revision("part", (file,), "al-6061", {"x": 1})
    assert design_revision("part", (replace(file, name="b"),), "al-6061", {"x": 1}) == revision
    others = {
        design_revision("part", (replace(file, sha256="1" * 64),), "al-6061", {"x": 1}),
        design_revision("part", (file,), "pa12", {"x": 1}),
        design_revision("part", (file,), "al-6061", {"x": 2}),
        design_revision("part", (file,), "al-6061", {"x": "1"}),
        design_revision("garment", (file,), "al-6061", {"x": 1}),
    }
    assert revision not in others
    assert len(others) == 5


def test_money_crosses_currencies_exactly() -> None:
    """A hundred yen at 0.00625 are 62.5 cents, kept exact until the line."""
    network = shop_network(site_currency="JPY", rate=Decimal("0.00625"))
    assert network.in_own_currency(Fraction(100), "JPY") == Fraction(125, 2)


def test_one_number_has_one_text() -> None:
    """A whole number in a float's dress is written as the whole number, wherever it stands; a text
    that looks like one stays as it is."""
    dressed = {"a": 1.0, "b": [2.0, {"c": -3.0}], "d": 1e16, "e": "5.00 EUR, 1.0, e+1"}
    assert canonical(dressed) == (
        b'{"a":1,"b":[2,{"c":-3}],"d":10000000000000000,"e":"5.00 EUR, 1.0, e+1"}'
    )
    assert canonical(4.0) == b"4"
    assert canonical({"rate": "30.00 EUR", "share": 0.05}) == b'{"rate":"30.00 EUR","share":0.05}'
