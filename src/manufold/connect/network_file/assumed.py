"""What a network file leaves out, and what stands for it: plausible, flagged, never 24 hours a day.

Each is a warning at the line of its table, and goes with every offer that uses it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from statistics import median_low
from typing import Any

from manufold.connect.network_file.faults import Faults
from manufold.connect.network_file.kinds import number_text
from manufold.connect.network_file.tables import Record
from manufold.model.calendar import DAYS, Shift, WorkCalendar
from manufold.model.errors import Param, Reason

__all__ = ["Assumed", "HOURS"]

#: what is assumed -> code of its warning, of the reason in offers, and of that about an operator
_CODES = {
    "calendar": (
        "network.calendar_assumed",
        "schedule.calendar_assumed",
        "schedule.operator_calendar_assumed",
    ),
    "rate": (
        "network.rate_assumed",
        "schedule.rate_assumed",
        "schedule.operator_rate_assumed",
    ),
    "setup": ("network.setup_assumed", "schedule.setup_assumed", ""),
}
#: when somebody or something works of whom nobody said when
HOURS = Shift(DAYS[:5], "08:00", "16:00")
#: minutes of changeover where a setup matrix says nothing at all
CHANGEOVER_MIN = Decimal(15)

Sections = Mapping[str, list[Record]]


@dataclass(slots=True)
class Assumed:
    """Gathers what was assumed, as warnings of the file and as reasons for offers.

    Args:
        own: the network's currency.
        calendars: made for what has none, by site.
        reasons: by the id of a work unit, an operator or a setup matrix.
    """

    sections: Sections
    own: str
    faults: Faults
    calendars: dict[str, WorkCalendar] = field(default_factory=dict)
    reasons: dict[str, tuple[Reason, ...]] = field(default_factory=dict)

    def calendar_id(self, record: Record, site: Record | None) -> str | None:
        """Return the calendar of a work unit or an operator, the site's assumed one without."""
        stated: str | None = record.get("calendar")
        if stated is not None or site is None or site.get("zone") is None:
            return stated
        known = {one.get("id") for one in self.sections["calendar"]}
        name = f"assumed-{site['id']}"
        while name in known:
            name += "-"
        self.calendars.setdefault(name, WorkCalendar(name, site["zone"], (HOURS,)))
        hours: dict[str, Param] = {"start": HOURS.start, "end": HOURS.end, "zone": site["zone"]}
        self._say(record, "calendar", hours)
        return name

    def rate(self, record: Record, site: Record | None) -> Decimal | None:
        """Return the hourly rate in the site's currency, the middle one of its kind without."""
        stated: Decimal | None = record.get("rate_per_h")
        if stated is not None or site is None:
            return stated
        kind, currency = record.row.section, str(site.get("currency"))
        others = [one for one in self.sections[kind] if one.get("rate_per_h") is not None]
        there = [one["rate_per_h"] for one in others if self._site_of(one) == site.get("id")]
        found = there or [*self._converted(others, currency)]
        if not found:
            self.faults.error(record.place(), "network.rate_missing", section=kind)
            return None
        rate = Decimal(median_low(found))
        shown: dict[str, Param] = {"rate": number_text(rate), "currency": currency}
        self._say(record, "rate", shown)
        return rate

    def default_min(self, matrix: Record, listed: Iterable[Record]) -> Decimal:
        """Return the minutes between families without an entry, the longest listed without."""
        stated: Decimal | None = matrix.get("default_min")
        if stated is not None:
            return Decimal(stated)
        longest = max((Decimal(one["time_min"]) for one in listed), default=CHANGEOVER_MIN)
        self._say(matrix, "setup", {"minutes": number_text(longest)})
        return longest

    def _say(self, record: Record, what: str, params: Mapping[str, Param]) -> None:
        name = str(record["id"])
        warning, code, of_operator = _CODES[what]
        self.faults.warning(record.place(), warning, name=name, **params)
        told: dict[str, Param] = {"at": name, **params}
        if record.row.section == "operator":  # buyers read it: what somebody can, not who it is
            told = {"skill": ", ".join(record["skills"]), **params}
            code = of_operator
        self.reasons[name] = (*self.reasons.get(name, ()), Reason(code, told))

    def _site_of(self, record: Record) -> Any:
        if record.row.section == "operator":
            return record.get("site")
        centers = (one for one in self.sections["work_center"])
        wanted = record.get("work_center")
        return next((one.get("site") for one in centers if one.get("id") == wanted), None)

    def _converted(self, records: Iterable[Record], currency: str) -> Iterable[Decimal]:
        """Yield rates in another currency, to its cent."""
        worth = {self.own: Decimal(1)} | {
            str(one.get("currency")): Decimal(one["rate"])
            for one in self.sections["exchange_rate"]
            if one.get("rate") is not None
        }
        sites = {one.get("id"): str(one.get("currency")) for one in self.sections["site"]}
        for one in records:
            theirs = worth.get(sites.get(self._site_of(one), ""))
            if theirs is not None and currency in worth:
                yield (one["rate_per_h"] * theirs / worth[currency]).quantize(Decimal("0.01"))
