"""Refusals at the door: keys, roles, strangers, shapes, sizes, rates; each is a problem."""

import asyncio
import json
import logging
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.responses import Response
from tests.api.door import Caller, caller, keys_of, made, ordered, sim
from tests.services.world import HUB

from manufold.api.asked import read_offer
from manufold.api.documented import EVERYWHERE
from manufold.api.problems import STATUS
from manufold.api.rate import Buckets
from manufold.services.context import Context
from manufold.services.keys import revoke_key
from manufold.words import LANGUAGES, sentences

SOURCE = Path(__file__).parents[2] / "src" / "manufold"


@pytest.fixture
def ctx() -> Context:
    """A world of small bodies and impatient clocks."""
    return sim(body_bytes_max=200_000, body_idle_s=0.2, body_whole_s=1.0)


@pytest.fixture
def app(ctx: Context) -> FastAPI:
    """The API on it."""
    return made(ctx)


@pytest.fixture
def keys(ctx: Context) -> dict[str, str]:
    """A key for everybody."""
    return keys_of(ctx)


@pytest.fixture
def anna(app: FastAPI, keys: dict[str, str]) -> Caller:
    """A buyer with a key."""
    return caller(app, keys, "anna")


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (None, "access.key_missing"),
        ("Basic YTpi", "access.key_missing"),
        ("Bearer", "access.key_missing"),
        ("Bearer a b", "access.key_missing"),
        ("Bearer " + "x" * 5000, "access.key_missing"),
        ("Bearer nonsense", "access.key_wrong"),
        ("Bearer mf_0123456789_" + "0" * 52, "access.key_wrong"),
    ],
)
async def test_no_key_no_answer(app: FastAPI, header: str | None, code: str) -> None:
    """401 with the scheme to use, on every route but health, whether it exists or not."""
    stranger = Caller(app)
    headers = {} if header is None else {"Authorization": header}
    for path in ("/v1/me", "/v1/orders", "/v1/nothing", "/v1/verify"):
        answer = await stranger("GET", path, 401, headers=headers)
        assert answer.json()["code"] == code
        assert answer.headers["www-authenticate"].startswith("Bearer")
    assert (await stranger("GET", "/v1/health", 200)).json()["ready"] is True


async def test_a_revoked_key(ctx: Context, app: FastAPI, keys: dict[str, str]) -> None:
    """A revoked key opens nothing from the next request on; two keys at once neither."""
    anna = caller(app, keys, "anna")
    both = [("Authorization", f"Bearer {keys[name]}") for name in ("anna", "bert")]
    stranger = Caller(app)
    assert await stranger.code("GET", "/v1/me", 401, headers=both) == "access.key_missing"
    assert (await anna.json("GET", "/v1/me"))["party"] == "anna"
    revoke_key(ctx, HUB, keys["anna"].split("_")[1])
    assert await anna.code("GET", "/v1/me", 401) == "access.key_wrong"


async def test_another_ones_order_is_not_there_and_noted(
    app: FastAPI, keys: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    """404 for what is another's as for what never was, and a line in the access log for each."""
    order = await ordered(caller(app, keys, "anna"))
    bert = caller(app, keys, "bert")
    with caplog.at_level(logging.WARNING, "manufold.access"):
        theirs = await bert("GET", f"/v1/orders/{order['order_id']}", 404)
        never = await bert("GET", "/v1/orders/ord_0000000000_0000000000000000", 404)
    said = [record.getMessage() for record in caplog.records if record.name == "manufold.access"]
    assert len(said) == 2
    assert "bert/buyer" in said[0]
    assert order["order_id"] in said[0]
    blank = {"order_id": order["order_id"]}
    assert theirs.json()["code"] == never.json()["code"] == "access.no_such_order"
    assert blank["order_id"] in theirs.json()["detail"]
    assert set(theirs.json()) == set(never.json())


async def test_roles(app: FastAPI, keys: dict[str, str]) -> None:
    """403 for what a role does not do; the network operator does it."""
    anna, hub = caller(app, keys, "anna"), caller(app, keys, "hub")
    operator = caller(app, keys, "maker_operator")
    assert await anna.code("GET", "/v1/schedule", 403) == "access.role_may_not"
    assert await anna.code("POST", "/v1/schedule/improve", 403) == "access.role_may_not"
    assert await anna.code("POST", "/v1/schedule/round", 403) == "access.role_may_not"
    repair = ("POST", "/v1/schedule/repair", 403)
    for who in (anna, operator):
        assert await who.code(*repair, json={}) == "access.role_may_not"
    assert await anna.code("GET", "/v1/verify", 403) == "access.role_may_not"
    assert await operator.code("POST", "/v1/run", 403, json={}) == "access.role_may_not"
    body = {"fields": {"mass_g": 500}}
    assert await operator.code("POST", "/v1/offers", 403, json=body) == "access.role_may_not"
    assert (await hub.json("POST", "/v1/schedule/round"))["moved"] == []
    assert (await hub.json("POST", "/v1/schedule/improve"))["moved_orders"] == 0
    assert await hub.code("GET", "/v1/verify", 503) == "api.no_verifier"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "api.body_malformed"),
        (b"{", "api.body_malformed"),
        (b"\xff\xfe{}", "api.body_malformed"),
        (b'{"option": "a", "option": "b"}', "api.body_malformed"),
        (b'{"option": NaN}', "api.body_malformed"),
        (b'{"option": 1e999999999}', "api.body_malformed"),
        (b'{"option": 99999999999999999999}', "api.body_malformed"),
        (b"[" * 100_000, "api.body_malformed"),
        (b'{"option": "a\\u0000b"}', "api.text_wrong"),
        (b'{"option": "\\ud800"}', "api.text_wrong"),
        (b'{"opt\\u001bion": 1}', "api.text_wrong"),
        (b"[]", "api.request_wrong"),
        (b"null", "api.request_wrong"),
        (b"{}", "api.request_wrong"),
        (b'{"option": 1}', "api.request_wrong"),
        (b'{"option": ""}', "api.request_wrong"),
        (b'{"option": "' + b"x" * 500 + b'"}', "api.request_wrong"),
        (b'{"option": "cheap", "price": 1}', "api.request_wrong"),
    ],
)
async def test_odd_bodies(anna: Caller, content: bytes, code: str) -> None:
    """422 with a code for every body that is not exactly what is asked for."""
    headers = {"Content-Type": "application/json"}
    path = "/v1/offers/ofr_0000000000_0000000000000000/accept"
    assert await anna.code("POST", path, 422, content=content, headers=headers) == code


async def test_faults_name_their_fields(anna: Caller) -> None:
    """Each finding has its place and its own code; numbers are not made from strings."""
    body = {"kind": "dance", "at_s": "12", "command_id": "", "data": [], "x": 1}
    answer = await anna("POST", "/v1/commands", 422, json=body)
    found = {fault["where"]: fault["code"] for fault in answer.json()["faults"]}
    assert found == {
        "body.kind": "api.field_choice",
        "body.at_s": "api.field_malformed",
        "body.command_id": "api.field_short",
        "body.data": "api.field_malformed",
        "body.x": "api.field_unknown",
    }
    assert answer.json()["params"]["count"] == 5


async def test_other_media_types(anna: Caller) -> None:
    """415 for what is no JSON, and for an upload that is no form."""
    for path in ("/v1/offers", "/v1/offers/ofr_1/accept", "/v1/commands"):
        answer = await anna(
            "POST", path, 415, content=b"a=1", headers={"Content-Type": "text/plain"}
        )
        assert "application/json" in answer.json()["params"]["wanted"]
    broken = {"Content-Type": "multipart/form-data"}
    assert await anna.code("POST", "/v1/offers", 422, content=b"x", headers=broken)


async def test_ways_that_are_none(anna: Caller) -> None:
    """404 and 405 are problems too; 405 names what is allowed."""
    assert await anna.code("GET", "/v1/orders/a/b/c", 404) == "api.no_route"
    wrong = await anna("PUT", "/v1/me", 405)
    assert wrong.headers["allow"] == "GET"
    assert wrong.json()["params"]["allowed"] == "GET"
    assert (await anna("GET", "/v1/orders/%00%1b")).status_code in (404, 422)
    assert await anna.code("GET", "/v1/orders/" + "x" * 500, 422) == "api.request_wrong"


async def test_a_body_that_is_too_large(anna: Caller) -> None:
    """413, by what it says and by what comes, whatever it says."""
    files = {"files": ("b.txt", b"block " + b"1" * 300_000)}
    said = await anna("POST", "/v1/offers", 413, files=files)
    assert said.json()["code"] == "api.body_too_large"
    assert said.headers["connection"] == "close"

    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 50_000

    headers = {"Content-Type": "application/json"}
    assert await anna.code("POST", "/v1/offers", 413, content=endless(), headers=headers)


async def test_a_body_that_does_not_come(anna: Caller) -> None:
    """408 when a sender stops in the middle, and when it goes on too slowly for too long."""
    never = asyncio.Event()

    async def stopping() -> AsyncIterator[bytes]:
        yield b"{"
        await never.wait()

    async def dripping() -> AsyncIterator[bytes]:
        while True:
            yield b" "
            await asyncio.sleep(0.05)

    headers = {"Content-Type": "application/json"}
    for body in (stopping(), dripping()):
        answer = await anna("POST", "/v1/offers", 408, content=body, headers=headers)
        assert answer.json()["code"] == "api.body_slow"
        assert answer.headers["connection"] == "close"


async def test_a_strangers_body_is_not_waited_for(
    app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a key the answer does not wait for a body, which nothing is kept of."""
    monkeypatch.setattr("manufold.api.door._LINGER_S", 0.05)
    never = asyncio.Event()

    async def stopping() -> AsyncIterator[bytes]:
        yield b"{"
        await never.wait()

    async with asyncio.timeout(5):
        answer = await Caller(app)("POST", "/v1/offers", 401, content=stopping())
    assert answer.headers["connection"] == "close"


async def test_too_many_uploads_and_offers(
    app: FastAPI, anna: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """503 with Retry-After when as many are worked on as the settings allow; they count from
    before their files are unpacked."""
    api = app.state.served
    api.offering = api.ctx.settings.offers_at_once_max
    body = {"fields": {"mass_g": 500}}
    busy = await anna("POST", "/v1/offers", 503, json=body)
    assert (busy.json()["code"], busy.headers["retry-after"]) == ("api.busy", "2")
    read: list[int] = []

    async def counted(*asked: Any) -> Any:
        read.append(api.offering)
        return await read_offer(*asked)

    monkeypatch.setattr("manufold.api.routes.offers.read_offer", counted)
    await anna("POST", "/v1/offers", 503, json=body)
    assert read == []  # what is refused has not been unpacked
    api.offering = 0
    await anna("POST", "/v1/offers", 201, json=body)
    await anna("POST", "/v1/offers", 422, json={"quantity": 0})
    assert (api.offering, read) == (0, [1, 1])


async def test_nobody_fills_the_memory_with_boards() -> None:
    """Pages of the board, each kept for a minute, have a smaller rate; other pages have none."""
    app = made(sim(requests_per_minute=100, requests_burst=20))
    app.add_route("/board/", lambda _request: Response("board"))
    app.add_route("/orders", lambda _request: Response("orders"))
    stranger = Caller(app)
    boards = [await stranger("GET", "/board/") for _ in range(4)]
    assert [one.status_code for one in boards] == [200, 200, 429, 429]
    assert 1 <= int(boards[-1].headers["retry-after"]) <= 12
    assert {(await stranger("GET", "/orders")).status_code for _ in range(30)} == {200}


async def test_rates() -> None:
    """429 with the seconds to wait, for a key and for an address; another key is not concerned."""
    ctx = sim(requests_per_minute=6, requests_burst=3)
    app, keys = made(ctx), keys_of(ctx)
    anna, bert = caller(app, keys, "anna"), caller(app, keys, "bert")
    for _ in range(3):
        await anna("GET", "/v1/me", 200)
    late = await anna("GET", "/v1/me", 429)
    assert late.json()["code"] == "api.too_many"
    assert 1 <= int(late.headers["retry-after"]) <= 10
    await bert("GET", "/v1/me", 200)
    stranger = Caller(app)
    codes = [(await stranger("GET", "/v1/me")).status_code for _ in range(4)]
    assert codes == [401, 401, 401, 429]  # what keys pay for, their address does not
    await bert("GET", "/v1/me", 200)  # nor do strangers at its address lock a known key out
    revoke_key(ctx, HUB, keys["bert"].split("_")[1])
    assert [(await bert("GET", "/v1/me")).status_code for _ in range(2)] == [401, 429]


def test_buckets_fill_again() -> None:
    """A burst at once, then the rate; memory is bounded."""
    now = [0.0]
    buckets = Buckets(60, 5, clock=lambda: now[0])
    assert [buckets.take("a") > 0 for _ in range(6)] == [False] * 5 + [True]
    now[0] = 2.0
    assert [buckets.take("a") > 0 for _ in range(3)] == [False, False, True]
    now[0] = 1e6
    assert [buckets.take("a") > 0 for _ in range(6)] == [False] * 5 + [True]
    for number in range(30_000):
        buckets.take(str(number))
    assert len(buckets._left) == 20_000


async def test_our_faults_are_logged_and_not_told(
    app: FastAPI, anna: Caller, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """500 with an id that the log has, with the traceback; nothing of it in the answer."""
    from manufold.api.routes import orders as routes

    def broken(*_given: Any) -> Any:
        raise ZeroDivisionError("a secret")

    monkeypatch.setattr(routes, "show_order", broken)
    answer = await anna.http.get("/v1/orders/x")
    assert answer.status_code == 500
    assert answer.json()["code"] == "api.unexpected"
    assert "secret" not in answer.text
    number = answer.json()["params"]["id"]
    logged = [record for record in caplog.records if number in record.getMessage()]
    assert len(logged) == 1
    assert logged[0].exc_info is not None
    assert logged[0].exc_info[0] is ZeroDivisionError


def test_every_status_is_titled() -> None:
    """Each status a problem can have has its title in both languages."""
    for status in {*STATUS.values(), 422, 409, 503, 500}:
        for language in LANGUAGES:
            assert f"problem.{status}" in sentences(language)


def test_documented_refusals_are_raised(app: FastAPI) -> None:
    """What the document says of a code, its branch and status, is what the source raises."""
    source = "".join(path.read_text(encoding="utf-8") for path in SOURCE.rglob("*.py"))
    seen = set()
    for operations in app.state.document()["paths"].values():
        for operation in operations.values():
            for answer in operation["responses"].values():
                media = answer.get("content", {}).get("application/problem+json", {})
                for code, example in media.get("examples", {}).items():
                    branch = example["value"]["branch"]
                    assert re.search(rf"{branch}\(\s*\"{re.escape(code)}\"", source), (code, branch)
                    seen.add(code)
    assert set(EVERYWHERE) < seen
    assert json.dumps(sorted(seen))
