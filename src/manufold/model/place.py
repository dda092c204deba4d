"""Where things are: sites, delivery zones, the lanes between them, and what money is worth."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from manufold.model.calendar import DAYS, checked_zone
from manufold.model.errors import InputFault
from manufold.model.material import Source
from manufold.model.units import CURRENCIES

__all__ = ["DeliveryZone", "EnergyHours", "ExchangeRate", "Lane", "Site"]


@dataclass(frozen=True, slots=True)
class EnergyHours:
    """What electricity costs and emits in some hours of the day, where it is not as usual.

    Args:
        from_hour, to_hour: local wall hours of the site, 0 <= from_hour < to_hour <= 24.
        days: of the week, "mon" to "sun"; empty means every day.
        minor_per_kwh: in the site's currency.
        grid_g_per_kwh: CO2e.
    """

    from_hour: int
    to_hour: int
    minor_per_kwh: Decimal
    grid_g_per_kwh: Decimal
    days: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.from_hour < self.to_hour <= 24:
            raise InputFault("network.hours_wrong", start=self.from_hour, end=self.to_hour)
        for day in self.days:
            if day not in DAYS:
                raise InputFault("calendar.day_unknown", day=day)
        if min(self.minor_per_kwh, self.grid_g_per_kwh) < 0:
            raise InputFault("network.rate_negative", work_unit="energy_hours")


@dataclass(frozen=True, slots=True)
class Site:
    """A plant of one owner.

    Args:
        zone: IANA zone of the plant.
        grid_g_per_kwh: carbon of its electricity, CO2e.
        energy_minor_per_kwh: price of its electricity, in `currency`.
        margin_fraction: what the owner earns on the site's own cost lines.
        frozen_zone_s: how far ahead its slots no longer move.
        energy_hours: when electricity costs or emits something else; the first that fits counts.
    """

    site_id: str
    name: str
    party_id: str
    country: str
    zone: str
    currency: str
    grid_g_per_kwh: Decimal
    grid_source: Source
    energy_minor_per_kwh: Decimal
    margin_fraction: Decimal = Decimal("0.15")
    frozen_zone_s: int = 86400
    latitude_deg: Decimal | None = None
    longitude_deg: Decimal | None = None
    energy_hours: tuple[EnergyHours, ...] = ()

    def __post_init__(self) -> None:
        checked_zone(self.zone)
        if self.currency not in CURRENCIES:
            raise InputFault("units.currency_unknown", currency=self.currency)
        if self.grid_g_per_kwh < 0 or self.energy_minor_per_kwh < 0 or self.margin_fraction < 0:
            raise InputFault("network.rate_negative", work_unit=self.site_id)


@dataclass(frozen=True, slots=True)
class DeliveryZone:
    """Where buyers are.

    Args:
        tax_fraction: value added or sales tax on the goods and their transport.
        duty_fractions: by country of the last site, customs duty on the goods; absent = none.
    """

    zone_id: str
    name: str
    country: str
    zone: str
    tax_fraction: Decimal
    duty_fractions: Mapping[str, Decimal] = field(default_factory=dict)

    def __post_init__(self) -> None:
        checked_zone(self.zone)


@dataclass(frozen=True, slots=True)
class Lane:
    """The way from a site to another site or to a delivery zone.

    Args:
        cost_minor: per shipment; `cost_minor_per_kg` comes on top.
        carbon_g_per_kg: CO2e of a kilogram carried all the way.
    """

    from_id: str
    to_id: str
    time_s: int
    cost_minor: int
    cost_minor_per_kg: int
    currency: str
    carbon_g_per_kg: Decimal
    source: Source

    def __post_init__(self) -> None:
        if self.currency not in CURRENCIES:
            raise InputFault("units.currency_unknown", currency=self.currency)
        if min(self.time_s, self.cost_minor, self.cost_minor_per_kg) < 0:
            raise InputFault("network.lane_negative", start=self.from_id, end=self.to_id)


@dataclass(frozen=True, slots=True)
class ExchangeRate:
    """One unit of `currency` in units of the network's currency, on a date."""

    currency: str
    rate_factor: Decimal
    date: str

    def __post_init__(self) -> None:
        if self.currency not in CURRENCIES:
            raise InputFault("units.currency_unknown", currency=self.currency)
        if self.rate_factor <= 0:
            raise InputFault("network.rate_negative", work_unit=self.currency)
