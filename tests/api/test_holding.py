"""Extend, release and the hold log over HTTP: once per key, to each what is its own."""

from typing import Any

import pytest
from tests.api.door import Caller, caller, keys_of, made, sim
from tests.contracts.schemas import faults
from tests.services.world import ANNA, quoted

from manufold.services.context import Context
from manufold.services.documents import offer_of
from manufold.services.order import accept


@pytest.fixture
def ctx() -> Context:
    """A simulated world."""
    return sim()


@pytest.fixture
def callers(ctx: Context) -> dict[str, Caller]:
    """A caller for everybody."""
    app, keys = made(ctx), keys_of(ctx)
    return {name: caller(app, keys, name) for name in keys}


async def test_a_hold_is_extended_once_per_key(ctx: Context, callers: dict[str, Caller]) -> None:
    """The same key again is the same answer; another key is another time; then 409 says enough."""
    anna = callers["anna"]
    offer = quoted(ctx, ANNA).offer
    path = f"/v1/offers/{offer.offer_id}/extend"
    answers = [
        await anna.json("POST", path, headers={"Idempotency-Key": key}) for key in ("a", "a", "b")
    ]
    assert answers[0] == answers[1] != answers[2]
    assert answers[2] == await anna.json("GET", f"/v1/offers/{offer.offer_id}")
    now = offer_of(ctx, offer.offer_id)
    assert now is not None
    assert now.reservation.expires_s == offer.reservation.expires_s + 2 * 1800
    assert await anna.code("POST", path, 409) == "hold.extended_enough"
    assert await callers["bert"].code("POST", path, 404) == "access.no_such_offer"
    assert await callers["maker"].code("POST", path, 403) == "access.role_may_not"


async def test_a_released_offer_is_gone(ctx: Context, callers: dict[str, Caller]) -> None:
    """Released twice it is done once; accepting it is 410, with a sentence that says to ask."""
    anna = callers["anna"]
    offer = quoted(ctx, ANNA).offer
    path = f"/v1/offers/{offer.offer_id}"
    for _ in range(2):
        answer = await anna.json("POST", f"{path}/release")
        assert answer == {"offer_id": offer.offer_id, "released": True}
    gone = await anna("POST", f"{path}/accept", 410, json={"option": "cheap"})
    assert gone.json()["code"] == "hold.was_released" and "new offer" in gone.json()["detail"]
    assert await callers["bert"].code("POST", f"{path}/release", 404) == "access.no_such_offer"
    assert not ctx.store.bookings(now_s=0)


async def test_a_full_party_may_ask_again_with_the_same_key(callers: dict[str, Caller]) -> None:
    """The cap is a 409 that is not kept: once one offer is released, the same key is served."""
    anna = callers["anna"]
    ctx = sim(holds_per_party=1)
    app, keys = made(ctx), keys_of(ctx)
    anna = caller(app, keys, "anna")
    body: Any = {"json": {"quantity": 2, "vertical": "toy", "fields": {"mass_g": 500}}}
    key = {"Idempotency-Key": "one"}
    first = await anna.json("POST", "/v1/offers", 201, **body)
    assert await anna.code("POST", "/v1/offers", 409, headers=key, **body) == "hold.offers_most"
    await anna.json("POST", f"/v1/offers/{first['offer_id']}/release")
    second = await anna.json("POST", "/v1/offers", 201, headers=key, **body)
    assert second["offer_id"] != first["offer_id"]


async def test_the_hold_log_keeps_its_contract(ctx: Context, callers: dict[str, Caller]) -> None:
    """A buyer reads its own holds, a maker what its sites held, neither the other's business."""
    anna = callers["anna"]
    offers = [quoted(ctx, ANNA, content=b"block 0.0%d" % n).offer for n in (1, 2, 3)]
    order = accept(ctx, ANNA, offers[0].offer_id, "cheap")
    await anna.json("POST", f"/v1/offers/{offers[1].offer_id}/release")
    await anna.json("POST", f"/v1/offers/{offers[2].offer_id}/extend")
    told = await anna.json("GET", "/v1/holds")
    assert faults("holds_answer", told) == []
    assert [one["offer_id"] for one in told["holds"]] == [one.offer_id for one in offers]
    assert [one["state"] for one in told["holds"]] == ["accepted", "released", "open"]
    assert told["holds"][0]["order_id"] == order.order_id
    assert [len(one["extended"]) for one in told["holds"]] == [0, 0, 1]
    still = await anna.json("GET", "/v1/holds?open=true")
    assert still["holds"] == told["holds"][2:]
    assert (await callers["bert"].json("GET", "/v1/holds"))["holds"] == []
    plant = await callers["maker"].json("GET", "/v1/holds?site=plant")
    assert faults("holds_answer", plant) == []
    assert plant["holds"]
    for one in plant["holds"]:
        assert (one["offer_id"], one["party"], one["by"], one["ended_by"]) == ("", "", "", "")
        assert {stretch["site"] for stretch in one["stretches"]} == {"plant"}
    every = await callers["hub"].json("GET", "/v1/holds?from=2020-01-01T00:00:00Z")
    assert every == told
    code = await anna.code("GET", "/v1/holds?from=2040-01-01T00:00:00Z", 422)
    assert code == "hold.window_empty"
    assert await anna.code("GET", "/v1/holds?site=plant", 403) == "access.role_may_not"
