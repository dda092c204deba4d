"""The network of factories: sites, work centers, work units, operators, lanes, rates.

A `Network` refuses dangling references and duplicates when built, so an engine never meets one;
`connect.network_file` finds the same faults in a file with their lines before it builds one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from manufold.model.calendar import WorkCalendar
from manufold.model.errors import InputFault, Reason
from manufold.model.material import Material, Stock
from manufold.model.party import Party
from manufold.model.place import DeliveryZone, ExchangeRate, Lane, Site
from manufold.model.units import CURRENCIES

__all__ = [
    "Capability",
    "DeliveryZone",
    "ExchangeRate",
    "Lane",
    "Network",
    "Operator",
    "SetupMatrix",
    "Site",
    "Tool",
    "WorkCenter",
    "WorkUnit",
]


@dataclass(frozen=True, slots=True)
class Capability:
    """Something a work unit can do, and how well.

    Args:
        name: the word process plans ask for, e.g. "mill.3axis".
        time_factor: its own time over the plan's standard time, > 0; both set-up and run.
        limits: largest values it takes, e.g. {"x_mm": 600}; lengths sorted, x the longest.
        materials: the only materials it takes; empty means any.
        lead_time_s: of a subcontractor: working seconds from hand-over to return, whatever the
            plan's times and the quantity; None = made here, in standard times.
        order_price_minor, piece_price_minor: what a subcontractor charges instead of an hourly
            rate, in the site's currency.
    """

    name: str
    time_factor: Decimal = Decimal(1)
    limits: Mapping[str, Decimal] = field(default_factory=dict)
    materials: tuple[str, ...] = ()
    lead_time_s: int | None = None
    order_price_minor: int = 0
    piece_price_minor: int = 0

    def __post_init__(self) -> None:
        if self.time_factor <= 0:
            raise InputFault("network.time_factor_not_positive", capability=self.name)
        if self.lead_time_s is not None and self.lead_time_s < 1:
            raise InputFault("network.lead_time_not_positive", capability=self.name)
        if min(self.order_price_minor, self.piece_price_minor) < 0:
            raise InputFault("network.rate_negative", work_unit=self.name)


@dataclass(frozen=True, slots=True)
class SetupMatrix:
    """Changeover by family: (from, to) -> seconds, on top of an operation's own set-up.

    Args:
        entries: (from family, to family, seconds, minor units of the site's money, Wh); pairs
            that are not listed take `default_s`; the same family takes nothing unless listed.
        families: the only families its work units can be set up for; empty means any.
    """

    setup_matrix_id: str
    entries: tuple[tuple[str, str, int, int, int], ...] = ()
    default_s: int = 0
    families: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.default_s < 0 or any(min(entry[2:]) < 0 for entry in self.entries):
            raise InputFault("network.setup_negative", matrix=self.setup_matrix_id)

    def changeover_s(self, from_family: str | None, to_family: str | None) -> int:
        """Return the seconds between two families; an unknown one is a stranger to all."""
        for known_from, known_to, span_s, _cost, _energy in self.entries:
            if (known_from, known_to) == (from_family, to_family):
                return span_s
        return 0 if from_family == to_family else self.default_s

    def worst_changeover_s(self, to_family: str | None) -> int:
        """Return the longest changeover into a family, whatever ran before."""
        listed = [entry[2] for entry in self.entries if entry[1] == to_family]
        return max([self.default_s, *listed])


@dataclass(frozen=True, slots=True)
class WorkUnit:
    """A machine or a station.

    Args:
        seats: how many jobs it holds at once (an oven, a table), usually 1.
        batches: all its seats begin and end together, with one batch family (an oven); otherwise
            each seat works for itself.
        rate_minor_per_h: what an hour of set-up or run costs, in the site's currency.
        power_w: drawn while it is set up or running, beside an operation's own energy.
        mtbf_h: mean time between failures, 0 for none known; used by the twin.
        mttr_h: mean time to repair.
    """

    work_unit_id: str
    name: str
    work_center_id: str
    calendar_id: str
    capabilities: tuple[Capability, ...]
    rate_minor_per_h: int
    power_w: int = 0
    seats: int = 1
    setup_matrix_id: str | None = None
    mtbf_h: int = 0
    mttr_h: int = 0
    batches: bool = False

    def __post_init__(self) -> None:
        if self.seats < 1:
            raise InputFault("network.no_seat", work_unit=self.work_unit_id)
        if min(self.rate_minor_per_h, self.power_w, self.mtbf_h, self.mttr_h) < 0:
            raise InputFault("network.rate_negative", work_unit=self.work_unit_id)

    def capability(self, name: str) -> Capability | None:
        """Return its capability of that name, or None."""
        return next((c for c in self.capabilities if c.name == name), None)


@dataclass(frozen=True, slots=True)
class WorkCenter:
    """A group of work units at a site."""

    work_center_id: str
    name: str
    site_id: str


@dataclass(frozen=True, slots=True)
class Operator:
    """A person who works at a site: skills, calendar, cost of an hour in the site's currency."""

    operator_id: str
    site_id: str
    skills: tuple[str, ...]
    calendar_id: str
    rate_minor_per_h: int


@dataclass(frozen=True, slots=True)
class Tool:
    """Tools or fixtures of one kind at a site, so many of them; plans ask for the kind."""

    tool_id: str
    kind: str
    site_id: str
    count: int = 1

    def __post_init__(self) -> None:
        if self.count < 1:
            raise InputFault("network.no_tool", tool=self.tool_id)


@dataclass(frozen=True)
class Network:
    """All of it, with look-ups; refuses dangling references and duplicates when built.

    Args:
        currency: of offers.
        platform_fee_fraction: of the goods' price, a line of its own.
        revision: digest of the file it came from; offers pin it.
        assumed: what was taken as given of a work unit, an operator or a setup matrix, by its id,
            because nobody said it; offers that use it say so.
    """

    name: str
    currency: str
    parties: tuple[Party, ...]
    sites: tuple[Site, ...]
    work_centers: tuple[WorkCenter, ...]
    work_units: tuple[WorkUnit, ...]
    calendars: tuple[WorkCalendar, ...]
    operators: tuple[Operator, ...]
    setup_matrices: tuple[SetupMatrix, ...]
    lanes: tuple[Lane, ...]
    delivery_zones: tuple[DeliveryZone, ...]
    materials: tuple[Material, ...]
    stock: tuple[Stock, ...]
    exchange_rates: tuple[ExchangeRate, ...]
    platform_fee_fraction: Decimal = Decimal("0.05")
    revision: str = ""
    tools: tuple[Tool, ...] = ()
    assumed: Mapping[str, tuple[Reason, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.currency not in CURRENCIES:
            raise InputFault("units.currency_unknown", currency=self.currency)
        for noun, names in self._names():
            seen: set[str] = set()
            for name in names:
                if name in seen:
                    raise InputFault("network.twice", noun=noun, name=name)
                seen.add(name)
        for noun, name, kind, known in self._references():
            if name not in known:
                raise InputFault("network.unknown_reference", noun=noun, name=name, kind=kind)

    def _names(self) -> Iterable[tuple[str, list[str]]]:
        yield "party", [p.party_id for p in self.parties]
        yield "site", [s.site_id for s in self.sites]
        yield "work center", [w.work_center_id for w in self.work_centers]
        yield (
            "work unit, operator or tool",
            [
                *(u.work_unit_id for u in self.work_units),
                *(o.operator_id for o in self.operators),
                *(t.tool_id for t in self.tools),
            ],
        )
        yield "calendar", [c.calendar_id for c in self.calendars]
        yield "setup matrix", [m.setup_matrix_id for m in self.setup_matrices]
        yield (
            "site or delivery zone",
            [*self.site, *(z.zone_id for z in self.delivery_zones)],
        )
        yield "material", [m.material_id for m in self.materials]
        yield "lane", [f"{lane.from_id} -> {lane.to_id}" for lane in self.lanes]
        yield "exchange rate", [rate.currency for rate in self.exchange_rates]

    def _references(self) -> Iterable[tuple[str, str, str, Iterable[str]]]:
        for site in self.sites:
            yield f"site {site.site_id}", site.party_id, "party", self.party
            yield (
                f"site {site.site_id}",
                site.currency,
                "exchange rate",
                self.rate_factor,
            )
        for center in self.work_centers:
            yield (
                f"work center {center.work_center_id}",
                center.site_id,
                "site",
                self.site,
            )
        for unit in self.work_units:
            noun = f"work unit {unit.work_unit_id}"
            yield noun, unit.work_center_id, "work center", self.work_center
            yield noun, unit.calendar_id, "calendar", self.calendar
            if unit.setup_matrix_id is not None:
                yield noun, unit.setup_matrix_id, "setup matrix", self.setup_matrix
        for operator in self.operators:
            noun = f"operator {operator.operator_id}"
            yield noun, operator.site_id, "site", self.site
            yield noun, operator.calendar_id, "calendar", self.calendar
        for tool in self.tools:
            yield f"tool {tool.tool_id}", tool.site_id, "site", self.site
        for lane in self.lanes:
            noun = f"lane {lane.from_id} -> {lane.to_id}"
            yield noun, lane.from_id, "site", self.site
            yield (
                noun,
                lane.to_id,
                "site or delivery zone",
                {*self.site, *self.delivery_zone},
            )
            yield noun, lane.currency, "exchange rate", self.rate_factor
        for stock in self.stock:
            noun = f"stock of {stock.material_id} at {stock.site_id}"
            yield noun, stock.site_id, "site", self.site
            yield noun, stock.material_id, "material", self.material
        for material in self.materials:
            noun = f"material {material.material_id}"
            yield noun, material.currency, "exchange rate", self.rate_factor

    @cached_property
    def party(self) -> dict[str, Party]:
        """Parties by id."""
        return {p.party_id: p for p in self.parties}

    @cached_property
    def site(self) -> dict[str, Site]:
        """Sites by id."""
        return {s.site_id: s for s in self.sites}

    @cached_property
    def work_center(self) -> dict[str, WorkCenter]:
        """Work centers by id."""
        return {w.work_center_id: w for w in self.work_centers}

    @cached_property
    def work_unit(self) -> dict[str, WorkUnit]:
        """Work units by id."""
        return {u.work_unit_id: u for u in self.work_units}

    @cached_property
    def operator(self) -> dict[str, Operator]:
        """Operators by id."""
        return {o.operator_id: o for o in self.operators}

    @cached_property
    def tool(self) -> dict[str, Tool]:
        """Tools by id."""
        return {t.tool_id: t for t in self.tools}

    @cached_property
    def calendar(self) -> dict[str, WorkCalendar]:
        """Calendars by id."""
        return {c.calendar_id: c for c in self.calendars}

    @cached_property
    def setup_matrix(self) -> dict[str, SetupMatrix]:
        """Setup matrices by id."""
        return {m.setup_matrix_id: m for m in self.setup_matrices}

    @cached_property
    def delivery_zone(self) -> dict[str, DeliveryZone]:
        """Delivery zones by id."""
        return {z.zone_id: z for z in self.delivery_zones}

    @cached_property
    def material(self) -> dict[str, Material]:
        """Materials by id."""
        return {m.material_id: m for m in self.materials}

    @cached_property
    def lane(self) -> dict[tuple[str, str], Lane]:
        """Lanes by (from, to)."""
        return {(lane.from_id, lane.to_id): lane for lane in self.lanes}

    @cached_property
    def rate_factor(self) -> dict[str, Fraction]:
        """Units of the network's currency that one unit of each currency buys."""
        rates = {rate.currency: Fraction(rate.rate_factor) for rate in self.exchange_rates}
        return {self.currency: Fraction(1)} | rates

    @cached_property
    def own_factor(self) -> dict[str, Fraction]:
        """Minor units of the network's currency that one minor unit of each currency buys."""
        digits = CURRENCIES[self.currency]
        return {
            currency: factor * Fraction(10) ** (digits - CURRENCIES[currency])
            for currency, factor in self.rate_factor.items()
        }

    def site_of(self, work_unit_id: str) -> Site:
        """Return the site where a work unit stands."""
        return self.site[self.work_center[self.work_unit[work_unit_id].work_center_id].site_id]

    def lane_s(self, from_site_id: str, to_id: str) -> int | None:
        """Return the seconds of a lane, 0 within a site, None where there is no way."""
        if from_site_id == to_id:
            return 0
        lane = self.lane.get((from_site_id, to_id))
        return None if lane is None else lane.time_s

    def place_name(self, place_id: str) -> str:
        """Return the name of a site or of a delivery zone, its id where it has none here."""
        found = self.site.get(place_id) or self.delivery_zone.get(place_id)
        return place_id if found is None else found.name

    def in_own_currency(self, exact_minor: Fraction, currency: str) -> Fraction:
        """Return minor units of the network's currency, exact, for minor units of another."""
        factor = self.own_factor[currency]
        return exact_minor if factor == 1 else exact_minor * factor
