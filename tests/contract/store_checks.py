"""What every store keeps of a batch's own check: asked in the transaction, it holds in every race.

Part of `store_suite.StoreSuite`; a file of its own for its length.
"""

from collections.abc import Callable, Mapping
from threading import Barrier, Thread
from typing import Any

import pytest

from contract.store_batches import booking, counted, event
from manufold.model.errors import Conflict, ManufoldError, OurFault
from manufold.model.ports import Batch, Store

__all__ = ["StoreChecks"]

Make = Callable[..., Store]
Get = Callable[[str, str], Mapping[str, Any] | None]


def _fewer_than(most: int, stream: str) -> Callable[[Get], None]:
    """Return a check that refuses once a stream has that many events."""

    def check(get: Get) -> None:
        n = (get("count", stream) or {"n": 0})["n"]
        if n >= most:
            raise Conflict("hold.offers_most", open=n, most=most, next="-", frees_at="-")

    return check


class StoreChecks:
    """Subclass with a fixture `make(world="sim", project=None) -> Store`."""

    def test_a_check_refuses_the_whole_batch(self, make: Make) -> None:
        """It sees the documents before its own batch; refused, nothing of the batch is left."""
        store = make(project=counted)
        check = _fewer_than(1, "order:1")
        store.append(Batch((event(),), check=check))
        batch = Batch(
            (event(),), claims=(booking("a", 0, 10, "A"),), unique={"k": {"x": 1}}, check=check
        )
        with pytest.raises(Conflict) as refusal:
            store.append(batch)
        assert refusal.value.code == "hold.offers_most" and refusal.value.params["open"] == 1
        assert store.head().seq == 1 and store.claimed("k") is None
        assert list(store.bookings(now_s=0)) == []
        assert store.get("count", "order:1") == {"n": 1, "last": {}}

    def test_a_check_sees_what_stood_before_it_in_its_group(self, make: Make) -> None:
        """Of five that may be three, the first three of one durable group pass."""
        store = make(project=counted)
        check = _fewer_than(3, "order:1")
        answers = store.append_many([Batch((event(i=i),), check=check) for i in range(5)])
        told = [a.code if isinstance(a, ManufoldError) else "done" for a in answers]
        assert told == ["done"] * 3 + ["hold.offers_most"] * 2
        assert store.get("count", "order:1") == {"n": 3, "last": {"i": 2}}

    def test_a_check_comes_after_keys_and_before_bookings(self, make: Make) -> None:
        """Of several reasons to refuse, the one told is always the same."""
        store = make(project=counted)
        first = booking("a", 0, 10, "A")
        store.append(Batch((event(),), claims=(first,), unique={"k": {}}))
        full, taken = _fewer_than(1, "order:1"), (booking("b", 5, 6, "B"),)
        for more, code in (
            ({"unique": {"k": {}}, "check": full}, "store.key_taken"),
            ({"expected": {"order:1": 0}, "check": full}, "store.stream_moved"),
            ({"check": full}, "hold.offers_most"),
            ({"check": _fewer_than(2, "order:1")}, "store.slot_taken"),
        ):
            with pytest.raises(ManufoldError) as refusal:
                store.append(Batch((event(),), claims=taken, **more))
            assert refusal.value.code == code

    def test_a_check_that_fails_is_our_fault(self, make: Make) -> None:
        """It is named, and those beside it in the group are none the worse."""
        store = make(project=counted)

        def broken(get: Get) -> None:
            get("count", "order:1")["n"]  # type: ignore[index]

        answers = store.append_many([Batch((event(),), check=broken), Batch((event("lot:1"),))])
        assert isinstance(answers[0], OurFault) and answers[0].code == "store.check_failed"
        assert not isinstance(answers[1], Exception) and store.head().seq == 1

    def test_no_race_passes_a_check(self, make: Make) -> None:
        """Sixteen threads that may append ten together append ten, whoever comes first."""
        store = make(project=counted)
        gate, told = Barrier(16), []

        def work() -> None:
            gate.wait(30)
            for _ in range(3):
                try:
                    store.append(Batch((event(),), check=_fewer_than(10, "order:1")))
                    told.append("done")
                except Conflict as refusal:
                    told.append(refusal.code)

        threads = [Thread(target=work) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert told.count("done") == 10 and told.count("hold.offers_most") == 38
        assert store.get("count", "order:1")["n"] == 10  # type: ignore[index]
