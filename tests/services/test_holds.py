"""A buyer who compares quantities of one design is not in his own way; others still wait."""

import pytest
from tests.services.world import ANNA, BERT, quoted, world

from manufold.model.errors import Conflict
from manufold.scheduling.bookings import is_claim
from manufold.services.order import accept


def test_asking_again_pushes_no_date_of_ones_own() -> None:
    """The same question ten times, and other quantities between, always gets the same date."""
    ctx = world()
    first = quoted(ctx, quantity=10).offer.option("cheap")
    for quantity in (1, 100, 10, 7):
        quoted(ctx, quantity=quantity)
    again = quoted(ctx, quantity=10).offer.option("cheap")
    assert again.promised_at_s == first.promised_at_s


def test_for_everybody_else_the_slots_are_held() -> None:
    """Another buyer's slots touch none of the held ones."""
    ctx = world()
    mine = [quoted(ctx, quantity=n).offer for n in (10, 100)]
    other = quoted(ctx, BERT, quantity=10).offer
    held = [slot for offer in mine for option in offer.options for slot in option.slots]
    for option in other.options:
        for slot in option.slots:
            for one in held:
                apart = slot.end_s <= one.start_s or one.end_s <= slot.start_s
                assert slot.resource_id != one.resource_id or apart


def test_accepting_one_ends_the_others_and_says_so() -> None:
    """The accepted quantity is firm, the others hold nothing and answer why."""
    ctx = world()
    ten, hundred = quoted(ctx, quantity=10).offer, quoted(ctx, quantity=100).offer
    order = accept(ctx, ANNA, ten.offer_id, "cheap")
    left = ctx.store.bookings(now_s=ctx.clock.now_s())
    assert {booking.booking_id for booking in left if not is_claim(booking)} == set(order.jobs)
    assert {booking.detail["claim_of"] for booking in left if is_claim(booking)} == set(order.jobs)
    with pytest.raises(Conflict, match="order.other_offer_accepted"):
        accept(ctx, ANNA, hundred.offer_id, "cheap")
    assert accept(ctx, ANNA, ten.offer_id, "cheap").order_id == order.order_id
