"""What every `ports.Store` keeps of slots that hold more than a seat: operators, doors of ovens."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from manufold.model.errors import Conflict
from manufold.model.ports import Batch, Store
from manufold.model.schedule import Claim, Slot
from manufold.scheduling.bookings import booked_slots, bookings_of

__all__ = ["ClaimsSuite"]

Make = Callable[..., Store]


def _taken(store: Store, batch: Batch) -> None:
    """Fail unless a batch is refused because somebody else is there, and leaves no booking."""
    before = store.bookings(now_s=0)
    with pytest.raises(Conflict, match=r"store\.slot_taken"):
        store.append(batch)
    assert store.bookings(now_s=0) == before


class ClaimsSuite:
    """A part of `StoreSuite`, on stores of the same fixture `make`."""

    def test_members_of_a_batch_share_what_the_batch_holds(self, make: Make) -> None:
        """Claims of one batch overlap in one store; each goes with its own group, alone.

        Nobody else gets the door while one member has it, and whoever was there stays there.
        """
        store = make()
        shared = Claim("oven", 2, 100, 200, "100-200 oven cure")
        first, second, other = (
            bookings_of(
                Slot("oven", seat, 100, 0, 200, group, "op1", 5, None, 0, (claim,)),
                f"job-{group}",
                group,
                "firm",
                holder=f"job-{group}",
            )
            for seat, group, claim in (
                (0, "one", shared),
                (1, "two", shared),
                (0, "three", replace(shared, shared_as="100-200 oven paint")),
            )
        )
        store.append(Batch(claims=first))
        store.append(Batch(claims=second))
        door = other[1:]
        _taken(store, Batch(claims=door))
        store.append(Batch(releases=tuple(one.booking_id for one in first)))
        kept = store.bookings(now_s=0)
        assert {one.group for one in kept} == {"two"} and len(kept) == 2
        assert [slot.also for slot in booked_slots(kept)] == [(shared,)]
        _taken(store, Batch(claims=door))
        store.append(Batch(release_groups=("two",)))
        store.append(Batch(claims=other))
        assert [one.booking_id for one in store.bookings(now_s=0)] == ["job-three", "job-three/1"]

    def test_a_lost_seat_or_a_lost_claim_refuses_both(self, make: Make) -> None:
        """An operator who is taken keeps the whole slot from being booked, and so does a seat."""
        store = make()
        eve = Claim("eve", 0, 100, 150)
        slot = Slot("mill", 0, 100, 50, 200, "one", "op1", 5, None, 0, (eve,))
        store.append(Batch(claims=bookings_of(slot, "a", "one", "firm")))
        for other in (
            replace(slot, resource_id="lathe", holder="two"),
            replace(slot, also=(replace(eve, resource_id="bob"),), holder="two"),
        ):
            _taken(store, Batch(claims=bookings_of(other, "b", "two", "firm")))
        later = replace(slot, resource_id="lathe", start_s=150, holder="two", also=())
        store.append(Batch(claims=bookings_of(later, "b", "two", "firm")))
