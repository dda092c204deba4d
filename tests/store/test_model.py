"""Any history of batches leaves the real stores and the plain one in memory alike."""

import tempfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from hypothesis.stateful import run_state_machine_as_test as run
from sqlalchemy import create_engine, text

from contract.store_batches import counted
from manufold.model.errors import ManufoldError
from manufold.model.fakes import MemoryStore
from manufold.model.ports import Batch, Booking, NewEvent
from manufold.store import SqlStore, open_store, verify

STREAMS = st.sampled_from(["order:1", "order:2", "lot:1"])
HOLDERS = st.sampled_from(["A", "B", "C"])
NAMES = st.sampled_from([f"b{i}" for i in range(12)])
GROUPS = st.sampled_from(["g1", "g2"])
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.decimals(-1000, 1000, places=3)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.text(st.characters(exclude_categories=["Cs"]), max_size=3), inner, max_size=3
        )
    ),
    max_leaves=6,
)
DATA = st.dictionaries(st.sampled_from(["a", "名", ""]), JSON, max_size=3)


@st.composite
def _events(draw: st.DrawFn) -> NewEvent:
    kind = draw(st.sampled_from(["Made", "Made", "Made", "Forget", "Break"]))
    return NewEvent(draw(STREAMS), kind, 1, draw(DATA), draw(st.integers(0, 99)), "me")


@st.composite
def _bookings(draw: st.DrawFn) -> Booking:
    from_s = draw(st.integers(0, 40))
    return Booking(
        booking_id=draw(NAMES),
        resource_id=draw(st.sampled_from(["mill", "lathe"])),
        seat=draw(st.integers(0, 1)),
        from_s=from_s,
        to_s=from_s + draw(st.integers(1, 12)),
        holder=draw(HOLDERS),
        group=draw(GROUPS),
        state=draw(st.sampled_from(["held", "held", "firm", "started"])),
        expires_s=draw(st.none() | st.integers(0, 60)),
        detail=draw(DATA),
    )


BATCHES = st.builds(
    Batch,
    events=st.lists(_events(), max_size=3).map(tuple),
    expected=st.dictionaries(STREAMS, st.integers(0, 4), max_size=1),
    claims=st.lists(_bookings(), max_size=4).map(tuple),
    releases=st.lists(NAMES, max_size=2).map(tuple),
    release_groups=st.lists(GROUPS, max_size=1).map(tuple),
    unique=st.dictionaries(st.sampled_from([f"k{i}" for i in range(9)]), DATA, max_size=1),
    now_s=st.integers(0, 60),
)


def _told(answer: object) -> object:
    if isinstance(answer, ManufoldError):
        return type(answer), answer.code, dict(answer.params)
    return answer


class Alike(RuleBasedStateMachine):
    """Whatever one store answers, the other answers; what one shows, the other shows."""

    real: SqlStore
    model: MemoryStore

    def opened(self) -> SqlStore:
        raise NotImplementedError

    @initialize()
    def start(self) -> None:
        self.real = self.opened()
        self.model = MemoryStore("sim", counted)

    @rule(batch=BATCHES)
    def append(self, batch: Batch) -> None:
        answers: list[object] = []
        for store in (self.real, self.model):
            try:
                answers.append(store.append(batch))
            except ManufoldError as refusal:
                answers.append(_told(refusal))
        assert answers[0] == answers[1]

    @rule(batches=st.lists(BATCHES, max_size=5))
    def append_many(self, batches: list[Batch]) -> None:
        real = [_told(answer) for answer in self.real.append_many(batches)]
        assert real == [_told(answer) for answer in self.model.append_many(batches)]

    @rule()
    def rebuild(self) -> None:
        assert self.real.rebuild() == self.model.rebuild()

    @rule()
    def reopen(self) -> None:
        self.real.close()
        self.real = self.again()

    def again(self) -> SqlStore:
        raise NotImplementedError

    @invariant()
    def same(self) -> None:
        if not hasattr(self, "real"):
            return
        real, model = self.real, self.model
        assert real.head() == model.head()
        for now_s in (0, 30):
            assert real.bookings(now_s=now_s) == model.bookings(now_s=now_s)
        assert real.scan("count") == model.scan("count")
        assert real.claimed("k1") == model.claimed("k1")

    def teardown(self) -> None:
        if hasattr(self, "real"):
            assert list(self.real.export()) == list(self.model.export())
            assert list(self.real.read()) == list(self.model.read())
            assert verify(self.real, (), {}).sound
            assert not doubly_booked(self.real)
            self.real.close()


def doubly_booked(store: SqlStore) -> list[Any]:
    """Return pairs of bookings that no store may hold, found by the database itself."""
    statement = text(
        "select a.booking_id, b.booking_id from bookings a join bookings b"
        " on a.resource_id = b.resource_id and a.seat = b.seat and a.holder <> b.holder"
        " and a.from_s < b.to_s and b.from_s < a.to_s"
    )
    with store._engine.connect() as connection:
        return list(connection.execute(statement))


def _settings(examples: int) -> settings:
    return settings(
        max_examples=examples,
        stateful_step_count=25,
        phases=[Phase.generate],  # shrinking such histories takes minutes; they are told in full
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


def test_sqlite_is_like_memory() -> None:
    """Random histories on SQLite give the answers, events, bookings and views of the model."""
    with tempfile.TemporaryDirectory() as folder:
        count = 0

        class OnSqlite(Alike):
            def opened(self) -> SqlStore:
                nonlocal count
                count += 1
                return self.again()

            def again(self) -> SqlStore:
                return open_store(Path(folder) / f"{count}.db", "sim", counted)

        run(OnSqlite, settings=_settings(20))


@pytest.mark.slow
def test_postgres_is_like_memory(pg_url: str) -> None:
    """Random histories on PostgreSQL give the answers, events, bookings and views of the model."""
    engine = create_engine(pg_url)

    class OnPostgres(Alike):
        def opened(self) -> SqlStore:
            with engine.begin() as connection:
                connection.execute(text("drop schema public cascade"))
                connection.execute(text("create schema public"))
            return self.again()

        def again(self) -> SqlStore:
            return open_store(pg_url, "sim", counted)

    try:
        run(OnPostgres, settings=_settings(15))
    finally:
        engine.dispose()


def test_the_model_itself_finds_a_broken_store() -> None:
    """The comparison is no formality: a store that forgets one release is told apart."""
    with tempfile.TemporaryDirectory() as folder:
        count = 0

        class Forgetful(MemoryStore):
            def append(self, batch: Batch) -> Any:
                kept = Batch(batch.events, batch.expected, batch.claims, now_s=batch.now_s)
                return super().append(kept)

        class OnBroken(Alike):
            def opened(self) -> SqlStore:
                nonlocal count
                count += 1
                return self.again()

            def again(self) -> SqlStore:
                return open_store(Path(folder) / f"{count}.db", "sim", counted)

            @initialize()
            def start(self) -> None:
                self.real = self.opened()
                self.model = Forgetful("sim", counted)

        with pytest.raises((AssertionError, ExceptionGroup)):
            run(OnBroken, settings=settings(_settings(40), report_multiple_bugs=False))


def test_decimals_of_the_model_are_exact() -> None:
    """The generator does reach values that floats would spoil."""
    store = MemoryStore("sim")
    (event,) = store.append(Batch((NewEvent("s", "Made", 1, {"x": Decimal("0.1")}, 0, "me"),)))
    assert event.data["x"] == Decimal("0.1") != 0.1 + 0.2 - 0.2
