"""Serving for real: a process, sockets, signals; and many callers at once while the world runs."""

import gc
import json
import logging
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.contracts.schemas import faults
from tests.services.stores import clean, never_twice

from manufold.api.routes.promises import PromiseIn
from manufold.app import Manufold, open_home, use_network
from manufold.demo import demo_network_path
from manufold.model.errors import InputFault, StoreFault
from manufold.model.party import Actor
from manufold.services.documents import orders_of
from manufold.services.keys import make_key
from manufold.serving import serve_forever, served
from manufold.store.sql import SqlStore
from manufold.workers.inline import InlineExecutor

ROOT = Path(__file__).parents[2]
PART = ROOT / "src/manufold/design/part/demo/bracket.step"
HUB = Actor("manufold-demo", "network_operator")


@pytest.fixture
def m(tmp_path: Path) -> Any:
    """A simulated world on the demo network, with some orders on it already."""
    use_network(tmp_path / "h", demo_network_path(), world="sim", backlog=True, start_s=217_000_000)
    settings = "requests_per_minute = 1000000\nrequests_burst = 100000\nhold_s = 8640000\n"
    (tmp_path / "h" / "settings.toml").write_text(settings)
    with open_home(tmp_path / "h", executor=InlineExecutor()) as found:
        yield found


def test_a_process_that_serves(home: Path) -> None:
    """It says where, in one JSON object; answers there; ends with 0 when told to, its log whole."""
    use_network(home, demo_network_path(), world="sim")
    env = {**os.environ, "MANUFOLD_HOME": str(home)}
    command = [sys.executable, "-m", "manufold", "serve", "--port", "0", "--json"]
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = json.loads(process.stdout.readline())
        assert faults("serve_answer", said) == []
        assert said["world"] == "sim"
        health = httpx.get(f"{said['url']}/v1/health")
        assert health.json()["ready"] is True
        said_seq = health.json()["seq"]
        assert "server" not in health.headers
        port = said["url"].rsplit(":", 1)[1]
        busy = [*command[:-3], "--port", port]
        refused = subprocess.run(busy, env=env, capture_output=True, text=True, check=False)
        assert refused.returncode == 2
        assert port in refused.stderr
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        assert process.stdout.read() == ""
    with open_home(home) as m:
        assert m.verify()["events"] == said_seq


def test_ports_that_cannot_be(m: Manufold) -> None:
    """A busy port, no port, and a host that is none are refused in words."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        for host, port in (("127.0.0.1", taken.getsockname()[1]), ("no.such.host.invalid", 0)):
            with pytest.raises(InputFault, match=r"serve\.port_busy"):
                serve_forever(m, host, port)
    with pytest.raises(InputFault, match=r"serve\.port_wrong"):
        serve_forever(m, port=70_000)


def test_everything_together(m: Manufold) -> None:
    """One address has the API, its document, the pages and the board, and says which world."""
    key = make_key(m.ctx, HUB, "demo-buyer", "buyer")
    with served(m) as url, httpx.Client(base_url=url, follow_redirects=True) as http:
        assert http.get("/v1/health").json()["world"] == "sim"
        me = http.get("/v1/me", headers={"Authorization": f"Bearer {key}"}).json()
        assert (me["party"], me["role"]) == ("demo-buyer", "buyer")
        for path in ("/", "/board", "/docs"):
            page = http.get(path)
            assert page.status_code == 200, path
            assert page.headers["content-type"].startswith("text/html")
        assert "imulated" in http.get("/").text
        assert http.get("/v1/me").status_code == 401


def test_the_first_promise_finds_the_schedule_read(
    m: Manufold, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once a server says where it is, a promise reads no booking; what was set aside from garbage
    collection meanwhile is given back when it ends."""
    key = make_key(m.ctx, HUB, "demo-buyer", "buyer")
    bookings, read, swept = SqlStore.bookings, list[int](), gc.get_threshold()

    def counted(store: SqlStore, **wanted: Any) -> Any:
        read.append(1)
        return bookings(store, **wanted)

    monkeypatch.setattr(SqlStore, "bookings", counted)
    with served(m) as url:
        before = len(read)
        assert before >= 1
        assert gc.get_freeze_count() > 0
        assert promised(url, key).status_code == 200
        assert len(read) == before
    assert gc.get_freeze_count() == 0
    assert gc.get_threshold() == swept


def test_a_schedule_that_cannot_be_read_beforehand_does_not_stop_serving(
    m: Manufold, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The fault is logged, the server answers, and the first promise reads for itself."""
    key = make_key(m.ctx, HUB, "demo-buyer", "buyer")
    bookings = SqlStore.bookings

    def locked(store: SqlStore, **wanted: Any) -> Any:
        monkeypatch.setattr(SqlStore, "bookings", bookings)
        raise StoreFault("store.locked")

    monkeypatch.setattr(SqlStore, "bookings", locked)
    with caplog.at_level(logging.ERROR, logger="manufold.serving"), served(m) as url:
        (said,) = caplog.records
        assert said.exc_info is not None and "store.locked" in str(said.exc_info[1])
        assert httpx.get(f"{url}/v1/health").json()["ready"] is True
        assert promised(url, key).status_code == 200


def promised(url: str, key: str) -> httpx.Response:
    """Ask for a promise as the document of the API shows it."""
    examples: Any = PromiseIn.model_config["json_schema_extra"]
    wanted = {**examples["examples"][0], "to": "EU-DE", "by": None}
    headers = {"Authorization": f"Bearer {key}"}
    return httpx.post(f"{url}/v1/promises", json=wanted, headers=headers, timeout=60)


def test_the_lines_of_the_page_run(m: Manufold, tmp_path: Path) -> None:
    """The shell lines of docs/api.md run as they stand, and the order they make is there."""
    text = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    lines = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    assert len(lines) == 1
    shutil.copy(PART, tmp_path / "bracket.step")
    key = make_key(m.ctx, HUB, "demo-buyer", "buyer")
    with served(m) as url:
        env = {**os.environ, "URL": url, "KEY": key}
        done = subprocess.run(
            ["/bin/sh", "-e"],
            input=lines[0],
            cwd=tmp_path,
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, (done.stdout[-500:], done.stderr[-500:])
    order = json.loads((tmp_path / "order.json").read_text())
    assert order["order_id"] in {one.order_id for one in orders_of(m.ctx)}
    assert '"life.accepted"' in done.stdout


def test_a_stopped_sender_is_let_go(m: Manufold, monkeypatch: pytest.MonkeyPatch) -> None:
    """A head that does not end, and a body that does not come, close the connection."""
    monkeypatch.setattr("manufold.api.patience.HEAD_S", 0.2)
    key = make_key(m.ctx, HUB, "demo-buyer", "buyer")
    object.__setattr__(m.ctx.settings, "body_idle_s", 0.2)
    head = f"POST /v1/offers HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n"
    body = "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
    with served(m) as url:
        address = ("127.0.0.1", int(url.rsplit(":", 1)[1]))
        for sent, answered in ((head, b""), ("", b""), (head + body, b"HTTP/1.1 408")):
            with socket.create_connection(address, timeout=10) as line:
                line.sendall(sent.encode())
                found = b""
                while chunk := line.recv(65_536):
                    found += chunk
                assert found.startswith(answered), found[:200]
                assert answered or not found


def test_many_at_once_while_the_world_runs(m: Manufold) -> None:
    """Sixteen callers ask, accept, read, cancel and plan while the world runs: no fault of ours, no
    seat twice, no order lost, the chain and the judge stand, and what was answered is there."""
    keys = {name: make_key(m.ctx, HUB, name, "buyer") for name in ("demo-buyer", "second-buyer")}
    hub = make_key(m.ctx, HUB, "manufold-demo", "network_operator")
    content = PART.read_bytes()
    statuses: list[tuple[int, str]] = []
    accepted: list[str] = []
    failures: list[BaseException] = []
    ends = time.monotonic() + 12

    def buy(number: int, url: str) -> None:
        rng = random.Random(number)
        key = keys[("demo-buyer", "second-buyer")[number % 2]]
        with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}) as http:
            while time.monotonic() < ends + (0 if accepted else 60):  # a busy machine is slow
                files = {"files": ("bracket.step", content)}
                data = {"quantity": str(rng.randint(1, 5)), "material": "al-6061"}
                offer = http.post("/v1/offers", files=files, data=data, timeout=60)
                note(offer)
                if offer.status_code != 201:
                    continue
                path = f"/v1/offers/{offer.json()['offer_id']}/accept"
                option = rng.choice(["fast", "cheap", "green"])
                order = http.post(path, json={"option": option}, timeout=60)
                note(order)
                if order.status_code == 201:
                    where = f"/v1/orders/{order.json()['order_id']}"
                    accepted.append(order.json()["order_id"])
                    note(http.get(where, timeout=60))
                    note(http.get(f"{where}/life", timeout=60))
                    if rng.random() < 0.4:
                        note(http.post(f"{where}/cancel", json={}, timeout=60))

    def plan(number: int, url: str) -> None:
        with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {hub}"}) as http:
            while time.monotonic() < ends:
                note(http.get("/v1/orders?limit=20", timeout=60))
                note(http.get("/v1/schedule", timeout=60))
                note(http.post("/v1/run", json={"hours": 48}, timeout=60))
                if number == 0:
                    note(http.post("/v1/schedule/round", timeout=60))

    def note(answer: httpx.Response) -> None:
        code = answer.json().get("code", "") if answer.status_code >= 400 else ""
        statuses.append((answer.status_code, code))

    def kept(work: Any, number: int, url: str) -> None:
        try:
            work(number, url)
        except BaseException as fault:  # noqa: BLE001 - the test looks at it
            failures.append(fault)

    with served(m) as url:
        threads = [threading.Thread(target=kept, args=(buy, n, url)) for n in range(13)]
        threads += [threading.Thread(target=kept, args=(plan, n, url)) for n in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
    assert failures == []
    assert not [one for one in statuses if one[0] >= 500 and one[1] != "api.busy"], set(statuses)
    assert accepted
    found = {order.order_id for order in orders_of(m.ctx)}
    assert set(accepted) <= found
    assert len(set(accepted)) == len(accepted)
    assert m.verify()["events"] > 0
    never_twice(m.store)
    clean(m.ctx)
