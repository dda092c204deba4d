"""What a request for an offer says, from JSON or from a form with files, as services take it."""

import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from anyio.to_thread import run_sync
from fastapi import Request
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException

from manufold.api.strict import checked_text, loads
from manufold.api.wanted import OfferIn
from manufold.design.contract import Field, Form, InputFile, filled
from manufold.model.codec import canonical
from manufold.model.errors import InputFault, Param
from manufold.model.instants import instant_s
from manufold.model.party import Actor
from manufold.services.context import Context
from manufold.services.quote import Ask

__all__ = ["asked_for", "digest_of_ask", "own_zone", "read_offer"]

_JSON, _FORM = "application/json", "multipart/form-data"
_FIELDS_MOST = 200
_FIELD_BYTES = 10_000
_OWN = ("to", "by", "vertical", "material")


async def read_offer(request: Request, ctx: Context) -> tuple[OfferIn, list[InputFile]]:
    """Return what was asked for and the files that came with it.

    Raises:
        InputFault: `api.media_type`, `api.body_malformed`, `api.form_wrong`, `api.text_wrong`.
        ValidationError: the fields are at fault.
    """
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media == _JSON:
        body = await request.body()  # 64 MB of base64 take a while: the others need not wait
        wanted = await run_sync(lambda: OfferIn.model_validate(loads(body)))
        return wanted, [InputFile(one.name, one.content) for one in wanted.files]
    if media != _FORM:
        raise InputFault("api.media_type", found=media[:80], wanted=f"{_JSON}, {_FORM}")
    try:
        async with request.form(
            max_files=ctx.settings.files_max + 1,
            max_fields=_FIELDS_MOST,
            max_part_size=_FIELD_BYTES,
        ) as form:
            files = [
                InputFile(checked_text((one.filename or "")[:200], name), await one.read())
                for name, one in form.multi_items()
                if isinstance(one, UploadFile)
            ]
            return _from_form(form, bool(files)), files
    except HTTPException as fault:  # the parser's own words
        raise InputFault("api.form_wrong", what=str(fault.detail)[:200]) from None


def _from_form(form: FormData, with_files: bool) -> OfferIn:
    found: dict[str, Any] = {}
    others: dict[str, str] = {}
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            if name not in ("file", "files", "files[]"):
                raise InputFault("api.form_wrong", what=f"a file named {name[:40]!r}, not files")
            continue
        if name in found or name in others:
            raise InputFault("api.form_wrong", what=f"{name[:40]!r} stands there twice")
        if name == "quantity":
            digits = value.isascii() and value.isdigit() and len(value) < 12
            found[name] = int(value) if digits else value
        elif name in _OWN:
            if value:
                found[name] = value
        else:
            others[name] = value
    found["parameters" if with_files else "fields"] = others
    return OfferIn.model_validate(found)


def asked_for(ctx: Context, actor: Actor, wanted: OfferIn, files: list[InputFile]) -> Ask:
    """Return what services are asked.

    Raises:
        InputFault: `api.files_and_fields`, `api.field_not_in_form`, `api.field_needed`,
            `api.number_wrong`, `api.by_hand_not`, `app.instant_*`.
    """
    parameters: dict[str, Param] = dict(wanted.parameters)
    if wanted.fields:
        if files:
            raise InputFault("api.files_and_fields")
        given, more = _by_hand(ctx, wanted)
        files = [filled(given[0], given[1])]
        parameters |= more
    if wanted.material is not None:
        parameters["material"] = wanted.material
    zones = ctx.network.delivery_zone
    zone_id = wanted.to or own_zone(ctx, actor)
    zone = zones.get(zone_id)
    by_s = None
    if wanted.by is not None:
        by_s = instant_s(wanted.by, "UTC" if zone is None else zone.zone)
    return Ask(files, wanted.quantity, zone_id, by_s, wanted.vertical, parameters)


def own_zone(ctx: Context, actor: Actor) -> str:
    """Return the delivery zone of the party's own country, "" for the network's first."""
    party = ctx.network.party.get(actor.party_id)
    country = "" if party is None else party.country
    zones = ctx.network.delivery_zones
    return ctx.settings.to or next((z.zone_id for z in zones if z.country == country), "")


def _by_hand(
    ctx: Context, wanted: OfferIn
) -> tuple[tuple[str, dict[str, str | int]], dict[str, Param]]:
    """Return the vertical with the values of its file, and its parameters."""
    able = [name for name, one in ctx.verticals.items() if one.form.by_hand]
    name = wanted.vertical or (able[0] if len(able) == 1 else "")
    if name not in able:
        known = ", ".join(sorted(able))
        raise InputFault("api.by_hand_not", vertical=name[:80], known=known)
    form: Form = ctx.verticals[name].form
    known_fields = {field.name: field for field in form.fields}
    to_file: dict[str, str | int] = {}
    parameters: dict[str, Param] = {}
    for key, value in wanted.fields.items():
        field = known_fields.get(key)
        if field is None:
            raise InputFault(
                "api.field_not_in_form", field=key, known=", ".join(sorted(known_fields))
            )
        if value == "":
            continue
        if field.to == "file":
            to_file[key] = _valued(field, value)
        else:
            parameters[key] = _valued(field, value)
    for field in form.fields:
        if field.required and field.name not in to_file and field.name not in parameters:
            raise InputFault("api.field_needed", field=field.name, vertical=name)
    return (name, to_file), parameters


def _valued(field: Field, value: str | int | bool) -> str | int:
    """Return a value of a form's field.

    Raises:
        InputFault: `api.number_wrong`, `api.choice_wrong`.
    """
    if field.kind != "number":
        if isinstance(value, str) and (not field.choices or value in field.choices):
            return value
        known = ", ".join(field.choices)
        raise InputFault("api.choice_wrong", field=field.name, found=str(value)[:80], known=known)
    number: int | None = value if type(value) is int else None
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,12}", value):
        number = int(value)
    if number is None:
        raise InputFault("api.number_wrong", field=field.name, found=str(value)[:80])
    return number


def digest_of_ask(wanted: OfferIn, files: list[InputFile]) -> bytes:
    """Return what makes two requests for an offer equal: not how a form was cut into parts."""
    said: Mapping[str, Any] = wanted.model_dump(exclude={"files"})
    read = [[file.name, sha256(file.content).hexdigest()] for file in files]
    return canonical({"asked": said, "files": read})
