"""The API as one application under `/v1`, beside the pages of the same server.

It answers every refusal as a problem (`api.problems`), whatever the pages around it do with theirs.
The document of the API and its reading room need nothing from elsewhere.
"""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import fastapi_offline
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.openapi.utils import get_openapi
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from manufold.api.answers import ProblemOut
from manufold.api.caller import OPEN_PATHS
from manufold.api.door import Door
from manufold.api.once import Once
from manufold.api.problems import (
    accepted_language,
    field_faults,
    note_denied,
    refusal_of_http,
    refused,
    unexpected,
)
from manufold.api.routes import (
    board,
    desk,
    floor,
    holds,
    offers,
    orders,
    promises,
    repair,
    what_if,
    work,
    world,
)
from manufold.api.served import Served, Verify
from manufold.api.wanted import OfferIn
from manufold.model.errors import ManufoldError, OurFault
from manufold.services.context import Context
from manufold.services.running import Runner

__all__ = ["Verify", "add_api", "bare_app"]

_ABOUT = """Offers that bind, dates that hold, goods that prove it.

Every route but `/v1/health` needs a key, `Authorization: Bearer mf_...`; the key says which party
acts and in which role. Refusals are problems (RFC 9457) with a code; docs/api.md says more."""


def bare_app(ctx: Context, language: str) -> FastAPI:
    """Return an application with nothing in it but the door that every request passes."""
    app = FastAPI(title="manufold", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(Door, ctx=ctx, language=language)
    return app


def add_api(
    app: FastAPI,
    ctx: Context,
    runner: Runner,
    *,
    language: str = "en",
    version: str = "",
    verify: Verify | None = None,
) -> Served:
    """Add the API, its document and its reading room to an application.

    Args:
        verify: proves the chain with the signed heads of the home; without it the server says
            that it cannot.
    """
    api = FastAPI(redirect_slashes=False, docs_url=None, redoc_url=None, openapi_url=None)
    found = Served(ctx, runner, Once(ctx), language, version, verify, 0, {})
    api.state.served = app.state.served = found
    buying = (offers, promises, holds, orders)
    for routes in (*buying, work, floor, what_if, repair, board, desk, world):
        api.include_router(routes.router)
    api.include_router(world.open_router)
    _add_refusals(api, language)
    app.router.routes.append(Mount("/v1", app=_whole(api)))
    _add_document(app, api, version)
    return found


def _whole(api: ASGIApp) -> ASGIApp:
    """Return the API as a mounted application that still sees whole paths, and never raises."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        inner = {**scope, "root_path": scope.get("app_root_path", "")}
        try:
            await api(inner, receive, send)
        except Exception:  # noqa: BLE001 - answered and logged by `_add_refusals` already
            return

    return answer


def _add_refusals(api: FastAPI, otherwise: str) -> None:
    def answer(request: Request, error: ManufoldError) -> Response:
        language = accepted_language(request.headers.get("accept-language"), otherwise)
        actor = request.scope.get("manufold.actor")
        if actor is not None:
            note_denied(request, error, (actor.party_id, actor.role))
        headers = {}
        if "retry_s" in error.params:
            headers["Retry-After"] = str(error.params["retry_s"])
        if "allowed" in error.params:
            headers["Allow"] = str(error.params["allowed"])
        return refused(error, language, headers)

    async def ours(request: Request, error: Exception) -> Response:
        assert isinstance(error, ManufoldError)
        if isinstance(error, OurFault):
            error = unexpected(error, request.url.path)
        return answer(request, error)

    async def wrong(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return answer(request, field_faults(error))

    async def framework(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return answer(request, refusal_of_http(error, request))

    async def nobody(request: Request, error: Exception) -> Response:
        return answer(request, unexpected(error, request.url.path))

    api.add_exception_handler(ManufoldError, ours)
    api.add_exception_handler(RequestValidationError, wrong)
    api.add_exception_handler(HTTPException, framework)
    api.add_exception_handler(Exception, nobody)


def _add_document(app: FastAPI, api: FastAPI, version: str) -> None:
    """Add `/openapi.json` and `/docs`, which loads nothing from elsewhere."""

    @lru_cache(maxsize=1)
    def document() -> Mapping[str, Any]:
        return _document(api, version)

    app.state.document = document

    async def openapi() -> Response:
        return JSONResponse(document())

    async def docs() -> HTMLResponse:
        return get_swagger_ui_html(
            openapi_url="/openapi.json",
            title="manufold",
            swagger_js_url="/docs/static/swagger-ui-bundle.js",
            swagger_css_url="/docs/static/swagger-ui.css",
            swagger_favicon_url="/docs/static/favicon.png",
        )

    app.add_api_route("/openapi.json", openapi, include_in_schema=False)
    app.add_api_route("/docs", docs, include_in_schema=False)
    static = Path(fastapi_offline.__file__).parent / "static"
    app.mount("/docs/static", StaticFiles(directory=static))


def _document(api: FastAPI, version: str) -> dict[str, Any]:
    document = get_openapi(
        title="manufold",
        version=version,
        description=_ABOUT,
        routes=api.routes,
        tags=[
            {"name": "offers", "description": "Ask, look, accept."},
            {"name": "orders", "description": "Look, follow, change one's mind, prove."},
            {"name": "floor", "description": "What shops say, what stands where."},
            {"name": "desk", "description": "Keys and webhooks."},
            {"name": "world", "description": "Who, what and when."},
        ],
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )
    schemas = document["components"]["schemas"]
    for model in (ProblemOut, OfferIn):
        found = model.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas |= found.pop("$defs", {})
        schemas[model.__name__] = found
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    document["components"]["schemas"] = dict(sorted(schemas.items()))
    life = document["paths"]["/v1/orders/{order_id}/life"]["get"]["responses"]["200"]
    life["content"]["text/event-stream"] = {"schema": {"type": "string", "description": _STREAM}}
    document["components"]["securitySchemes"] = {"key": _KEY}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if path not in OPEN_PATHS:
                operation["security"] = [{"key": []}]
            if method == "post" and path not in _ASKING:
                operation.setdefault("parameters", []).append(_IDEMPOTENCY)
    return document


#: they change nothing: asked again, they answer anew
_ASKING = frozenset({"/v1/promises", "/v1/what-if"})
#: the door asks for it, before any route is looked for
_KEY: Mapping[str, Any] = {"type": "http", "scheme": "bearer", "description": "A key: mf_..."}
_STREAM = (
    "Where Accept asks for it: `id` is the place in the log (send it back as Last-Event-ID to "
    "resume), `event` the kind, `data` a moment as in the JSON answer."
)
_IDEMPOTENCY: Mapping[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
    "description": "Your own; the same key with the same content gets the same answer again.",
}
