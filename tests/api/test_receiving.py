"""From the floor to the door over HTTP: commands told in RFC 3339, and the buyer's own receipt."""

from tests.api.door import caller, keys_of, made, sim
from tests.services.world import ANNA, Toy, quoted, two_plants

from manufold.model.units import to_rfc3339
from manufold.services.order import accept, show_order


async def test_a_shop_tells_instants_and_the_buyer_receives() -> None:
    """Every command says `at`; what was shipped is received once, and never more than that."""
    ctx = sim(two_plants(), Toy(), hold_s=86_400)
    app = made(ctx)
    keys = keys_of(ctx)
    order = accept(ctx, ANNA, quoted(ctx, quantity=2).offer.offer_id, "cheap")
    (job,) = order.jobs.values()
    site = ctx.network.site[job.site_id]
    shop = caller(app, keys, site.party_id)
    anna = caller(app, keys, "anna")
    now_s = ctx.clock.now_s()
    body = {"order_id": order.order_id, "at": to_rfc3339(now_s, site.zone)}
    on = {"job_order_id": job.job_order_id, "resource_id": job.resource_id}
    said = [
        ("setup_start", on, {}),
        ("setup_end", on, {}),
        ("start", on, {}),
        ("finish", on, {"good": job.quantity_in}),
        ("ship", {}, {"site_id": job.site_id, "quantity": 2}),
    ]
    for kind, where, data in said:
        one = body | where | {"command_id": f"shop/{kind}", "kind": kind, "data": data}
        told = await shop.json("POST", "/v1/commands", json=one)
        assert [event["at_s"] for event in told["events"]] == [now_s] * len(told["events"])
        assert told["events"], kind
    both = body | {"command_id": "x", "kind": "start", "at_s": now_s}
    assert (await shop("POST", "/v1/commands", 422, json=both)).json()["code"].endswith("at_twice")
    never = {"command_id": "y", "kind": "start", "order_id": order.order_id}
    refused = await shop("POST", "/v1/commands", 422, json=never)
    assert refused.json()["code"] == "execution.at_missing"
    path = f"/v1/orders/{order.order_id}/receive"
    assert (
        (await shop("POST", path, 403, json={"quantity": 2})).json()["code"].startswith("access.")
    )
    much = await anna("POST", path, 409, json={"quantity": 3})
    assert much.json()["code"] == "execution.receive_too_many"
    kept = {"Idempotency-Key": "door-1"}
    for _time in range(2):
        found = await anna.json("POST", path, json={"quantity": 2}, headers=kept)
        assert found["state"] == "delivered"
    assert show_order(ctx, ANNA, order.order_id).delivered == 2
    passport = await anna.json("GET", f"/v1/orders/{order.order_id}/passport")
    assert passport["quantity"] == 2
