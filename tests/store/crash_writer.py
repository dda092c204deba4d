"""Processes that write to a store and are killed, by us or by themselves."""

import os
import threading
from multiprocessing.connection import Connection
from typing import Any

from sqlalchemy import event

from contract.store_batches import booking, counted
from contract.store_batches import event as new_event
from manufold.model.errors import StoreFault
from manufold.model.ports import Batch, Store
from manufold.store import SqlStore, open_store

__all__ = ["batch_of", "die_at", "faults_of", "sound_after", "write_on"]


def batch_of(name: str) -> Batch:
    """Return a batch of two events, a booking, a swap of it, a key: its traces must agree."""
    start_s = 100 * int(name.rpartition("-")[2])
    claim = booking(f"b:{name}", start_s, start_s + 100, name, resource_id=name.partition("-")[0])
    data = {"n": name, "text": "批 " * 40}
    return Batch(
        (new_event(f"s:{name}", "Made", **data), new_event(f"s:{name}", "Moved", **data)),
        expected={f"s:{name}": 0},
        claims=(claim,),
        unique={f"k:{name}": {"n": name}},
    )


def sound_after(store: SqlStore, acknowledged: dict[int, str]) -> int:
    """Check that all was kept, whole and once; return the number of batches found."""
    found = list(store.read())
    hashes = {one.seq: one.hash for one in found}
    assert {seq: hashes.get(seq) for seq in acknowledged} == acknowledged
    assert not faults_of(store)
    names = [one.data["n"] for one in found[::2]]
    assert [one.data["n"] for one in found[1::2]] == names and len(set(names)) == len(names)
    assert sorted(b.booking_id for b in store.bookings(now_s=0)) == sorted(f"b:{n}" for n in names)
    assert all(store.claimed(f"k:{name}") == {"n": name} for name in names)
    assert (store.get("total", "all") or {"n": 0}) == {"n": len(found)}
    return len(names)


def faults_of(store: Store) -> tuple[Any, ...]:
    """Return what `verify` finds without witnesses."""
    from manufold.store import verify

    return verify(store, (), {}).faults


def write_on(where: str, round_number: int, pipe: Connection) -> None:
    """Append from four threads without end, and tell each acknowledged event through the pipe."""
    store = open_store(where, "sim", counted, create=False, busy_s=30)
    door = threading.Lock()

    def work(thread: int) -> None:
        for i in range(10**6):
            try:
                answers = store.append(batch_of(f"r{round_number}t{thread}-{i}"))
            except StoreFault:  # the server was stopped under us
                return
            with door:
                pipe.send([(one.seq, one.hash) for one in answers])

    threads = [threading.Thread(target=work, args=(thread,)) for thread in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def die_at(where: str, statement_number: int, name: str) -> None:
    """Append one batch, and be gone before the n-th statement of its transaction is sent."""
    store = open_store(where, "sim", counted, create=False)
    left = statement_number

    @event.listens_for(store._engine, "before_cursor_execute")
    def count(*_: Any) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os._exit(9)

    @event.listens_for(store._engine, "commit")
    def commit(_: Any) -> None:
        count()

    store.append(batch_of(name))
    os._exit(0)
