"""What every service stands on, handed in by the composition root."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from manufold.design.contract import Vertical
from manufold.model.desk import Desk
from manufold.model.desk_fake import MemoryDesk
from manufold.model.evidence import SignedHead
from manufold.model.fakes import ManualClock
from manufold.model.network import Network
from manufold.model.ports import Blobs, Clock, Executor, Ids, Store
from manufold.scheduling.load import Load
from manufold.services.turns import Turns
from manufold.settings import Settings

__all__ = ["Context"]


@dataclass(slots=True)
class Context:
    """The parts of one world; services are functions that take it first.

    `sign_head` signs the store's head as it stands now and keeps it outside the store.
    `floor` is held by whoever moves open orders on from what it read of them: a run of the twin, a
    planner's round, a command of a shop; so that in one process they take turns instead of losing.
    `desk` remembers keys, webhooks and kept answers, and `wall` tells the real time they live by,
    also where the world's clock is a simulated one; without them they are forgotten with the
    process and stand still.
    `secret` keys what must not be guessed from the log; a home's own, never written into a store.
    `running` is held while a simulated world runs on, and refuses whoever would run it besides.
    `hands` starts so many workers that share one search, on Ray at an address where one is told
    ("local" for a cluster of this machine); without it all is searched in this process.
    `loaded` is the load as of a place in the log, thrown away when the log has moved on; `reading`
    is held while it is read, so that one thread reads and the others wait for what it finds. Who
    holds it never asks for the floor.
    """

    store: Store
    blobs: Blobs
    clock: Clock
    ids: Ids
    network: Network
    executor: Executor
    verticals: Mapping[str, Vertical]
    settings: Settings
    sign_head: Callable[[Store, int], SignedHead]
    loaded: Load | None = None
    reading: Lock = field(default_factory=Lock)
    fresh_until_s: int = 0
    floor: Turns = field(default_factory=Turns)
    kept: dict[str, Any] = field(default_factory=dict)
    desk: Desk = field(default_factory=MemoryDesk)
    wall: Clock = field(default_factory=ManualClock)
    secret: bytes = b""
    running: Callable[[], AbstractContextManager[object]] = nullcontext
    hands: Callable[[int, str], Executor] | None = None

    def standing(self) -> AbstractContextManager[object]:
        """Return what keeps a simulated clock where it is: the floor; a live one needs nothing.

        Whoever reads the clock and then appends holds it, or a run moves the world on in between.
        """
        return self.floor if self.store.world == "sim" else nullcontext()
