"""By which name a server is called: one on loopback answers to loopback names only.

A page from anywhere can point a name of its own at 127.0.0.1 and let a browser here ask it (DNS
rebinding). The Host header then still says that name, and it is refused before anything is read.
Behind a proxy that passes its own name on, the setting `hosts` names it.
"""

import re

from starlette.types import ASGIApp, Receive, Scope, Send

from manufold.api.problems import accepted_language, refused
from manufold.model.errors import InputFault

__all__ = ["LOOPBACK", "Hosts"]

LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]", "::1"})
_HOST = re.compile(r"(\[[0-9a-fA-F:.]+\]|[^:\[\]]+)(:[0-9]{1,5})?")


class Hosts:
    """ASGI middleware: refuse requests that call this server by a name it does not have.

    Args:
        names: without ports, in small letters.
        language: of refusals for who asks for none.
    """

    def __init__(self, app: ASGIApp, names: frozenset[str], language: str) -> None:
        self._app = app
        self._names = names
        self._language = language

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request pass, or refuse it with 421."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        found = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
        match = _HOST.fullmatch(found[0]) if len(found) == 1 else None
        if match is not None and match[1].lower() in self._names:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            headers = dict(scope["headers"])
            asked = headers.get(b"accept-language", b"").decode("latin-1")
            fault = InputFault("api.host_unknown", host=", ".join(found)[:80])
            language = accepted_language(asked, self._language)
            await refused(fault, language, {"Connection": "close"})(scope, receive, send)
