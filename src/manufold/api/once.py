"""Once: a request with an idempotency key is done once, and its answer kept.

Keys belong to a party in a role. The same key with the same content gets the same answer; with
another content, or while the first is still being answered, it is refused. What could go through a
moment later (others were faster, the server was busy) is not kept, so that it may be tried again.
"""

import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from fastapi import Request
from starlette.responses import Response

from manufold.api.caller import caller_of
from manufold.api.problems import PROBLEM, problem_answer, status_of
from manufold.model.codec import canonical
from manufold.model.errors import Conflict, InputFault, ManufoldError
from manufold.model.party import Actor
from manufold.services.context import Context

__all__ = ["Answer", "Once", "own_key"]

_KEY = re.compile(r"[!-~]{1,200}")
_JSON = "application/json"
#: refusals that another try may not meet
_PASSING = frozenset(
    {
        "api.busy",
        "hold.busy",
        "hold.hours_most",
        "hold.offers_most",
        "offer.slots_contested",
        "order.contested",
        "repair.contested",
        "store.stream_moved",
        "store.unsure",
    }
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a verb answers: a status and plain JSON.

    Args:
        kept: what a replay is answered instead, where the first answer holds a secret.
    """

    status: int
    body: Mapping[str, Any]
    location: str = ""
    kept: Mapping[str, Any] | None = None


def own_key(request: Request) -> str:
    """Return the idempotency key of a request, "" for none.

    Raises:
        InputFault: `api.key_wrong`.
    """
    found = request.headers.getlist("idempotency-key")
    if not found:
        return ""
    if len(found) > 1 or not _KEY.fullmatch(found[0]):
        raise InputFault("api.key_wrong", most=200)
    return found[0]


class Once:
    """Answers requests that change something.

    Args:
        threads: how many may be at work in the services at the same time.
    """

    def __init__(self, ctx: Context, threads: int = 24) -> None:
        self._ctx = ctx
        self._limiter = CapacityLimiter(threads)

    async def answer(
        self,
        request: Request,
        language: str,
        content: bytes,
        work: Callable[[], Answer],
        *,
        refusals: bool = True,
    ) -> Response:
        """Return the answer of `work`, or the one that was kept of an equal request.

        Args:
            content: what was asked for, the same for an equal request.
            refusals: whether they are kept as well; not where they may say what a person sent
                about itself. Nothing was done then, and the key is free again.
        """
        actor, key = caller_of(request), own_key(request)
        where = f"{request.method} {request.url.path}"
        return await run_sync(
            lambda: self._answered(actor, key, where, language, content, work, refusals),
            limiter=self._limiter,
        )

    def _answered(
        self,
        actor: Actor,
        key: str,
        where: str,
        language: str,
        content: bytes,
        work: Callable[[], Answer],
        refusals: bool,
    ) -> Response:
        if not key:
            return _response(work())
        desk, now_s = self._ctx.desk, self._ctx.wall.now_s()
        name = f"{actor.party_id}/{actor.role}/{key}"
        # keyed, or somebody's few measures could be guessed, digest by digest, from a copy
        digest = hmac.new(self._ctx.secret, f"{where}\n".encode() + content, sha256).hexdigest()
        until_s = now_s + self._ctx.settings.answers_kept_s
        kept = desk.begin_answer(name, digest, now_s, until_s)
        if kept is None:
            return self._first(name, language, work, refusals)
        if kept.digest != digest:
            raise Conflict("api.key_of_another", key=key[:80])
        if kept.status == 0:
            raise Conflict("api.key_busy", key=key[:80], retry_s=1)
        media = _JSON if kept.status < 400 else PROBLEM
        return Response(kept.body, kept.status, {"Idempotent-Replay": "true"}, media)

    def _first(
        self, name: str, language: str, work: Callable[[], Answer], refusals: bool
    ) -> Response:
        """Work, and keep what comes of it; a key under which nothing was done is free again."""
        status, text = 500, ""
        try:
            answer = work()
            status = answer.status
            text = _text(answer.body if answer.kept is None else answer.kept)
            return _response(answer)
        except ManufoldError as fault:
            passing = fault.code in _PASSING or not refusals
            status = 503 if passing else status_of(fault)
            text = _text(problem_answer(fault, language))
            raise
        finally:
            self._ctx.desk.keep_answer(name, status, text)


def _response(answer: Answer) -> Response:
    headers = {"Location": answer.location} if answer.location else None
    return Response(_text(answer.body), answer.status, headers, _JSON)


def _text(body: Mapping[str, Any]) -> str:
    return canonical(body).decode()
