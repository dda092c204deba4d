"""The pages of people who arrive, put onto an app: order, compare, accept, follow, prove.

Stateless: what a page needs stands in its address, in its form, or in the store. Everything it
loads lies in this package; nothing comes from elsewhere.
"""

from gzip import compress
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from manufold.services.context import Context
from manufold.services.running import Guests, Runner
from manufold.ui.web import following, listed, living, offered, ordering, signing, working
from manufold.ui.web.page import Answer, endpoint, no_such_page
from manufold.ui.web.visit import Site, headers
from manufold.ui.web.worded import WordedProblems

__all__ = ["add_pages"]

_GET: dict[str, Answer] = {
    "/": working.home,
    "/offers/{offer_id}": offered.offer_page,
    "/offers/{offer_id}/pictures/{name}": offered.picture_of,
    "/orders": listed.orders,
    "/orders/{order_id}": following.order_page,
    "/orders/{order_id}/files/{number}": working.file_of,
    "/orders/{order_id}/passport": following.passport_page,
    "/orders/{order_id}/passport.json": following.passport_file,
    "/clock": living.clock_of,
    "/sign-in": signing.sign_in_page,
}
_POST: dict[str, Answer] = {
    "/offers": ordering.make_offer,
    "/offers/{offer_id}/accept": offered.accept_offer,
    "/offers/{offer_id}/extend": offered.extend,
    "/offers/{offer_id}/release": offered.release,
    "/offers/{offer_id}/again": ordering.ask_again,
    "/orders/{order_id}/cancel": following.cancel_order,
    "/orders/{order_id}/receive": working.receive_pieces,
    "/orders/{order_id}/say": working.say_it,
    "/run": following.run_on,
    "/sign-in": signing.sign_in,
    "/sign-out": signing.sign_out,
}
_MEDIA = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
#: rooms that answer for their own paths, a path of theirs that leads nowhere included
_OTHERS = ("/v1", "/board", "/docs", "/openapi.json", "/redoc", "/_nicegui", "/static-offline-docs")
_DAY_S = 86_400


def add_pages(app: FastAPI, ctx: Context, runner: Runner, guests: Guests, language: str) -> None:
    """Add the pages to an app.

    Args:
        guests: who acts for visitors without a key.
        language: of pages whose reader asks for none of ours.
    """
    site = Site(ctx, runner, guests, language)
    for path, answer in _GET.items():
        app.add_route(path, endpoint(site, answer), methods=["GET"], include_in_schema=False)
    for path, answer in _POST.items():
        route = endpoint(site, answer, posts=True)
        app.add_route(path, route, methods=["POST"], include_in_schema=False)
    app.add_route(
        "/orders/{order_id}/life", living.life_route(site), methods=["GET"], include_in_schema=False
    )
    for file in files("manufold.ui.web").joinpath("static").iterdir():
        _add_file(app, file)
    _add_lost(app, site)
    app.add_middleware(WordedProblems, site=site, others=_OTHERS)


def _add_file(app: FastAPI, file: Traversable) -> None:
    """Serve one file of this package; a browser asks again only whether it has changed."""
    suffix = file.name[file.name.rindex(".") :]
    content = file.read_bytes()
    small = compress(content, 9, mtime=0)
    tag = f'"{sha256(content).hexdigest()[:20]}"'
    carried = {**headers(), "Cache-Control": f"public, max-age={_DAY_S}", "ETag": tag}
    carried["Vary"] = "Accept-Encoding"

    async def sent(request: Request) -> Response:
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=carried)
        if "gzip" in request.headers.get("accept-encoding", ""):
            packed = {**carried, "Content-Encoding": "gzip"}
            return Response(small, media_type=_MEDIA[suffix], headers=packed)
        return Response(content, media_type=_MEDIA[suffix], headers=carried)

    for path in (f"/static/{file.name}", *(["/favicon.ico"] if suffix == ".svg" else [])):
        app.add_route(path, sent, methods=["GET"], include_in_schema=False)


def _add_lost(app: FastAPI, site: Site) -> None:
    """Answer addresses that lead nowhere with a page, where a person asks for one."""
    before = app.exception_handlers.get(HTTPException)
    lost = endpoint(site, no_such_page)

    async def found_nothing(request: Request, fault: Exception) -> Response:
        path, accepts = request.url.path, request.headers.get("accept", "")
        other = any(path == one or path.startswith(f"{one}/") for one in _OTHERS)
        nowhere = isinstance(fault, HTTPException) and fault.status_code == 404
        if nowhere and not other and "text/html" in accepts:
            return await lost(request)
        if before is not None:
            answer = before(request, fault)
            return answer if isinstance(answer, Response) else await answer
        assert isinstance(fault, HTTPException)
        return Response(status_code=fault.status_code, headers=fault.headers)

    app.add_exception_handler(HTTPException, found_nothing)
