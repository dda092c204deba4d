"""The board shows every booking once, calls late what the forecast calls late, and says why."""

import random
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.services.stores import light, rough_world
from tests.services.world import ANNA, BERT, HUB, MAKER, OTHER, Toy, quoted, shared_plants, world

from manufold.model.codec import canonical, encoded
from manufold.model.errors import InputFault
from manufold.model.execution import Command
from manufold.model.party import Actor
from manufold.model.units import DAY_S, HOUR_S
from manufold.scheduling.bookings import is_claim
from manufold.services.board import Board, board
from manufold.services.context import Context
from manufold.services.documents import orders_of
from manufold.services.make import say
from manufold.services.order import accept
from manufold.services.order_book import order_book
from manufold.services.run import run
from manufold.services.schedule import forecast_at_s
from manufold.words import LANGUAGES, word


@pytest.fixture(scope="module")
def lived() -> Iterator[Context]:
    """A world of two owners with orders done, begun and to come, and machines that break down."""
    ctx = rough_world(hold_s=10 * DAY_S)
    for number in range(14):
        actor = (ANNA, BERT)[number % 2]
        found = light(ctx, 40 + 15 * number, actor)
        accept(ctx, actor, found.offer_id, ("cheap", "fast")[number % 2])
    run(ctx, until_s=ctx.clock.now_s() + 2 * DAY_S)
    light(ctx, 33)  # held, not accepted
    yield ctx
    ctx.store.close()


def spoken(ctx: Context, kind: str, **more: object) -> None:
    """Have the network operator say a command now."""
    data = more.pop("data", {})
    command = Command(
        ctx.ids.mint("evt"), kind, ctx.clock.now_s(), "hub/network_operator", data=data, **more
    )
    say(ctx, HUB, command)


def window(found: Board) -> tuple[int, int]:
    """Return the window of a board."""
    return found.from_s, found.to_s


@pytest.mark.parametrize("days", [1, 3, 7, 60])
def test_every_booking_in_the_window_is_one_bar(lived, days):
    """Nothing that a seat is booked for is missing from the board, and nothing stands twice."""
    found = board(lived, HUB, from_s=lived.clock.now_s() - 2 * DAY_S, days=days)
    start_s, end_s = window(found)
    everything = lived.store.bookings(now_s=found.now_s)
    assert any(is_claim(booking) for booking in everything)  # operators, who are no bars
    booked = [booking for booking in everything if not is_claim(booking)]
    firm = [
        booking.booking_id
        for booking in booked
        if booking.state != "held" and booking.from_s < end_s and booking.to_s > start_s
    ]
    shown = [bar.job_order_id for bar in found.bars if bar.kind != "offer"]
    assert len(shown) == len(set(shown))
    assert set(firm) <= set(shown)
    done = {bar.job_order_id for bar in found.bars if bar.state == "finished"}
    late_start = {bar.job_order_id for bar in found.bars if bar.kind == "begun"}
    assert set(shown) - set(firm) <= done | late_start
    held = {
        (b.holder, b.resource_id, b.seat, b.from_s, b.to_s)
        for b in booked
        if b.state == "held" and b.from_s < end_s and b.to_s > start_s
    }
    assert len([bar for bar in found.bars if bar.kind == "offer"]) == len(held)
    assert days < 60 or (firm and held and done)


def test_bars_say_what_the_order_says(lived):
    """A bar has the times, the counts and the state of its job order, and its operation's name."""
    jobs = {name: job for order in orders_of(lived) for name, job in order.jobs.items()}
    found = board(lived, HUB, from_s=lived.clock.now_s() - 10 * DAY_S, days=60)
    states = set()
    for bar in found.bars:
        if bar.kind == "offer":
            continue
        job = jobs[bar.job_order_id]
        assert (bar.start_s, bar.end_s, bar.good) == (job.start_s, job.end_s, job.good)
        assert (bar.actual_start_s, bar.actual_end_s) == (job.actual_start_s, job.actual_end_s)
        assert bar.start_s <= bar.setup_end_s <= bar.end_s
        assert (bar.state == "finished") == (job.state == "finished")
        assert (bar.kind == "begun") == (job.actual_start_s is not None)
        assert bar.operation in ("mill", "mill again")
        states.add(bar.state)
    assert {"planned", "finished"} <= states
    assert {bar.job_order_id for bar in found.bars if bar.kind != "offer"} == {
        name for name, job in jobs.items() if job.state != "cancelled"
    }


def test_firm_bars_of_a_seat_do_not_overlap(lived):
    """Two job orders that are still to come never want one seat at one time."""
    found = board(lived, HUB, days=60)
    seats: dict[tuple[str, int], list[tuple[int, int]]] = {}
    for bar in found.bars:
        if bar.kind != "offer" and bar.state != "finished":
            seats.setdefault((bar.work_unit_id, bar.seat), []).append((bar.start_s, bar.end_s))
    assert sum(len(spans) for spans in seats.values()) > 5
    for spans in seats.values():
        spans.sort()
        assert all(one[1] <= next_[0] for one, next_ in pairwise(spans))


def late_by_the_book(ctx: Context) -> dict[str, int]:
    """Return how late each open order is, by the verb that answers about one order."""
    now_s = ctx.clock.now_s()
    found = {}
    for order in orders_of(ctx):
        expected_s = forecast_at_s(ctx, order)
        if expected_s is not None and max(now_s, expected_s) > order.promised_at_s:
            found[order.order_id] = max(now_s, expected_s) - order.promised_at_s
    return found


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10_000))
def test_late_is_what_is_expected_after_its_promise(seed):
    """Whatever breaks down and whenever one looks, the board calls late exactly the orders whose
    forecast lies behind the promise, says by how much, and gives a cause that is worded."""
    dice = random.Random(seed)
    ctx = rough_world(hold_s=10 * DAY_S, twin_seed=seed + 1)
    for _ in range(dice.randint(3, 9)):
        offer = light(ctx, dice.randint(5, 400), dice.choice((ANNA, BERT)))
        accept(ctx, Actor(offer.party_id, "buyer"), offer.offer_id, dice.choice(("cheap", "fast")))
    run(ctx, until_s=ctx.clock.now_s() + dice.randint(1, 30) * HOUR_S)
    for unit in ("mill-1", "mill-2"):
        if dice.random() < 0.6 and ctx.store.get("unit", unit) is not None:
            down = (ctx.store.get("unit", unit) or {}).get("down_since_s")
            if down is None:
                spoken(ctx, "breakdown", resource_id=unit, data={"reason": "spindle"})
    ctx.clock.advance_to(ctx.clock.now_s() + dice.choice((0, 5, 60, 300)) * HOUR_S)
    found = board(ctx, HUB)
    assert {name: found.orders[name].expected.late_s for name in found.late} == late_by_the_book(
        ctx
    )
    assert [found.orders[n].expected.late_s for n in found.late] == sorted(
        (found.orders[n].expected.late_s for n in found.late), reverse=True
    )
    for name in (*found.late, *found.at_risk):
        order = found.orders[name]
        assert order.reasons, name
        for language in LANGUAGES:
            assert all("board." not in word(reason, language) for reason in order.reasons)
    assert not set(found.late) & set(found.at_risk)
    for order in found.orders.values():
        one = order.expected
        if one.standing == "on_time":
            assert one.p90_s is not None
            assert one.p90_s <= one.promised_s
            assert not order.reasons


def test_a_broken_machine_is_the_cause(lived):
    """When the machine that must make it is down, the board says so before anything else."""
    ctx = world(shared_plants(), toy=Toy(turned=True), hold_s=10 * DAY_S)
    offer = quoted(ctx, quantity=20, content=b"block 0.01").offer
    made = accept(ctx, ANNA, offer.offer_id, "cheap")
    assert not board(ctx, HUB).late
    spoken(ctx, "breakdown", resource_id="mill-1", data={"reason": "spindle"})
    ctx.clock.advance_to(made.promised_at_s + HOUR_S)
    found = board(ctx, HUB)
    assert found.late == (made.order_id,)
    first = found.orders[made.order_id].reasons[0]
    assert first.code == "board.why_down"
    assert first.params["at_id"] == "mill-1"
    assert {row.work_unit_id for row in found.rows if row.down_since_s is not None} == {"mill-1"}


def test_a_hold_puts_an_order_at_risk():
    """What nobody knows the end of is not on time, whatever the slots say."""
    ctx = world(hold_s=10 * DAY_S)
    offer = quoted(ctx, quantity=20, content=b"block 0.01").offer
    made = accept(ctx, ANNA, offer.offer_id, "cheap")
    job = next(iter(made.jobs))
    assert board(ctx, HUB).at_risk == ()
    spoken(
        ctx, "hold", order_id=made.order_id, job_order_id=job, data={"reason": "drawing unclear"}
    )
    found = board(ctx, HUB)
    assert (found.late, found.at_risk) == ((), (made.order_id,))
    first = found.orders[made.order_id].reasons[0]
    assert first.code == "board.why_held"
    assert "drawing unclear" in word(first)
    assert [bar.state for bar in found.bars if bar.job_order_id == job] == ["held"]


def test_at_risk_is_what_nine_of_ten_would_miss():
    """An order whose promise was pulled in, so that only the P90 misses it, is at risk."""
    ctx = world(hold_s=10 * DAY_S)
    offer = quoted(ctx, quantity=60, content=b"block 0.01").offer
    made = accept(ctx, ANNA, offer.offer_id, "cheap")
    one = board(ctx, HUB).orders[made.order_id].expected
    assert one.forecast_s is not None
    assert one.p90_s is not None
    assert one.standing == "on_time"
    assert one.forecast_s < one.p90_s <= one.promised_s
    earlier_s = (one.forecast_s + one.p90_s) // 2
    data = {"promised_at_s": earlier_s, "due_s": made.due_s, "code": "schedule.improved"}
    spoken(ctx, "revise_promise", order_id=made.order_id, data=data)
    found = board(ctx, HUB)
    assert found.at_risk == (made.order_id,)
    spread = found.orders[made.order_id].reasons[0]
    assert spread.code == "board.why_spread"
    assert spread.params["spare_s"] == earlier_s - one.forecast_s


def test_owners_do_not_see_each_other():
    """Two owners make one order: neither board names the other's bars, sites or job orders, and
    none names the buyer, the offer or a price."""
    ctx = world(shared_plants(), toy=Toy(turned=True), hold_s=10 * DAY_S)
    mine = accept(
        ctx, ANNA, quoted(ctx, quantity=20, content=b"block 0.01").offer.offer_id, "cheap"
    )
    quoted(ctx, BERT, quantity=5, content=b"block 0.02")  # held only
    whole = board(ctx, HUB, days=60)
    seen = {actor: board(ctx, actor, days=60) for actor in (MAKER, OTHER)}
    assert {bar.work_unit_id for bar in seen[MAKER].bars} == {"mill-1"}
    assert {bar.work_unit_id for bar in seen[OTHER].bars} == {"mill-2"}
    ids = {actor: {bar.job_order_id for bar in one.bars} for actor, one in seen.items()}
    firm = {bar.job_order_id for bar in whole.bars if bar.kind != "offer"}
    assert (ids[MAKER] | ids[OTHER]) & firm == firm
    assert not ids[MAKER] & ids[OTHER] & firm
    for actor, other in ((MAKER, "works"), (OTHER, "plant")):
        text = canonical(encoded(seen[actor])).decode()
        for secret in ("anna", "bert", mine.offer_id, other, f'"{mine.promised_at_s + 1}"'):
            assert secret not in text, (actor, secret)
        assert seen[actor].orders[mine.order_id].expected.where == "gate"
        assert "price" not in text
    assert whole.orders[mine.order_id].expected.where == "door"


@pytest.mark.parametrize("actor", [ANNA, Actor("maker", "buyer"), Actor("nobody", "planner")])
def test_who_does_not_work_here_sees_no_board(actor):
    """A buyer, a maker in a role it does not take and a stranger are refused."""
    with pytest.raises(InputFault) as refusal:
        board(world(), actor)
    assert refusal.value.code.startswith("access.")


@pytest.mark.parametrize(
    ("ask", "code"),
    [
        ({"days": 0}, "board.days_wrong"),
        ({"days": 61}, "board.days_wrong"),
        ({"from_s": 10**15}, "board.window_wrong"),
        ({"from_s": -(10**15)}, "board.window_wrong"),
        ({"site": "moon"}, "board.site_unknown"),
        ({"site": "works"}, "board.site_unknown"),
    ],
)
def test_nonsense_is_refused(ask, code):
    """A window nobody can draw and a site that is not the planner's are refused; another owner's
    site is answered as if it did not exist."""
    with pytest.raises(InputFault) as refusal:
        board(world(), MAKER, **ask)
    assert refusal.value.code == code
    assert (
        "works" not in word(refusal.value.reason).split("Choose")[-1]
        or code != "board.site_unknown"
    )


def test_closed_and_worked_time_fill_the_window(lived):
    """Shaded and working time together are the window, and bars to come begin in working time."""
    found = board(lived, HUB, days=14)
    for calendar_id, shut in found.closed.items():
        worked = lived.network.calendar[calendar_id].intervals(*window(found))
        edges = sorted([*shut, *worked])
        assert (edges[0][0], edges[-1][1]) == window(found)
        assert all(one[1] == next_[0] for one, next_ in pairwise(edges))


def test_the_book_reads_on_what_changed(lived):
    """Read on event by event, the order book is what reading everything anew gives."""
    ctx = rough_world(hold_s=10 * DAY_S)
    order_book(ctx)
    for number in range(4):
        accept(ctx, ANNA, light(ctx, 20 + number).offer_id, "cheap")
        run(ctx, until_s=ctx.clock.now_s() + 5 * HOUR_S)
        read = order_book(ctx)
        fresh = order_book(replace(ctx, kept={}))
        assert read == fresh
        assert read.seq == ctx.store.head().seq
        assert [*read.orders.values()] == orders_of(ctx)


def test_done_orders_count_against_their_promise():
    """The share in time is that of the orders done lately, by the promised date."""
    ctx = world(hold_s=10 * DAY_S)
    for quantity in (5, 6, 7):
        accept(ctx, ANNA, light(ctx, quantity).offer_id, "cheap")
    run(ctx)
    orders = orders_of(ctx)
    kept = [o for o in orders if o.actual_at_s is not None and o.actual_at_s <= o.promised_at_s]
    found = board(ctx, HUB)
    assert (found.done, found.done_kept, found.open_orders) == (3, len(kept), 0)
    ctx.clock.advance_to(ctx.clock.now_s() + 40 * DAY_S)
    assert board(ctx, HUB).done == 0
