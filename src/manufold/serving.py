"""Serving: one process that answers programs, people who arrive and people who work here.

The API under `/v1`, pages for visitors, the board; all on one world, closed in an order that leaves
nothing half-written.
"""

from fastapi import FastAPI

from manufold import __version__
from manufold.acting import Acting
from manufold.api.app import Verify, add_api, bare_app
from manufold.model.errors import InputFault
from manufold.model.party import Actor, Role
from manufold.services.bell import Bell, Ringing
from manufold.services.context import Context
from manufold.services.running import Guests, Runner

__all__ = ["guests_of", "made_app"]


def made_app(ctx: Context, *, language: str, verify: Verify | None = None) -> FastAPI:
    """Return everything that is served, on one world.

    From now on `ctx.store` rings a bell at each append, for those who follow an order.

    Args:
        language: of pages whose reader asks for none.
        verify: proves the chain with the signed heads of the home; without it the server says
            that it cannot.
    """
    bell = Bell()
    ctx.store = Ringing(ctx.store, bell)
    runner = Runner(ctx, bell)
    app = bare_app(ctx, language)
    app.state.runner = runner
    add_api(app, ctx, runner, language=language, version=__version__, verify=verify)
    guests = guests_of(ctx)
    try:
        from manufold.ui.web.pages import add_pages
    except ImportError:
        pass
    else:
        add_pages(app, ctx, runner, guests, language)
    try:
        from manufold.ui.board.page import add_board
    except ImportError:
        pass
    else:
        add_board(app, ctx, runner, guests, language)
    return app


def guests_of(ctx: Context) -> Guests:
    """Return who acts for visitors without a key: nobody in a live world."""
    if ctx.store.world != "sim":
        return Guests()
    return Guests(_fit(ctx, "buyer"), _fit(ctx, "network_operator"))


def _fit(ctx: Context, role: Role) -> Actor | None:
    try:
        return Acting(ctx).actor(None, role)
    except InputFault:
        return None
