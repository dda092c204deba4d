"""Holds: who held what, from when to when, and how it ended."""

from typing import Literal

from fastapi import APIRouter, Depends, Query
from pydantic import Field
from starlette.responses import Response

from manufold.api.answers import Out, World
from manufold.api.caller import calling
from manufold.api.documented import replies
from manufold.api.hold_wire import holds_answer
from manufold.api.served import Served, reader, served
from manufold.api.strict import StrictRoute, checked_text
from manufold.model.codec import canonical
from manufold.model.party import Actor
from manufold.model.units import from_rfc3339
from manufold.services.hold_log import show_holds

__all__ = ["router"]

router = APIRouter(prefix="/v1", tags=["offers"], route_class=StrictRoute)

State = Literal[
    "open",
    "accepted",
    "accepted_elsewhere",
    "released",
    "other_accepted",
    "forgotten",
    "lost_to_floor",
    "expired",
]


class LongerOut(Out):
    """A hold was extended."""

    at: str
    by: str
    expires_at: str


class StretchOut(Out):
    """A stretch of one seat, in the time of its site."""

    work_unit: str
    seat: int
    site: str
    start_at: str
    end_at: str
    options: list[str]


class HoldOut(Out):
    """What one offer held; what you may not know is empty."""

    offer_id: str
    reservation_id: str
    party: str
    by: str
    made_at: str
    expires_at: str
    extended: list[LongerOut]
    state: State
    text: str
    ended_at: str | None
    ended_by: str
    order_id: str
    option: str
    stretches: list[StretchOut]


class HoldsOut(Out):
    """Holds, oldest first, the newest thousand of the window."""

    schema_: Literal["manufold/holds_answer/1"] = Field(alias="schema")
    world: World
    holds: list[HoldOut]


@router.get(
    "/holds",
    operation_id="list_holds",
    summary="Who held what, and how it ended",
    responses=replies(
        200,
        HoldsOut,
        "access.role_may_not",
        "hold.window_empty",
        "schedule.site_unknown",
        "units.instant_malformed",
    ),
)
async def list_holds(
    api: Served = Depends(served),
    actor: Actor = Depends(calling),
    language: str = Depends(reader),
    begin: str | None = Query(
        None, alias="from", max_length=40, description="RFC 3339; seven days ago when left out."
    ),
    end: str | None = Query(
        None, alias="to", max_length=40, description="RFC 3339; now when left out."
    ),
    site: str | None = Query(None, max_length=200, description="Only what was held there."),
    only_open: bool = Query(False, alias="open", description="Only what is held now."),
) -> Response:
    """Return the holds made in a window: a buyer's own, or those at your sites."""
    from_s = None if begin is None else from_rfc3339(checked_text(begin, "from"))
    to_s = None if end is None else from_rfc3339(checked_text(end, "to"))

    def looked() -> bytes:
        found = show_holds(api.ctx, actor, from_s=from_s, to_s=to_s, site=site, only_open=only_open)
        return canonical(holds_answer(found, api.ctx.network, api.ctx.store.world, language))

    return Response(await api.look_long(looked), media_type="application/json")
