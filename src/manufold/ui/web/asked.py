"""What a person typed into the order form: kept as it was typed, and read into an ask.

Nothing here knows a trade: fields, limits and choices are those of the vertical's own form.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from manufold.design.conformance import demos
from manufold.design.contract import Field, InputFile, Vertical, filled
from manufold.model.errors import Fault, InputFault, ManufoldError, Param, Reason
from manufold.model.instants import instant_s
from manufold.model.offer import Offer
from manufold.model.party import Actor
from manufold.model.units import to_rfc3339
from manufold.services.access import visible_offer
from manufold.services.context import Context
from manufold.services.documents import asked_files, design_of, offer_of
from manufold.services.quote import Ask

__all__ = ["Typed", "asked_before", "choices_of", "demos_of", "example_of", "typed_in", "wanted"]

#: letters of a value that are kept, and digits of a number that are read
_LETTERS_MOST = 200
_DIGITS_READ = 18
_UNITS_MM = (("cm", 10.0), ("inch", 25.4), ("m", 1000.0))
#: what a stranger's damaged demo folder may fail with
_DAMAGE = (OSError, ValueError, KeyError, TypeError, AttributeError, ManufoldError)


@dataclass(frozen=True, slots=True)
class Typed:
    """An order form as it was filled in; every value is text.

    Args:
        again: the offer whose files are used once more where none is sent.
        example: the demo of the vertical whose files are used where none is sent.
        fields: of the vertical's form, by name.
    """

    vertical: str
    quantity: str = "1"
    to: str = ""
    by: str = ""
    again: str = ""
    example: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)


def typed_in(form: Mapping[str, Any], verticals: Mapping[str, Vertical]) -> Typed:
    """Return what was typed into a form, or into the query of its page."""

    def text(name: str, otherwise: str = "") -> str:
        value = form.get(name, otherwise)
        return value.strip()[:_LETTERS_MOST] if isinstance(value, str) else otherwise

    vertical = text("vertical")
    fields: tuple[Field, ...] = ()
    if vertical in verticals:
        fields = verticals[vertical].form.fields
    return Typed(
        vertical,
        text("quantity", "1"),
        text("to"),
        text("by"),
        text("again"),
        text("example"),
        {one.name: text(f"f.{one.name}") for one in fields},
    )


def wanted(ctx: Context, actor: Actor, typed: Typed, sent: Sequence[InputFile]) -> Ask:
    """Return the ask that a form means: its own files, else values by hand, else earlier files.

    Raises:
        InputFault: `web.form_faults` with a fault for each field; `design.vertical_unknown`,
            `web.nothing_sent`.
    """
    vertical = ctx.verticals.get(typed.vertical)
    if vertical is None:
        known = ", ".join(sorted(ctx.verticals))
        raise InputFault("design.vertical_unknown", vertical=typed.vertical[:80], known=known)
    faults: list[Fault] = []
    quantity = _quantity(ctx, typed.quantity, faults)
    by_s = _end_of_day_s(ctx, typed, faults)
    parameters = _values(ctx, vertical, typed, "parameter", faults)
    files = tuple(sent)
    if not files and _by_hand(vertical, typed):
        values = _values(ctx, vertical, typed, "file", faults)
        if not faults:
            files = (filled(vertical.name, values),)
    elif not files:
        files = _earlier(ctx, actor, vertical, typed)
        if not files and not faults:
            raise InputFault("web.nothing_sent")
    if faults:
        raise InputFault("web.form_faults", faults=tuple(faults))
    return Ask(files, quantity, typed.to, by_s, vertical.name, parameters)


def asked_before(ctx: Context, actor: Actor, offer_id: str) -> Typed:
    """Return the form as it would have to be filled in for an offer made before.

    Raises:
        Conflict: `access.no_such_offer`.
    """
    offer = visible_offer(ctx.network, actor, offer_of(ctx, offer_id), offer_id)
    by = ""
    if offer.requested_at_s is not None and offer.requested_at_s > ctx.clock.now_s():
        by = _day_of(ctx, offer)
    fields: dict[str, str] = {}
    vertical = ctx.verticals.get(offer.vertical)
    try:
        design = design_of(ctx, offer.design_blob)
        files = asked_files(ctx, offer.design_blob)
    except InputFault:  # deleted since: the rest can be asked for again
        return Typed(offer.vertical, str(offer.quantity), offer.zone_id, by)
    if vertical is not None:
        fields = _by_hand_before(vertical, files)
        for one in vertical.form.fields:
            if one.to == "parameter" and one.name in design.parameters:
                fields[one.name] = str(design.parameters[one.name])
    return Typed(offer.vertical, str(offer.quantity), offer.zone_id, by, offer_id, "", fields)


def demos_of(ctx: Context, vertical: Vertical) -> Mapping[str, Mapping[str, Any]]:
    """Return the demos of a vertical by name, read once; none where its folder is damaged."""
    kept = ctx.kept.setdefault("demos", {})
    if vertical.name not in kept:
        try:
            kept[vertical.name] = {str(one["name"]): one for one in demos(vertical)}
        except _DAMAGE:  # `manufold vertical check` tells its maker
            kept[vertical.name] = {}
    found: Mapping[str, Mapping[str, Any]] = kept[vertical.name]
    return found


def example_of(ctx: Context, vertical: Vertical, name: str, to: str = "") -> Typed:
    """Return the form filled in with a demo, or with the example of each field."""
    fields = vertical.form.fields
    demo = demos_of(ctx, vertical).get(name)
    if demo is None:
        shown = {f.name: f.example for f in fields if f.to == "file" or _offered(ctx, f)}
        return Typed(vertical.name, to=to, fields=shown)
    values = _by_hand_before(vertical, demo["files"])
    values |= {
        f.name: str(demo["parameters"][f.name]) for f in fields if f.name in demo["parameters"]
    }
    return Typed(vertical.name, str(demo["quantity"]), to, example=name, fields=values)


def choices_of(ctx: Context, one: Field) -> tuple[str, ...]:
    """Return the choices of a field; of materials those that the network knows too."""
    if one.name != "material":
        return one.choices
    return tuple(choice for choice in one.choices if choice in ctx.network.material)


def _offered(ctx: Context, one: Field) -> bool:
    return one.required and (one.kind != "choice" or one.example in choices_of(ctx, one))


def _quantity(ctx: Context, text: str, faults: list[Fault]) -> int:
    most = ctx.settings.quantity_max
    number = _number(text)
    if number is not None and 1 <= number <= most:
        return number
    why = Reason("web.not_whole", {"found": text[:40]})
    if number is not None:
        why = Reason("offer.quantity_outside", {"quantity": text[:40], "most": most})
    faults.append(Fault("quantity", why))
    return 0


def _number(text: str) -> int | None:
    """Return a whole number, None for what is none; beyond all limits it is cut off."""
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit()):
        return None
    return int(text[:_DIGITS_READ])


def _end_of_day_s(ctx: Context, typed: Typed, faults: list[Fault]) -> int | None:
    if not typed.by:
        return None
    zones = ctx.network.delivery_zone
    known = zones.get(typed.to or ctx.settings.to) or next(iter(zones.values()), None)
    try:
        return instant_s(typed.by, "UTC" if known is None else known.zone)
    except InputFault as fault:
        faults.append(Fault("by", fault.reason))
        return None


def _by_hand(vertical: Vertical, typed: Typed) -> bool:
    """Return whether somebody filled in anything that goes to the file."""
    if not vertical.form.by_hand:
        return False
    own = [typed.fields.get(f.name, "") for f in vertical.form.fields if f.to == "file"]
    return any(own) or not (vertical.form.suffixes or typed.again or typed.example)


def _values(
    ctx: Context, vertical: Vertical, typed: Typed, to: str, faults: list[Fault]
) -> dict[str, str | int]:
    """Return the values of the fields that go there, and add what is wrong with them."""
    found: dict[str, str | int] = {}
    for one in vertical.form.fields:
        if one.to != to:
            continue
        text = typed.fields.get(one.name, "")
        if not text:
            if one.required:
                faults.append(Fault(one.name, Reason("web.field_needed", {})))
            continue
        value = _value(ctx, one, text)
        if isinstance(value, Reason):
            faults.append(Fault(one.name, value))
        else:
            found[one.name] = value
    return found


def _value(ctx: Context, one: Field, text: str) -> str | int | Reason:
    """Return a field's value, or what is wrong with it."""
    if one.kind == "choice":
        known = choices_of(ctx, one)
        if text in known:
            return text
        return Reason("web.not_a_choice", {"found": text[:40], "known": ", ".join(known)[:400]})
    if one.kind == "text":
        return text
    number = _number(text)
    if number is None:
        return Reason("web.not_whole", {"found": text[:40]})
    meant = _meant(one, number)
    if meant is not None:
        return meant
    if one.least is not None and number < one.least:
        return Reason("web.number_small", {"found": text[:40], "least": one.least})
    if one.most is not None and number > one.most:
        return Reason("web.number_large", {"found": text[:40], "most": one.most})
    return number


def _meant(one: Field, number: int) -> Reason | None:
    """Return a question where a length too small would be in its limits in another unit."""
    least, most = one.least, one.most
    if not one.name.endswith("_mm") or least is None or most is None or not 0 < number < least:
        return None
    near = [(round(number * factor), unit) for unit, factor in _UNITS_MM]
    able = [(meant, unit) for meant, unit in near if least <= meant <= most]
    if not able:
        return None
    meant, unit = min(able, key=lambda found: abs(found[0] - (least + most) / 2))
    params: dict[str, Param] = {"found": number, "meant": meant, "other": unit}
    return Reason("web.number_unit", params | {"least": least, "most": most})


def _earlier(ctx: Context, actor: Actor, vertical: Vertical, typed: Typed) -> tuple[InputFile, ...]:
    """Return the files of an earlier offer or of a demo that the form names."""
    if typed.again:
        offer = visible_offer(ctx.network, actor, offer_of(ctx, typed.again), typed.again)
        return asked_files(ctx, offer.design_blob)
    demo = demos_of(ctx, vertical).get(typed.example)
    return () if demo is None else tuple(demo["files"])


def _by_hand_before(vertical: Vertical, files: Sequence[InputFile]) -> dict[str, str]:
    """Return the fields of a file that `filled` could have made, none of any other."""
    names = {one.name for one in vertical.form.fields if one.to == "file"}
    if len(files) != 1 or not names or len(files[0].content) > 100_000:
        return {}
    try:
        document = json.loads(files[0].content)
    except ValueError:
        return {}
    if not isinstance(document, dict) or document.get("type") != vertical.name:
        return {}
    values: dict[str, Param] = {k: v for k, v in document.items() if k not in ("type", "version")}
    if not values.keys() <= names or not all(isinstance(v, (str, int)) for v in values.values()):
        return {}
    return {name: str(value) for name, value in values.items()}


def _day_of(ctx: Context, offer: Offer) -> str:
    known = ctx.network.delivery_zone.get(offer.zone_id)
    assert offer.requested_at_s is not None
    return to_rfc3339(offer.requested_at_s, "UTC" if known is None else known.zone)[:10]
