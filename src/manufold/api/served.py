"""What every route stands on: the world, who runs it, and in which language to answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from fastapi import Request

from manufold.api.once import Once
from manufold.api.problems import accepted_language
from manufold.services.context import Context
from manufold.services.running import Runner

__all__ = ["Served", "Verify", "reader", "reader_of", "served", "served_of"]

T = TypeVar("T")

#: questions over much of the log that are worked on at the same time
_LONG_MOST = 4

#: proves the chain with the signed heads of its home; raises StoreFault
Verify = Callable[[], Mapping[str, Any]]


@dataclass(slots=True)
class Served:
    """One world behind the API.

    Args:
        offering: offers being worked out now.
        streams: caller -> orders it follows live.
    """

    ctx: Context
    runner: Runner
    once: Once
    language: str
    version: str
    verify: Verify | None
    offering: int
    streams: dict[str, int]
    _long: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(_LONG_MOST))

    async def look(self, read: Callable[[], T]) -> T:
        """Return what a service answers, without keeping the event loop."""
        return await run_sync(read)

    async def look_long(self, read: Callable[[], T]) -> T:
        """Return what takes a while; who waits for a turn keeps no thread from anybody else."""
        return await run_sync(read, limiter=self._long)


def served_of(request: Request) -> Served:
    """Return what the route stands on."""
    found = request.app.state.served
    assert isinstance(found, Served)
    return found


def reader_of(request: Request) -> str:
    """Return the language to answer in."""
    header = request.headers.get("accept-language")
    return accepted_language(header, served_of(request).language)


async def served(request: Request) -> Served:
    """Return what the route stands on; not a plain function, which would cost a thread."""
    return served_of(request)


async def reader(request: Request) -> str:
    """Return the language to answer in."""
    return reader_of(request)
