"""Processes that run or sell in a world and are killed; each tells what was acknowledged."""

from collections.abc import Sequence
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from typing import Any

from tests.services.stores import Rough, rough_plan, weak_plants
from tests.services.world import ANNA, BERT, START_S, quoted, world
from tests.shop import shop_plan

from manufold.model.calendar import Shift, WorkCalendar
from manufold.model.errors import Conflict
from manufold.model.ports import Batch, StoredEvent
from manufold.model.schedule import Job
from manufold.services.backlog import import_jobs
from manufold.services.change import cancel
from manufold.services.context import Context
from manufold.services.holding import extend_offer, release_offer
from manufold.services.order import accept
from manufold.services.project import project
from manufold.services.run import run
from manufold.store import SqlStore, create_home, open_home

__all__ = ["made_world", "opened", "run_on", "sell_on"]

EARLY = Shift(("mon", "tue", "wed", "thu", "fri", "sat"), "06:00", "22:00", (("12:00", "12:30"),))


class Telling:
    """A store that tells through a pipe what it has acknowledged."""

    def __init__(self, store: SqlStore, pipe: Connection | None) -> None:
        self._store = store
        self._pipe = pipe

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def append(self, batch: Batch) -> tuple[StoredEvent, ...]:
        """Append, and tell."""
        events = self._store.append(batch)
        self._tell(events)
        return events

    def append_many(self, batches: Sequence[Batch]) -> Sequence[Any]:
        """Append, and tell."""
        answers = self._store.append_many(batches)
        self._tell([e for found in answers if not isinstance(found, Exception) for e in found])
        return answers

    def _tell(self, events: Sequence[StoredEvent]) -> None:
        if self._pipe is not None:
            self._pipe.send([(event.seq, event.hash) for event in events])


def opened(folder: Path, pipe: Connection | None = None) -> Context:
    """Return the world of a home, as a new process opens it."""
    home = open_home(folder)
    store = home.store(project)
    network = weak_plants(mtbf_h=20, mttr_h=2)
    calendar = WorkCalendar("always", "Europe/Berlin", (EARLY,))
    ctx = world(replace(network, calendars=(calendar,)), Telling(store, pipe), catch_up_s=7200)
    return replace(
        ctx,
        clock=home.clock(),
        ids=home.ids(),
        blobs=home.blobs(),
        verticals={"toy": Rough("0.8")},
        sign_head=lambda _store, at_s: home.sign_head(store, at_s),
    )


def made_world(folder: Path, orders: int) -> None:
    """Make a home with orders under way, seeded."""
    create_home(folder, "sim", sim_start_s=START_S)
    rng = Random(11)
    ctx = opened(folder)
    jobs = [
        Job(
            f"job-{number:03d}",
            rough_plan(shop_plan(mass="0.01", revision=f"{number:064x}"), "0.8", "0.05"),
            rng.randrange(3, 15),
            release_s=START_S,
            due_s=START_S + 20 * 86400,
        )
        for number in range(orders)
    ]
    assert import_jobs(ctx, jobs) == orders
    ctx.store.close()


def run_on(folder: str, _number: int, pipe: Connection) -> None:
    """Run the world until nothing is left to do, or until killed."""
    ctx = opened(Path(folder), pipe)
    run(ctx)
    ctx.store.close()


def sell_on(folder: str, number: int, pipe: Connection) -> None:
    """Offer, extend, release, accept and cancel without end, until killed."""
    ctx = opened(Path(folder), pipe)
    rng = Random(number)
    while True:
        actor = rng.choice([ANNA, BERT])
        offer = quoted(ctx, actor, quantity=rng.randrange(1, 20), content=b"block 0.01").offer
        try:
            if rng.random() < 0.4:
                extend_offer(ctx, actor, offer.offer_id)
            if rng.random() < 0.2:
                release_offer(ctx, actor, offer.offer_id)
                continue
            if rng.random() < 0.2:
                continue  # it stays held
            made = accept(ctx, actor, offer.offer_id, rng.choice(["fast", "cheap", "green"]))
            if rng.random() < 0.3:
                cancel(ctx, actor, made.order_id, "changed my mind")
        except Conflict as fault:
            pipe.send(fault.code)
