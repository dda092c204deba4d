"""One request for a page: who asks, in which language, from where; and what every answer carries.

A page is asked for by a person in a browser, so nothing here is guessed beyond what `services`
allow: a key in a cookie says who acts, and in a simulated world a guest may look and order. What
changes anything comes from a page of this very host or is refused.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message

from manufold.model.errors import InputFault
from manufold.model.party import Actor
from manufold.services.access import SUPPLIER_ROLES, own_sites
from manufold.services.context import Context
from manufold.services.keys import caller
from manufold.services.running import Guests, Runner
from manufold.ui.web.shown import Shown
from manufold.words import LANGUAGES

__all__ = [
    "KEY_COOKIE",
    "LANGUAGE_COOKIE",
    "SAME_PAGE_POLICY",
    "SignInNeeded",
    "Site",
    "Visit",
    "headers",
    "language_of",
    "refuse_strangers",
    "safe_next",
    "sent_form",
]

KEY_COOKIE = "manufold_key"
LANGUAGE_COOKIE = "manufold_language"
#: fields of a form, and bytes of each; files have their own limits
_FIELDS_MOST, _FIELD_BYTES_MOST = 200, 65_536
_PATH_MOST = 2_000
#: what surrounds the files in a form
_FORM_BYTES_MORE = 1_000_000
#: a body too large is still taken in up to so many times its limit, or no browser shows the answer
_DRAINED_FACTOR = 3

SAME_PAGE_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)


class SignInNeeded(Exception):
    """Nobody may do this without saying who it is.

    Args:
        wrong: a key was given, and it is not valid.
    """

    def __init__(self, *, wrong: bool = False) -> None:
        super().__init__()
        self.wrong = wrong


@dataclass(frozen=True, slots=True)
class Site:
    """What all pages stand on.

    Args:
        language: for browsers that ask for none of ours.
    """

    ctx: Context
    runner: Runner
    guests: Guests
    language: str


@dataclass(slots=True)
class Visit:
    """One request with what its page needs.

    Args:
        form: what was posted, empty for a GET.
        actor: who acts; None where nobody signed in and a live world takes no guests.
    """

    site: Site
    request: Request
    shown: Shown
    form: FormData
    actor: Actor | None = None
    signed_in: bool = False
    stale_key: bool = False
    cookies: dict[str, str] = field(default_factory=dict)

    @property
    def ctx(self) -> Context:
        """The services' context."""
        return self.site.ctx

    def known(self) -> Actor:
        """Return who acts.

        Raises:
            SignInNeeded: nobody does yet.
        """
        if self.stale_key or self.actor is None:
            raise SignInNeeded(wrong=self.stale_key)
        return self.actor

    def recognise(self) -> None:
        """Find out who acts: the key of the cookie, else a guest of a simulated world."""
        key = self.request.cookies.get(KEY_COOKIE, "")
        if key:
            try:
                self.actor = caller(self.ctx, key)
                self.signed_in = True
            except InputFault:
                self.stale_key = True
            return
        self.actor = self.site.guests.buyer

    def zone(self) -> str:
        """Return the zone of the world's clock: a supplier's is that of its site, else a door's."""
        zones = self.ctx.network.delivery_zones
        if self.actor is not None and self.actor.role in SUPPLIER_ROLES:
            sites = own_sites(self.ctx.network, self.actor)
            return next((s.zone for s in self.ctx.network.sites if s.site_id in sites), "UTC")
        party = None if self.actor is None else self.ctx.network.party.get(self.actor.party_id)
        own = [z.zone for z in zones if party is not None and z.country == party.country]
        return next(iter([*own, *(z.zone for z in zones)]), "UTC")

    def path(self) -> str:
        """Return path and query of the request, as far as it is safe to come back to."""
        query = self.request.url.query
        return self.request.url.path + (f"?{query}" if query else "")


def headers(policy: str = SAME_PAGE_POLICY) -> dict[str, str]:
    """Return what every page carries."""
    return {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        # not no-referrer: a browser would then hide the Origin of our own forms
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cache-Control": "no-store",
        "Vary": "Cookie, Accept-Language",
    }


def language_of(request: Request, otherwise: str) -> str:
    """Return the language asked for: in the address, in the cookie, or by the browser."""
    for told in (request.query_params.get("lang"), request.cookies.get(LANGUAGE_COOKIE)):
        if told in LANGUAGES:
            return str(told)
    asked: list[tuple[float, int, str]] = []
    for place, part in enumerate(request.headers.get("accept-language", "")[:400].split(",")):
        tag, _, quality = part.strip().partition(";q=")
        try:
            weight = float(quality) if quality else 1.0
        except ValueError:
            continue
        name = tag.lower().partition("-")[0]
        if name in LANGUAGES and weight > 0:
            asked.append((-weight, place, name))
    return min(asked)[2] if asked else otherwise


def safe_next(told: object) -> str:
    """Return where to go on: a path of this host, or the start."""
    text = told if isinstance(told, str) else ""
    if not text.isprintable() or len(text) > _PATH_MOST or "\\" in text:
        return "/"
    return text if text.startswith("/") and not text.startswith("//") else "/"


def refuse_strangers(request: Request) -> None:
    """Refuse a form that was not sent by a page of this host.

    Raises:
        InputFault: `web.other_origin`.
    """
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site is not None:
        fine = site in ("same-origin", "none")
    else:
        host = request.headers.get("host", "")
        fine = bool(host) and origin in (f"http://{host}", f"https://{host}")
    if not fine:
        raise InputFault("web.other_origin", origin=(origin or site or "-")[:80])


async def sent_form(request: Request, ctx: Context) -> FormData:
    """Return what was posted, files within the limits of the settings.

    Raises:
        InputFault: `web.body_too_large`, `web.form_unreadable`.
    """
    most_bytes = ctx.settings.file_bytes_max + _FORM_BYTES_MORE
    limited = Request(request.scope, _counted(request.receive, most_bytes))
    try:
        return await limited.form(
            max_files=ctx.settings.files_max + 1,
            max_fields=_FIELDS_MOST,
            max_part_size=_FIELD_BYTES_MOST,
        )
    except (MultiPartException, HTTPException, ClientDisconnect):
        raise InputFault("web.form_unreadable") from None


def _counted(
    receive: Callable[[], Awaitable[Message]], most_bytes: int
) -> Callable[[], Awaitable[Message]]:
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen <= most_bytes:
            return message
        while message.get("more_body") and seen <= most_bytes * _DRAINED_FACTOR:
            message = await receive()
            seen += len(message.get("body", b""))
        raise InputFault("web.body_too_large", most=most_bytes // 1_000_000)

    return counted


def files_of(form: FormData) -> list[UploadFile]:
    """Return the files of a form; an input left empty sends one without a name."""
    found: list[Any] = form.getlist("files")
    return [one for one in found if isinstance(one, UploadFile) and one.filename]
