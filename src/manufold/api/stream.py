"""Server-sent events: the life of an order as it happens.

A stream wakes at once for what this process appends, and looks every second for what others did.
"""

import asyncio
from collections.abc import AsyncIterator
from time import monotonic

from anyio.to_thread import run_sync
from fastapi import Request
from starlette.responses import StreamingResponse

from manufold.api.caller import caller_of, key_of
from manufold.api.served import Served, reader_of, served_of
from manufold.api.shapes import moment_answer
from manufold.model.codec import canonical
from manufold.model.errors import InputFault, ManufoldError
from manufold.model.party import Actor
from manufold.services.keys import caller
from manufold.services.life import life

__all__ = ["life_stream"]

_LOOK_S = 1.0
_ALIVE_S = 15.0
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


async def life_stream(request: Request, order_id: str, after_seq: int) -> StreamingResponse:
    """Return the stream of an order's life from a place in the log on.

    Raises:
        Conflict: `access.no_such_order`.
        InputFault: `api.streams_many`.
    """
    api, actor = served_of(request), caller_of(request)
    await run_sync(life, api.ctx, actor, order_id, 2**62)  # refuses strangers before it begins
    name = f"{actor.party_id}/{actor.role}"
    if api.streams.get(name, 0) >= api.ctx.settings.streams_max:
        raise InputFault("api.streams_many", most=api.ctx.settings.streams_max, retry_s=5)
    api.streams[name] = api.streams.get(name, 0) + 1
    told = _told(
        api, actor, key_of(request.scope["headers"]), order_id, after_seq, reader_of(request)
    )
    return _Counted(api, name, told)


class _Counted(StreamingResponse):
    """A stream that is counted until it ends, however it ends."""

    def __init__(self, api: Served, name: str, told: AsyncIterator[bytes]) -> None:
        super().__init__(told, headers=_HEADERS, media_type="text/event-stream")
        self._api, self._name = api, name

    async def __call__(self, scope, receive, send):  # type: ignore[no-untyped-def]
        """Send it."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            left = self._api.streams[self._name] - 1
            self._api.streams[self._name] = left
            if not left:
                del self._api.streams[self._name]


async def _told(
    api: Served, actor: Actor, key: str, order_id: str, after_seq: int, language: str
) -> AsyncIterator[bytes]:
    loop, woken = asyncio.get_running_loop(), asyncio.Event()
    looked_at, said_at, checked_at = -1, monotonic(), monotonic()
    leave = api.runner.bell.listen(lambda: _wake(loop, woken))
    try:
        yield b"retry: 2000\n\n"
        while not api.runner.closed:
            if monotonic() - checked_at >= _LOOK_S:
                await run_sync(caller, api.ctx, key)  # revoked meanwhile?
                checked_at = monotonic()
            woken.clear()
            head = await run_sync(api.ctx.store.head)
            if head.seq != looked_at:
                moments = await run_sync(life, api.ctx, actor, order_id, after_seq)
                for moment in moments:
                    after_seq, said_at = moment.seq, monotonic()
                    data = canonical(moment_answer(moment, api.ctx, language))
                    yield b"id: %d\nevent: %s\ndata: %s\n\n" % (
                        moment.seq,
                        moment.kind.encode(),
                        data,
                    )
                if moments:
                    continue  # perhaps there is more
                looked_at = head.seq
            if monotonic() - said_at >= _ALIVE_S:
                said_at = monotonic()
                yield b": alive\n\n"
            try:
                async with asyncio.timeout(_LOOK_S):
                    await woken.wait()
            except TimeoutError:
                continue
    except ManufoldError:  # no longer his to see
        return
    finally:
        leave()


def _wake(loop: asyncio.AbstractEventLoop, woken: asyncio.Event) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(woken.set)
