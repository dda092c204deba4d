"""From a function of a visit to a page: recognise, answer, word what is refused."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from manufold.model.errors import InputFault, ManufoldError, OurFault
from manufold.model.offer import Offer
from manufold.model.units import to_rfc3339
from manufold.ui.web.shown import Shown, template, version
from manufold.ui.web.visit import (
    KEY_COOKIE,
    LANGUAGE_COOKIE,
    SignInNeeded,
    Site,
    Visit,
    headers,
    language_of,
    refuse_strangers,
    safe_next,
    sent_form,
)
from manufold.words import LANGUAGES

__all__ = [
    "Answer",
    "endpoint",
    "finished",
    "no_such_page",
    "refusal",
    "rendered",
    "see_other",
    "status_of",
]

Answer = Callable[[Visit], Response]

_YEAR_S = 31_536_000
#: refusals whose status is not that of their branch
_STATUS: Mapping[str, int] = {
    "access.no_such_offer": 404,
    "access.no_such_order": 404,
    "web.no_such_page": 404,
    "access.role_may_not": 403,
    "access.role_not_taken": 403,
    "access.command_may_not": 403,
    "access.party_unknown": 403,
    "access.party_needed": 403,
    "access.key_wrong": 401,
    "web.other_origin": 403,
    "web.body_too_large": 413,
    "web.form_unreadable": 400,
    "hold.was_released": 410,
    "order.offer_expired": 410,
}

_access = logging.getLogger("manufold.access")
_log = logging.getLogger("manufold.web")


def endpoint(
    site: Site, answer: Answer, *, posts: bool = False
) -> Callable[[Request], Awaitable[Response]]:
    """Return the route of an answer, which runs in a thread of its own.

    Args:
        posts: whether it changes anything: then a form of this host must ask for it.
    """

    async def asked(request: Request) -> Response:
        shown = Shown(language_of(request, site.language))
        visit = Visit(site, request, shown, FormData())
        try:
            if posts:
                refuse_strangers(request)
                visit.form = await sent_form(request, site.ctx)
            response = await run_in_threadpool(_answered, visit, answer)
        except ManufoldError as fault:  # of the form; those of the answer are worded in the thread
            response = await run_in_threadpool(_refused_before, visit, fault)
        finally:
            await visit.form.close()
        return finished(visit, response)

    return asked


def _answered(visit: Visit, answer: Answer) -> Response:
    try:
        visit.recognise()
        return answer(visit)
    except SignInNeeded as needed:
        return _sign_in_first(visit, wrong=needed.wrong)
    except ManufoldError as fault:
        return refusal(visit, fault)
    except Exception as error:  # noqa: BLE001 - the last net: logged whole, told as our fault
        _log.exception("a page failed: %s %s", visit.request.method, visit.request.url.path)
        return refusal(visit, OurFault("web.unexpected", kind=type(error).__name__))


def _refused_before(visit: Visit, fault: ManufoldError) -> Response:
    def refuse(_visit: Visit) -> Response:
        raise fault

    return _answered(visit, refuse)


def _sign_in_first(visit: Visit, *, wrong: bool) -> Response:
    """Send to the page that asks for a key, and back afterwards."""
    next_path = visit.path() if visit.request.method == "GET" else "/"
    query = f"next={_quoted(next_path)}" + ("&wrong=1" if wrong else "")
    response = RedirectResponse(f"/sign-in?{query}", 303)
    if wrong:
        response.delete_cookie(KEY_COOKIE, path="/", httponly=True, samesite="strict")
    return response


def _quoted(path: str) -> str:
    return quote(safe_next(path), safe="/")


def finished(visit: Visit, response: Response) -> Response:
    """Return the response with what every page carries."""
    for name, value in headers().items():
        response.headers.setdefault(name, value)
    told = visit.request.query_params.get("lang")
    if told in LANGUAGES:
        response.set_cookie(
            LANGUAGE_COOKIE, told, max_age=_YEAR_S, path="/", httponly=True, samesite="lax"
        )
    return response


def rendered(visit: Visit, name: str, status: int = 200, **values: Any) -> Response:
    """Return a page of a template, with what the frame around each page shows."""
    return HTMLResponse(template(name).render(**_frame(visit), **values), status)


def _frame(visit: Visit) -> dict[str, Any]:
    ctx, shown = visit.ctx, visit.shown
    zone, now_s = visit.zone(), ctx.clock.now_s()
    party = None if visit.actor is None else ctx.network.party.get(visit.actor.party_id)
    beside = {getattr(route, "path", "") for route in visit.request.app.routes}
    query = [(k, v) for k, v in visit.request.query_params.multi_items() if k != "lang"]
    return {
        **shown.names(),
        "version": version(),
        "language": shown.language,
        "lang": "zh-Hans" if shown.language == "zh" else shown.language,
        "tongues": {"en": shown.t("web.tongue_en"), "zh": shown.t("web.tongue_zh")},
        # a form's own address shows nothing to whoever comes back to it
        "path": visit.request.url.path if visit.request.method == "GET" else "/",
        "query": query,
        "world": ctx.store.world,
        "network": ctx.network,
        "now_s": now_s,
        "now": to_rfc3339(now_s, zone),
        "zone": zone,
        "actor": visit.actor,
        "party": party,
        "signed_in": visit.signed_in,
        "has_board": "/board" in beside,
        "has_docs": "/docs" in beside,
    }


def refusal(
    visit: Visit, fault: ManufoldError, *, order_id: str | None = None, offer: Offer | None = None
) -> Response:
    """Return the page that says why not, and what to do instead.

    Args:
        order_id: the order to look at instead.
        offer: the offer to ask for once more.
    """
    status = status_of(fault)
    if status == 404 and fault.code.startswith("access."):
        _access.warning("%s asked for %s", visit.actor, fault)
    if isinstance(fault, OurFault):
        _log.error("our fault: %s", fault)
    return rendered(
        visit, "refusal.html", status, fault=fault, number=status, order_id=order_id, offer=offer
    )


def status_of(fault: ManufoldError) -> int:
    """Return the HTTP status of a refusal."""
    return _STATUS.get(fault.code, fault.http_status)


def see_other(path: str) -> Response:
    """Return the answer to a form that was taken: look there now."""
    return RedirectResponse(path, 303)


def no_such_page(visit: Visit) -> Response:
    """Refuse an address that leads nowhere.

    Raises:
        InputFault: `web.no_such_page`, always.
    """
    raise InputFault("web.no_such_page", path=visit.request.url.path[:200])
