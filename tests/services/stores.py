"""Stores and worlds for the hard tests: any store, two processes on one, orders that go wrong."""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from threading import Barrier, Thread
from typing import Any, TypeVar

import pytest
from tests.services.world import ANNA, Toy, quoted, two_plants, world

from manufold.judge.violations import violations
from manufold.model.design import Design
from manufold.model.errors import Conflict
from manufold.model.execution import OrderState
from manufold.model.fakes import MemoryStore, SeededIds
from manufold.model.network import Network
from manufold.model.offer import Offer
from manufold.model.party import Actor
from manufold.model.ports import Store
from manufold.model.process_plan import Characteristic, Operation, ProcessPlan
from manufold.model.units import DAY_S
from manufold.scheduling.bookings import booking_ids, is_claim
from manufold.services.context import Context
from manufold.services.documents import orders_of, units_of
from manufold.services.floor import floor_of
from manufold.services.project import project
from manufold.store import SqlStore, open_store, verify
from store.test_model import doubly_booked

__all__ = [
    "Opener",
    "Rough",
    "all_delivered",
    "at_once",
    "beside",
    "clean",
    "held",
    "let_in",
    "light",
    "never_busy_twice",
    "never_twice",
    "opener",
    "pair",
    "rough_plan",
    "rough_world",
    "sound",
    "told",
    "views_of",
    "views_stand",
    "weak_plants",
]

#: opens the one store of a test once more, as another process would
Opener = Callable[[], Store]
Answer = TypeVar("Answer")


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def opener(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opener]:
    """A way to open one and the same store again and again, on each kind of store."""
    opened: list[Store] = []
    if request.param == "memory":
        only = MemoryStore("sim", project)
        yield lambda: only
        return
    sqlite = request.param == "sqlite"
    where = str(tmp_path / "s.db") if sqlite else request.getfixturevalue("pg_url")

    def again() -> Store:
        opened.append(open_store(where, "sim", project, busy_s=30))
        return opened[-1]

    yield again
    for store in opened:
        store.close()


@pytest.fixture
def pair(opener: Opener) -> tuple[Context, Context]:
    """Two processes of one world, on each kind of store."""
    one = world(store=opener(), hold_s=100_000)
    return one, beside(one, 2, opener())


def let_in(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, rival: Any) -> None:
    """Have `rival` act once, right after `module.name` has answered for the first time."""
    real, waiting = getattr(module, name), [rival]

    def answer(*args: Any, **more: Any) -> Any:
        found = real(*args, **more)
        if waiting:
            waiting.pop()()
        return found

    monkeypatch.setattr(module, name, answer)


def light(ctx: Context, quantity: int, actor: Actor = ANNA) -> Offer:
    """Return an offer for many light blocks, of which there is enough in stock."""
    return quoted(ctx, actor, quantity=quantity, content=b"block 0.01").offer


def held(ctx: Context, offer: Offer) -> set[tuple[str, int, int]]:
    """Return the stretches of seats that an offer holds, with all that its slots claim."""
    found = ctx.store.bookings(now_s=ctx.clock.now_s())
    own = [b for b in found if b.detail.get("offer") == offer.offer_id]
    claimed = {(b.resource_id, b.from_s, b.to_s) for b in own if is_claim(b)}
    assert not own or claimed == {
        (claim.resource_id, claim.start_s, claim.end_s)
        for option in offer.options
        for slot in option.slots
        for claim in slot.also
    }
    return {(b.resource_id, b.from_s, b.to_s) for b in own if not is_claim(b)}


def told(answers: list[Any]) -> list[str]:
    """Return the codes of the refusals among some answers."""
    assert all(isinstance(a, Conflict) for a in answers if isinstance(a, Exception)), answers
    return sorted(a.code for a in answers if isinstance(a, Conflict))


def beside(ctx: Context, seed: int, store: Store | None = None) -> Context:
    """Return a second process of a world: the same clock and blobs, a memory and ids of its own."""
    return replace(
        ctx,
        store=ctx.store if store is None else store,
        ids=SeededIds(seed, ctx.clock),
        loaded=None,
        fresh_until_s=0,
        kept={},
    )


def at_once(calls: Sequence[Callable[[], Answer]]) -> list[Answer | Exception]:
    """Return what each call answered or raised, all of them begun at the same time."""
    gate = Barrier(len(calls))
    answers: list[Any] = [None] * len(calls)

    def take(number: int) -> None:
        gate.wait(30)
        try:
            answers[number] = calls[number]()
        except Exception as fault:  # noqa: BLE001 - the test looks at it
            answers[number] = fault

    threads = [Thread(target=take, args=(number,)) for number in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    return answers


def never_twice(store: Store) -> None:
    """Fail when any second of a seat has two holders, or the chain does not verify."""
    if isinstance(store, SqlStore):
        assert doubly_booked(store) == []
    standing = store.bookings(now_s=-(2**62))
    for one, other in itertools.combinations(standing, 2):
        same = (one.resource_id, one.seat) == (other.resource_id, other.seat)
        meets = one.from_s < other.to_s and other.from_s < one.to_s
        assert not (same and meets and one.holder != other.holder), (one, other)
    assert verify(store, (), {}).sound


def clean(ctx: Context, now_s: int | None = None) -> None:
    """Fail when the judge finds anything wrong with the firm slots, or they are not those booked.

    A unit that is down for now is judged as if it were up: work that waits for it is not wrong.
    """
    at_s = ctx.clock.now_s() if now_s is None else now_s
    floor = floor_of(ctx, orders_of(ctx), units_of(ctx), at_s)
    assert not violations(floor.slots, ctx.network, floor.jobs, now_s=at_s)
    booked = {
        booking.booking_id: (booking.resource_id, booking.seat, booking.from_s, booking.to_s)
        for booking in ctx.store.bookings(now_s=at_s)
        if booking.state != "held"
    }
    open_jobs = [
        job
        for order in orders_of(ctx)
        for job in order.jobs.values()
        if job.state not in ("finished", "cancelled")
    ]
    planned = {
        job.job_order_id: (job.resource_id, job.seat, job.start_s, job.end_s) for job in open_jobs
    }
    for job in open_jobs:
        for name, claim in zip(booking_ids(job.job_order_id, job.also)[1:], job.also, strict=True):
            planned[name] = (claim.resource_id, claim.seat, claim.start_s, claim.end_s)
    assert booked == planned


def views_of(store: Store) -> dict[tuple[str, str], Any]:
    """Return every document of a store."""
    found: dict[tuple[str, str], Any] = {}
    kinds = ("offer", "plan", "order", "unit", "stock", "planned", "score", "passport", "network")
    for kind in kinds:
        after = ""
        while page := store.scan(kind, after):
            found |= {(kind, key): document for key, document in page}
            after = page[-1][0]
    return found


def views_stand(store: Store) -> None:
    """Fail when the views are not what the log says once folded again."""
    before = views_of(store)
    store.rebuild()
    assert views_of(store) == before


def rough_plan(plan: ProcessPlan, yield_fraction: str, sampled: str = "1") -> ProcessPlan:
    """Return the plan with a second operation, a bore to measure, and pieces that go wrong."""
    share = Decimal(yield_fraction)
    bore = Characteristic("bore", "Bore", "mm", Decimal(20), Decimal("19.95"), Decimal("20.05"))
    bore = replace(bore, sample_fraction=Decimal(sampled))
    first: Operation = replace(plan.operations[0], yield_fraction=share, characteristics=(bore,))
    second = replace(plan.operations[0], operation_id="op20", name="mill again", after=("op10",))
    return replace(plan, operations=(first, second))


class Rough(Toy):
    """The vertical for blocks, on machines that scrap: two operations and a measured bore."""

    name = "toy"

    def __init__(self, yield_fraction: str = "0.9") -> None:
        super().__init__()
        self._yield = yield_fraction

    def plans(self, design: Design, quantity: int) -> tuple[ProcessPlan, ...]:
        """Mill it twice."""
        return tuple(rough_plan(plan, self._yield) for plan in super().plans(design, quantity))


def weak_plants(*, mtbf_h: int = 30, mttr_h: int = 3) -> Network:
    """Return the two plants with machines that break down."""
    network = two_plants()
    units = tuple(replace(unit, mtbf_h=mtbf_h, mttr_h=mttr_h) for unit in network.work_units)
    return replace(network, work_units=units)


def rough_world(
    store: Store | None = None, network: Network | None = None, **settings: int
) -> Context:
    """Return a world whose machines scrap and break down."""
    ctx = world(weak_plants() if network is None else network, store, **settings)
    verticals: Mapping[str, Any] = {"toy": Rough()}
    return replace(ctx, verticals=verticals)


def sound(order: OrderState) -> None:
    """Fail when pieces appear from nowhere or times run backwards."""
    for job in order.jobs.values():
        if job.state == "finished":
            assert job.good + job.scrap == job.quantity_in
            assert job.actual_start_s is not None
            assert job.actual_end_s is not None
            assert job.actual_start_s < job.actual_end_s
        for name in job.after:
            before = order.jobs[name]
            if job.actual_start_s is not None:
                assert before.actual_end_s is not None
                assert before.actual_end_s <= job.actual_start_s
                assert job.quantity_in <= before.good
    assert order.delivered <= order.shipped


def all_delivered(ctx: Context) -> None:
    """Fail unless every order is delivered whole and every rule was kept on the way."""
    for order in orders_of(ctx):
        assert order.state == "delivered"
        assert order.quantity <= order.delivered == order.shipped
        ends = [job for job in order.jobs.values() if job.operation_id == "op20"]
        assert order.delivered <= sum(job.good for job in ends)
        sound(order)
    assert not ctx.store.bookings(now_s=0)
    never_busy_twice(ctx)
    views_stand(ctx.store)


def never_busy_twice(ctx: Context, *, whole: bool = True) -> None:
    """Fail when a seat worked on two job orders at once, in a break, or on a unit that was down."""
    seats: dict[tuple[str, int], list[tuple[int, int]]] = {}
    for order in orders_of(ctx):
        for job in order.jobs.values():
            spells = seats.setdefault((job.resource_id, job.seat), [])
            spells += [*job.setup_spells, *job.run_spells]
    downs: dict[str, list[tuple[int, int]]] = {}
    since: dict[str, int] = {}
    for event in ctx.store.read():
        if event.kind == "BrokeDown":
            assert event.stream not in since
            since[event.stream] = event.at_s
        elif event.kind == "Repaired":
            resource = event.stream.removeprefix("unit:")
            downs.setdefault(resource, []).append((since.pop(event.stream), event.at_s))
    assert not (whole and since)
    for (resource, _seat), spells in seats.items():
        taken = sorted(spells)
        for one, after in itertools.pairwise(taken):
            assert one[1] <= after[0], (resource, one, after)
        working = ctx.network.calendar[ctx.network.work_unit[resource].calendar_id]
        for from_s, to_s in taken:
            shifts = working.intervals(from_s - DAY_S, to_s + DAY_S)
            assert any(a <= from_s < b for a, b in shifts), (resource, from_s)
            assert any(a < to_s <= b for a, b in shifts), (resource, to_s)
        for from_s, to_s in downs.get(resource, []):
            assert not any(a < to_s and from_s < b for a, b in taken), (resource, from_s)
