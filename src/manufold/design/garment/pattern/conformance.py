"""What a garment's folder must keep before it is published: ours and a designer's own alike.

Checked: every fit has its ease and names a source; each option can be chosen and drafts to a
pattern that passes the checks, for each body shown; its bulletin sews that pattern, every seam
once, nothing in a circle; a larger ease makes each finished girth larger by exactly so much; and
everything that people read has words in both languages.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from manufold.design.garment.pattern.checks import faults as pattern_faults
from manufold.design.garment.pattern.fit import fit
from manufold.design.garment.pattern.person import Person, person
from manufold.design.garment.pattern.publishing import Garment, asked, published
from manufold.design.garment.sewing.checks import faults as sewing_faults
from manufold.design.garment.sewing.conformance import bulletin_faults
from manufold.design.garment.sewing.routing import unchecked
from manufold.model.errors import Fault, ManufoldError, Reason

__all__ = ["LANGUAGES", "faults", "published_faults"]

LANGUAGES = ("en", "zh")
_MORE_MM = 12.0
_WITHIN_MM = 0.5


def faults(garment: Garment, bodies: Sequence[Person]) -> tuple[Fault, ...]:
    """Return everything a garment breaks, of the bodies shown; empty when it conforms."""
    found = [*_table_faults(garment), *_word_faults(garment)]
    found += bulletin_faults(garment, LANGUAGES)
    if found:
        return tuple(found)
    for body in bodies:
        for options in _choices(garment):
            found += _draft_faults(garment, body, options)
        found += _ease_faults(garment, body)
    return tuple(fault for at, fault in enumerate(found) if fault not in found[:at])


def published_faults() -> tuple[Fault, ...]:
    """Return what every published garment breaks, each drafted for its own body of reference."""
    found: list[Fault] = []
    for name, one in published().items():
        try:
            told = one.operations["reference"]["body"]
            body = person({measure: float(value) for measure, value in told.items()})
        except (KeyError, TypeError, ValueError, ManufoldError):
            nameless = _fault(name, "garment.routing_no_reference")
            found += faults(one, ()) or (nameless,)
        else:
            found += faults(one, [body])
    return tuple(found)


def _choices(garment: Garment) -> Iterator[Mapping[str, str]]:
    """Yield the options as they come, and each other choice once."""
    yield {}
    for name, choices in garment.options.items():
        yield from ({name: choice} for choice in choices[1:])


def _table_faults(garment: Garment) -> Iterator[Fault]:
    rows, sources = garment.table.get("ease", {}), garment.table.get("source", {})
    for name in garment.options.get("fit", ("",)):
        if name not in rows:
            yield _fault(garment.name, "garment.pattern_ease_missing", fit=name)
        elif rows[name].get("source") not in sources:
            yield _fault(garment.name, "garment.pattern_source_missing", fit=name)


def _word_faults(garment: Garment) -> Iterator[Fault]:
    for language in LANGUAGES:
        words = garment.words.get(language, {})
        wanted = [("option", name) for name in garment.options]
        for group, code in wanted:
            if code not in words.get(group, {}):
                yield _fault(garment.name, "garment.pattern_unworded", of=code, language=language)
        for name, choices in garment.options.items():
            for choice in choices:
                if choice not in words.get("choice", {}).get(name, {}):
                    of = f"{name}.{choice}"
                    yield _fault(garment.name, "garment.pattern_unworded", of=of, language=language)


def _draft_faults(garment: Garment, body: Person, options: Mapping[str, str]) -> Iterator[Fault]:
    chosen = ", ".join(f"{name}={value}" for name, value in options.items()) or "-"
    try:
        pattern = garment.draft(asked(garment, body, options))
    except (ManufoldError, AssertionError) as fault:
        why = str(fault)[:120]
        yield _fault(garment.name, "garment.pattern_undrafted", options=chosen, why=why)
        return
    sewn = sewing_faults(unchecked(pattern, garment), pattern, garment)
    for found in (*pattern_faults(pattern), *sewn):
        yield Fault(f"{garment.name}/{found.where}", found.reason)
    for language in LANGUAGES:
        for piece in pattern.pieces:
            try:
                garment.label(piece, language)
            except KeyError:
                code = "garment.pattern_unworded"
                yield _fault(garment.name, code, of=piece.name, language=language)
        for level in pattern.levels:
            if level.name not in garment.words[language].get("level", {}):
                code = "garment.pattern_unworded"
                yield _fault(garment.name, code, of=level.name, language=language)


def _ease_faults(garment: Garment, body: Person) -> Iterator[Fault]:
    ask = asked(garment, body, {})
    name = "bust_mm" if "bust_mm" in ask.ease else "hip_mm"
    level = "chest" if name == "bust_mm" else "hip"
    wider = replace(ask, ease={**ask.ease, name: ask.ease[name] + _MORE_MM})
    try:
        girths = [
            {girth.level: girth.finished_mm for girth in fit(garment.draft(one))}
            for one in (ask, wider)
        ]
    except (ManufoldError, AssertionError) as fault:
        why = str(fault)[:120]
        yield _fault(garment.name, "garment.pattern_undrafted", options="-", why=why)
        return
    grown = girths[1].get(level, 0.0) - girths[0].get(level, 0.0)
    if abs(grown - _MORE_MM) > _WITHIN_MM:
        params = {"level": level, "grown_mm": f"{grown:.1f}", "asked_mm": f"{_MORE_MM:.0f}"}
        yield Fault(
            garment.name, Reason("garment.pattern_ease_lost", {"garment": garment.name, **params})
        )


def _fault(garment: str, code: str, **params: str) -> Fault:
    return Fault(garment, Reason(code, {"garment": garment, **params}))
