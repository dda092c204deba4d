"""Signing in: a key, kept in a cookie that no script reads and no other site sends."""

from starlette.responses import Response

from manufold.model.errors import InputFault
from manufold.services.keys import caller
from manufold.ui.web.page import rendered, see_other
from manufold.ui.web.visit import KEY_COOKIE, Visit, safe_next

__all__ = ["sign_in", "sign_in_page", "sign_out"]

#: a working day; revoked keys end at once, since each request looks them up
_SIGNED_IN_S = 12 * 3600


def sign_in_page(visit: Visit) -> Response:
    """Return the page that asks for a key."""
    query = visit.request.query_params
    wrong = InputFault("access.key_wrong") if query.get("wrong") else None
    return rendered(visit, "sign_in.html", next_path=safe_next(query.get("next")), fault=wrong)


def sign_in(visit: Visit) -> Response:
    """Take a key; wrong ones are asked for again."""
    key, next_path = str(visit.form.get("key", "")).strip(), safe_next(visit.form.get("next"))
    try:
        visit.actor = caller(visit.ctx, key)
    except InputFault as fault:
        return rendered(visit, "sign_in.html", 401, next_path=next_path, fault=fault)
    response = see_other(next_path)
    response.set_cookie(
        KEY_COOKIE,
        key,
        max_age=_SIGNED_IN_S,
        path="/",
        secure=_encrypted(visit),
        httponly=True,
        samesite="strict",
    )
    return response


def sign_out(visit: Visit) -> Response:
    """Forget the key."""
    response = see_other("/")
    response.delete_cookie(KEY_COOKIE, path="/", httponly=True, samesite="strict")
    return response


def _encrypted(visit: Visit) -> bool:
    """Say whether the browser came by TLS; the proxy that speaks it passes on plain HTTP, and only
    the Origin, which browsers write themselves, still says so."""
    request = visit.request
    return request.url.scheme == "https" or request.headers.get("origin", "").startswith("https:")
