"""What every `ports.Store` keeps, whatever it is made of: memory, SQLite or PostgreSQL.

A test module subclasses `StoreSuite` and gives it a fixture `make` that opens empty stores.
"""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from contract.claims_suite import ClaimsSuite
from contract.store_batches import booking, counted, event
from manufold.model.codec import canonical, from_json
from manufold.model.errors import Conflict, InputFault, ManufoldError, OurFault, StoreFault
from manufold.model.fakes import MemoryStore
from manufold.model.ledger import NOTHING_HASH
from manufold.model.ports import Batch, Store
from manufold.store import verify

__all__ = ["StoreSuite"]

Make = Callable[..., Store]


def refused(store: Store, batch: Batch, code: str) -> ManufoldError:
    """Return the refusal of a batch, after checking that it left no trace."""
    before = _all_of(store)
    with pytest.raises(ManufoldError) as caught:
        store.append(batch)
    assert caught.value.code == code
    assert _all_of(store) == before
    return caught.value


def _all_of(store: Store) -> tuple[Any, ...]:
    everything = store.bookings(now_s=-(2**62))
    views = [store.scan("count"), store.scan("total")]
    return store.head(), list(store.export()), everything, views, store.claimed("k")


class StoreSuite(ClaimsSuite):
    """Subclass with a fixture `make(world="sim", project=None) -> Store`."""

    def test_an_empty_store_starts_at_the_hash_of_nothing(self, make: Make) -> None:
        """An empty store has head 0, no events, no bookings, no documents, no claimed keys."""
        store = make()
        assert (store.head().seq, store.head().hash) == (0, NOTHING_HASH)
        assert list(store.read()) == [] == list(store.export())
        assert list(store.bookings(now_s=0)) == [] == list(store.scan("count"))
        assert store.get("count", "x") is None and store.claimed("k") is None

    def test_events_come_back_as_they_were_appended(self, make: Make) -> None:
        """Order, versions per stream, exact decimals and letters of every script survive."""
        store = make()
        data = {
            "text": '螺栓 M8 · ñ · \u0001 " \\ / 😀 \u2028',
            "price": Decimal("12.50"),
            "exact": Decimal("0.1"),
            "tiny": Decimal("1E-9"),
            "whole": 3.0,
            "none": None,
            "list": [1, True, {"深": []}],
            "large": 2**70,
        }
        answers = store.append(Batch((event(**data), event("lot:1"), event(n=2))))
        assert list(store.read()) == list(answers)
        assert [(e.seq, e.stream, e.stream_version) for e in answers] == [
            (1, "order:1", 1),
            (2, "lot:1", 1),
            (3, "order:1", 2),
        ]
        got = answers[0].data
        assert got == {**data, "price": Decimal("12.5"), "whole": 3}
        assert isinstance(got["exact"], Decimal) and isinstance(got["whole"], int)
        assert (answers[0].at_s, answers[0].by, answers[0].version) == (1000, "acme/buyer", 1)

    def test_each_hash_covers_the_event_and_the_one_before(self, make: Make) -> None:
        """The chain links every event, verifies, and changes with any content."""
        store, other = make(), make()
        store.append(Batch((event(n=1), event(n=2))))
        other.append(Batch((event(n=1), event(n=3))))
        first, second = store.read()
        assert first.previous_hash == NOTHING_HASH and second.previous_hash == first.hash
        assert store.head().hash == second.hash != list(other.read())[1].hash
        report = verify(store, (), {})
        assert report.sound and report.events == 2 and report.head == store.head()

    def test_a_refused_batch_leaves_nothing(self, make: Make) -> None:
        """When the last of many claims is refused, events, keys, views, releases are undone."""
        store = make(project=counted)
        store.append(
            Batch((event(),), claims=(booking("a", 0, 10, "A"), booking("b", 20, 30, "B")))
        )
        batch = Batch(
            (event("order:2"), event()),
            releases=("a",),
            claims=(booking("c", 0, 10, "C"), booking("d", 25, 26, "C")),
            unique={"k": {"x": 1}},
        )
        refusal = refused(store, batch, "store.slot_taken")
        assert refusal.params == {"resource": "mill", "seat": 0, "from_s": 25, "to_s": 26}
        store.append(replace(batch, releases=("a", "b")))
        assert [b.booking_id for b in store.bookings(now_s=0)] == ["c", "d"]

    def test_a_stream_that_moved_is_a_conflict(self, make: Make) -> None:
        """`expected` refuses old, future and wrongly absent versions, even without events."""
        store = make()
        store.append(Batch((event(), event()), expected={"order:1": 0}))
        for seen in (0, 1, 3):
            refusal = refused(store, Batch((event(),), {"order:1": seen}), "store.stream_moved")
            assert refusal.params == {"stream": "order:1", "expected": seen, "found": 2}
        refused(store, Batch(expected={"order:9": 1}), "store.stream_moved")
        store.append(Batch((event(),), {"order:1": 2, "order:9": 0}))
        assert store.head().seq == 3

    def test_a_key_is_claimed_once(self, make: Make) -> None:
        """A key keeps its first answer for good; a second claim is refused."""
        store = make()
        store.append(Batch((event(),), unique={"k": {"order": "ord_1", "價": Decimal("1.5")}}))
        refused(store, Batch((event(),), unique={"k": {"order": "ord_2"}}), "store.key_taken")
        assert store.claimed("k") == {"order": "ord_1", "價": Decimal("1.5")}

    def test_overlap_of_two_holders_is_refused(self, make: Make) -> None:
        """Any shared second of a seat is refused, whichever way the two overlap."""
        store = make()
        store.append(Batch(claims=(booking("a", 100, 200, "A"),)))
        for from_s, to_s in ((100, 200), (50, 101), (199, 300), (120, 130), (50, 300)):
            claim = booking("b", from_s, to_s, "B")
            refused(store, Batch(claims=(claim,)), "store.slot_taken")

    def test_touching_other_seats_and_own_overlap_are_allowed(self, make: Make) -> None:
        """Intervals are half-open; seats and resources are apart; a holder may overlap itself."""
        store = make()
        store.append(Batch(claims=(booking("a", 100, 200, "A"),)))
        fine = (
            booking("b", 200, 300, "B"),
            booking("c", 0, 100, "C"),
            booking("d", 100, 200, "D", seat=1),
            booking("e", 100, 200, "E", resource_id="lathe"),
            booking("f", 150, 190, "A"),
        )
        store.append(Batch(claims=fine))
        assert [b.booking_id for b in store.bookings(now_s=0)] == ["e", "c", "a", "f", "b", "d"]

    def test_claims_of_one_batch_must_not_overlap_each_other(self, make: Make) -> None:
        """Two holders inside one batch are two holders."""
        claims = (booking("a", 0, 10, "A"), booking("b", 9, 11, "B"))
        refused(make(), Batch(claims=claims), "store.slot_taken")

    def test_an_expired_hold_does_not_count(self, make: Make) -> None:
        """A hold keeps others away until the second it expires; then the claimer removes it."""
        store = make()
        store.append(Batch(claims=(booking("a", 0, 10, "A", expires_s=500),)))
        claim = booking("b", 5, 15, "B")
        refused(store, Batch(claims=(claim,), now_s=499), "store.slot_taken")
        assert len(store.bookings(now_s=499)) == 1 and len(store.bookings(now_s=500)) == 0
        store.append(Batch(claims=(claim,), now_s=500))
        assert [b.booking_id for b in store.bookings(now_s=0)] == ["b"]

    def test_only_holds_expire(self, make: Make) -> None:
        """A firm or started booking stays, even if it says that it expires."""
        store = make()
        firm = replace(booking("a", 0, 10, "A", expires_s=500), state="firm")
        started = replace(booking("b", 20, 30, "B", expires_s=500), state="started")
        store.append(Batch(claims=(firm, started)))
        for from_s in (0, 20):
            late = Batch(claims=(booking("c", from_s, from_s + 1, "C"),), now_s=10**6)
            refused(store, late, "store.slot_taken")

    def test_releasing_what_is_gone_is_refused(self, make: Make) -> None:
        """A release of an unknown, released, twice named or expired booking is a lost race."""
        store = make()
        hold = booking("a", 0, 10, "A", expires_s=500)
        store.append(Batch(claims=(hold, booking("b", 20, 30, "A"))))
        refused(store, Batch((event(),), releases=("nobody",)), "store.booking_gone")
        refused(store, Batch(releases=("b", "b")), "store.booking_gone")
        refused(store, Batch(releases=("a",), now_s=500), "store.booking_gone")
        store.append(Batch(releases=("a", "b"), now_s=499))
        refused(store, Batch(releases=("b",)), "store.booking_gone")

    def test_release_groups_delete_what_is_left(self, make: Make) -> None:
        """A group's bookings go, expired ones too; an empty group is no refusal."""
        store = make()
        mine = (booking("a", 0, 10, "A", expires_s=5), booking("b", 20, 30, "A"))
        store.append(Batch(claims=(*mine, booking("c", 40, 50, "C"))))
        store.append(Batch(release_groups=("group of A", "group of nobody"), now_s=9))
        assert [b.booking_id for b in store.bookings(now_s=0)] == ["c"]

    def test_a_booking_id_is_used_once_at_a_time(self, make: Make) -> None:
        """A second booking of that id is refused while the first counts; a swap may keep ids."""
        store = make()
        store.append(Batch(claims=(booking("a", 0, 10, "A", expires_s=100),)))
        elsewhere = booking("a", 50, 60, "A")
        refused(store, Batch(claims=(elsewhere,), now_s=99), "store.booking_exists")
        store.append(Batch(releases=("a",), claims=(elsewhere,), now_s=99))
        assert list(store.bookings(now_s=0)) == [elsewhere]

    def test_a_swap_is_one_step(self, make: Make) -> None:
        """Many bookings change places in one batch, or none does when one place is taken."""
        store = make()
        before = [booking(f"j{i}", 10 * i, 10 * i + 10, f"J{i}") for i in range(20)]
        store.append(Batch(claims=(*before, booking("x", 500, 510, "X"))))
        swap = [replace(b, from_s=190 - b.from_s, to_s=200 - b.from_s) for b in before]
        names = tuple(b.booking_id for b in before)
        blocked = replace(swap[7], from_s=505, to_s=515)
        moved = (*swap[:7], blocked, *swap[8:])
        refused(store, Batch(releases=names, claims=moved), "store.slot_taken")
        store.append(Batch((event(),), releases=names, claims=tuple(swap)))
        found = {b.booking_id: b for b in store.bookings(now_s=0, to_after_s=0)}
        assert all(found[b.booking_id] == b for b in swap) and len(found) == 21

    def test_bookings_are_found_by_resource_group_and_end(self, make: Make) -> None:
        """Filters combine; the order is resource, seat, start, by code point."""
        store = make()
        detail = {"operation": "铣", "set_up": Decimal("0.5"), "n": 3}
        rows = (
            booking("a", 0, 10, "A", resource_id="Zange"),
            booking("b", 5, 15, "B", resource_id="anvil", seat=1, detail=detail),
            booking("c", 30, 40, "A", resource_id="anvil", group="other"),
            booking("d", 0, 10, "D", resource_id="émeri"),
        )
        store.append(Batch(claims=rows))
        assert [b.booking_id for b in store.bookings(now_s=0)] == ["a", "c", "b", "d"]
        some = store.bookings(now_s=0, resources=["anvil", "nothing"])
        assert some == [rows[2], rows[1]] and some[1].detail == detail
        assert store.bookings(now_s=0, group="other") == [rows[2]]
        assert store.bookings(now_s=0, to_after_s=10, resources={"anvil"}) == [rows[2], rows[1]]
        assert store.bookings(now_s=0, to_after_s=15) == [rows[2]]
        assert store.bookings(now_s=0, resources=[]) == []

    def test_views_follow_in_the_same_transaction(self, make: Make) -> None:
        """A projector sees what it wrote for the event before, also within one batch."""
        store = make(project=counted)
        store.append(Batch((event(a=1), event("lot:1"), event(a=2))))
        assert store.get("count", "order:1") == {"n": 2, "last": {"a": 2}}
        assert store.get("total", "all") == {"n": 3}
        store.append(Batch((event("lot:1", "Forget"), event(a=3))))
        assert store.get("count", "lot:1") is None
        assert store.scan("count") == [("order:1", {"n": 3, "last": {"a": 3}})]

    def test_a_failing_projector_refuses_the_batch(self, make: Make) -> None:
        """A projector's fault is our fault, names the event and leaves nothing."""
        store = make(project=counted)
        store.append(Batch((event(),)))
        refusal = refused(store, Batch((event(), event(kind="Break"))), "store.projector_failed")
        assert isinstance(refusal, OurFault) and refusal.params["kind"] == "Break"
        answers = store.append_many([Batch((event(kind="Break"),)), Batch((event(),))])
        assert isinstance(answers[0], OurFault)
        assert store.get("total", "all") == {"n": 2}

    def test_a_rebuild_gives_the_same_views(self, make: Make) -> None:
        """Views folded again from the log equal those folded along the way."""
        store = make(project=counted)
        for i in range(1, 40):
            kind = "Forget" if i % 7 == 0 else "Made"
            store.append(Batch((event(f"s:{i % 5}", kind, i=i, x=Decimal(i) / 8),)))
        before = (store.scan("count"), store.scan("total"), store.head())
        assert store.rebuild() == 39
        assert (store.scan("count"), store.scan("total"), store.head()) == before

    def test_scan_pages_by_key(self, make: Make) -> None:
        """Pages join up to all keys in code point order."""
        store = make(project=counted)
        names = ["Z", "a", "b", "é", "中", "😀", "aa", "a b", "a-b"]
        store.append(Batch(tuple(event(name) for name in names)))
        pages, after = [], ""
        while page := store.scan("count", after, 2):
            pages += [key for key, _ in page]
            after = page[-1][0]
        assert pages == sorted(names)

    def test_append_many_refuses_each_on_its_own(self, make: Make) -> None:
        """In one group a refused batch leaves the others, who see only what was accepted."""
        store = make(project=counted)
        hold = booking("a", 0, 10, "A")
        answers = store.append_many(
            [
                Batch((event(),), {"order:1": 0}, claims=(hold,), unique={"k": {"n": 1}}),
                Batch((event(),), {"order:1": 0}, unique={"k2": {"n": 2}}),
                Batch((event(),), unique={"k": {"n": 3}}),
                Batch((event(),), releases=("a",), claims=(booking("b", 5, 6, "B"),) * 2),
                Batch((event(),), claims=(booking("c", 9, 12, "C"),)),
                Batch((event(""),)),
                Batch((event(),), {"order:1": 1}, releases=("a",), unique={"k2": {"n": 7}}),
                Batch((event(),), claims=(booking("c", 9, 12, "C"),)),
            ]
        )
        codes = [a.code if isinstance(a, ManufoldError) else len(a) for a in answers]
        assert codes == [
            1,
            "store.stream_moved",
            "store.key_taken",
            "store.booking_exists",
            "store.slot_taken",
            "store.text_wrong",
            1,
            1,
        ]
        assert [e.stream_version for e in store.read()] == [1, 2, 3]
        assert [b.booking_id for b in store.bookings(now_s=0)] == ["c"]
        assert store.claimed("k2") == {"n": 7} and store.get("total", "all") == {"n": 3}
        assert verify(store, (), {}).sound

    def test_reading_pages_through_ten_thousand_events(self, make: Make) -> None:
        """All 10,000 events come in order, from any place, by stream and up to a limit."""
        store = make()
        for first in range(0, 10_000, 1000):
            numbers = range(first, first + 1000)
            store.append(Batch(tuple(event(f"s:{i % 7}", n=i) for i in numbers)))
        assert [e.data["n"] for e in store.read()] == list(range(10_000))
        assert [e.seq for e in store.read(after_seq=9_995)] == list(range(9_996, 10_001))
        assert [e.seq for e in store.read(limit=3, after_seq=4_999)] == [5000, 5001, 5002]
        third = [e.data["n"] for e in store.read(stream="s:3")]
        assert third == list(range(3, 10_000, 7))
        assert [e.data["n"] for e in store.read(5_000, "s:3", 2)] == [5001, 5008]
        assert list(store.read(limit=0)) == [] == list(store.read(after_seq=10_000))

    def test_the_export_is_canonical_and_equal_everywhere(self, make: Make) -> None:
        """The same batches give the same bytes in any store, one canonical line per event."""
        store, model = make(project=counted), MemoryStore("sim", counted)
        for i in range(30):
            batch = Batch((event(f"s:{i % 4}", "Made", i=i, w=Decimal(i) / 7, 名="x\u0000y"),))
            store.append(batch)
            model.append(batch)
        lines = list(store.export())
        assert lines == list(model.export())
        assert store.scan("count") == model.scan("count")
        assert all(canonical(from_json(line)) == line and b"\n" not in line for line in lines)

    def test_what_cannot_be_kept_is_refused_by_name(self, make: Make) -> None:
        """Broken letters, huge numbers, empty spans and non-JSON data are the sender's fault."""
        store = make()
        wrong = {
            "store.text_wrong": [
                Batch((event("a\x00b"),)),
                Batch((event("\ud800"),)),
                Batch((event(""),)),
                Batch(unique={"": {}}),
                Batch(claims=(booking("a", 0, 1, "\x00"),)),
            ],
            "store.number_wrong": [
                Batch((replace(event(), at_s=2**63),)),
                Batch((replace(event(), version=True),)),
                Batch(claims=(booking("a", 0, 2**63, "A"),)),
            ],
            "store.booking_empty": [Batch(claims=(booking("a", 7, 7, "A"),))],
            "store.data_wrong": [
                Batch((event(x=float("nan")),)),
                Batch((event(x={1, 2}),)),
                Batch((event(x="\udfff"),)),
                Batch((event(x=Decimal("Infinity")),)),
                Batch(unique={"k": {"x": object()}}),
                Batch(claims=(booking("a", 0, 1, "A", detail={"x": b""}),)),
            ],
        }
        for code, batches in wrong.items():
            for batch in batches:
                assert isinstance(refused(store, batch, code), InputFault)

    def test_a_closed_store_refuses(self, make: Make) -> None:
        """After close, which may be called twice, every verb is refused."""
        store = make()
        store.close()
        store.close()
        verbs: list[Callable[[], object]] = [
            lambda: store.append(Batch((event(),))),
            lambda: store.append_many([Batch((event(),))]),
            lambda: list(store.read()),
            store.head,
            lambda: store.bookings(now_s=0),
            lambda: store.claimed("k"),
            lambda: store.get("a", "b"),
            lambda: store.scan("a"),
            store.rebuild,
            lambda: list(store.export()),
        ]
        for verb in verbs:
            with pytest.raises(StoreFault, match=r"store\.closed"):
                verb()

    def test_a_store_knows_its_world(self, make: Make) -> None:
        """The world is the one it was made with."""
        assert make(world="live").world == "live" and make().world == "sim"

    def test_conflicts_are_conflicts(self, make: Make) -> None:
        """A lost race maps to exit code 4 and HTTP 409."""
        store = make()
        store.append(Batch(unique={"k": {}}))
        refusal = refused(store, Batch(unique={"k": {}}), "store.key_taken")
        assert isinstance(refusal, Conflict) and refusal.exit_code == 4
