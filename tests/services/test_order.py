"""Order: accepting is atomic and idempotent, and what is accepted is exactly what was offered."""

import pytest
from tests.services.stores import Opener, opener
from tests.services.world import ANNA, BERT, HUB, MAKER, OTHER, quoted, world

from manufold.model.errors import Conflict, InputFault
from manufold.scheduling.bookings import booked_slots, booking_ids
from manufold.services.change import amend, cancel
from manufold.services.forget import forget_design
from manufold.services.order import accept, show_order, show_orders
from manufold.services.quote import show_offer

__all__ = ["opener"]


def test_the_order_keeps_the_offers_slots_date_and_price() -> None:
    """Job orders stand on the option's slots; the date and the price are the offered ones."""
    ctx = world()
    offer = quoted(ctx).offer
    option = offer.option("cheap")
    order = accept(ctx, ANNA, offer.offer_id, "cheap")
    assert order.promised_at_s == option.promised_at_s
    assert order.price_minor == option.price_minor
    assert [(j.resource_id, j.start_s, j.end_s) for j in order.jobs.values()] == [
        (s.resource_id, s.start_s, s.end_s) for s in option.slots
    ]


def test_the_other_options_slots_go_free_and_the_chosen_ones_stay() -> None:
    """After acceptance the store holds what each operation needs, firm, and nothing held."""
    ctx = world()
    order = accept(ctx, ANNA, quoted(ctx).offer.offer_id, "green")
    left = ctx.store.bookings(now_s=ctx.clock.now_s())
    assert {booking.state for booking in left} == {"firm"}
    assert {booking.booking_id for booking in left} == {
        name for job in order.jobs.values() for name in booking_ids(job.job_order_id, job.also)
    }
    assert [slot.also for slot in booked_slots(left)] == [job.also for job in order.jobs.values()]
    assert {claim.resource_id for job in order.jobs.values() for claim in job.also} == {"otto"}


def test_the_same_call_twice_is_one_order() -> None:
    """Same party, option and key give the same order, with and without a key of one's own."""
    ctx = world()
    for key in ("", "mine"):
        offer_id = quoted(ctx).offer.offer_id
        first = accept(ctx, ANNA, offer_id, "cheap", key)
        assert accept(ctx, ANNA, offer_id, "cheap", key).order_id == first.order_id
    assert len(show_orders(ctx, ANNA)) == 2


def test_anything_else_about_an_accepted_offer_is_a_conflict() -> None:
    """Another option, another key, or the key of another offer are refused by name."""
    ctx = world()
    one = quoted(ctx).offer.offer_id
    other = quoted(ctx, content=b"block 0.4").offer.offer_id
    accept(ctx, ANNA, one, "cheap", "k1")
    for option, key in (("fast", "k1"), ("cheap", "k2"), ("green", "k3")):
        with pytest.raises(Conflict, match="order.offer_accepted"):
            accept(ctx, ANNA, one, option, key)
    with pytest.raises(Conflict, match="order.key_reused"):
        accept(ctx, ANNA, other, "cheap", "k1")


def test_an_expired_offer_is_refused_to_the_second() -> None:
    """At the second of expiry it is over; a second before it is not."""
    ctx = world(hold_s=100)
    early, late = quoted(ctx).offer, quoted(ctx, content=b"block 0.4").offer
    ctx.clock.advance_to(early.reservation.expires_s - 1)
    accept(ctx, ANNA, early.offer_id, "cheap")
    ctx.clock.advance_to(late.reservation.expires_s)
    with pytest.raises(Conflict, match="order.offer_expired"):
        accept(ctx, ANNA, late.offer_id, "cheap")


def test_another_party_cannot_accept_and_learns_nothing() -> None:
    """Somebody else's offer is answered like one that never was, and stays acceptable."""
    ctx = world()
    offer_id = quoted(ctx).offer.offer_id
    with pytest.raises(Conflict, match="access.no_such_offer"):
        accept(ctx, BERT, offer_id, "cheap")
    with pytest.raises(InputFault, match="access.role_may_not"):
        accept(ctx, MAKER, offer_id, "cheap")
    assert accept(ctx, ANNA, offer_id, "cheap").state == "accepted"


@pytest.mark.parametrize("name", ["\0", "ord_\ud800", "ord_é", "a\nb"])
def test_what_cannot_be_an_id_is_nobodys(opener: Opener, name: str) -> None:
    """On every kind of store it is answered as what never was, not as a fault of the store."""
    ctx = world(store=opener())
    for look in (show_order, show_offer):
        with pytest.raises(Conflict, match=r"access\.no_such_o"):
            look(ctx, ANNA, name)
    with pytest.raises(Conflict, match=r"access\.no_such_offer"):
        accept(ctx, ANNA, name, "cheap")


def test_two_owners_see_their_own_part_and_no_price() -> None:
    """The maker sees its job orders without buyer or price; the other owner sees nothing."""
    ctx = world()
    order_id = accept(ctx, ANNA, quoted(ctx).offer.offer_id, "cheap").order_id
    seen = show_order(ctx, MAKER, order_id)
    assert seen.jobs
    assert (seen.party_id, seen.price_minor, seen.zone_id, seen.offer_id) == ("", 0, "", "")
    with pytest.raises(Conflict, match="access.no_such_order"):
        show_order(ctx, OTHER, order_id)
    assert not show_orders(ctx, OTHER)
    assert show_order(ctx, HUB, order_id).price_minor > 0


def test_cancelling_before_the_start_frees_every_slot() -> None:
    """No booking remains, the order is cancelled, and cancelling again is a conflict."""
    ctx = world()
    order = accept(ctx, ANNA, quoted(ctx).offer.offer_id, "cheap")
    assert cancel(ctx, ANNA, order.order_id, "changed my mind").state == "cancelled"
    assert not ctx.store.bookings(now_s=ctx.clock.now_s())
    with pytest.raises(Conflict):
        cancel(ctx, ANNA, order.order_id, "again")
    with pytest.raises(Conflict, match="access.no_such_order"):
        cancel(ctx, BERT, order.order_id, "not mine")


def test_an_order_not_begun_can_shrink_but_not_grow() -> None:
    """Eight instead of ten keeps the date; twelve is another offer."""
    ctx = world()
    order = accept(ctx, ANNA, quoted(ctx).offer.offer_id, "cheap")
    smaller = amend(ctx, ANNA, order.order_id, 8)
    assert (smaller.quantity, smaller.promised_at_s) == (8, order.promised_at_s)
    with pytest.raises((Conflict, InputFault)):
        amend(ctx, ANNA, order.order_id, 12)


def test_a_design_is_forgotten_only_when_nobody_needs_it_and_then_for_good() -> None:
    """An open order keeps its files; a cancelled one gives them up, and the log says so."""
    ctx = world()
    offer = quoted(ctx).offer
    order = accept(ctx, ANNA, offer.offer_id, "cheap")
    with pytest.raises(Conflict, match="change.still_needed"):
        forget_design(ctx, ANNA, order.order_id)
    cancel(ctx, ANNA, order.order_id, "no")
    assert forget_design(ctx, ANNA, order.order_id)
    with pytest.raises(InputFault, match="blobs.gone"):
        ctx.blobs.get(offer.design_blob)
    assert not forget_design(ctx, ANNA, order.order_id)
    kinds = [event.kind for event in ctx.store.read(stream=f"order:{order.order_id}")]
    assert kinds[-1] == "PersonalDataDeleted"
