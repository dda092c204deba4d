"""XES logs (IEEE 1849-2023): traces of events with typed attributes, read by lxml.

lxml because it is well kept, BSD, in the base install already, and reads in one pass; pm4py, the
usual reader of XES, is AGPL and could not be shipped with an Apache-2.0 package, and all it would
do here is this page. A log comes from strangers, hence: any DOCTYPE is refused before the parser
sees it, so there is no entity to expand; the parser neither resolves entities nor loads a DTD nor
uses a network, and keeps libxml2's own limits; the text is UTF-8 whatever the file claims, so that
no other encoding hides a DOCTYPE; bytes, rows, columns and cells have limits of their own, and
each trace is freed once it is read.

An attribute of a trace stands in each of its events with "case:" before its key.
Source  IEEE 1849-2023, clause 5 (XML serialization) and 7 (standard extensions).
"""

import io
import re
from typing import Any

from lxml import etree

from manufold.connect.event_log.rows import (
    LONGEST_CELL,
    MOST_COLUMNS,
    MOST_ROWS,
    RawLog,
    RawRow,
)
from manufold.model.errors import Fault, InputFault, Reason

__all__ = ["xes_log"]

_TYPES = {"string", "date", "int", "float", "boolean", "id"}
_DOCTYPE = re.compile(r"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)


def xes_log(text: str, name: str) -> RawLog:
    """Return the events of an XES log, in the order of the file.

    Raises:
        InputFault: `log.xml_doctype`, `log.xml_malformed`, `log.not_xes`, `log.empty`,
            `log.too_many_rows`, `log.too_many_columns`.
    """
    if _DOCTYPE.search(text):
        raise InputFault("log.xml_doctype", file=name)
    reading = _Reading(name)
    try:
        walk = etree.iterparse(
            io.BytesIO(text.encode()),
            events=("start", "end"),
            encoding="utf-8",
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            dtd_validation=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )
        for step, element in walk:
            reading.take(step, element)
    except etree.XMLSyntaxError as refused:
        line, what = refused.lineno or 0, str(refused.msg or "")[:200]
        raise InputFault("log.xml_malformed", file=name, line=line, what=what) from None
    if not reading.rows and not reading.torn:
        raise InputFault("log.empty", file=name)
    return RawLog(tuple(reading.columns), tuple(reading.rows), tuple(reading.torn))


class _Reading:
    """What has been read so far; elements are freed as their end is met."""

    def __init__(self, name: str) -> None:
        self.name, self.depth, self.trace = name, 0, 0
        self.columns: dict[str, None] = {}
        self.rows: list[RawRow] = []
        self.torn: list[Fault] = []
        self._of_trace: dict[str, str] = {}
        self._events: list[tuple[int, dict[str, str]]] = []
        self._number = 0

    def take(self, step: str, element: Any) -> None:
        """Take the start or the end of one element."""
        tag = etree.QName(element).localname
        if step == "start":
            if self.depth == 0 and tag != "log":
                raise InputFault("log.not_xes", file=self.name, found=tag[:80])
            if tag == "trace" and self.depth == 1:
                self.trace += 1
                self._of_trace, self._events, self._number = {}, [], 0
            self.depth += 1
            return
        self.depth -= 1
        inside = self.depth == 2 and etree.QName(element.getparent()).localname == "trace"
        if inside and tag == "event":
            self._event(element)
        elif inside and tag in _TYPES:
            self._of_trace |= {f"case:{key}": value for key, value in _pair(element)}
        elif self.depth == 1:
            if tag == "trace":
                self._ended()
            elif tag == "event":
                self.torn.append(Fault("log", Reason("log.event_outside_trace", {})))
        if self.depth <= 2 and (tag == "event" or self.depth == 1):
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]

    def _event(self, element: Any) -> None:
        self._number += 1
        where = f"trace {self.trace}, event {self._number}"
        if len(self.rows) + len(self.torn) + len(self._events) >= MOST_ROWS:
            raise InputFault("log.too_many_rows", limit=MOST_ROWS)
        cells: dict[str, str] = {}
        for attribute in element:
            if isinstance(attribute.tag, str) and etree.QName(attribute).localname in _TYPES:
                cells |= _pair(attribute)
        long = next((key for key, cell in cells.items() if len(cell) > LONGEST_CELL), None)
        if long is not None:
            reason = Reason("log.cell_too_long", {"column": long[:80], "limit": LONGEST_CELL})
            self.torn.append(Fault(where, reason))
            return
        self._events.append((self._number, cells))

    def _ended(self) -> None:
        for number, cells in self._events:
            whole = self._of_trace | cells
            self.columns.update(dict.fromkeys(whole))
            if len(self.columns) > MOST_COLUMNS:
                raise InputFault("log.too_many_columns", limit=MOST_COLUMNS)
            self.rows.append(RawRow(f"trace {self.trace}, event {number}", whole))
        self._of_trace, self._events = {}, []


def _pair(attribute: Any) -> list[tuple[str, str]]:
    key, value = attribute.get("key"), attribute.get("value")
    if not key or value is None or not value.strip():
        return []
    return [(key.strip(), value.strip())]
