"""Buying over HTTP: ask, accept, follow, change one's mind, prove; and being refused politely."""

import asyncio
import base64
import json
from dataclasses import replace
from typing import Any

import pytest
from fastapi import FastAPI
from tests.api.door import BLOCK, Caller, caller, keys_of, made, ordered, sim
from tests.services.world import ANNA, quoted

from manufold.services.context import Context
from manufold.services.documents import orders_of
from manufold.services.run import run


@pytest.fixture
def ctx() -> Context:
    """A world in which a hold lasts for a day."""
    return sim(hold_s=86_400)


@pytest.fixture
def app(ctx: Context) -> FastAPI:
    """The API on it."""
    return made(ctx)


@pytest.fixture
def anna(ctx: Context, app: FastAPI) -> Caller:
    """A buyer with a key."""
    return caller(app, keys_of(ctx), "anna")


async def test_a_design_becomes_an_order(ctx: Context, anna: Caller) -> None:
    """Upload, three options, accept, look: the same ids all the way, and one order in the log."""
    answer = await anna(
        "POST",
        "/v1/offers",
        201,
        files={"files": ("b.txt", BLOCK)},
        data={"quantity": "5", "to": "door", "by": "2030-01-01"},
    )
    offer = answer.json()
    assert answer.headers["location"] == f"/v1/offers/{offer['offer_id']}"
    assert {one["name"] for one in offer["options"]} == {"fast", "cheap", "green"}
    again = await anna.json("GET", answer.headers["location"])
    assert {**again, "seconds": 0} == {**offer, "seconds": 0}
    order = await anna.json(
        "POST", f"{answer.headers['location']}/accept", 201, json={"option": "fast"}
    )
    fast = next(one for one in offer["options"] if one["name"] == "fast")
    assert order["offer_id"] == offer["offer_id"]
    assert (order["price_minor"], order["promised_at"]) == (
        fast["price_minor"],
        fast["promised_at"],
    )
    assert order["requested_at"].startswith("2030-01-01T23:59:59")
    assert await anna.json("GET", f"/v1/orders/{order['order_id']}") == order
    assert [one.order_id for one in orders_of(ctx)] == [order["order_id"]]


@pytest.mark.parametrize("way", ["form", "base64", "fields"])
async def test_every_way_to_give_a_design(anna: Caller, way: str) -> None:
    """A form with files, JSON with files, and fields of the vertical's form give equal prices."""
    if way == "form":
        more: Any = {"files": {"files": ("b.txt", BLOCK)}, "data": {"quantity": "5"}}
    elif way == "base64":
        file = {"name": "b.txt", "content": base64.b64encode(BLOCK).decode()}
        more = {"json": {"quantity": 5, "files": [file]}}
    else:
        more = {"json": {"quantity": 5, "vertical": "toy", "fields": {"mass_g": 500}}}
    offer = await anna.json("POST", "/v1/offers", 201, **more)
    prices = {one["name"]: one["price_minor"] for one in offer["options"]}
    assert prices == {
        one.name: one.price_minor for one in quoted(sim(), ANNA, quantity=5).offer.options
    }


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"fields": {"mass_g": 500}, "vertical": "none"}, "api.by_hand_not"),
        ({"fields": {"weight": 500}, "vertical": "toy"}, "api.field_not_in_form"),
        ({"fields": {"mass_g": "heavy"}}, "api.number_wrong"),
        ({"fields": {"mass_g": 5, "finish": "gold"}}, "api.choice_wrong"),
        ({"fields": {"finish": "raw"}}, "api.field_needed"),
        ({"fields": {"mass_g": 5}, "files": [{"name": "b", "content": "YQ=="}]}, "api.files_and_"),
        ({"files": [], "quantity": 5}, "offer.files_count"),
        ({"files": [{"name": "b", "content": "YQ=="}]}, "design.not_recognised"),
        ({"fields": {"mass_g": 5}, "to": "mars"}, "offer.zone_unknown"),
        ({"fields": {"mass_g": 5}, "by": "tomorrow"}, "app.instant_malformed"),
        ({"fields": {"mass_g": 5}, "by": "2021-01-01"}, "offer.date_past"),
    ],
)
async def test_a_design_that_cannot_be_read(anna: Caller, body: Any, code: str) -> None:
    """Each fault of the content has its own code, with 422."""
    assert (await anna.code("POST", "/v1/offers", 422, json=body)).startswith(code)


async def test_an_expired_offer_says_what_to_do(ctx: Context, anna: Caller) -> None:
    """410, and the sentence says to ask again; in the language asked for."""
    offer = quoted(ctx, ANNA).offer
    ctx.clock.advance_to(offer.reservation.expires_s)  # type: ignore[attr-defined]
    path = f"/v1/offers/{offer.offer_id}/accept"
    gone = await anna("POST", path, 410, json={"option": "cheap"})
    assert gone.json()["code"] == "order.offer_expired"
    assert "ask for a new one" in gone.json()["detail"]
    chinese = await anna(
        "POST", path, 410, json={"option": "cheap"}, headers={"Accept-Language": "de, zh-CN;q=0.8"}
    )
    assert "请重新询价" in chinese.json()["detail"]
    assert chinese.json()["title"] == "已失效"
    assert (await anna("GET", f"/v1/offers/{offer.offer_id}", 200)).json()["offer_id"]


async def test_pages_of_orders(ctx: Context, anna: Caller) -> None:
    """Pages follow each other without gap or repetition, also of one state only."""
    made_ones = [(await ordered(anna, 1))["order_id"] for _ in range(5)]
    await anna("POST", f"/v1/orders/{made_ones[2]}/cancel", 200, json={})
    seen, after = [], ""
    while True:
        page = await anna.json("GET", f"/v1/orders?limit=2&after={after}")
        assert len(page["orders"]) <= 2
        seen += [one["order_id"] for one in page["orders"]]
        if page["next"] is None:
            break
        after = page["next"]
    assert seen == sorted(made_ones)
    cancelled = await anna.json("GET", "/v1/orders?state=cancelled")
    assert [one["order_id"] for one in cancelled["orders"]] == [made_ones[2]]
    assert await anna.code("GET", "/v1/orders?state=lost", 422) == "api.request_wrong"
    assert await anna.code("GET", "/v1/orders?limit=0", 422) == "api.request_wrong"
    assert await anna.code("GET", "/v1/orders?after=%00", 422) == "api.text_wrong"


async def test_a_shop_is_told_what_to_make(ctx: Context, app: FastAPI, anna: Caller) -> None:
    """Its maker gets the file and its operations while there is work; then no more."""
    order = await ordered(anna, 4)
    path = f"/v1/orders/{order['order_id']}/instructions"
    keys = keys_of(ctx)
    shop = ctx.network.site[order["job_orders"][0]["site"]].party_id
    found = await caller(app, keys, shop).json("GET", path)
    assert found == await anna.json("GET", path)
    assert base64.b64decode(found["files"][0]["content"]).startswith(b"block")
    assert [step["job_order_id"] for step in found["steps"]]
    run(ctx, orders=(order["order_id"],))
    assert await caller(app, keys, shop).code("GET", path, 409) == "order.nothing_to_make"


async def test_a_change_of_mind(ctx: Context, anna: Caller) -> None:
    """Fewer pieces, then none; more pieces are refused with the way out."""
    order = await ordered(anna, 5)
    path = f"/v1/orders/{order['order_id']}"
    assert (await anna.json("POST", f"{path}/amend", json={"quantity": 3}))["quantity"] == 3
    more = await anna("POST", f"{path}/amend", 422, json={"quantity": 9})
    assert more.json()["code"] == "execution.amend_more"
    assert await anna.code("DELETE", f"{path}/design", 409) == "change.still_needed"
    assert await anna.code("GET", f"{path}/passport", 409) == "order.not_delivered"
    assert (await anna.json("POST", f"{path}/cancel", json={}))["state"] == "cancelled"
    assert await anna.code("POST", f"{path}/cancel", 409, json={}) == "execution.order_state"
    assert (await anna.json("DELETE", f"{path}/design"))["deleted"] is True
    assert (await anna.json("DELETE", f"{path}/design"))["deleted"] is False


async def test_after_delivery(ctx: Context, anna: Caller) -> None:
    """A passport, a claim, a return; the passport is the same at every asking."""
    order = await ordered(anna, 3)
    run(ctx, orders=(order["order_id"],))
    path = f"/v1/orders/{order['order_id']}"
    delivered = await anna.json("GET", path)
    assert delivered["state"] == "delivered"
    assert delivered["actual_at"] is not None
    passport = await anna.json("GET", f"{path}/passport")
    assert passport["order_id"] == order["order_id"]
    assert passport == await anna.json("GET", f"{path}/passport")
    claim = {"quantity": 1, "reason": "a bore is too wide"}
    (claimed,) = (await anna.json("POST", f"{path}/claims", json=claim))["claims"]
    assert (claimed["quantity"], claimed["returned"]) == (1, 0)
    back = {"claim_id": claimed["claim_id"], "quantity": 1}
    returned = await anna.json("POST", f"{path}/returns", json=back)
    assert (returned["state"], returned["claims"]) == ("returned", [claimed | {"returned": 1}])
    back["quantity"] = 7
    assert await anna.code("POST", f"{path}/returns", 409, json=back) == "execution.return_too_many"


async def test_asking_twice_with_one_key(ctx: Context, anna: Caller) -> None:
    """The same key and content: one offer, one order, the same bytes, said to be a replay."""
    more: Any = {"files": {"files": ("b.txt", BLOCK)}, "data": {"quantity": "5"}}
    key = {"Idempotency-Key": "ask-1"}
    first = await anna("POST", "/v1/offers", 201, headers=key, **more)
    again = await anna("POST", "/v1/offers", 201, headers=key, **more)  # another form boundary
    assert first.content == again.content
    assert "idempotent-replay" not in first.headers
    assert again.headers["idempotent-replay"] == "true"
    path = f"/v1/offers/{first.json()['offer_id']}/accept"
    orders = [
        await anna("POST", path, 201, headers={"Idempotency-Key": "take-1"}, json={"option": o})
        for o in ("cheap", "cheap")
    ]
    assert orders[0].content == orders[1].content
    assert len(orders_of(ctx)) == 1
    kinds = [event.kind for event in ctx.store.read()]
    assert kinds.count("OfferMade") == kinds.count("OrderAccepted") == 1


async def test_what_is_kept_tells_no_measures() -> None:
    """Equal requests of two homes leave different digests: what was asked cannot be guessed."""
    body, kept = {"fields": {"mass_g": 500}}, []
    for secret in (b"of one home", b"of another"):
        here = replace(sim(), secret=secret)
        one = caller(made(here), keys_of(here), "anna")
        await one("POST", "/v1/offers", 201, headers={"Idempotency-Key": "k"}, json=body)
        found = here.desk.begin_answer("anna/buyer/k", "another", here.wall.now_s(), 2**40)
        assert found is not None and found.status == 201
        kept.append(found.digest)
    assert kept[0] != kept[1]


async def test_a_key_for_something_else(ctx: Context, app: FastAPI, anna: Caller) -> None:
    """Another body or another route is refused; another caller's equal key is another key."""
    bert = caller(app, keys_of(ctx), "bert")
    key = {"Idempotency-Key": "k"}
    order = await ordered(anna, 5)
    path = f"/v1/orders/{order['order_id']}"
    await anna("POST", f"{path}/amend", 200, headers=key, json={"quantity": 4})
    for where, body in ((f"{path}/amend", {"quantity": 3}), (f"{path}/cancel", {})):
        assert await anna.code("POST", where, 409, headers=key, json=body) == "api.key_of_another"
    assert (await anna.json("GET", path))["quantity"] == 4
    theirs = await bert("POST", f"{path}/amend", 404, headers=key, json={"quantity": 4})
    assert theirs.json()["code"] == "access.no_such_order"
    for wrong in ("", "a b", "é", "k" * 201):
        headers = [(b"Idempotency-Key", wrong.encode("latin-1"))]
        answer = await anna("POST", f"{path}/cancel", 422, headers=headers, json={})
        assert answer.json()["code"] == "api.key_wrong", wrong


async def test_a_refusal_is_kept(ctx: Context, anna: Caller) -> None:
    """A refused request is refused alike under its key, and said to be a replay; but nothing is
    kept of a refused design, whose refusal may name what a person sent about itself."""
    key = {"Idempotency-Key": "r"}
    order = await ordered(anna, 2)
    path = f"/v1/orders/{order['order_id']}/amend"
    first = await anna("POST", path, 422, headers=key, json={"quantity": 3})
    again = await anna("POST", path, 422, headers=key, json={"quantity": 3})
    assert json.loads(again.content) == first.json()
    assert again.headers["idempotent-replay"] == "true"
    key = {"Idempotency-Key": "s"}
    body = {"fields": {"mass_g": 5}, "to": "mars"}
    await anna("POST", "/v1/offers", 422, headers=key, json=body)
    again = await anna("POST", "/v1/offers", 422, headers=key, json=body)
    assert "idempotent-replay" not in again.headers
    other = await anna("POST", "/v1/offers", 201, headers=key, json={"fields": {"mass_g": 500}})
    replay = await anna("POST", "/v1/offers", 201, headers=key, json={"fields": {"mass_g": 500}})
    assert replay.json() == other.json()


async def test_an_answer_still_being_given(
    ctx: Context, anna: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second of two equal requests at once is told when to come back, and then hears the
    first one's answer."""
    from manufold.api.routes import orders as routes  # the verb as the route calls it

    order = await ordered(anna, 2)
    path, key = f"/v1/orders/{order['order_id']}/cancel", {"Idempotency-Key": "c"}
    real, inner = routes.change.cancel, []

    def slow(*given: Any) -> Any:
        if not inner:
            inner.append(None)
            with asyncio.Runner() as loop:
                inner[0] = loop.run(_ask(anna, path, key))
        return real(*given)

    monkeypatch.setattr(routes.change, "cancel", slow)
    first = await anna("POST", path, 200, headers=key, json={})
    status, code, retry = inner[0]
    assert (status, code, retry) == (409, "api.key_busy", "1")
    again = await anna("POST", path, 200, headers=key, json={})
    assert again.content == first.content


async def _ask(anna: Caller, path: str, key: dict[str, str]) -> tuple[int, str, str]:
    app = anna.http._transport.app  # type: ignore[attr-defined]
    other = Caller(app, anna.http.headers["authorization"].removeprefix("Bearer "))
    answer = await other("POST", path, headers=key, json={})
    return answer.status_code, answer.json()["code"], answer.headers["retry-after"]
