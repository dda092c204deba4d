"""A store that cannot be trusted answers with exit code 5, and nothing is written to it."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

Spoil = Callable[[Path], object]


def change(home: Path, statement: str) -> None:
    """Change a store behind the back of its program."""
    store = sqlite3.connect(home / "store.db", isolation_level=None)
    assert store.execute(statement).rowcount == 1
    store.close()


def overwrite(home: Path, share: float, content: bytes) -> None:
    """Write over some bytes of a store."""
    path = home / "store.db"
    whole = bytearray(path.read_bytes())
    place = int(len(whole) * share)
    whole[place : place + len(content)] = content
    path.write_bytes(whole)


def cut(path: Path, share: float) -> None:
    """Cut a file short."""
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])


def replace(path: Path, old: str, new: str) -> None:
    """Replace a text in a file that holds it."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


#: what is done to a home -> the refusal of every command
SPOILED: dict[str, tuple[Spoil, str]] = {
    "overwritten": (lambda home: overwrite(home, 0, b"not a database" * 9000), "store.corrupt"),
    "cut short": (lambda home: cut(home / "store.db", 0.4), "store.corrupt"),
    "emptied": (lambda home: cut(home / "store.db", 0), "store.absent"),
    "gone": (lambda home: (home / "store.db").unlink(), "store.absent"),
    "newer store": (
        lambda home: change(home, "UPDATE meta SET value='99' WHERE name='schema_version'"),
        "store.newer",
    ),
    "newer home": (
        lambda home: replace(home / "home.toml", "format = 1", "format = 99"),
        "home.newer",
    ),
    "another store": (
        lambda home: change(home, "UPDATE meta SET value='0' WHERE name='store_id'"),
        "home.other_store",
    ),
    "garbled home": (lambda home: cut(home / "home.toml", 0.5), "home.damaged"),
    "garbled network": (lambda home: cut(home / "network" / "current", 0.5), "home.damaged"),
    "no key": (lambda home: (home / "keys" / "signing.key").unlink(), "store.key_damaged"),
    "garbled clock": (lambda home: cut(home / "clock.json", 0.5), "store.clock_damaged"),
    "no clock": (lambda home: (home / "clock.json").unlink(), "store.clock_damaged"),
}


@pytest.mark.parametrize("how", SPOILED)
def test_spoiled_homes(say, part, how):
    """Reading, offering and proving all refuse, with the same reason and its remedy."""
    spoil, code = SPOILED[how]
    spoil(say.home)
    assert say.refusal(5, "verify")["code"] == code
    assert say.refusal(5, "orders")["code"] == code
    assert say.refusal(5, "offer", part / "cover.stl")["code"] == code


def test_a_store_damaged_in_the_middle_does_not_verify(say):
    """Pages that no event lies on are looked at too."""
    overwrite(say.home, 0.34, bytes(range(256)) * 80)
    assert say.refusal(5, "verify")["code"] in ("store.corrupt", "store.verify_failed")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET data = replace(data, '\"quantity\":', '\"quantity\": ') WHERE seq = 9",
        "UPDATE events SET at_s = at_s + 1 WHERE seq = 9",
        "DELETE FROM events WHERE seq = 9",
        "DELETE FROM events WHERE seq = (SELECT max(seq) FROM events)",
    ],
)
def test_tampering_is_found(say, statement):
    """An event changed, removed or cut off makes the proof fail, and says where."""
    change(say.home, statement)
    found = say.refusal(5, "verify")
    assert found["code"] in ("store.verify_failed", "store.corrupt", "store.head_differs"), found
    assert found["faults"] or found["code"] != "store.verify_failed"


def test_a_store_that_another_program_writes_to(say, part):
    """A lock that does not go away is said, and nothing of the command is left behind."""
    before = say.events()
    other = sqlite3.connect(say.home / "store.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert say.refusal(5, "offer", part / "cover.stl")["code"] == "store.locked"
    other.execute("ROLLBACK")
    other.close()
    assert say.json("offer_answer", "offer", part / "cover.stl")["options"]
    assert say.events() == before + 1


def test_a_page_that_cannot_be_written(say, part, tmp_path):
    """The passport stands; only the page beside it is refused."""
    offer = say.json("offer_answer", "offer", part / "cover.stl")["offer_id"]
    order = say.json("order_answer", "accept", offer, "fast")["order_id"]
    say.json("run_answer", "run", "--order", order)
    found = say.refusal(2, "passport", order, "--html", tmp_path / "no" / "folder" / "page.html")
    assert found["code"] == "cli.cannot_write"
    told = say.words("passport", order)
    assert told.code == 0 and "SIMULATED" in told.out and "…" not in told.out
    assert all(len(line.rstrip()) <= 80 for line in told.out.splitlines())
