"""The deliverer against real receivers: signed, in order, again and again, never inside."""

import hashlib
import hmac
import json
import logging
import multiprocessing
import os
import re
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from tests.services.world import ANNA, BERT, two_plants, world

from connect.hooked import die_after_posting, hooked, listed, on_disk, order, sender, states
from connect.receivers import answer, received
from manufold.connect import webhooks
from manufold.connect.webhooks import BACK_OFF_S
from manufold.model.desk import DONE_KEPT_S, TAKEN_S
from manufold.model.fakes import ManualClock, MemoryStore
from manufold.services.context import Context
from manufold.services.hooks import subscribe
from manufold.services.project import project
from manufold.store import SystemClock

FORK = multiprocessing.get_context("forkserver")
NOW_S = 217_000_000


@pytest.fixture
def ctx() -> Context:
    """A simulated world at an instant of real time that moves when told to."""
    made = world()
    made.wall = ManualClock(NOW_S)
    return made


def later(ctx: Context, span_s: float) -> None:
    """Let real time pass."""
    assert isinstance(ctx.wall, ManualClock)
    ctx.wall.advance_to(ctx.wall.now_s() + int(span_s))


def documented() -> Callable[[str, dict[str, str], bytes], bool]:
    """Return the check of a signature as docs/webhooks.md prints it."""
    text = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert len([line for line in code.splitlines() if line.strip()]) <= 8
    found: dict[str, Any] = {}
    exec(code, found)
    check: Callable[[str, dict[str, str], bytes], bool] = found["is_genuine"]
    return check


def test_a_delivery_is_signed_as_the_document_says(ctx: Context) -> None:
    """The code of the document tells ours from a forged, an altered and an old one."""
    ctx.wall = SystemClock()
    with received(answer(204)) as receiver:
        webhook = hooked(ctx, receiver.url)
        order(ctx)
        assert sender(ctx).sweep() == 1
    (one,) = receiver.arrivals
    is_genuine = documented()
    assert is_genuine(webhook.secret, one.headers, one.body)
    assert not is_genuine(webhook.secret + "0", one.headers, one.body)
    assert not is_genuine(webhook.secret, one.headers, one.body + b" ")
    old = str(int(one.headers["Manufold-Timestamp"]) - 301)
    signed = hmac.new(webhook.secret.encode(), old.encode() + b"." + one.body, hashlib.sha256)
    aged = {"Manufold-Timestamp": old, "Manufold-Signature": f"v1={signed.hexdigest()}"}
    assert not is_genuine(webhook.secret, one.headers | aged, one.body)
    assert abs(int(one.headers["Manufold-Timestamp"]) - time.time()) < 60
    body = json.loads(one.body)
    assert (one.path, one.headers["Content-Type"]) == ("/hook?shop=1", "application/json")
    assert one.headers["Manufold-Event"] == body["type"] == "order.event"
    assert one.delivery_id == body["delivery_id"]
    assert one.headers["Host"] == f"127.0.0.1:{receiver.port}"
    assert states(ctx, webhook) == [("delivered", 1, "HTTP 204")]


def test_a_failing_receiver_is_tried_again_on_the_ladder(ctx: Context) -> None:
    """Each wait is that of the ladder, a tenth off at most; then it arrives, the same each time."""
    with received(answer(500, 404, 302, 429, 418, 503, 500, 200)) as receiver:
        webhook = hooked(ctx, receiver.url)
        order(ctx)
        deliverer = sender(ctx)
        assert deliverer.sweep() == 1
        waits = []
        for wait_s in BACK_OFF_S:
            (one,) = listed(ctx, webhook)
            waits.append(one.due_s - ctx.wall.now_s())
            assert 0.89 * wait_s <= waits[-1] <= 1.11 * wait_s
            later(ctx, waits[-1] - 1)
            assert deliverer.sweep() == 0
            later(ctx, 1)
            assert deliverer.sweep() == 1
        assert waits != list(BACK_OFF_S), "no jitter"
        assert states(ctx, webhook) == [("delivered", 8, "HTTP 200")]
    assert len({arrival.body for arrival in receiver.arrivals}) == 1
    assert len(set(receiver.ids)) == 1 and len(receiver.ids) == 8
    stamps = [arrival.headers["Manufold-Timestamp"] for arrival in receiver.arrivals]
    assert len(set(stamps)) == 8, "each try is signed anew"


def test_a_later_event_waits_for_an_earlier_one(ctx: Context) -> None:
    """While the first of three fails none of the others is sent; then all come, in order."""
    with received(answer(500, 500, 200)) as receiver:
        webhook = hooked(ctx, receiver.url)
        order(ctx, count=3)
        deliverer = sender(ctx)
        assert deliverer.sweep() == 1
        later(ctx, 11)
        assert deliverer.sweep() == 1
        later(ctx, 66)
        assert deliverer.sweep() == 3
    ids = [one.delivery_id for one in listed(ctx, webhook)]
    assert receiver.ids == [ids[0]] * 3 + ids[1:]
    assert [one.state for one in listed(ctx, webhook)] == ["delivered"] * 3


def test_the_dead_are_given_up_with_all_that_waits_and_may_come_back(ctx: Context) -> None:
    """After the last try the list is given up; what happens later is sent as if nothing was."""
    with received(answer(*[500] * 8, 200)) as receiver:
        webhook = hooked(ctx, receiver.url)
        order(ctx, count=2)
        deliverer = sender(ctx)
        assert deliverer.sweep() == 1
        for wait_s in BACK_OFF_S:
            later(ctx, wait_s * 1.1 + 1)
            assert deliverer.sweep() == 1
        first, second = states(ctx, webhook)
        assert (first, second) == (("given_up", 8, "HTTP 500"), ("given_up", 0, "HTTP 500"))
        assert deliverer.sweep() == 0
        order(ctx)
        assert deliverer.sweep() == 1
        assert states(ctx, webhook)[2] == ("delivered", 1, "HTTP 200")
        later(ctx, DONE_KEPT_S)
        assert deliverer.sweep() == 0
        assert states(ctx, webhook) == [], "what is done with is forgotten after a month"


def test_gone_removes_the_webhook(ctx: Context) -> None:
    """A receiver that answers 410 hears nothing more, and nothing is kept for it."""
    with received(answer(410)) as receiver:
        webhook = hooked(ctx, receiver.url)
        order(ctx, count=2)
        assert sender(ctx).sweep() == 1
        assert ctx.desk.webhook(webhook.webhook_id) is None
        assert listed(ctx, webhook) == []
        order(ctx)
        assert sender(ctx).sweep() == 0


def test_a_redirect_is_not_followed(ctx: Context) -> None:
    """Whoever answers "go there" gets nothing sent there: there could be inside."""
    with received(answer(200)) as inside:
        for status in (301, 302, 303, 307, 308):
            with received(answer(status, Location=inside.url)) as receiver:
                webhook = hooked(ctx, receiver.url)
                order(ctx)
                assert sender(ctx).sweep() == 1
                assert states(ctx, webhook) == [("waiting", 1, f"HTTP {status}")]
                ctx.desk.drop_webhook(webhook.webhook_id)
        assert inside.arrivals == []


def endless(handler: BaseHTTPRequestHandler, number: int) -> None:
    """Answer 200 and never stop."""
    handler.send_response(200)
    handler.end_headers()
    while True:
        handler.wfile.write(b"x" * 8192)


def dripping(handler: BaseHTTPRequestHandler, number: int) -> None:
    """Send a header that never ends, a letter at a time."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while True:
        handler.wfile.write(b"x")
        handler.wfile.flush()
        Event().wait(0.02)


def swollen(handler: BaseHTTPRequestHandler, number: int) -> None:
    """Send headers without end, as fast as they go."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        handler.wfile.write(b"X-More: " + b"x" * 8000 + b"\r\n")


def rude(handler: BaseHTTPRequestHandler, number: int) -> None:
    """Talk another language."""
    handler.wfile.write(b"SSH-2.0-OpenSSH\r\n" * 10)


def mute(handler: BaseHTTPRequestHandler, number: int) -> None:
    """Hang up."""


def cut(handler: BaseHTTPRequestHandler, number: int) -> None:
    """Say 200 and promise a body that never comes."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()


@pytest.mark.parametrize(
    ("behave", "state", "said"),
    [
        (endless, "delivered", "HTTP 200"),
        (cut, "delivered", "HTTP 200"),
        (dripping, "waiting", "no answer in time"),
        (swollen, "waiting", "answer broken off"),
        (rude, "waiting", "answer broken off"),
        (mute, "waiting", "answer broken off"),
    ],
)
def test_a_strange_answer_ends_soon(
    ctx: Context, monkeypatch: pytest.MonkeyPatch, behave: Any, state: str, said: str
) -> None:
    """A receiver that says 200 has it; one that never gets so far has failed; neither holds us."""
    monkeypatch.setattr(webhooks, "TRY_S", 0.6)
    began_s = time.monotonic()
    with received(behave) as receiver:
        webhook = hooked(ctx, receiver.url)
        order(ctx)
        assert sender(ctx).sweep() == 1
    assert states(ctx, webhook) == [(state, 1, said)]
    assert time.monotonic() - began_s < 10


def test_nobody_listens(ctx: Context) -> None:
    """A closed port is a failed try."""
    with received(answer(200)) as receiver:
        webhook = hooked(ctx, receiver.url)
    order(ctx)
    assert sender(ctx).sweep() == 1
    assert states(ctx, webhook) == [("waiting", 1, "no connection")]


def test_the_next_address_is_tried(ctx: Context) -> None:
    """A host with two addresses, of which one is dead, is reached by the other."""
    with received(answer(200)) as receiver:
        url = f"http://localhost:{receiver.port}/"
        addresses = ["127.0.0.2", "127.0.0.1"]
        webhook = subscribe(ctx, ANNA, url, resolve=lambda host, port: addresses)
        order(ctx)
        assert sender(ctx, resolve=lambda host, port: addresses).sweep() >= 1
        assert states(ctx, webhook)[0] == ("delivered", 1, "HTTP 200")
        assert receiver.arrivals[0].headers["Host"] == f"localhost:{receiver.port}"


def test_a_name_that_turns_inside_is_not_followed() -> None:
    """A host that was outside when it subscribed and is inside now gets no connection."""
    ctx = world(store=MemoryStore("live", project))
    ctx.wall = ManualClock(NOW_S)
    with received(answer(200)) as receiver:
        url = f"https://rebound.example:{receiver.port}/"
        webhook = subscribe(ctx, ANNA, url, resolve=lambda host, port: ["93.184.216.34"])
        order(ctx)
        for addresses in (["127.0.0.1"], ["93.184.216.34", "127.0.0.1"]):
            assert sender(ctx, resolve=lambda host, port, a=addresses: a).sweep() == 1
            later(ctx, 70)
        assert states(ctx, webhook) == [("waiting", 2, "address inside")]
        assert receiver.arrivals == []

        def gone(host: str, port: int) -> Sequence[str]:
            raise OSError("no such name")

        later(ctx, 400)
        assert sender(ctx, resolve=gone).sweep() == 1
        assert states(ctx, webhook) == [("waiting", 3, "host unknown")]


def test_no_proxy_chooses_the_address(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy of the environment sees nothing; the connection goes where it was checked."""
    with received(answer(200)) as proxy, received(answer(200)) as receiver:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        hooked(ctx, receiver.url)
        order(ctx)
        assert sender(ctx).sweep() == 1
        assert len(receiver.arrivals) == 1 and proxy.arrivals == []


def test_who_left_the_network_is_told_nothing_more(ctx: Context) -> None:
    """What waits for a party that no longer takes part is given up, not sent."""
    with received(answer(500, 200)) as receiver:
        webhook = hooked(ctx, receiver.url, BERT)
        order(ctx, BERT, count=2)
        assert sender(ctx).sweep() == 1
        fewer = tuple(p for p in two_plants().parties if p.party_id != "bert")
        ctx.network = replace(two_plants(), parties=fewer)
        later(ctx, 20)
        sender(ctx).sweep()
        assert len(receiver.arrivals) == 1
        assert [state for state, _, _ in states(ctx, webhook)] == ["given_up"] * 2


def test_a_death_between_answer_and_note_sends_again(tmp_path: Path) -> None:
    """A process killed when the receiver had said yes: another sends the same delivery, no sooner
    than the first could be done, and what waits behind it comes after it."""
    path = str(tmp_path / "s.db")
    with received(answer(200)) as receiver, pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join(one for one in sys.path if one))
        ctx = on_disk(path, NOW_S)
        webhook = hooked(ctx, receiver.url)
        order(ctx, count=2)
        killed = FORK.Process(target=die_after_posting, args=(path, NOW_S))
        killed.start()
        killed.join(60)
        assert killed.exitcode == -9 and len(receiver.arrivals) == 1
        later(ctx, TAKEN_S - 1)
        assert sender(ctx).sweep() == 0
        later(ctx, 1)
        assert sender(ctx).sweep() == 2
        first, second = (one.delivery_id for one in listed(ctx, webhook))
        assert receiver.ids == [first, first, second]
        assert receiver.arrivals[0].body == receiver.arrivals[1].body
        ctx.desk.close()
        ctx.store.close()


def test_no_secret_is_logged(ctx: Context, caplog: pytest.LogCaptureFixture) -> None:
    """Neither a success nor a failure leaves the secret or a body in the log."""
    with caplog.at_level(logging.DEBUG), received(answer(500, 200)) as receiver:
        webhook = hooked(ctx, receiver.url)
        order(ctx)
        deliverer = sender(ctx)
        deliverer.sweep()
        later(ctx, 20)
        deliverer.sweep()
    assert [state for state, _, _ in states(ctx, webhook)] == ["delivered"]
    assert "HTTP 500" in caplog.text
    assert webhook.secret not in caplog.text
    assert "v1=" not in caplog.text and '"order_id"' not in caplog.text
