"""The page of the board, mounted beside the API and the pages for people who arrive.

The server keeps, per open page, who looks and what is picked. Lists and figures travel over the
page's socket; the bars, thousands of them, the chart fetches from `/board-data` by itself.
"""

from importlib.resources import files

from fastapi import FastAPI
from nicegui import core, ui
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from manufold.model.errors import InputFault, ManufoldError
from manufold.services.context import Context
from manufold.services.running import Guests, Runner
from manufold.ui.board.looking import Desk
from manufold.ui.board.policy import Sealed
from manufold.ui.board.saying import Saying
from manufold.ui.board.view import BoardView
from manufold.ui.web.visit import language_of

__all__ = ["DATA_PATH", "PATH", "add_board"]

PATH = "/board"
DATA_PATH = "/board-data"
_NUMBER_LETTERS_MOST = 12
#: window of a chart that names none
_DAYS = 9


def add_board(app: FastAPI, ctx: Context, runner: Runner, guests: Guests, language: str) -> None:
    """Mount the board at `/board` and the data of its chart at `/board-data`.

    No storage of the browser's is used, so there is no session cookie and no secret to keep.

    Args:
        guests: who looks without a key; nobody in a live world.
        language: for browsers that ask for none of ours.
    """
    desk = Desk(ctx, runner, guests, language)
    style = files("manufold.ui.board").joinpath("board.css").read_text(encoding="utf-8")

    async def data(request: Request) -> Response:
        return await run_in_threadpool(_data, desk, request)

    @ui.page("/", title=f"manufold · {Saying(language)('title')}", response_timeout=20)
    async def page(request: Request) -> None:
        ui.add_css(style)
        view = BoardView(desk, dict(request.cookies), language_of(request, language), DATA_PATH)
        await view.open(request.query_params.get("site", ""))

    app.add_route(DATA_PATH, data, methods=["GET"], include_in_schema=False)
    app.add_middleware(Sealed, paths=(PATH, DATA_PATH))
    # NiceGUI has one application per process; a second world in it takes that one over
    core.app.user_middleware.clear()
    core.app.middleware_stack = None
    ui.run_with(
        app,
        mount_path=PATH,
        title="manufold",
        dark=None,
        reconnect_timeout=5.0,
        show_welcome_message=False,
    )


def _data(desk: Desk, request: Request) -> Response:
    """Answer a chart; who looks is asked anew each time, so a revoked key shows nothing more."""
    language = language_of(request, desk.language)
    say = Saying(language)
    looking = desk.looking(request.cookies)
    if looking is None:
        return JSONResponse({"code": "access.key_wrong", "text": say("sign_in")}, status_code=401)
    asked = request.query_params
    try:
        packed = desk.chart(
            looking.actor,
            language,
            _number(asked.get("from")),
            _number(asked.get("days")) or _DAYS,
            asked.get("site") or None,
        )
    except ManufoldError as fault:
        denied = fault.code.startswith("access.")
        answer = {"code": fault.code, "text": say.reason(fault.reason)}
        return JSONResponse(answer, status_code=403 if denied else fault.http_status)
    headers = {"Content-Encoding": "gzip", "Cache-Control": "no-store", "Vary": "Cookie"}
    return Response(packed, media_type="application/json", headers=headers)


def _number(text: str | None) -> int | None:
    """Return a whole number of a query, None where there is none.

    Raises:
        InputFault: `board.number_wrong`.
    """
    if not text:
        return None
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= _NUMBER_LETTERS_MOST):
        raise InputFault("board.number_wrong", found=text[:40])
    return int(text)
