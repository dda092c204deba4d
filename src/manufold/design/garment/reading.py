"""From one file to raw measures: our JSON, our CSV, or one row of the public ANSUR II tables.

Nothing is converted and nothing guessed: a file is read for what it says, and what it says is
judged in `body`. Each refusal names the file or the field, the fault and the remedy.
"""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from typing import Any, Literal

from manufold.design.contract import InputFile
from manufold.design.garment.tables import ansur, measures
from manufold.model.errors import InputFault

__all__ = ["FILE_BYTES_MAX", "Told", "recognised", "told"]

#: a person is a few hundred bytes; the whole ANSUR II table of the men has 1.5 MB
FILE_BYTES_MAX = 2_000_000
#: what a file may say beside measures; none of it is used
_BESIDE = ("type", "version", "title", "note", "meta", "taken_on", "taken_by", "device")
_SEPARATORS = (",", ";", "\t")
_SNIFFED_BYTES = 4096

Kind = Literal["json", "csv", "ansur"]


@dataclass(frozen=True, slots=True)
class Told:
    """What a file says of a person, unjudged.

    Args:
        kind: how the file is written.
        values: by measure, numbers as they stand.
        taken_as: measures that the file's way of measuring only approximates: -> why, "near" or
            "derived".
    """

    kind: Kind
    values: Mapping[str, Decimal]
    taken_as: Mapping[str, str]


def recognised(file: InputFile) -> float:
    """Return 0..1: how sure it is that a file holds a person's measures; never raises."""
    head = file.content[:_SNIFFED_BYTES].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"{"):
        return _json_like(file.name, head)
    if not head or b"\x00" in head or head.startswith((b"[", b"<")):
        return 0.0
    columns = set(_columns(head.decode("latin-1").splitlines()[0]))
    if _ansur_needs() <= columns:
        return 0.95
    found = len(columns & set(measures()))
    return 0.9 if found >= 2 else 0.3 * found


def told(file: InputFile) -> Told:
    """Return what a file says of one person.

    Raises:
        InputFault: `garment.file_too_large`, `garment.file_empty`, `garment.file_encoding`,
            `garment.file_not_measures`; `garment.json_*`, `garment.csv_*`; `garment.field_*`.
    """
    name = file.name[:80]
    if len(file.content) > FILE_BYTES_MAX:
        limit_mb = FILE_BYTES_MAX // 1_000_000
        raise InputFault("garment.file_too_large", file=name, limit_mb=limit_mb)
    text = _text(name, file.content)
    if not text.strip():
        raise InputFault("garment.file_empty", file=name)
    if text.lstrip().startswith(("{", "[")):
        return Told("json", _from_json(name, text), {})
    return _from_table(name, text)


def _json_like(name: str, head: bytes) -> float:
    """Return how sure a JSON is ours, by what its beginning says; damaged ones are ours too."""
    kind = b'"garment"' in head
    known = sum(f'"{measure}"'.encode() in head for measure in measures())
    if kind and known:
        return 0.95
    if known >= 2:
        return 0.9
    return 0.5 if kind and (b'"type"' in head or name.lower().endswith(".json")) else 0.0


def _text(name: str, content: bytes) -> str:
    """Return the text: UTF-8, or Latin-1 as the men's table of ANSUR II is written."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in content:
        raise InputFault("garment.file_encoding", file=name)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    if any(not c.isprintable() and c not in "\r\n\t" for c in text[:_SNIFFED_BYTES]):
        raise InputFault("garment.file_encoding", file=name)
    return text


def _from_json(name: str, text: str) -> Mapping[str, Decimal]:
    document = _parsed(name, text)
    if not isinstance(document, dict):
        raise InputFault("garment.json_not_object", file=name)
    if document.get("type", "garment") != "garment":
        found = str(document["type"])[:80]
        raise InputFault("garment.json_type", file=name, found=found)
    version = document.get("version", 1)
    if isinstance(version, bool) or version != 1:
        raise InputFault("garment.json_version", file=name, found=str(version)[:80])
    values: dict[str, Decimal] = {}
    for field, value in document.items():
        if field in _BESIDE:
            continue
        if field not in measures():
            raise _unknown(field)
        if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
            raise InputFault("garment.field_not_number", field=field, value=_short(value))
        values[field] = _sane(field, Decimal(value))
    return values


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


def _from_table(name: str, text: str) -> Told:
    first = text.lstrip("\r\n").splitlines()[0]
    separator = max(_SEPARATORS, key=first.count)
    try:
        rows = [
            row
            for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
            if any(cell.strip() for cell in row)
        ]
    except csv.Error:
        raise InputFault("garment.csv_malformed", file=name) from None
    if not rows:
        raise InputFault("garment.file_empty", file=name)
    header = [_column(cell) for cell in rows[0]]
    known = set(header)
    is_ansur = _ansur_needs() <= known
    if not is_ansur and not known & set(measures()):
        raise InputFault("garment.file_not_measures", file=name)
    for column in header:
        if column and header.count(column) > 1:
            raise InputFault("garment.csv_column_twice", file=name, field=column[:80])
    if len(rows) != 2:
        raise InputFault("garment.csv_rows", file=name, rows=len(rows) - 1)
    if len(rows[1]) != len(header):
        raise InputFault("garment.csv_cells", file=name, cells=len(rows[1]), columns=len(header))
    cells = dict(zip(header, rows[1], strict=True))
    return _ansur_row(cells) if is_ansur else Told("csv", _own_row(cells), {})


def _own_row(cells: Mapping[str, str]) -> Mapping[str, Decimal]:
    values = {}
    for field, cell in cells.items():
        if field in _BESIDE or not cell.strip():
            continue
        if field not in measures():
            raise _unknown(field)
        values[field] = _number(field, cell)
    return values


def _ansur_row(cells: Mapping[str, str]) -> Told:
    values: dict[str, Decimal] = {}
    taken_as: dict[str, str] = {}
    for row in ansur():
        if any(not cells.get(column, "").strip() for column in row["columns"]):
            continue  # what else is needed is asked for, or completed, later
        parts = [
            factor * _number(column, cells[column]) for column, factor in row["columns"].items()
        ]
        values[row["measure"]] = sum(parts, Decimal(0)).quantize(Decimal(1))
        if row["match"] != "same":
            taken_as[row["measure"]] = row["match"]
    return Told("ansur", values, taken_as)


def _ansur_needs() -> set[str]:
    """Return the columns that a table of ANSUR II must have for a shirt."""
    must = {name for name, measure in measures().items() if measure.for_shirt == "must"}
    return {column for row in ansur() if row["measure"] in must for column in row["columns"]}


def _columns(line: str) -> list[str]:
    separator = max(_SEPARATORS, key=line.count)
    return [_column(cell) for cell in line.split(separator)]


def _column(cell: str) -> str:
    return cell.strip().strip('"').strip().lower()


def _number(field: str, cell: str) -> Decimal:
    text = cell.strip()
    try:
        value = Decimal(text.replace(",", ".") if text.count(",") == 1 else text)
    except InvalidOperation:
        raise InputFault("garment.field_not_number", field=field, value=_short(cell)) from None
    return _sane(field, value)


def _sane(field: str, value: Decimal) -> Decimal:
    """Return a number that can be reckoned with: finite, and not of a thousand digits."""
    if not value.is_finite() or value.adjusted() > 6:
        raise InputFault("garment.field_no_length", field=field, value=_short(value))
    return value


def _unknown(field: str) -> InputFault:
    near = get_close_matches(field.lower()[:80], list(measures()), n=1, cutoff=0.5)
    if near:
        return InputFault("garment.field_unknown", field=field[:80], nearest=near[0])
    known = ", ".join(measures())
    return InputFault("garment.field_unheard_of", field=field[:80], known=known)


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 40 else f"{text[:40]}…"
