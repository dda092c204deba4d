"""The board's page without a browser: NiceGUI's simulated user on a world of the services."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import httpx
import pytest
from fastapi import FastAPI
from nicegui import Client, ui
from nicegui.functions.download import download
from nicegui.functions.navigate import Navigate
from nicegui.functions.notify import notify
from nicegui.testing.general import nicegui_reset_globals
from nicegui.testing.user import User
from tests.services.world import HUB

from manufold.services.context import Context
from manufold.services.running import Guests, Runner
from manufold.ui.board.page import add_board

Opener = Callable[..., Awaitable[User]]


@pytest.fixture
async def opened() -> AsyncIterator[Opener]:
    """Open the board of a world: `await opened(ctx, guest=HUB, path="/board/", cookies={})`."""
    async with AsyncExitStack() as stack:
        stack.enter_context(nicegui_reset_globals())
        # else the reset throws our own modules away, and classes exist twice
        stack.callback(Client.page_routes.clear)
        os.environ["NICEGUI_USER_SIMULATION"] = "true"
        stack.callback(os.environ.pop, "NICEGUI_USER_SIMULATION", None)

        def real_again() -> None:
            ui.navigate, ui.notify, ui.download = Navigate(), notify, download

        stack.callback(real_again)
        served: dict[int, httpx.AsyncClient] = {}
        runners: dict[int, Runner] = {}

        async def open_board(
            ctx: Context,
            guest: object = HUB,
            path: str = "/board/",
            cookies: dict[str, str] | None = None,
        ) -> User:
            if id(ctx) not in served:
                app, runner = FastAPI(), Runner(ctx)
                stack.callback(runner.close)
                runners[id(ctx)] = runner
                add_board(app, ctx, runner, Guests(operator=guest), "en")  # type: ignore[arg-type]
                await stack.enter_async_context(app.router.lifespan_context(app))
                asgi = httpx.ASGITransport(app)
                served[id(ctx)] = await stack.enter_async_context(
                    httpx.AsyncClient(transport=asgi, base_url="http://test")
                )
            http = served[id(ctx)]
            http.cookies.clear()
            http.cookies.update(cookies or {})
            user = User(http)
            await user.open(path)
            return user

        open_board.runners = runners  # type: ignore[attr-defined]
        yield open_board
