"""A repair over HTTP keeps its contract, is no buyer's business, and is done once for one key."""

from dataclasses import replace
from typing import Any

import httpx
import pytest
from tests.contracts.schemas import faults
from tests.services.test_repair_schedule import booked, twin_mills
from tests.services.world import ANNA, HUB, MAKER, world

from manufold.api.routes.repair import RepairOut
from manufold.model.errors import Conflict
from manufold.model.party import Actor
from manufold.model.units import DAY_S, to_rfc3339
from manufold.services import repair_schedule as repairing
from manufold.services.keys import make_key
from manufold.services.order import show_order
from manufold.serving import made_app


@pytest.mark.parametrize("actor", [HUB, MAKER], ids=["hub", "maker"])
async def test_a_repair_keeps_its_contract_and_is_done_once(
    actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looked at first, then done, then the same answer for the same key; refusals say why."""
    ctx = world(twin_mills(), hold_s=20 * DAY_S)
    made = booked(ctx, 300)[0]
    (job,) = made.jobs.values()
    span = {"from": to_rfc3339(job.start_s), "to": to_rfc3339(job.end_s + 9 * DAY_S)}
    ask: dict[str, Any] = {"down": [{"work_unit": job.resource_id, **span}]}
    keys = {
        one: make_key(ctx, HUB, one.party_id, one.role)
        for one in (actor, ANNA, Actor("maker", "operator"), Actor("other", "owner"))
    }
    asgi = httpx.ASGITransport(made_app(ctx, language="en"))
    async with httpx.AsyncClient(transport=asgi, base_url="http://127.0.0.1") as client:

        async def post(body: Any, who: Actor = actor, **headers: str) -> httpx.Response:
            named = {"Authorization": f"Bearer {keys[who]}", **headers}
            return await client.post("/v1/schedule/repair", json=body, headers=named)

        for language in ("en", "zh"):
            answer = await post({**ask, "dry_run": True}, **{"Accept-Language": language})
            assert answer.status_code == 200, answer.text
            assert faults("repair_answer", answer.json()) == []
            RepairOut.model_validate_json(answer.content)
            assert (answer.json()["swapped"], answer.json()["moved"]["elsewhere"]) == (False, 1)
        assert show_order(ctx, HUB, made.order_id).jobs == made.jobs
        late = [{"operator": "olga", "from": span["to"], "to": span["from"]}]
        gone = [{"operator": "otto" if actor is MAKER else "nobody", **span}]
        past = {"from": to_rfc3339(0), "to": to_rfc3339(9)}
        cases: list[tuple[Any, Actor, int, str]] = [
            (ask, ANNA, 403, "access.role_may_not"),
            ({}, Actor("maker", "operator"), 403, "access.role_may_not"),
            (ask, Actor("other", "owner"), 422, "schedule.unit_unknown"),
            ({"absent": gone}, actor, 422, "what_if.operator_unknown"),
            ({"absent": late}, actor, 422, "schedule.outage_backwards"),
            ({"down": [{"work_unit": "mill-1", **past}]}, actor, 422, "repair.outage_over"),
            ({"down": ask["down"] * 30, "absent": gone * 30}, actor, 422, "repair.too_many"),
            ({"down": ask["down"] * 51}, actor, 422, "api.request_wrong"),
            ({"up": []}, actor, 422, "api.request_wrong"),
            ({"down": [{"work_unit": "mill-1"}]}, actor, 422, "api.request_wrong"),
        ]
        for body, who, status, code in cases:
            refused = await post(body, who)
            assert (refused.status_code, refused.json()["code"]) == (status, code), refused.text
            assert faults("problem", refused.json()) == []
        real = repairing.swapped
        monkeypatch.setattr(repairing, "swapped", lambda *a, **more: _lost())
        contested = await post(ask, **{"Idempotency-Key": "once"})
        assert (contested.status_code, contested.json()["code"]) == (409, "repair.contested")
        monkeypatch.setattr(repairing, "swapped", real)
        done = await post(ask, **{"Idempotency-Key": "once"})
        assert done.json()["swapped"], done.text
        assert faults("repair_answer", done.json()) == []
        seq = ctx.store.head().seq
        again = await post(ask, **{"Idempotency-Key": "once"})
        assert (again.content, ctx.store.head().seq) == (done.content, seq)
    (now,) = show_order(ctx, HUB, made.order_id).jobs.values()
    (move,) = done.json()["moves"]
    assert (now.resource_id, move["order_id"]) == (move["after"]["work_unit"], made.order_id)
    assert replace(now, resource_id=job.resource_id) != now


def _lost() -> None:
    raise Conflict("store.slot_taken")
