"""The door: what every request passes before anything else sees it.

A body is taken in here whole, counted as it comes: what is too large, too slow or too much at once
is refused before a route, a form parser or a CAD reader has seen a byte of it. Under `/v1` the key
is asked for first, so that a stranger's body is not even read.
"""

import asyncio
import math
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from hashlib import sha256
from typing import IO, Any

from anyio.to_thread import run_sync
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from manufold.api.caller import OPEN_PATHS, key_of
from manufold.api.problems import accepted_language, refused, unexpected
from manufold.api.rate import Buckets
from manufold.model.errors import InputFault, ManufoldError
from manufold.services.context import Context
from manufold.services.keys import caller

__all__ = ["Door"]

_SMALL_BYTES = 65_536  # a body up to this is no upload, and stays in memory
_CHUNK_BYTES = 262_144
_VALID_MOST = 20_000
#: a page of the board is kept in memory for a minute, whether or not anybody looks at it
_BOARD = ("/board", "/board/")
_BOARD_COSTS = 20  # of the rate that others have, and a tenth of their burst
_LINGER_S = 3.0
_LINGER_BYTES = 64_000_000


class _LeftError(Exception):
    """The client went away in the middle of its body."""


class Door:
    """ASGI middleware: keys, rates and bodies.

    Args:
        language: of refusals for who asks for none.
    """

    def __init__(self, app: ASGIApp, ctx: Context, language: str) -> None:
        self._app = app
        self._ctx = ctx
        self._language = language
        settings = ctx.settings
        self._buckets = Buckets(settings.requests_per_minute, settings.requests_burst)
        self._boards = Buckets(
            -(-settings.requests_per_minute // _BOARD_COSTS), -(-settings.requests_burst // 10)
        )
        self._uploads = 0
        # digests of keys that have opened something: strangers at the same address, which may be
        # that of a proxy, use up its rate but lock out none of these
        self._valid: set[bytes] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request pass, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            if _chunked(scope) and _header(scope, b"content-length") is not None:
                # where one ends is a matter of taste then: the next request may hide in it
                raise InputFault("api.body_malformed", what="two lengths")
            await self._known(scope)
        except ManufoldError as fault:
            await self._refuse(scope, receive, send, fault)
            return
        if scope["method"] in ("GET", "HEAD", "OPTIONS") and not _announced(scope):
            await self._app(scope, receive, send)
            return
        await self._with_body(scope, receive, send)

    async def _known(self, scope: Scope) -> None:
        """Find out who calls the API, and whether that one calls too often."""
        path: str = scope["path"]
        api = path.startswith("/v1/") or path == "/v1"
        address = f"address {(scope.get('client') or ('?',))[0]}"
        if path in _BOARD:
            self._pay(address, self._boards)
        if not api and scope["method"] in ("GET", "HEAD"):
            return  # pages and their pictures
        if not api and path.startswith("/board/"):
            return  # its own socket speaks there
        mark = sha256((_header(scope, b"authorization") or "").encode()).digest()
        wait_s = self._buckets.take(address)
        if wait_s > 0 and not (api and mark in self._valid):
            raise _too_many(wait_s)
        if api and path not in OPEN_PATHS:
            key = key_of(scope["headers"])
            try:
                actor = await run_sync(caller, self._ctx, key)
            except InputFault:
                self._valid.discard(mark)
                raise
            except ManufoldError:
                raise
            except Exception as error:
                raise unexpected(error, path) from error
            self._remember(mark)
            if wait_s == 0:
                self._buckets.give_back(address)
            self._pay(f"key {key[:20]}")
            scope["manufold.actor"] = actor
            if any(ord(letter) < 32 for letter in path):  # which routes would match in part
                raise InputFault("api.no_route", path=path[:200])

    def _pay(self, name: str, buckets: Buckets | None = None) -> None:
        wait_s = (buckets or self._buckets).take(name)
        if wait_s > 0:
            raise _too_many(wait_s)

    def _remember(self, mark: bytes) -> None:
        if len(self._valid) >= _VALID_MOST:
            self._valid.clear()
        self._valid.add(mark)

    async def _with_body(self, scope: Scope, receive: Receive, send: Send) -> None:
        with tempfile.SpooledTemporaryFile(max_size=_SMALL_BYTES) as kept:
            try:
                await self._take_in(scope, receive, kept)
            except _LeftError:
                return
            except ManufoldError as fault:
                await self._refuse(scope, receive, send, fault)
                return
            kept.seek(0)
            await self._app(scope, _told_again(kept, receive), send)

    async def _take_in(self, scope: Scope, receive: Receive, kept: IO[bytes]) -> None:
        """Read a body whole.

        Raises:
            InputFault: `api.body_too_large`, `api.body_slow`, `api.busy`.
        """
        settings = self._ctx.settings
        most = settings.body_bytes_max
        if _announced(scope) > most:
            raise InputFault("api.body_too_large", most=most // 1_000_000)
        size, counted = 0, False
        try:
            async with asyncio.timeout(settings.body_whole_s):
                async for chunk in _chunks(receive, settings.body_idle_s):
                    size += len(chunk)
                    if size > most:
                        raise InputFault("api.body_too_large", most=most // 1_000_000)
                    if size > _SMALL_BYTES and not counted:
                        if self._uploads >= settings.uploads_at_once_max:
                            raise InputFault("api.busy", retry_s=2)
                        self._uploads += 1
                        counted = True
                    kept.write(chunk)
        except TimeoutError:
            raise InputFault("api.body_slow", idle_s=math.ceil(settings.body_idle_s)) from None
        finally:
            self._uploads -= counted

    async def _refuse(
        self, scope: Scope, receive: Receive, send: Send, fault: ManufoldError
    ) -> None:
        language = accepted_language(_header(scope, b"accept-language"), self._language)
        # what is still on its way is not read, so the connection is of no more use
        unread = bool(_announced(scope)) or _chunked(scope)
        headers = {"Connection": "close"} if unread else {}
        if "retry_s" in fault.params:
            headers["Retry-After"] = str(fault.params["retry_s"])
        answer = refused(fault, language, headers)
        if unread:
            await _to_sender(answer, scope, receive, send)
        else:
            await answer(scope, receive, send)


def _too_many(wait_s: float) -> InputFault:
    return InputFault("api.too_many", retry_s=math.ceil(wait_s))


async def _to_sender(answer: Response, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer somebody who is still sending: were the connection closed at once, what was not read
    would take the answer with it. So for a moment the rest is taken in, and thrown away."""

    async def told(message: Message) -> None:
        await send({**message, "more_body": True} if "body" in message else message)

    await answer(scope, receive, told)
    size = 0
    with suppress(TimeoutError):  # that was long enough
        async with asyncio.timeout(_LINGER_S):
            while size < _LINGER_BYTES:
                message = await receive()
                size += len(message.get("body", b""))
                if not message.get("more_body", False):
                    break
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _chunks(receive: Receive, idle_s: float) -> AsyncIterator[bytes]:
    """Yield the pieces of a body.

    Raises:
        TimeoutError: nothing came for `idle_s`.
    """
    while True:
        async with asyncio.timeout(idle_s):
            message = await receive()
        if message["type"] != "http.request":
            raise _LeftError
        if chunk := message.get("body", b""):
            yield chunk
        if not message.get("more_body", False):
            return


def _told_again(kept: IO[bytes], receive: Receive) -> Receive:
    """Return what gives a body out again, and then waits for the client to leave."""
    over = False

    async def told() -> Message:
        nonlocal over
        if over:
            return await receive()
        chunk = kept.read(_CHUNK_BYTES)
        over = len(chunk) < _CHUNK_BYTES
        return {"type": "http.request", "body": chunk, "more_body": not over}

    return told


def _header(scope: Mapping[str, Any], wanted: bytes) -> str | None:
    found = (value for name, value in scope["headers"] if name == wanted)
    value = next(found, None)
    return None if value is None else value.decode("latin-1")


def _announced(scope: Mapping[str, Any]) -> int:
    """Return how long a body says it is; nothing hangs on whether that is true."""
    text = _header(scope, b"content-length") or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0


def _chunked(scope: Mapping[str, Any]) -> bool:
    return _header(scope, b"transfer-encoding") is not None
