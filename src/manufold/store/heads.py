"""Signed heads: witnesses outside the database that the chain once reached so far.

A head says "event n of this world had this hash", signed with Ed25519. `verify` recomputes the
whole chain from its stored lines and asks every witness. Someone who can write to the database
but not sign cannot change, remove, insert or reorder an event at or before a signed head, nor
cut the tail below it, without `verify` saying so and naming the first bad event.

Source  RFC 8032 (Ed25519).
"""

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from manufold.model.codec import canonical, decoded, from_json, stamped, unstamped
from manufold.model.errors import Fault, InputFault, ManufoldError, Reason, StoreFault
from manufold.model.ledger import NOTHING_HASH
from manufold.model.ports import Head, Store
from manufold.store.files import disk_refusals, locked, write_whole

__all__ = ["SignedHead", "SigningKey", "VerifyReport", "read_heads", "sign_head", "verify"]

_KIND, _VERSION = "head", 1
_MOST_FAULTS = 50
_HASHES = ("hash", "previous_hash")


@dataclass(frozen=True, slots=True)
class SignedHead:
    """A head with its witness; `key_id` names the public key."""

    seq: int
    hash: str
    world: str
    at_s: int
    key_id: str
    signature: str

    def signed_bytes(self) -> bytes:
        """Return what the signature covers: everything but itself."""
        document = stamped(_KIND, _VERSION, self)
        del document["signature"]
        return canonical(document)


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """What `verify` found: events and heads read, and faults in order, none when all is well."""

    events: int
    heads: int
    faults: tuple[Fault, ...]
    head: Head

    @property
    def sound(self) -> bool:
        """Whether nothing is at fault."""
        return not self.faults


class SigningKey:
    """An Ed25519 key; its id is the first 16 hexadecimal digits of sha256(public key)."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.public = private.public_key()
        self.key_id = key_id(self.public)

    @classmethod
    def kept_in(cls, folder: Path, *, create: bool = False) -> "SigningKey":
        """Return the key of a folder, making it (readable by its owner alone) if asked.

        Raises:
            StoreFault: `store.key_damaged`, `home.unwritable`.
        """
        path = folder / "signing.key"
        if create and not path.exists():
            key = cls(Ed25519PrivateKey.generate())
            with disk_refusals("home.unwritable", path=str(folder)):
                public = key.public.public_bytes_raw().hex().encode() + b"\n"
                write_whole(folder / f"{key.key_id}.pub", public)
                private = key._private.private_bytes_raw().hex().encode() + b"\n"
                write_whole(path, private, private=True)
        try:
            return cls(Ed25519PrivateKey.from_private_bytes(_hex_of(path)))
        except (OSError, ValueError) as fault:
            raise StoreFault("store.key_damaged", path=str(path)) from fault

    def secret(self) -> bytes:
        """Return a secret of the holder, the same each time: Ed25519 has no chance in it."""
        return hashlib.sha256(self._private.sign(b"manufold/secret/1")).digest()

    def signed(self, head: Head, world: str, at_s: int) -> SignedHead:
        """Return the head signed by this key."""
        bare = SignedHead(head.seq, head.hash, world, at_s, self.key_id, "")
        signature = self._private.sign(bare.signed_bytes()).hex()
        return SignedHead(head.seq, head.hash, world, at_s, self.key_id, signature)


def key_id(public: Ed25519PublicKey) -> str:
    """Return the name of a public key."""
    return hashlib.sha256(public.public_bytes_raw()).hexdigest()[:16]


def public_keys(folder: Path) -> dict[str, Ed25519PublicKey]:
    """Return the public keys kept in a folder, by id.

    Raises:
        StoreFault: `store.key_damaged`.
    """
    keys = {}
    for path in sorted(folder.glob("*.pub")):
        try:
            public = Ed25519PublicKey.from_public_bytes(_hex_of(path))
        except (OSError, ValueError) as fault:
            raise StoreFault("store.key_damaged", path=str(path)) from fault
        keys[key_id(public)] = public
    return keys


def sign_head(store: Store, key: SigningKey, path: Path, at_s: int) -> SignedHead:
    """Sign the store's newest event, and append it durably to the file of signed heads."""
    signed = key.signed(store.head(), store.world, at_s)
    line = canonical(stamped(_KIND, _VERSION, signed)) + b"\n"
    with (
        disk_refusals("home.unwritable", path=str(path.parent)),
        locked(path.with_name(f".{path.name}.lock")),
    ):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        with os.fdopen(descriptor, "r+b") as file:
            whole = file.read()
            file.truncate(whole.rfind(b"\n") + 1)  # a line that a crash left half-written
            file.seek(0, os.SEEK_END)
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
    return signed


def read_heads(path: Path) -> tuple[list[SignedHead], list[Fault]]:
    """Return the signed heads of a file, and a fault for every line that is none.

    A last line without its end was never acknowledged and does not count.
    """
    heads: list[SignedHead] = []
    faults: list[Fault] = []
    with disk_refusals("home.unwritable", path=str(path.parent)):
        whole = path.read_bytes() if path.exists() else b""
    for number, line in enumerate(whole.split(b"\n")[:-1], start=1):
        try:
            document = unstamped(from_json(line), _KIND, _VERSION)
            heads.append(decoded(SignedHead, document))
        except (ManufoldError, AttributeError):
            where = f"{path.name} line {number}"
            faults.append(Fault(where, Reason("store.head_unreadable", {"line": number})))
    return heads, faults


def verify(
    store: Store, heads: Sequence[SignedHead], keys: Mapping[str, Ed25519PublicKey]
) -> VerifyReport:
    """Recompute the chain of a store and ask every signed head whether it stands in it.

    Args:
        store: whose `export` gives the lines as they are stored.
        heads: the witnesses, from `read_heads`.
        keys: the public keys that are trusted, by id.
    """
    now = store.head()
    lines = store.export()
    wanted = {head.seq for head in heads}
    faults: list[Fault] = []
    hashes = {0: NOTHING_HASH}
    last = Head(0, NOTHING_HASH)
    count = 0
    for last, found in _walked(lines):
        count += 1
        faults += found[: _MOST_FAULTS - len(faults)]
        if last.seq in wanted:
            hashes[last.seq] = last.hash
    if last.seq < now.seq or (last.seq == now.seq and last.hash != now.hash):
        faults.append(_fault(last.seq + 1, "store.head_row", found=now.seq, last=last.seq))
    for head in heads:
        fault = _witness(head, hashes, last.seq, store.world, keys)
        if fault is not None and len(faults) < _MOST_FAULTS:
            faults.append(fault)
    return VerifyReport(count, len(heads), tuple(faults), last)


def _walked(lines: Iterable[bytes]) -> Iterator[tuple[Head, list[Fault]]]:
    """Yield the place of each line in the chain, and what is wrong with it."""
    previous, expected = NOTHING_HASH, 1
    for line in lines:
        try:
            document: dict[str, Any] = from_json(line)
            seq, stored = document["seq"], document["hash"]
            faults = []
            if canonical(document) != line:
                faults.append(_fault(expected, "store.chain_line", seq=expected))
        except (InputFault, KeyError, TypeError):
            yield Head(expected, previous), [_fault(expected, "store.chain_line", seq=expected)]
            expected += 1
            continue
        if seq != expected:
            faults.append(_fault(expected, "store.chain_gap", seq=expected, found=seq))
        if document.get("previous_hash") != previous:
            faults.append(_fault(seq, "store.chain_broken", seq=seq))
        envelope = {name: value for name, value in document.items() if name not in _HASHES}
        text = str(document.get("previous_hash")).encode() + canonical(envelope)
        if hashlib.sha256(text).hexdigest() != stored:
            faults.append(_fault(seq, "store.chain_changed", seq=seq))
        yield Head(seq, stored), faults
        previous, expected = stored, seq + 1


def _witness(
    head: SignedHead,
    hashes: Mapping[int, str],
    last: int,
    world: str,
    keys: Mapping[str, Ed25519PublicKey],
) -> Fault | None:
    seq = head.seq
    public = keys.get(head.key_id)
    if public is None:
        return _fault(seq, "store.head_unknown_key", seq=seq, key=head.key_id)
    try:
        public.verify(bytes.fromhex(head.signature), head.signed_bytes())
    except (InvalidSignature, ValueError):
        return _fault(seq, "store.head_forged", seq=seq)
    if head.world != world:
        return _fault(seq, "store.head_world", seq=seq, found=head.world)
    if seq > last:
        return _fault(last + 1, "store.head_beyond", seq=seq, last=last)
    if hashes.get(seq) != head.hash:
        return _fault(seq, "store.head_differs", seq=seq)
    return None


def _fault(at: int, code: str, **params: int | str) -> Fault:
    return Fault(f"event {at}", Reason(code, params))


def _hex_of(path: Path) -> bytes:
    return bytes.fromhex(path.read_text(encoding="ascii"))
