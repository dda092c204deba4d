"""The board over HTTP keeps its contract in both languages, and is not for buyers."""

import json

import httpx
import pytest
from jsonschema import Draft202012Validator
from tests.contracts.schemas import faults, schema
from tests.services.stores import light, rough_world
from tests.services.world import ANNA, HUB, MAKER

from manufold.api.board_wire import board_answer
from manufold.model.codec import canonical
from manufold.model.execution import Command
from manufold.model.units import DAY_S, HOUR_S, from_rfc3339, to_rfc3339
from manufold.services.board import board
from manufold.services.keys import make_key
from manufold.services.make import say
from manufold.services.order import accept, show_orders
from manufold.services.run import run
from manufold.serving import made_app


def lived():
    """Return a world in which one order is late, another on hold, and an offer open."""
    ctx = rough_world(hold_s=20 * DAY_S)
    for quantity in (300, 400):
        accept(ctx, ANNA, light(ctx, quantity).offer_id, "cheap")
    run(ctx, until_s=ctx.clock.now_s() + 2 * HOUR_S)
    pulled_in = {"promised_at_s": ctx.clock.now_s() + 600, "code": "schedule.improved"}
    late, stopped = (o for o in show_orders(ctx, HUB) if o.state in ("accepted", "in_production"))
    say(ctx, HUB, told(ctx, "revise_promise", late.order_id, "", pulled_in))
    job = next(j for j in stopped.jobs.values() if j.state not in ("finished", "cancelled"))
    unclear = {"reason": "drawing unclear"}
    say(ctx, HUB, told(ctx, "hold", stopped.order_id, job.job_order_id, unclear))
    light(ctx, 12)
    return ctx


def told(ctx, kind, order_id, job_order_id, data):
    """Return what the network operator says now."""
    now_s, by = ctx.clock.now_s(), "hub/network_operator"
    return Command(ctx.ids.mint("evt"), kind, now_s, by, order_id, job_order_id, data=data)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("actor", [HUB, MAKER])
def test_the_answer_keeps_its_contract(actor, language):
    """Late, held, begun and offered work is all within the schema, every reason worded."""
    ctx = lived()
    found = board(ctx, actor, days=60)
    answer = json.loads(canonical(board_answer(found, ctx.network, language)))
    Draft202012Validator.check_schema(schema("board_answer"))
    assert faults("board_answer", answer) == []
    assert {bar["kind"] for bar in answer["bars"]} >= {"offer", "firm"}
    assert answer["late"]
    assert answer["at_risk"]
    for order in answer["orders"]:
        for reason in order["reasons"]:
            assert reason["code"] not in reason["text"]
            assert any("一" <= letter <= "鿿" for letter in reason["text"]) == (language == "zh")
    one = {order["order_id"]: order for order in answer["orders"]}[answer["late"][0]]
    assert from_rfc3339(one["forecast_at"]) - from_rfc3339(one["promised_at"]) == one["late_s"]


async def test_the_route_asks_who_calls():
    """A planner gets its own sites; a buyer, a stranger and nonsense are told what is wrong."""
    ctx = lived()
    keys = {
        role: make_key(ctx, HUB, party, role)
        for party, role in (("maker", "planner"), ("anna", "buyer"), ("hub", "network_operator"))
    }

    async def ask(role, **query):
        headers = {"Authorization": f"Bearer {keys[role]}"} if role else {}
        return await client.get("/v1/board", params=query, headers=headers)

    asgi = httpx.ASGITransport(made_app(ctx, language="en"))
    async with httpx.AsyncClient(transport=asgi, base_url="http://127.0.0.1") as client:
        answer = (await ask("planner")).json()
        assert faults("board_answer", answer) == []
        assert {site["site"] for site in answer["sites"]} == {"plant"}
        assert len((await ask("network_operator")).json()["sites"]) == 2
        later = to_rfc3339(ctx.clock.now_s() + DAY_S)
        window = (await ask("planner", **{"from": later, "days": 3})).json()
        assert from_rfc3339(window["from"]) == ctx.clock.now_s() + DAY_S
        refusals = [
            (await ask("buyer"), 403, "access.role_may_not"),
            (await ask(None), 401, "access.key_missing"),
            (await ask("planner", site="works"), 422, "board.site_unknown"),
            (await ask("planner", days=61), 422, "api.request_wrong"),
            (await ask("planner", **{"from": "yesterday"}), 422, "units.instant_malformed"),
            (await ask("planner", **{"from": "2999-01-01T00:00:00Z"}), 422, "board.window_wrong"),
        ]
        for response, status, code in refusals:
            assert (response.status_code, response.json()["code"]) == (status, code)
