"""Promises over HTTP keep their contract in both languages, refuse by name, and write nothing."""

import asyncio
from typing import Any

import httpx
from tests.api.door import Caller, caller, keys_of, made, sim
from tests.contracts.schemas import faults
from tests.shop import shop_plan

from manufold.api.routes.promises import PromiseIn, PromisesOut
from manufold.api.served import Served
from manufold.model.codec import canonical, decoded, from_json, stamped, unstamped
from manufold.model.process_plan import ProcessPlan

PLAN: Any = from_json(canonical(stamped("process_plan", 1, shop_plan())))


def body(**more: Any) -> bytes:
    """Return what a program sends."""
    return canonical({"process_plan": PLAN, "quantity": 10, "to": "door", **more})


async def post(call: Caller, content: bytes, language: str = "en") -> httpx.Response:
    """Ask for promises; the answer is held to the document."""
    headers = {"Content-Type": "application/json", "Accept-Language": language}
    return await call("POST", "/v1/promises", content=content, headers=headers)


async def test_the_answer_keeps_its_contract() -> None:
    """Three options, four with weights; two languages; the log stays where it is."""
    ctx = sim()
    app = made(ctx)
    call = caller(app, keys_of(ctx), "anna")
    seq = ctx.store.head().seq
    texts = set()
    for language in ("en", "zh"):
        for more, count in (({}, 3), ({"weights": {"day": 1, "carbon": 2.5}}, 4)):
            answer = await post(call, body(**more), language)
            assert answer.status_code == 200, answer.text
            found = answer.json()
            assert faults("promise_answer", found) == []
            PromisesOut.model_validate_json(answer.content)
            assert [one["name"] for one in found["options"]] == [
                *("fast", "cheap", "green"),
                *["weighted"][: count - 3],
            ]
            assert found["held"] is False
            texts.add(found["note"]["text"])
            fast, cheap = found["options"][:2]
            assert fast["promised_at"] <= cheap["promised_at"]
            assert cheap["price_minor"] <= fast["price_minor"]
            for one in found["options"]:
                assert one["p50_at"] <= one["promised_at"]
                assert one["binding"]["text"] not in ("", one["binding"]["code"])
                assert all(slot["start_at"] < slot["end_at"] for slot in one["slots"])
    assert len(texts) == 2
    assert ctx.store.head().seq == seq


async def test_without_a_zone_it_is_the_callers_country() -> None:
    """As for an offer; what is wanted too early is said first."""
    ctx = sim()
    call = caller(made(ctx), keys_of(ctx), "anna")
    answer = await post(call, canonical({"process_plan": PLAN, "by": "2026-11-08"}))
    found = answer.json()
    assert found["destination"] == "door"
    if found["options"][0]["promised_at"] > found["requested_at"]:
        codes = [one["reasons"][0]["code"] for one in found["options"]]
        assert set(codes) == {"offer.later_than_requested"}


async def test_refusals_are_problems() -> None:
    """Who may not, what is no plan, a cycle, nobody able, too many at once: each by its code."""
    ctx = sim()
    app = made(ctx)
    keys = keys_of(ctx)
    call = caller(app, keys, "anna")
    one = PLAN["operations"][0]
    cycle = [{**one, "after": ["op20"]}, {**one, "operation_id": "op20", "after": ["op10"]}]

    def plan(**more: Any) -> bytes:
        return body(process_plan={**PLAN, **more})

    cases = [
        (call, b"{}", 422, "api.request_wrong"),
        (call, body(colour="red"), 422, "api.request_wrong"),
        (call, body(weights={"day": -1}), 422, "api.request_wrong"),
        (call, body(weights={}), 422, "promise.weights_nothing"),
        (call, body(quantity=10**9), 422, "offer.quantity_outside"),
        (call, body(to="mars"), 422, "offer.zone_unknown"),
        (call, body(by="2020-01-01"), 422, "offer.date_past"),
        (call, plan(type="offer"), 422, "codec.type_wrong"),
        (call, plan(owner="x"), 422, "codec.field_unknown"),
        (call, plan(operations=cycle), 422, "plan.routing_cyclic"),
        (call, plan(operations=[{**one, "min_lag_s": 2**62}]), 422, "promise.number_outside"),
        (call, plan(operations=[one] * 501), 422, "promise.plan_too_large"),
        (call, plan(operations=[{**one, "capability": "weave"}]), 422,
         "schedule.capability_unknown"),
        (caller(app, keys, "maker"), body(), 403, "access.role_may_not"),
    ]  # fmt: skip
    for who, content, status, code in cases:
        answer = await post(who, content)
        assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
        assert not answer.json()["detail"].startswith(code), "a bare code"
    served: Served = app.state.served
    served.offering = ctx.settings.offers_at_once_max
    assert (await post(call, body())).json()["code"] == "api.busy"
    served.offering = 0
    assert (await post(call, body())).status_code == 200
    assert served.offering == 0


async def test_callers_pay_the_rate_of_all_requests() -> None:
    """Above the burst the door refuses, as it does for offers."""
    ctx = sim(requests_burst=3, requests_per_minute=1)
    call = caller(made(ctx), keys_of(ctx), "anna")
    answers = [await post(call, body()) for _ in range(5)]
    assert [one.status_code for one in answers] == [200, 200, 200, 429, 429]


async def test_many_at_once_answer_alike() -> None:
    """Twelve callers at once, six plans: each gets what it gets alone."""
    ctx = sim(offers_at_once_max=50)
    call = caller(made(ctx), keys_of(ctx), "anna")
    bodies = [
        body(process_plan={**PLAN, "process_plan_id": f"p{n % 6}"}, quantity=n + 1)
        for n in range(12)
    ]

    def told(answer: httpx.Response) -> Any:
        return {name: value for name, value in answer.json().items() if name != "seconds"}

    together = await asyncio.gather(*(post(call, one) for one in bodies))
    alone = [await post(call, one) for one in bodies]
    assert list(map(told, together)) == list(map(told, alone))


def test_the_example_is_a_plan() -> None:
    """What the document shows can be read, and keeps the contract of process plans."""
    [example] = PromiseIn.model_json_schema()["examples"]
    wanted = PromiseIn.model_validate(example)
    assert faults("process_plan", wanted.process_plan) == []
    plan = decoded(ProcessPlan, unstamped(wanted.process_plan, "process_plan", 1))
    assert plan.operations[0].run_s == 140
