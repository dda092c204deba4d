"""Job orders go through their states only as the floor allows, and every piece is accounted for."""

from decimal import Decimal
from typing import Any

import pytest
from tests.execution.floor import NOW_S, Floor, made_plan

from manufold.model.errors import Conflict, InputFault, ManufoldError


def refused(kind: type[ManufoldError], code: str, floor: Floor, *said: Any, **data: Any) -> None:
    before, count = floor.order, len(floor.events)
    with pytest.raises(kind) as caught:
        floor.say(*said, **data)
    assert type(caught.value) is kind
    assert caught.value.code == code
    assert floor.order is before
    assert len(floor.events) == count


def test_a_job_order_is_set_up_run_and_finished() -> None:
    """Times, counts and stretches of set-up and run are those that were said."""
    floor = Floor()
    floor.say("setup_start", "cut")
    floor.say("pause", "cut", reason="lunch")
    assert floor.order.jobs["cut"].state == "setup_paused"
    floor.say("resume", "cut")
    assert floor.order.jobs["cut"].state == "setting_up"
    floor.say("setup_end", "cut")
    floor.say("start", "cut")
    floor.say("finish", "cut", good=3, complete=False)
    assert floor.order.jobs["cut"].state == "running"
    floor.say("finish", "cut", good=6, scrap=1)
    job = floor.order.jobs["cut"]
    assert (job.state, job.good, job.scrap) == ("finished", 9, 1)
    assert job.setup_spells == ((NOW_S + 60, NOW_S + 120), (NOW_S + 180, NOW_S + 240))
    assert job.run_spells == ((NOW_S + 300, NOW_S + 420),)
    assert (job.actual_start_s, job.actual_end_s) == (NOW_S + 60, NOW_S + 420)
    assert floor.order.state == "in_production"
    assert floor.units["saw"].busy == {}


def test_run_waits_for_predecessors_and_their_pieces_but_set_up_does_not() -> None:
    """Set-up may begin early; the run needs the predecessor finished and its pieces on the site."""
    floor = Floor()
    floor.say("setup_start", "turn")
    floor.say("setup_end", "turn")
    refused(Conflict, "execution.predecessor_open", floor, "start", "turn")
    floor.say("setup_start", "cut")
    floor.say("setup_end", "cut")
    floor.say("start", "cut")
    floor.say("finish", "cut", good=8, scrap=2)
    refused(Conflict, "execution.pieces_elsewhere", floor, "start", "turn")
    floor.say("move", "cut", to_id="south", quantity=5)
    refused(Conflict, "execution.pieces_elsewhere", floor, "start", "turn")
    refused(InputFault, "execution.move_too_many", floor, "move", "cut", to_id="south", quantity=4)
    refused(InputFault, "execution.move_nowhere", floor, "move", "cut", to_id="north", quantity=3)
    floor.say("move", "cut", to_id="south", quantity=3)
    floor.say("start", "turn")
    assert floor.order.jobs["turn"].quantity_in == 8


def test_a_run_needs_its_set_up_first() -> None:
    """A job order that needs a set-up cannot start from planned."""
    refused(Conflict, "execution.setup_first", Floor(), "start", "cut")


def test_a_busy_seat_names_the_job_order_on_it() -> None:
    """Two job orders never share a seat, a paused one keeps it, a cancelled one gives it back."""
    floor = Floor()
    for unit in ("saw", "lathe"):
        floor.say("breakdown", on=unit)
        floor.say("repaired", on=unit)
    floor.say("setup_start", "cut")
    floor.say("pause", "cut")
    moved = {
        "job_order_id": "wash",
        "resource_id": "saw",
        "seat": 0,
        "site_id": "north",
        "start_s": NOW_S,
        "setup_s": 1,
        "end_s": NOW_S + 9,
    }
    event = floor.events[-1]
    floor.fold(
        type(event)(event.stream, "SlotsMoved", 1, {"moves": [moved]}, floor.at_s, "manufold")
    )
    with pytest.raises(Conflict) as caught:
        floor.say("setup_start", "wash")
    assert caught.value.code == "execution.seat_busy"
    assert caught.value.params["other"] == "cut"
    floor.say("cancel", "cut")
    assert floor.units["saw"].busy == {}
    assert {job.state for job in floor.order.jobs.values()} == {"cancelled"}


def test_a_unit_that_is_down_starts_nothing() -> None:
    """While a work unit is down nothing begins or resumes on it."""
    floor = Floor()
    floor.say("setup_start", "cut")
    floor.say("breakdown", on="saw", reason="belt")
    floor.say("pause", "cut", reason="belt")
    refused(Conflict, "execution.unit_down", floor, "resume", "cut")
    refused(Conflict, "execution.already_down", floor, "breakdown", on="saw")
    floor.say("repaired", on="saw")
    refused(Conflict, "execution.not_down", floor, "repaired", on="saw")
    floor.say("resume", "cut")


def test_what_is_held_does_not_go_on() -> None:
    """Holding pauses what runs; nothing resumes before it is released."""
    floor = Floor()
    floor.say("setup_start", "cut")
    kinds = [event.kind for event in floor.say("hold", reason="drawing unclear")]
    assert kinds == ["Paused", "Held", "Held", "Held"]
    refused(Conflict, "execution.held", floor, "resume", "cut")
    refused(Conflict, "execution.nothing_to_hold", floor, "hold", reason="again")
    floor.say("release", "cut")
    floor.say("resume", "cut")
    refused(Conflict, "execution.held", floor, "setup_start", "turn")
    assert [event.data["job_order_id"] for event in floor.say("release")] == ["turn", "wash"]
    refused(Conflict, "execution.nothing_held", floor, "release")


def test_the_wrong_unit_the_wrong_job_and_the_wrong_time_are_refused() -> None:
    """A command must name its job order and work unit and must not lie before what is known."""
    floor = Floor()
    refused(Conflict, "execution.wrong_unit", floor, "setup_start", "cut", on="lathe")
    refused(InputFault, "execution.unit_missing", floor, "setup_start", "cut", on="")
    refused(InputFault, "execution.job_unknown", floor, "setup_start", "weld")
    refused(InputFault, "execution.time_backwards", floor, "setup_start", "cut", at_s=NOW_S - 1)
    floor.say("setup_start", "cut")
    refused(InputFault, "execution.time_backwards", floor, "setup_end", "cut", at_s=NOW_S + 1)
    refused(Conflict, "execution.job_state", floor, "setup_start", "cut")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ({"good": 9, "scrap": 2}, "execution.too_many_pieces"),
        ({"good": 9}, "execution.balance"),
        ({"good": 9, "rework": 1}, "execution.balance"),
        ({"good": 9, "rework": 2, "complete": False}, "execution.too_many_pieces"),
        ({"good": -1, "scrap": 11}, "execution.count_wrong"),
        ({"good": True, "scrap": 9}, "execution.count_wrong"),
        ({"good": Decimal("9.5"), "scrap": 1}, "execution.count_wrong"),
        ({"good": "10"}, "execution.count_wrong"),
        ({"complete": False}, "execution.report_empty"),
        ({"good": 10, "complete": "yes"}, "execution.flag_wrong"),
    ],
)
def test_reports_that_do_not_balance_are_refused(data: dict[str, Any], code: str) -> None:
    """Pieces in are pieces out: good and scrap make up the quantity, rework is still in."""
    floor = Floor()
    for kind in ("setup_start", "setup_end", "start"):
        floor.say(kind, "cut")
    refused(InputFault, code, floor, "finish", "cut", **data)
    floor.say("finish", "cut", rework=4, complete=False)
    floor.say("finish", "cut", good=10)
    assert floor.order.jobs["cut"].rework == 4


def test_no_good_piece_cancels_what_follows() -> None:
    """When nothing comes out good, what follows is cancelled and the order is short."""
    floor = Floor()
    floor.say("setup_start", "turn")
    floor.make("cut", scrap=10)
    assert floor.order.jobs["turn"].state == floor.order.jobs["wash"].state == "cancelled"
    assert floor.units["lathe"].busy == {}
    assert floor.order.state == "in_production"


def test_lags_are_kept() -> None:
    """A run before the least lag is refused; one after the most lag is a nonconformance."""
    floor = Floor(made_plan(min_lag_s=600, max_lag_s=1000))
    floor.make("cut")
    floor.say("setup_start", "turn")
    floor.say("setup_end", "turn")
    refused(Conflict, "execution.too_soon", floor, "start", "turn")
    floor.at_s += 2000
    kinds = [event.kind for event in floor.say("start", "turn")]
    assert kinds == ["RunStarted", "NonconformanceRaised"]
    assert floor.order.jobs["turn"].open_faults == ()


def test_material_and_energy_are_noted_where_the_plan_wants_them() -> None:
    """A lot is issued where the bill of materials asks for it; energy adds up."""
    floor = Floor()
    steel = {"lot_id": "lot-1", "material_id": "steel", "quantity": Decimal(5), "unit": "kg"}
    floor.say("issue_material", "cut", **steel)
    refused(InputFault, "execution.material_unasked", floor, "issue_material", "turn", **steel)
    wrong = {**steel, "quantity": Decimal(0)}
    refused(InputFault, "execution.count_wrong", floor, "issue_material", "cut", **wrong)
    refused(Conflict, "execution.job_state", floor, "energy", "cut", energy_wh=5)
    floor.make("cut")
    floor.say("energy", "cut", energy_wh=700)
    floor.say("energy", "cut", energy_wh=30)
    assert floor.order.jobs["cut"].energy_wh == 730
    refused(Conflict, "execution.job_state", floor, "issue_material", "cut", **steel)
