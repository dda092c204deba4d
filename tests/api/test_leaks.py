"""Leaks: a stranger's key, on every GET there is, learns nothing of another's business."""

import re

import pytest
from tests.api.door import caller, keys_of, made, ordered, sim
from tests.services.world import two_plants

from manufold.services.documents import orders_of
from manufold.services.run import run

STRANGERS = ("bert", "other", "maker", "maker_operator")


async def test_strangers_learn_nothing() -> None:
    """Every GET of the document is asked with every id of anna's order and offer: refused, or
    silent about her, her price, her ids, and about the machines of other owners."""
    ctx = sim(two_plants(), hold_s=86_400)
    app, keys = made(ctx), keys_of(ctx)
    anna = caller(app, keys, "anna")
    order = await ordered(anna, 4)
    run(ctx, orders=(order["order_id"],))
    order = await anna.json("GET", f"/v1/orders/{order['order_id']}")
    passport = await anna.json("GET", f"/v1/orders/{order['order_id']}/passport")
    hook = await anna.json(
        "POST", "/v1/webhooks", 201, json={"url": "http://127.0.0.1:9999/x", "kinds": []}
    )
    site = order["job_orders"][0]["site"]
    owner = ctx.network.site[site].party_id
    unit = order["job_orders"][0]["work_unit"]
    hers = ["anna", "Anna", order["offer_id"], order["option_id"], passport["passport_id"]]
    theirs = [order["order_id"], str(order["price_minor"]), unit]
    ids = {
        "offer_id": order["offer_id"],
        "order_id": order["order_id"],
        "webhook_id": hook["webhook_id"],
        "key_id": keys["anna"].split("_")[1],
    }
    asked = 0
    for template, operations in app.state.document()["paths"].items():
        if "get" not in operations:
            continue
        path = re.sub(r"\{(\w+)\}", lambda place: ids[place[1]], template)
        for name in STRANGERS:
            answer = await caller(app, keys, name)("GET", path)
            asked += 1
            own_work = name.startswith(owner)
            hidden = [*hers, *([] if own_work else theirs)]
            if path == "/v1/network":  # who takes part, and where, is no secret
                hidden = [] if own_work else [unit]
            said = re.sub(r'"(detail|order|offer|webhook)":"[^"]*"', "", answer.text)  # as asked
            if answer.status_code == 404:
                hidden = hers[:1]
            assert not [one for one in hidden if one in said], (name, path, answer.text[:300])
            if "{order_id}" in template and not own_work:
                assert answer.status_code == 404, (name, path)
            if template in ("/v1/offers/{offer_id}", "/v1/orders/{order_id}/passport"):
                assert answer.status_code == 404, (name, path)
    assert asked >= 4 * 15


@pytest.mark.parametrize("verb", ["cancel", "amend", "claims", "returns"])
async def test_strangers_change_nothing(verb: str) -> None:
    """Every change of another's order is refused as if it were not there, and nothing happens."""
    ctx = sim()
    app, keys = made(ctx), keys_of(ctx)
    order = await ordered(caller(app, keys, "anna"), 4)
    body = {
        "cancel": {},
        "amend": {"quantity": 1},
        "claims": {"quantity": 1, "reason": "x"},
        "returns": {"claim_id": "clm", "quantity": 1},
    }[verb]
    before = ctx.store.head()
    for name in ("bert", "other"):
        refused = await caller(app, keys, name)(
            "POST", f"/v1/orders/{order['order_id']}/{verb}", json=body
        )
        assert refused.status_code in (403, 404), refused.text
    assert ctx.store.head() == before
    assert len(orders_of(ctx)) == 1
