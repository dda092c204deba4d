"""Laws of a promise, for any load hypothesis can think of."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from manufold.model.ports import Booking
from manufold.model.schedule import Job
from manufold.scheduling.load import Load
from manufold.scheduling.promise import promise
from scheduling.made import wrong
from scheduling.shops import EARLY, MONDAY_S, booking, chain, network, unit

H = 3600
spans = st.lists(st.tuples(st.integers(0, 400), st.integers(1, 90)), max_size=12)
steps = st.lists(
    st.tuples(st.sampled_from(["cut", "bend"]), st.integers(1, 5 * H)), min_size=1, max_size=4
)
NET = network([unit("saw", "cut", calendar="early"), unit("press", "bend", seats=2)])


def bookings_of(minutes: list[tuple[int, int]], resource: str) -> list[Booking]:
    """Return bookings that follow each other by (gap, length) in minutes from Monday on."""
    at_s = MONDAY_S
    made: list[Booking] = []
    for number, (gap, length) in enumerate(minutes):
        at_s += gap * 60
        made.append(booking(resource, at_s, at_s + length * 60, group=f"g{number}"))
        at_s += length * 60
    return made


@settings(max_examples=200, deadline=None)
@given(spans, spans, steps, st.integers(0, 5 * 86400))
def test_a_promise_never_overlaps_and_breaks_no_rule(
    saw: list[tuple[int, int]],
    press: list[tuple[int, int]],
    made: list[tuple[str, int]],
    release_s: int,
) -> None:
    """Whatever is booked, the new slots touch none of it and the judge finds nothing in them."""
    booked = [*bookings_of(saw, "saw"), *bookings_of(press, "press")]
    job = Job("j", chain(*made), 1, MONDAY_S + release_s)
    found = promise(Load.of(NET, booked, MONDAY_S), NET, job)
    assert wrong(found.slots, NET, [job]) == ()
    for slot in found.slots:
        for row in booked:
            if (row.resource_id, row.seat) == (slot.resource_id, slot.seat):
                assert slot.end_s <= row.from_s or row.to_s <= slot.start_s


@settings(max_examples=200, deadline=None)
@given(spans, steps, st.integers(0, 3 * 86400), st.integers(0, 86400), st.booleans())
def test_an_earlier_release_is_never_later(
    saw: list[tuple[int, int]],
    made: list[tuple[str, int]],
    release_s: int,
    earlier_s: int,
    pausable: bool,
) -> None:
    """For a chain on one work unit a kind, having the order sooner cannot finish it later."""
    made = [(name, min(span_s, 3 * H)) for name, span_s in made]
    load = Load.of(NET, bookings_of(saw, "saw"), MONDAY_S)
    late = Job("j", chain(*made, pausable=pausable), 1, MONDAY_S + earlier_s + release_s)
    soon = replace(late, release_s=MONDAY_S + release_s)
    assert promise(load, NET, soon).finish_s <= promise(load, NET, late).finish_s


@settings(max_examples=100, deadline=None)
@given(spans, steps)
def test_taking_a_booking_away_never_makes_a_chain_later(
    saw: list[tuple[int, int]], made: list[tuple[str, int]]
) -> None:
    """Free time helps a chain or leaves it; the load given is unchanged by trying."""
    load = Load.of(NET, bookings_of(saw, "saw"), MONDAY_S)
    job = Job("j", chain(*made), 1, MONDAY_S)
    before = promise(load, NET, job)
    freed = load.without_group("g0")
    assert promise(freed, NET, job).finish_s <= before.finish_s
    again = promise(load.with_slots(before.slots, group="x").without_group("x"), NET, job)
    assert again == before


def test_the_same_question_has_the_same_answer() -> None:
    """Equal work units: the first by name is taken, every time."""
    net = network(
        [unit(name, "cut", calendar="early") for name in ("b", "c", "a")], calendars=(EARLY,)
    )
    answers = [promise(Load.of(net), net, Job("j", chain(("cut", H)), 1)) for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]
    assert answers[0].slots[0].resource_id == "a"
