"""How pages show things: the templates, and instants, money, grams and names as people read them.

Every value that reaches a template is escaped by it; nothing here makes markup but `<time>`, whose
parts are made of numbers and of our own words.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import BaseLoader, Environment, StrictUndefined, Template, TemplateNotFound
from markupsafe import Markup, escape

from manufold.model.errors import Param, Reason
from manufold.model.units import EPOCH, shown_money, to_rfc3339
from manufold.words import sentences, term, word

__all__ = ["Shown", "template", "version"]

_UNITS = {"mm": "mm", "mm2": "mm²", "mm3": "mm³", "cm3": "cm³", "g": "g", "kg": "kg", "deg": "°"}


class _Packaged(BaseLoader):
    """Reads templates that lie in the package, wherever it is installed."""

    def get_source(self, environment: Environment, template: str) -> tuple[str, str | None, None]:
        found = files("manufold.ui.web").joinpath("templates", template)
        try:
            return found.read_text(encoding="utf-8"), None, None
        except OSError:
            raise TemplateNotFound(template) from None


@cache
def template(name: str) -> Template:
    """Return a template of this room, compiled once."""
    return _environment().get_template(name)


@cache
def version() -> str:
    """Return what changes whenever a static file does, so that no browser keeps an old one."""
    found = sorted(files("manufold.ui.web").joinpath("static").iterdir(), key=lambda f: f.name)
    return sha256(b"".join(file.read_bytes() for file in found)).hexdigest()[:12]


@cache
def _environment() -> Environment:
    return Environment(
        loader=_Packaged(),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


class Shown:
    """What a page shows, in one language."""

    def __init__(self, language: str) -> None:
        self.language = language

    def t(self, code: str, **params: Param) -> str:
        """Return the sentence of a page."""
        return word(Reason(code, params), self.language)

    def sentence(self, reason: Reason) -> str:
        """Return the sentence of a reason."""
        return word(reason, self.language)

    def named(self, family: str, value: str) -> str:
        """Return the word of a value of a closed list."""
        return term(family, value, self.language)

    def label(self, code: str, otherwise: str) -> str:
        """Return a sentence of a vertical's own catalogue; without one, what can be made of it."""
        return sentences(self.language).get(code, otherwise)

    def field(self, vertical: str, name: str) -> tuple[str, str]:
        """Return the label of a form's field, and the hint that stands after its colon.

        A field that nobody worded is called by its name and unit.
        """
        stem, _, suffix = name.rpartition("_")
        unit = _UNITS.get(suffix, "") if stem else ""
        plain = (stem if unit else name).replace("_", " ")
        otherwise = plain[:1].upper() + plain[1:] + (f", {unit}" if unit else "")
        told = self.label(f"{vertical}.field.{name}", otherwise)
        label, _colon, hint = told.replace("：", ": ", 1).partition(": ")
        return label, hint.strip()

    def size(self, vertical: str, name: str, value: Decimal) -> tuple[str, str]:
        """Return what a measure or a size is called, and its number with its unit."""
        stem, _, suffix = name.rpartition("_")
        unit = _UNITS.get(suffix, "") if stem else ""
        plain = (stem if unit else name).replace("_", " ")
        label = self.label(f"{vertical}.size.{name}", self.label(f"characteristic.{name}", plain))
        gap = "" if unit in ("", "°") else " "
        return label, f"{value:f}{gap}{unit}"

    def at(self, instant_s: int | None, zone: str, *, clock: bool = True) -> Markup:
        """Return an instant in a zone as people say it, with its exact form beside it."""
        if instant_s is None:
            return Markup("–")
        exact = to_rfc3339(instant_s, zone)
        return Markup('<time datetime="{}">{}</time>').format(
            exact, self.moment(instant_s, zone, clock=clock)
        )

    def moment(self, instant_s: int, zone: str, *, clock: bool = True) -> str:
        """Return an instant in a zone as plain text."""
        return self._said((EPOCH + timedelta(seconds=instant_s)).astimezone(ZoneInfo(zone)), clock)

    def local(self, text: str) -> str:
        """Return wall time such as "2026-12-07 08:00" as people say it."""
        return self._said(datetime.fromisoformat(text), True)

    def _said(self, local: datetime, clock: bool) -> str:
        params: dict[str, Param] = {
            "weekday": self.t("web.weekdays").split()[local.weekday()],
            "day": local.day,
            "month": self.t("web.months").split()[local.month - 1],
            "year": local.year,
        }
        if not clock:
            return self.t("web.day", **params)
        return self.t("web.moment", clock=f"{local:%H:%M}", **params)

    def stretch(self, from_s: int, to_s: int | None, zone: str) -> Markup:
        """Return from when until when, the day only once where it is the same."""
        began = self.at(from_s, zone)
        if to_s is None:
            return began + Markup(" – …")
        exact = to_rfc3339(to_s, zone)
        same = exact[:10] == to_rfc3339(from_s, zone)[:10]
        shown = exact[11:16] if same else self.moment(to_s, zone)
        return began + Markup(' – <time datetime="{}">{}</time>').format(exact, shown)

    def money(self, amount_minor: int | Fraction, currency: str) -> str:
        """Return an amount with thousands apart, e.g. "1,042.50 EUR"."""
        text = shown_money(round(amount_minor), currency)
        number, _, name = text.partition(" ")
        digits = len(number.partition(".")[2])
        return f"{Decimal(number):,.{digits}f} {name}"

    def carbon(self, carbon_g: int) -> str:
        """Return grams CO2e, in kilograms from a hundred grams on."""
        if abs(carbon_g) < 100:
            return f"{carbon_g} g"
        return f"{carbon_g / 1000:,.{1 if abs(carbon_g) >= 100_000 else 2}f} kg"

    def pieces(self, count: int) -> str:
        """Return a number of pieces."""
        return self.t("web.piece") if count == 1 else self.t("web.pieces", count=count)

    def span(self, span_s: int) -> str:
        """Return seconds as their two largest units."""
        return self.t("web.span", span=span_s)

    def against(self, at_s: int | None, promised_at_s: int) -> tuple[str, str]:
        """Return how an instant lies to the promised one: "early", "late" or "", and words."""
        if at_s is None:
            return "", ""
        minutes_s = abs(at_s - promised_at_s) // 60 * 60
        if not minutes_s:
            return "early", self.t("web.on_the_minute")
        if at_s > promised_at_s:
            return "late", self.t("web.late_by", span=minutes_s)
        return "early", self.t("web.early_by", span=minutes_s)

    def join(self, names: list[str]) -> Markup:
        """Return names in the order goods pass them."""
        return Markup(" → ").join(escape(name) for name in names)

    def names(self) -> dict[str, Any]:
        """Return what every template may call."""
        return {
            name: getattr(self, name)
            for name in (
                "t", "sentence", "named", "label", "field", "size", "at", "stretch", "moment",
                "money", "carbon", "pieces", "span", "against", "join",
            )
        }  # fmt: skip
