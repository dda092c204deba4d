"""The board's page says who is late and why, shows to each only its own, and words its refusals."""

import asyncio
import gzip
import json
from collections.abc import Callable

from nicegui import ui
from nicegui.testing.user import User
from nicegui.testing.user_interaction import UserInteraction
from tests.services.stores import light
from tests.services.world import ANNA, HUB, MAKER, Toy, quoted, shared_plants, world

from manufold.model.execution import Command
from manufold.model.units import DAY_S, HOUR_S
from manufold.services.board import Board, board
from manufold.services.context import Context
from manufold.services.keys import make_key, revoke_key
from manufold.services.kpis import kpis
from manufold.services.make import say
from manufold.services.order import accept
from manufold.services.run import run
from manufold.ui.board.chart import Chart
from manufold.ui.board.chart_data import chart_data
from manufold.ui.board.saying import short_id
from manufold.ui.web.visit import KEY_COOKIE
from manufold.words import sentences


def press(user: User, text: str) -> None:
    """Click the button that a text stands on, as a finger would."""
    for label in user.find(text).elements:
        found = label
        while found.tag != "button":
            assert found.parent_slot is not None, text
            found = found.parent_slot.parent
        UserInteraction(user=user, elements={found}, target=text).click()


async def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds, ten seconds at most."""
    for _try in range(200):
        if holds():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it never held")


def days_back(ctx: Context) -> Board:
    """Return the board of the network operator from the day before yesterday on."""
    now_s = ctx.clock.now_s()
    return board(ctx, HUB, from_s=now_s - now_s % DAY_S - 2 * DAY_S, days=30)


def broken_world() -> tuple[Context, str]:
    """Return a world of two owners whose mill broke down, and the order that is late for it."""
    ctx = world(shared_plants(), toy=Toy(turned=True), hold_s=30 * DAY_S)
    wanted = quoted(ctx, quantity=20, content=b"block 0.01").offer
    made = accept(ctx, ANNA, wanted.offer_id, "cheap")
    down = Command(
        ctx.ids.mint("evt"), "breakdown", ctx.clock.now_s(), "hub/network_operator",
        resource_id="mill-1", data={"reason": "spindle"},
    )  # fmt: skip
    say(ctx, HUB, down)
    ctx.clock.advance_to(made.promised_at_s + HOUR_S)
    return ctx, made.order_id


async def test_the_late_order_is_shown_with_its_cause(opened):
    """Whoever opens the board reads at once which order is late and that its mill is down."""
    ctx, order_id = broken_world()
    user = await opened(ctx)
    await user.should_see("Simulated world")
    await user.should_see("Late (1)")
    await user.should_see(f"Order {short_id(order_id)}")
    await user.should_see("waits for Mill 1, which has been down for")
    await user.should_see("✓ No order is at risk.")
    await user.should_see("Guest, looking as")


async def test_the_panel_shows_the_four_dates(opened):
    """A click on a late order opens its dates, its reasons, its job orders, and a way to it."""
    ctx, order_id = broken_world()
    user = await opened(ctx)
    press(user, f"Order {short_id(order_id)}")
    for text in ("Requested", "Promised", "Forecast", "Actual", "mill · Mill 1", "Open the order"):
        await user.should_see(text)
    with user:
        links = [one.props["href"] for one in user.find("Open the order").elements]
    assert links == [f"/orders/{order_id}"]
    chart = next(iter(user.find(Chart).elements))
    assert chart.props["picked"] == order_id


async def test_a_bar_that_was_clicked_opens_its_order(opened):
    """The chart hands on what was clicked; an order that is not there opens nothing."""
    ctx, order_id = broken_world()
    user = await opened(ctx)
    job = next(bar.job_order_id for bar in days_back(ctx).bars if bar.order_id)
    user.find(Chart).trigger("pick", {"order": order_id, "job": job})
    await user.should_see("Open the order")
    user.find(Chart).trigger("pick", {"order": "ord_nobody", "job": ""})
    await user.should_not_see("Open the order")
    for nonsense in (None, 7, {"order": ["x"], "job": None}, "x" * 9):
        user.find(Chart).trigger("pick", nonsense)
    await user.should_see("Late (1)")


async def test_the_site_filter_leaves_the_other_site_out(opened):
    """With one site chosen the chart is asked for that site, and its late orders stay listed."""
    ctx, _order_id = broken_world()
    user = await opened(ctx)
    select = next(iter(user.find(ui.select).elements))
    with user:
        select.set_value("works")
    chart = next(iter(user.find(Chart).elements))
    await until(lambda: chart.props["site"] == "works")
    await user.should_see("Late (1)")


async def test_an_owner_sees_its_own_part(opened):
    """With a planner's key the board shows that owner's plant only, and cannot better all."""
    ctx, order_id = broken_world()
    key = make_key(ctx, HUB, "maker", "planner")
    user = await opened(ctx, cookies={KEY_COOKIE: key})
    await user.should_see("planner")
    await user.should_not_see("Improve the schedule")
    await user.should_not_see("Guest, looking as")
    press(user, f"Order {short_id(order_id)}")
    await user.should_see("At your gate")
    await user.should_not_see("turn")


async def test_a_buyer_and_a_wrong_key_are_told_where_to_go(opened):
    """A buyer's key, a key that is none, and no key in a live world get a sentence and a link."""
    ctx, _order_id = broken_world()
    buyer = make_key(ctx, HUB, "anna", "buyer")
    user = await opened(ctx, cookies={KEY_COOKIE: buyer})
    await user.should_see("You are signed in as")
    await user.should_see("To the start")
    await user.should_not_see("Late (1)")
    user = await opened(ctx, cookies={KEY_COOKIE: "mf_nonsense"})
    await user.should_see("The board is for people who work here.")
    other = world(hold_s=DAY_S)
    user = await opened(other, guest=None)
    await user.should_see("Sign in")


async def test_a_revoked_key_shows_nothing_new(opened):
    """A page that is open when its key is revoked says so at the world's next move."""
    ctx, _order_id = broken_world()
    key = make_key(ctx, HUB, "maker", "planner")
    user = await opened(ctx, cookies={KEY_COOKIE: key})
    await user.should_see("Late (1)")
    revoke_key(ctx, HUB, key.split("_")[1])
    ctx.clock.advance_to(ctx.clock.now_s() + 60)
    await user.should_see("The board is for people who work here.", retries=60)
    http = user.http_client
    assert (await http.get("/board-data")).status_code == 401


async def test_a_refusal_is_a_note_in_words(opened):
    """What cannot be done is said in a sentence on the page: the world runs already."""
    ctx, _order_id = broken_world()
    user = await opened(ctx)
    with ctx.floor:  # the run waits for its turn, so it still goes on when the button is pressed
        opened.runners[id(ctx)].start(until_s=ctx.clock.now_s() + HOUR_S)
        user.find("Let the world run 8 h").click()
        await user.should_see(sentences("en")["run.running_already"])
        await user.should_see("Stop")


async def test_who_may_not_run_the_world_does_not(opened):
    """A page of an operator of machines, or whose key was revoked, moves no clock."""
    ctx, _order_id = broken_world()
    begun_s = ctx.clock.now_s()
    machines, revoked = (make_key(ctx, HUB, "maker", role) for role in ("operator", "planner"))
    user = await opened(ctx, cookies={KEY_COOKIE: machines})
    user.find("Let the world run 8 h").click()
    await user.should_see("may not do this; it takes one of")
    user = await opened(ctx, cookies={KEY_COOKIE: revoked})
    revoke_key(ctx, HUB, revoked.split("_")[1])
    user.find("Let the world run 8 h").click()
    await user.should_see("The board is for people who work here.")
    assert opened.runners[id(ctx)].wait(60) and ctx.clock.now_s() == begun_s


async def test_bettering_says_what_was_gained(opened):
    """After a better schedule was looked for, the page says in words what came of it."""
    ctx = world(hold_s=DAY_S)
    accept(ctx, ANNA, light(ctx, 8).offer_id, "cheap")
    user = await opened(ctx)
    user.find("Improve the schedule").click()
    await user.should_see("Nothing may move", retries=400)  # and claims no search


async def test_figures_come_from_what_was_measured(opened):
    """After a day's work the page shows the share of orders in time and how busy machines were."""
    ctx = world(hold_s=DAY_S)
    for quantity in (5, 200):
        accept(ctx, ANNA, light(ctx, quantity).offer_id, "cheap")
    run(ctx, until_s=ctx.clock.now_s() + 3 * DAY_S)
    report = kpis(ctx, HUB, from_s=ctx.clock.now_s() - DAY_S)
    measured = {one.kpi_id: one.value for one in report.nodes[0].kpis}["allocation_efficiency"]
    found = board(ctx, HUB)
    assert found.done >= 1
    user = await opened(ctx)
    await user.should_see(f"{100 * found.done_kept // found.done} %")
    await user.should_see("machines busy, last 24 h")
    await user.should_see(f"{round(100 * (measured or 0))} %", retries=60)


async def test_the_page_speaks_chinese(opened):
    """With `lang=zh` every word of the page is Chinese, the causes too."""
    ctx, _order_id = broken_world()
    user = await opened(ctx, path="/board/?lang=zh")
    for text in ("模拟世界", "延误（1）", "已停机"):
        await user.should_see(text)
    await user.should_not_see("Late")


async def test_the_data_of_the_chart_is_the_board(opened):
    """The chart gets each bar once, packed, and a window it cannot have is refused in words."""
    ctx, order_id = broken_world()
    user = await opened(ctx)
    answer = await user.http_client.get("/board-data", params={"days": "30"})
    told = answer.json()
    found = days_back(ctx)
    assert len(told["bars"]) == len(found.bars) > 1
    assert len({bar[12] for bar in told["bars"]}) == len(found.bars)
    assert [one["standing"] for one in told["orders"] if one["id"] == order_id] == ["late"]
    assert answer.headers["content-security-policy"].startswith("default-src 'self'")
    for query, code in (
        ({"days": "9999"}, "board.days_wrong"),
        ({"from": "1e9"}, "board.number_wrong"),
        ({"from": "9" * 12}, "board.window_wrong"),
        ({"site": "<b>"}, "board.site_unknown"),
    ):
        refused = await user.http_client.get("/board-data", params=query)
        assert (refused.status_code, refused.json()["code"]) == (422, code)
    buyer = make_key(ctx, HUB, "anna", "buyer")
    refused = await user.http_client.get("/board-data", headers={"cookie": f"{KEY_COOKIE}={buyer}"})
    assert (refused.status_code, refused.json()["code"]) == (403, "access.role_may_not")


def test_one_owner_gets_nothing_of_another_in_the_chart():
    """What is sent to an owner's chart names no work unit, site or buyer of anybody else."""
    ctx, _order_id = broken_world()
    text = chart_data(
        board(ctx, MAKER, from_s=ctx.clock.now_s() - 3 * DAY_S, days=30), "en"
    ).decode()
    assert "Mill 1" in text
    for secret in ("Mill 2", "Works", "anna", "turn"):
        assert secret not in text
    assert json.loads(gzip.decompress(gzip.compress(text.encode())))["late"] == 1
