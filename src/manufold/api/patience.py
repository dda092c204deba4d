"""Patience with clients that begin a request and do not end its head, or do not read the answer.

The server bounds the size of a head, not how long one may take; here a connection on which no whole
head has come for a while is closed. So is one whose buffer stays full, because nobody takes what
was asked for. What happens between head and answer is the door's to watch.
"""

import asyncio
import socket
import struct
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

__all__ = ["HEAD_S", "UNREAD_S", "PatientProtocol"]

#: the longest that a head may take, and that a fresh connection may be silent
HEAD_S = 10.0
#: the longest that an answer may wait for its reader
UNREAD_S = 20.0


class PatientProtocol(H11Protocol):
    """HTTP/1.1 that closes connections without a whole head, or without a reader, after a while."""

    _head_timer: asyncio.TimerHandle | None = None
    _read_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Begin to wait for the first head."""
        super().connection_made(transport)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._rest()
        self._taken()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take bytes in; a whole head ends the wait, the first bytes of the next begin another."""
        super().data_received(data)
        if self._waiting():
            if self._head_timer is None:
                self._watch()
        else:
            self._rest()

    def pause_writing(self) -> None:
        """Begin to wait for the reader of an answer; what it left unread goes with it."""
        super().pause_writing()
        if self._read_timer is None:
            self._read_timer = self.loop.call_later(UNREAD_S, self._unread)

    def resume_writing(self) -> None:
        """Go on: it reads."""
        self._taken()
        super().resume_writing()

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        """Hand the connection over."""
        self._rest()
        super().handle_websocket_upgrade(event)

    def _waiting(self) -> bool:
        return (self.cycle is None or self.cycle.response_complete) and (
            self.conn.their_state is h11.IDLE
        )

    def _watch(self) -> None:
        self._head_timer = self.loop.call_later(HEAD_S, self._late)

    def _rest(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _taken(self) -> None:
        if self._read_timer is not None:
            self._read_timer.cancel()
            self._read_timer = None

    def _unread(self) -> None:
        """Give up what nobody reads, also what the system has taken over."""
        self._read_timer = None
        plug = self.transport.get_extra_info("socket")
        if plug is not None:
            plug.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()

    def _late(self) -> None:
        self._head_timer = None
        if self._waiting() and not self.transport.is_closing():
            self.transport.close()
