"""Where each key of a TOML text stands: path -> line.

`tomllib` says what a text means but not where. This scanner walks a text that `tomllib` has
already accepted, so it need not judge syntax, only skip it rightly: comments, four kinds of
strings, arrays over many lines, inline tables, dotted and quoted keys, tables and arrays of
tables. A path mixes keys and positions, as in ("work_unit", 3, "capabilities", 0, "name").

Source  TOML 1.0.0, the grammar of keys, strings, arrays and tables.
"""

import re

__all__ = ["Path", "line_of", "lines_of"]

Path = tuple[str | int, ...]

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_SCALAR = re.compile(r"[^,\]}#\n]*")
_BASIC = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
_LITERAL = re.compile(r"'([^'\n]*)'")
_LONG_BASIC = re.compile(r'"""(?:[^\\]|\\[\s\S])*?"{3,5}(?!")')
_LONG_LITERAL = re.compile(r"'''[\s\S]*?'{3,5}(?!')")
_ESCAPE = re.compile(r'\\(?:([btnfr"\\])|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8}))')
_ESCAPED = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", '"': '"', "\\": "\\"}


def lines_of(text: str) -> dict[Path, int]:
    """Return the line, counted from 1, of every key and array element of a sound TOML text."""
    scanner = _Scanner(text)
    scanner.document()
    return scanner.lines


def line_of(lines: dict[Path, int], path: Path) -> int:
    """Return the line of a path, or of the nearest table around it, or 0."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 0)


class _Scanner:
    """One pass over the text; `at` is the next character to read."""

    def __init__(self, text: str) -> None:
        self.text = text.replace("\r\n", "\n")
        self.at = 0
        self.line = 1
        self.lines: dict[Path, int] = {}
        self.lengths: dict[Path, int] = {}

    def document(self) -> None:
        """Read headers and key-value pairs to the end."""
        table: Path = ()
        self.skip(_BLANK)
        while self.at < len(self.text):
            if self.text.startswith("[", self.at):
                table = self.header()
            else:
                self.pair(table)
            self.skip(_BLANK)

    def header(self) -> Path:
        """Read `[a.b]` or `[[a.b]]` and return the path of the table it opens."""
        line = self.line
        opens_array = self.text.startswith("[[", self.at)
        self.at += 2 if opens_array else 1
        keys = self.keys()
        self.at += 2 if opens_array else 1
        path: Path = ()
        for key in keys[:-1]:
            path = self.last((*path, key))
            self.lines.setdefault(path, line)
        path = (*path, keys[-1])
        if opens_array:
            self.lines.setdefault(path, line)
            path = (*path, self.lengths.get(path, 0))
            self.lengths[path[:-1]] = int(path[-1]) + 1
        self.lines[path] = line
        return path

    def last(self, path: Path) -> Path:
        """Return the path, or the newest table where it is an array of tables."""
        return (*path, self.lengths[path] - 1) if path in self.lengths else path

    def pair(self, table: Path) -> None:
        """Read `key = value` of a table."""
        line = self.line
        path = table
        for key in self.keys():
            path = (*path, key)
            self.lines.setdefault(path, line)
        self.at += 1  # "="
        self.skip(_SPACE)
        self.value(path)

    def keys(self) -> list[str]:
        """Read a key, dotted or not, and the space around it."""
        keys: list[str] = []
        while True:
            self.skip(_SPACE)
            if self.text.startswith('"', self.at):
                keys.append(_unescaped(self.take(_BASIC)[1:-1]))
            elif self.text.startswith("'", self.at):
                keys.append(self.take(_LITERAL)[1:-1])
            else:
                keys.append(self.take(_BARE))
            self.skip(_SPACE)
            if not self.text.startswith(".", self.at):
                return keys
            self.at += 1

    def value(self, path: Path) -> None:
        """Read a value and note where the things inside it stand."""
        for start, pattern in (
            ('"""', _LONG_BASIC),
            ("'''", _LONG_LITERAL),
            ('"', _BASIC),
            ("'", _LITERAL),
        ):
            if self.text.startswith(start, self.at):
                self.skip(pattern)
                return
        if self.text.startswith("[", self.at):
            self.array(path)
        elif self.text.startswith("{", self.at):
            self.inline_table(path)
        else:
            self.skip(_SCALAR)

    def array(self, path: Path) -> None:
        """Read `[a, b, ...]`, over as many lines as it takes."""
        self.at += 1
        count = 0
        self.skip(_BLANK)
        while not self.text.startswith("]", self.at):
            self.lines[(*path, count)] = self.line
            self.value((*path, count))
            count += 1
            self.skip(_BLANK)
            if self.text.startswith(",", self.at):
                self.at += 1
                self.skip(_BLANK)
        self.at += 1

    def inline_table(self, path: Path) -> None:
        """Read `{a = 1, b = 2}`; newlines inside are let pass, as TOML 1.1 does."""
        self.at += 1
        self.skip(_BLANK)
        while not self.text.startswith("}", self.at):
            self.pair(path)
            self.skip(_BLANK)
            if self.text.startswith(",", self.at):
                self.at += 1
                self.skip(_BLANK)
        self.at += 1

    def take(self, pattern: re.Pattern[str]) -> str:
        """Return the text that a pattern matches here, and pass it."""
        found = pattern.match(self.text, self.at)
        if found is None:
            raise ValueError(f"line {self.line}: not the TOML that was checked")
        self.at = found.end()
        self.line += found.group().count("\n")
        return found.group()

    def skip(self, pattern: re.Pattern[str]) -> None:
        """Pass what a pattern matches here."""
        self.take(pattern)


def _unescaped(text: str) -> str:
    def plain(found: re.Match[str]) -> str:
        letter, short, long = found.groups()
        return _ESCAPED[letter] if letter else chr(int(short or long, 16))

    return _ESCAPE.sub(plain, text)
