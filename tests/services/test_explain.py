"""Explain: why this date, why this site, why late; and what a day earlier costs, worked out."""

from dataclasses import replace
from decimal import Decimal

import pytest
from tests.services.world import ANNA, BERT, HUB, MAKER, Toy, ask, quoted, two_plants, world

from manufold.model.calendar import Shift
from manufold.model.codec import canonical, encoded
from manufold.model.design import Design
from manufold.model.errors import Conflict, Reason
from manufold.model.execution import Command
from manufold.model.network import Network, Tool
from manufold.model.party import Actor
from manufold.model.process_plan import ProcessPlan
from manufold.model.units import DAY_S, HOUR_S
from manufold.scheduling.earlier import GAIN_LEAST_S
from manufold.services import change, order, quote
from manufold.services.context import Context
from manufold.services.explain import explain_offer
from manufold.services.explain_order import explain_order
from manufold.services.explained import Explained
from manufold.services.holding import release_offer
from manufold.services.make import say
from manufold.services.order_book import order_book
from manufold.services.standing import expected, outlook_of
from manufold.services.why_late import for_buyers, why
from manufold.words import word

WEEK = Shift(("mon", "tue", "wed", "thu", "fri"), "08:00", "16:00")


def one_shift(network: Network | None = None) -> Network:
    """Return the two plants with all the metal they need, working one shift on weekdays."""
    found = two_plants() if network is None else network
    calendars = tuple(replace(one, shifts=(WEEK,)) for one in found.calendars)
    stock = tuple(replace(one, quantity=Decimal(10_000)) for one in found.stock)
    return replace(found, calendars=calendars, stock=stock)


def first_plant() -> Network:
    """Return the first plant alone, working one shift on weekdays."""
    both = one_shift()
    return replace(
        both,
        work_units=both.work_units[:1],
        operators=both.operators[:1],
        sites=both.sites[:1],
        work_centers=both.work_centers[:1],
        lanes=both.lanes[:1],
    )


def numbers_of(found: Explained) -> list[tuple[int, int]]:
    """Return gain and money of every way to be sooner."""
    return [(int(way.params["gain_s"]), int(way.params["money_minor"])) for way in found.sooner]


def test_the_other_site_is_told_with_what_made_it_lose() -> None:
    """The dearer, greener plant stands beside the cheap option with its own three numbers."""
    ctx = world()
    offer = quoted(ctx).offer
    cheap, green = offer.option("cheap"), offer.option("green")
    assert cheap.sites != green.sites
    found = explain_offer(ctx, ANNA, offer.offer_id, "cheap")
    (other,) = [one for one in found.others if one.sites == green.sites]
    assert (other.price_minor, other.carbon_g) == (green.price_minor, green.carbon_g)
    assert other.promised_at_s == green.promised_at_s
    assert other.lost.code == "explain.lost_price"
    assert other.lost.params["money_minor"] == green.price_minor - cheap.price_minor > 0
    back = explain_offer(ctx, ANNA, offer.offer_id, "green")
    (other,) = [one for one in back.others if one.sites == cheap.sites]
    assert other.lost.code == "explain.lost_carbon"
    assert other.lost.params["carbon_g"] == cheap.carbon_g - green.carbon_g > 0


def test_a_site_that_lacks_a_machine_says_which() -> None:
    """Where one plant cannot turn, it is told that it cannot make it alone, and why."""
    both = two_plants()
    mill, mill2 = both.work_units
    turning = replace(mill.capabilities[0], name="turn.2axis")
    able = replace(mill, capabilities=(*mill.capabilities, turning))
    ctx = world(replace(both, work_units=(able, mill2)), toy=Toy(turned=True))
    offer = quoted(ctx).offer
    found = explain_offer(ctx, ANNA, offer.offer_id, "cheap")
    lost = [one.lost for one in found.others if one.sites == ("works",)]
    assert [(one.code, one.params["capability"]) for one in lost] == [
        ("explain.site_lacks", "turn.2axis")
    ]


def test_a_day_earlier_is_computed_and_has_its_price() -> None:
    """A week of work on one shift: the answer is a shift that was really promised anew, and paid
    whole at the rates of the mill and of its operator."""
    ctx = world(first_plant())
    offer = quoted(ctx, quantity=600).offer
    option = offer.option("cheap")
    found = explain_offer(ctx, ANNA, offer.offer_id, "cheap")
    assert numbers_of(found)[0][0] >= DAY_S, "so long a job gains days"
    shifts = [way for way in found.sooner if way.code.startswith("offer.sooner_shift")]
    assert shifts
    rate = ctx.network.work_units[0].rate_minor_per_h + ctx.network.operators[0].rate_minor_per_h
    for way in shifts:
        people = int(way.params["people"])
        paid = rate if people else ctx.network.work_units[0].rate_minor_per_h
        whole_minor = Decimal(paid) * int(way.params["open_s"]) / HOUR_S
        assert int(way.params["money_minor"]) == pytest.approx(float(whole_minor), abs=1)
        assert int(way.params["open_s"]) == int(way.params["count"]) * 8 * HOUR_S
    enough = [one for one in numbers_of(found) if one[0] >= DAY_S]
    assert found.day_earlier is not None
    assert int(found.day_earlier.params["money_minor"]) == min(money for _, money in enough)
    binding, saved = found.date[:2]
    assert binding.code.startswith("schedule.binding_")
    assert saved.code == "schedule.extra_shift_saves"
    assert saved.params["gain_s"] == max(int(way.params["gain_s"]) for way in shifts)
    # what was said can be had: with that shift in the network, the same ask comes as much sooner
    best = max(shifts, key=lambda way: int(way.params["gain_s"]))
    if best.params["day"] != "late":
        days: tuple[str, ...] = (str(best.params["day"]),)
        more = replace(WEEK, days=days)
    else:
        more = replace(WEEK, start="16:00", end="24:00")
    longer = tuple(replace(c, shifts=(*c.shifts, more)) for c in ctx.network.calendars)
    again = world(replace(ctx.network, calendars=longer))
    sooner = quoted(again, quantity=600).offer.option("cheap")
    assert sooner.promised_at_s == option.promised_at_s - int(best.params["gain_s"])


def test_where_nothing_helps_it_says_so_and_why() -> None:
    """An always open plant with nothing booked: the work itself is all there is."""
    both = two_plants()
    alone = first_plant()
    ctx = world(replace(alone, calendars=both.calendars))
    offer = quoted(ctx).offer
    found = explain_offer(ctx, ANNA, offer.offer_id, "fast")
    assert found.sooner == ()
    assert found.day_earlier is not None
    assert found.day_earlier.code == "offer.sooner_nothing"
    longest = [one for one in found.date if one.code == "schedule.binding_carriage"]
    assert [one.params["span_s"] for one in longest] == [round(1.22 * DAY_S)]
    assert found.day_earlier.params["cause"] == "carriage", "an hour's work, a day's way"
    assert "because most of the time" in word(found.day_earlier)


def test_the_wait_for_a_busy_mill_ends_at_a_local_time() -> None:
    """Behind somebody's order the date hangs on the mill, busy until that ends there."""
    ctx = world(replace(first_plant(), calendars=two_plants().calendars))
    ahead = quote.offer(ctx, BERT, ask(600, b"block 0.7")).offer
    made = order.accept(ctx, BERT, ahead.offer_id, "fast")
    offer = quoted(ctx).offer
    found = explain_offer(ctx, ANNA, offer.offer_id, "fast")
    assert found.date[0].code == "schedule.binding_busy"
    assert found.date[0].params["at_id"] == "mill-1"
    (job,) = made.jobs.values()
    (slot,) = offer.option("fast").slots
    assert slot.start_s == job.end_s
    text = word(found.date[0])
    assert str(found.date[0].params["until"])[:16].replace("T", " ") in text
    assert "bert" not in canonical(encoded(found)).decode() and made.order_id not in text


def test_an_order_tells_its_buyer_all_and_its_maker_its_own() -> None:
    """The buyer and the operator of the network see ways and prices; the maker only waits."""
    ctx = world(one_shift())
    offer = quoted(ctx, quantity=600).offer
    made = order.accept(ctx, ANNA, offer.offer_id, "cheap")
    for actor in (ANNA, HUB):
        found = explain_order(ctx, actor, made.order_id)
        assert found.promise == offer.option("cheap").reasons
        assert found.sooner and found.day_earlier is not None
        assert {one.sites for one in found.others} == {offer.option("green").sites}
        assert found.late == () and found.standing == "on_time"
    own = explain_order(ctx, MAKER, made.order_id)
    assert (own.sooner, own.others, own.day_earlier, own.promise) == ((), (), None, ())
    assert own.date, "it waits for the morning"
    whole = explain_order(ctx, HUB, made.order_id)
    ends = [str(one.params["until"]) for one in whole.date[1:] if "until" in one.params]
    assert ends == sorted(ends), "in the order of time"
    with pytest.raises(Conflict, match=r"access\.no_such_order"):
        explain_order(ctx, BERT, made.order_id)


def late_behind(ctx: Context, hours: int, **parameters: int) -> tuple[str, str]:
    """Accept two orders, let the first run on for hours after its end, return their ids."""
    first = order.accept(
        ctx, BERT, quote.offer(ctx, BERT, ask(200, b"block 0.7")).offer.offer_id, "fast"
    )
    wanted = quoted(ctx, parameters=parameters).offer
    second = order.accept(ctx, ANNA, wanted.offer_id, "fast")
    (job,) = first.jobs.values()
    clock = ctx.clock
    clock.advance_to(job.start_s)  # type: ignore[attr-defined]
    for kind in ("setup_start", "setup_end", "start"):
        said = Command(
            f"evt_{kind}",
            kind,  # type: ignore[arg-type]
            job.start_s,
            "maker/operator",
            first.order_id,
            job.job_order_id,
            job.resource_id,
        )
        say(ctx, Actor("maker", "operator"), said)
    clock.advance_to(job.end_s + hours * HOUR_S)  # type: ignore[attr-defined]
    return first.order_id, second.order_id


def test_a_buyer_learns_why_it_is_late_and_not_whose_work_comes_first() -> None:
    """The mill runs on with another's work: the buyer hears of other work, the maker which."""
    ctx = world(replace(first_plant(), calendars=two_plants().calendars))
    first, second = late_behind(ctx, 90)
    found = explain_order(ctx, ANNA, second)
    assert found.standing == "late" and found.late
    text = canonical(encoded(found)).decode()
    assert first not in text and "bert" not in text
    assert all(isinstance(one, Reason) and not word(one).startswith(one.code) for one in found.late)
    own = explain_order(ctx, MAKER, second)
    assert own.late


def one_operator(tool: bool) -> Network:
    """Return the first plant with two mills that one operator attends, or one fixture serves."""
    alone = replace(first_plant(), calendars=two_plants().calendars)
    (able,) = alone.work_units[0].capabilities
    large = replace(able, limits={"x_mm": Decimal(9000)})
    second = replace(
        alone.work_units[0], work_unit_id="mill-9", name="Mill 9", capabilities=(large,)
    )
    vise = (Tool("vise-1", "vise", "plant"),) if tool else ()
    return replace(alone, work_units=(*alone.work_units, second), tools=vise)


class Attended(Toy):
    """Blocks that are attended all the time, or held in the only vise."""

    def __init__(self, *, tool: bool) -> None:
        super().__init__()
        self.tool = tool

    def plans(self, design: Design, quantity: int) -> tuple[ProcessPlan, ...]:
        """Mill it."""
        (plan,) = super().plans(design, quantity)
        (one,) = plan.operations
        if self.tool:
            return (replace(plan, operations=(replace(one, tools={"vise": 1}),)),)
        return (replace(plan, operations=(replace(one, attendance="all"),)),)


@pytest.mark.parametrize("tool", [False, True], ids=["operator", "tool"])
def test_why_late_names_the_operator_and_the_tool(tool: bool) -> None:
    """A free mill waits for the one who attends the other, or for the vise on it."""
    ctx = world(one_operator(tool), toy=Attended(tool=tool))
    first, second = late_behind(ctx, -1, x_mm=8000)
    made = order.show_order(ctx, HUB, second)
    (job,) = made.jobs.values()
    (other,) = order.show_order(ctx, HUB, first).jobs.values()
    assert job.resource_id != other.resource_id and job.start_s >= other.end_s
    outlook = outlook_of(ctx, {}, order_book(ctx).orders)
    at_risk = replace(expected(outlook, made), standing="late", late_s=1)
    (cause, *_rest) = why(outlook, made, at_risk)
    code, named = ("tool", "vise") if tool else ("operator", ctx.network.operators[0].operator_id)
    assert (cause.code, cause.params[code]) == (f"board.why_{code}", named)
    assert cause.params["order"] == first
    (told,) = for_buyers([cause])
    assert first not in word(told) and "order" not in told.params
    assert ctx.network.operators[0].operator_id not in canonical(dict(told.params)).decode()
    date = explain_order(ctx, ANNA, second).date[0]
    assert date.code == f"schedule.binding_{code}"


class Sides(Toy):
    """Blocks are milled on two sides, in either order."""

    def plans(self, design: Design, quantity: int) -> tuple[ProcessPlan, ...]:
        """Return the plan of the toy with its operation twice."""
        (plan,) = super().plans(design, quantity)
        first = plan.operations[0]
        second = replace(first, operation_id="op20", name="second side")
        return (replace(plan, operations=(first, second)),)


def test_what_has_begun_is_in_the_way_of_the_rest() -> None:
    """One mill, two sides: the second waits for the first, and no better plan is invented."""
    always = replace(first_plant(), calendars=two_plants().calendars)
    ctx = world(always, toy=Sides(), hold_s=100)
    found = quoted(ctx, quantity=300, content=b"block 0.010").offer
    made = order.accept(ctx, ANNA, found.offer_id, "fast")
    first = min(made.jobs.values(), key=lambda job: job.start_s)
    ctx.clock.advance_to(first.start_s)
    say(ctx, HUB, Command("c1", "setup_start", first.start_s, "hub/network_operator",
                          made.order_id, first.job_order_id, first.resource_id))  # fmt: skip
    ctx.clock.advance_to(first.start_s + 600)
    told = explain_order(ctx, ANNA, made.order_id)
    assert [way for way in told.sooner if way.code == "offer.sooner_replanned"] == []


def test_a_shift_is_not_credited_with_what_planning_anew_brings() -> None:
    """Somebody ahead has gone: planning anew gains days, and the shift only what comes on top."""
    ctx = world(first_plant())
    ahead = quote.offer(ctx, BERT, ask(600, b"block 0.7")).offer
    first = order.accept(ctx, BERT, ahead.offer_id, "fast")
    made = order.accept(ctx, ANNA, quoted(ctx, quantity=300).offer.offer_id, "fast")
    change.cancel(ctx, BERT, first.order_id, "not wanted")
    found = explain_order(ctx, ANNA, made.order_id)
    (anew,) = [way for way in found.sooner if way.code == "offer.sooner_replanned"]
    shifts = [way for way in found.sooner if way.code.startswith("offer.sooner_shift_anew")]
    assert shifts and int(anew.params["gain_s"]) > 3 * DAY_S
    for way in shifts:
        own_s = int(way.params["shift_s"])
        assert GAIN_LEAST_S <= own_s < 3 * DAY_S
        assert int(way.params["gain_s"]) == int(anew.params["gain_s"]) + own_s
    saved = [one for one in found.date if one.code == "schedule.extra_shift_saves"]
    assert all(one.params["gain_s"] in [w.params["shift_s"] for w in shifts] for one in saved)
    assert found.day_earlier == anew, "it costs nothing"


def test_a_held_option_learns_what_others_left_free() -> None:
    """The same way promised anew comes sooner than the held slots; a shift only adds to that."""
    ctx = world(first_plant())
    ahead = quote.offer(ctx, BERT, ask(600, b"block 0.7")).offer
    offer = quoted(ctx, quantity=600).offer
    release_offer(ctx, BERT, ahead.offer_id)
    found = explain_offer(ctx, ANNA, offer.offer_id, "fast")
    (anew,) = [way for way in found.sooner if way.code == "offer.sooner_way"]
    anew_s = int(anew.params["gain_s"])
    alone = quoted(world(first_plant()), quantity=600).offer.option("fast")
    assert anew_s == offer.option("fast").promised_at_s - alone.promised_at_s > 3 * DAY_S
    shifts = [way for way in found.sooner if way.code.startswith("offer.sooner_shift")]
    assert shifts, "with a weekend or evenings two days and a half of work end sooner"
    for way in shifts:
        own_s = int(way.params["shift_s"])
        assert 0 < own_s <= 4 * DAY_S
        assert int(way.params["gain_s"]) == anew_s + own_s
