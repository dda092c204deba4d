"""Explain over HTTP: the same answer as the command line's, to whom it belongs."""

import pytest
from fastapi import FastAPI
from tests.api.door import BLOCK, Caller, caller, keys_of, made, sim
from tests.contracts.schemas import faults

from manufold.services.context import Context


@pytest.fixture
def ctx() -> Context:
    """A world in which a hold lasts for a day."""
    return sim(hold_s=86_400)


@pytest.fixture
def app(ctx: Context) -> FastAPI:
    """The API on it."""
    return made(ctx)


async def test_an_option_then_its_order_are_explained(ctx: Context, app: FastAPI) -> None:
    """Both answers keep the contract; the order remembers what it was promised for, and the
    other options as they were offered."""
    anna = caller(app, keys_of(ctx), "anna")
    answer = await anna(
        "POST", "/v1/offers", 201, files={"files": ("b.txt", BLOCK)}, data={"quantity": "5"}
    )
    offer, place = answer.json(), answer.headers["location"]
    options = {one["name"]: one for one in offer["options"]}
    found = await anna.json("GET", f"{place}/explain", params={"option": "cheap"})
    assert faults("explain_answer", found) == []
    assert (found["promise"], found["standing"]) == (options["cheap"]["reasons"], "held")
    others = {tuple(one["sites"]): one for one in found["others"]}
    for option in options.values():
        if option["sites"] != options["cheap"]["sites"]:
            assert others[tuple(option["sites"])]["price_minor"] == option["price_minor"]
    assert (
        await anna.code("GET", f"{place}/explain", 422, params={"option": "best"})
        == "offer.option_unknown"
    )
    order = await anna.json("POST", f"{place}/accept", 201, json={"option": "cheap"})
    assert (
        await anna.code("GET", f"{place}/explain", 409, params={"option": "cheap"})
        == "offer.sooner_over"
    )
    stands = await anna.json("GET", f"/v1/orders/{order['order_id']}/explain")
    assert faults("explain_answer", stands) == []
    assert (stands["option"], stands["promised_at"]) == ("cheap", options["cheap"]["promised_at"])
    assert stands["promise"] == options["cheap"]["reasons"]


async def test_what_is_anothers_is_not_there(ctx: Context, app: FastAPI) -> None:
    """Another buyer is told that there is neither offer nor order; its maker sees no price."""
    keys = keys_of(ctx)
    anna, bert = caller(app, keys, "anna"), caller(app, keys, "bert")
    answer = await anna(
        "POST", "/v1/offers", 201, files={"files": ("b.txt", BLOCK)}, data={"quantity": "5"}
    )
    place = answer.headers["location"]
    assert (
        await bert.code("GET", f"{place}/explain", 404, params={"option": "cheap"})
        == "access.no_such_offer"
    )
    order = await anna.json("POST", f"{place}/accept", 201, json={"option": "cheap"})
    path = f"/v1/orders/{order['order_id']}/explain"
    assert await bert.code("GET", path, 404) == "access.no_such_order"
    own: Caller = caller(app, keys, "maker")
    told = await own.json("GET", path)
    assert faults("explain_answer", told) == []
    assert (told["others"], told["sooner"], told["offer_id"], told["day_earlier"]) == (
        [],
        [],
        None,
        None,
    )
