"""Serving: one process that answers programs, people who arrive and people who work here.

The API under `/v1`, pages for visitors, the board; all on one world. What was begun is ended when
it shuts down: the run after its slice, streams at once, requests within a few seconds; only then
workers and store are closed.
"""

import asyncio
import gc
import logging
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

import uvicorn
from fastapi import FastAPI

from manufold import __version__
from manufold.acting import Acting
from manufold.api.app import Verify, add_api, bare_app
from manufold.api.hosts import LOOPBACK, Hosts
from manufold.api.patience import PatientProtocol
from manufold.app import Manufold
from manufold.connect.webhooks import Deliverer
from manufold.model.errors import InputFault
from manufold.model.party import Actor, Role
from manufold.scheduling.warm import warm
from manufold.services.bell import Bell, Ringing
from manufold.services.context import Context
from manufold.services.promises import read_ahead
from manufold.services.running import Guests, Runner

__all__ = ["guests_of", "made_app", "serve_forever", "served"]

_log = logging.getLogger("manufold.serving")
_KEEP_ALIVE_S = 15
_SHUT_DOWN_S = 10
_CONNECTIONS_MOST = 1000
_HEAD_BYTES_MOST = 32_768
#: the longest that a start waits for what is made ready; pages are answered without it
_READY_MOST_S = 10.0
#: how soon a start that waits notices that it shall end
_LOOK_S = 0.1
#: objects made before the garbage collector looks at the young ones: a promise makes hundreds
_SWEPT = (10_000, 20, 20)


def made_app(ctx: Context, *, language: str, verify: Verify | None = None) -> FastAPI:
    """Return everything that is served, on one world.

    From now on `ctx.store` rings a bell at each append, for those who follow an order. The app's
    `state.runner` is whoever lets the world run; close it before the world is closed.

    Args:
        language: of pages whose reader asks for none.
        verify: proves the chain with the signed heads of the home; without it the server says
            that it cannot.
    """
    from manufold.ui.board.page import add_board
    from manufold.ui.web.pages import add_pages

    if isinstance(ctx.store, Ringing):
        bell = ctx.store.bell
    else:
        bell = Bell()
        ctx.store = Ringing(ctx.store, bell)
    runner = Runner(ctx, bell)
    app = bare_app(ctx, language)
    app.state.runner = runner
    add_api(app, ctx, runner, language=language, version=__version__, verify=verify)
    guests = guests_of(ctx)
    add_pages(app, ctx, runner, guests, language)
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


def serve_forever(
    m: Manufold,
    host: str = "127.0.0.1",
    port: int = 0,
    told: Callable[[str], None] = lambda url: None,
) -> None:
    """Serve a world until the process is asked to end.

    Args:
        port: 0 = any that is free.
        told: called with the address once it is answered there.

    Raises:
        InputFault: `serve.port_busy`, `serve.port_wrong`.
    """
    with _bound(host, port) as bound, _parts(m, host) as (app, ready):
        proxied = bool(m.ctx.settings.hosts)
        server = _Server(
            app, on_start=lambda: told(_url(bound, host)), ready=ready, proxied=proxied
        )
        server.run(sockets=[bound])


@contextmanager
def served(m: Manufold, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """Serve a world in a thread while the block lasts; give its address."""
    started = threading.Event()
    with _bound(host, port) as bound, _parts(m, host) as (app, ready):
        proxied = bool(m.ctx.settings.hosts)
        server = _Server(app, on_start=started.set, ready=ready, proxied=proxied)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
        thread.start()
        try:
            while not started.wait(0.05):
                if not thread.is_alive():
                    raise InputFault("serve.port_busy", host=host, port=port, why="no start")
            yield _url(bound, host)
        finally:
            server.should_exit = True
            thread.join()


@contextmanager
def _parts(m: Manufold, host: str) -> Iterator[tuple[FastAPI, threading.Event]]:
    """Give the app, with everything that goes on beside it, and what is set once it is ready; end
    all that in good order."""
    app = made_app(m.ctx, language=m.language, verify=m.verify)
    if host in LOOPBACK:
        more = {name.strip().lower() for name in m.ctx.settings.hosts.split(",")} - {""}
        app.add_middleware(Hosts, names=LOOPBACK | more, language=m.language)
    runner: Runner = app.state.runner
    deliverer = Deliverer(m.ctx)
    leave = runner.bell.listen(deliverer.wake)
    deliverer.start()
    runner.begin_rounds()
    for vertical in m.ctx.verticals.values():
        vertical.warm(m.ctx.executor)  # the first visitor shall not wait for what can be ready
    ready = _Readying(m.ctx)
    ready.start()
    try:
        yield app, ready.done
    finally:
        ready.close()
        leave()
        runner.close()
        deliverer.stop()


class _Readying:
    """Makes ready, beside the start, what the first visitor would wait for.

    Kernels are compiled, or loaded, and the schedule is read; what is there then stays, so the
    garbage collector passes it over from there on: looking through it takes a promise in between
    200 ms. Its thread holds `Context.reading` while it reads, as anybody's would: a visitor who
    comes meanwhile waits for what it finds. What cannot be read is logged, and serving goes on;
    whoever asks is told why.

    Attributes:
        done: set when all is ready, also when it could not be.
    """

    def __init__(self, ctx: Context) -> None:
        self.done = threading.Event()
        self._ctx = ctx
        self._over = False
        self._reads = threading.Lock()
        self._swept = gc.get_threshold()

    def start(self) -> None:
        """Begin, in a thread of its own."""
        gc.set_threshold(*_SWEPT)
        threading.Thread(target=self._make_ready, name="manufold-warm", daemon=True).start()

    def close(self) -> None:
        """Return when the store is read no more; a compiler may go on, it needs no store."""
        with self._reads:
            self._over = True
        gc.unfreeze()
        gc.set_threshold(*self._swept)

    def _make_ready(self) -> None:
        try:
            warm()
            with self._reads:
                if not self._over:
                    read_ahead(self._ctx)
                    gc.collect()
                    gc.freeze()
        except Exception:  # noqa: BLE001 - logged; whoever asks first is told the same
            _log.exception("what promises stand on could not be read beforehand")
        finally:
            self.done.set()


class _Server(uvicorn.Server):
    """A uvicorn that says when it has started, and ends with exit code 0 when asked to."""

    def __init__(
        self,
        app: FastAPI,
        on_start: Callable[[], None],
        *,
        ready: threading.Event | None = None,
        proxied: bool = False,
    ) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=PatientProtocol,
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=proxied,
                forwarded_allow_ips="127.0.0.1,::1",
                limit_concurrency=_CONNECTIONS_MOST,
                timeout_keep_alive=_KEEP_ALIVE_S,
                timeout_graceful_shutdown=_SHUT_DOWN_S,
                h11_max_incomplete_event_size=_HEAD_BYTES_MOST,
            )
        )
        self._runner: Runner = app.state.runner
        self._ready = ready
        self._on_start = on_start

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start when all is ready, or would take too long; then say so."""
        late_s = monotonic() + _READY_MOST_S
        while self._ready is not None and not self.should_exit and monotonic() < late_s:
            if await asyncio.to_thread(self._ready.wait, _LOOK_S):
                break
        await super().startup(sockets)
        if self.started:
            self._on_start()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the run and the streams first: requests wait for neither."""
        await asyncio.to_thread(self._runner.close)
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """End on SIGINT and SIGTERM, without raising them anew: that was the wanted end."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {
            one: signal.signal(one, self.handle_exit) for one in (signal.SIGINT, signal.SIGTERM)
        }
        try:
            yield
        finally:
            for one, handler in before.items():
                signal.signal(one, handler)


@contextmanager
def _bound(host: str, port: int) -> Iterator[socket.socket]:
    """Give a socket bound to an address.

    Raises:
        InputFault: `serve.port_busy`, `serve.port_wrong`.
    """
    if not 0 <= port <= 65_535:
        raise InputFault("serve.port_wrong", port=port)
    try:
        family, kind, protocol, _name, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        found = socket.socket(family, kind, protocol)
    except (OSError, UnicodeError) as fault:
        why = str(getattr(fault, "strerror", None) or fault)[:100]
        raise InputFault("serve.port_busy", host=host[:200], port=port, why=why) from None
    with found:
        try:
            found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            found.bind(address)
        except OSError as fault:
            why = fault.strerror or "?"
            raise InputFault("serve.port_busy", host=host[:200], port=port, why=why) from None
        yield found


def _url(bound: socket.socket, host: str) -> str:
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{bound.getsockname()[1]}"
