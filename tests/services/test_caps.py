"""How much one party may hold at a time: a limit that no race passes, told with its remedy."""

from threading import Barrier

import pytest
from tests.services.stores import Opener, at_once, beside, never_twice, opener, told, views_stand
from tests.services.world import ANNA, BERT, HUB, ask, quoted, world

from manufold.model.errors import Conflict
from manufold.model.units import to_rfc3339
from manufold.services import quote
from manufold.services.context import Context
from manufold.services.holding import extend_offer, release_offer
from manufold.services.holds import capped
from manufold.services.order import accept
from manufold.services.quote import Quoted, offer
from manufold.words import word

__all__ = ["opener"]


def _block(number: int) -> bytes:
    """Return another design per number."""
    return b"block 0.01" + b"0" * number


def test_an_offer_above_the_cap_is_refused_with_its_remedy(opener: Opener) -> None:
    """The refusal names the cap, what is open, what ends first and when; nothing is left of it."""
    ctx = world(store=opener(), holds_per_party=3)
    made = [quoted(ctx, content=_block(n)).offer for n in range(3)]
    extend_offer(ctx, ANNA, made[0].offer_id)
    before, blobs = ctx.store.head(), set(ctx.blobs._kept)  # type: ignore[attr-defined]
    with pytest.raises(Conflict) as refusal:
        quoted(ctx, content=_block(9))
    assert dict(refusal.value.params) == {
        "open": 3,
        "most": 3,
        "next": made[1].offer_id,
        "frees_at": to_rfc3339(made[1].reservation.expires_s),
    }
    for language in ("en", "zh"):
        text = word(refusal.value.reason, language)
        assert "holds_per_party" in text and made[1].offer_id in text and "3" in text
    assert ctx.store.head() == before
    assert set(ctx.blobs._kept) == blobs  # type: ignore[attr-defined]
    assert quoted(ctx, BERT, content=_block(9)).offer.options
    views_stand(ctx.store)


@pytest.mark.parametrize("end", ["accept", "release", "expire"])
def test_whatever_ends_an_offer_makes_room(opener: Opener, end: str) -> None:
    """After an acceptance, a release or an expiry one more is offered, and only one."""
    ctx = world(store=opener(), holds_per_party=2)
    first = quoted(ctx, content=_block(0)).offer
    ctx.clock.advance_to(first.made_at_s + 60)  # type: ignore[attr-defined]
    quoted(ctx, content=_block(1))
    if end == "accept":
        accept(ctx, ANNA, first.offer_id, "cheap")
    elif end == "release":
        release_offer(ctx, ANNA, first.offer_id)
    else:
        ctx.clock.advance_to(first.reservation.expires_s)  # type: ignore[attr-defined]
    quoted(ctx, content=_block(2))
    with pytest.raises(Conflict, match=r"hold\.offers_most"):
        quoted(ctx, content=_block(3))


def test_machine_hours_are_limited_too() -> None:
    """A single offer is held however large; what comes on top of too many hours is refused."""
    ctx = world(held_hours_per_party=10)
    large = quoted(ctx, quantity=400, content=_block(0)).offer
    stretches = {
        (s.resource_id, s.seat, s.start_s, s.end_s) for o in large.options for s in o.slots
    }
    hours = sum(to_s - from_s for _r, _s, from_s, to_s in stretches) // 3600
    assert hours >= 10
    with pytest.raises(Conflict) as refusal:
        quoted(ctx, content=_block(1))
    assert refusal.value.code == "hold.hours_most"
    assert (refusal.value.params["hours"], refusal.value.params["most"]) == (hours, 10)
    assert "held_hours_per_party" in word(refusal.value.reason, "en")
    release_offer(ctx, ANNA, large.offer_id)
    quoted(ctx, content=_block(1))


def test_the_operator_has_a_cap_of_its_own() -> None:
    """Each party counts for itself, whoever else is at its limit."""
    ctx = world(holds_per_party=1)
    quoted(ctx, content=_block(0))
    assert offer(ctx, HUB, ask(content=_block(1))).offer.party_id == "hub"
    with pytest.raises(Conflict, match=r"hold\.offers_most"):
        offer(ctx, HUB, ask(content=_block(2)))


def test_threads_of_one_party_never_pass_the_cap_together(
    opener: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All have looked before any has held: five of eight are held, the store refuses the rest."""
    first = world(store=opener(), holds_per_party=5, promise_tries_max=20)
    contexts = [beside(first, seed, opener()) for seed in range(10, 18)]
    gate, real = Barrier(len(contexts)), quote.put_design

    def together(*args: object) -> str:
        blob_id = real(*args)  # type: ignore[arg-type]
        gate.wait(60)  # by now every one of them was let pass by the early look
        return blob_id

    monkeypatch.setattr(quote, "put_design", together)

    def asked(ctx: Context, number: int) -> Quoted:
        return quoted(ctx, content=_block(number), quantity=3)

    answers = at_once([lambda c=ctx, n=number: asked(c, n) for number, ctx in enumerate(contexts)])
    codes = told(answers)
    assert codes == ["hold.offers_most"] * 3, codes
    made = [a.offer for a in answers if isinstance(a, Quoted)]
    assert len(made) == 5
    groups = {option.option_id for offer in made for option in offer.options}
    assert {b.group for b in first.store.bookings(now_s=0)} == groups
    with pytest.raises(Conflict, match=r"hold\.offers_most"):
        capped(first, "anna", first.clock.now_s())(first.store.get)
    never_twice(first.store)
    views_stand(first.store)
