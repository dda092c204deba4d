"""The order form, and what is answered to it: an offer, or the form again with what is wrong."""

from time import perf_counter
from typing import Any

from starlette.responses import Response

from manufold.design.contract import InputFile, Vertical
from manufold.model.errors import ManufoldError, Reason
from manufold.model.party import Actor
from manufold.services.documents import asked_files
from manufold.services.quote import offer, show_offer
from manufold.ui.web.asked import (
    Typed,
    asked_before,
    choices_of,
    demos_of,
    example_of,
    typed_in,
    wanted,
)
from manufold.ui.web.listed import newest
from manufold.ui.web.page import rendered, see_other, status_of
from manufold.ui.web.visit import Visit, files_of

__all__ = ["ask_again", "home", "make_offer"]

_NEWEST = 5
#: the field that a refusal is about, where it names none
_ABOUT = {"offer.zone_unknown": "to", "offer.date_past": "by", "part.material_unknown": "material"}


def home(visit: Visit) -> Response:
    """Return the order form: empty, as an example, or as it was for an offer made before."""
    query, ctx = visit.request.query_params, visit.ctx
    actor = visit.known()
    typed = typed_in(query, ctx.verticals)
    vertical = ctx.verticals.get(typed.vertical)
    if typed.again:
        typed = asked_before(ctx, actor, typed.again)
    elif vertical is not None and "example" in query:
        typed = example_of(ctx, vertical, typed.example, typed.to)
    return _form(visit, actor, typed)


def make_offer(visit: Visit) -> Response:
    """Ask for an offer; show it, or the form again with everything but the file."""
    return _offered(visit, visit.known(), typed_in(visit.form, visit.ctx.verticals))


def ask_again(visit: Visit) -> Response:
    """Ask once more for what an offer was made for, files included."""
    actor = visit.known()
    return _offered(
        visit, actor, asked_before(visit.ctx, actor, visit.request.path_params["offer_id"])
    )


def _offered(visit: Visit, actor: Actor, typed: Typed) -> Response:
    began = perf_counter()
    try:
        sent = [_read(visit, upload) for upload in files_of(visit.form)]
        made = offer(visit.ctx, actor, wanted(visit.ctx, actor, typed, sent)).offer
    except ManufoldError as fault:
        return _form(visit, actor, typed, fault)
    took_ms = max(1, round((perf_counter() - began) * 1000))
    return see_other(f"/offers/{made.offer_id}?took_ms={took_ms}")


def _read(visit: Visit, upload: Any) -> InputFile:
    """Return a file that was sent; of one too large as much as shows that it is."""
    most_bytes = visit.ctx.settings.file_bytes_max + 1_000_000
    return InputFile(str(upload.filename)[:400], upload.file.read(most_bytes))


def _form(visit: Visit, actor: Actor, typed: Typed, fault: ManufoldError | None = None) -> Response:
    ctx = visit.ctx
    chosen = ctx.verticals.get(typed.vertical) or next(iter(_trades(visit)), None)
    if chosen is None:
        return rendered(visit, "no_trade.html")
    if typed.vertical != chosen.name:
        typed = Typed(chosen.name, to=typed.to, by=typed.by, quantity=typed.quantity)
    names = {"quantity", "to", "by", *(one.name for one in chosen.form.fields)}
    faults = {} if fault is None else _marked(fault, names)
    return rendered(
        visit,
        "order_form.html",
        200 if fault is None else status_of(fault),
        trades=_trades(visit),
        vertical=chosen,
        typed=typed,
        choices=lambda one: choices_of(ctx, one),
        demos=demos_of(ctx, chosen),
        examples={name: example_of(ctx, chosen, name, typed.to) for name in demos_of(ctx, chosen)},
        again_names=_again_names(visit, actor, typed),
        fault=fault,
        faults=faults,
        others=() if fault is None else [f for f in fault.faults if f.where not in names],
        newest=newest(visit, actor, _NEWEST),
        quantity_most=ctx.settings.quantity_max,
        file_most_bytes=ctx.settings.file_bytes_max,
        hold_s=ctx.settings.hold_s,
        home_zone=_zone_id(visit, actor),
    )


def _marked(fault: ManufoldError, names: set[str]) -> dict[str, Reason]:
    """Return what is wrong by field: as its faults say, else the field that the refusal names."""
    told = [fault.params.get(name) for name in ("field", "measure", "parameter")]
    about = (_ABOUT.get(fault.code), *told)
    found = {one: fault.reason for one in about if isinstance(one, str) and one in names}
    return found | {f.where: f.reason for f in fault.faults if f.where in names}


def _trades(visit: Visit) -> list[Vertical]:
    """Return the installed verticals, those with a form of their own by name."""
    return [visit.ctx.verticals[name] for name in sorted(visit.ctx.verticals, reverse=True)]


def _zone_id(visit: Visit, actor: Actor) -> str:
    """Return where the actor most likely wants it: the setting, else its own country's zone."""
    network, told = visit.ctx.network, visit.ctx.settings.to
    if told in network.delivery_zone:
        return told
    party = network.party.get(actor.party_id)
    own = [z.zone_id for z in network.delivery_zones if party and z.country == party.country]
    return next(iter([*own, *network.delivery_zone]), "")


def _again_names(visit: Visit, actor: Actor, typed: Typed) -> list[str]:
    """Return the names of the files that are used where none is sent."""
    if typed.again:
        try:
            found = show_offer(visit.ctx, actor, typed.again)
            return [file.name for file in asked_files(visit.ctx, found.design_blob)]
        except ManufoldError:
            return []
    demo = demos_of(visit.ctx, visit.ctx.verticals[typed.vertical]).get(typed.example)
    return [] if demo is None else [file.name for file in demo["files"]]
