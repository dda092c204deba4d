"""Keys: how a program says which party it acts for, and in which role.

A key is `mf_<key_id>_<secret>`; the secret holds 260 random bits and is shown once, to whoever
makes it. The desk keeps its SHA-256, so nobody can read a key out of a copy of the database. A key
is looked up whenever it is used: once revoked it opens nothing, in any process.

The network operator hands out any key. An owner hands out those of its own party, except the
network operator's; a planner those of its own shop floor; a buyer its own, so that it can change
them by itself.
"""

import hmac
import logging
import re
import secrets
from dataclasses import replace
from hashlib import sha256

from manufold.model.desk import ApiKey
from manufold.model.errors import Conflict, InputFault
from manufold.model.ids import ALPHABET
from manufold.model.party import Actor, Role
from manufold.services.access import actor_of, may_act
from manufold.services.context import Context

__all__ = ["NOTE_LETTERS_MAX", "caller", "list_keys", "make_key", "revoke_key"]

NOTE_LETTERS_MAX = 200
_KEY_ID = re.compile(r"[0-9A-HJKMNP-TV-Z]{10}")
_KEY = re.compile(r"mf_([0-9A-HJKMNP-TV-Z]{10})_([0-9A-HJKMNP-TV-Z]{52})")
_NOTHING = sha256(b"").hexdigest()

#: who may hand out keys of its own party for which roles; the network operator hands out all
_HANDS_OUT: dict[Role, tuple[Role, ...]] = {
    "owner": ("owner", "planner", "operator", "quality_engineer", "buyer"),
    "planner": ("planner", "operator", "quality_engineer"),
    "buyer": ("buyer",),
}

_log = logging.getLogger("manufold.access")


def make_key(ctx: Context, actor: Actor, party_id: str, role: Role, note: str = "") -> str:
    """Return a fresh key for a party in a role; nobody, we neither, can read it again.

    Args:
        note: what its owner calls it, one line, to know later which one to revoke.

    Raises:
        InputFault: `access.party_unknown`, `access.role_not_taken`, `access.role_may_not`,
            `access.key_not_yours`, `access.note_wrong`, `party.role_unknown`.
    """
    may_act(ctx.network, actor, "network_operator", *_HANDS_OUT)
    holder = actor_of(ctx.network, Actor(party_id, role))
    if not _hands_out(actor, holder.party_id, holder.role):
        raise InputFault("access.key_not_yours", party=actor.party_id, role=role, other=party_id)
    if len(note) > NOTE_LETTERS_MAX or not note.isprintable():
        raise InputFault("access.note_wrong", most=NOTE_LETTERS_MAX)
    key_id, secret = _random_text(10), _random_text(52)
    digest = sha256(secret.encode()).hexdigest()
    ctx.desk.add_key(ApiKey(key_id, digest, party_id, role, note, ctx.wall.now_s()))
    _log.info("%s/%s made key %s for %s/%s", *_who(actor), key_id, party_id, role)
    return f"mf_{key_id}_{secret}"


def caller(ctx: Context, key_text: str) -> Actor:
    """Return who calls with a key.

    Raises:
        InputFault: `access.key_wrong`, one answer for a key that is malformed, unknown, revoked,
            or of a party that no longer takes part.
    """
    match = _KEY.fullmatch(key_text)
    key = None if match is None else ctx.desk.key(match[1])
    given = _NOTHING if match is None else sha256(match[2].encode()).hexdigest()
    # an unknown key is compared as well, so that its answer takes as long as any
    same = hmac.compare_digest(given, "-" * 64 if key is None else key.digest)
    if key is None or not same or key.revoked_at_s is not None:
        _log.warning("refused key %s", "?" if match is None else match[1])
        raise InputFault("access.key_wrong")
    try:
        return actor_of(ctx.network, Actor(key.party_id, key.role))
    except InputFault as fault:
        _log.warning("refused key %s: %s", key.key_id, fault)
        raise InputFault("access.key_wrong") from None


def list_keys(ctx: Context, actor: Actor) -> tuple[ApiKey, ...]:
    """Return the keys that the actor could have made, oldest first, without their digests.

    Raises:
        InputFault: `access.role_may_not`, and what `access.actor_of` raises.
    """
    may_act(ctx.network, actor, "network_operator", *_HANDS_OUT)
    party_id = None if actor.role == "network_operator" else actor.party_id
    return tuple(
        replace(key, digest="")
        for key in ctx.desk.keys(party_id)
        if _hands_out(actor, key.party_id, key.role)
    )


def revoke_key(ctx: Context, actor: Actor, key_id: str) -> bool:
    """Revoke a key for good, at once; True when it was valid until now.

    Raises:
        Conflict: `access.no_such_key`, for one that is another's and for one that never was.
        InputFault: `access.role_may_not`, and what `access.actor_of` raises.
    """
    may_act(ctx.network, actor, "network_operator", *_HANDS_OUT)
    key = ctx.desk.key(key_id) if _KEY_ID.fullmatch(key_id) else None
    if key is None or not _hands_out(actor, key.party_id, key.role):
        raise Conflict("access.no_such_key", key=key_id[:80], party=actor.party_id)
    revoked = ctx.desk.revoke_key(key_id, ctx.wall.now_s())
    _log.info("%s/%s revoked key %s", *_who(actor), key_id)
    return revoked


def _hands_out(actor: Actor, party_id: str, role: Role) -> bool:
    if actor.role == "network_operator":
        return True
    return party_id == actor.party_id and role in _HANDS_OUT.get(actor.role, ())


def _random_text(digits: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(digits))


def _who(actor: Actor) -> tuple[str, str]:
    return actor.party_id, actor.role
