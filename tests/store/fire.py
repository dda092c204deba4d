"""The fire: many threads at once hold, extend, release and accept slots of few seats, seeded.

What each attempt wants is drawn from the seed and its number alone; who wins is the race. Whether
nothing was sold twice is judged by two sweeps that share no code with the stores: one over the
table as it stands in the end, one over the log from its first event on.
"""

import threading
import time
from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from random import Random
from typing import Any

from manufold.model.errors import Conflict
from manufold.model.ports import Batch, Booking, NewEvent, Store, StoredEvent

__all__ = ["Fire", "Told", "fold_hold", "replayed", "sold_twice"]

UNITS, SEATS = 20, 2
TRIES = 3  # as many as `promise_tries_max`
HOLD_S = 600
ATTEMPTS_PER_S = 50  # of the world's clock, which the fire moves on

Get = Callable[[str, str], Mapping[str, Any] | None]


def fold_hold(event: StoredEvent, get: Get) -> dict[tuple[str, str], Mapping[str, Any] | None]:
    """Fold one small document per hold."""
    return {("hold", event.stream): {"seq": event.seq, "kind": event.kind}}


@dataclass(slots=True)
class Told:
    """What the threads were told.

    Args:
        counts: won, lost, retried, extended, released, accepted, late.
        booked: stretches acknowledged when they were first held.
        waits_s: of every append, until it was acknowledged or refused.
    """

    counts: Counter[str] = field(default_factory=Counter)
    booked: int = 0
    waits_s: list[float] = field(default_factory=list)
    faults: list[Exception] = field(default_factory=list)

    def add(self, other: "Told") -> None:
        """Take in what another thread was told."""
        self.counts += other.counts
        self.booked += other.booked
        self.waits_s += other.waits_s
        self.faults += other.faults


class Fire:
    """Attempts on one store.

    Args:
        horizon_s: all slots lie below; the shorter, the more attempts collide.
        first: number of the first attempt, where others were made before.
    """

    def __init__(
        self, store: Store, attempts: int, seed: int, horizon_s: int, first: int = 0
    ) -> None:
        self._store = store
        self._end = first + attempts
        self._seed = seed
        self._horizon_s = horizon_s
        self._next = count(first)
        self._now_s = first // ATTEMPTS_PER_S

    def run(self, threads: int) -> tuple[Told, float]:
        """Return what all threads were told together, and the seconds from first to last."""
        gate = threading.Barrier(threads + 1)
        told = [Told() for _ in range(threads)]
        crowd = [threading.Thread(target=self._work, args=(gate, one)) for one in told]
        for thread in crowd:
            thread.start()
        gate.wait(60)
        began_s = time.perf_counter()
        for thread in crowd:
            thread.join()
        took_s = time.perf_counter() - began_s
        whole = Told()
        for one in told:
            whole.add(one)
        return whole, took_s

    def _work(self, gate: threading.Barrier, told: Told) -> None:
        gate.wait(60)
        try:
            while (number := next(self._next)) < self._end:
                self._now_s = max(self._now_s, number // ATTEMPTS_PER_S)
                self._attempt(number, told)
        except Exception as fault:  # noqa: BLE001 - whoever reads the outcome looks at it
            told.faults.append(fault)

    def _attempt(self, number: int, told: Told) -> None:
        rng = Random(self._seed * 1_000_003 + number)
        for turn in range(TRIES):
            claims = self._wanted(rng, number)
            batch = self._batch(number, "Held", claims, (), new=True)
            if self._appended(batch, told) is None:
                told.counts["won"] += 1
                told.counts["retried"] += turn > 0
                told.booked += len(claims)
                self._after(rng, number, claims, told)
                return
        told.counts["lost"] += 1

    def _wanted(self, rng: Random, number: int) -> tuple[Booking, ...]:
        """Return one to three stretches of different work units, to the minute."""
        units = rng.sample(range(UNITS), rng.choice((1, 1, 2, 3)))
        claims = []
        for unit in units:
            from_s = 60 * rng.randrange(self._horizon_s // 60)
            claims.append(
                Booking(
                    f"b{number}-{unit}-{from_s}",
                    f"mill-{unit}",
                    rng.randrange(SEATS),
                    from_s,
                    from_s + 60 * rng.randrange(10, 60),
                    f"buyer-{number % 97}/{number}",
                    f"hold-{number}",
                    "held",
                    self._now_s + HOLD_S,
                    {"operation": "op10", "quantity": 1 + number % 50},
                )
            )
        return tuple(claims)

    def _after(self, rng: Random, number: int, held: tuple[Booking, ...], told: Told) -> None:
        """Extend, accept or give back what was won; much of it is simply kept."""
        ids = tuple(one.booking_id for one in held)
        drawn = rng.random()
        if drawn < 0.1:
            longer = tuple(replace(one, expires_s=(one.expires_s or 0) + HOLD_S) for one in held)
            kind, batch = "extended", self._batch(number, "Extended", longer, ids)
        elif drawn < 0.25:
            kind, batch = "released", self._batch(number, "Released", (), ids)
        elif drawn < 0.55:
            firm = tuple(
                replace(b, booking_id=f"{b.booking_id}!", state="firm", expires_s=None)
                for b in held
            )
            kind, batch = "accepted", self._batch(number, "Accepted", firm, ids)
        else:
            return
        refusal = self._appended(batch, told)
        told.counts[kind if refusal is None else "late"] += 1

    def _batch(
        self,
        number: int,
        kind: str,
        claims: tuple[Booking, ...],
        releases: tuple[str, ...],
        *,
        new: bool = False,
    ) -> Batch:
        stream, now_s = f"hold:{number}", self._now_s
        data = {
            "claims": [
                [b.booking_id, b.resource_id, b.seat, b.from_s, b.to_s, b.holder, b.expires_s]
                for b in claims
            ],
            "releases": list(releases),
        }
        event = NewEvent(stream, kind, 1, data, now_s, f"buyer-{number % 97}/buyer")
        return Batch((event,), {stream: 0} if new else {}, claims, releases, now_s=now_s)

    def _appended(self, batch: Batch, told: Told) -> str | None:
        """Return None once it is durable, else why it was refused."""
        began_s = time.perf_counter()
        try:
            self._store.append(batch)
        except Conflict as refusal:
            if refusal.code not in ("store.slot_taken", "store.booking_gone"):
                raise
            return refusal.code
        finally:
            told.waits_s.append(time.perf_counter() - began_s)
        return None


def sold_twice(store: Store) -> list[tuple[str, str]]:
    """Return the neighbours in the final table that share a second of a seat, by their ids."""
    last: dict[tuple[str, int], Booking] = {}
    found = []
    rows = store.bookings(now_s=-(2**62))
    for one in sorted(rows, key=lambda b: (b.resource_id, b.seat, b.from_s, b.to_s)):
        before = last.get((one.resource_id, one.seat))
        if before is not None and before.holder != one.holder and one.from_s < before.to_s:
            found.append((before.booking_id, one.booking_id))
        if before is None or one.to_s > before.to_s:
            last[one.resource_id, one.seat] = one
    return found


def replayed(store: Store) -> tuple[set[str], list[str]]:
    """Return what the log says is booked in the end, and every stretch that was sold twice.

    A hold whose time is over by the time of an event counts no more for that event.
    """
    standing: dict[str, list[Any]] = {}
    seats: dict[tuple[str, int], list[tuple[int, int, str]]] = {}
    wrong = []
    for event in store.read():
        for name in event.data["releases"]:
            _id, unit, seat, from_s, to_s, _holder, expires_s = standing.pop(name)
            seats[unit, seat].remove((from_s, to_s, name))
            if expires_s is not None and expires_s <= event.at_s:
                wrong.append(f"{name} was released after it had expired")
        for claim in event.data["claims"]:
            name, unit, seat, from_s, to_s, holder, _expires_s = claim
            taken = seats.setdefault((unit, seat), [])
            for other in _meeting(taken, from_s, to_s):
                _id, *_where, held_by, until_s = standing[other[2]]
                if held_by == holder:
                    continue
                if until_s is None or until_s > event.at_s:
                    wrong.append(f"{name} took from {other[2]}")
                del standing[other[2]]
                taken.remove(other)
            standing[name] = claim
            insort(taken, (from_s, to_s, name))
    return set(standing), wrong


def _meeting(taken: list[tuple[int, int, str]], from_s: int, to_s: int) -> list[Any]:
    """Return stretches that share a second; nothing is longer than an hour."""
    first = bisect_left(taken, (from_s - 3600, 0, ""))
    found = []
    for one in taken[first:]:
        if one[0] >= to_s:
            break
        if one[1] > from_s:
            found.append(one)
    return found
