"""What happens to an order, as it happens: told to the page that follows it, and the world's clock.

Server-sent events, of this host and with the visitor's own cookie. Each moment carries its place in
the log as id, so a browser that lost the line goes on where it stopped.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from manufold.model.errors import ManufoldError
from manufold.model.party import Actor
from manufold.model.units import to_rfc3339
from manufold.services.order import show_order
from manufold.ui.web.following import OVER
from manufold.ui.web.moments import moments_of
from manufold.ui.web.page import finished, refusal
from manufold.ui.web.shown import Shown
from manufold.ui.web.visit import SignInNeeded, Site, Visit, headers, language_of

__all__ = ["clock_of", "life_route"]

#: between two looks while the world runs, so that a burst of events is told at once
_LOOK_S = 0.25
#: without any bell: events of other processes, and a clock that moves on its own
_AT_LEAST_S = 2.0
#: a stream ends after so many looks and the browser asks again, so that none is forgotten
_LOOKS_MOST = 1_000
_AGAIN_MS = 2_000
#: pages that follow orders at the same time, of all visitors together
_STREAMS_MOST = 200


def clock_of(visit: Visit) -> Response:
    """Return the world's clock, and whether it moves."""
    return JSONResponse(_clock(visit))


def _clock(visit: Visit) -> dict[str, Any]:
    ctx, zone = visit.ctx, visit.zone()
    now_s = ctx.clock.now_s()
    return {
        "now_s": now_s,
        "exact": to_rfc3339(now_s, zone),
        "text": visit.shown.moment(now_s, zone),
        "running": ctx.store.world == "live" or visit.site.runner.status().running,
    }


def life_route(site: Site) -> Callable[[Request], Awaitable[Response]]:
    """Return the route that tells an order's life."""
    going: set[object] = set()

    async def asked(request: Request) -> Response:
        visit = Visit(site, request, Shown(language_of(request, site.language)), FormData())
        order_id = request.path_params["order_id"]

        def begun() -> Actor | Response:
            visit.recognise()
            try:
                actor = visit.known()
                show_order(visit.ctx, actor, order_id)
            except SignInNeeded:
                return Response(status_code=401)
            except ManufoldError as fault:
                return refusal(visit, fault)
            return actor

        found = await run_in_threadpool(begun)
        if isinstance(found, Response):
            return finished(visit, found)
        told = request.headers.get("last-event-id") or request.query_params.get("after", "0")
        after_seq = int(told) if told.isascii() and told.isdigit() and len(told) < 16 else 0
        if len(going) >= _STREAMS_MOST:
            return Response(status_code=503, headers={**headers(), "Retry-After": "30"})
        more = {**headers(), "X-Accel-Buffering": "no"}
        told_on = _told(visit, order_id, after_seq, going)
        return StreamingResponse(told_on, media_type="text/event-stream", headers=more)

    return asked


async def _told(
    visit: Visit, order_id: str, after_seq: int, going: set[object]
) -> AsyncIterator[str]:
    """Yield moments and the clock as they change, until the order is over."""
    loop, rung, me = asyncio.get_running_loop(), asyncio.Event(), object()
    runner = visit.site.runner

    def ring() -> None:
        with suppress(RuntimeError):  # the loop is gone, and this stream with it
            loop.call_soon_threadsafe(rung.set)

    def look() -> tuple[list[dict[str, Any]], dict[str, Any], bool]:
        visit.recognise()  # a key may have been revoked since
        order = show_order(visit.ctx, visit.known(), order_id)
        return moments_of(visit, order_id, after_seq), _clock(visit), order.state in OVER

    shown_clock: dict[str, Any] = {}
    leave = runner.bell.listen(ring)
    going.add(me)
    try:
        yield f"retry: {_AGAIN_MS}\n\n"
        for _look in range(_LOOKS_MOST):
            rung.clear()
            moments, clock, over = await run_in_threadpool(look)
            for one in moments:
                after_seq = one["seq"]
                yield f"id: {after_seq}\nevent: moment\ndata: {json.dumps(one)}\n\n"
            if clock != shown_clock:
                shown_clock = clock
                yield f"event: clock\ndata: {json.dumps(clock)}\n\n"
            elif not moments:
                yield ": here\n\n"
            if over and not moments and (visit.ctx.store.world == "live" or not clock["running"]):
                yield "event: over\ndata: {}\n\n"
                return
            if runner.closed:
                return  # the server shuts down, and waits for its answers
            await asyncio.sleep(_LOOK_S)
            with suppress(TimeoutError):
                await asyncio.wait_for(rung.wait(), 0 if over else _AT_LEAST_S)
    except (ManufoldError, SignInNeeded):  # no longer his to see
        return
    finally:
        leave()
        going.discard(me)
