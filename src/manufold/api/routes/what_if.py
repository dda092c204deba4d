"""What if: scenarios side by side with the schedule as it is; nothing is moved."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from starlette.responses import Response

from manufold.api.answers import Out, WordedOut, World
from manufold.api.caller import calling
from manufold.api.documented import replies
from manufold.api.served import Served, reader, served
from manufold.api.strict import StrictRoute
from manufold.api.wanted import Id, Pieces, Words
from manufold.api.what_if_wire import MOVES_MOST, what_if_answer
from manufold.model.codec import canonical
from manufold.model.party import Actor
from manufold.services.scenario import CHANGES_MOST, SCENARIOS_MOST, WEIGHT_MOST, scenarios_of
from manufold.services.what_if import what_if

__all__ = ["WhatIfIn", "WhatIfOut", "router"]

router = APIRouter(prefix="/v1", tags=["floor"], route_class=StrictRoute)


When = Annotated[str, StringConstraints(min_length=3, max_length=40)]


class ChangeIn(BaseModel):
    """One thing that happens; which fields it needs hangs on its kind."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)
    kind: Literal["down", "absent", "extra_shift", "rush", "late_material", "cancel", "weight"]
    work_unit: Id | None = Field(None, description="Down, or open for an extra shift.")
    site: Id | None = Field(None, description="All of which is open for an extra shift.")
    operator: Id | None = Field(None, description="Who is absent.")
    order: Id | None = Field(None, description="Whose date, material or weight changes.")
    offer: Id | None = Field(None, description="What a new rush order asks for.")
    option: Id | None = Field(None, description="Of that offer; fast when left out.")
    quantity: Pieces | None = Field(None, description="Of a new rush order.")
    operation: Id | None = Field(None, description="Whose material is late; else all that take it.")
    weight: int | None = Field(None, ge=1, le=WEIGHT_MOST, description="Of a second too late.")
    from_: When | None = Field(
        None, alias="from", description="RFC 3339 with an offset, or a time from now: +2d12h."
    )
    to: When | None = Field(None, description="Until then; when late material is there.")
    by: When | None = Field(None, description="When a rush order is wanted at the door.")


class ScenarioIn(BaseModel):
    """Changes that happen together."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)
    name: Words | None = Field(None, description="What its column is called.")
    changes: list[ChangeIn] = Field(min_length=1, max_length=CHANGES_MOST)


class WhatIfIn(BaseModel):
    """Scenarios to set beside the schedule as it is, and beside each other."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        hide_input_in_errors=True,
        json_schema_extra={
            "examples": [
                {
                    "scenarios": [
                        {
                            "name": "Saturday",
                            "changes": [
                                {
                                    "kind": "extra_shift",
                                    "work_unit": "mill-1",
                                    "from": "2026-03-07T06:00:00+01:00",
                                    "to": "2026-03-07T14:00:00+01:00",
                                }
                            ],
                        }
                    ]
                }
            ]
        },
    )
    scenarios: list[ScenarioIn] = Field(min_length=1, max_length=SCENARIOS_MOST)


class BottleneckOut(Out):
    """The work unit that is busiest as it is, in the two weeks from now."""

    work_unit: str
    used_s: int
    open_s: int
    used_percent: int


class MeasuresOut(Out):
    """What the work still to end costs and uses."""

    late: int = Field(description="Orders that come after their promised date.")
    late_s: int
    cost: str
    cost_minor: int = Field(description="Run, set-up, labour, energy, subcontractors; no margin.")
    cost_by_kind_minor: dict[str, int]
    currency: str
    energy_wh: int
    carbon_g: int
    changeovers: int
    changeover_s: int
    setup_s: int
    bottleneck: BottleneckOut | None


class PlaceOut(Out):
    """Where an operation stands."""

    work_unit: str
    seat: int
    start_at: str
    end_at: str


class MoveOut(Out):
    """An operation that stands elsewhere than as it is, and why."""

    order_id: str
    operation_id: str
    before: PlaceOut | None
    after: PlaceOut | None
    later_s: int
    why: WordedOut


class MovedOut(Out):
    """How much moves."""

    operations: int
    elsewhere: int
    moved_s: int


class ScenarioOut(MeasuresOut):
    """One scenario."""

    name: str
    moved: MovedOut
    moves: list[MoveOut] = Field(max_length=MOVES_MOST)
    moves_left_off: int
    notes: list[WordedOut] = Field(
        description="What became of orders wanted sooner, and what their dates hang on."
    )


class DateOut(Out):
    """When an order is expected."""

    expected_at: str | None
    late_s: int
    why: WordedOut | None = Field(description="What makes it later than as it is; null if not.")


class OrderDatesOut(Out):
    """An order whose date differs in a scenario, or that was to come sooner there."""

    order_id: str
    where: Literal["door", "gate"]
    promised_at: str
    as_it_is: DateOut
    scenarios: list[DateOut]


class WhatIfOut(Out):
    """Everything as it is, and each scenario beside it."""

    schema_: Literal["manufold/what_if_answer/1"] = Field(alias="schema")
    world: World
    now: str
    known: list[WordedOut] = Field(description="What is down or away before any scenario.")
    as_it_is: MeasuresOut
    scenarios: list[ScenarioOut]
    orders: list[OrderDatesOut]


@router.post(
    "/what-if",
    operation_id="what_if",
    summary="Scenarios beside the schedule as it is",
    responses=replies(
        200,
        WhatIfOut,
        "access.no_such_offer",
        "access.no_such_order",
        "access.role_may_not",
        "hold.was_released",
        "offer.option_unknown",
        "order.offer_expired",
        "order.other_offer_accepted",
        "order.slot_lost",
        "schedule.site_unknown",
        "schedule.unit_unknown",
        "what_if.backwards",
        "what_if.field_idle",
        "what_if.field_needed",
        "what_if.instant_malformed",
        "what_if.name_of_several",
        "what_if.no_room",
        "what_if.number_outside",
        "what_if.offer_accepted",
        "what_if.operation_unknown",
        "what_if.operator_unknown",
        "what_if.order_over",
        "what_if.over",
    ),
)
async def ask_what_if(
    wanted: WhatIfIn,
    api: Served = Depends(served),
    actor: Actor = Depends(calling),
    language: str = Depends(reader),
) -> Response:
    """Plan scenarios on a copy in memory; nothing is booked, moved or remembered."""
    told = wanted.model_dump(exclude_none=True, by_alias=True)
    scenarios = scenarios_of(told, api.ctx.settings.quantity_max, api.ctx.clock.now_s())

    def looked() -> bytes:
        found = what_if(api.ctx, actor, scenarios)
        return canonical(what_if_answer(found, api.ctx.network, language, api.ctx.store.world))

    return Response(await api.look_long(looked), media_type="application/json")
