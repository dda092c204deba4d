"""The scanner finds every key and element of a TOML text where it stands, as tomllib reads it."""

import random
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest

from connect.network_files import ONE, TWO
from manufold.connect.network_file.lines import Path, line_of, lines_of
from manufold.demo import demo_network_path

TRICKY = r'''
# a note with [brackets] = and "quotes
title = "a # not a note" # a note
"quoted.key" = 'lite#ral \ "x"'
a.b . "c d" = 1
empty = ""
inline = { x = 1, "y z" = [1, 2], deep = { "q" = "}" } }
multi = [ # note ]
  1,   # one
  [2, 3], "],",

  { k = """
long ] } "" # text
""" }, 4,
]
text = """one
two \""" three
"""
raw = \'\'\'
a = 1
[not.a.table]
\'\'\'
when = 2026-12-24 06:00:00
after = 2026-12-24T06:00:00+01:00
quotes = """"quoted""""
"\u00e9\t\"" = true

[table]
x = 1
[table.sub."dotted.name"]
y = [[1],
 [2]]
[[list]]
n = 1
[[list.inner]]
m = 1
[[list.inner]]
m = 2
[list.inner.more]
z = 0
[[list]]
[[list.inner]]
m = 3
[other.b2]
x = 0x1F
'''.replace("\\'", "'")


def places(node: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yield every path that tomllib sees, with its value."""
    if path:
        yield path, node
    if isinstance(node, dict):
        for key, value in node.items():
            yield from places(value, (*path, key))
    elif isinstance(node, list):
        for i, value in enumerate(node):
            yield from places(value, (*path, i))


TEXTS = {
    "tricky": TRICKY,
    "one machine": ONE.read_text(encoding="utf-8"),
    "two sites": TWO.read_text(encoding="utf-8"),
    "demo": demo_network_path().read_text(encoding="utf-8"),
    "demo with CRLF": demo_network_path().read_text(encoding="utf-8").replace("\n", "\r\n"),
    "nothing": "",
    "a note": "# nothing",
}


@pytest.mark.parametrize("name", TEXTS)
def test_every_path_has_its_line_and_no_other(name):
    """Same paths as tomllib, and a key's line holds the key's text."""
    text = TEXTS[name]
    lines = lines_of(text)
    seen = dict(places(tomllib.loads(text)))
    assert set(seen) == set(lines)
    shown = text.replace("\r\n", "\n").split("\n")
    for path, line in lines.items():
        if isinstance(path[-1], str) and path[-1].isascii() and '"' not in path[-1]:
            assert path[-1] in shown[line - 1], (path, line)


def test_lines_of_a_tricky_text():
    """Strings, notes and brackets of all kinds do not lead it astray."""
    lines = lines_of(TRICKY)
    shown = TRICKY.split("\n")
    for path, marker in {
        ("multi", 0): "1,   # one",
        ("multi", 1, 1): "[2, 3]",
        ("multi", 3, "k"): "{ k =",
        ("multi", 4): '""" }, 4',
        ("text",): "text =",
        ("raw",): "raw =",
        ("when",): "when =",
        ("table", "sub", "dotted.name", "y", 1): " [2]]",
        ("list", 0, "inner", 1, "m"): "m = 2",
        ("list", 0, "inner", 1, "more", "z"): "z = 0",
        ("list", 1, "inner", 0, "m"): "m = 3",
        ("a", "b", "c d"): "a.b .",
    }.items():
        assert marker in shown[lines[path] - 1], path
    assert line_of(lines, ("list", 1, "inner", 0, "gone", 3)) == lines["list", 1, "inner", 0]
    assert line_of(lines, ("nowhere",)) == 0


STRINGS = ['""', "''", '"a#b"', "'[x]'", '"\\"]"', '"""x\n]\n"""', "'''\n}\n'''", '"{"', '"=,"']


def written(rng: random.Random, depth: int) -> str:
    """Return a random TOML value, over several lines where that is allowed."""
    kind = rng.random()
    if depth and kind < 0.25:
        gap = rng.choice(["", " ", "\n", " # ] note\n"])
        items = [written(rng, depth - 1) for _ in range(rng.randrange(4))]
        return "[" + gap + f",{gap}".join(items) + gap + "]"
    if depth and kind < 0.45:
        items = [f"k{i} = {written(rng, depth - 1)}" for i in range(rng.randrange(4))]
        return "{ " + ", ".join(items) + " }"
    if kind < 0.7:
        return rng.choice(STRINGS)
    return rng.choice(["1", "-2.5", "true", "1_000", "inf", "07:30:00", "2026-01-02"])


def test_random_texts():
    """A thousand seeded texts: the paths are tomllib's, the lines are those of unique keys."""
    for seed in range(1000):
        rng = random.Random(seed)
        parts = []
        for i in range(rng.randrange(1, 8)):
            parts.append(rng.choice([f"[t{i}]", f"[[l{rng.randrange(3)}]]", "# note", ""]))
            parts.append(f"key{i} = {written(rng, 3)}{rng.choice(['', ' # x', '  '])}")
        text = "\n".join(parts) + rng.choice(["", "\n"])
        lines = lines_of(text)
        assert set(dict(places(tomllib.loads(text)))) == set(lines), text
        shown = text.split("\n")
        for path, line in lines.items():
            if isinstance(path[-1], str) and path[-1].startswith("key"):
                assert shown[line - 1].startswith(f"{path[-1]} ="), text
