"""A small fast world behind the real door: a store in memory, blocks to mill, keys of all roles."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from fastapi import FastAPI
from tests.services.world import ANNA, BERT, HUB, MAKER, OTHER, Toy, world

from manufold.api.app import add_api, bare_app
from manufold.design.contract import Field, Form
from manufold.model.network import Network
from manufold.model.party import Actor
from manufold.services.bell import Bell, Ringing
from manufold.services.context import Context
from manufold.services.keys import make_key
from manufold.services.running import Runner
from manufold.serving import _bound, _Server, _url

__all__ = [
    "ACTORS",
    "ANNA",
    "BERT",
    "HUB",
    "MAKER",
    "OTHER",
    "Blocks",
    "api_of",
    "listening",
    "small_world",
]

OWNER = Actor("maker", "owner")
WORKER = Actor("maker", "operator")
INSPECTOR = Actor("maker", "quality_engineer")
ACTORS = (ANNA, BERT, MAKER, OTHER, HUB, OWNER, WORKER, INSPECTOR)


class Blocks(Toy):
    """Blocks of metal, as files or with their width filled in."""

    form = Form((".txt",), (Field("x_mm", "number", "parameter", "100", least=1, most=900),))


def small_world(network: Network | None = None, toy: Toy | None = None, **settings: int) -> Context:
    """Return a world of two plants and two buyers, without a limit on requests."""
    free = {"requests_per_minute": 1_000_000, "requests_burst": 1_000_000}
    ctx = world(network, toy=toy or Blocks(), **{**free, **settings})
    ctx.store = Ringing(ctx.store, Bell())
    return ctx


def api_of(ctx: Context) -> tuple[FastAPI, dict[Actor, str]]:
    """Return the API on a world, and a key of every actor."""
    assert isinstance(ctx.store, Ringing)
    runner = Runner(ctx, ctx.store.bell)
    app = bare_app(ctx, "en")
    app.state.runner = runner
    add_api(app, ctx, runner, version="0", verify=lambda: _proof(ctx))
    return app, {actor: make_key(ctx, HUB, actor.party_id, actor.role) for actor in ACTORS}


@contextmanager
def listening(app: FastAPI) -> Iterator[str]:
    """Serve an application on a loopback port as `manufold serve` does; give its address."""
    started = threading.Event()
    with _bound("127.0.0.1", 0) as bound:
        server = _Server(app, on_start=started.set)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
        thread.start()
        try:
            assert started.wait(30)
            yield _url(bound, "127.0.0.1")
        finally:
            server.should_exit = True
            thread.join(30)
            assert not thread.is_alive()


def _proof(ctx: Context) -> dict[str, object]:
    head = ctx.store.head()
    told = {"world": ctx.store.world, "events": head.seq, "heads": 0, "passports": 0}
    return {**told, "head": {"seq": head.seq, "hash": head.hash}}
