"""A passport as one page that stands alone: no script, no font, no picture from elsewhere.

Readable on a phone, in the dark and on paper. Names come from files and plans that strangers
sent, so every value is escaped by the template; the only markup made here are the strips of
measured values, and those hold numbers alone.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from manufold.model.errors import Param, Reason
from manufold.model.evidence import Measurement, Passport
from manufold.model.network import Network
from manufold.model.units import to_rfc3339
from manufold.words import LANGUAGES, sentences, term, word

__all__ = ["render"]

_STRIP_WIDTH = 640
_STRIP_EDGE = 28
_FACT_UNITS = {
    "mm": "mm", "mm2": "mm²", "mm3": "mm³", "g": "g", "kg": "kg", "s": "s", "deg": "°",
    "wh": "Wh", "m": "m", "m2": "m²", "min": "min", "h": "h", "percent": "%",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Strip:
    """All values of one characteristic in one picture: limits as a band, values as marks."""

    name: str
    unit: str
    lower: str
    upper: str
    count: int
    outside: int
    lowest: str
    highest: str
    mean: str
    picture: Markup
    measured: tuple[Measurement, ...]


def render(
    passport: Passport,
    language: str = "en",
    network: Network | None = None,
    *,
    zone: str = "UTC",
    back: bool = False,
) -> str:
    """Return the passport as one self-contained HTML document.

    Args:
        network: whose names stand for the ids of sites, work units and materials; ids without.
        zone: of the times on it: that of the door, where whoever asks may know it.
        back: whether it is a page of a server, with ways to its order and to other languages.

    Raises:
        InputFault: `words.language_unknown`.
    """

    def say(code: str, **params: Param) -> str:
        return word(Reason(f"passport.{code}", params), language)

    def named(family: str, value: str) -> str:
        return term(family, value, language)

    strips = tuple(_strips(passport.measurements))
    counts = _counts(passport)
    return _template().render(
        p=passport,
        language="zh-Hans" if language == "zh" else language,
        say=say,
        named=named,
        called=_names(network),
        sentence=lambda reason: word(reason, language),
        at=lambda instant_s: _at(instant_s, zone),
        zone=zone,
        back=back,
        tongues={}
        if not back
        else {one: term("web", f"tongue_{one}", language) for one in LANGUAGES},
        trade=sentences(language).get(f"{passport.vertical}.trade", passport.vertical),
        pieces_measured=sorted({m.piece for m in passport.measurements}),
        made=max((good + scrap for good, scrap in counts.values()), default=0),
        good=list(counts.values())[-1][0] if counts else 0,
        grams=_grams,
        energy=_energy,
        number=_number,
        span=lambda span_s: say("span", span=span_s),
        punctuality=_punctuality(passport),
        carbon=_carbon(passport),
        facts=tuple(_facts(passport, language)),
        strips=strips,
        energy_unread="prove.energy_not_read" in {one.code for one in passport.assumptions},
        unmeasured="prove.not_measured" in {one.code for one in passport.assumptions},
        measured=len(passport.measurements),
        within=sum(m.within for m in passport.measurements),
    )


def _counts(passport: Passport) -> dict[str, tuple[int, int]]:
    """Return good and scrap by operation, remakes included, the last operation last."""
    found: dict[str, tuple[int, int]] = {}
    for record in passport.operations:
        good, scrap = found.pop(record.name, (0, 0))
        found[record.name] = good + record.good, scrap + record.scrap
    return found


def _names(network: Network | None) -> Callable[[str], str]:
    """Return what shows the name of an id, or the id where no name is known."""
    if network is None:
        return str
    known = {site.site_id: site.name for site in network.sites}
    known |= {unit.work_unit_id: unit.name for unit in network.work_units}
    known |= {material.material_id: material.name for material in network.materials}
    return lambda name: known.get(name, name)


@cache
def _template() -> Template:
    text = files("manufold.ui").joinpath("passport_page.html").read_text(encoding="utf-8")
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(text)


def _at(instant_s: int, zone: str) -> str:
    return to_rfc3339(instant_s, zone)[:16].replace("T", " ")


def _number(value: Decimal | Fraction | float, digits: int = 4) -> str:
    text = f"{float(value) if isinstance(value, Fraction) else value:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _grams(carbon_g: int | Fraction) -> str:
    exact_g = Fraction(carbon_g)
    return f"{round(exact_g)} g" if abs(exact_g) < 1000 else f"{_number(exact_g / 1000, 2)} kg"


def _energy(energy_wh: int) -> str:
    return f"{energy_wh} Wh" if energy_wh < 1000 else f"{_number(Fraction(energy_wh, 1000), 2)} kWh"


def _punctuality(passport: Passport) -> dict[str, Any]:
    """Return how delivery stood to promise: the word, and the seconds between them."""
    late_s = passport.delivered_at_s - passport.promised_at_s
    minutes = abs(late_s) // 60 * 60
    if not minutes:
        return {"late": False, "code": "to_the_minute", "span_s": None}
    return {"late": late_s > 0, "code": "late" if late_s > 0 else "early", "span_s": minutes}


def _carbon(passport: Passport) -> dict[str, Any]:
    """Return the footprint beside what was offered, and each line's share of the larger."""
    made_g, offered_g = passport.carbon_g, passport.offered_carbon_g
    most = max(made_g, offered_g, 1)
    percent = abs(Fraction(made_g - offered_g, offered_g)) * 100 if offered_g else Fraction(0)
    code = "same_as_offered"
    if percent >= Fraction(1, 10):
        code = "more_than_offered" if made_g > offered_g else "less_than_offered"
    largest = max([abs(line.carbon_g) for line in passport.carbon_lines], default=0) or 1
    return {
        "made_g": made_g,
        "made_percent": round(100 * max(made_g, 0) / most),
        "offered_percent": round(100 * max(offered_g, 0) / most),
        "per_piece_g": Fraction(made_g, max(passport.quantity, 1)),
        "code": code,
        "percent": _number(percent, 1),
        "shares": [round(100 * abs(line.carbon_g) / largest) for line in passport.carbon_lines],
    }


def _facts(passport: Passport, language: str) -> Iterator[tuple[str, str]]:
    """Yield the design's plain facts: their name, and their value with its unit."""
    for name, value in passport.facts.items():
        stem, _, suffix = name.rpartition("_")
        unit = _FACT_UNITS.get(suffix, "") if stem else ""
        plain = (stem if unit else name).replace("_", " ")
        shown = _fact(value)
        if shown is not None:
            label = term("fact", name, language)
            yield (plain if label == name else label), f"{shown} {unit}".strip()


def _fact(value: object) -> str | None:
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, (Decimal, float)):
        return _number(value, 2)
    if isinstance(value, str):
        return value if 0 < len(value) <= 80 else None
    if isinstance(value, (list, tuple)) and 0 < len(value) <= 4:
        parts = [_fact(item) for item in value if isinstance(item, (int, float, Decimal))]
        return " × ".join(str(part) for part in parts) if len(parts) == len(value) else None
    return None


def _strips(measurements: tuple[Measurement, ...]) -> Iterator[Strip]:
    groups: dict[tuple[str, str, str, Decimal, Decimal], list[Measurement]] = {}
    for m in measurements:
        groups.setdefault((m.characteristic_id, m.name, m.unit, m.lower, m.upper), []).append(m)
    for (_, name, unit, lower, upper), found in groups.items():
        values = [m.value for m in found]
        yield Strip(
            name=name,
            unit=unit,
            lower=_number(lower),
            upper=_number(upper),
            count=len(found),
            outside=sum(not m.within for m in found),
            lowest=_number(min(values)),
            highest=_number(max(values)),
            mean=_number(sum(values, Decimal(0)) / len(values)),
            picture=_picture(found, lower, upper),
            measured=tuple(found),
        )


def _picture(found: list[Measurement], lower: Decimal, upper: Decimal) -> Markup:
    """Return an SVG strip; a value outside is a diamond, so colour is not all that tells."""
    low = min([lower, *(m.value for m in found)])
    high = max([upper, *(m.value for m in found)])
    span = (high - low) or abs(high) or Decimal(1)
    low, high = low - span * Decimal("0.06"), high + span * Decimal("0.06")

    def x(value: Decimal) -> float:
        inner = _STRIP_WIDTH - 2 * _STRIP_EDGE
        return round(_STRIP_EDGE + inner * float((value - low) / (high - low)), 1)

    left, right = x(lower), x(upper)
    width = max(right - left, 1)
    parts = [
        f'<line class="axis" x1="0" x2="{_STRIP_WIDTH}" y1="22" y2="22"/>',
        f'<rect class="band" x="{left}" y="8" width="{width:.1f}" height="28" rx="3"/>',
        f'<line class="limit" x1="{left}" x2="{left}" y1="4" y2="40"/>',
        f'<line class="limit" x1="{right}" x2="{right}" y1="4" y2="40"/>',
    ]
    for m in found:
        at = x(m.value)
        if m.within:
            parts.append(f'<circle class="in" cx="{at}" cy="22" r="5"/>')
        else:
            parts.append(f'<path class="out" d="M{at} 14l8 8-8 8-8-8z"/>')
    return Markup("").join(Markup(part) for part in parts)  # numbers alone, made above
