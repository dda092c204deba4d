"""The world over HTTP: networks, trades, figures, the floor's commands, keys and webhooks."""

import asyncio
from threading import Lock

import pytest
from fastapi import FastAPI
from tests.api.door import Caller, caller, keys_of, made, ordered, sim

from manufold.services.context import Context
from manufold.services.run import run


@pytest.fixture
def ctx() -> Context:
    """A simulated world."""
    return sim(hold_s=86_400)


@pytest.fixture
def app(ctx: Context) -> FastAPI:
    """The API on it."""
    return made(ctx, verify=dict)


@pytest.fixture
def keys(ctx: Context) -> dict[str, str]:
    """A key for everybody."""
    return keys_of(ctx)


@pytest.fixture
def anna(app: FastAPI, keys: dict[str, str]) -> Caller:
    """A buyer with a key."""
    return caller(app, keys, "anna")


async def test_what_there_is(app: FastAPI, keys: dict[str, str], anna: Caller) -> None:
    """Everybody reads sites, zones and materials; machines only their owner and the operator."""
    seen = {}
    for name in ("anna", "maker", "other", "hub"):
        network = await caller(app, keys, name).json("GET", "/v1/network")
        assert {site["site_id"] for site in network["sites"]} == {"plant", "works"}
        assert network["delivery_zones"][0]["zone_id"] == "door"
        seen[name] = {unit["site"] for unit in network["work_units"]}
    assert seen == {
        "anna": set(),
        "maker": {"plant"},
        "other": {"works"},
        "hub": {"plant", "works"},
    }
    trades = (await anna.json("GET", "/v1/verticals"))["verticals"]
    assert [(one["name"], one["by_hand"]) for one in trades] == [("toy", True)]
    assert [field["name"] for field in trades[0]["fields"]] == ["mass_g", "finish"]


async def test_figures(ctx: Context, anna: Caller, app: FastAPI, keys: dict[str, str]) -> None:
    """A buyer reads how its orders came, a planner its machines, nobody a window of nothing."""
    run(ctx, orders=((await ordered(anna, 3))["order_id"],))
    own = await anna.json("GET", "/v1/kpis")
    assert own["nodes"] == []
    assert own["orders"]
    hub = await caller(app, keys, "hub").json("GET", "/v1/kpis?from=2026-11-01")
    assert {node["level"] for node in hub["nodes"]} >= {"all", "site", "work_unit"}
    assert await anna.code("GET", "/v1/kpis?site=plant", 403) == "access.role_may_not"
    empty = "/v1/kpis?from=2026-11-03&to=2026-11-01"
    assert (await anna.code("GET", empty, 422)).startswith("kpi.")


async def test_a_shop_speaks(
    ctx: Context, anna: Caller, app: FastAPI, keys: dict[str, str]
) -> None:
    """A command is done once, by whoever the key says; another one's machine is not there."""
    order = await ordered(anna, 3)
    job = order["job_orders"][0]
    owner = ctx.network.site[job["site"]].party_id
    other = "other" if owner == "maker" else "maker"
    maker = caller(app, keys, owner)
    said = {
        "command_id": "m-1",
        "kind": "setup_start",
        "at_s": ctx.clock.now_s(),
        "order_id": order["order_id"],
        "job_order_id": job["job_order_id"],
        "resource_id": job["work_unit"],
    }
    assert await anna.code("POST", "/v1/commands", 403, json=said) == "access.command_may_not"
    stranger = caller(app, keys, other)
    assert await stranger.code("POST", "/v1/commands", 404, json=said)
    by = {**said, "by": "hub/network_operator"}
    assert await maker.code("POST", "/v1/commands", 422, json=by) == "api.by_another"
    first = await maker.json("POST", "/v1/commands", json=said)
    assert ([e["kind"] for e in first["events"]], first["said_before"]) == (["SetupStarted"], False)
    again = await maker.json("POST", "/v1/commands", json=said)
    assert (again["events"], again["said_before"]) == ([], True)
    changed = {**said, "kind": "start"}
    code = await maker.code("POST", "/v1/commands", 409, json=changed)
    assert code == "execution.command_id_reused"
    slots = (await maker.json("GET", "/v1/schedule"))["slots"]
    assert {slot["site"] for slot in slots} == {job["site"]}
    assert await maker.code("GET", "/v1/schedule?site=mars", 422) == "schedule.site_unknown"


async def test_keys_over_http(app: FastAPI, keys: dict[str, str], anna: Caller) -> None:
    """A key is shown once, also to who asks again with one idempotency key; revoked, it is shut."""
    wanted = {"party": "anna", "role": "buyer", "note": "shop"}
    once = {"Idempotency-Key": "new-key"}
    fresh = await anna.json("POST", "/v1/keys", 201, json=wanted, headers=once)
    replay = await anna.json("POST", "/v1/keys", 201, json=wanted, headers=once)
    assert replay == {**fresh, "key": None}
    assert (await Caller(app, fresh["key"]).json("GET", "/v1/me"))["party"] == "anna"
    theirs = {"party": "bert", "role": "buyer"}
    assert await anna.code("POST", "/v1/keys", 403, json=theirs) == "access.key_not_yours"
    listed = (await anna.json("GET", "/v1/keys"))["keys"]
    assert {one["party"] for one in listed} == {"anna"}
    assert fresh["key"] not in str(listed)
    path = f"/v1/keys/{fresh['key_id']}"
    bert = caller(app, keys, "bert")
    assert await bert.code("DELETE", path, 404) == "access.no_such_key"
    assert (await anna.json("DELETE", path))["revoked"] is True
    assert (await anna.json("DELETE", path))["revoked"] is False
    assert await Caller(app, fresh["key"]).code("GET", "/v1/me", 401) == "access.key_wrong"


async def test_webhooks_over_http(app: FastAPI, keys: dict[str, str], anna: Caller) -> None:
    """A webhook shows its secret once; its party alone sees and drops it."""
    wanted = {"url": "http://127.0.0.1:9999/hook", "kinds": ["Shipped"]}
    fresh = await anna.json("POST", "/v1/webhooks", 201, json=wanted)
    assert fresh["secret"].startswith("whs_")
    listed = (await anna.json("GET", "/v1/webhooks"))["webhooks"]
    assert listed == [{k: v for k, v in fresh.items() if k != "secret"}]
    path = f"/v1/webhooks/{fresh['webhook_id']}"
    assert (await anna.json("GET", f"{path}/deliveries"))["deliveries"] == []
    bert = caller(app, keys, "bert")
    assert (await bert.json("GET", "/v1/webhooks"))["webhooks"] == []
    assert await bert.code("DELETE", path, 404) == "access.no_such_webhook"
    unknown = {**wanted, "kinds": ["Sneezed"]}
    assert await anna.code("POST", "/v1/webhooks", 422, json=unknown) == "hooks.kind_unknown"
    assert (await anna.json("DELETE", path))["dropped"] is True
    assert await anna.code("DELETE", path, 404) == "access.no_such_webhook"


async def test_who_measures_long_keeps_nobody_waiting(ctx: Context, anna: Caller) -> None:
    """While fifty wait for their figures, keys are looked up and others are answered."""
    await ordered(anna, 1)
    busy: Lock = ctx.kept.setdefault("kpi_lock", Lock())
    with busy:  # somebody reads a long log
        waiting = [asyncio.create_task(anna("GET", "/v1/kpis")) for _ in range(50)]
        async with asyncio.timeout(20):
            for path in ("/v1/me", "/v1/orders", "/v1/health"):
                for _ in range(20):
                    await anna("GET", path, 200)
        assert not any(task.done() for task in waiting)
    answers = await asyncio.gather(*waiting)
    assert len({answer.content for answer in answers}) == 1
