"""Clients that are slow, silent, greedy or malformed: each is cut off, and nobody waits for it."""

import json
import select
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tests.edges.small_world import ANNA, api_of, listening, small_world
from tests.edges.wire import answers, connected, said, status_of

from manufold.api import patience

OFFER = {"files": [{"name": "b.txt", "content": "YmxvY2sgMC41"}], "quantity": 3, "to": "door"}
MOST = 1_000_000


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[str, str]]:
    """An address and anna's key; whoever says nothing is cut off after half a second."""
    ctx = small_world(body_bytes_max=MOST, body_idle_s=1, body_whole_s=3)  # type: ignore[arg-type]
    app, keys = api_of(ctx)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(patience, "HEAD_S", 1.0)
        patch.setattr(patience, "UNREAD_S", 1.0)
        with listening(app) as url:
            yield url, keys[ANNA]


def head(method: str, path: str, key: str, *more: str) -> bytes:
    """Return the head of a request."""
    lines = [
        f"{method} {path} HTTP/1.1",
        "Host: localhost",
        f"Authorization: Bearer {key}",
        *more,
        "",
        "",
    ]
    return "\r\n".join(lines).encode()


def others_are_served(url: str) -> None:
    """Fail when somebody else has to wait."""
    began = time.monotonic()
    assert httpx.get(f"{url}/v1/health", timeout=5).status_code == 200
    assert time.monotonic() - began < 3


def test_two_hundred_silent_connections(server: tuple[str, str]) -> None:
    """200 clients connect and say nothing: others are served, the silent are cut off."""
    url, _key = server
    opened = [connected(url) for _ in range(200)]
    silent = [one.__enter__() for one in opened]
    try:
        others_are_served(url)
        assert {said(one) for one in silent} == {b""}
    finally:
        for one in opened:
            one.__exit__(None, None, None)


def test_a_head_that_does_not_end(server: tuple[str, str]) -> None:
    """A byte every tenth of a second is no progress: the connection is closed after a second."""
    url, key = server
    with connected(url) as slow:
        slow.settimeout(0.1)
        began = time.monotonic()
        for byte in head("GET", "/v1/me", key, "X-Long: " + "a" * 500):
            try:
                slow.sendall(bytes([byte]))
                if slow.recv(1) == b"":
                    break
            except TimeoutError:
                continue
            except (BrokenPipeError, ConnectionResetError):
                break
        else:
            pytest.fail("it was let go on")
        assert time.monotonic() - began < 5
    others_are_served(url)


def test_a_head_that_does_not_end_after_a_whole_request(server: tuple[str, str]) -> None:
    """The second request of a connection is watched as the first."""
    url, key = server
    with connected(url) as slow:
        slow.sendall(head("GET", "/v1/me", key))
        assert b'"party":"anna"' in slow.recv(65_536)
        slow.sendall(b"GET /v1/me HTTP/1.1\r\nX:")
        began = time.monotonic()
        assert said(slow) == b""
        assert time.monotonic() - began < 5


@pytest.mark.parametrize("path", ["/v1/offers", "/v1/nothing", "/nothing"])
def test_a_body_of_one_byte_a_second(server: tuple[str, str], path: str) -> None:
    """A sender that drips or stops is told so (408, or that there is nothing) and cut off."""
    url, key = server
    more = ("Content-Type: application/json", "Content-Length: 500")
    with connected(url) as slow:
        slow.sendall(head("POST", path, key, *more) + b"{")
        answer = said(slow)
    assert status_of(answer) in (404, 408), answer
    assert b"HTTP/1.1 " not in answer[5:]
    others_are_served(url)


def test_a_body_that_drips(server: tuple[str, str]) -> None:
    """Never silent for long, and never done: 408 when the time for a whole body is over."""
    url, key = server
    with connected(url) as slow:
        slow.sendall(head("POST", "/v1/offers", key, "Content-Length: 500"))
        gone = threading.Event()

        def drip() -> None:
            while not gone.wait(0.2):
                try:
                    slow.sendall(b" ")
                except OSError:
                    return

        thread = threading.Thread(target=drip)
        thread.start()
        answer = said(slow)
        gone.set()
        thread.join()
    assert status_of(answer) == 408, answer
    assert b"api.body_slow" in answer


@pytest.mark.parametrize("way", ["announced", "unannounced", "lying"])
def test_a_body_beyond_the_limit(server: tuple[str, str], way: str) -> None:
    """413, whatever was announced; the sender hears it although it was still sending."""
    url, key = server
    size = 3 * MOST
    if way == "announced":
        pieces = [head("POST", "/v1/offers", key, f"Content-Length: {size}"), b"x" * size]
    elif way == "lying":  # more follows than was said: what follows is no request
        pieces = [head("POST", "/v1/offers", key, "Content-Length: 10"), b"x" * size]
    else:
        chunk = b"%x\r\n%s\r\n" % (65_536, b"x" * 65_536)
        count = size // 65_536
        start = head("POST", "/v1/offers", key, "Transfer-Encoding: chunked")
        pieces = [start, *[chunk] * count, b"0\r\n\r\n"]
    answer = answers(url, *pieces)
    told = {"lying": 415}.get(way, 413)
    assert status_of(answer) == told, answer[:500]
    assert way == "lying" or not answer.endswith(b"<reset>")
    others_are_served(url)


def test_a_stranger_with_a_large_body(server: tuple[str, str]) -> None:
    """401, told although the body was still being sent."""
    url, _key = server
    start = head("POST", "/v1/offers", "none", f"Content-Length: {MOST}")
    answer = answers(url, start, b"x" * MOST)
    assert status_of(answer) == 401
    assert not answer.endswith(b"<reset>")
    assert b"www-authenticate: Bearer" in answer


def test_a_client_that_does_not_read(server: tuple[str, str]) -> None:
    """Answers nobody takes are given up: the connection is cut, its memory free, others served."""
    url, key = server
    with connected(url) as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.sendall(head("GET", "/openapi.json", key) * 200)
        cut = select.poll()
        cut.register(deaf, select.POLLHUP | select.POLLERR)
        assert cut.poll(30_000), "it may keep its connection for ever"
    others_are_served(url)


@pytest.mark.parametrize(
    ("raw", "statuses"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", {0, 400}),  # TLS
        (b"GET / HTTP/9.9\r\nConnection: close\r\n\r\n", {400, 404, 505}),
        (b"GET /v1/me\r\n\r\n", {400}),
        (b"GET /v1/me HTTP/1.1\r\n\r\n", {400}),  # no host
        (b"GET /v1/me HTTP/1.1\r\nHost: localhost\r\nHost: b\r\n\r\n", {400}),
        (b"GET /v1/me HTTP/1.1\r\nHost: localhost\r\nX: a\x00b\r\n\r\n", {400}),
        (b"GET /v1/me HTTP/1.1\r\nHost : a\r\n\r\n", {400}),
        (b"GET /v1/me HTTP/1.1\r\nHost: localhost\r\n" + b"X: " + b"a" * 3_000_000, {400, 431}),
        (b"GET /v1/me HTTP/1.1\r\nHost: localhost\r\n" + b"X: a\r\n" * 500_000, {400, 431}),
        (b"GET /v1/" + b"a" * 3_000_000, {400, 414}),
        (b"GET /v1/" + b"a" * 20_000 + b" HTTP/1.0\r\n\r\n", {401}),
        (b"POST /v1/offers HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n", {400}),
        (b"POST /v1/offers HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1, 2\r\n\r\n", {400}),
        (
            (
                b"POST /v1/me HTTP/1.1\r\nHost: localhost\r\n"
                b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab"
            ),
            {400},
        ),
        (
            b"POST /v1/offers HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip\r\n\r\n",
            {400, 501},
        ),
        (
            (
                b"POST /v1/offers HTTP/1.1\r\nHost: localhost\r\n"
                b"Transfer-Encoding: chunked, chunked\r\n\r\n"
            ),
            {400, 501},
        ),
        (
            (
                b"POST /v1/offers HTTP/1.1\r\nHost: localhost\r\n"
                b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"
            ),
            {400, 401},
        ),
    ],
)
def test_what_is_no_http(server: tuple[str, str], raw: bytes, statuses: set[int]) -> None:
    """A malformed request is refused once, and the connection closed."""
    url, _key = server
    answer = answers(url, raw)
    assert status_of(answer) in statuses, answer[:300]
    assert answer.count(b"HTTP/1.1 ") <= 1
    others_are_served(url)


def test_nothing_is_smuggled(server: tuple[str, str]) -> None:
    """Two lengths at once are refused: no second request hides behind the first."""
    url, key = server
    hidden = head("GET", "/v1/orders", key)
    both = head(
        "POST",
        "/v1/offers",
        key,
        f"Content-Length: {5 + len(hidden)}",
        "Transfer-Encoding: chunked",
    )
    answer = answers(url, both, b"0\r\n\r\n" + hidden)
    assert status_of(answer) == 422, answer[:500]
    assert answer.count(b"HTTP/1.1 ") == 1, answer
    assert b'"orders"' not in answer


def test_requests_in_a_row(server: tuple[str, str]) -> None:
    """Pipelined requests are answered in their order, each with its own answer."""
    url, key = server
    body = json.dumps(OFFER).encode()
    asked = (
        head("GET", "/v1/me", key)
        + head(
            "POST",
            "/v1/offers",
            key,
            "Content-Type: application/json",
            f"Content-Length: {len(body)}",
        )
        + body
        + head("GET", "/v1/orders", key, "Connection: close")
    )
    with connected(url) as connection:
        connection.sendall(asked)
        answer = said(connection)
    places = [answer.find(part) for part in (b'"party":"anna"', b'"offer_id"', b'"orders"')]
    assert -1 not in places and places == sorted(places), answer
    assert answer.count(b"HTTP/1.1 20") == 3


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "TRACE", "PUT", "PATCH", "CONNECT", "BREW"])
@pytest.mark.parametrize("path", ["/v1/me", "/v1/offers", "/openapi.json", "/v1/nothing"])
def test_other_methods(server: tuple[str, str], method: str, path: str) -> None:
    """405 with what is allowed, or 404; nothing of the request is sent back, as TRACE would."""
    url, key = server
    answer = answers(url, head(method, path, key, "X-Secret: back-to-me", "Connection: close"))
    allowed = {404, 405} | ({200} if (method, path) == ("HEAD", "/openapi.json") else set())
    assert status_of(answer) in allowed, answer
    if status_of(answer) == 405:
        assert b"\r\nallow: " in answer.lower()
    assert b"back-to-me" not in answer
    if method == "HEAD":
        assert answer.endswith(b"\r\n\r\n")


PATHS = [
    "/v1/orders/..%2f..%2fetc%2fpasswd",
    "/v1/orders/%2e%2e/me",
    "/v1/orders/..;/me",
    "/v1/../v1/orders/x",
    "//v1/orders",
    "/v1//orders",
    "/v1/orders//",
    "/v1/orders%00",
    "/v1/orders%0a",
    "/v1/orders/%0d%0aSet-Cookie:%20a=b",
    "/v1/orders/%ff%fe",
    "/v1/orders/%ed%a0%80",
    "/v1/orders/%d9%a1%d9%a2",
    "/v1/orders/%e2%80%aeabc",
    "/v1/orders/" + "a" * 20_000,
    "/v1/orders/%252e%252e%252f",
    "/V1/orders/x",
    "/docs/static/..%2f..%2f..%2f..%2f..%2f..%2fetc%2fpasswd",
    "/docs/static/%2e%2e/%2e%2e/__init__.py",
    "http://elsewhere.example/v1/orders/x",
    "/v1/orders/",
    "/v1/health/",
    "/v1/orders/<script>alert(1)</script>",
]


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path[:40])
def test_odd_paths(server: tuple[str, str], path: str) -> None:
    """Tricks with slashes, dots, bytes and letters end as 404 or 422 with JSON; nothing follows
    from a path but a route, and nobody is sent elsewhere."""
    url, key = server
    answer = answers(url, head("GET", path, key, "Connection: close"))
    assert status_of(answer) in (400, 404, 422), answer[:500]
    start, _, body = answer.partition(b"\r\n\r\n")
    assert b"set-cookie" not in start.lower() and b"location" not in start.lower()
    assert b"json" in start.lower() or path.startswith("/docs/static"), start
    assert b"root:" not in body and b"import" not in body
    if b"json" in start:
        json.loads(body)


@pytest.mark.parametrize("path", ["/v1/orders", "/v1/orders/", "/v1/me%0a", "/v1/health/", "/v1/x"])
def test_odd_paths_need_a_key(server: tuple[str, str], path: str) -> None:
    """Without a key the answer is 401, whether there is such a route or not."""
    url, _key = server
    assert httpx.get(url + path).status_code == 401
    assert httpx.get(url + path).headers["www-authenticate"].startswith("Bearer")


def test_files_of_the_reading_room_only(server: tuple[str, str]) -> None:
    """The reading room is there, offline, and gives its own files only."""
    url, _key = server
    page = httpx.get(f"{url}/docs").text
    assert "http://" not in page.replace(url, "") and "https://" not in page
    assert httpx.get(f"{url}/docs/static/swagger-ui.css").status_code == 200
    assert not Path("/docs/static").exists()
