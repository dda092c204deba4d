"""What a vertical may word: its own codes, and terms that pages show of what it makes.

Each vertical keeps one flat TOML file per language in the folder `words` beside its code. Read
here, from bytes, for two callers: the catalogue, which must not fall over a stranger's damaged
file, and the conformance checks, which say aloud what is wrong with it.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping

from manufold.model.errors import Reason

__all__ = ["FAMILIES", "WORDED_IN", "places", "vertical_words", "words_reasons"]

#: the languages every sentence is written in
WORDED_IN = ("en", "zh")
#: families of terms that a vertical may add to: how it makes, what it finds, what it measures
FAMILIES = ("characteristic", "fact", "process")
_CODE = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_-]+)+")
_PLACE = re.compile(r"\{([^{}]*)\}")
_NAME = re.compile(r"[a-z][a-z0-9_]*(:[a-z][a-z0-9_]*)?")


def places(sentence: str) -> frozenset[str]:
    """Return what a sentence shows, e.g. {"file", "seconds:span"}."""
    return frozenset(_PLACE.findall(sentence))


def vertical_words(vertical: str, content: bytes) -> dict[str, str]:
    """Return the sentences of one language that the vertical may add; none of a damaged file."""
    table, _damage = _table(content)
    return {
        code: sentence
        for code, sentence in table.items()
        if isinstance(sentence, str) and not _wrong(vertical, code, sentence)
    }


def words_reasons(vertical: str, contents: Mapping[str, bytes | None]) -> Iterator[Reason]:
    """Yield what is wrong with a vertical's sentences.

    Args:
        contents: by language, None where there is no file.
    """
    tables: dict[str, Mapping[str, object]] = {}
    for language in WORDED_IN:
        content = contents.get(language)
        if content is None:
            yield Reason("conformance.words_missing", {"language": language})
            continue
        table, damage = _table(content)
        if damage:
            yield Reason("conformance.words_unreadable", {"language": language, "why": damage})
            continue
        tables[language] = table
        for code, sentence in table.items():
            why = _wrong(vertical, code, sentence)
            if why:
                params = {"language": language, "code": code[:80], "vertical": vertical}
                yield Reason(f"conformance.words_{why}", params)
    if len(tables) == len(WORDED_IN):
        first, second = (tables[language] for language in WORDED_IN)
        for code in sorted({*first, *second}):
            one, other = first.get(code), second.get(code)
            alike = isinstance(one, str) and isinstance(other, str)
            if not alike or places(str(one)) != places(str(other)):
                yield Reason("conformance.words_differ", {"code": code[:80]})


def _table(content: bytes) -> tuple[Mapping[str, object], str]:
    """Return what a file says, and what is wrong when it cannot be read."""
    try:
        return tomllib.loads(content.decode("utf-8")), ""
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as fault:
        return {}, str(fault)[:120] or type(fault).__name__


def _wrong(vertical: str, code: str, sentence: object) -> str:
    """Return why a sentence cannot be taken, "" when it can."""
    if not _CODE.fullmatch(code) or not isinstance(sentence, str) or not sentence.strip():
        return "malformed"
    found = _PLACE.findall(sentence)
    plain = sentence.count("{") == sentence.count("}") == len(found)
    if not plain or not all(_NAME.fullmatch(place) for place in found):
        return "malformed"
    return "" if code.split(".", 1)[0] in (vertical, *FAMILIES) else "foreign"
