"""Promises: what a process plan could be promised for now; nothing is held."""

from decimal import Decimal
from hashlib import sha256
from time import perf_counter
from typing import Any, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from manufold.api.answers import Out, WordedOut, World
from manufold.api.asked import own_zone
from manufold.api.caller import calling
from manufold.api.documented import replies
from manufold.api.promise_wire import promise_answer
from manufold.api.served import Served, reader, served
from manufold.api.strict import StrictRoute
from manufold.api.wanted import Id, Instant
from manufold.model.codec import canonical
from manufold.model.errors import InputFault
from manufold.model.instants import instant_s
from manufold.model.party import Actor
from manufold.services.promises import PlanAsk, promises
from manufold.services.weights import WEIGHT_MOST, Weights

__all__ = ["PromiseIn", "PromisesOut", "router"]

router = APIRouter(prefix="/v1", tags=["offers"], route_class=StrictRoute)

_TIME: dict[str, Any] = {"formula": "given", "source": {"title": "our own records", "year": 2026}}
_PLAN: dict[str, Any] = {
    "type": "process_plan",
    "version": 1,
    "process_plan_id": "milled",
    "design_revision": sha256(b"our part 17").hexdigest(),
    "process": "mill",
    "operations": [
        {
            "operation_id": "op10",
            "name": "mill",
            "capability": "mill.3axis",
            "setup_terms": [{"term": "set-up", "span_s": 900, **_TIME}],
            "run_terms": [{"term": "run", "span_s": 140, **_TIME}],
        }
    ],
    "bill_of_materials": [],
    "piece_mass_g": 250,
}


class WeightsIn(BaseModel):
    """How much each measure counts, each on its scale from best way to worst; ratios matter."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)
    day: float = Field(0, ge=0, le=WEIGHT_MOST, description="Of the promised date at the door.")
    price_weight: float = Field(
        0, alias="price", ge=0, le=WEIGHT_MOST, description="Of the whole price."
    )
    carbon_weight: float = Field(
        0, alias="carbon", ge=0, le=WEIGHT_MOST, description="Of the whole footprint."
    )


class PromiseIn(BaseModel):
    """A process plan, how many, where to, and by when."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        hide_input_in_errors=True,
        json_schema_extra={
            "examples": [
                {
                    "process_plan": _PLAN,
                    "quantity": 20,
                    "to": "de-home",
                    "by": "2026-03-20",
                    "weights": {"day": 3, "price": 2, "carbon": 1},
                }
            ]
        },
    )
    process_plan: dict[str, Any] = Field(description="contracts/process_plan.schema.json.")
    quantity: int = Field(1, ge=1, le=1_000_000_000, description="Good pieces wanted.")
    to: Id | None = Field(None, description="Delivery zone; without one, your country's first.")
    by: Instant | None = Field(
        None, description="Wanted at the door by then: a day (its end) or RFC 3339."
    )
    weights: WeightsIn | None = Field(None, description="For a fourth option, the best by them.")


class WeightsOut(Out):
    """The weights that were asked for."""

    day: float
    price_weight: float = Field(alias="price")
    carbon_weight: float = Field(alias="carbon")


class PlannedSlotOut(Out):
    """Where and when an operation would be done; free now, and held for nobody."""

    operation_id: str
    operation: str
    work_unit: str
    seat: int
    site: str
    start_at: str
    end_at: str
    setup_s: int


class PromiseOut(Out):
    """A way to have it that is the best at what its name says."""

    name: Literal["fast", "cheap", "green", "weighted"]
    same_as: list[str] = Field(description="Other names of the same way.")
    p50_at: str = Field(description="At the door, as likely earlier as later.")
    promised_at: str = Field(description="The P90 at the door: what an offer would bind.")
    ships_at: str = Field(description="The P90 of the hand-over to the carrier.")
    price_minor: int
    carbon_g: int
    quantity_started: int
    sites: list[str]
    site_names: list[str]
    binding: WordedOut = Field(description="What the date hangs on most.")
    reasons: list[WordedOut]
    assumptions: list[WordedOut]
    slots: list[PlannedSlotOut]


class PromisesOut(Out):
    """What a plan could be promised for now; nothing is held."""

    schema_: Literal["manufold/promise_answer/1"] = Field(alias="schema")
    world: World
    now: str
    process_plan_id: str
    quantity: int
    destination: str
    currency: str
    requested_at: str | None
    weights: WeightsOut | None
    held: Literal[False]
    note: WordedOut
    options: list[PromiseOut] = Field(min_length=3, max_length=4)
    refused: list[WordedOut] = Field(description="Why other ways cannot be had.")
    assumptions: list[WordedOut]
    seconds: float


@router.post(
    "/promises",
    operation_id="ask_for_promises",
    summary="What a process plan could be promised for; holds nothing",
    responses=replies(
        200,
        PromisesOut,
        "access.role_may_not",
        "api.busy",
        "api.media_type",
        "codec.field_missing",
        "offer.date_past",
        "offer.quantity_outside",
        "offer.zone_unknown",
        "plan.routing_cyclic",
        "promise.number_outside",
        "promise.plan_too_large",
        "promise.weights_nothing",
        "schedule.capability_unknown",
    ),
)
async def ask_for_promises(
    wanted: PromiseIn,
    api: Served = Depends(served),
    actor: Actor = Depends(calling),
    language: str = Depends(reader),
) -> Response:
    """Send a plan of your own; get dates, prices and footprints on the bookings of now."""
    if api.offering >= api.ctx.settings.offers_at_once_max:
        raise InputFault("api.busy", retry_s=2)
    api.offering += 1
    try:
        body = await api.look(lambda: _answered(api, actor, wanted, language))
    finally:
        api.offering -= 1
    return Response(body, media_type="application/json")


def _answered(api: Served, actor: Actor, wanted: PromiseIn, language: str) -> bytes:
    ctx, began = api.ctx, perf_counter()
    zone_id = wanted.to or own_zone(ctx, actor)
    zone = ctx.network.delivery_zone.get(zone_id)
    by_s = None
    if wanted.by is not None:
        by_s = instant_s(wanted.by, "UTC" if zone is None else zone.zone)
    ask = PlanAsk(wanted.process_plan, wanted.quantity, zone_id, by_s, _weights(wanted.weights))
    found = promises(ctx, actor, ask)
    seconds = perf_counter() - began
    answer = promise_answer(found, ctx.network, language, ctx.store.world, seconds)
    return canonical(answer)


def _weights(wanted: WeightsIn | None) -> Weights | None:
    if wanted is None:
        return None
    return Weights(
        *(Decimal(str(one)) for one in (wanted.day, wanted.price_weight, wanted.carbon_weight))
    )
