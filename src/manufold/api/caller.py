"""Who calls: the key in the Authorization header, and nothing else, says party and role."""

import re

from fastapi import Request

from manufold.model.errors import InputFault
from manufold.model.party import Actor

__all__ = ["OPEN_PATHS", "caller_of", "calling", "key_of"]

#: routes of the API that need no key
OPEN_PATHS = frozenset({"/v1/health"})
_BEARER = re.compile(rb"[Bb]earer +([!-~]{1,200})")


def key_of(headers: list[tuple[bytes, bytes]]) -> str:
    """Return the key that a request carries.

    Raises:
        InputFault: `access.key_missing` for none, for several and for another scheme.
    """
    found = [value for name, value in headers if name == b"authorization"]
    match = _BEARER.fullmatch(found[0].strip()) if len(found) == 1 else None
    if match is None:
        raise InputFault("access.key_missing")
    return match[1].decode("ascii")


def caller_of(request: Request) -> Actor:
    """Return who calls; the door has asked for the key already."""
    actor = request.scope.get("manufold.actor")
    assert isinstance(actor, Actor), request.url.path
    return actor


async def calling(request: Request) -> Actor:
    """Return who calls; not a plain function, which would cost a thread."""
    return caller_of(request)
