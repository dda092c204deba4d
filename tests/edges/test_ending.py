"""The served process ends, by force or by request: nothing acknowledged is lost or made twice."""

import json
import random
import signal
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.edges.process import BUYERS, DEMO, Serving, client, made_home, serving
from tests.services.stores import never_twice

from manufold.app import open_home
from manufold.model.party import Actor
from manufold.services.documents import orders_of
from manufold.workers.inline import InlineExecutor

SHIRT = (DEMO / "garment/demo/shirt.json").read_bytes()
IMPATIENT = [sys.executable, "-m", "tests.edges.serve_impatient"]
PATIENCE_S = 60
#: refusals that say to ask again
PASSING = ("api.key_busy", "api.busy", "offer.slots_contested", "order.contested")


class Told:
    """What a receiver of webhooks was told."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.orders: set[str] = set()
        self.count = 0

    def take(self, body: bytes) -> None:
        """Note a delivery."""
        with self.changed:
            self.count += 1
            if b"OrderAccepted" in body:
                self.orders |= set(_ids(json.loads(body)))
            self.changed.notify_all()

    def wait_for(self, orders: set[str]) -> None:
        """Wait until all of these orders were told of."""
        with self.changed:
            assert self.changed.wait_for(lambda: orders <= self.orders, PATIENCE_S), (
                orders - self.orders
            )


def _ids(told: Any) -> Iterator[str]:
    if isinstance(told, dict):
        for value in told.values():
            yield from _ids(value)
    elif isinstance(told, str) and told.startswith("ord_"):
        yield told


@contextmanager
def receiver() -> Iterator[tuple[str, Told]]:
    """Give the address of a receiver, and what it is told."""
    told = Told()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.take(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hook", told
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Buyers:
    """Clients that order with idempotency keys, and ask again until they are answered."""

    def __init__(self, keys: dict[Actor, str]) -> None:
        self.keys = keys
        self.url = ""
        self.up = threading.Event()
        self.changed = threading.Condition()
        self.acknowledged: dict[str, str] = {}
        self.cut = 0
        self.replayed = 0

    def buy(self, number: int, orders: int) -> None:
        """Order so many shirts, one after the other."""
        actor = BUYERS[number % 2]
        # of two offers for one design, accepting one would let the other go
        person = SHIRT.replace(b"1786", b"%d" % (1786 + number))
        for count in range(orders):
            name = f"{number}-{count}"
            form = {"files": {"files": ("p.json", person)}, "data": {"quantity": "2"}}
            offer = self._asked(actor, "/v1/offers", f"offer-{name}", **form)
            path = f"/v1/offers/{offer['offer_id']}/accept"
            order = self._asked(actor, path, f"accept-{name}", json={"option": "cheap"})
            with self.changed:
                self.acknowledged[order["order_id"]] = offer["offer_id"]
                self.changed.notify_all()

    def _asked(self, actor: Actor, path: str, key: str, **more: Any) -> Any:
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            assert self.up.wait(PATIENCE_S)
            try:
                with client(self.url, self.keys[actor]) as http:
                    answer = http.post(path, headers={"Idempotency-Key": key}, **more)
            except httpx.TransportError:
                self.cut += 1
                threading.Event().wait(0.05)
                continue
            if answer.status_code == 201:
                self.replayed += "idempotent-replay" in answer.headers
                return answer.json()
            code = answer.json()["code"]
            assert code in PASSING, answer.text
            threading.Event().wait(0.3)
        raise AssertionError(f"{key} was never answered")


def kill_the_server(folder: Path, *, clients: int, orders: int, kills: int) -> None:
    """Kill the server again and again under clients that buy, then look at what stands."""
    home = folder / "home"
    keys = made_home(home)
    buyers, dice = Buyers(keys), random.Random(5)
    with receiver() as (hook, told), ThreadPoolExecutor(clients) as pool:
        env = {"MANUFOLD_WEBHOOK_HOSTS": "127.0.0.1", "MANUFOLD_OFFERS_AT_ONCE_MAX": "16"}
        running = []
        for number in range(kills + 1):
            with serving(home, start=IMPATIENT, **env) as found:
                if number == 0:
                    for actor in BUYERS:
                        with client(found.url, keys[actor]) as http:
                            made = http.post("/v1/webhooks", json={"url": hook, "kinds": []})
                            assert made.status_code == 201, made.text
                    running = [pool.submit(buyers.buy, n, orders) for n in range(clients)]
                buyers.url = found.url
                buyers.up.set()
                if number < kills:
                    _kill_soon(found, buyers, dice)
                    continue
                for one in running:
                    one.result(PATIENCE_S * 10)
                told.wait_for(set(buyers.acknowledged))
                assert found.end() == 0
    print(f"\n{len(buyers.acknowledged)} orders, {buyers.cut} requests cut off, "
          f"{buyers.replayed} answers replayed, {told.count} deliveries")  # fmt: skip
    assert buyers.cut > 0
    log = (home / "stderr").read_text()
    assert "Traceback" not in log, log[-3000:]
    with open_home(home, executor=InlineExecutor()) as m:
        assert m.verify()["events"] > 0
        never_twice(m.store)
        standing = {order.order_id: order.offer_id for order in orders_of(m.ctx)}
        assert standing == buyers.acknowledged
        assert len(standing) == clients * orders


def _kill_soon(found: Serving, buyers: Buyers, dice: random.Random) -> None:
    """Kill the server somewhere in the middle of a few orders."""
    with buyers.changed:
        seen = len(buyers.acknowledged)
        wanted = dice.randrange(1, 4)
        buyers.changed.wait_for(lambda: len(buyers.acknowledged) >= seen + wanted, 20)
    threading.Event().wait(dice.random() * 0.05)
    buyers.up.clear()
    found.end(signal.SIGKILL)


def test_killed_while_buyers_buy(tmp_path: Path) -> None:
    """Killed twice under three buyers: each order exactly once, and its owner was told."""
    kill_the_server(tmp_path, clients=3, orders=4, kills=2)


@pytest.mark.slow
def test_killed_thirty_times_while_buyers_buy(tmp_path: Path) -> None:
    """The same 30 times under six buyers."""
    kill_the_server(tmp_path, clients=6, orders=25, kills=30)


def test_asked_to_end_while_busy(tmp_path: Path) -> None:
    """SIGTERM among 20 requests, 5 streams and a silent connection: exit 0 within ten seconds,
    every answer whole or cut, every acknowledged offer in the log."""
    home = tmp_path / "home"
    keys = made_home(home)
    answered = threading.Event()
    started = threading.Semaphore(0)
    with ExitStack() as stack:
        found = stack.enter_context(serving(home, MANUFOLD_OFFERS_AT_ONCE_MAX="32"))
        http = stack.enter_context(client(found.url, keys[BUYERS[0]]))
        shirt = {"files": {"files": ("p.json", SHIRT)}}
        offer = http.post("/v1/offers", **shirt).json()["offer_id"]
        order = http.post(f"/v1/offers/{offer}/accept", json={"option": "cheap"}).json()["order_id"]
        pool = stack.enter_context(ThreadPoolExecutor(30))

        def follow() -> str:
            with client(found.url, keys[BUYERS[0]]) as own:
                accept = {"Accept": "text/event-stream"}
                told = ""
                with own.stream("GET", f"/v1/orders/{order}/life", headers=accept) as stream:
                    started.release()
                    try:
                        for line in stream.iter_lines():
                            told += line + "\n"
                    except httpx.TransportError:
                        return told + "cut"
                return told

        def ask(number: int) -> httpx.Response | None:
            try:
                with client(found.url, keys[BUYERS[number % 2]]) as own:
                    answer = own.post("/v1/offers", **shirt, data={"quantity": str(number + 1)})
                answered.set()
                return answer
            except httpx.TransportError:
                return None

        streams = [pool.submit(follow) for _ in range(5)]
        for _ in streams:
            assert started.acquire(timeout=30)
        asked = [pool.submit(ask, number) for number in range(20)]
        assert answered.wait(30)
        began = time.monotonic()
        assert found.end() == 0
        took_s = time.monotonic() - began
        answers = [one.result(30) for one in asked]
        told = [one.result(30) for one in streams]
    whole = [one for one in answers if one is not None]
    print(f"\nended in {took_s:.1f} s; {len(whole)} of 20 answered")
    assert took_s < 10
    assert all("OrderAccepted" in one and not one.endswith("cut") for one in told), told
    assert whole and {one.status_code for one in whole} <= {201, 503}, whole
    log = (home / "stderr").read_text()
    assert "Traceback" not in log, log[-3000:]
    with open_home(home, executor=InlineExecutor()) as m:
        assert m.verify()["events"] > 0
        never_twice(m.store)
        for one in whole:
            if one.status_code == 201:
                assert m.ctx.store.get("offer", one.json()["offer_id"]) is not None
