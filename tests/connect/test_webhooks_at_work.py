"""The deliverer in its thread: nobody waits for a hanging receiver, and an end is an end."""

import time
from http.server import BaseHTTPRequestHandler
from threading import Event, Timer
from typing import Any

import pytest
from tests.services.world import world

from connect.hooked import hooked, listed, order, sender, states
from connect.receivers import Receiver, answer, received
from manufold.connect.webhooks import Deliverer
from manufold.model.desk import Webhook
from manufold.model.errors import StoreFault
from manufold.services.context import Context
from manufold.store import SystemClock


@pytest.fixture
def ctx() -> Context:
    """A simulated world in real time."""
    made = world()
    made.wall = SystemClock()
    return made


class Started:
    """A deliverer at work for the length of a block."""

    def __init__(self, deliverer: Deliverer) -> None:
        self.deliverer = deliverer

    def __enter__(self) -> Deliverer:
        self.deliverer.wake()
        self.deliverer.start()
        self.deliverer.start()
        return self.deliverer

    def __exit__(self, *_: object) -> None:
        self.deliverer.stop()
        self.deliverer.stop()
        self.deliverer.wake()


def test_a_hanging_receiver_delays_only_itself(ctx: Context) -> None:
    """Five receivers that never answer, and one that gets all its events meanwhile, in order; an
    end asked for then comes soon, and what was cut off is sent again later."""
    release = Event()

    def hang(handler: BaseHTTPRequestHandler, number: int) -> None:
        release.wait(30)

    hanging = [Receiver(hang) for _ in range(5)]
    with received(answer(200)) as receiver:
        stuck = [hooked(ctx, one.url) for one in hanging]
        webhook = hooked(ctx, receiver.url)
        with Started(sender(ctx)) as deliverer:
            order(ctx, count=4)
            deliverer.wake()
            receiver.wait_for(4)
            for one in hanging:
                one.wait_for(1)
            began_s = time.monotonic()
        assert time.monotonic() - began_s < 8
        assert receiver.ids == [one.delivery_id for one in listed(ctx, webhook)]
        for number, one in enumerate(stuck):
            assert [s for s, _, _ in states(ctx, one)] == ["waiting"] * 4
            assert len(hanging[number].arrivals) == 1
    release.set()
    for one in hanging:
        one.close()


def test_an_end_lets_an_answer_come_in(ctx: Context) -> None:
    """A receiver that answers right after the end was asked for has its delivery, noted as such."""
    release = Event()

    def slow(handler: BaseHTTPRequestHandler, number: int) -> None:
        assert release.wait(30)
        answer(200)(handler, number)

    with received(slow) as receiver:
        webhook = hooked(ctx, receiver.url)
        order(ctx)
        with Started(sender(ctx)):
            receiver.wait_for(1)
            Timer(0.3, release.set).start()
    assert states(ctx, webhook) == [("delivered", 1, "HTTP 200")]


def test_two_deliverers_share_the_work(ctx: Context) -> None:
    """Two at one desk send thirty events of three webhooks once each, each webhook's in order."""
    receivers = [Receiver(answer(200)) for _ in range(3)]
    hooks: list[Webhook] = [hooked(ctx, one.url) for one in receivers]
    with Started(sender(ctx)), Started(sender(ctx)):
        order(ctx, count=10)
        for one in receivers:
            one.wait_for(10)
    for one, webhook in zip(receivers, hooks, strict=True):
        assert one.ids == [sent.delivery_id for sent in listed(ctx, webhook)]
        one.close()


def test_a_fault_of_the_store_is_waited_out(ctx: Context, caplog: pytest.LogCaptureFixture) -> None:
    """While the desk cannot be asked nothing is sent; once it can, all is; nothing has died."""
    real, faults = ctx.desk.due, [StoreFault("store.locked"), RuntimeError("a bug")] * 2

    def due(now_s: int, limit: int) -> Any:
        if faults:
            raise faults.pop()
        return real(now_s, limit)

    ctx.desk.due = due  # type: ignore[method-assign]
    with received(answer(200)) as receiver, Started(sender(ctx)):
        hooked(ctx, receiver.url)
        order(ctx)
        receiver.wait_for(1)
    assert not faults
    assert "store.locked" in caplog.text and "a bug" in caplog.text
