"""From checked tables to the nouns of `model.network`; amounts are converted exactly or refused."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from manufold.connect.network_file.assumed import Assumed
from manufold.connect.network_file.faults import Faults
from manufold.connect.network_file.hours import built_shift
from manufold.connect.network_file.kinds import number_text
from manufold.connect.network_file.lines import Path
from manufold.connect.network_file.tables import Record
from manufold.model.calendar import WorkCalendar
from manufold.model.errors import InputFault
from manufold.model.material import Material, Source, Stock
from manufold.model.network import (
    Capability,
    DeliveryZone,
    ExchangeRate,
    Lane,
    Network,
    Operator,
    SetupMatrix,
    Site,
    Tool,
    WorkCenter,
    WorkUnit,
)
from manufold.model.party import Party
from manufold.model.place import EnergyHours
from manufold.model.units import CURRENCIES, EPOCH

__all__ = ["built_network"]

T = TypeVar("T")
Sections = dict[str, list[Record]]

#: refusals that `links` words better, with the nearest name
NAMED_BY_LINKS = ("calendar.zone_unknown",)


def built_network(root: Record, sections: Sections, faults: Faults) -> Network | None:
    """Return the network, or None when a fault is among the gathered ones or was added."""
    ids = {name: _by_id(records) for name, records in sections.items()}
    changes: dict[str, list[Record]] = {}
    for change in sections["changeover"]:
        if change.sound:
            changes.setdefault(change["matrix"], []).append(change)
    assumed = Assumed(sections, str(root.get("currency")), faults)
    builder = _Builder(sections, faults, ids, changes, assumed)
    parts: dict[str, Any] = {
        "parties": builder.each("party", _party),
        "sites": builder.each("site", builder.site),
        "work_centers": builder.each("work_center", _work_center),
        "work_units": builder.each("work_unit", builder.work_unit),
        "calendars": builder.each("calendar", builder.calendar),
        "operators": builder.each("operator", builder.operator),
        "tools": builder.each("tool", _tool),
        "setup_matrices": builder.each("setup_matrix", builder.setup_matrix),
        "lanes": builder.each("lane", builder.lane),
        "delivery_zones": builder.each("delivery_zone", _delivery_zone),
        "materials": builder.each("material", builder.material),
        "stock": builder.each("stock", _stock),
        "exchange_rates": builder.each("exchange_rate", _exchange_rate),
    }
    parts["calendars"] += tuple(assumed.calendars.values())
    if faults.errors or not root.sound:
        return None
    try:
        return Network(
            name=root["name"],
            currency=root["currency"],
            platform_fee_fraction=root["platform_fee_percent"] / Decimal(100),
            assumed=assumed.reasons,
            **parts,
        )
    except InputFault as refused:
        faults.refusal(root.place(), refused)
        return None


@dataclass(slots=True)
class _Builder:
    """Builds noun by noun; what a noun refuses becomes a fault of its table."""

    sections: Sections
    faults: Faults
    ids: dict[str, dict[str, Record]]
    changes: dict[str, list[Record]]
    assumed: Assumed

    def found(self, section: str, name: str | None) -> Record | None:
        """Return the record of an id."""
        return None if name is None else self.ids[section].get(name)

    def each(self, section: str, build: Callable[[Record], T | None]) -> tuple[T, ...]:
        """Return the nouns of a section, leaving out what was at fault."""
        nouns = []
        for record in self.sections[section]:
            if record.sound:
                with self.noted(record):
                    noun = build(record)
                    if noun is not None:
                        nouns.append(noun)
        return tuple(nouns)

    @contextmanager
    def noted(self, record: Record, *path: str | int) -> Iterator[None]:
        """Turn a refusal inside the block into a fault at that place."""
        try:
            yield
        except _Refused as refused:
            self.faults.refusal(record.place(*refused.path), refused.fault)
        except InputFault as refused:
            if refused.code not in NAMED_BY_LINKS:
                self.faults.refusal(record.place(*path), refused)

    def source(self, record: Record, key: str) -> Source | None:
        """Return the source a record names."""
        row = self.found("source", record[key])
        if row is None or not row.sound:
            return None
        return Source(row["title"], row["year"], row["licence"], row["verified"])

    def currency_at(self, site_id: str | None) -> str | None:
        """Return the currency of a site, None where something is amiss."""
        site = self.found("site", site_id)
        currency = None if site is None else site.get("currency")
        return currency if currency in CURRENCIES else None

    def site(self, record: Record) -> Site | None:
        source = self.source(record, "grid_source")
        digits = CURRENCIES.get(record["currency"])
        if source is None or digits is None:
            return None
        return Site(
            site_id=record["id"],
            name=record["name"],
            party_id=record["party"],
            country=record["country"],
            zone=record["zone"],
            currency=record["currency"],
            grid_g_per_kwh=record["grid_g_per_kwh"],
            grid_source=source,
            energy_minor_per_kwh=record["energy_price_per_kwh"].scaleb(digits),
            margin_fraction=record["margin_percent"] / Decimal(100),
            frozen_zone_s=_whole(record, "frozen_h", 3600, "second"),
            latitude_deg=record.get("latitude_deg"),
            longitude_deg=record.get("longitude_deg"),
            energy_hours=self.energy_hours(record, digits),
        )

    def energy_hours(self, record: Record, digits: int) -> tuple[EnergyHours, ...]:
        """Return when electricity is not as usual; what is left out is as usual."""
        found = []
        for i, row in enumerate(record["energy_hours"]):
            usual = record["energy_price_per_kwh"]
            days = tuple(dict.fromkeys(day for some in row["days"] for day in some))
            with self.noted(record, "energy_hours", i):
                hours = EnergyHours(
                    row["from_hour"],
                    row["to_hour"],
                    row.get("price_per_kwh", usual).scaleb(digits),
                    row.get("grid_g_per_kwh", record["grid_g_per_kwh"]),
                    days,
                )
                found.append(hours)
        return tuple(found)

    def work_unit(self, record: Record) -> WorkUnit | None:
        center = self.found("work_center", record["work_center"])
        currency = None if center is None else self.currency_at(center.get("site"))
        site = self.found("site", None if center is None else center.get("site"))
        calendar_id = self.assumed.calendar_id(record, site)
        rate = self.assumed.rate(record, site)
        if currency is None or calendar_id is None or rate is None:
            return None
        matrix = self.found("setup_matrix", record.get("setup_matrix"))
        if matrix is not None and matrix.get("currency") not in (None, currency):
            raise _Refused(
                ("setup_matrix",),
                InputFault(
                    "network.setup_currency_mixed",
                    matrix=matrix["id"],
                    matrix_currency=matrix["currency"],
                    currency=currency,
                ),
            )
        return WorkUnit(
            work_unit_id=record["id"],
            name=record["name"],
            work_center_id=record["work_center"],
            calendar_id=calendar_id,
            capabilities=tuple(
                _capability(one, currency, ("capabilities", i))
                for i, one in enumerate(record["capabilities"])
            ),
            rate_minor_per_h=_minor({"rate_per_h": rate}, "rate_per_h", currency),
            power_w=_whole(record, "power_kw", 1000, "watt"),
            seats=record["seats"],
            setup_matrix_id=record.get("setup_matrix"),
            mtbf_h=record["mtbf_h"],
            mttr_h=record["mttr_h"],
            batches=record["batches"],
        )

    def calendar(self, record: Record) -> WorkCalendar | None:
        shifts = []
        for i, shift in enumerate(record["shifts"]):
            with self.noted(record, "shifts", i):
                shifts.append(built_shift(shift))
        if len(shifts) < len(record["shifts"]):
            return None
        closures = []
        for i, closure in enumerate(record["closures"]):
            from_s, to_s = (self._instant_s(record, closure[key]) for key in ("from", "to"))
            if from_s >= to_s:
                refused = InputFault("calendar.closure_backwards", calendar=record["id"])
                raise _Refused(("closures", i), refused)
            closures.append((from_s, to_s))
        dates = {
            holiday["date"]
            for holiday in self.sections["holiday"]
            if holiday.sound and holiday["set"] in record["holidays"]
        }
        return WorkCalendar(
            record["id"], record["zone"], tuple(shifts), tuple(sorted(dates)), tuple(closures)
        )

    def _instant_s(self, record: Record, moment: datetime) -> int:
        try:
            zone = ZoneInfo(record["zone"])
        except (ZoneInfoNotFoundError, ValueError, OSError):
            zone = ZoneInfo("UTC")  # `links` has named the unknown zone
        aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)
        return round((aware.astimezone(UTC) - EPOCH).total_seconds())

    def operator(self, record: Record) -> Operator | None:
        currency = self.currency_at(record["site"])
        site = self.found("site", record["site"])
        calendar_id, rate = self.assumed.calendar_id(record, site), self.assumed.rate(record, site)
        if currency is None or calendar_id is None or rate is None:
            return None
        rate_minor = _minor({"rate_per_h": rate}, "rate_per_h", currency)
        skills = tuple(dict.fromkeys(record["skills"]))
        return Operator(record["id"], record["site"], skills, calendar_id, rate_minor)

    def setup_matrix(self, record: Record) -> SetupMatrix:
        entries = []
        for change in self.changes.get(record["id"], ()):
            with self.noted(change):
                currency = record.get("currency")
                if change["cost"] and currency is None:
                    refused = InputFault("network.setup_without_currency", matrix=record["id"])
                    raise _Refused(("cost",), refused)
                digits = CURRENCIES.get(currency or "", 2)
                entries.append(
                    (
                        change["from"],
                        change["to"],
                        _whole(change, "time_min", 60, "second"),
                        _whole(change, "cost", 10**digits, "minor"),
                        _whole(change, "energy_kwh", 1000, "watt-hour"),
                    )
                )
        default_min = self.assumed.default_min(record, self.changes.get(record["id"], ()))
        default_s = _whole({"default_min": default_min}, "default_min", 60, "second")
        families = tuple(dict.fromkeys(record["families"]))
        return SetupMatrix(record["id"], tuple(entries), default_s, families)

    def lane(self, record: Record) -> Lane | None:
        source = self.source(record, "source")
        currency = record["currency"]
        if source is None or currency not in CURRENCIES:
            return None
        return Lane(
            from_id=record["from"],
            to_id=record["to"],
            time_s=_whole(record, "time_h", 3600, "second"),
            cost_minor=_minor(record, "cost", currency),
            cost_minor_per_kg=_minor(record, "cost_per_kg", currency),
            currency=currency,
            carbon_g_per_kg=record["carbon_g_per_kg"],
            source=source,
        )

    def material(self, record: Record) -> Material | None:
        source = self.source(record, "carbon_source")
        currency = record["currency"]
        if source is None or currency not in CURRENCIES:
            return None
        return Material(
            material_id=record["id"],
            name=record["name"],
            unit=record["unit"],
            price_minor=_minor(record, "price", currency),
            currency=currency,
            lead_time_s=_whole(record, "lead_time_days", 86400, "second"),
            carbon_g=record["carbon_kg"].scaleb(3),
            carbon_source=source,
        )


class _Refused(Exception):
    """A refusal at a known place inside a table."""

    def __init__(self, path: tuple[str | int, ...], fault: InputFault) -> None:
        super().__init__(str(fault))
        self.path = path
        self.fault = fault


def _by_id(records: list[Record]) -> dict[str, Record]:
    """Return sections by id; the first of twins counts, `links` has named the second."""
    return {record["id"]: record for record in reversed(records) if record.get("id") is not None}


def _whole(
    record: Record | Mapping[str, Any], key: str, factor: int, unit: str, path: Path = ()
) -> int:
    """Return an amount in whole smaller units, refusing what would have to be rounded.

    Args:
        path: of the table inside the record that it stands in.
    """
    exact = Decimal(record[key]) * factor
    if exact != exact.to_integral_value():
        refused = InputFault(
            "network.value_too_fine", key=key, found=number_text(record[key]), unit=unit
        )
        raise _Refused((*path, key), refused)
    return int(exact)


def _minor(record: Record | Mapping[str, Any], key: str, currency: str, path: Path = ()) -> int:
    factor = 10 ** CURRENCIES[currency]
    return _whole(record, key, factor, f"{number_text(1 / Decimal(factor))} {currency}", path)


def _capability(one: Mapping[str, Any], currency: str, path: Path) -> Capability:
    lead_time_s = _whole(one, "lead_time_h", 3600, "second", path) if "lead_time_h" in one else None
    return Capability(
        one["name"],
        Decimal(one["time_factor"]),
        one["limits"],
        one["materials"],
        lead_time_s,
        _minor(one, "order_price", currency, path),
        _minor(one, "piece_price", currency, path),
    )


def _party(record: Record) -> Party:
    roles = tuple(dict.fromkeys(record["roles"]))
    return Party(record["id"], record["name"], roles, record["country"])


def _work_center(record: Record) -> WorkCenter:
    return WorkCenter(record["id"], record["name"], record["site"])


def _delivery_zone(record: Record) -> DeliveryZone:
    duties = {
        country: percent / Decimal(100)
        for country, percent in sorted(record["duty_percent"].items())
    }
    return DeliveryZone(
        record["id"],
        record["name"],
        record["country"],
        record["zone"],
        record["tax_percent"] / Decimal(100),
        duties,
    )


def _tool(record: Record) -> Tool:
    return Tool(record["id"], record["kind"], record["site"], record["count"])


def _stock(record: Record) -> Stock:
    return Stock(record["site"], record["material"], record["quantity"])


def _exchange_rate(record: Record) -> ExchangeRate:
    return ExchangeRate(record["currency"], record["rate"], record["date"])
