"""The life of an order: what each party may know of it, and told while it happens."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from tests.api.door import Caller, caller, keys_of, made, ordered, sim
from tests.services.stores import Rough
from tests.services.world import ANNA, BERT, HUB, MAKER, OTHER, quoted, shared_plants

from manufold.model.errors import Conflict
from manufold.model.execution import EVENTS
from manufold.services.change import cancel, claim
from manufold.services.context import Context
from manufold.services.documents import orders_of
from manufold.services.keys import revoke_key
from manufold.services.life import _TELLERS, life
from manufold.services.order import accept
from manufold.services.run import run
from manufold.words import sentences, word


def lived(ctx: Context) -> str:
    """Return an order that was made, delivered and claimed."""
    order_id = accept(ctx, ANNA, quoted(ctx, quantity=20).offer.offer_id, "cheap").order_id
    run(ctx)
    claim(ctx, ANNA, order_id, 1, "Mr Smith, 12 Elm Street, says it is bent")
    return order_id


def test_every_event_of_an_order_can_be_told() -> None:
    """Each kind of event of an order has its teller, each teller its sentence in both languages."""
    elsewhere = {"NetworkLoaded", "BrokeDown", "Repaired", "OutageTold"}
    elsewhere |= {"OfferMade", "OfferExtended", "OfferReleased"}
    assert set(_TELLERS) == set(EVENTS) - elsewhere
    assert {code for code in sentences("en") if code.startswith("life.")} == {
        code for code in sentences("zh") if code.startswith("life.")
    }


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_buyer_is_told_all_in_sentences(language: str) -> None:
    """Every event of the stream is a moment, in order, worded with names, nothing of people."""
    ctx = sim()
    order_id = lived(ctx)
    moments = life(ctx, ANNA, order_id)
    events = list(ctx.store.read(stream=f"order:{order_id}"))
    assert [(m.seq, m.kind, m.at_s) for m in moments] == [(e.seq, e.kind, e.at_s) for e in events]
    texts = [word(moment.reason, language) for moment in moments]
    assert not [text for text in texts if "(" in text and "=" in text]  # a bare code
    assert not [text for text in texts if "Smith" in text or "ord_" in text or "job_" in text]
    unit = ctx.network.work_unit[next(iter(orders_of(ctx)[0].jobs.values())).resource_id]
    assert any(unit.name in text for text in texts)
    later = life(ctx, ANNA, order_id, moments[3].seq)
    assert later == moments[4:]
    assert life(ctx, HUB, order_id) == moments


def test_a_supplier_is_told_of_its_own_sites() -> None:
    """Of two owners each reads of its own job orders; nothing of buyer, price or the other one."""
    ctx = sim(shared_plants(), Rough())
    ctx.verticals["toy"].turned = True  # type: ignore[attr-defined]
    order_id = lived(ctx)
    sites = {job.site_id for job in orders_of(ctx)[0].jobs.values()}
    owners = {ctx.network.site[site].party_id for site in sites}
    for actor in (MAKER, OTHER):
        if actor.party_id not in owners:
            with pytest.raises(Conflict, match=r"access\.no_such_order"):
                life(ctx, actor, order_id)
            continue
        own = {s.site_id for s in ctx.network.sites if s.party_id == actor.party_id}
        moments = life(ctx, actor, order_id)
        assert {m.site_id for m in moments} <= own | {""}
        assert not {"PassportIssued", "ClaimMade", "Received"} & {m.kind for m in moments}
        said = json.dumps([[m.reason.code, dict(m.reason.params)] for m in moments])
        assert "anna" not in said
        assert "promised" not in said
    with pytest.raises(Conflict, match=r"access\.no_such_order"):
        life(ctx, BERT, order_id)


async def events_of(answer: httpx.Response, count: int) -> list[dict[str, Any]]:
    """Return the next events of a stream."""
    found: list[dict[str, Any]] = []
    event: dict[str, Any] = {}
    async for line in answer.aiter_lines():
        if not line and "data" in event:
            found.append(event | {"data": json.loads(event["data"])})
            event = {}
            if len(found) == count:
                break
        elif line and not line.startswith(":"):
            name, _, value = line.partition(": ")
            event[name] = value
    return found


class Streaming(httpx.AsyncBaseTransport):
    """An ASGI transport that gives a body out as it comes (the shipped one collects it whole)."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request to the app in a task of its own."""
        queue: asyncio.Queue[Any] = asyncio.Queue()
        gone = asyncio.Event()
        scope = {
            "type": "http",
            "http_version": "1.1",
            "asgi": {"version": "3.0"},
            "method": request.method,
            "path": request.url.path,
            "raw_path": request.url.raw_path,
            "query_string": request.url.query,
            "root_path": "",
            "scheme": "http",
            "headers": [(k.lower(), v) for k, v in request.headers.raw],
            "client": ("127.0.0.1", 1),
            "server": ("test", 80),
        }

        async def receive() -> Any:
            await gone.wait()
            return {"type": "http.disconnect"}

        task = asyncio.create_task(self.app(scope, receive, queue.put))
        start = await queue.get()

        async def body() -> AsyncIterator[bytes]:
            try:
                while True:
                    message = await queue.get()
                    yield message.get("body", b"")
                    if not message.get("more_body", False):
                        return
            finally:
                gone.set()
                await asyncio.wait([task], timeout=10)

        return httpx.Response(start["status"], headers=start["headers"], stream=_Body(body()))


class _Body(httpx.AsyncByteStream):
    def __init__(self, inner: Any) -> None:
        self.inner = inner

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self.inner:
            yield chunk

    async def aclose(self) -> None:
        await self.inner.aclose()


def streaming(call: Caller) -> httpx.AsyncClient:
    """Return a client of the same caller that hears events as they come."""
    app = call.http._transport.app  # type: ignore[attr-defined]
    headers = {
        "Authorization": call.http.headers["authorization"],
        "Accept": "text/event-stream",
    }
    return httpx.AsyncClient(transport=Streaming(app), base_url="http://test", headers=headers)


async def test_a_stream_tells_at_once_and_goes_on_where_it_stopped() -> None:
    """What happened, then what happens, each with its place in the log; resumed without gap."""
    ctx = sim(streams_max=2)
    app, keys = made(ctx), keys_of(ctx)
    anna = caller(app, keys, "anna")
    order = await ordered(anna, 3)
    path = f"/v1/orders/{order['order_id']}/life"
    async with streaming(anna) as http:
        async with http.stream("GET", path, headers={"Accept-Language": "zh"}) as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            first = (await events_of(answer, 1))[0]
            assert first["event"] == "OrderAccepted"
            assert "已接受" in first["data"]["text"]
            assert int(first["id"]) == first["data"]["seq"]
        seen = {"Last-Event-ID": first["id"]}
        async with http.stream("GET", path, headers=seen) as answer:
            waiting = asyncio.create_task(events_of(answer, 1))
            await asyncio.to_thread(cancel, ctx, ANNA, order["order_id"], "no longer")
            async with asyncio.timeout(5):
                told = await waiting
        whole = await anna.json("GET", path)
        after = [m["seq"] for m in whole["moments"] if m["seq"] > int(first["id"])]
        assert [int(one["id"]) for one in told] == after[:1]
        later = await anna.json("GET", f"{path}?after={first['id']}")
        assert [m["seq"] for m in later["moments"]] == after
    assert app.state.served.streams == {}


async def test_streams_are_bounded_and_for_their_owner() -> None:
    """So many at once and no more; a stranger's is refused before it begins; a revoked key's ends;
    all end when the server does."""
    ctx = sim(streams_max=2)
    app, keys = made(ctx), keys_of(ctx)
    anna, bert = caller(app, keys, "anna"), caller(app, keys, "bert")
    order = await ordered(anna, 3)
    path = f"/v1/orders/{order['order_id']}/life"
    accept_it = {"Accept": "text/event-stream"}
    assert await bert.code("GET", path, 404, headers=accept_it) == "access.no_such_order"
    wrong = {**accept_it, "Last-Event-ID": "yesterday"}
    assert await anna.code("GET", path, 422, headers=wrong) == "api.last_event_wrong"
    async with (
        streaming(anna) as http,
        http.stream("GET", path) as one,
        http.stream("GET", path) as two,
    ):
        assert await anna.code("GET", path, 429, headers=accept_it) == "api.streams_many"
        await events_of(one, 1)
        async with asyncio.timeout(5):
            app.state.runner.close()
            assert [line async for line in two.aiter_lines() if line.startswith("id")]
    assert app.state.served.streams == {}
    assert revoke_key(ctx, HUB, keys["anna"].split("_")[1])


async def test_a_revoked_key_hears_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """At its next sign of life a stream looks whether its key still opens."""
    monkeypatch.setattr("manufold.api.stream._ALIVE_S", 0.0)
    monkeypatch.setattr("manufold.api.stream._LOOK_S", 0.01)
    ctx = sim()
    app, keys = made(ctx), keys_of(ctx)
    anna = caller(app, keys, "anna")
    order = await ordered(anna, 3)
    async with (
        streaming(anna) as http,
        http.stream("GET", f"/v1/orders/{order['order_id']}/life") as answer,
    ):
        lines = answer.aiter_lines()
        while not (await anext(lines)).startswith("data: "):
            continue
        revoke_key(ctx, HUB, keys["anna"].split("_")[1])
        async with asyncio.timeout(5):
            rest = [line async for line in lines]  # it ends
        assert set(rest) <= {"", ": alive"}
