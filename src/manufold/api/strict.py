"""Strict JSON: what is not exactly what was asked for is refused, and nothing is guessed."""

import json
import re
from collections.abc import Callable, Coroutine
from decimal import Decimal
from typing import Any, NoReturn

from fastapi import Request, Response
from fastapi.routing import APIRoute

from manufold.model.errors import InputFault

__all__ = ["StrictRoute", "checked_text", "loads"]

_DEPTH_MOST = 32
_VALUES_MOST = 100_000
_INTEGER_MOST = 2**63
_DIGITS_MOST = 40
_JSON = "application/json"
_ODD = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def loads(content: bytes) -> Any:
    """Return a JSON document.

    Raises:
        InputFault: `api.body_malformed` for what is no JSON, names a field twice, or holds numbers,
            letters or depths that no store can keep.
    """
    if content.count(b",") > _VALUES_MOST:  # before millions of values have been made
        raise InputFault("api.body_malformed", what="too deep or too long")
    try:
        found = json.loads(
            content.decode("utf-8"),
            parse_float=_exact,
            parse_constant=_no_number,
            object_pairs_hook=_once_each,
        )
    except (ValueError, RecursionError) as fault:
        raise InputFault("api.body_malformed", what=_shown(fault)) from None
    _refuse_odd(found)
    return found


def checked_text(text: str, where: str) -> str:
    """Return a text without control characters or halves of characters.

    Raises:
        InputFault: `api.text_wrong`.
    """
    if not (text.isascii() and text.isprintable()) and _ODD.search(text):  # the first is fast
        raise InputFault("api.text_wrong", field=where[:80])
    return text


class StrictRoute(APIRoute):
    """A route that reads its JSON strictly, and says so when it is sent something else."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the framework's own handler behind a strict reader."""
        handle = super().get_route_handler()
        if self.body_field is None:
            return handle

        async def strictly(request: Request) -> Response:
            media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
            content = await request.body()
            if media != _JSON:
                raise InputFault("api.media_type", found=media[:80], wanted=_JSON)
            request._json = loads(content)  # what the framework will find already read
            return await handle(request)

        return strictly


def _refuse_odd(found: Any) -> None:
    """Refuse depths, sizes, numbers and letters beyond what is ever needed."""
    level: list[Any] = [found]
    texts: list[str] = []
    depth, count = 0, 0
    while level:  # what lies equally deep at once
        count += len(level)
        if depth > _DEPTH_MOST or count > _VALUES_MOST:
            raise InputFault("api.body_malformed", what="too deep or too long")
        inner: list[Any] = []
        for value in level:
            kind = type(value)
            if kind is str:
                texts.append(value)
            elif kind is dict:
                texts += value
                inner += value.values()
            elif kind is list:
                inner += value
            elif kind is int and abs(value) >= _INTEGER_MOST:
                raise InputFault("api.body_malformed", what="a number beyond 64 bits")
        level, depth = inner, depth + 1
    checked_text("".join(texts), "body")


def _exact(text: str) -> Decimal:
    found = Decimal(text)
    if len(text) > _DIGITS_MOST or not -_DIGITS_MOST < found.adjusted() < _DIGITS_MOST:
        raise ValueError("a number of too many digits")
    return found


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number")


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a field is named twice")
    return found


def _shown(fault: Exception) -> str:
    if isinstance(fault, RecursionError):
        return "too deep"
    return "not UTF-8" if isinstance(fault, UnicodeDecodeError) else str(fault)[:120]
