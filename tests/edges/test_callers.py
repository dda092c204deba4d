"""Callers against each other: keys replayed, orders of others, keys revoked, and what leaks."""

import json
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from fastapi import FastAPI
from tests.edges.small_world import (
    ANNA,
    BERT,
    HUB,
    MAKER,
    OTHER,
    Blocks,
    api_of,
    listening,
    small_world,
)
from tests.services.world import shared_plants

from manufold.model.party import Actor
from manufold.services.context import Context
from manufold.services.documents import orders_of
from manufold.services.keys import revoke_key
from manufold.services.run import run

BLOCK = {"name": "b.txt", "content": "YmxvY2sgMC4wMQ=="}
ASK = {"files": [BLOCK], "quantity": 3, "to": "door"}


class Callers:
    """A served world with a client for every actor."""

    def __init__(self, ctx: Context, app: FastAPI, url: str, keys: dict[Actor, str]) -> None:
        self.ctx, self.app, self.url, self.keys = ctx, app, url, keys
        self.http = httpx.Client(base_url=url, timeout=60, trust_env=False)

    def __call__(self, actor: Actor, method: str, path: str, **more: Any) -> httpx.Response:
        """Ask as somebody."""
        headers = {"Authorization": f"Bearer {self.keys[actor]}", **more.pop("headers", {})}
        return self.http.request(method, path, headers=headers, **more)

    def offer(self, actor: Actor, **more: Any) -> Any:
        """Return an offer."""
        answer = self(actor, "POST", "/v1/offers", json=ASK, **more)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def order(self, actor: Actor) -> Any:
        """Return an order."""
        path = f"/v1/offers/{self.offer(actor)['offer_id']}/accept"
        answer = self(actor, "POST", path, json={"option": "cheap"})
        assert answer.status_code == 201, answer.text
        return answer.json()


@pytest.fixture(params=["apart", "shared"])
def shared(request: pytest.FixtureRequest) -> bool:
    """Whether both owners make a part of each order."""
    return bool(request.param == "shared")


@pytest.fixture
def call(request: pytest.FixtureRequest) -> Iterator[Callers]:
    """Callers in a fresh world."""
    wide = "shared" in request.fixturenames and request.getfixturevalue("shared")
    network = {"network": shared_plants(), "toy": Blocks(turned=True)} if wide else {}
    ctx = small_world(**network, hold_s=100_000)
    app, keys = api_of(ctx)
    with listening(app) as url:
        found = Callers(ctx, app, url, keys)
        with found.http:
            yield found


def offers_made(ctx: Context) -> int:
    """Return how many offers the log has."""
    return sum(event.kind == "OfferMade" for event in ctx.store.read())


def test_twenty_at_once_with_one_key(call: Callers) -> None:
    """20 equal requests at once under one key: one offer, one order; all end with its id."""

    def until_answered(path: str, body: Any) -> Any:
        for _ in range(200):
            answer = call(ANNA, "POST", path, json=body, headers={"Idempotency-Key": "k"})
            if answer.status_code not in (409, 503):
                return answer
            assert answer.json()["code"] in ("api.key_busy", "api.busy")
            assert int(answer.headers["retry-after"]) >= 1
            time.sleep(0.05)
        raise AssertionError("it never was answered")

    with ThreadPoolExecutor(20) as pool:
        found = list(pool.map(lambda _: until_answered("/v1/offers", ASK), range(20)))
    assert {answer.status_code for answer in found} == {201}
    assert len({answer.content for answer in found}) == 1
    assert offers_made(call.ctx) == 1
    path = f"/v1/offers/{found[0].json()['offer_id']}/accept"

    def accept(number: int) -> Any:
        key = {"Idempotency-Key": f"a-{number}"}
        return call(ANNA, "POST", path, json={"option": "cheap"}, headers=key)

    with ThreadPoolExecutor(20) as pool:
        made = list(pool.map(accept, range(20)))
    assert [answer.status_code for answer in made].count(201) >= 1
    ids = {answer.json()["order_id"] for answer in made if answer.status_code == 201}
    assert len(ids) == len(orders_of(call.ctx)) == 1
    refused = {answer.json()["code"] for answer in made if answer.status_code != 201}
    assert refused <= {"order.offer_accepted", "order.contested"}


def test_a_key_belongs_to_its_caller(call: Callers) -> None:
    """One key, two callers: two offers; another body under it: 409, and nothing is made."""
    key = {"Idempotency-Key": "the-same"}
    mine, hers = call.offer(ANNA, headers=key), call.offer(BERT, headers=key)
    assert mine["offer_id"] != hers["offer_id"]
    other = call(ANNA, "POST", "/v1/offers", json={**ASK, "quantity": 4}, headers=key)
    assert (other.status_code, other.json()["code"]) == (409, "api.key_of_another")
    assert call.offer(ANNA, headers=key) == mine
    assert offers_made(call.ctx) == 2
    hub = call(HUB, "POST", "/v1/keys", json={"party": "anna", "role": "buyer"}, headers=key)
    assert hub.status_code == 201
    again = call(HUB, "POST", "/v1/keys", json={"party": "anna", "role": "buyer"}, headers=key)
    assert again.json()["key_id"] == hub.json()["key_id"]
    assert hub.json()["key"] not in again.text


READS = ("", "/passport", "/life", "/life?after=3")
CHANGES: dict[str, Any] = {
    "cancel": {"reason": "x"},
    "amend": {"quantity": 1},
    "claims": {"quantity": 1, "reason": "x"},
    "returns": {"claim_id": "x", "quantity": 1},
}


def test_an_order_of_another_is_as_none(call: Callers) -> None:
    """Byte for byte the answers, headers as well, but for the id, and in like time."""
    order = call.order(BERT)
    offer = call.offer(BERT)
    never = {"order": "ord_" + "0" * (len(order["order_id"]) - 4)}
    never["offer"] = "off_" + "0" * (len(offer["offer_id"]) - 4)

    def asked(kind: str, wanted: str) -> list[tuple[int, bytes, list[tuple[str, str]]]]:
        base = f"/v1/{kind}s/{wanted}"
        found = []
        if kind == "offer":
            found = [call(ANNA, "GET", base)]
            found.append(call(ANNA, "POST", f"{base}/accept", json={"option": "cheap"}))
        else:
            found = [call(ANNA, "GET", base + more) for more in READS]
            stream = {"Accept": "text/event-stream"}
            found.append(call(ANNA, "GET", f"{base}/life", headers=stream))
            found += [call(ANNA, "POST", f"{base}/{v}", json=b) for v, b in CHANGES.items()]
            found.append(call(ANNA, "DELETE", f"{base}/design"))
        return [
            (
                answer.status_code,
                answer.content.replace(wanted.encode(), b"-"),
                [(k, v) for k, v in answer.headers.items() if k != "date"],
            )
            for answer in found
        ]

    for kind, theirs in (("order", order["order_id"]), ("offer", offer["offer_id"])):
        there, nowhere = asked(kind, theirs), asked(kind, never[kind])
        assert there == nowhere
        assert {status for status, _body, _headers in there} == {404}
    times: dict[str, list[float]] = {order["order_id"]: [], never["order"]: []}
    for _ in range(60):
        for wanted, taken in times.items():
            began = time.perf_counter()
            call(ANNA, "GET", f"/v1/orders/{wanted}")
            taken.append(time.perf_counter() - began)
    middle = [sorted(taken)[30] for taken in times.values()]
    assert max(middle) < 3 * min(middle), middle


def test_denials_are_logged(call: Callers, caplog: pytest.LogCaptureFixture) -> None:
    """Who reached for what stands in the access log, on one line, whatever the id holds."""
    order = call.order(BERT)
    caplog.clear()
    for wanted in (order["order_id"], "x\ninjected: line", "\u202eyy"):
        with caplog.at_level("WARNING", logger="manufold.access"):
            call(ANNA, "GET", f"/v1/orders/{quote(wanted)}")
    told = [r.getMessage() for r in caplog.records if r.name == "manufold.access"]
    assert len(told) >= 2
    assert all("anna" in line and "\n" not in line and "\u202e" not in line for line in told), told
    assert order["order_id"] in told[0]


def test_a_revoked_key_ends_its_streams(call: Callers) -> None:
    """A stream ends within seconds of its key, also while events are pouring in."""
    order = call.order(ANNA)
    key = {"Authorization": f"Bearer {call.keys[ANNA]}", "Accept": "text/event-stream"}
    with call.http.stream("GET", f"/v1/orders/{order['order_id']}/life", headers=key) as stream:
        lines = stream.iter_lines()
        assert next(lines).startswith("retry:")
        revoke_key(call.ctx, HUB, call.keys[ANNA].split("_")[1])
        began = time.monotonic()
        for _line in lines:
            assert time.monotonic() - began < 10
    assert time.monotonic() - began < 10
    assert call(ANNA, "GET", "/v1/me").status_code == 401


def test_a_world_does_not_outrun_the_calendar(call: Callers) -> None:
    """However often it is let run, the clock ends where calendars do: 2199, and all still works."""
    for _ in range(30):
        answer = call(HUB, "POST", "/v1/run", json={"hours": 87_660})
        call.app.state.runner.wait(30)
        if answer.status_code != 202:
            break
    assert (answer.status_code, answer.json()["code"]) == (422, "app.instant_outside")
    run_now = call(HUB, "GET", "/v1/run").json()
    assert run_now["error"] is None and run_now["now"][:3] == "219"
    order = call.order(ANNA)
    for path in ("/v1/board", "/v1/schedule", f"/v1/orders/{order['order_id']}"):
        assert call(HUB, "GET", path).status_code == 200
    answer = call(HUB, "POST", "/v1/run", json={"orders": [order["order_id"]]})
    assert answer.status_code == 202 and call.app.state.runner.wait(60)
    done = call(ANNA, "GET", f"/v1/orders/{order['order_id']}").json()
    assert done["state"] == "delivered"


def test_no_route_without_a_key(call: Callers) -> None:
    """401 with the scheme to use, on every route of the document but health."""
    document = call.http.get("/openapi.json").json()
    count = 0
    for path, operations in document["paths"].items():
        for method in operations:
            for headers in ({}, {"Authorization": "Bearer mf_x"}, {"Authorization": "Basic eDp4"}):
                where = re.sub(r"\{\w+\}", "x", path)
                answer = call.http.request(method, where, headers=headers)
                if path == "/v1/health":
                    assert answer.status_code == 200
                    continue
                count += 1
                assert answer.status_code == 401, (method, path)
                assert answer.headers["www-authenticate"].startswith("Bearer")
                assert answer.headers["content-type"] == "application/problem+json"
    assert count >= 3 * 25


def test_nobody_reads_of_another(call: Callers, shared: bool) -> None:
    """Two buyers, two owners: every route by every key; no id, price or name of another's."""
    mine, hers = call.order(ANNA), call.order(BERT)
    run(call.ctx, orders=(mine["order_id"],))
    mine = call(ANNA, "GET", f"/v1/orders/{mine['order_id']}").json()
    offers = {who: call.offer(who) for who in (ANNA, BERT)}
    hook = call(ANNA, "POST", "/v1/webhooks", json={"url": "https://93.184.216.34/x", "kinds": []})
    by_site: dict[str, set[str]] = {"plant": set(), "works": set()}
    for order in (mine, hers):
        for job in order["job_orders"]:
            by_site[job["site"]].add(job["job_order_id"])
    if shared:
        assert all(by_site.values())
    ids = {
        "order_id": [mine["order_id"], hers["order_id"]],
        "offer_id": [mine["offer_id"], hers["offer_id"]],
        "webhook_id": [hook.json().get("webhook_id", "whk_x")],
        "key_id": [call.keys[ANNA].split("_")[1], call.keys[MAKER].split("_")[1]],
    }
    of_anna = {"anna", "Anna", mine["offer_id"], mine["option_id"], offers[ANNA]["offer_id"]}
    of_anna |= set(ids["webhook_id"]) | {"93.184.216.34"}
    of_bert = {"bert", "Bert", hers["offer_id"], hers["option_id"], offers[BERT]["offer_id"]}
    prices = {f'"price_minor":{order["price_minor"]}' for order in (mine, hers)}
    secrets = {
        ANNA: of_bert | {hers["order_id"]},
        BERT: of_anna | {mine["order_id"]},
        MAKER: of_anna | of_bert | prices | by_site["works"],
        OTHER: of_anna | of_bert | prices | by_site["plant"],
    }
    asked = 0
    document = call.http.get("/openapi.json").json()
    for path, operations in document["paths"].items():
        place = re.search(r"\{(\w+)\}", path)
        for wanted in ids[place[1]] if place else [""]:
            where = path if place is None else path.replace(place[0], wanted)
            for method in operations:
                for actor, hidden in secrets.items():
                    if path in ("/v1/offers", "/v1/keys") and method == "post":
                        continue  # makes what is one's own
                    if method == "delete" and wanted == call.keys[actor].split("_")[1]:
                        continue  # would end the walk
                    body = {"json": bodies(path, mine)} if method == "post" else {}
                    answer = call(actor, method.upper(), where, **body)
                    asked += 1
                    if path == "/v1/orders/{order_id}/cancel" and answer.status_code == 200:
                        assert actor in (ANNA, BERT)
                    told = answer.text
                    for sent in (wanted, *re.findall(r"(?:ord|job)_\w+", json.dumps(body))):
                        told = told.replace(sent, "") if sent and answer.is_error else told
                    found = [one for one in hidden if re.search(rf"\b{re.escape(one)}\b", told)]
                    assert not found, (actor, method, where, found, answer.text[:600])
    assert asked > 4 * 40


def bodies(path: str, order: Any) -> Any:
    """Return a body that a route takes."""
    verb = path.rpartition("/")[2]
    if verb in CHANGES:
        return CHANGES[verb]
    if verb == "accept":
        return {"option": "fast"}
    if verb == "run":
        return {"hours": 1, "orders": [order["order_id"]]}
    if verb == "commands":
        job = order["job_orders"][0]["job_order_id"]
        said = {"command_id": "c", "kind": "hold", "at_s": 220_000_000, "data": {"reason": "x"}}
        return {**said, "order_id": order["order_id"], "job_order_id": job}
    if verb == "webhooks":
        return {"url": "https://93.184.216.35/y", "kinds": []}
    return json.loads("{}")
