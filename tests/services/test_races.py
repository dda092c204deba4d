"""Races of buyers: whoever comes second is refused or served otherwise; no second is sold twice.

Two contexts on one store are two processes. Where the exact moment matters, the rival is let in
by a patch right there; elsewhere real threads begin at once.
"""

from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from tests.services.stores import (
    Opener,
    at_once,
    beside,
    clean,
    held,
    let_in,
    never_twice,
    opener,
    pair,
    told,
)
from tests.services.world import ANNA, BERT, quoted, world

from manufold.model.errors import CannotMake, Conflict
from manufold.model.execution import OrderState
from manufold.model.fakes import ManualClock
from manufold.model.offer import Offer
from manufold.services import order, quote
from manufold.services.context import Context
from manufold.services.documents import offer_of, orders_of
from manufold.services.order import accept, show_orders
from manufold.settings import Settings

__all__ = ["opener", "pair"]


def test_the_second_of_two_buyers_gets_another_slot(
    pair: tuple[Context, Context], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rival holds the gap between promise and hold: refused by the store, promised anew."""
    one, two = pair
    rivals: list[Offer] = []
    wanted: list[Any] = []
    real = quote.candidates

    def candidates(*args: Any) -> Any:
        found = real(*args)
        wanted.append({s.start_s for c in found[0] for s in c.promised.slots})
        return found

    monkeypatch.setattr(quote, "candidates", candidates)
    let_in(monkeypatch, quote, "candidates", lambda: rivals.append(quoted(two, BERT).offer))
    mine = quoted(one).offer
    assert len(wanted) == 3
    assert wanted[0] == wanted[1]
    assert wanted[2] != wanted[0]
    assert held(one, mine)
    assert held(one, rivals[0])
    assert not held(one, mine) & held(one, rivals[0])
    never_twice(one.store)


def test_a_buyer_outrun_three_times_is_told(
    pair: tuple[Context, Context], monkeypatch: pytest.MonkeyPatch
) -> None:
    """When others are faster every time, the offer is refused, and its design is not kept."""
    one, two = pair
    real, busy, rounds = quote.candidates, [], count(1)

    def candidates(*args: Any) -> Any:
        found = real(*args)
        if not busy:
            busy.append(True)
            quoted(two, BERT, content=b"block 0.5" + b"0" * next(rounds))  # another design each
            busy.clear()
        return found

    monkeypatch.setattr(quote, "candidates", candidates)
    with pytest.raises(Conflict, match="offer.slots_contested"):
        quoted(one)
    never_twice(one.store)
    kept = {found[1].design_blob for found in _offers(one)}
    assert set(one.blobs._kept) == kept  # type: ignore[attr-defined]
    assert len(kept) == 3


def _offers(ctx: Context) -> list[tuple[str, Offer]]:
    found = [(key, offer_of(ctx, key)) for key, _document in ctx.store.scan("offer")]
    return [(key, offer) for key, offer in found if offer is not None]


def test_buyers_at_once_never_share_a_second(opener: Opener) -> None:
    """Eight buyers ask at the same moment, thrice: all are served or told, nothing is shared."""
    first = world(store=opener(), promise_tries_max=20)
    buyers = [beside(first, seed, opener()) for seed in range(10, 18)]
    offers = []
    for turn in range(3):
        calls = [
            lambda ctx=ctx, n=number: quoted(ctx, (ANNA, BERT)[n % 2], quantity=5 + n)
            for number, ctx in enumerate(buyers)
        ]
        answers = at_once(calls)
        assert set(told(answers)) <= {"offer.slots_contested"}
        offers += [a.offer for a in answers if not isinstance(a, Exception)]
        assert len(offers) > 4 * turn + 4
        never_twice(first.store)
    assert len(_offers(first)) == len(offers)
    for offer in offers:
        seats = {(s.resource_id, s.start_s, s.end_s) for o in offer.options for s in o.slots}
        assert held(first, offer) == seats


@pytest.mark.parametrize("keys", ["equal", "different", "options"])
def test_one_offer_accepted_at_once_is_one_order(opener: Opener, keys: str) -> None:
    """Four threads in two processes: with equal words all get it, otherwise one does."""
    one = world(store=opener(), hold_s=100_000)
    contexts = [one, beside(one, 2, opener()), beside(one, 3), beside(one, 4, opener())]
    for turn in range(5):
        offer = quoted(one).offer
        names = ["cheap"] * 4 if keys != "options" else ["cheap", "fast", "green", "fast"]
        words = [f"k{turn}"] * 4 if keys == "equal" else [f"k{turn}-{n}" for n in range(4)]
        calls = [
            lambda c=ctx, n=name, w=word, o=offer: accept(c, ANNA, o.offer_id, n, w)
            for ctx, name, word in zip(contexts, names, words, strict=True)
        ]
        answers = at_once(calls)
        made = {a.order_id for a in answers if isinstance(a, OrderState)}
        assert len(made) == 1
        assert len(show_orders(one, ANNA)) == turn + 1
        assert told(answers) == ([] if keys == "equal" else ["order.offer_accepted"] * 3)
        assert {b.state for b in one.store.bookings(now_s=one.clock.now_s())} == {"firm"}
    never_twice(one.store)
    clean(one)


def test_one_key_for_two_offers_at_once_is_one_order(pair: tuple[Context, Context]) -> None:
    """Two processes use one key for two offers: one order, the other is told why."""
    one, two = pair
    for turn in range(5):
        first = quoted(one).offer.offer_id
        second = quoted(two, content=b"block 0.4").offer.offer_id
        answers = at_once(
            [
                lambda o=first, k=f"k{turn}": accept(one, ANNA, o, "cheap", k),
                lambda o=second, k=f"k{turn}": accept(two, ANNA, o, "cheap", k),
            ]
        )
        assert told(answers) == ["order.key_reused"]
    assert len(show_orders(one, ANNA)) == 5
    never_twice(one.store)


@pytest.mark.parametrize("reads", [1, 2])
def test_an_equal_acceptance_between_two_reads_is_the_same_order(
    pair: tuple[Context, Context], reads: int
) -> None:
    """The other process accepts after our n-th look at the keys: still the one order, no fault."""
    one, two = pair
    offer_id = quoted(one).offer.offer_id
    real = one.store

    class Slow:
        """A store in which the other process acts between two reads."""

        looks = 0

        def __getattr__(self, name: str) -> Any:
            return getattr(real, name)

        def claimed(self, key: str) -> Any:
            found = real.claimed(key)
            self.looks += 1
            if self.looks == reads:
                accept(two, ANNA, offer_id, "cheap", "k")
            return found

    mine = accept(replace(one, store=Slow()), ANNA, offer_id, "cheap", "k")
    assert [o.order_id for o in show_orders(two, ANNA)] == [mine.order_id]


def test_acceptance_and_expiry_in_both_orders(
    pair: tuple[Context, Context], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The slots of an expired offer are claimed by another: before, it stood; after, it is lost."""
    one, two = (replace(ctx, settings=Settings(hold_s=1800)) for ctx in pair)
    offers = [quoted(one, content=text).offer for text in (b"block 0.5", b"block 0.50")]
    late = replace(two, clock=ManualClock(offers[1].reservation.expires_s))
    stood = accept(one, ANNA, offers[0].offer_id, "cheap")
    rivals: list[Offer] = []
    # ours read the clock a second before the expiry; the other's clock is past it already
    one.clock.advance_to(offers[1].reservation.expires_s - 1)  # type: ignore[attr-defined]
    let_in(monkeypatch, order, "_job_orders", lambda: rivals.append(quoted(late, BERT).offer))
    with pytest.raises(Conflict, match="order.slot_lost"):
        accept(one, ANNA, offers[1].offer_id, "cheap")
    made = accept(late, BERT, rivals[0].offer_id, "cheap")
    seats = {(j.resource_id, j.seat, j.start_s) for j in stood.jobs.values()}
    assert not seats & {(j.resource_id, j.seat, j.start_s) for j in made.jobs.values()}
    with pytest.raises(Conflict, match="order.offer_expired"):
        accept(late, ANNA, offers[1].offer_id, "cheap")
    never_twice(one.store)


def test_an_expired_offer_nobody_wanted_is_refused_too(pair: tuple[Context, Context]) -> None:
    """Expiry needs no rival and no clean-up: at its second the offer is over, for every process."""
    one, two = pair
    offer = quoted(one).offer
    one.clock.advance_to(offer.reservation.expires_s)  # type: ignore[attr-defined]
    for ctx in (one, two):
        with pytest.raises(Conflict, match="order.offer_expired"):
            accept(ctx, ANNA, offer.offer_id, "fast")
    assert not show_orders(one, ANNA)
    assert not one.store.bookings(now_s=one.clock.now_s())


def test_a_refused_offer_keeps_no_file(pair: tuple[Context, Context]) -> None:
    """What nobody can make leaves nothing behind: no event, no booking, and no buyer's file."""
    one, _two = pair
    with pytest.raises(CannotMake):
        quoted(one, quantity=1, parameters={"x_mm": 10_000})
    assert not one.blobs._kept  # type: ignore[attr-defined]
    assert one.store.head().seq == 0
    assert not one.store.bookings(now_s=0)


class Hasty(Context):
    """A context whose load another thread forgets at the worst moment."""

    def __setattr__(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)
        if name == "fresh_until_s":
            object.__setattr__(self, "loaded", None)


def test_a_load_forgotten_by_another_thread_is_still_used(pair: tuple[Context, Context]) -> None:
    """Threads share a context; one forgets the load while another is about to promise on it."""
    one, _two = pair
    fields = {name: getattr(one, name) for name in Context.__dataclass_fields__}
    assert quoted(Hasty(**fields)).offer.options


def test_threads_of_one_process_share_its_context(opener: Opener) -> None:
    """Six threads on one context offer and accept at once, thrice: all served, nothing shared."""
    ctx = world(store=opener(), promise_tries_max=20)

    def buy(number: int) -> OrderState:
        actor = (ANNA, BERT)[number % 2]
        content = b"block 0.5" + b"0" * number
        made = quoted(ctx, actor, quantity=3 + number, content=content).offer
        return accept(ctx, actor, made.offer_id, "cheap")

    for turn in range(3):
        answers = at_once([lambda n=number: buy(n) for number in range(6)])
        assert told(answers) == []
        assert len(orders_of(ctx)) == 6 * (turn + 1)
    never_twice(ctx.store)
    clean(ctx)
