"""What a design shows and says to the buyer of its offer, and to nobody else.

Pictures may show a person. They lie in the design's blob (`personal["pictures"]`, zlib and
hexadecimal) and go with it, as do the findings.
"""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from manufold.model.design import Design, Finding
from manufold.model.errors import Conflict, InputFault
from manufold.model.party import Actor
from manufold.services.access import may_act, visible_offer
from manufold.services.context import Context
from manufold.services.documents import design_of, offer_of

__all__ = ["Figures", "Measured", "figures", "noted", "picture", "picture_names"]

#: a drawing of a body is half a megabyte
_BYTES_MOST = 20_000_000
#: half of a 95 % interval, in standard deviations
_HALF = Decimal("1.96")
_TENTH = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class Measured:
    """A measure of the person that something is made for.

    Args:
        name: ends in its unit.
        half: of its 95 % interval, where that is known.
    """

    name: str
    value: Decimal
    half: Decimal | None
    how: Literal["given", "scanned", "worked_out"]


@dataclass(frozen=True, slots=True)
class Figures:
    """What something is made by.

    Args:
        sizes: the finished ones it is cut and inspected by; each name ends in its unit.
    """

    measured: tuple[Measured, ...] = ()
    sizes: Mapping[str, Decimal] | None = None


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


def figures(ctx: Context, actor: Actor, offer_id: str) -> Figures:
    """Return the measures and sizes of an offer; none for anybody but its buyer.

    Raises:
        Conflict: `access.no_such_offer`.
    """
    design = _design(ctx, actor, offer_id)
    if design is None:
        return Figures()
    given, worked_out, spread_mm, half, sizes = (
        _numbers(design, name)
        for name in ("given", "worked_out", "spread_mm", "scan_half", "sheet")
    )
    told = [
        Measured(name, value, half.get(name), "scanned" if name in half else "given")
        for name, value in given.items()
    ]
    for name, value in worked_out.items():
        sd = spread_mm.get(name)
        within = None if sd is None else (sd * _HALF).quantize(_TENTH)
        told.append(Measured(name, value, within, "worked_out"))
    return Figures(tuple(told), sizes)


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


def _numbers(design: Design, name: str) -> dict[str, Decimal]:
    """Return numbers by name, as far as a design has them; a vertical may keep other things so."""
    found = design.personal.get(name)
    if not isinstance(found, Mapping):
        return {}
    return {
        str(key): Decimal(str(value))
        for key, value in found.items()
        if isinstance(value, Decimal | int | float) and not isinstance(value, bool)
    }


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
