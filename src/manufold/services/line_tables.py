"""The files of a line: what stands and works there (TOML), and what is wanted of it (CSV).

A line file has the line's own rules, `[[shift]]` rows, `[[station]]`, `[[operator]]` and
`[[style]]` rows with their steps; an orders table has `order, style, release, due` and, if some
matter more, `weight`. Whatever is wrong is named with its place, before anything is planned.
"""

import csv
import io
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from manufold.model.calendar import DAYS, Shift, WorkCalendar
from manufold.model.errors import InputFault
from manufold.model.line import Line, LineOperator, LineOrder, Station, Step
from manufold.model.units import DAY_S, from_rfc3339

__all__ = ["LineFile", "first_and_last_s", "read_line", "read_line_orders"]

#: orders and stations beyond which one file is not one line
ORDERS_MOST, ROWS_MOST = 20_000, 2_000
#: from the first release to the last date
DAYS_MOST = 100
MINUTE_MS = 60_000
COLUMNS = ("order", "style", "release", "due")


@dataclass(frozen=True, slots=True)
class LineFile:
    """A line, the zone of its wall times, and the steps of each style that it makes."""

    line: Line
    zone: str
    styles: Mapping[str, tuple[Step, ...]]


class _Table:
    """A table of the file that names its place when a value is missing or of another kind."""

    def __init__(self, where: str, told: object) -> None:
        if not isinstance(told, dict):
            raise InputFault("line.file_value", where=where, key="-", wanted="a table")
        self.where, self.told = where, told

    def text(self, key: str, default: str | None = None) -> str:
        found = self._get(key, default)
        if not isinstance(found, str) or len(found) > 200:
            raise InputFault("line.file_value", where=self.where, key=key, wanted="text")
        return found

    def whole(self, key: str, default: int | None = None) -> int:
        found = self._get(key, default)
        if not isinstance(found, int) or isinstance(found, bool) or not 0 <= found < 10**9:
            raise InputFault("line.file_value", where=self.where, key=key, wanted="a whole number")
        return found

    def texts(self, key: str) -> tuple[str, ...]:
        found = self.items(key)
        if not all(isinstance(one, str) for one in found):
            raise InputFault("line.file_value", where=self.where, key=key, wanted="a list of texts")
        return tuple(found)

    def items(self, key: str) -> list[Any]:
        found = self._get(key, [])
        if not isinstance(found, list) or len(found) > ROWS_MOST:
            wanted = f"a list of at most {ROWS_MOST}"
            raise InputFault("line.file_value", where=self.where, key=key, wanted=wanted)
        return found

    def rows(self, key: str) -> "list[_Table]":
        return [_Table(f"{key} {at + 1}", row) for at, row in enumerate(self.items(key))]

    def minutes_ms(self, key: str) -> int:
        found = self._get(key, None)
        try:
            value_ms = Decimal(str(found)) * MINUTE_MS
            if isinstance(found, bool) or not 1 <= value_ms < 10**9:
                raise InvalidOperation
        except InvalidOperation:
            raise InputFault(
                "line.file_value", where=self.where, key=key, wanted="minutes"
            ) from None
        return round(value_ms)

    def _get(self, key: str, default: Any) -> Any:
        found = self.told.get(key, default)
        if found is None:
            raise InputFault("line.file_missing", where=self.where, key=key)
        return found


def read_line(text: bytes) -> LineFile:
    """Return the line of a file.

    Raises:
        InputFault: `line.file_malformed`, `line.file_missing`, `line.file_value`, or what the nouns
            themselves refuse.
    """
    try:
        told = tomllib.loads(text.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as fault:
        raise InputFault("line.file_malformed", what=str(fault)[:200]) from None
    file = _Table("line", told)
    zone, shifts = file.text("zone", "UTC"), _shifts(file)
    calendar = WorkCalendar("line", zone, shifts, file.texts("holidays"))
    extra = tuple(_number("line", "extra_permille", one) for one in file.items("extra_permille"))
    line = Line(
        tuple(_station(row) for row in file.rows("station")),
        tuple(_operator(row, calendar) for row in file.rows("operator")),
        calendar,
        file.whole("loop_s"),
        file.whole("hand_s", 0),
        file.whole("walk_s", 0),
        file.whole("orders_most"),
        extra,
    )
    styles = {}
    for row in file.rows("style"):
        name = row.text("name")
        if name in styles:
            raise InputFault("line.twice", noun="style", name=name)
        styles[name] = tuple(_step(one) for one in row.rows("step"))
    return LineFile(line, zone, styles)


def _number(where: str, key: str, found: object) -> int:
    if not isinstance(found, int) or isinstance(found, bool) or not 0 <= found <= 100_000:
        raise InputFault("line.file_value", where=where, key=key, wanted="whole numbers")
    return found


def _shifts(table: _Table) -> tuple[Shift, ...]:
    found = []
    for row in table.rows("shift"):
        breaks = row.items("breaks")
        if not all(isinstance(one, list) and len(one) == 2 for one in breaks):
            wanted = "pairs of wall times"
            raise InputFault("line.file_value", where=row.where, key="breaks", wanted=wanted)
        pairs = tuple((str(begin), str(end)) for begin, end in breaks)
        days = row.texts("days") or DAYS[:5]
        found.append(Shift(days, row.text("start"), row.text("end"), pairs))
    return tuple(found)


def _station(row: _Table) -> Station:
    return Station(
        row.text("name"),
        row.text("machine"),
        row.whole("at_s"),
        row.whole("places"),
        row.texts("attachments"),
    )


def _operator(row: _Table, calendar: WorkCalendar) -> LineOperator:
    name, told = row.text("name"), row.told.get("pace_permille")
    paces = _Table(f"{row.where} pace_permille", told)
    shifts, away = _shifts(row), row.texts("away")
    own = calendar
    if shifts or away:
        holidays = (*calendar.holidays, *away)
        own = WorkCalendar(name, calendar.zone, shifts or calendar.shifts, holidays)
    return LineOperator(name, {skill: paces.whole(skill) for skill in paces.told}, own)


def _step(row: _Table) -> Step:
    return Step(
        row.text("name"),
        row.text("machine"),
        row.text("skill", row.text("machine")),
        row.minutes_ms("minutes"),
        row.text("variant", ""),
        row.texts("after"),
        row.text("attachment", ""),
    )


def read_line_orders(text: bytes, file: LineFile) -> tuple[LineOrder, ...]:
    """Return the orders of a table.

    Raises:
        InputFault: `line.table_malformed`, `line.table_columns`, `line.table_rows`,
            `line.row_style`, `line.row_value`; each names its row.
    """
    try:
        rows = list(csv.DictReader(io.StringIO(text.decode("utf-8-sig")), strict=True))
    except (UnicodeDecodeError, csv.Error) as fault:
        raise InputFault("line.table_malformed", what=str(fault)[:200]) from None
    missing = [name for name in COLUMNS if not rows or name not in rows[0]]
    if missing:
        raise InputFault("line.table_columns", missing=", ".join(missing))
    if len(rows) > ORDERS_MOST:
        raise InputFault("line.table_rows", count=len(rows), most=ORDERS_MOST)
    return tuple(_order(row, at + 2, file) for at, row in enumerate(rows))


def _order(row: Mapping[str, str], number: int, file: LineFile) -> LineOrder:
    style = (row["style"] or "").strip()
    if style not in file.styles:
        raise InputFault("line.row_style", row=number, style=style[:80])
    found = []
    for column in ("release", "due"):
        try:
            found.append(from_rfc3339((row[column] or "").strip()))
        except (InputFault, ValueError):
            said = (row[column] or "")[:40]
            raise InputFault("line.row_value", row=number, column=column, found=said) from None
    name, weight = (row["order"] or "").strip(), (row.get("weight") or "1").strip()
    if not name or len(name) > 200:
        raise InputFault("line.row_value", row=number, column="order", found=name[:40])
    if not weight.isdecimal() or not 1 <= int(weight[:9]) <= 1000:
        raise InputFault("line.row_value", row=number, column="weight", found=weight[:40])
    return LineOrder(name, style, file.styles[style], found[0], found[1], int(weight))


def first_and_last_s(orders: Sequence[LineOrder]) -> tuple[int, int]:
    """Return the first release and the last date of some orders.

    Raises:
        InputFault: `line.days_many`: they lie further apart than one plan reaches.
    """
    first_s = min(o.release_s for o in orders)
    last = max(orders, key=lambda o: max(o.due_s, o.release_s))
    last_s = max(last.due_s, last.release_s)
    if last_s - first_s > DAYS_MOST * DAY_S:
        raise InputFault("line.days_many", order=last.order_id, most=DAYS_MOST)
    return first_s, last_s
