"""Read a table of orders and a table of rolls, as an owner of a cutting room keeps them.

Times are the clock's, `09:30`, or with their day, `2026-11-24 09:30`; all of one table alike. Rows
of one `suit` are cut together, whoever is asked: what a person gets of one cloth is of one roll.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from itertools import pairwise
from math import isfinite
from typing import Any

from manufold.model.cut_plan import Roll
from manufold.model.errors import InputFault

__all__ = ["Days", "OrderRow", "read_hours", "read_orders", "read_rolls"]

ROWS_MOST = 2_000
LONG_MM_MOST = 1e7
_DAY_S = 86_400
_ORDER = ("order", "cloth", "due", "ready", "shade", "suit")
_ROLL = ("roll", "cloth", "width_mm", "length_mm", "shade", "flaws", "price", "one_way")


@dataclass(frozen=True, slots=True)
class Days:
    """What seconds of a plan mean: since midnight of its first day.

    Args:
        first: None where the table tells only the clock.
    """

    first: date | None

    def said(self, at_s: int) -> str:
        """Return an instant as the table would tell it; without a date, +1 is the next day."""
        days, rest = divmod(at_s, _DAY_S)
        clock = f"{rest // 3600:02d}:{rest // 60 % 60:02d}"
        if self.first is not None:
            return f"{self.first + timedelta(days=days)} {clock}"
        return f"{clock} +{days}" if days else clock


@dataclass(frozen=True, slots=True)
class OrderRow:
    """A row: one thing of somebody.

    Args:
        suit: what it is cut with; its own name where nothing else.
        cells: of the trade, by column.
    """

    line: int
    name: str
    cloth: str
    ready_s: int
    due_s: int
    shade: str
    suit: str
    cells: Mapping[str, str]


def read_orders(content: bytes, file: str, own: Sequence[str]) -> tuple[tuple[OrderRow, ...], Days]:
    """Return the rows of a table of orders.

    Args:
        own: columns of the trade.

    Raises:
        InputFault: `cut.table_*`, `cut.column_*`, `cut.value`, `cut.twice`.
    """
    rows = _rows(content, file, ("order", "cloth", "due"), (*_ORDER, *own))
    moments = [_moment(file, n, key, row) for n, row in rows for key in ("due", "ready")]
    dated = {day for day, _ in filter(None, moments)}
    if None in dated and len(dated) > 1:
        raise InputFault("cut.times_mixed", file=file)
    first = None if None in dated else min(day for day in dated if day is not None)
    found = []
    for (line, row), due, ready in zip(rows, moments[::2], moments[1::2], strict=True):
        if due is None:
            raise _value(file, line, "due", "", "09:30")
        cells = {key: value for key, value in row.items() if key in own}
        ready_s = 0 if ready is None else _since_s(ready, first)
        due_s = _since_s(due, first)
        name = row["order"]
        if not name or len(name) > 60:
            raise _value(file, line, "order", name, "A17")
        if not row["cloth"]:
            raise _value(file, line, "cloth", "", "white poplin")
        suit = row.get("suit") or name
        shade = row.get("shade", "")
        found.append(OrderRow(line, name, row["cloth"], ready_s, due_s, shade, suit, cells))
    _once(file, [(row.line, row.name) for row in found])
    return tuple(found), Days(first)


def read_rolls(content: bytes, file: str) -> tuple[tuple[Roll, ...], Mapping[str, bool]]:
    """Return the rolls, and of each cloth whether it has a top.

    Raises:
        InputFault: `cut.table_*`, `cut.column_*`, `cut.value`, `cut.twice`.
    """
    rows = _rows(content, file, ("roll", "cloth", "width_mm", "length_mm"), _ROLL)
    found: list[Roll] = []
    one_way: dict[str, bool] = {}
    for line, row in rows:
        for key in ("roll", "cloth"):
            if not row[key] or len(row[key]) > 60:
                raise _value(file, line, key, row[key], "white poplin")
        width_mm = _number(file, line, "width_mm", row["width_mm"])
        length_mm = _number(file, line, "length_mm", row["length_mm"])
        # without a price every cloth is worth its area
        price = row.get("price", "")
        price_minor = _number(file, line, "price", price) * 100 if price else width_mm
        flaws = _flaws(file, line, row.get("flaws", ""), length_mm)
        shade = row.get("shade", "")
        found.append(
            Roll(row["roll"], row["cloth"], width_mm, length_mm, shade, flaws, price_minor)
        )
        said = row.get("one_way", "").lower()
        if said not in ("", "yes", "no"):
            raise _value(file, line, "one_way", said, "yes, no")
        one_way[row["cloth"]] = one_way.get(row["cloth"], False) or said == "yes"
    _once(file, [(line, row["roll"]) for line, row in rows])
    return tuple(found), one_way


def read_hours(said: str) -> tuple[tuple[int, int], ...]:
    """Return hours such as `08:00-12:00,13:00-17:00` in seconds since midnight.

    Raises:
        InputFault: `cut.hours`.
    """
    found: list[tuple[int, int]] = []
    try:
        for part in said.split(","):
            low, high = (time.fromisoformat(one.strip()) for one in part.split("-"))
            found.append((low.hour * 3600 + low.minute * 60, high.hour * 3600 + high.minute * 60))
    except ValueError:
        raise InputFault("cut.hours", value=said[:80]) from None
    edges = [edge for pair in found for edge in pair]
    if any(low >= high for low, high in pairwise(edges)):
        raise InputFault("cut.hours", value=said[:80])
    return tuple(found)


def _rows(
    content: bytes, file: str, must: Sequence[str], known: Sequence[str]
) -> list[tuple[int, dict[str, str]]]:
    """Return the rows of a table with the lines they stand in, cells stripped."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputFault("cut.table_encoding", file=file) from None
    head = text.lstrip().split("\n", 1)[0]
    mark = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text), delimiter=mark)
    try:
        lines = [(reader.line_num, row) for row in reader if any(map(str.strip, row))]
    except csv.Error as fault:
        raise InputFault("cut.table_broken", file=file, why=str(fault)[:120]) from None
    if len(lines) < 2:
        raise InputFault("cut.table_empty", file=file)
    if len(lines) > ROWS_MOST + 1:
        raise InputFault("cut.table_long", file=file, rows=len(lines) - 1, most=ROWS_MOST)
    columns = [cell.strip() for cell in lines[0][1]]
    for column in must:
        if column not in columns:
            raise InputFault("cut.column_missing", file=file, column=column)
    for column in columns:
        if column not in known or columns.count(column) > 1:
            told = ", ".join(dict.fromkeys(known))[:600]
            raise InputFault("cut.column_unknown", file=file, column=column[:40], known=told)
    found = []
    for line, row in lines[1:]:
        if len(row) != len(columns):
            raise InputFault(
                "cut.table_row", file=file, row=line, found=len(row), wanted=len(columns)
            )
        found.append((line, {c: cell.strip() for c, cell in zip(columns, row, strict=True)}))
    return found


def _moment(
    file: str, line: int, key: str, row: Mapping[str, Any]
) -> tuple[date | None, int] | None:
    said = row.get(key) or ""
    if not said:
        return None
    day, _, clock = said.replace("T", " ").rpartition(" ")
    try:
        told = time.fromisoformat(clock)
        first = date.fromisoformat(day) if day else None
    except ValueError:
        raise _value(file, line, key, said, "09:30, 2026-11-24 09:30") from None
    return first, told.hour * 3600 + told.minute * 60


def _since_s(moment: tuple[date | None, int], first: date | None) -> int:
    day, at_s = moment
    return at_s if day is None or first is None else (day - first).days * _DAY_S + at_s


def _number(file: str, line: int, key: str, said: str) -> float:
    try:
        value = float(said)
    except ValueError:
        raise _value(file, line, key, said, "1450") from None
    if not (isfinite(value) and 0 < value <= LONG_MM_MOST):
        raise _value(file, line, key, said, "1450")
    return value


def _flaws(file: str, line: int, said: str, length_mm: float) -> tuple[tuple[float, float], ...]:
    """Return stretches such as `1200-1300; 4500-4620`."""
    found: list[tuple[float, float]] = []
    for part in filter(None, (one.strip() for one in said.split(";"))):
        low, dash, high = part.partition("-")
        try:
            flaw = float(low), float(high)
        except ValueError:
            flaw = (1.0, 0.0)
        after = found[-1][1] if found else 0.0
        if not dash or not after <= flaw[0] < flaw[1] <= length_mm:
            raise _value(file, line, "flaws", said, "1200-1300; 4500-4620")
        found.append(flaw)
    return tuple(found)


def _once(file: str, names: Sequence[tuple[int, str]]) -> None:
    seen: dict[str, int] = {}
    for line, name in names:
        if name in seen:
            raise InputFault("cut.twice", file=file, row=line, name=name, first=seen[name])
        seen[name] = line


def _value(file: str, line: int, column: str, said: str, example: str) -> InputFault:
    return InputFault(
        "cut.value", file=file, row=line, column=column, value=said[:40], example=example
    )
