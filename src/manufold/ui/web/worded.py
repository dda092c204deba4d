"""Refusals from before the pages as pages: what the door of the server says, a person can read.

A body too large or too many requests are refused for everybody alike, as problems (RFC 9457). Where
a browser asked for a page, that problem is shown as one.
"""

import json
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from manufold.model.errors import InputFault
from manufold.ui.web.page import finished, rendered
from manufold.ui.web.shown import Shown
from manufold.ui.web.visit import Site, Visit, language_of

__all__ = ["WordedProblems"]

_PROBLEM = b"application/problem+json"


class WordedProblems:
    """ASGI middleware around everything else.

    Args:
        others: paths of rooms that answer for themselves.
    """

    def __init__(self, app: ASGIApp, site: Site, others: tuple[str, ...]) -> None:
        self._app = app
        self._site = site
        self._others = others

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on, but for problems that a person would have to read raw."""
        if scope["type"] != "http" or not self._for_person(scope):
            await self._app(scope, receive, send)
            return
        held: list[Message] = []

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                kinds = [v for k, v in message.get("headers", []) if k == b"content-type"]
                if any(kind.startswith(_PROBLEM) for kind in kinds):
                    held.append(message)
                    return
            if not held:
                await send(message)
                return
            held.append(message)
            if not message.get("more_body"):
                await (await self._page(scope, held))(scope, receive, send)

        await self._app(scope, receive, sent)

    def _for_person(self, scope: Scope) -> bool:
        path = scope["path"]
        if any(path == one or path.startswith(f"{one}/") for one in self._others):
            return False
        accept = Headers(scope=scope).get("accept", "")
        return "text/html" in accept and "problem+json" not in accept

    async def _page(self, scope: Scope, held: list[Message]) -> Response:
        told: dict[str, Any] = json.loads(b"".join(m.get("body", b"") for m in held[1:]))
        status = int(held[0]["status"])
        request = Request(scope)
        shown = Shown(language_of(request, self._site.language))
        visit = Visit(self._site, request, shown, FormData())
        fault = InputFault(str(told["code"]), **told["params"])

        def page() -> Response:
            visit.recognise()
            return rendered(
                visit, "refusal.html", status, fault=fault, number=status, order_id=None, offer=None
            )

        answer = finished(visit, await run_in_threadpool(page))
        again = [v for k, v in held[0]["headers"] if k == b"retry-after"]
        if again:
            answer.headers["Retry-After"] = again[0].decode()
        return answer
