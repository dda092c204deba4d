"""Raw rows of a log: where each stands and the text of its cells, whatever file it came from."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field

from manufold.model.errors import Fault, InputFault, Reason

__all__ = ["LONGEST_CELL", "MOST_COLUMNS", "MOST_ROWS", "RawLog", "RawRow", "csv_log"]

#: a shop of fifty machines that reports every quarter of an hour for half a year
MOST_ROWS = 500_000
MOST_COLUMNS = 400
#: no name, id or time is longer; a longer cell is left out as unreadable
LONGEST_CELL = 2000

_SEPARATORS = (",", ";", "\t", "|")


@dataclass(frozen=True, slots=True)
class RawRow:
    """A row before anything is understood: where it stands, and its non-empty cells by column."""

    where: str
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RawLog:
    """What a file holds: its columns, its rows, and rows that are none."""

    columns: tuple[str, ...]
    rows: tuple[RawRow, ...]
    torn: tuple[Fault, ...] = field(default=())


def csv_log(text: str, name: str) -> RawLog:
    """Return the rows of a CSV; its separator (comma, semicolon, tab or bar) is that of line one.

    Raises:
        InputFault: `log.empty`, `log.header_twice`, `log.csv_malformed`, `log.too_many_rows`,
            `log.too_many_columns`.
    """
    begun = text.lstrip("\r\n \t")
    first_line = begun.split("\n", 1)[0]
    separator = max(_SEPARATORS, key=lambda mark: (_outside_quotes(first_line, mark), mark == ","))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    header: list[str] = []
    rows: list[RawRow] = []
    torn: list[Fault] = []
    line = 1
    try:
        for cells in reader:
            where, line = str(line), reader.line_num + 1
            cells = [cell.strip() for cell in cells]
            if not any(cells):
                continue
            if not header:
                header = _checked(cells)
                continue
            if len(rows) + len(torn) >= MOST_ROWS:
                raise InputFault("log.too_many_rows", limit=MOST_ROWS)
            fault = _torn(cells, header)
            if fault is not None:
                torn.append(Fault(where, fault))
            else:
                pairs = zip(header, cells, strict=True)
                rows.append(RawRow(where, {key: cell for key, cell in pairs if cell}))
    except csv.Error as refused:
        raise InputFault(
            "log.csv_malformed", file=name, line=line, what=str(refused)[:200]
        ) from None
    if not header or not (rows or torn):
        raise InputFault("log.empty", file=name)
    return RawLog(tuple(header), tuple(rows), tuple(torn))


def _checked(header: list[str]) -> list[str]:
    while header and not header[-1]:
        header = header[:-1]  # a separator at the end of the line is no column
    if len(header) > MOST_COLUMNS:
        raise InputFault("log.too_many_columns", limit=MOST_COLUMNS)
    for column in header:
        if not column or header.count(column) > 1:
            raise InputFault("log.header_twice", column=column[:80])
    return header


def _torn(cells: list[str], header: list[str]) -> Reason | None:
    while len(cells) > len(header) and not cells[-1]:
        cells.pop()
    if len(cells) != len(header):
        return Reason("log.row_torn", {"found": len(cells), "wanted": len(header)})
    if any(len(cell) > LONGEST_CELL for cell in cells):
        column = next(c for c, cell in zip(header, cells, strict=True) if len(cell) > LONGEST_CELL)
        return Reason("log.cell_too_long", {"column": column, "limit": LONGEST_CELL})
    return None


def _outside_quotes(line: str, mark: str) -> int:
    return sum(part.count(mark) for part in line.split('"')[::2])
