"""What the OpenAPI document says of refusals: every code of a route, under its status."""

import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from manufold.api.answers import ProblemOut
from manufold.api.problems import PROBLEM, problem_answer
from manufold.model.errors import (
    CannotMake,
    Conflict,
    InputFault,
    ManufoldError,
    Reason,
    StoreFault,
)
from manufold.words import sentences

__all__ = ["EVERYWHERE", "open_replies", "replies"]

#: refusals that any route with a key may answer
EVERYWHERE = ("access.key_missing", "access.key_wrong", "api.too_many", "api.request_wrong")

_PLACE = re.compile(r"\{([a-z][a-z0-9_]*)")
#: codes of the world that moved; a test compares them with what the source raises
_CONFLICTS = (
    "access.no_such_",
    "api.key_",
    "change.still_needed",
    "execution.claim_too_many",
    "execution.command_id_reused",
    "execution.job_state",
    "execution.order_state",
    "execution.receive_too_many",
    "execution.return_too_many",
    "execution.started",
    "hold.busy",
    "hold.extended_enough",
    "hold.hours_most",
    "hold.offers_most",
    "hold.was_released",
    "hooks.too_many",
    "offer.slots_contested",
    "offer.sooner_over",
    "order.",
    "repair.contested",
    "run.closed",
    "run.running_already",
    "what_if.offer_accepted",
    "what_if.order_over",
)
#: codes of what no site can do
_CANNOT = (
    "repair.no_room",
    "schedule.capability_unknown",
    "schedule.past_horizon",
    "what_if.no_room",
)
_OF_STORE = ("store.", "api.no_verifier")


Replies = dict[int | str, dict[str, Any]]


def replies(status: int, answer: type[BaseModel], *codes: str) -> Replies:
    """Return what a route answers, for its documentation: its answer and its refusals."""
    return {status: _answer(answer)} | _problems(*EVERYWHERE, *codes)


def open_replies(answer: type[BaseModel]) -> Replies:
    """Return what a route without a key answers, ready or not."""
    return {200: _answer(answer), 503: _answer(answer)} | _problems("api.too_many")


def _answer(model: type[BaseModel]) -> dict[str, Any]:
    return {"model": model, "description": " ".join((model.__doc__ or "").split())}


def _problems(*codes: str) -> Replies:
    found: Replies = {}
    for code in codes:
        answer = problem_answer(_refusal(code), "en")
        status = int(answer["status"])
        media = found.setdefault(
            status,
            {
                "description": answer["title"],
                "content": {PROBLEM: {"schema": _SCHEMA, "examples": {}}},
            },
        )["content"][PROBLEM]
        media["examples"][code] = {"summary": code, "value": answer}
    return found


_SCHEMA: Mapping[str, Any] = {"$ref": f"#/components/schemas/{ProblemOut.__name__}"}


def _refusal(code: str) -> ManufoldError:
    names: list[str] = _PLACE.findall(sentences("en")[code])
    reason = Reason(code, {name: f"<{name}>" for name in names})
    if code.startswith(_OF_STORE):
        return StoreFault.of(reason)
    if code in _CANNOT:
        return CannotMake.of(reason)
    return (Conflict if code.startswith(_CONFLICTS) else InputFault).of(reason)
