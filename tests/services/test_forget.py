"""Forgetting: files go for good, everywhere they lie, and only when nobody needs them any more."""

import pytest
from tests.services.world import ANNA, BERT, HUB, quoted, world

from manufold.model.errors import Conflict, InputFault
from manufold.model.units import DAY_S
from manufold.services.change import cancel
from manufold.services.context import Context
from manufold.services.forget import forget_design, forget_offer, sweep
from manufold.services.order import accept
from manufold.services.quote import show_offer


def there(ctx: Context, blob_id: str) -> bool:
    """Return whether a blob is still kept."""
    try:
        ctx.blobs.get(blob_id)
    except InputFault:
        return False
    return True


def test_an_order_forgets_every_offer_for_its_design() -> None:
    """Ten, then a hundred of the same: the file of each offer goes with the order's; another
    buyer's offer for the same file keeps its own."""
    ctx = world()
    few, many = quoted(ctx).offer, quoted(ctx, quantity=100).offer
    theirs = quoted(ctx, BERT).offer
    order = accept(ctx, ANNA, few.offer_id, "cheap")
    cancel(ctx, ANNA, order.order_id, "no")
    assert forget_design(ctx, ANNA, order.order_id)
    assert not there(ctx, few.design_blob) and not there(ctx, many.design_blob)
    assert there(ctx, theirs.design_blob)
    events = list(ctx.store.read(stream=f"order:{order.order_id}"))
    gone = [one.data["blob_id"] for one in events if one.kind == "PersonalDataDeleted"]
    assert gone == [few.design_blob, many.design_blob]
    assert not forget_design(ctx, ANNA, order.order_id)


def test_what_another_open_order_needs_stays() -> None:
    """Two orders of one design: forgetting the one that is over leaves the other its files."""
    ctx = world()
    first = accept(ctx, ANNA, quoted(ctx).offer.offer_id, "cheap")
    other = quoted(ctx, quantity=3).offer
    second = accept(ctx, ANNA, other.offer_id, "cheap")
    cancel(ctx, ANNA, first.order_id, "no")
    assert forget_design(ctx, ANNA, first.order_id)
    assert there(ctx, other.design_blob)
    with pytest.raises(Conflict, match="still_needed"):
        forget_design(ctx, ANNA, second.order_id)


def test_an_offer_can_be_ended_and_forgotten() -> None:
    """Its files go, its slots go free, nobody can accept it; a stranger cannot do that."""
    ctx = world()
    offer = quoted(ctx).offer
    held = len(ctx.store.bookings(now_s=ctx.clock.now_s()))
    with pytest.raises(Conflict, match="no_such_offer"):
        forget_offer(ctx, BERT, offer.offer_id)
    assert forget_offer(ctx, ANNA, offer.offer_id)
    assert not there(ctx, offer.design_blob)
    assert len(ctx.store.bookings(now_s=ctx.clock.now_s())) < held
    with pytest.raises(Conflict):
        accept(ctx, ANNA, offer.offer_id, "cheap")
    with pytest.raises(Conflict, match="no_such_offer"):
        show_offer(ctx, HUB, offer.offer_id)


def test_an_accepted_offer_is_forgotten_with_its_order() -> None:
    """While the order is open it is refused; afterwards the order's files go."""
    ctx = world()
    offer = quoted(ctx).offer
    order = accept(ctx, ANNA, offer.offer_id, "cheap")
    with pytest.raises(Conflict, match="still_needed"):
        forget_offer(ctx, ANNA, offer.offer_id)
    cancel(ctx, ANNA, order.order_id, "no")
    assert forget_offer(ctx, ANNA, offer.offer_id)
    assert not there(ctx, offer.design_blob)


def test_what_nobody_accepted_is_swept_after_its_time() -> None:
    """Not before the days are over; an accepted one never; each only once."""
    ctx = world()
    kept = quoted(ctx).offer
    accept(ctx, ANNA, kept.offer_id, "cheap")
    lost = quoted(ctx, BERT).offer
    assert sweep(ctx) == 0 and there(ctx, lost.design_blob)
    ctx.clock.advance_to(  # type: ignore[attr-defined]
        ctx.clock.now_s() + ctx.settings.design_kept_days * DAY_S + ctx.settings.hold_s + 1
    )
    assert sweep(ctx) == 1
    assert there(ctx, kept.design_blob) and not there(ctx, lost.design_blob)
    assert sweep(ctx) == 0
    with pytest.raises(Conflict, match="no_such_offer"):
        show_offer(ctx, BERT, lost.offer_id)
