"""Small logs written by hand, as CSV and as XES, and the reading of them."""

from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import quoteattr

from manufold.connect.event_log import EventLog, read_log

__all__ = ["HEAD", "csv_file", "plain_week", "read", "xes_text"]

HEAD = "case id,activity,resource,start,complete"
ZONE = "Europe/Berlin"


def csv_file(folder: Path, *rows: str, head: str = HEAD, name: str = "log.csv") -> Path:
    """Write a CSV of these rows; return its path."""
    file = folder / name
    file.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return file


def read(folder: Path, *rows: str, head: str = HEAD, **told: str) -> EventLog:
    """Return the log of these rows."""
    return read_log(csv_file(folder, *rows, head=head), ZONE, **told)  # type: ignore[arg-type]


def plain_week(weeks: int = 3) -> list[str]:
    """Return rows of a mill at work from 7 to 15:30, Monday to Friday, one order a day; the log
    begins on Monday, 2 March 2026, with a break at noon that is part of the shift."""
    rows = []
    for day in range(7 * weeks):
        if day % 7 < 5:
            date = f"2026-03-{2 + day:02}"
            rows.append(f"o{day},mill,M1,{date} 07:00,{date} 12:00")
            rows.append(f"o{day},mill,M1,{date} 12:30,{date} 15:30")
    return rows


def xes_text(traces: Sequence[tuple[str, Sequence[dict[str, str]]]]) -> str:
    """Return an XES log: (order, events of it), each event its attributes."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<log xmlns="http://www.xes-standard.org/">']
    for order, events in traces:
        lines.append(f'<trace><string key="concept:name" value={quoteattr(order)}/>')
        for event in events:
            lines.append("<event>")
            for key, value in event.items():
                kind = "date" if key == "time:timestamp" else "string"
                lines.append(f"<{kind} key={quoteattr(key)} value={quoteattr(value)}/>")
            lines.append("</event>")
        lines.append("</trace>")
    return "\n".join([*lines, "</log>"])
