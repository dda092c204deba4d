"""Bare sockets, for requests that no honest client sends."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

__all__ = ["answers", "connected", "said", "status_of"]


@contextmanager
def connected(url: str, timeout_s: float = 20) -> Iterator[socket.socket]:
    """Give a connection to a server."""
    where = urlsplit(url)
    assert where.hostname is not None
    with socket.create_connection((where.hostname, where.port or 80), timeout_s) as found:
        yield found


def said(connection: socket.socket) -> bytes:
    """Return all that comes until the other side closes."""
    found = b""
    try:
        while chunk := connection.recv(65_536):
            found += chunk
    except ConnectionResetError:
        return found + b"<reset>"
    return found


def answers(url: str, *pieces: bytes) -> bytes:
    """Send bytes as they are, and return all that is answered until the other side closes."""
    with connected(url) as connection:
        with suppress(BrokenPipeError, ConnectionResetError):  # it may have heard enough
            for piece in pieces:
                connection.sendall(piece)
        return said(connection)


def status_of(answer: bytes) -> int:
    """Return the status of the first answer, 0 for none."""
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.1 ") else 0
