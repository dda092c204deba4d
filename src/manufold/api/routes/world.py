"""The world: who you are in it, what there is, how it runs, whether its log stands."""

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from manufold.api.answers_of_world import (
    HealthOut,
    KpisOut,
    MeOut,
    NetworkOut,
    RunOut,
    VerifyOut,
    VerticalsOut,
)
from manufold.api.caller import calling
from manufold.api.documented import open_replies, replies
from manufold.api.kpi_wire import kpi_answer
from manufold.api.once import Answer
from manufold.api.served import Served, reader, served
from manufold.api.shapes import network_answer, run_status_answer, vertical_answer
from manufold.api.strict import StrictRoute
from manufold.api.wanted import RunIn
from manufold.model.codec import canonical
from manufold.model.errors import InputFault, StoreFault
from manufold.model.instants import instant_s
from manufold.model.party import Actor
from manufold.model.units import HOUR_S, to_rfc3339
from manufold.services.access import may_act, may_run
from manufold.services.kpis import kpis
from manufold.services.order import show_order

__all__ = ["open_router", "router"]

router = APIRouter(prefix="/v1", tags=["world"], route_class=StrictRoute)
open_router = APIRouter(prefix="/v1", tags=["world"])
_JSON = "application/json"
_DAY_LETTERS = 10


@open_router.get(
    "/health",
    operation_id="show_health",
    summary="Whether the server is ready",
    responses=open_replies(HealthOut),
)
def show_health(api: Served = Depends(served)) -> Response:
    """Answer whether the world can be read; needs no key."""
    ctx, ready = api.ctx, not api.runner.closed
    seq, now_s = ctx.store.head().seq, ctx.clock.now_s()
    body = {
        "ready": ready,
        "world": ctx.store.world,
        "version": api.version,
        "seq": seq,
        "now": to_rfc3339(now_s),
    }
    return Response(canonical(body), 200 if ready else 503, media_type=_JSON)


@router.get(
    "/me",
    operation_id="show_me",
    summary="Who your key says you are",
    responses=replies(
        200,
        MeOut,
    ),
)
def show_me(api: Served = Depends(served), actor: Actor = Depends(calling)) -> Response:
    """Return party and role."""
    party = api.ctx.network.party[actor.party_id]
    body = {
        "party": actor.party_id,
        "name": party.name,
        "role": actor.role,
        "party_roles": list(party.roles),
        "world": api.ctx.store.world,
    }
    return Response(canonical(body), media_type=_JSON)


@router.get(
    "/network",
    operation_id="show_network",
    summary="Sites, zones and materials, and your own machines",
    responses=replies(
        200,
        NetworkOut,
    ),
)
def show_network(api: Served = Depends(served), actor: Actor = Depends(calling)) -> Response:
    """Return the network as far as you may see it."""
    return Response(canonical(network_answer(api.ctx, actor)), media_type=_JSON)


@router.get(
    "/verticals",
    operation_id="list_verticals",
    summary="What can be made, and what each trade asks for",
    responses=replies(
        200,
        VerticalsOut,
    ),
)
def list_verticals(api: Served = Depends(served), language: str = Depends(reader)) -> Response:
    """Return the trades with the files they read and the fields of their forms."""
    found = sorted(api.ctx.verticals.items())
    body = {"verticals": [vertical_answer(one, language) for _name, one in found]}
    return Response(canonical(body), media_type=_JSON)


@router.post(
    "/run",
    operation_id="start_run",
    summary="Let a simulated world run on",
    status_code=202,
    responses=replies(
        202,
        RunOut,
        "access.role_may_not",
        "access.no_such_order",
        "api.key_busy",
        "api.key_of_another",
        "api.media_type",
        "api.run_ends",
        "run.closed",
        "run.live_world",
        "run.running_already",
        "run.time_past",
    ),
)
async def start_run(
    wanted: RunIn,
    request: Request,
    api: Served = Depends(served),
    actor: Actor = Depends(calling),
    language: str = Depends(reader),
) -> Response:
    """Run it in the background, until an instant, or until the orders named (or all) are over."""

    def work() -> Answer:
        ctx = api.ctx
        if ctx.store.world != "sim":
            raise InputFault("run.live_world")
        may_run(ctx.network, actor)
        if wanted.until is not None and wanted.hours is not None:
            raise InputFault("api.run_ends")
        until_s = None
        if wanted.until is not None:
            until_s = instant_s(wanted.until, "UTC")
        elif wanted.hours is not None:
            until_s = ctx.clock.now_s() + wanted.hours * HOUR_S
        for order_id in wanted.orders:
            show_order(ctx, actor, order_id)
        status = api.runner.start(until_s, tuple(wanted.orders))
        return Answer(202, run_status_answer(status, ctx, language), "/v1/run")

    content = canonical(wanted.model_dump())
    return await api.once.answer(request, language, content, work)


@router.get(
    "/run",
    operation_id="show_run",
    summary="How the run is going",
    responses=replies(
        200,
        RunOut,
    ),
)
def show_run(
    api: Served = Depends(served),
    actor: Actor = Depends(calling),
    language: str = Depends(reader),
) -> Response:
    """Return whether the world runs, and how far it is."""
    body = run_status_answer(api.runner.status(), api.ctx, language)
    return Response(canonical(body), media_type=_JSON)


@router.delete(
    "/run",
    operation_id="stop_run",
    summary="Stop the run",
    responses=replies(200, RunOut, "access.role_may_not"),
)
def stop_run(
    api: Served = Depends(served),
    actor: Actor = Depends(calling),
    language: str = Depends(reader),
) -> Response:
    """Let the slice it is in end, then stand still."""
    may_run(api.ctx.network, actor)
    body = run_status_answer(api.runner.stop(), api.ctx, language)
    return Response(canonical(body), media_type=_JSON)


@router.get(
    "/kpis",
    operation_id="measure_kpis",
    summary="What the log says of machines, sites and orders",
    responses=replies(
        200, KpisOut, "access.role_may_not", "kpi.nothing_happened", "kpi.window_empty"
    ),
)
async def measure_kpis(
    api: Served = Depends(served),
    actor: Actor = Depends(calling),
    language: str = Depends(reader),
    since: str | None = Query(
        None, alias="from", max_length=40, description="A day (its begin) or RFC 3339."
    ),
    until: str | None = Query(
        None, alias="to", max_length=40, description="A day (its end) or RFC 3339."
    ),
    site: str | None = Query(None, max_length=200),
    work_unit: str | None = Query(None, max_length=200),
) -> Response:
    """Measure the last 30 days, or a window: OEE and its factors, dates, energy, carbon."""
    from_s = None if since is None else _begin_s(since)
    to_s = None if until is None else instant_s(until, "UTC")

    def measured() -> bytes:
        report = kpis(api.ctx, actor, from_s=from_s, to_s=to_s, site=site, work_unit=work_unit)
        return canonical(kpi_answer(report, api.ctx.network, language))

    return Response(await api.look_long(measured), media_type=_JSON)


@router.get(
    "/verify",
    operation_id="verify_log",
    summary="Prove the log",
    responses=replies(
        200, VerifyOut, "access.role_may_not", "api.no_verifier", "store.verify_failed"
    ),
)
async def verify_log(api: Served = Depends(served), actor: Actor = Depends(calling)) -> Response:
    """Check the whole chain, its signed heads and every passport; for the network operator."""
    may_act(api.ctx.network, actor, "network_operator")
    if api.verify is None:
        raise StoreFault("api.no_verifier")
    body = {"schema": "manufold/verify_answer/1", **await api.look_long(api.verify)}
    return Response(canonical(body), media_type=_JSON)


def _begin_s(text: str) -> int:
    """Return an instant, of a day (UTC) its begin."""
    return instant_s(f"{text}T00:00:00Z" if len(text) == _DAY_LETTERS else text, "UTC")
