"""The tables of `docs/network-file.md`, made from the shape and the catalogue's words for kinds."""

from collections.abc import Callable, Iterator

from manufold.connect.network_file.shape import ROOT, SECTIONS, Key

__all__ = ["reference_tables"]


def reference_tables(kind_word: Callable[[str], str]) -> str:
    """Return every section and key as Markdown.

    Args:
        kind_word: words a kind of value, e.g. "percent".
    """
    lines = ["### Above all sections", "", *_rows(ROOT, kind_word)]
    for section in SECTIONS:
        notes = [section.meaning]
        if section.identity != ("id",):
            notes.append(f"Once for each {' and '.join(section.identity)}.")
        if section.csv:
            notes.append('May come from a CSV: `csv = "..."`.')
        notes.append("Needed." if section.needed else "Optional.")
        lines += ["", f"### `[[{section.name}]]`", "", " ".join(notes), ""]
        lines += _rows(section.keys, kind_word)
        for key in section.keys:
            if key.items:
                lines += ["", f"Each of `{key.name}`:", "", *_rows(key.items, kind_word)]
    return "\n".join(lines) + "\n"


def _rows(keys: tuple[Key, ...], kind_word: Callable[[str], str]) -> Iterator[str]:
    yield "| key | value | meaning | when left out |"
    yield "|---|---|---|---|"
    for key in keys:
        yield f"| `{key.name}` | {_wanted(key, kind_word)} | {_meaning(key)} | {_left_out(key)} |"


def _wanted(key: Key, kind_word: Callable[[str], str]) -> str:
    if key.shape == "tables":
        short = f", or just its `{key.short}`" if key.short else ""
        return f"list of tables{short}"
    one = " or ".join(f"`{word}`" for word in key.words) or kind_word(key.kind)
    shapes = {"one": one, "list": f"list; each {one}", "map": f"table of names; each {one}"}
    return shapes[key.shape]


def _meaning(key: Key) -> str:
    if key.refers is None:
        return key.meaning
    named = " or ".join(f"`[[{name}]]`" for name in key.refers.split(" or "))
    return f"{key.meaning} ({named})"


def _left_out(key: Key) -> str:
    if not key.optional:
        return "refused"
    if key.assumed:
        return f"assumed and flagged: {key.assumed}"
    if key.default in (None, ()):
        return "none"
    return f"`{str(key.default).lower() if isinstance(key.default, bool) else key.default}`"
