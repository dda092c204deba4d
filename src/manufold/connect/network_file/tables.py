"""From raw tables to sound values: unknown, missing and misshapen keys are found here.

What comes out is typed and complete, but not yet linked: see `links`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any

from manufold.connect.network_file.faults import Faults, Place, nearest
from manufold.connect.network_file.files import Row, csv_rows
from manufold.connect.network_file.kinds import KINDS, number_text
from manufold.connect.network_file.lines import Path, line_of
from manufold.connect.network_file.shape import FILE_VERSION, ROOT, SECTIONS, Key, Section
from manufold.model.errors import InputFault

__all__ = ["LARGEST_ROWS", "Record", "read_root", "read_sections"]

#: rows of one network, over all sections and files; ten times a 10,000 work unit network
LARGEST_ROWS = 200_000

_MISSING = object()


@dataclass(frozen=True, slots=True)
class Record:
    """A table whose keys were checked.

    Args:
        values: sound values by key; defaults filled in.
        sound: False when a needed key is missing or a value was refused.
    """

    row: Row
    values: Mapping[str, Any]
    sound: bool

    def __getitem__(self, key: str) -> Any:
        return self.values[key]

    def get(self, key: str) -> Any:
        """Return a value, None when it is left open or was refused."""
        return self.values.get(key)

    def place(self, *path: str | int) -> Place:
        """Return where a value stands."""
        return self.row.place(*path)


def read_root(
    document: Mapping[str, Any], lines: dict[Path, int], file: str, faults: Faults
) -> Record:
    """Return the keys above all sections."""
    names = {section.name for section in SECTIONS}
    values = {key: value for key, value in document.items() if key not in names}
    row = Row("network", values, file, lines)
    known = [key.name for key in ROOT] + sorted(names)
    record = _record(row, ROOT, values, (), faults, known=known)
    version = record.get("manufold_network")
    if version is not None and version > FILE_VERSION:
        faults.error(
            row.place("manufold_network"),
            "network.version_newer",
            found=version,
            newest=FILE_VERSION,
        )
    return record


def read_sections(
    document: Mapping[str, Any],
    lines: dict[Path, int],
    file: FilePath,
    faults: Faults,
) -> dict[str, list[Record]]:
    """Return the checked tables of every section, CSV rows in the place of their file's table."""
    found: dict[str, list[Record]] = {}
    count = 0
    for section in SECTIONS:
        records = found.setdefault(section.name, [])
        for row in _rows(document, lines, file, section, faults):
            count += 1
            if count > LARGEST_ROWS:
                faults.error(row.place(), "network.too_many_rows", limit=LARGEST_ROWS)
                return found
            records.append(_record(row, section.keys, row.values, (), faults))
    return found


def _rows(
    document: Mapping[str, Any],
    lines: dict[Path, int],
    file: FilePath,
    section: Section,
    faults: Faults,
) -> Iterator[Row]:
    place = Place(file.name, line_of(lines, (section.name,)))
    tables = document.get(section.name, [])
    if not isinstance(tables, list) or not all(isinstance(t, dict) for t in tables):
        faults.error(place, "network.section_shape", section=section.name)
        return
    for position, table in enumerate(tables):
        row = Row(section.name, table, file.name, lines, (section.name, position))
        if not section.csv or "csv" not in table:
            yield row
            continue
        for key in table:
            if key != "csv":
                faults.error(
                    row.place(key), "network.csv_with_keys", key=key, csv=str(table["csv"])
                )
        if isinstance(table["csv"], str) and table["csv"].strip():
            place = row.place("csv")
            yield from csv_rows(file.parent, table["csv"], section.name, place, faults)
        else:
            _wrong(row.place("csv"), "csv", table["csv"], "file_name", faults)


def _record(
    row: Row,
    keys: tuple[Key, ...],
    table: Mapping[str, Any],
    path: Path,
    faults: Faults,
    known: list[str] | None = None,
) -> Record:
    """Check one table, or a table inside it at `path`."""
    values: dict[str, Any] = {}
    sound = True
    names = known or [key.name for key in keys]
    for name in table:
        if name not in [key.name for key in keys]:
            faults.error(
                row.place(*path, name),
                "network.key_unknown",
                key=_shown(name),
                section=row.section,
                nearest=nearest(name, names),
                known=", ".join(names),
            )
            sound = False
    for key in keys:
        raw = table.get(key.name, _MISSING)
        if raw is _MISSING:
            if not key.optional:
                faults.error(
                    row.place(*path), "network.key_missing", key=key.name, section=row.section
                )
                sound = False
            elif key.default is not None or key.shape == "map":
                values[key.name] = {} if key.shape == "map" else key.default
            continue
        read = _value(row, key, raw, (*path, key.name), faults)
        if read is _MISSING:
            sound = False
        else:
            values[key.name] = read
    return Record(row, values, sound)


def _value(row: Row, key: Key, raw: Any, path: Path, faults: Faults) -> Any:
    if row.from_csv and key.shape == "list":
        raw = raw.replace(";", " ").split()
    if key.shape == "one":
        return _one(row, key, raw, path, faults)
    if key.shape == "map":
        return _map(row, key, raw, path, faults)
    if not isinstance(raw, list):
        _wrong(row.place(*path), key.name, raw, "list", faults)
        return _MISSING
    if key.shape == "list":
        items = [_one(row, key, item, (*path, i), faults) for i, item in enumerate(raw)]
    else:
        items = [_table(row, key, item, (*path, i), faults) for i, item in enumerate(raw)]
    if not key.optional and not items:
        faults.error(row.place(*path), "network.list_empty", key=key.name, section=row.section)
        return _MISSING
    return _MISSING if any(item is _MISSING for item in items) else tuple(items)


def _table(row: Row, key: Key, raw: Any, path: Path, faults: Faults) -> Any:
    if key.short is not None and isinstance(raw, str):
        raw = {key.short: raw}
    if not isinstance(raw, dict):
        _wrong(row.place(*path), key.name, raw, "table", faults)
        return _MISSING
    record = _record(row, key.items, raw, path, faults)
    return dict(record.values) if record.sound else _MISSING


def _map(row: Row, key: Key, raw: Any, path: Path, faults: Faults) -> Any:
    if not isinstance(raw, dict):
        _wrong(row.place(*path), key.name, raw, "table", faults)
        return _MISSING
    read = {}
    for name, item in raw.items():
        if _one(row, Key(key.name, "name", ""), name, (*path, name), faults) is _MISSING:
            return _MISSING
        read[name] = _one(row, key, item, (*path, name), faults)
    return _MISSING if _MISSING in read.values() else read


def _one(row: Row, key: Key, raw: Any, path: Path, faults: Faults) -> Any:
    place = row.place(*path)
    if key.kind == "word":
        if raw in key.words:
            return raw
        faults.error(
            place,
            "network.word_unknown",
            key=key.name,
            found=_shown(raw),
            nearest=nearest(str(raw)[:80], list(key.words)),
            known=", ".join(key.words),
        )
        return _MISSING
    kind = KINDS[key.kind]
    try:
        return kind.read(raw)
    except InputFault as refused:
        faults.error(
            place,
            refused.code,
            key=key.name,
            section=row.section,
            found=_shown(raw),
            **refused.params,
        )
    except (ValueError, OverflowError):
        _wrong(place, key.name, raw, kind.name, faults)
    return _MISSING


def _wrong(place: Place, key: str, raw: Any, wanted: str, faults: Faults) -> None:
    faults.error(place, "network.value_wrong", key=key, found=_shown(raw), wanted=wanted)


def _shown(raw: Any) -> str:
    if isinstance(raw, str):
        return f'"{raw}"' if len(raw) <= 60 else f'"{raw[:57]}..."'
    if isinstance(raw, list):
        return "a list"
    if isinstance(raw, dict):
        return "a table"
    try:
        return str(raw).lower() if isinstance(raw, bool) else number_text(raw)
    except ValueError:
        return "a number of too many digits"
