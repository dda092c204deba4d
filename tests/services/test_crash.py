"""Whoever is killed, and whenever: what was acknowledged is there, whole, and the world goes on."""

import multiprocessing
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.services.crash_runner import made_world, opened, run_on, sell_on
from tests.services.stores import all_delivered, clean, never_busy_twice, never_twice, views_stand

from manufold.scheduling.bookings import is_claim
from manufold.services.context import Context
from manufold.services.documents import offer_of, orders_of
from manufold.services.run import run
from manufold.store import open_home

FORK = multiprocessing.get_context("forkserver")
FORK.set_forkserver_preload(["tests.services.crash_runner", "manufold.scheduling.promise"])


def killed(
    work: Callable[..., None], folder: Path, number: int, acknowledged: dict[int, str], rng: Any
) -> bool:
    """Let a process work until a few answers came, kill it at once; False if it ended by itself."""
    ours, theirs = FORK.Pipe(duplex=False)
    worker = FORK.Process(target=work, args=(str(folder), number, theirs))
    worker.start()
    theirs.close()
    try:
        for _ in range(rng.randrange(0, 5)):
            assert ours.poll(60)
            acknowledged.update(ours.recv())
        time.sleep(rng.random() * 0.02)
    except EOFError:
        pass
    finally:
        worker.kill()
    try:
        while True:
            acknowledged.update(ours.recv())
    except (EOFError, OSError):
        ours.close()
    worker.join(60)
    return worker.exitcode != 0


def sound_after(folder: Path, acknowledged: dict[int, str]) -> Context:
    """Fail unless the store opens, verifies, has all that was acknowledged, and its views stand."""
    ctx = opened(folder)
    hashes = {event.seq: event.hash for event in ctx.store.read()}
    assert {seq: hashes.get(seq) for seq in acknowledged} == acknowledged
    never_twice(ctx.store._store)  # type: ignore[attr-defined]  # verifies too
    never_busy_twice(ctx, whole=False)
    views_stand(ctx.store)
    return ctx


def kill_runs(folder: Path, cycles: int, orders: int) -> None:
    """Kill a run again and again, then let it end; check every rule each time."""
    made_world(folder, orders)
    rng = random.Random(20261123)
    acknowledged: dict[int, str] = {}
    deaths = 0
    for number in range(cycles):
        deaths += killed(run_on, folder, number, acknowledged, rng)
        sound_after(folder, acknowledged).store.close()
    assert deaths > cycles // 2
    assert len(acknowledged) > cycles
    ctx = sound_after(folder, acknowledged)
    assert len(orders_of(ctx)) == orders
    run(ctx)
    all_delivered(ctx)
    times = [event.at_s for event in ctx.store.read()]
    assert times == sorted(times)
    assert open_home(folder).verify().sound
    ctx.store.close()


def test_a_killed_run_goes_on_where_it_stopped(tmp_path: Path) -> None:
    """25 times killed while 30 orders are made: nothing lost, nothing twice, all arrive."""
    kill_runs(tmp_path / "h", 25, 30)


@pytest.mark.slow
def test_a_run_killed_two_hundred_times_goes_on(tmp_path: Path) -> None:
    """The same 200 times, on 150 orders."""
    kill_runs(tmp_path / "h", 200, 150)


def held_whole(ctx: Context) -> None:
    """Fail unless each open offer holds all its slots until it expires, and nobody else holds."""
    now_s, booked = ctx.clock.now_s(), dict[str, set[tuple[str, int, int, int | None]]]()
    for booking in ctx.store.bookings(now_s=now_s):
        if booking.state == "held" and not is_claim(booking):
            stretch = (booking.resource_id, booking.from_s, booking.to_s, booking.expires_s)
            booked.setdefault(booking.group, set()).add(stretch)
    wanted = dict[str, set[tuple[str, int, int, int | None]]]()
    for key, _document in ctx.store.scan("offer", limit=10_000):
        offer = offer_of(ctx, key)
        assert offer is not None
        expires_s = offer.reservation.expires_s
        if expires_s > now_s and ctx.store.claimed(f"accept/{key}") is None:
            for option in offer.options:
                wanted[option.option_id] = {
                    (slot.resource_id, slot.start_s, slot.end_s, expires_s) for slot in option.slots
                }
    assert booked == wanted


def kill_sellers(folder: Path, cycles: int) -> None:
    """Kill a selling process again and again: what was sold is sold, once and whole."""
    made_world(folder, 3)
    rng = random.Random(5)
    acknowledged: dict[int, str] = {}
    for number in range(cycles):
        assert killed(sell_on, folder, number, acknowledged, rng)
        ctx = sound_after(folder, acknowledged)
        clean(ctx)
        held_whole(ctx)
        for order in orders_of(ctx):
            if order.offer_id:
                answer = ctx.store.claimed(f"accept/{order.offer_id}")
                assert answer is not None
                assert answer["order"] == order.order_id
        ctx.store.close()
    assert len(acknowledged) > cycles
    ctx = opened(folder)
    run(ctx)
    states = {order.state for order in orders_of(ctx)}
    assert "delivered" in states
    assert states <= {"delivered", "cancelled"}
    ctx.store.close()


def test_a_killed_seller_has_sold_what_was_acknowledged(tmp_path: Path) -> None:
    """Ten times killed among offers, acceptances and cancellations: no order is lost, or half."""
    kill_sellers(tmp_path / "h", 10)


@pytest.mark.slow
def test_a_seller_killed_a_hundred_times_has_sold_the_same(tmp_path: Path) -> None:
    """The same 100 times."""
    kill_sellers(tmp_path / "h", 100)
