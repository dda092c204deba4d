"""Refusals over HTTP: RFC 9457 problems, worded in the reader's language.

    {"type": "urn:manufold:order.offer_expired", "title": "Gone", "status": 410, "detail": "...",
     "code": "order.offer_expired", "params": {...}, "branch": "Conflict", "faults": [...]}

The status follows the branch of the error tree, and for a few codes the code itself.
"""

import logging
import secrets
from collections.abc import Mapping
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from manufold.api.wire import worded
from manufold.model.codec import canonical
from manufold.model.errors import Fault, InputFault, ManufoldError, OurFault, Param, Reason
from manufold.words import LANGUAGES, term

__all__ = [
    "PROBLEM",
    "STATUS",
    "InnerFault",
    "accepted_language",
    "field_faults",
    "note_denied",
    "problem_answer",
    "refusal_of_http",
    "refused",
    "status_of",
    "unexpected",
]

PROBLEM = "application/problem+json"
_log = logging.getLogger("manufold.api")
_access = logging.getLogger("manufold.access")

#: codes whose status is not that of their branch
STATUS: Mapping[str, int] = {
    "access.command_may_not": 403,
    "access.key_missing": 401,
    "access.key_not_yours": 403,
    "access.key_wrong": 401,
    "access.party_unknown": 403,
    "access.role_may_not": 403,
    "access.role_not_taken": 403,
    "api.body_slow": 408,
    "api.body_too_large": 413,
    "api.busy": 503,
    "api.host_unknown": 421,
    "api.key_busy": 409,
    "api.key_of_another": 409,
    "api.media_type": 415,
    "api.method": 405,
    "api.no_route": 404,
    "api.streams_many": 429,
    "api.too_many": 429,
    "offer.file_too_large": 413,
    "order.not_delivered": 409,
    "hold.was_released": 410,
    "order.offer_expired": 410,
    "order.other_offer_accepted": 410,
    "order.slot_lost": 410,
    "access.no_such_key": 404,
    "access.no_such_webhook": 404,
}
_ABSENT = "access.no_such_"
#: kinds of pydantic's findings -> our code; all others are malformed
_FINDINGS: Mapping[str, str] = {
    "missing": "api.field_missing",
    "extra_forbidden": "api.field_unknown",
    "string_too_long": "api.field_long",
    "string_too_short": "api.field_short",
    "too_long": "api.field_long",
    "too_short": "api.field_short",
    "greater_than_equal": "api.field_range",
    "less_than_equal": "api.field_range",
    "greater_than": "api.field_range",
    "less_than": "api.field_range",
    "literal_error": "api.field_choice",
    "enum": "api.field_choice",
    "union_tag_invalid": "api.field_choice",
}


def status_of(error: ManufoldError) -> int:
    """Return the HTTP status of a refusal."""
    if error.code in STATUS:
        return STATUS[error.code]
    return 404 if error.code.startswith(_ABSENT) else error.http_status


def accepted_language(header: str | None, otherwise: str) -> str:
    """Return the language of the catalogue that an Accept-Language header prefers."""
    best, found = 0.0, otherwise
    for part in (header or "")[:200].split(","):
        name, _, weight = part.strip().partition(";")
        language = name.split("-")[0].lower()
        if language not in LANGUAGES:
            continue
        try:
            share = float(weight.strip().removeprefix("q=") or 1) if weight else 1.0
        except ValueError:
            continue
        if best < share <= 1:
            best, found = share, language
    return found


def problem_answer(error: ManufoldError, language: str) -> dict[str, Any]:
    """Return a refusal as `contracts/problem.schema.json` has it."""
    status = status_of(error)
    said = worded([error.reason], language)[0]
    return {
        "type": f"urn:manufold:{error.code}",
        "title": term("problem", str(status), language),
        "status": status,
        "detail": said["text"],
        "code": said["code"],
        "params": said["params"],
        "branch": error.branch,
        "faults": [
            {"where": fault.where} | worded([fault.reason], language)[0] for fault in error.faults
        ],
    }


def refused(
    error: ManufoldError, language: str, headers: Mapping[str, str] | None = None
) -> Response:
    """Return a refusal as a response."""
    answer = problem_answer(error, language)
    more = dict(headers or {})
    if answer["status"] == 401:
        more["WWW-Authenticate"] = 'Bearer realm="manufold"'
    return Response(canonical(answer), answer["status"], more, PROBLEM)


def note_denied(request: Request, error: ManufoldError, who: tuple[str, str]) -> None:
    """Note in the access log that somebody looked at what is not his."""
    if error.code.startswith(_ABSENT):
        ids = " ".join(f"{k}={v!r}" for k, v in error.params.items() if k != "party")
        path = request.url.path[:300]
        _access.warning("denied %s/%s %s %r: %s", *who, request.method, path, ids)


def refusal_of_http(error: HTTPException, request: Request) -> ManufoldError:
    """Return what the framework refuses as one of ours."""
    path = request.url.path[:200]
    if error.status_code == 404:
        return InputFault("api.no_route", path=path)
    if error.status_code == 405:
        allowed = (error.headers or {}).get("Allow", "")
        return InputFault("api.method", method=request.method[:20], path=path, allowed=allowed)
    return InputFault("api.body_malformed", what=str(error.detail)[:200])


def field_faults(error: RequestValidationError) -> InputFault:
    """Return every finding about a request, each with the field it is about."""
    found = []
    for one in error.errors()[:50]:
        where = ".".join(str(part)[:80] for part in one["loc"])
        if one["type"] == "value_error" and isinstance(
            inner := one.get("ctx", {}).get("error"), InnerFault
        ):
            found.append(Fault(where, inner.reason))
            continue
        if one["type"] == "json_invalid":
            what = str(one.get("ctx", {}).get("error", ""))[:120]
            return InputFault("api.body_malformed", what=what)
        code = _FINDINGS.get(str(one["type"]), "api.field_malformed")
        field = str(one["loc"][-1])[:80] if one["loc"] else "body"
        params: dict[str, Param] = {"field": field, "what": str(one["msg"])[:200]}
        found.append(Fault(where, Reason(code, params)))
    return InputFault("api.request_wrong", faults=tuple(found), count=len(found))


class InnerFault(ValueError):
    """A finding of our own about a field, raised inside a wire model."""

    def __init__(self, code: str, **params: Param) -> None:
        super().__init__(code)
        self.reason = Reason(code, params)


def unexpected(error: BaseException, where: str) -> OurFault:
    """Log an exception nobody expected, with its traceback; return what its victim is told."""
    number = secrets.token_hex(4)
    _log.error("fault %s at %r", number, where[:300], exc_info=error)
    return OurFault("api.unexpected", id=number)
