"""What a design shows and says to the buyer of its offer, and to nobody else.

Pictures may show a person. They lie in the design's blob (`personal["pictures"]`, zlib and
hexadecimal) and go with it, as do the findings.
"""

import zlib
from collections.abc import Mapping

from manufold.model.design import Design, Finding
from manufold.model.errors import Conflict, InputFault
from manufold.model.party import Actor
from manufold.services.access import may_act, visible_offer
from manufold.services.context import Context
from manufold.services.documents import design_of, offer_of

__all__ = ["noted", "picture", "picture_names"]

#: a drawing of a body is half a megabyte
_BYTES_MOST = 20_000_000


def picture_names(ctx: Context, actor: Actor, offer_id: str) -> tuple[str, ...]:
    """Return the names of the pictures of an offer; none for anybody but its buyer.

    Raises:
        Conflict: `access.no_such_offer`.
    """
    return tuple(_packed(ctx, actor, offer_id))


def noted(ctx: Context, actor: Actor, offer_id: str) -> tuple[Finding, ...]:
    """Return what was found in the design of an offer; none for anybody but its buyer.

    Raises:
        Conflict: `access.no_such_offer`.
    """
    found = _design(ctx, actor, offer_id)
    return () if found is None else found.findings


def picture(ctx: Context, actor: Actor, offer_id: str, name: str) -> bytes:
    """Return a picture of an offer, as SVG.

    Raises:
        Conflict: `access.no_such_offer`, `access.no_such_picture`.
    """
    packed = _packed(ctx, actor, offer_id)
    if name not in packed:
        raise Conflict("access.no_such_picture", picture=name[:40], offer=offer_id[:80])
    return zlib.decompressobj().decompress(bytes.fromhex(packed[name]), _BYTES_MOST)


def _packed(ctx: Context, actor: Actor, offer_id: str) -> Mapping[str, str]:
    design = _design(ctx, actor, offer_id)
    found = {} if design is None else design.personal.get("pictures", {})
    assert isinstance(found, Mapping)
    return {str(name): str(packed) for name, packed in found.items()}


def _design(ctx: Context, actor: Actor, offer_id: str) -> Design | None:
    """Return the design of an offer to its buyer; None to others, and where it was deleted."""
    may_act(ctx.network, actor, "buyer", "network_operator")
    offer = visible_offer(ctx.network, actor, offer_of(ctx, offer_id), offer_id)
    if actor.party_id != offer.party_id:
        return None
    try:
        return design_of(ctx, offer.design_blob)
    except InputFault as fault:
        if fault.code != "blobs.gone":
            raise
        return None
