"""Old documents are lifted step by step to today's shape; newer ones are refused."""

import pytest

from manufold.model import codec
from manufold.model.codec import lifted, unstamped, upcaster
from manufold.model.errors import InputFault, OurFault, StoreFault
from manufold.model.execution import EVENTS


@pytest.fixture
def toy(monkeypatch):
    """A type that was written three ways: a name, then two names, then a length with its unit."""
    monkeypatch.setattr(codec, "_UPCASTERS", {})

    @upcaster("toy", 1)
    def two_names(data):
        first, _, last = data["name"].partition(" ")
        return {"first": first, "last": last, "length_cm": data["length_cm"]}

    @upcaster("toy", 2)
    def unit_in_its_name(data):
        kept = {name: value for name, value in data.items() if name != "length_cm"}
        return {**kept, "length_mm": 10 * data["length_cm"]}

    return {"first": "Ada", "last": "Lovelace", "length_mm": 120}


def test_every_old_version_reads_as_today(toy):
    """Two steps, one step or none: the reader sees one shape, and the document stays as it was."""
    first = {"type": "toy", "version": 1, "name": "Ada Lovelace", "length_cm": 12}
    second = {"type": "toy", "version": 2, "first": "Ada", "last": "Lovelace", "length_cm": 12}
    third = {"type": "toy", "version": 3, **toy}
    kept = [dict(document) for document in (first, second, third)]
    assert [unstamped(d, "toy", 3) for d in (first, second, third)] == [toy] * 3
    assert [first, second, third] == kept


def test_event_data_are_lifted_by_kind(toy):
    """Events carry their version beside their data, without a stamp inside."""
    data = {"name": "Ada Lovelace", "length_cm": 12}
    assert lifted("toy", 1, data, 3) == toy
    assert lifted("toy", 3, toy, 3) == toy
    assert data == {"name": "Ada Lovelace", "length_cm": 12}


def test_two_upcasters_for_one_step_are_refused(toy):
    """Which of the two would run must not depend on the order of imports."""
    with pytest.raises(ValueError, match="toy version 1"):
        upcaster("toy", 1)(dict)


def test_a_gap_is_our_fault(toy):
    """A version raised without an upcaster says which one is missing."""
    with pytest.raises(OurFault) as refused:
        lifted("toy", 1, {"name": "Ada Lovelace", "length_cm": 12}, 4)
    assert refused.value.code == "codec.upcaster_missing"
    assert refused.value.params == {"kind": "toy", "version": 3}


@pytest.mark.parametrize(
    ("stamp", "kind", "code"),
    [
        ({"type": "toy", "version": 4}, StoreFault, "codec.version_newer"),
        ({"type": "toy", "version": 0}, InputFault, "codec.version_missing"),
        ({"type": "toy", "version": True}, InputFault, "codec.version_missing"),
        ({"type": "toy", "version": "1"}, InputFault, "codec.version_missing"),
        ({"type": "toy"}, InputFault, "codec.version_missing"),
        ({"type": "doll", "version": 1}, InputFault, "codec.type_wrong"),
        ({"version": 1}, InputFault, "codec.type_wrong"),
    ],
)
def test_stamps_that_make_no_sense(toy, stamp, kind, code):
    """A document that is newer, of another type or without a version is never guessed at."""
    with pytest.raises(kind) as refused:
        unstamped({**stamp, **toy}, "toy", 3)
    assert refused.value.code == code


def test_no_event_version_without_its_upcasters():
    """Whoever raises a version in the closed list must bring the steps up to it."""
    gaps = [
        (kind, step)
        for kind, newest in EVENTS.items()
        for step in range(1, newest)
        if (kind, step) not in codec._UPCASTERS
    ]
    assert gaps == []
