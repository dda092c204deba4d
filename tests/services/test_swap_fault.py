"""A change of the schedule that would break a rule is our fault, and told in words."""

import pytest
from tests.services.world import ANNA, HUB, quoted, world

from manufold.api.wire import error_answer
from manufold.model.errors import OurFault, Reason
from manufold.model.schedule import Slot
from manufold.services.documents import orders_of, units_of
from manufold.services.floor import floor_of
from manufold.services.order import accept
from manufold.services.swap import swapped


def test_the_first_broken_rules_are_worded() -> None:
    """No representation of an object reaches a reader, in either language; nothing is moved."""
    ctx = world()
    accept(ctx, ANNA, quoted(ctx).offer.offer_id, "cheap")
    now_s = ctx.clock.now_s()
    floor = floor_of(ctx, orders_of(ctx), units_of(ctx), now_s)
    before, head = ctx.store.bookings(now_s=now_s), ctx.store.head()
    first = floor.slots[0]
    short = Slot(
        first.resource_id,
        first.seat,
        first.start_s,
        0,
        first.start_s + 1,
        first.holder,
        first.operation_id,
        first.quantity,
        first.setup_family,
    )
    why = Reason("schedule.improved", {"rounds": 1})
    with pytest.raises(OurFault, match="schedule.judged_wrong") as broken:
        swapped(ctx, HUB, floor, (short, *floor.slots[1:]), why, now_s=now_s)
    assert ctx.store.head() == head and ctx.store.bookings(now_s=now_s) == before
    for language in ("en", "zh"):
        told = error_answer(broken.value, language)
        assert 1 <= len(told["faults"]) <= 3
        for text in (told["text"], *(fault["text"] for fault in told["faults"])):
            assert "Reason(" not in text and "params" not in text and "{" not in text
            assert not text.startswith("judge.")
