"""The files a network is read from, within limits: one TOML and the CSVs it names beside it."""

import csv
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path as FilePath
from typing import Any

from manufold.connect.network_file.faults import Faults, Place
from manufold.connect.network_file.lines import Path, line_of, lines_of
from manufold.model.errors import InputFault

__all__ = ["LARGEST_FILE_BYTES", "Row", "csv_rows", "toml_document"]

#: ten times the demo network's files together; a network of 10,000 work units fits
LARGEST_FILE_BYTES = 16 * 2**20

_TOML_LINE = re.compile(r"\(at line (\d+), column (\d+)\)")


@dataclass(frozen=True, slots=True)
class Row:
    """A table of the network: its raw values and where they stand.

    Args:
        values: as `tomllib` gave them, or the text of CSV cells.
        prefix: path of the table in its file.
        from_csv: whether values are text.
    """

    section: str
    values: Mapping[str, Any]
    file: str
    lines: dict[Path, int] = field(repr=False)
    prefix: Path = ()
    from_csv: bool = False

    def place(self, *path: str | int) -> Place:
        """Return where a value stands, by its path inside the table."""
        return Place(self.file, line_of(self.lines, (*self.prefix, *path)))


def file_text(file: FilePath, name: str) -> str:
    """Return the text of a file.

    Raises:
        InputFault: `network.file_missing`, `network.file_is_folder`, `network.file_too_large`,
            `network.file_not_utf8` (with its line), `network.file_unreadable`.
    """
    try:
        if file.is_dir():
            raise InputFault("network.file_is_folder", file=name)
        if not file.is_file():
            raise InputFault("network.file_missing", file=name)
        with file.open("rb") as opened:
            content = opened.read(LARGEST_FILE_BYTES + 1)
    except (OSError, ValueError) as refused:
        what = getattr(refused, "strerror", None) or str(refused)
        raise InputFault("network.file_unreadable", file=name, what=what) from None
    if len(content) > LARGEST_FILE_BYTES:
        limit_mb = LARGEST_FILE_BYTES // 2**20
        raise InputFault("network.file_too_large", file=name, limit_mb=limit_mb)
    try:
        return content.removeprefix(b"\xef\xbb\xbf").decode()
    except UnicodeDecodeError as refused:
        line = content.count(b"\n", 0, refused.start) + 1
        raise InputFault("network.file_not_utf8", file=name, line=line) from None


def toml_document(file: FilePath, faults: Faults) -> tuple[dict[str, Any], dict[Path, int]]:
    """Return what a TOML file says and where it says it; empty when it cannot be read."""
    name = file.name
    try:
        text = file_text(file, name)
    except InputFault as refused:
        faults.refusal(Place(name, int(refused.params.get("line", 0))), refused)
        return {}, {}
    try:
        return tomllib.loads(text, parse_float=Decimal), lines_of(text)
    except tomllib.TOMLDecodeError as refused:
        what = _TOML_LINE.sub("", str(refused)).strip()
        at = _TOML_LINE.search(str(refused))
        # without a position the text ended too early
        line = int(at.group(1)) if at else text.count("\n") + 1
        faults.error(Place(name, line), "network.toml_malformed", file=name, what=what)
    except (ValueError, ArithmeticError, RecursionError):
        faults.error(Place(name, 0), "network.toml_unreasonable", file=name)
    return {}, {}


def csv_rows(
    folder: FilePath, name: str, section: str, place: Place, faults: Faults
) -> Iterator[Row]:
    """Yield the rows of a CSV file beside the network file; empty cells are left out.

    Lines that start with "#" are notes. The first other line names the columns.
    """
    file = folder / name
    try:
        inside = file.resolve().is_relative_to(folder.resolve())
    except (OSError, ValueError, RuntimeError):
        inside = False
    if not inside or FilePath(name).is_absolute() or "\\" in name:
        faults.error(place, "network.csv_outside", csv=name)
        return
    try:
        text = file_text(file, name)
    except InputFault as refused:
        line = int(refused.params.get("line", 0))
        faults.refusal(Place(name, line) if line else place, refused)
        return
    yield from _rows(text, name, section, faults)


def _rows(text: str, name: str, section: str, faults: Faults) -> Iterator[Row]:
    lines = text.replace("\r\n", "\n").split("\n")
    # notes become blank lines, so that line numbers stay
    kept = ("\n" if line.startswith("#") else f"{line}\n" for line in lines)
    reader = csv.reader(kept, strict=True)
    columns: list[str] = []
    line = 1
    try:
        for cells in reader:
            place, line = Place(name, line), reader.line_num + 1
            cells = [cell.strip() for cell in cells]
            if not any(cells):
                continue
            if not columns:
                columns = cells
                if not _sound_columns(columns, place, section, faults):
                    return
            elif len(cells) != len(columns):
                faults.error(place, "network.csv_ragged", found=len(cells), wanted=len(columns))
            else:
                pairs = zip(columns, cells, strict=True)
                values = {column: cell for column, cell in pairs if cell}
                yield Row(section, values, name, {(): place.line}, from_csv=True)
    except csv.Error as refused:
        faults.error(Place(name, line), "network.csv_malformed", file=name, what=str(refused))
        return
    if not columns:
        faults.error(Place(name, 0), "network.csv_empty", file=name, section=section)


def _sound_columns(columns: list[str], place: Place, section: str, faults: Faults) -> bool:
    if len(columns) == 1 and (";" in columns[0] or "\t" in columns[0]):
        faults.error(place, "network.csv_separator", file=place.file)
        return False
    for column in columns:
        if not column or columns.count(column) > 1:
            faults.error(place, "network.csv_column_twice", column=column, section=section)
            return False
    return True
