"""Old documents are lifted step by step to today's shape; newer ones are refused."""

import pytest
from tests.contracts.golden_making import event_data
from tests.contracts.golden_nouns import MILL_CLAIMS, offer

from manufold.execution.fold import fold_order
from manufold.model import codec
from manufold.model.codec import decoded, encoded, lifted, unstamped, upcaster
from manufold.model.errors import InputFault, OurFault, StoreFault
from manufold.model.execution import EVENTS
from manufold.model.ports import NewEvent
from manufold.model.schedule import Claim, Slot


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


def test_a_log_written_before_claims_still_reads():
    """Slots, job orders and moves without claims are read as such that hold their seat alone."""
    said = event_data()
    accepted = {**said["OrderAccepted"]}
    accepted["jobs"] = [
        {name: value for name, value in job.items() if name != "also"} for job in accepted["jobs"]
    ]
    order = fold_order(None, _event("OrderAccepted", accepted))
    assert order.jobs and all(job.also == () for job in order.jobs.values())
    moves = [
        {name: value for name, value in move.items() if name != "also"}
        for move in said["SlotsMoved"]["moves"]
    ]
    order = fold_order(order, _event("SlotsMoved", {**said["SlotsMoved"], "moves": moves}))
    assert all(job.also == () for job in order.jobs.values())
    slot = encoded(offer().options[0].slots[0])
    plain = {name: slot[name] for name in slot if name not in ("also", "changeover_s")}
    read = decoded(Slot, plain)
    assert (read.also, read.changeover_s) == ((), None)


def test_claims_come_back_from_the_log():
    """What an acceptance and a move say of claims is what the job orders hold."""
    said = event_data()
    order = fold_order(None, _event("OrderAccepted", said["OrderAccepted"]))
    mill = next(job for job in order.jobs.values() if job.operation_id == "op10")
    assert mill.also == MILL_CLAIMS
    claim = Claim("hagen-otto", 0, mill.start_s, mill.start_s + 60, "10-60 oven cure")
    move = {
        "job_order_id": mill.job_order_id,
        "resource_id": mill.resource_id,
        "seat": mill.seat,
        "site_id": mill.site_id,
        "start_s": mill.start_s,
        "setup_s": mill.setup_s,
        "end_s": mill.end_s,
        "also": encoded((claim,)),
    }
    order = fold_order(order, _event("SlotsMoved", {"moves": [move], "code": "x.y", "params": {}}))
    assert order.jobs[mill.job_order_id].also == (claim,)


def _event(kind, data):
    return NewEvent("order:x", kind, EVENTS[kind], data, 0, "manufold")
