"""Keys from the command line: made once, listed without their secret, revoked for good."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests.cli.told import Teller
from tests.services.world import two_plants, world

import manufold.app
from manufold.cli.keys import _keepers
from manufold.demo import demo_network_path
from manufold.model.errors import InputFault
from manufold.model.fakes import MemoryStore
from manufold.model.party import Actor
from manufold.services.context import Context
from manufold.services.keys import caller

BUYER = ("--party", "demo-buyer", "--role", "buyer")


@pytest.fixture
def told(bare: Teller) -> Teller:
    """A teller of a fresh home without orders."""
    manufold.app.use_network(bare.home, demo_network_path(), start_s=200_000_000)
    return bare


def who(home: Path, key: str) -> Actor | str:
    """Return whom a key stands for in a home that is opened anew."""
    with manufold.app.open_home(home) as m:
        try:
            return caller(m.ctx, key)
        except InputFault as refusal:
            return refusal.code


def test_a_key_is_made_listed_and_revoked(told: Teller) -> None:
    """The key opens the home until it is revoked, also for processes opened later; the secret is
    in the first answer only, and the log of events knows nothing of it."""
    before = told.events()
    made = told.json("key_answer", "key", "make", *BUYER, "--note", "the shop 店")
    assert (made["party"], made["role"], made["world"]) == ("demo-buyer", "buyer", "sim")
    assert who(told.home, made["key"]) == Actor("demo-buyer", "buyer")
    other = told.json("key_answer", "key", "make", *BUYER)
    assert other["key"] != made["key"]
    listed = told.json("keys_answer", "key", "list")["keys"]
    assert {one["key_id"] for one in listed} == {made["key_id"], other["key_id"]}
    (kept,) = (one for one in listed if one["key_id"] == made["key_id"])
    assert (kept["note"], kept["revoked_at"]) == ("the shop 店", None)
    assert told.json("keys_answer", "key", "list", "--party", "nobody")["keys"] == []
    revoke = ("key", "revoke", made["key_id"])
    assert told.json("key_revoked_answer", *revoke)["revoked"] is True
    assert told.json("key_revoked_answer", *revoke)["revoked"] is False
    assert who(told.home, made["key"]) == "access.key_wrong"
    assert who(told.home, other["key"]) == Actor("demo-buyer", "buyer")
    listed = told.json("keys_answer", "key", "list", "--party", "demo-buyer")["keys"]
    assert {one["key_id"] for one in listed if one["revoked_at"]} == {made["key_id"]}
    assert told.events() == before


def test_people_read_the_key_alone_on_standard_output(told: Teller) -> None:
    """`key=$(manufold key make ...)` works; the advice goes elsewhere; no list shows the secret."""
    made = told.words("key", "make", *BUYER, "--note", "till [2]")
    assert made.code == 0 and made.out.count("\n") == 1
    key = made.out.strip()
    _, key_id, secret = key.split("_")
    assert "not shown again" in made.err and secret not in made.err
    assert f"manufold key revoke {key_id}" in made.err
    assert who(told.home, key) == Actor("demo-buyer", "buyer")
    shown = told.words("key", "list").out
    assert key_id in shown and "till [2]" in shown and secret not in shown
    assert "revoked" in told.words("key", "revoke", key_id).out
    again = told.words("key", "revoke", key_id, "--language", "zh")
    assert again.code == 0 and "此前已撤销" in again.out
    files = [path.read_bytes() for path in told.home.rglob("*") if path.is_file()]
    assert files and not any(secret.encode() in content for content in files)


@pytest.mark.parametrize(
    ("code", "exit_code", "arguments"),
    [
        ("party.role_unknown", 2, ("make", "--party", "demo-buyer", "--role", "king")),
        ("access.role_not_taken", 2, ("make", "--party", "demo-buyer", "--role", "planner")),
        ("access.party_unknown", 2, ("make", "--party", "nobody", "--role", "buyer")),
        ("access.note_wrong", 2, ("make", *BUYER, "--note", "two\nlines")),
        ("access.no_such_key", 4, ("revoke", "0000000000")),
        ("access.no_such_key", 4, ("revoke", "\x00")),
        ("cli.usage", 2, ("make", "--party", "demo-buyer")),
    ],
)
def test_what_is_wrong_is_said(
    told: Teller, code: str, exit_code: int, arguments: tuple[str, ...]
) -> None:
    """Each refusal has its code and exit code, and leaves no key."""
    assert told.refusal(exit_code, "key", *arguments)["code"] == code
    assert told.json("keys_answer", "key", "list")["keys"] == []


def test_no_home_is_made_for_a_key(bare: Teller) -> None:
    """A key to nothing is refused."""
    assert bare.refusal(2, "key", "make", *BUYER)["code"] == "home.missing"
    assert not bare.home.exists()


def test_who_hands_out_keys_at_a_command_line() -> None:
    """The network operator; where there is none, the party named, or each for its own."""
    ctx = world()
    assert _keepers(ctx, "anna") == (Actor("hub", "network_operator"),)
    fewer = tuple(p for p in two_plants().parties if p.party_id != "hub")
    alone: Context = replace(
        ctx, network=replace(two_plants(), parties=fewer), store=MemoryStore("live")
    )
    assert _keepers(alone, "anna") == (Actor("anna", "buyer"),)
    assert _keepers(alone, "maker") == (Actor("maker", "owner"),)
    everybody = {one.party_id: one.role for one in _keepers(alone, None)}
    assert set(everybody) == {p.party_id for p in fewer} and len(everybody) > 2
    assert (everybody["anna"], everybody["maker"]) == ("buyer", "owner")
    alone.settings = replace(alone.settings, party="maker")
    assert _keepers(alone, None) == (Actor("maker", "owner"),)
