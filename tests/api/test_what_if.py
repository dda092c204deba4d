"""What if over HTTP keeps its contract, is no buyer's business, and moves nothing."""

from typing import Any

import httpx
import pytest
from tests.contracts.schemas import faults
from tests.services.stores import light, rough_world
from tests.services.world import ANNA, HUB, MAKER

from manufold.api.routes.what_if import WhatIfOut
from manufold.model.party import Actor
from manufold.model.units import DAY_S, to_rfc3339
from manufold.services.keys import make_key
from manufold.services.order import accept
from manufold.serving import made_app


@pytest.mark.parametrize("actor", [HUB, MAKER], ids=["hub", "maker"])
async def test_the_answer_keeps_its_contract(actor: Actor) -> None:
    """Each kind of change, alone and together; refusals say what is wrong; nothing is written."""
    ctx = rough_world(hold_s=20 * DAY_S)
    made = [accept(ctx, ANNA, light(ctx, n).offer_id, "cheap") for n in (300, 400)]
    jobs = (job for job in made[0].jobs.values() if job.site_id == "plant")
    job = next(jobs)
    span = {"from": to_rfc3339(job.start_s), "to": to_rfc3339(job.end_s + DAY_S)}
    who = next(o.operator_id for o in ctx.network.operators if o.site_id == job.site_id)
    changes: list[dict[str, Any]] = [
        {"kind": "down", "work_unit": job.resource_id, **span},
        {"kind": "absent", "operator": who, **span},
        {"kind": "extra_shift", "site": job.site_id, **span},
        {"kind": "rush", "order": made[1].order_id, "by": span["to"]},
        {"kind": "late_material", "order": made[0].order_id, "to": span["to"]},
        {"kind": "weight", "order": made[1].order_id, "weight": 3},
    ]
    together = {"scenarios": [{"name": "all", "changes": changes}]}
    apart = {"scenarios": [{"changes": [one]} for one in changes[:4]]}
    keys = {
        name: make_key(ctx, HUB, one.party_id, one.role)
        for name, one in {"planner": actor, "buyer": ANNA}.items()
    }
    seq = ctx.store.head().seq
    asgi = httpx.ASGITransport(made_app(ctx, language="en"))
    async with httpx.AsyncClient(transport=asgi, base_url="http://127.0.0.1") as client:

        async def ask(body: Any, name: str = "planner", language: str = "en") -> httpx.Response:
            headers = {"Authorization": f"Bearer {keys[name]}", "Accept-Language": language}
            return await client.post("/v1/what-if", json=body, headers=headers)

        for body in (together, apart):
            for language in ("en", "zh"):
                answer = await ask(body, language=language)
                assert answer.status_code == 200, answer.text
                assert faults("what_if_answer", answer.json()) == []
                WhatIfOut.model_validate_json(answer.content)
        nameless = {"scenarios": [{"changes": [{"kind": "cancel"}]}]}
        refusals = [
            (await ask(together, "buyer"), 403, "access.role_may_not"),
            (await ask({"scenarios": []}), 422, "api.request_wrong"),
            (await ask(nameless), 422, "what_if.field_needed"),
        ]
        for response, status, code in refusals:
            assert (response.status_code, response.json()["code"]) == (status, code)
    assert ctx.store.head().seq == seq
