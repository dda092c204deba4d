"""From raw rows to events: every row is used or left out, and what is left out is counted.

A row that cannot be understood is left out with its place, its column, what is wrong and what to
do, so that a log of a year is not refused for one slip of a pen; a log of which too much would be
left out is refused, since what remained would be another shop.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import Literal

from manufold.connect.event_log.columns import columns_of
from manufold.connect.event_log.files import log_bytes, log_text
from manufold.connect.event_log.lifecycle import paired
from manufold.connect.event_log.moments import Moments, cycles_on, read_span_s
from manufold.connect.event_log.rows import RawLog, RawRow, csv_log
from manufold.connect.event_log.xes import xes_log
from manufold.model.calendar import checked_zone
from manufold.model.errors import Fault, InputFault, Reason

__all__ = ["EventKind", "EventLog", "LogEvent", "read_log"]

EventKind = Literal["run", "setup", "down"]

#: beyond this share of rows left out, the log is refused
MOST_LEFT_OUT_PERCENT = 10
#: a row that lasts longer is a slip of a date
LONGEST_ROW_S = 31 * 86400
#: what is mined stays the same shop; and a mined calendar stays cheap
LONGEST_LOG_S = 5 * 366 * 86400
MOST_RESOURCES = 2000
MOST_SHOWN = 200

_QUANTITY = re.compile(r"(\d{1,9})(?:[.,]0{1,6})?", re.ASCII)
_KINDS: Mapping[EventKind, frozenset[str]] = {
    "setup": frozenset({"s", "setup", "set-up", "rüsten", "ruesten", "准备", "换线", "调机"}),
    "down": frozenset({"b", "breakdown", "down", "downtime", "störung", "故障", "停机"}),
    "run": frozenset({"d", "r", "run", "data", "work", "production", "lauf", "生产", "加工", ""}),
}


@dataclass(frozen=True, slots=True)
class LogEvent:
    """A stretch of work that the log tells of.

    Args:
        where: its row, or its trace and event.
        order_s: by what the events of an order are sorted: `start_s`, or the end of the day of
            a row that names only its day.
        due_s: when its order was due, None where the log does not say.
        clocked: whether its times were taken, and not put in for want of better ones.
    """

    where: str
    case: str
    activity: str
    resource: str
    start_s: int
    end_s: int
    order_s: int
    kind: EventKind = "run"
    worker: str | None = None
    quantity: int | None = None
    due_s: int | None = None
    product: str | None = None
    group: str | None = None
    clocked: bool = True


@dataclass(frozen=True)
class EventLog:
    """A log, understood: its events in the order of time, and what was made of the rest.

    Args:
        columns: role -> column it was read from.
        row_count: rows the file has; each is in an event or in `left_out`.
        used_count: rows that are in events.
        left_out: one fault for each row that is in no event, in the order of the file.
        years_on: how far its times were moved on, 0 for a log of this epoch.
        assumptions: what was taken as given while reading.
    """

    name: str
    zone: str
    columns: Mapping[str, str]
    row_count: int
    used_count: int
    events: tuple[LogEvent, ...]
    left_out: tuple[Fault, ...]
    years_on: int
    assumptions: tuple[Reason, ...] = field(default=())

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many rows were left out, by the code of their reason, most first."""
        return dict(Counter(fault.reason.code for fault in self.left_out).most_common())


def read_log(
    path: str | PathLike[str],
    zone: str,
    *,
    columns: Mapping[str, str] | None = None,
    encoding: str | None = None,
    date_order: str = "ymd",
) -> EventLog:
    """Return the events of a CSV or XES file, packed with gzip or not.

    Args:
        zone: IANA zone of wall times without an offset, and of the shifts mined later.
        columns: role -> column, see `columns.HEADERS`; what is not told is guessed.
        encoding: of a CSV without a byte order mark, UTF-8 unless told.
        date_order: "dmy" or "mdy" where dates end in the year.

    Raises:
        InputFault: `log.*`, `calendar.zone_unknown`.
    """
    moments = Moments(checked_zone(zone), date_order)
    file = Path(path)
    content = log_bytes(file)
    xes = content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
    text = log_text(content, file.name, None if xes else encoding)
    raw = xes_log(text, file.name) if xes else csv_log(text, file.name)
    told = dict(columns or {})
    return _Reader(file.name, raw, columns_of(raw.columns, told), told, moments).log()


class _Reader:
    """Reads one log, row by row."""

    def __init__(
        self,
        name: str,
        raw: RawLog,
        columns: dict[str, str],
        told: Mapping[str, str],
        moments: Moments,
    ) -> None:
        self.name, self.raw, self.columns, self.moments = name, raw, columns, moments
        self.guessed = sorted(role for role in columns if role not in told)
        self.left_out: list[Fault] = list(raw.torn)
        self.notes: Counter[str] = Counter()

    def log(self) -> EventLog:
        """Return the log.

        Raises:
            InputFault: `log.too_much_left_out`, `log.spans_too_long`, `log.too_many_resources`.
        """
        stretches = self._stretches()
        count = len(self.raw.rows) + len(self.raw.torn)
        left = len(self.left_out)
        if not stretches or 100 * left > MOST_LEFT_OUT_PERCENT * count:
            raise InputFault(
                "log.too_much_left_out",
                faults=tuple(self.left_out[:MOST_SHOWN]),
                file=self.name,
                left=left,
                rows=count,
                limit=MOST_LEFT_OUT_PERCENT,
            )
        oldest = min(start for _, start, _ in stretches)
        newest = max(end for _, _, end in stretches)
        if (newest - oldest).total_seconds() > LONGEST_LOG_S:
            raise InputFault(
                "log.spans_too_long",
                oldest=oldest.date().isoformat(),
                newest=newest.date().isoformat(),
            )
        years = cycles_on(oldest)
        events = [self._event(row, start, end, years) for row, start, end in stretches]
        if len({event.resource for event in events}) > MOST_RESOURCES:
            raise InputFault("log.too_many_resources", limit=MOST_RESOURCES)
        return EventLog(
            self.name,
            self.moments.zone.key,
            self.columns,
            count,
            count - left,
            tuple(sorted(events, key=lambda e: (e.start_s, e.end_s, e.case, e.where))),
            tuple(self.left_out),
            years,
            self._assumptions(years),
        )

    def _stretches(self) -> list[tuple[RawRow, datetime, datetime]]:
        sound = [row for row in self._first_of_each() if self._named(row)]
        if "start" in self.columns:
            found = [one for row in sound if (one := self._stretch(row)) is not None]
        else:
            stamped = []
            for row in sound:
                at = self._moment(row, "time")
                if at is not None:
                    stamped.append((row, at))
            found, alone = paired(stamped, self.columns)
            self.left_out += alone
        return [one for one in found if self._lasts(*one)]

    def _first_of_each(self) -> list[RawRow]:
        seen: dict[tuple[tuple[str, str], ...], str] = {}
        kept = []
        for row in self.raw.rows:
            key = tuple(sorted(row.cells.items()))
            first = seen.setdefault(key, row.where)
            if first == row.where:
                kept.append(row)
            else:
                self._leave(row, "log.row_twice", first=first)
        return kept

    def _named(self, row: RawRow) -> bool:
        for role in ("case", "activity", "resource"):
            if self.columns[role] not in row.cells:
                self._leave(row, "log.cell_empty", column=self.columns[role])
                return False
        for role, read in (("quantity", _quantity), ("duration", read_span_s)):
            text = row.cells.get(self.columns.get(role, ""))
            if text is not None:
                try:
                    read(text)
                except ValueError as refused:
                    self._leave(row, str(refused), column=self.columns[role], found=text[:40])
                    return False
        return self._due_reads(row)

    def _due_reads(self, row: RawRow) -> bool:
        return (
            "due" not in self.columns
            or self.columns["due"] not in row.cells
            or (self._moment(row, "due") is not None)
        )

    def _stretch(self, row: RawRow) -> tuple[RawRow, datetime, datetime] | None:
        start, end = self._moment(row, "start"), None
        if start is not None:
            end = self._moment(row, "complete")
        return None if start is None or end is None else (row, start, end)

    def _moment(self, row: RawRow, role: str) -> datetime | None:
        column = self.columns[role]
        text = row.cells.get(column)
        if text is None:
            self._leave(row, "log.cell_empty", column=column)
            return None
        try:
            return self.moments.wall(text)
        except ValueError as refused:
            self._leave(row, str(refused), column=column, found=text[:40])
            return None

    def _lasts(self, row: RawRow, start: datetime, end: datetime) -> bool:
        span_s = self.moments.engine_s(end, 0) - self.moments.engine_s(start, 0)
        if span_s < 0:
            self._leave(row, "log.ends_before_start", start=_shown(start), end=_shown(end))
        elif span_s > LONGEST_ROW_S:
            self._leave(
                row, "log.lasts_too_long", start=_shown(start), end=_shown(end), limit_days=31
            )
        else:
            return True
        if "start" not in self.columns:  # two rows, a start and an end, made this stretch
            self.left_out.append(self.left_out[-1])
        return False

    def _event(self, row: RawRow, start: datetime, end: datetime, years: int) -> LogEvent:
        cells = {role: row.cells.get(column) for role, column in self.columns.items()}
        start_s = self.moments.engine_s(start, years)
        end_s = self.moments.engine_s(end, years)
        clocked = self._clocked(cells.get("duration"), end_s - start_s)
        midnight = not clocked and (start.hour, start.minute, start.second) == (0, 0, 0)
        quantity = _quantity(cells.get("quantity") or "0") or None
        due = cells.get("due")
        due_s = None
        if due is not None:
            due_s = self.moments.engine_s(self.moments.wall(due), years)
            due_s += 0 if ":" in due else 86399
        if start_s == end_s:
            self.notes["log.no_length"] += 1
        return LogEvent(
            row.where,
            str(cells["case"]),
            str(cells["activity"]),
            str(cells["resource"]),
            start_s,
            end_s,
            start_s + 86399 if midnight else start_s,
            self._kind(cells.get("kind")),
            cells.get("worker"),
            quantity,
            due_s,
            cells.get("product"),
            cells.get("group"),
            clocked,
        )

    def _clocked(self, duration: str | None, span_s: int) -> bool:
        if duration is None:
            return True
        told_s = read_span_s(duration)
        if told_s == 0 < span_s:
            self.notes["log.not_clocked"] += 1
            return False
        if abs(told_s - span_s) > 60:
            self.notes["log.duration_differs"] += 1
        return True

    def _kind(self, text: str | None) -> EventKind:
        folded = (text or "").casefold()
        for kind, names in _KINDS.items():
            if folded in names:
                return kind
        self.notes["log.kind_unknown"] += 1
        return "run"

    def _leave(self, row: RawRow, code: str, **params: str | int) -> None:
        self.left_out.append(Fault(row.where, Reason(code, params)))

    def _assumptions(self, years: int) -> tuple[Reason, ...]:
        told = [Reason("log.zone_taken", {"zone": self.moments.zone.key})]
        if self.guessed:
            shown = ", ".join(f"{role} = {self.columns[role]}" for role in self.guessed)
            told.append(Reason("log.columns_guessed", {"columns": shown[:400]}))
        if years:
            told.append(Reason("log.years_moved", {"years": years}))
        for code, count in sorted(self.notes.items()):
            told.append(Reason(code, {"count": count}))
        return tuple(told)


def _quantity(text: str) -> int:
    found = _QUANTITY.fullmatch(text)
    if found is None:
        raise ValueError("log.number_malformed")
    return int(found.group(1))


def _shown(moment: datetime) -> str:
    return moment.replace(tzinfo=None).isoformat(" ", "minutes")
