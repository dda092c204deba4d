"""Whatever is done to the log behind the store's back, `verify` says so and names where."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from contract.store_batches import event
from manufold.model.errors import StoreFault
from manufold.model.ledger import NOTHING_HASH, event_hash
from manufold.model.ports import Batch
from manufold.store import (
    Home,
    SigningKey,
    VerifyReport,
    create_home,
    read_heads,
    sign_head,
    verify,
)

Sql = Callable[[str], None]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with 20 events, heads signed after 10 and after 20."""
    made = create_home(tmp_path / "home", "sim", sim_start_s=0)
    store = made.store()
    for part in (range(10), range(10, 20)):
        store.append(Batch(tuple(event(f"s:{i % 3}", "Made", i=i) for i in part)))
        made.sign_head(store, at_s=part.stop)
    store.close()
    return made


@pytest.fixture
def sql(home: Home) -> Iterator[Sql]:
    """Write to the database without the store."""
    raw = sqlite3.connect(home.path / "store.db", isolation_level=None)
    yield lambda statement: raw.executescript(statement) and None
    raw.close()


def _codes(report: VerifyReport) -> list[tuple[str, str]]:
    return [(fault.where, fault.reason.code) for fault in report.faults]


def test_an_untouched_home_is_sound(home: Home) -> None:
    """Nothing at fault: all events and both heads were read."""
    report = home.verify()
    assert report.sound and (report.events, report.heads, report.head.seq) == (20, 2, 20)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("data", """'{"i":999}'"""),
        ("by", "'somebody/else'"),
        ("at_s", "at_s + 1"),
        ("kind", "'Unmade'"),
        ("version", "2"),
        ("stream", "'s:9'"),
        ("hash", "replace(hash, substr(hash, 1, 1), 'x')"),
        ("previous_hash", f"'{NOTHING_HASH}'"),
    ],
)
def test_a_changed_column_shows(home: Home, sql: Sql, column: str, value: str) -> None:
    """Any column of event 7, changed, is named at event 7 first."""
    sql(f'UPDATE events SET "{column}" = {value} WHERE seq = 7')
    report = home.verify()
    assert _codes(report)[0][0] == "event 7"
    assert _codes(report)[0][1] in ("store.chain_changed", "store.chain_broken")


def test_other_text_for_the_same_data_shows(home: Home, sql: Sql) -> None:
    """A space in the stored data means nothing, and is found all the same."""
    sql("""UPDATE events SET data = '{"i": 6}' WHERE seq = 7""")
    assert ("event 7", "store.chain_line") in _codes(home.verify())


def test_data_that_is_no_json_shows(home: Home, sql: Sql) -> None:
    """Torn data are named by `verify` and are `store.corrupt` for a reader."""
    sql("""UPDATE events SET data = '{"i":' WHERE seq = 7""")
    assert _codes(home.verify())[0] == ("event 7", "store.chain_line")
    store = home.store()
    with pytest.raises(StoreFault, match=r"store\.corrupt"):
        list(store.read())
    store.close()


def test_a_removed_event_shows(home: Home, sql: Sql) -> None:
    """A gap is named where it begins, and no reader steps over it."""
    sql("DELETE FROM events WHERE seq = 7")
    assert _codes(home.verify())[0] == ("event 7", "store.chain_gap")
    store = home.store()
    with pytest.raises(StoreFault, match=r"store\.corrupt"):
        list(store.read())
    store.close()


def test_reordered_events_show(home: Home, sql: Sql) -> None:
    """Two events that changed places are named at the first of the two."""
    sql("""UPDATE events SET seq = -7 WHERE seq = 7; UPDATE events SET seq = 7 WHERE seq = 8;
           UPDATE events SET seq = 8 WHERE seq = -7""")
    assert _codes(home.verify())[0][0] == "event 7"


def test_an_inserted_event_shows(home: Home, sql: Sql) -> None:
    """An event slipped in between moves the others, which no longer fit."""
    sql("""UPDATE events SET seq = -seq WHERE seq > 7;
           UPDATE events SET seq = 1 - seq WHERE seq < 0;
           INSERT INTO events SELECT 8, 's:x', 1, kind, version, at_s, "by", data, hash, hash
           FROM events WHERE seq = 7""")
    assert _codes(home.verify())[0] == ("event 8", "store.chain_changed")


def test_a_cut_tail_shows(home: Home, sql: Sql) -> None:
    """Even when the head row is set back too, the signed head knows that more was there."""
    sql("""DELETE FROM events WHERE seq > 15""")
    assert ("event 16", "store.head_row") in _codes(home.verify())
    with pytest.raises(StoreFault, match=r"store\.corrupt"):
        home.store()
    sql("UPDATE head SET seq = 15, hash = (SELECT hash FROM events WHERE seq = 15)")
    home.store().close()
    assert _codes(home.verify()) == [("event 16", "store.head_beyond")]


def test_a_rewritten_history_shows(home: Home) -> None:
    """A whole new chain that links perfectly is betrayed by the heads alone."""
    store = home.store()
    heads, _ = read_heads(home.path / "heads.jsonl")
    raw = sqlite3.connect(home.path / "store.db", isolation_level=None)
    previous = NOTHING_HASH
    for old in list(store.read()):
        text = '{"i":99}' if old.seq == 7 else json.dumps(old.data, separators=(",", ":"))
        new = event_hash(previous, old, text)
        row = (text, previous, new, old.seq)
        raw.execute("UPDATE events SET data=?, previous_hash=?, hash=? WHERE seq=?", row)
        previous = new
    raw.execute("UPDATE head SET hash = ?", (previous,))
    raw.close()
    assert verify(store, (), {}).sound and len(heads) == 2
    assert _codes(home.verify(store)) == [
        ("event 10", "store.head_differs"),
        ("event 20", "store.head_differs"),
    ]
    store.close()


def test_a_forged_or_strange_head_shows(home: Home) -> None:
    """A changed head, a head of another key, of another world, or no head at all is named."""
    path = home.path / "heads.jsonl"
    (first, _), _ = read_heads(path)
    store = home.store()
    keys = {first.key_id: home.signing_key().public}
    other = SigningKey(Ed25519PrivateKey.generate())
    cases = {
        "store.head_forged": replace(first, at_s=first.at_s + 1),
        "store.head_unknown_key": other.signed(store.head(), "sim", 1),
        "store.head_world": home.signing_key().signed(store.head(), "live", 1),
    }
    for code, head in cases.items():
        assert [c for _, c in _codes(verify(store, [head], keys))] == [code]
    nonsense = replace(first, signature="zz")
    assert [c for _, c in _codes(verify(store, [nonsense], keys))] == ["store.head_forged"]
    path.write_bytes(path.read_bytes() + b'{"type":"head"}\nnonsense\n[]\n')
    assert [c for _, c in _codes(home.verify(store))] == ["store.head_unreadable"] * 3
    store.close()


def test_a_half_written_last_line_is_dropped(home: Home) -> None:
    """A crash while signing leaves no fault, and the next head starts on a line of its own."""
    path = home.path / "heads.jsonl"
    whole = path.read_bytes()
    store = home.store()
    for length in range(len(whole) - 1, whole.index(b"\n"), -7):
        path.write_bytes(whole[:length])
        assert home.verify(store).sound and home.verify(store).heads == 1
    home.sign_head(store, at_s=30)
    report = home.verify(store)
    assert report.sound and report.heads == 2
    store.close()


def test_a_key_is_private_and_named_by_its_public_part(home: Home, tmp_path: Path) -> None:
    """The key file is its owner's alone; a damaged one is refused by name."""
    folder = home.path / "keys"
    key = home.signing_key()
    assert (folder / "signing.key").stat().st_mode & 0o777 == 0o600
    assert (folder / f"{key.key_id}.pub").exists()
    assert SigningKey.kept_in(folder, create=True).key_id == key.key_id
    (folder / "signing.key").write_text("00" * 31)
    with pytest.raises(StoreFault, match=r"store\.key_damaged"):
        home.signing_key()
    store = home.store()
    signed = sign_head(store, key, tmp_path / "elsewhere.jsonl", 5)
    assert verify(store, [signed], {key.key_id: key.public}).sound
    store.close()
