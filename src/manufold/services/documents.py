"""Nouns in the store: how services write events and read documents back."""

import base64
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from manufold.design.contract import InputFile
from manufold.model.codec import canonical, decoded, encoded, from_json, stamped, unstamped
from manufold.model.design import Design
from manufold.model.evidence import Passport
from manufold.model.execution import EVENTS, OrderState, UnitState
from manufold.model.offer import Offer
from manufold.model.party import Actor
from manufold.model.ports import NewEvent
from manufold.model.process_plan import ProcessPlan
from manufold.services.context import Context

__all__ = [
    "asked_files",
    "design_of",
    "digest_of",
    "event",
    "offer_of",
    "order_of",
    "orders_of",
    "passport_of",
    "plan_of",
    "put_design",
    "sound",
    "unit_of",
    "units_of",
]


_PLANS_KEPT = 10_000


def event(
    stream: str, kind: str, data: Mapping[str, Any], at_s: int, actor: Actor | str
) -> NewEvent:
    """Return an event of today's version, said by an actor or by "manufold" itself."""
    by = actor if isinstance(actor, str) else f"{actor.party_id}/{actor.role}"
    return NewEvent(stream, kind, EVENTS[kind], data, at_s, by)


def digest_of(plan: ProcessPlan) -> str:
    """Return the digest that pins a plan."""
    return sha256(canonical(encoded(plan))).hexdigest()


def offer_of(ctx: Context, offer_id: str) -> Offer | None:
    """Return an offer, or None."""
    document = ctx.store.get("offer", offer_id) if sound(offer_id) else None
    return None if document is None else decoded(Offer, unstamped(document, "offer", 1))


def order_of(ctx: Context, order_id: str) -> OrderState | None:
    """Return an order, or None."""
    document = ctx.store.get("order", order_id) if sound(order_id) else None
    return None if document is None else decoded(OrderState, document)


def sound(name: str) -> bool:
    """Return whether a text can be an id; databases fail on some that cannot."""
    return name.isascii() and name.isprintable()


def orders_of(ctx: Context) -> list[OrderState]:
    """Return all orders, oldest first."""
    found: list[OrderState] = []
    after = ""
    while page := ctx.store.scan("order", after):
        found += [decoded(OrderState, document) for _key, document in page]
        after = page[-1][0]
    return found


def plan_of(ctx: Context, digest: str) -> ProcessPlan:
    """Return the plan of a digest; kept in memory, since a digest never changes its meaning."""
    kept = ctx.kept.setdefault("plans", {})
    if digest not in kept and len(kept) >= _PLANS_KEPT:
        kept.pop(next(iter(kept)), None)  # the oldest; made-to-measure plans come once each
    if digest not in kept:
        document = ctx.store.get("plan", digest)
        if document is None:
            raise KeyError(digest)
        kept[digest] = decoded(ProcessPlan, unstamped(document, "process_plan", 1))
    plan: ProcessPlan = kept[digest]
    return plan


def unit_of(ctx: Context, resource_id: str) -> UnitState:
    """Return a work unit's state; one that nothing happened to is up and free."""
    document = ctx.store.get("unit", resource_id)
    return UnitState(resource_id) if document is None else decoded(UnitState, document)


def units_of(ctx: Context) -> list[UnitState]:
    """Return every work unit that something happened to."""
    found: list[UnitState] = []
    after = ""
    while page := ctx.store.scan("unit", after):
        found += [decoded(UnitState, document) for _key, document in page]
        after = page[-1][0]
    return found


def passport_of(ctx: Context, passport_id: str) -> Passport | None:
    """Return a passport, or None."""
    document = ctx.store.get("passport", passport_id)
    return None if document is None else decoded(Passport, unstamped(document, "passport", 1))


def put_design(ctx: Context, design: Design, files: Sequence[InputFile]) -> str:
    """Keep a design with its files in one blob, names included; return the blob's id.

    Only files that the design names are kept: a scan, say, of which the buyer wants the measures
    alone to be kept, is not among them. Texts in `personal["files"]` stand for such files.
    """
    blob_id = ctx.ids.mint("blb")
    named = {file.sha256 for file in design.files}
    content = {sha256(file.content).hexdigest(): file.content for file in files}
    texts = design.personal.get("files", {})
    assert isinstance(texts, Mapping)
    content |= {digest: str(text).encode() for digest, text in texts.items()}
    document = {
        **stamped("design", 1, design),
        "content": {
            digest: base64.b64encode(one).decode()
            for digest, one in content.items()
            if digest in named
        },
    }
    ctx.blobs.put(blob_id, canonical(document), {"what": "design", "vertical": design.vertical})
    return blob_id


def design_of(ctx: Context, blob_id: str) -> Design:
    """Return a design from its blob.

    Raises:
        InputFault: `blobs.gone` when it was deleted.
    """
    content, _about = ctx.blobs.get(blob_id)
    document = from_json(content)
    document.pop("content", None)
    return decoded(Design, unstamped(document, "design", 1))


def asked_files(ctx: Context, blob_id: str) -> tuple[InputFile, ...]:
    """Return the files that a design was read from, as they were sent.

    Raises:
        InputFault: `blobs.gone` when they were deleted.
    """
    content, _about = ctx.blobs.get(blob_id)
    document = from_json(content)
    kept = document.pop("content", {})
    design = decoded(Design, unstamped(document, "design", 1))
    return tuple(InputFile(file.name, base64.b64decode(kept[file.sha256])) for file in design.files)
