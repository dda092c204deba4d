"""Worlds with webhooks, and a deliverer that dies at the worst moment."""

import os
import random
import signal
from typing import Any

from tests.services.world import ANNA, quoted, world

from manufold.connect.webhooks import Deliverer
from manufold.model.desk import Delivery, Webhook
from manufold.model.fakes import ManualClock
from manufold.model.party import Actor
from manufold.services.context import Context
from manufold.services.hooks import subscribe
from manufold.services.order import accept
from manufold.services.project import project
from manufold.store import SqlDesk, open_store

__all__ = ["die_after_posting", "hooked", "listed", "on_disk", "order", "sender", "states"]


def hooked(ctx: Context, url: str, actor: Actor = ANNA) -> Webhook:
    """Subscribe a party for acceptances: one event per order."""
    return subscribe(ctx, actor, url, ["OrderAccepted"])


def order(ctx: Context, actor: Actor = ANNA, count: int = 1) -> None:
    """Accept as many orders, one event each."""
    for _ in range(count):
        offer = quoted(ctx, actor, quantity=1, content=b"block 0.01").offer
        accept(ctx, actor, offer.offer_id, "cheap")


def sender(ctx: Context, **more: Any) -> Deliverer:
    """Return a deliverer whose jitter repeats itself."""
    return Deliverer(ctx, rng=random.Random(7), **{"look_s": 0.05, **more})


def listed(ctx: Context, webhook: Webhook) -> list[Delivery]:
    """Return a webhook's deliveries, oldest first."""
    return list(reversed(ctx.desk.deliveries(webhook.webhook_id, 1000)))


def states(ctx: Context, webhook: Webhook) -> list[tuple[str, int, str]]:
    """Return state, tries and answer of each delivery, oldest first."""
    return [(one.state, one.tries, one.answer) for one in listed(ctx, webhook)]


def on_disk(path: str, now_s: int) -> Context:
    """Return a world on a SQLite file, its desk in the same file, at an instant of real time."""
    ctx = world(store=open_store(path, "sim", project))
    ctx.desk, ctx.wall = SqlDesk(path), ManualClock(now_s)
    return ctx


def die_after_posting(path: str, now_s: int) -> None:
    """Deliver, and be killed when the receiver has answered and nothing is noted yet."""
    deliverer = sender(on_disk(path, now_s))
    dies: Any = lambda *_: os.kill(os.getpid(), signal.SIGKILL)  # noqa: E731
    deliverer._noted = dies  # type: ignore[method-assign]
    deliverer.sweep()
