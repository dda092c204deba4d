"""Keys: what they say of their holder, who hands them out, what a thief could do with the desk."""

import logging
from dataclasses import replace
from hashlib import sha256

import pytest
from tests.services.world import ANNA, BERT, HUB, MAKER, two_plants, world

from manufold.model.errors import Conflict, InputFault
from manufold.model.party import Actor, Role
from manufold.services.context import Context
from manufold.services.keys import caller, list_keys, make_key, revoke_key

MAKER_OWNER = Actor("maker", "owner")


def refused(ctx: Context, text: str) -> None:
    """Fail unless the key is refused, with the one answer there is."""
    with pytest.raises(InputFault) as refusal:
        caller(ctx, text)
    assert (refusal.value.code, dict(refusal.value.params)) == ("access.key_wrong", {})


def test_a_key_says_party_and_role_and_is_nowhere_on_the_desk() -> None:
    """Whoever shows the key acts as its party in its role; the desk knows only its digest."""
    ctx = world()
    text = make_key(ctx, HUB, "maker", "quality_engineer", "the gauge in hall 2")
    assert caller(ctx, text) == Actor("maker", "quality_engineer")
    _, key_id, secret = text.split("_")
    kept = ctx.desk.key(key_id)
    assert kept is not None
    assert secret not in repr(kept)
    assert kept.digest == sha256(secret.encode()).hexdigest()
    assert (kept.note, kept.revoked_at_s) == ("the gauge in hall 2", None)
    assert 32 ** len(secret) >= 2**256


def test_no_two_keys_are_alike() -> None:
    """A thousand keys share neither id nor secret."""
    ctx = world()
    made = [make_key(ctx, HUB, "anna", "buyer").split("_") for _ in range(1000)]
    assert len({key_id for _, key_id, _ in made}) == 1000
    assert len({secret for _, _, secret in made}) == 1000


def test_every_wrong_key_gets_the_same_answer() -> None:
    """Malformed, unknown, cut, swapped, revoked and orphaned keys cannot be told apart."""
    ctx = world()
    one, other = make_key(ctx, HUB, "anna", "buyer"), make_key(ctx, HUB, "bert", "buyer")
    unlike = one[:-1] + ("0" if one[-1] != "0" else "1")
    swapped = f"mf_{one.split('_')[1]}_{other.split('_')[2]}"
    unknown = f"mf_{'0' * 10}_{'0' * 52}"
    strange = ["", "mf__", "mf", one[:-1], one + "0", one.lower(), f" {one}", f"{one}\n", "ключ"]
    for text in [unlike, swapped, unknown, *strange, "\x00" * 100, "A" * 100_000]:
        refused(ctx, text)
    assert revoke_key(ctx, HUB, one.split("_")[1])
    refused(ctx, one)
    fewer = tuple(p for p in two_plants().parties if p.party_id != "bert")
    refused(replace(ctx, network=replace(two_plants(), parties=fewer)), other)
    assert caller(ctx, other) == BERT


def test_a_revoked_key_stays_revoked() -> None:
    """Revocation holds for the very next call, is told once, and cannot be taken back."""
    ctx = world()
    text = make_key(ctx, HUB, "anna", "buyer")
    key_id = text.split("_")[1]
    assert caller(ctx, text) == ANNA
    assert revoke_key(ctx, HUB, key_id)
    refused(ctx, text)
    assert not revoke_key(ctx, HUB, key_id)
    refused(ctx, text)
    (kept,) = list_keys(ctx, HUB)
    assert kept.revoked_at_s == ctx.wall.now_s()


@pytest.mark.parametrize(
    ("actor", "party", "role"),
    [
        (HUB, "anna", "buyer"),
        (HUB, "hub", "network_operator"),
        (HUB, "maker", "owner"),
        (MAKER_OWNER, "maker", "owner"),
        (MAKER_OWNER, "maker", "operator"),
        (MAKER, "maker", "quality_engineer"),
        (ANNA, "anna", "buyer"),
    ],
)
def test_who_hands_out_keys(actor: Actor, party: str, role: Role) -> None:
    """The operator hands out any, owners and planners those of their own floor, buyers their own;
    whoever may make a key sees it in the list and may revoke it."""
    ctx = world()
    text = make_key(ctx, actor, party, role)
    assert caller(ctx, text) == Actor(party, role)
    (seen,) = list_keys(ctx, actor)
    assert (seen.party_id, seen.role, seen.digest) == (party, role, "")
    assert revoke_key(ctx, actor, seen.key_id)


@pytest.mark.parametrize(
    ("actor", "party", "role", "code"),
    [
        (MAKER, "maker", "owner", "access.key_not_yours"),
        (MAKER, "other", "operator", "access.key_not_yours"),
        (MAKER_OWNER, "other", "planner", "access.key_not_yours"),
        (MAKER_OWNER, "hub", "network_operator", "access.key_not_yours"),
        (ANNA, "bert", "buyer", "access.key_not_yours"),
        (ANNA, "maker", "planner", "access.key_not_yours"),
        (Actor("maker", "operator"), "maker", "operator", "access.role_may_not"),
        (Actor("maker", "quality_engineer"), "maker", "operator", "access.role_may_not"),
        (HUB, "nobody", "buyer", "access.party_unknown"),
        (HUB, "anna", "planner", "access.role_not_taken"),
        (HUB, "anna", "king", "party.role_unknown"),
        (Actor("anna", "network_operator"), "bert", "buyer", "access.role_not_taken"),
    ],
)
def test_who_does_not(actor: Actor, party: str, role: Role, code: str) -> None:
    """No key gives more than its maker may; a refused key is not on the desk."""
    ctx = world()
    with pytest.raises(InputFault) as refusal:
        make_key(ctx, actor, party, role)
    assert refusal.value.code == code
    assert ctx.desk.keys() == ()


def test_others_keys_are_as_if_they_were_not() -> None:
    """A party neither lists nor revokes another's key, and cannot tell it from none."""
    ctx = world()
    text = make_key(ctx, HUB, "bert", "buyer")
    key_id = text.split("_")[1]
    make_key(ctx, MAKER_OWNER, "maker", "owner")
    assert list_keys(ctx, ANNA) == ()
    assert list_keys(ctx, MAKER) == ()
    assert len(list_keys(ctx, HUB)) == 2
    for name in (key_id, "0000000000"):
        with pytest.raises(Conflict) as refusal:
            revoke_key(ctx, ANNA, name)
        assert dict(refusal.value.params) == {"key": name, "party": "anna"}
    assert caller(ctx, text) == Actor("bert", "buyer")


@pytest.mark.parametrize("note", ["two\nlines", "n" * 201, "bell\x07"])
def test_a_note_is_one_line(note: str) -> None:
    """What could not be shown in a list is refused before a key is made."""
    ctx = world()
    with pytest.raises(InputFault, match="access.note_wrong"):
        make_key(ctx, HUB, "anna", "buyer", note)
    assert ctx.desk.keys() == ()


def test_no_secret_is_ever_logged(caplog: pytest.LogCaptureFixture) -> None:
    """Making, using, refusing and revoking leave the id of a key in the log, never its secret."""
    ctx = world()
    with caplog.at_level(logging.DEBUG):
        text = make_key(ctx, HUB, "anna", "buyer")
        _, key_id, secret = text.split("_")
        caller(ctx, text)
        revoke_key(ctx, HUB, key_id)
        refused(ctx, text)
    assert key_id in caplog.text
    assert secret not in caplog.text
