"""From one file to raw measures: our JSON, our CSV, or one row of the public ANSUR II tables.

Nothing is guessed: a file is read for what it says, and what it says is judged in `body`. Only what
stands under a name with another unit ("waist_cm") is converted, and is said to be (`columns`).
Each refusal names the file or the field, the fault and the remedy.
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from manufold.design.contract import InputFile
from manufold.design.garment.columns import (
    Column,
    Sex,
    column,
    nearest,
    number,
    sane,
    sex_of,
    short,
)
from manufold.design.garment.tables import ansur, measures
from manufold.model.errors import InputFault

__all__ = ["FILE_BYTES_MAX", "Said", "Sex", "Told", "recognised", "told"]

#: a person is a few hundred bytes; the whole ANSUR II table of the men has 1.5 MB
FILE_BYTES_MAX = 2_000_000
#: what a file may say beside measures; none of it is used
BESIDE = ("type", "version", "title", "note", "meta", "taken_on", "taken_by", "device")
_SEPARATORS = (",", ";", "\t")
_SNIFFED_BYTES = 4096
#: names of a JSON object, read without reading it: a damaged one has them too
_NAMED = re.compile(r'"([^"\\]{1,80})"\s*:')
_FOREIGN = re.compile(r'"type"\s*:\s*"(?!garment")[^"]*"')

Kind = Literal["json", "csv", "ansur"]


@dataclass(frozen=True, slots=True)
class Said:
    """A number as it was written.

    Args:
        unit: "mm", "cm", "m", "in", "kg", "lb" or "deg".
        factor: how many mm, kg or degrees one of it is.
        column: under which name it stood.
    """

    value: Decimal
    unit: str
    factor: Decimal
    column: str


@dataclass(frozen=True, slots=True)
class Told:
    """What a file says of a person, unjudged.

    Args:
        kind: how the file is written.
        values: by measure, and of "weight_kg", numbers in mm, degrees and kg.
        taken_as: measures that the file's way of measuring only approximates: -> why, "near" or
            "derived".
        sex: as said.
        said: of values that stood under another name or in another unit, how.
    """

    kind: Kind
    values: Mapping[str, Decimal]
    taken_as: Mapping[str, str]
    sex: Sex | None = None
    said: Mapping[str, Said] = field(default_factory=dict)

    def as_said(self, name: str) -> Said:
        """Return a value as it was written."""
        unit = name.rsplit("_", maxsplit=1)[1]
        return self.said.get(name) or Said(self.values[name], unit, Decimal(1), name)


def recognised(file: InputFile) -> float:
    """Return 0..1: how sure it is that a file holds a person's measures; never raises."""
    head = file.content[:_SNIFFED_BYTES].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"{"):
        return _json_like(file.name, head)
    if not head or b"\x00" in head or head.startswith((b"[", b"<")):
        return 0.0
    headers = _headers(head.decode("latin-1").splitlines()[0])
    if is_ansur(headers):
        return 0.95
    found = sum(column(one) is not None for one in headers)
    return 0.9 if found >= 2 else 0.3 * found


def told(file: InputFile) -> Told:
    """Return what a file says of one person.

    Raises:
        InputFault: `garment.file_too_large`, `garment.file_empty`, `garment.file_encoding`,
            `garment.file_not_measures`; `garment.json_*`, `garment.csv_*`; `garment.field_*`.
    """
    name = file.name[:80]
    text = content(file, FILE_BYTES_MAX)
    if text.lstrip().startswith(("{", "[")):
        return _from_json(name, text)
    return _from_table(name, text)


def content(file: InputFile, bytes_max: int) -> str:
    """Return the text of a file.

    Raises:
        InputFault: `garment.file_too_large`, `garment.file_empty`, `garment.file_encoding`.
    """
    name = file.name[:80]
    if len(file.content) > bytes_max:
        limit_mb = bytes_max // 1_000_000
        raise InputFault("garment.file_too_large", file=name, limit_mb=limit_mb)
    text = _text(name, file.content)
    if not text.strip():
        raise InputFault("garment.file_empty", file=name)
    return text


def _json_like(name: str, head: bytes) -> float:
    """Return how sure a JSON is ours, by what its beginning says; damaged ones are ours too."""
    text = head.decode("utf-8", errors="replace")
    if _FOREIGN.search(text):
        return 0.0
    kind = '"garment"' in text
    said = {_header(one) for one in _NAMED.findall(text)}
    meant = {header: found.name for header in said if (found := column(header)) is not None}
    known = len(set(meant.values()))
    if kind and known:
        return 0.95
    if known >= 2:
        return 0.9
    if known:  # a height may be anything's, a stature is a person's
        return 0.6 if any(header in measures() for header in meant) else 0.3
    return 0.5 if kind and ('"type"' in text or name.lower().endswith(".json")) else 0.0


def _text(name: str, raw: bytes) -> str:
    """Return the text: UTF-8, or Latin-1 as the men's table of ANSUR II is written."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in raw:
        raise InputFault("garment.file_encoding", file=name)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    if any(not c.isprintable() and c not in "\r\n\t" for c in text[:_SNIFFED_BYTES]):
        raise InputFault("garment.file_encoding", file=name)
    return text


def _from_json(name: str, text: str) -> Told:
    document = _parsed(name, text)
    if not isinstance(document, dict):
        raise InputFault("garment.json_not_object", file=name)
    if document.get("type", "garment") != "garment":
        raise InputFault("garment.json_type", file=name, found=str(document["type"])[:80])
    version = document.get("version", 1)
    if isinstance(version, bool) or version != 1:
        raise InputFault("garment.json_version", file=name, found=str(version)[:80])
    values: dict[str, Decimal] = {}
    said: dict[str, Said] = {}
    sex: Sex | None = None
    for key, value in document.items():
        if key in BESIDE:
            continue
        found = column(_header(key))
        if found is None:
            raise nearest(key)
        if found.name in values or (found.name == "sex" and sex is not None):
            raise InputFault("garment.json_key_twice", file=name, field=found.name)
        if found.name == "sex":
            sex = sex_of(key, value)
            continue
        if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
            raise InputFault("garment.field_not_number", field=key[:80], value=_as_written(value))
        one = Said(sane(key[:80], Decimal(value)), found.unit, found.factor, key[:80])
        values[found.name] = one.value * one.factor
        if not found.as_ours:
            said[found.name] = one
    return Told("json", values, {}, sex, said)


def _as_written(value: object) -> str:
    """Return what stands for a number, as JSON writes it."""
    names = {True: "true", False: "false", None: "null"}
    return names[value] if value is None or isinstance(value, bool) else short(value)


def _parsed(name: str, text: str) -> Any:
    """Return the document; exact numbers, no key twice, no bottomless nesting."""

    def once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in pairs:
            if key in found:
                raise InputFault("garment.json_key_twice", file=name, field=key[:80])
            found[key] = value
        return found

    def refused(constant: str) -> Any:
        raise InputFault("garment.json_not_finite", file=name, value=constant)

    try:
        return json.loads(text, object_pairs_hook=once, parse_float=Decimal, parse_constant=refused)
    except json.JSONDecodeError as fault:
        raise InputFault(
            "garment.json_malformed", file=name, line=fault.lineno, column=fault.colno
        ) from None
    except RecursionError:
        raise InputFault("garment.json_too_deep", file=name) from None
    except (ValueError, ArithmeticError):  # a number of thousands of digits
        raise InputFault("garment.json_malformed", file=name, line=1, column=1) from None


@dataclass(frozen=True, slots=True)
class Table:
    """A table as it stands: header in small letters, and every row with its number.

    Args:
        rows: number as a spreadsheet shows it, the header being row 1, and the cells.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


def table(name: str, text: str) -> Table:
    """Return the table of a text; commas, semicolons or tabs between cells.

    Raises:
        InputFault: `garment.csv_malformed`, `garment.csv_column_twice`, `garment.file_empty`,
            `garment.file_not_measures`.
    """
    text = text.lstrip("\r\n")
    separator = max(_SEPARATORS, key=text.splitlines()[0].count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error:
        raise InputFault("garment.csv_malformed", file=name) from None
    filled = [
        (at, tuple(row)) for at, row in enumerate(rows, 1) if any(cell.strip() for cell in row)
    ]
    if not filled:
        raise InputFault("garment.file_empty", file=name)
    header = tuple(_header(cell) for cell in filled[0][1])
    if not is_ansur(header) and not any(map(column, header)):
        raise InputFault("garment.file_not_measures", file=name)
    for one in header:
        if one and header.count(one) > 1:
            raise InputFault("garment.csv_column_twice", file=name, field=one[:80])
    return Table(header, tuple(filled[1:]))


def _from_table(name: str, text: str) -> Told:
    found = table(name, text)
    if len(found.rows) != 1:
        raise InputFault("garment.csv_rows", file=name, rows=len(found.rows))
    cells = found.rows[0][1]
    if len(cells) != len(found.header):
        raise InputFault(
            "garment.csv_cells", file=name, cells=len(cells), columns=len(found.header)
        )
    said = dict(zip(found.header, cells, strict=True))
    return of_ansur(said) if is_ansur(found.header) else _own_row(name, said)


def _own_row(name: str, cells: Mapping[str, str]) -> Told:
    values: dict[str, Decimal] = {}
    said: dict[str, Said] = {}
    sex: Sex | None = None
    for header, cell in cells.items():
        if header in BESIDE or not cell.strip():
            continue
        found = column(header)
        if found is None:
            raise nearest(header)
        if found.name in values or (found.name == "sex" and sex is not None):
            raise InputFault("garment.csv_column_twice", file=name, field=found.name)
        if found.name == "sex":
            sex = sex_of(header, cell)
        else:
            one = written(found, cell)
            values[found.name] = one.value * one.factor
            if not found.as_ours:
                said[found.name] = one
    return Told("csv", values, {}, sex, said)


def written(under: Column, cell: str) -> Said:
    """Return a number as it stands in a cell.

    Raises:
        InputFault: `garment.field_not_number`, `garment.field_no_length`.
    """
    return Said(number(under.header, cell), under.unit, under.factor, under.header)


def of_ansur(cells: Mapping[str, str]) -> Told:
    """Return what a row of ANSUR II says of a person.

    Raises:
        InputFault: `garment.field_not_number`, `garment.field_no_length`.
    """
    values: dict[str, Decimal] = {}
    taken_as: dict[str, str] = {}
    for row in ansur():
        if any(not cells.get(name, "").strip() for name in row["columns"]):
            continue  # what else is needed is asked for, or completed, later
        parts = [factor * number(name, cells[name]) for name, factor in row["columns"].items()]
        total = sum(parts, Decimal(row.get("constant_mm", 0)))
        values[row["measure"]] = total.quantize(Decimal(1))
        if row["match"] != "same":
            taken_as[row["measure"]] = row["match"]
    return Told("ansur", values, taken_as)


def is_ansur(header: Iterable[str]) -> bool:
    """Return whether a table has the columns by which ANSUR II is known."""
    return {c for row in ansur() if row.get("known_by") for c in row["columns"]} <= set(header)


def _headers(line: str) -> list[str]:
    separator = max(_SEPARATORS, key=line.count)
    return [_header(cell) for cell in line.split(separator)]


def _header(cell: str) -> str:
    return cell.strip().strip('"').strip().lower()
