"""Receivers of webhooks for tests: real servers on this machine that behave as they are told."""

import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Condition, Thread
from typing import Any

__all__ = ["Arrival", "Receiver", "answer", "received"]

Behaviour = Callable[[BaseHTTPRequestHandler, int], None]


@dataclass(frozen=True)
class Arrival:
    """A POST as it arrived."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def delivery_id(self) -> str:
        """What a receiver tells repetitions by."""
        return self.headers["Manufold-Delivery"]


def answer(*statuses: int, **headers: str) -> Behaviour:
    """Return a behaviour: these statuses one after another, then the last one for good."""

    def behave(handler: BaseHTTPRequestHandler, number: int) -> None:
        handler.send_response(statuses[min(number, len(statuses) - 1)])
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return behave


class Receiver:
    """A server that notes what arrives and answers as its behaviour says."""

    def __init__(self, behave: Behaviour, context: ssl.SSLContext | None = None) -> None:
        self.arrivals: list[Arrival] = []
        self._changed = Condition()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                number = outer._note(Arrival(self.path, dict(self.headers), body))
                self.close_connection = True
                with suppress(OSError):  # the other side may hang up
                    behave(self, number)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: Any, client_address: Any) -> None:
                """A handshake that the other side broke off is its right."""

        self._server = Server(("127.0.0.1", 0), Handler)
        if context is not None:
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.port = int(self._server.server_address[1])
        self.url = f"http://127.0.0.1:{self.port}/hook?shop=1"
        self._thread = Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def _note(self, arrival: Arrival) -> int:
        with self._changed:
            self.arrivals.append(arrival)
            self._changed.notify_all()
            return len(self.arrivals) - 1

    def wait_for(self, count: int, limit_s: float = 20.0) -> list[Arrival]:
        """Return what has arrived once there are so many."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.arrivals) >= count, limit_s), (
                f"{len(self.arrivals)} of {count} arrived"
            )
            return list(self.arrivals)

    @property
    def ids(self) -> Sequence[str]:
        """Which deliveries arrived, in order."""
        return [arrival.delivery_id for arrival in self.arrivals]

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)


@contextmanager
def received(behave: Behaviour, context: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """A receiver for the length of a block."""
    receiver = Receiver(behave, context)
    try:
        yield receiver
    finally:
        receiver.close()
