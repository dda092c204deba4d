"""The board: what every work unit does, which orders come late, and what they wait for."""

from typing import Any, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import Field
from starlette.responses import Response

from manufold.api.answers import Out, WordedOut, World
from manufold.api.board_wire import board_answer
from manufold.api.caller import calling
from manufold.api.documented import replies
from manufold.api.served import Served, reader, served
from manufold.api.strict import StrictRoute, checked_text
from manufold.model.codec import canonical
from manufold.model.party import Actor
from manufold.model.units import from_rfc3339
from manufold.services.board import DAYS_MOST, board

__all__ = ["BoardOut", "router"]

router = APIRouter(prefix="/v1", tags=["floor"], route_class=StrictRoute)


class BarOut(Out):
    """A job order on a seat, or a stretch held for an offer."""

    job_order_id: str
    order_id: str = Field(description="Empty for what is held for an offer.")
    operation_id: str
    operation: str
    work_unit: str
    seat: int
    kind: Literal["offer", "firm", "begun"]
    state: Literal["planned", "set_up", "running", "paused", "held", "finished"]
    start_at: str
    setup_end_at: str
    end_at: str
    actual_start_at: str | None
    actual_end_at: str | None
    quantity: int
    good: int
    scrap: int


class BoardOrderOut(Out):
    """An order against its promise; the first reason is the cause to act on."""

    order_id: str
    state: str
    standing: Literal["on_time", "at_risk", "late", "done", "cancelled"]
    where: Literal["door", "gate"] = Field(description="What its dates are dates of.")
    quantity: int
    sites: list[str]
    requested_at: str | None
    promised_at: str
    forecast_at: str | None
    p90_at: str | None
    actual_at: str | None
    late_s: int
    reasons: list[WordedOut]


class BoardOut(Out):
    """What every work unit does in a window, and the orders that come late or may."""

    schema_: Literal["manufold/board_answer/1"] = Field(alias="schema")
    world: World
    seq: int
    now: str
    from_: str = Field(alias="from")
    to: str
    sites: list[dict[str, Any]]
    rows: list[dict[str, Any]]
    closed: dict[str, list[list[str]]]
    bars: list[BarOut]
    orders: list[BoardOrderOut]
    late: list[str]
    at_risk: list[str]
    done: int
    done_kept: int
    open_orders: int
    in_production: int


@router.get(
    "/board",
    operation_id="show_board",
    summary="Who is late and why, and what every work unit does",
    responses=replies(
        200,
        BoardOut,
        "access.role_may_not",
        "board.site_unknown",
        "board.window_wrong",
        "units.instant_malformed",
    ),
)
async def show_board(
    api: Served = Depends(served),
    actor: Actor = Depends(calling),
    language: str = Depends(reader),
    begin: str | None = Query(
        None, alias="from", max_length=40, description="RFC 3339; midnight UTC when left out."
    ),
    days: int = Query(7, ge=1, le=DAYS_MOST, description="How long the window is."),
    site: str | None = Query(None, max_length=200, description="Only this one."),
) -> Response:
    """Return the board of your sites; the network operator's is that of all."""
    from_s = None if begin is None else from_rfc3339(checked_text(begin, "from"))

    def looked() -> bytes:
        found = board(api.ctx, actor, from_s=from_s, days=days, site=site)
        return canonical(board_answer(found, api.ctx.network, language))

    return Response(await api.look_long(looked), media_type="application/json")
