"""A load is read from bookings, tried on and thrown away without a trace."""

from manufold.model.schedule import Claim, Job, Slot
from manufold.scheduling.bookings import batch_holder, booked_slots, bookings_of, is_claim
from manufold.scheduling.load import HORIZON_LIMIT_S, HORIZON_S, Load
from manufold.scheduling.promise import promise
from scheduling.shops import MONDAY_S, booking, chain, network, unit

NET = network([unit("saw", "cut"), unit("press", "bend", seats=2)])


def rows(load: Load, resource: str, seat: int = 0) -> list[tuple[int, int]]:
    """Return (start, end) of what is booked on a seat."""
    start_s, end_s = load.booked(resource, seat)
    return list(zip(start_s.tolist(), end_s.tolist(), strict=True))


def test_a_booking_becomes_the_slot_it_was() -> None:
    """Slot to bookings and back keeps every field and claim; the holder then is the group."""
    claims = (
        *(Claim(f"tool-{number}", 0, 10, 60) for number in range(11)),
        Claim("eve", 0, 10, 15),
    )
    slot = Slot("saw", 0, 10, 5, 60, "order", "op1", 7, "red", 2, claims)
    made = bookings_of(slot, "b1", "order", "firm", holder="job")
    assert len({one.booking_id for one in made}) == len(made) == 13
    assert {(b.holder, b.group, b.state, b.expires_s) for b in made} == {
        ("job", "order", "firm", None)
    }
    assert [is_claim(one) for one in made] == [False, *[True] * 12]
    by_resource = sorted(made, key=lambda one: (one.resource_id, one.from_s))
    assert booked_slots(by_resource) == (slot,)
    assert booked_slots(made[1:]) == ()


def test_members_of_a_batch_share_a_holder_and_are_released_apart() -> None:
    """What a batch shares is held by the batch in every member's booking; its group stays."""
    door = Claim("oven", 2, 10, 60, "10-60 oven cure")
    slots = [Slot("oven", n, 10, 0, 60, f"o{n}", "op1", 7, None, 0, (door,)) for n in (0, 1)]
    (first, shut), (second, other_shut) = (
        bookings_of(slot, f"b{slot.seat}", slot.holder, "firm", holder=f"job{slot.seat}")
        for slot in slots
    )
    assert (first.holder, second.holder) == ("job0", "job1")
    assert shut.holder == other_shut.holder == batch_holder(door.shared_as) != ""
    assert (shut.group, other_shut.group) == ("o0", "o1")
    assert booked_slots((shut, other_shut, first, second)) == tuple(slots)


def test_what_is_over_is_left_out() -> None:
    """Bookings that end by the load's beginning do not count; one that straddles it does."""
    load = Load.of(NET, [booking("saw", 0, 100), booking("saw", 100, 200)], from_s=100)
    assert rows(load, "saw") == [(100, 200)]
    assert rows(Load.of(NET, [booking("saw", 0, 101)], from_s=100), "saw") == [(0, 101)]


def test_trying_leaves_no_trace() -> None:
    """with_slots and without_group give new loads; the old one and other seats are shared."""
    load = Load.of(NET, [booking("saw", 50, 60, group="old")], seq=7)
    slots = [Slot("saw", 0, 0, 0, 9, "new", "op1", 1), Slot("saw", 0, 20, 0, 30, "new", "op2", 1)]
    tried = load.with_slots(slots, seq=8)
    assert rows(tried, "saw") == [(0, 9), (20, 30), (50, 60)]
    assert rows(load, "saw") == [(50, 60)]
    assert (load.seq, tried.seq) == (7, 8)
    assert rows(tried.without_group("new"), "saw") == [(50, 60)]
    assert rows(tried.without_group("old"), "saw") == [(0, 9), (20, 30)]
    assert rows(tried.without_group("nobody"), "saw") == rows(tried, "saw")
    one = load.with_slots(slots[:1], group="other")
    assert rows(one.without_group("other"), "saw") == [(50, 60)]


def test_options_of_one_offer_may_overlap() -> None:
    """Overlapping and nested bookings of a seat leave exactly the gaps that nobody holds."""
    load = Load.of(
        NET,
        [booking("saw", 0, 100), booking("saw", 10, 20), booking("saw", 90, 120)],
    )
    assert rows(load, "saw") == [(0, 100), (10, 20), (90, 120)]
    found = promise(load, NET, Job("new", chain(("cut", 5)), 1))
    assert (found.slots[0].start_s, found.finish_s) == (120, 125)


def test_the_horizon_doubles_to_its_limit() -> None:
    """Each extension compiles twice as far, at last to the limit, then there is none."""
    load: Load | None = Load.of(NET, from_s=MONDAY_S)
    spans = []
    while load is not None:
        spans.append(load.horizon_s)
        assert load.worktime_of("saw").total_s == load.horizon_s
        load = load.extended()
    assert spans == [HORIZON_S, 2 * HORIZON_S, HORIZON_LIMIT_S]
