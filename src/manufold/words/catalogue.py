"""The catalogue: `(code, params)` in, a sentence out, in English or Simplified Chinese.

One folder per language, one TOML file per room, flat keys: `"offer.file_empty" = "... {name}"`. A
vertical keeps its sentences in `words/` beside its code, ours and strangers' alike: they are found
by entry point, without importing the vertical, and can neither reword nor damage what is here.
A sentence names a parameter in braces; `{seconds:span}` shows seconds as hours and minutes,
`{count:pieces}` a number of pieces, `{until:moment}` a local time as RFC 3339 with its day of the
week and its offset, `{sd_mm:spread}` a standard deviation as half of an interval of 19 in 20, and
any other word after the colon is a family of terms:
`{noun:noun}` shows the sentence of `noun.<value>`, and of each value where several stand in a row
with a comma between them. A difference has no minus sign in front of a reader: `{later_s:later}`,
`{money:dearer}` and `{carbon_g:emits}` say how much later or sooner, more or less, or that it is
the same. `{options:chosen}` shows `toy.fit.slim` as what is chosen and the choice, "fit: slim".
A code without a sentence is shown as it is, never an exception: a missing word must not hide a
refusal.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from functools import cache
from importlib.machinery import PathFinder
from importlib.metadata import entry_points
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType

from manufold.model.errors import InputFault, Param, Reason
from manufold.model.wording import vertical_words

__all__ = ["LANGUAGES", "missing", "sentences", "term", "word"]

LANGUAGES = ("en", "zh")
_VERTICALS = "manufold.verticals"
#: families of differences, each with the terms `more`, `less` and `same`
_DIFFERENCES = ("later", "dearer", "emits")
_WITHIN_SD = Decimal("1.96")
_PLACE = re.compile(r"\{([a-z][a-z0-9_]*)(?::([a-z][a-z0-9_]*))?\}")


@cache
def sentences(language: str) -> Mapping[str, str]:
    """Return the whole catalogue of a language, code to sentence, read once.

    Raises:
        InputFault: `words.language_unknown`.
    """
    if language not in LANGUAGES:
        known = ", ".join(LANGUAGES)
        raise InputFault("words.language_unknown", language=language[:80], known=known)
    found: dict[str, str] = {}
    folder = files("manufold.words").joinpath(language)
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if not file.name.endswith(".toml"):
            continue
        found.update(tomllib.loads(file.read_text(encoding="utf-8")))
    for vertical, content in _of_verticals(language):
        for code, sentence in vertical_words(vertical, content).items():
            found.setdefault(code, sentence)  # what is worded here stays ours
    return MappingProxyType(found)


def _of_verticals(language: str) -> Iterator[tuple[str, bytes]]:
    """Yield name and sentences of each installed vertical that can be read, ours first."""
    points = entry_points(group=_VERTICALS)
    for point in sorted(points, key=lambda p: (not p.module.startswith("manufold."), p.name)):
        folder = _folder(point.module)
        try:
            if folder is not None:
                yield point.name, (folder / "words" / f"{language}.toml").read_bytes()
        except OSError:
            continue  # `manufold vertical check` says so; a refusal must still be worded


def _folder(module: str) -> Path | None:
    """Return the folder of the package a module is or lies in, importing neither."""
    names = module.split(".")
    try:
        spec = find_spec(names[0])
        folders: list[str] = []
        for at in range(len(names)):
            if at:
                spec = PathFinder.find_spec(".".join(names[: at + 1]), folders)
            if spec is None or spec.submodule_search_locations is None:
                break
            folders = list(spec.submodule_search_locations)
    except (ImportError, ValueError):
        return None
    return Path(folders[0]) if folders else None


def word(reason: Reason, language: str = "en") -> str:
    """Return the sentence of a reason; `code(name='value')` when there is none.

    Raises:
        InputFault: `words.language_unknown`.
    """
    sentence = sentences(language).get(reason.code)
    if sentence is None or any(name not in reason.params for name, _ in _PLACE.findall(sentence)):
        shown = ", ".join(f"{name}={value!r}" for name, value in reason.params.items())
        return f"{reason.code}({shown})"
    return _PLACE.sub(lambda place: _shown(reason.params[place[1]], place[2], language), sentence)


def term(family: str, value: str, language: str = "en") -> str:
    """Return the word of a value of a closed list, e.g. ("process", "mill"); itself if unworded."""
    return sentences(language).get(f"{family}.{value}", value)


def missing(language: str) -> tuple[str, ...]:
    """Return the codes that another language words and this one does not."""
    worded = {code for other in LANGUAGES for code in sentences(other)}
    return tuple(sorted(worded - sentences(language).keys()))


def _shown(value: Param, family: str | None, language: str) -> str:
    if isinstance(value, bool):
        return term("words", "yes" if value else "no", language)
    if family == "span" and isinstance(value, int):
        return _span(value, language)
    if family == "pieces" and isinstance(value, int):
        sentence = term("words", "piece" if value == 1 else "pieces", language)
        return sentence.replace("{count}", str(value))
    if family == "spread":
        return _spread(str(value))
    if family == "moment":
        return _moment(str(value), language)
    if family == "chosen":
        return ", ".join(_chosen(one, language) for one in str(value).split(", "))
    if family in _DIFFERENCES:
        return _difference(value, family, language)
    if family is None:
        return str(value)
    return ", ".join(term(family, one, language) for one in str(value).split(", "))


def _chosen(code: str, language: str) -> str:
    """Return an option and its choice, of a code such as "toy.fit.slim"; an option alone so."""
    option = code.split(".")[1] if code.count(".") == 2 else code
    name = term("fact", option, language)
    if option == code:
        return name
    choice = sentences(language).get(code, code.rpartition(".")[2])
    sentence = term("words", "chosen", language)
    return sentence.replace("{option}", name).replace("{choice}", choice)


def _spread(text: str) -> str:
    """Return within what 19 of 20 lie, of a standard deviation; other text as it is."""
    try:
        return f"{_WITHIN_SD * Decimal(text):.0f}"
    except ArithmeticError:
        return text


def _moment(text: str, language: str) -> str:
    """Return a local time with its weekday, such as "Tue 2026-03-10 14:10"; other text as it is."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return text
    day = term("day", ("mon", "tue", "wed", "thu", "fri", "sat", "sun")[found.weekday()], language)
    return f"{day} {found:%Y-%m-%d %H:%M}{_offset(found)}"


def _offset(at: datetime) -> str:
    """Return how far a local time is from UTC, such as " UTC+8"; nothing where it does not say."""
    ahead = at.utcoffset()
    if ahead is None:
        return ""
    minutes = round(ahead.total_seconds() / 60)
    hours, rest = divmod(abs(minutes), 60)
    sign = "-" if minutes < 0 else "+"
    return " UTC" + (f"{sign}{hours}" if minutes else "") + (f":{rest:02}" if rest else "")


def _difference(value: Param, family: str, language: str) -> str:
    """Return seconds, grams or an amount of money with its currency as more, less or the same."""
    text = str(value)
    number = Decimal(text.split(" ")[0])
    size = text.removeprefix("-")
    if family == "later":
        size = _span(abs(int(number)), language)
    elif family == "emits":
        size = f"{abs(number) / 1000:,.3f}".rstrip("0").rstrip(".") + " kg CO2e"
    which = "more" if number > 0 else "less" if number < 0 else "same"
    return term(family, which, language).replace("{amount}", size)


def _span(span_s: int, language: str) -> str:
    """Return seconds as the two largest units that are not nothing: 2 d 3 h, 1 h 5 min, 42 s."""
    sizes = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))
    parts: list[str] = []
    rest_s = abs(span_s)
    for unit, size_s in sizes:
        count, rest_s = divmod(rest_s, size_s)
        if count and len(parts) < 2:
            parts.append(f"{count} {term('span', unit, language)}")
    shown = " ".join(parts) or f"0 {term('span', 's', language)}"
    return f"-{shown}" if span_s < 0 else shown
