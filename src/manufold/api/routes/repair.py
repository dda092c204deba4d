"""Repair: what a planner saw in a scenario, done to the schedule."""

from typing import Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from manufold.api.answers import Out, WordedOut, World
from manufold.api.caller import calling
from manufold.api.documented import replies
from manufold.api.once import Answer
from manufold.api.repair_wire import LATE_MOST, repair_answer
from manufold.api.routes.what_if import MovedOut, MoveOut
from manufold.api.served import Served, reader, served
from manufold.api.strict import StrictRoute
from manufold.api.wanted import Id, Instant
from manufold.api.what_if_wire import MOVES_MOST
from manufold.model.codec import canonical
from manufold.model.instants import happened_s
from manufold.model.party import Actor
from manufold.scheduling.outages import Outage
from manufold.services.repair_schedule import OUTAGES_MOST, RepairAsk, repair_schedule

__all__ = ["RepairIn", "RepairOut", "router"]

router = APIRouter(prefix="/v1", tags=["floor"], route_class=StrictRoute)


class _SpanIn(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)
    from_: Instant = Field(alias="from", description="RFC 3339, with an offset.")
    to: Instant = Field(description="Until then.")

    def outage(self, resource_id: str) -> Outage:
        """Return it of a work unit or an operator."""
        return Outage(resource_id, happened_s(None, self.from_), happened_s(None, self.to))


class DownIn(_SpanIn):
    """A work unit that does nothing for a while."""

    work_unit: Id = Field(description="At a site of yours.")


class AbsentIn(_SpanIn):
    """An operator who is away for a while."""

    operator: Id = Field(description="At a site of yours.")


class RepairIn(BaseModel):
    """What is told for this repair, beside what the floor has reported."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        hide_input_in_errors=True,
        json_schema_extra={
            "examples": [
                {
                    "down": [
                        {
                            "work_unit": "mill-1",
                            "from": "2026-03-05T06:00:00+01:00",
                            "to": "2026-03-06T14:00:00+01:00",
                        }
                    ],
                    "fewest": True,
                    "dry_run": True,
                }
            ]
        },
    )
    down: list[DownIn] = Field(
        default_factory=list, max_length=OUTAGES_MOST, description="Work units that will be down."
    )
    absent: list[AbsentIn] = Field(
        default_factory=list, max_length=OUTAGES_MOST, description="Operators who will be away."
    )
    fewest: bool = Field(
        False,
        description="As few moves as will do; else the order of work is kept where it can be.",
    )
    dry_run: bool = Field(False, description="Say what would be done, and move nothing.")


class LateOrderOut(Out):
    """An order that comes after its promised date."""

    order_id: str
    where: Literal["door", "gate"]
    promised_at: str
    expected_at: str | None
    late_s: int
    reasons: list[WordedOut] = Field(description="The cause to act on first.")


class RepairOut(Out):
    """What a repair did, or would do."""

    schema_: Literal["manufold/repair_answer/1"] = Field(alias="schema")
    world: World
    now: str
    swapped: bool = Field(description="The schedule is another one now.")
    dry_run: bool
    why: WordedOut = Field(description="What became of the repair.")
    moved: MovedOut
    moves: list[MoveOut] = Field(max_length=MOVES_MOST)
    moves_left_off: int
    missed_before: int = Field(description="Orders late when the order of work is kept.")
    missed_after: int = Field(description="Orders late as it stands now, or would.")
    late: list[LateOrderOut] = Field(max_length=LATE_MOST, description="The latest first.")


@router.post(
    "/schedule/repair",
    operation_id="repair_schedule",
    summary="Repair the schedule around what is down, away or late",
    responses=replies(
        200,
        RepairOut,
        "access.role_may_not",
        "api.key_busy",
        "api.key_of_another",
        "app.instant_malformed",
        "app.instant_outside",
        "repair.contested",
        "repair.no_room",
        "repair.outage_over",
        "repair.too_many",
        "schedule.outage_backwards",
        "schedule.unit_unknown",
        "what_if.operator_unknown",
    ),
)
async def repair_now(
    wanted: RepairIn,
    request: Request,
    api: Served = Depends(served),
    actor: Actor = Depends(calling),
    language: str = Depends(reader),
) -> Response:
    """Move what cannot stay where it is, judged and in one transaction, and say what stays late;
    what is told here is known from then on, until it is over."""

    def work() -> Answer:
        ask = RepairAsk(
            tuple(one.outage(one.work_unit) for one in wanted.down),
            tuple(one.outage(one.operator) for one in wanted.absent),
            wanted.fewest,
            wanted.dry_run,
        )
        done = repair_schedule(api.ctx, actor, ask)
        return Answer(200, repair_answer(done, api.ctx.network, language, api.ctx.store.world))

    content = canonical(wanted.model_dump(by_alias=True))
    return await api.once.answer(request, language, content, work)
