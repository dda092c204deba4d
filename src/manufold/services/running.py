"""Running: a served world goes on while people look at it and order.

A simulated world stands still until somebody lets it run; then one thread runs it, slice by slice,
and between two slices everybody else has a turn. A live world needs no pushing, but its planner's
round must come by itself: every `catch_up_s`, as in a shop.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import Event, Lock, Thread
from types import TracebackType

from manufold.model.errors import Conflict, InputFault, ManufoldError, OurFault, Reason
from manufold.model.instants import KNOWN_UNTIL_S
from manufold.model.party import Actor
from manufold.model.units import to_rfc3339
from manufold.services.bell import Bell
from manufold.services.context import Context
from manufold.services.documents import order_of
from manufold.services.forget import sweep
from manufold.services.rounds import plan_round
from manufold.services.run import run

__all__ = ["Guests", "Runner", "RunStatus"]

_log = logging.getLogger("manufold.running")
_ORDERS_MOST = 100


@dataclass(frozen=True, slots=True)
class Guests:
    """Who acts for a visitor without a key: only in a simulated world, else nobody does."""

    buyer: Actor | None = None
    operator: Actor | None = None


@dataclass(frozen=True, slots=True)
class RunStatus:
    """How a run of a served world is going.

    Args:
        running: whether one goes on now.
        now_s: the world's clock.
        share: 0..1 of the way; of the last run when none goes on.
        events: that it appended.
        error: why the last run ended before its end, None when it did not.
    """

    running: bool
    now_s: int
    share: float = 0.0
    events: int = 0
    error: Reason | None = None


class Runner:
    """Lets one world go on: one run at a time, on request; rounds by themselves in a live world.

    Args:
        bell: rung whenever this process appended to the log.
    """

    def __init__(self, ctx: Context, bell: Bell | None = None) -> None:
        self.ctx = ctx
        self.bell = bell or Bell()
        self._lock = Lock()
        self._stop = Event()
        self._closed = False
        self._thread: Thread | None = None
        self._told = RunStatus(False, 0)

    def __enter__(self) -> "Runner":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def closed(self) -> bool:
        """Whether it was stopped for good: the server is shutting down."""
        return self._closed

    def start(self, until_s: int | None = None, orders: tuple[str, ...] = ()) -> RunStatus:
        """Let a simulated world run on in the background.

        Args:
            until_s: stop there; None = until the orders, or all of them, are over.

        Raises:
            InputFault: `run.live_world`, `run.time_past`, `run.order_unknown`,
                `run.orders_too_many`, `app.instant_outside`.
            Conflict: `run.running_already`, `run.closed`.
        """
        if self.ctx.store.world != "sim":
            raise InputFault("run.live_world")
        if len(orders) > _ORDERS_MOST:
            raise InputFault("run.orders_too_many", count=len(orders), most=_ORDERS_MOST)
        self._refuse_early(until_s, orders)
        return self._begun(lambda: self._run(until_s, orders))

    def begin_rounds(self) -> None:
        """In a live world: make a planner's round every `catch_up_s` until closed."""
        if self.ctx.store.world == "live":
            self._begun(self._keep_rounds)

    def status(self) -> RunStatus:
        """Return how it is going."""
        running = self._thread is not None and self._thread.is_alive()
        going = running and self.ctx.store.world == "sim"
        return replace(self._told, running=going, now_s=self.ctx.clock.now_s())

    def stop(self) -> RunStatus:
        """End a run after the slice it is in; return once it has ended."""
        with self._lock:
            thread = self._thread
        if self.ctx.store.world == "sim" and thread is not None:
            self._stop.set()
            thread.join()
        return self.status()

    def wait(self, timeout_s: float | None = None) -> bool:
        """Return True once no run goes on, False when the time is over first."""
        thread = self._thread
        if thread is not None:
            thread.join(timeout_s)
        return thread is None or not thread.is_alive()

    def close(self) -> None:
        """Stop for good, and wait for it; idempotent."""
        with self._lock:
            self._closed = True
            self._stop.set()
            thread = self._thread
        self.bell.ring()  # who listens sees that it is over
        if thread is not None:
            thread.join()

    def _refuse_early(self, until_s: int | None, orders: tuple[str, ...]) -> None:
        """Refuse what the run itself would refuse, while somebody is there to hear it."""
        now_s = self.ctx.clock.now_s()
        if until_s is not None and until_s < now_s:
            asked, now = to_rfc3339(until_s), to_rfc3339(now_s)
            raise InputFault("run.time_past", asked=asked, now=now)
        if until_s is not None and until_s >= KNOWN_UNTIL_S:
            raise InputFault("app.instant_outside", text=to_rfc3339(until_s))
        for wanted in orders:
            if order_of(self.ctx, wanted) is None:
                raise InputFault("run.order_unknown", order=wanted[:80])

    def _begun(self, work: Callable[[], None]) -> RunStatus:
        with self._lock:
            if self._closed:
                raise Conflict("run.closed")
            if self._thread is not None and self._thread.is_alive():
                raise Conflict("run.running_already")
            self._stop.clear()
            self._told = RunStatus(True, self.ctx.clock.now_s())
            self._thread = Thread(target=work, name="manufold-run", daemon=True)
            self._thread.start()
        return self.status()

    def _run(self, until_s: int | None, orders: tuple[str, ...]) -> None:
        began_s = self.ctx.clock.now_s()

        def told(events: int, share: float, _where: str) -> None:
            if until_s is not None:
                share = (self.ctx.clock.now_s() - began_s) / max(1, until_s - began_s)
            self._told = replace(self._told, events=events, share=min(1.0, share))

        try:
            answer = run(
                self.ctx,
                until_s=until_s,
                orders=orders,
                told=told,
                go_on=lambda: not self._stop.is_set(),
            )
        except ManufoldError as fault:
            _log.warning("a run ended early: %s", fault)
            self._told = replace(self._told, error=fault.reason)
        except Exception as fault:  # noqa: BLE001 - logged with its traceback, and told
            _log.exception("a run ended early")
            kind = type(fault).__name__
            self._told = replace(self._told, error=OurFault("run.broke_off", kind=kind).reason)
        else:
            whole = self._told.share if self._stop.is_set() else 1.0
            self._told = replace(self._told, share=whole, events=int(answer["events"]))

    def _keep_rounds(self) -> None:
        while not self._stop.wait(self.ctx.settings.catch_up_s):
            try:
                plan_round(self.ctx)
                sweep(self.ctx)
            except ManufoldError as fault:  # the next round tries again
                _log.warning("a planner's round failed: %s", fault)
            except Exception:  # noqa: BLE001 - logged; the next round tries again
                _log.exception("a planner's round failed")
