"""Only what is good is shipped, only what was shipped is received, and so back to the claims."""

import pytest
from tests.execution.floor import Floor, accepted, remake

from manufold.execution import progress
from manufold.model.errors import Conflict, InputFault, ManufoldError


def made(**of_order: int) -> Floor:
    floor = Floor(events=[accepted(**of_order)])
    floor.make_all()
    return floor


def code_of(floor: Floor, kind: str, **data: object) -> str:
    before = floor.order
    with pytest.raises(ManufoldError) as caught:
        floor.say(kind, **data)
    assert floor.order is before
    return caught.value.code


def test_the_straight_way() -> None:
    """Made, shipped, delivered; the mass is the plan's, the actual date the receipt's."""
    floor = made()
    assert floor.order.state == "ready_to_ship"
    (event,) = floor.say("ship", site_id="south", quantity=10)
    assert event.data["mass_g"] == 1205
    assert floor.order.state == "shipped"
    floor.say("receive", quantity=10)
    assert floor.order.state == "delivered"
    assert floor.order.actual_at_s == floor.at_s


def test_what_is_not_good_or_not_here_is_not_shipped() -> None:
    """The site, the zone and the number are checked."""
    floor = Floor()
    assert code_of(floor, "ship", site_id="south", quantity=1) == "execution.order_state"
    floor.make("cut")
    assert code_of(floor, "ship", site_id="south", quantity=1) == "execution.ship_not_good"
    floor.make("turn")
    floor.make("wash")
    assert code_of(floor, "ship", site_id="north", quantity=1) == "execution.ship_site"
    assert code_of(floor, "ship", site_id="south", quantity=11) == "execution.ship_not_good"
    assert code_of(floor, "ship", site_id="south", quantity=0) == "execution.count_wrong"
    wrong = {"site_id": "south", "quantity": 10, "zone_id": "window"}
    assert code_of(floor, "ship", **wrong) == "execution.ship_zone"
    assert code_of(floor, "receive", quantity=1) == "execution.receive_too_many"


def test_tolerances() -> None:
    """Fewer than ordered less tolerance goes as partial only; more than ordered plus it never."""
    floor = made(quantity=8, under=1, over=1)
    assert code_of(floor, "ship", site_id="south", quantity=6) == "execution.ship_short"
    assert code_of(floor, "ship", site_id="south", quantity=10) == "execution.ship_too_many"
    floor.say("ship", site_id="south", quantity=3, partial=True)
    assert floor.order.state == "partially_shipped"
    floor.say("receive", quantity=2)
    assert floor.order.state == "partially_delivered"
    floor.say("ship", site_id="south", quantity=4)
    assert floor.order.state == "shipped", "seven of eight are enough"
    floor.say("receive", quantity=5)
    assert floor.order.state == "delivered"


def test_a_short_order_stays_in_production_until_the_rest_is_made_anew() -> None:
    """Short pieces are counted, made in another lot, and shipped with the others."""
    floor = Floor()
    floor.make("cut", scrap=3)
    assert progress(floor.order).short_by == 3
    floor.make("turn")
    floor.make("wash")
    assert floor.order.state == "in_production"
    floor.fold(remake(3, at_s=floor.at_s))
    assert progress(floor.order).short_by == 0
    assert progress(floor.order).good == 7
    floor.say("ship", site_id="south", quantity=7, partial=True)
    floor.make_all("-again")
    floor.say("ship", site_id="south", quantity=3)
    assert floor.order.state == "shipped"


def test_claim_return_and_replace() -> None:
    """A claim is within what is delivered, a return within the claim; a remake makes it good."""
    floor = made()
    floor.say("ship", site_id="south", quantity=10)
    claim = {"claim_id": "clm-1", "quantity": 4, "reason": "scratched"}
    assert code_of(floor, "claim", **claim) == "execution.claim_too_many"
    floor.say("receive", quantity=10)
    floor.say("claim", **claim)
    assert floor.order.state == "claimed"
    other = {**claim, "claim_id": "clm-2", "quantity": 7}
    assert code_of(floor, "claim", **other) == "execution.claim_too_many"
    back = {"claim_id": "clm-1", "quantity": 5}
    assert code_of(floor, "return", **back) == "execution.return_too_many"
    assert code_of(floor, "return", claim_id="clm-9", quantity=1) == "execution.claim_unknown"
    floor.say("return", claim_id="clm-1", quantity=1)
    assert floor.order.state == "claimed"
    lower = {**claim, "quantity": 0}
    assert code_of(floor, "claim", **lower) == "execution.claim_below_returned"
    floor.say("return", claim_id="clm-1", quantity=3)
    assert (floor.order.state, floor.order.returned) == ("returned", 4)
    assert progress(floor.order).short_by == 4
    floor.fold(remake(4, at_s=floor.at_s))
    assert floor.order.state == "in_production"
    floor.make_all("-again")
    assert floor.order.state == "ready_to_ship"
    floor.say("ship", site_id="south", quantity=4)
    floor.say("receive", quantity=4)
    assert floor.order.state == "delivered"


def test_a_claim_can_be_withdrawn() -> None:
    """Saying the same claim again with zero settles it, and the order is delivered again."""
    floor = made()
    floor.say("ship", site_id="south", quantity=10)
    floor.say("receive", quantity=10)
    floor.say("claim", claim_id="clm-1", quantity=2, reason="late")
    floor.say("claim", claim_id="clm-1", quantity=0, reason="settled")
    assert floor.order.state == "delivered"


def test_amend_only_shrinks_and_only_before_the_start() -> None:
    """Fewer pieces shrink what is started; more need an offer; after the start it is too late."""
    floor = Floor()
    assert code_of(floor, "amend", quantity=11) == "execution.amend_more"
    assert code_of(floor, "amend") == "execution.amend_nothing"
    assert code_of(floor, "amend", under_tolerance=10) == "execution.tolerance_too_wide"
    floor.say("amend", quantity=4, over_tolerance=1, requested_at_s=None)
    assert {job.quantity_in for job in floor.order.jobs.values()} == {4}
    assert floor.order.production_orders == {"pro-north": 4, "pro-south": 4}
    floor.say("setup_start", "cut")
    assert code_of(floor, "amend", quantity=3) == "execution.started"
    floor.say("amend", under_tolerance=1)
    assert floor.order.under_tolerance == 1


def test_cancel_before_and_after_the_start() -> None:
    """Open job orders are cancelled, finished ones stay; what is shipped cannot be cancelled."""
    floor = Floor()
    assert floor.say("cancel", reason="changed my mind")[-1].data["stage"] == "before_start"
    assert floor.order.state == "cancelled"
    assert code_of(floor, "cancel") == "execution.order_state"
    floor = Floor()
    floor.make("cut")
    floor.say("setup_start", "turn")
    events = floor.say("cancel", reason="changed my mind")
    assert [event.kind for event in events] == ["JobCancelled", "JobCancelled", "OrderCancelled"]
    assert events[-1].data["stage"] == "after_start"
    assert floor.order.jobs["cut"].state == "finished"
    assert floor.units["lathe"].busy == {}
    floor = made()
    floor.say("ship", site_id="south", quantity=10)
    assert code_of(floor, "cancel") == "execution.order_state"


def test_a_revised_promise_keeps_the_old_one_in_the_record() -> None:
    """The due instant moves as far as the date; a date in the past is refused."""
    floor = Floor()
    was_s, due_s = floor.order.promised_at_s, floor.order.due_s
    (event,) = floor.say(
        "revise_promise", promised_at_s=was_s + 100, code="scheduling.late", params={"unit": "saw"}
    )
    assert (event.data["was_s"], event.data["due_s"]) == (was_s, due_s + 100)
    assert (floor.order.promised_at_s, floor.order.due_s) == (was_s + 100, due_s + 100)
    assert code_of(floor, "revise_promise", promised_at_s=5, code="x.y") == "execution.promise_past"


def test_times_and_orders_must_fit() -> None:
    """Shipping before acceptance, and commands for another order, make no sense."""
    floor = made()
    with pytest.raises(InputFault) as caught:
        floor.say("ship", site_id="south", quantity=10, at_s=floor.order.accepted_at_s - 1)
    assert caught.value.code == "execution.time_backwards"
    floor.order = type(floor.order)(
        **{name: getattr(floor.order, name) for name in floor.order.__slots__}
        | {"order_id": "ord-2"}
    )
    with pytest.raises(InputFault) as caught:
        floor.say("ship", site_id="south", quantity=10)
    assert caught.value.code == "execution.order_missing"
    assert not isinstance(caught.value, Conflict)
