"""What is offered: options with price, date and carbon, each number with its lines and reasons."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from manufold.model.errors import InputFault, Reason
from manufold.model.material import Source
from manufold.model.schedule import Slot
from manufold.model.units import CURRENCIES

__all__ = [
    "CARBON_KINDS",
    "OPTION_NAMES",
    "PRICE_KINDS",
    "CarbonLine",
    "Offer",
    "Option",
    "PriceLine",
    "Reservation",
]

OptionName = Literal["fast", "cheap", "green"]
OPTION_NAMES: tuple[str, ...] = get_args(OptionName)

PriceKind = Literal[
    "material",
    "setup",
    "run",
    "labour",
    "subcontract",
    "energy",
    "margin",
    "royalty",
    "transport",
    "platform_fee",
    "duty",
    "tax",
]
PRICE_KINDS: tuple[str, ...] = get_args(PriceKind)

CarbonKind = Literal["material", "energy", "transport"]
CARBON_KINDS: tuple[str, ...] = get_args(CarbonKind)


@dataclass(frozen=True, slots=True)
class PriceLine:
    """One line of a price: whole minor units, rounded once, and what it was computed from.

    Args:
        amount_minor: of the offer's currency.
        to: who receives it: a party, "carrier:<from>-<to>" or "state:<country>".
        basis: quantities and rates that multiply to the amount; worded from the catalogue.
    """

    kind: PriceKind
    amount_minor: int
    to: str
    basis: Reason


@dataclass(frozen=True, slots=True)
class CarbonLine:
    """One line of a footprint: grams CO2e for the whole quantity, and the factor's source."""

    kind: CarbonKind
    carbon_g: int
    basis: Reason
    source: Source


@dataclass(frozen=True, slots=True)
class Option:
    """One way to have it: a plan, its slots, its three numbers.

    Args:
        name: what it is best at among the options.
        process_plan_id: of the plans pinned by the offer.
        quantity_started: pieces started so that the ordered quantity comes out good.
        p50_at_s: at the buyer's door, as likely earlier as later.
        promised_at_s: the P90 at the buyer's door; this date binds.
        ships_at_s: when it leaves the last site, on the P90.
        finish_s: end of the last slot, the plan's own finish.
        sites: in the order the goods pass them.
        slots: one per operation; `holder` is the option.
        ready_s: operation -> when its material is there; absent = at once.
    """

    option_id: str
    name: OptionName
    process_plan_id: str
    quantity_started: int
    price_lines: tuple[PriceLine, ...]
    carbon_lines: tuple[CarbonLine, ...]
    p50_at_s: int
    promised_at_s: int
    ships_at_s: int
    finish_s: int
    sites: tuple[str, ...]
    slots: tuple[Slot, ...]
    reasons: tuple[Reason, ...]
    ready_s: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.finish_s <= self.ships_at_s <= self.promised_at_s:
            raise InputFault("offer.dates_backwards", option=self.option_id)
        if self.p50_at_s > self.promised_at_s:
            raise InputFault("offer.dates_backwards", option=self.option_id)

    @property
    def price_minor(self) -> int:
        """The price: the sum of its lines."""
        return sum(line.amount_minor for line in self.price_lines)

    @property
    def carbon_g(self) -> int:
        """The footprint: the sum of its lines."""
        return sum(line.carbon_g for line in self.carbon_lines)


@dataclass(frozen=True, slots=True)
class Reservation:
    """The hold on an offer's slots; one per offer, all options share it."""

    reservation_id: str
    expires_s: int


@dataclass(frozen=True, slots=True)
class Offer:
    """A binding answer until it expires.

    Args:
        party_id: to whom it is made; nobody else can accept it.
        design_blob: blob that holds the design with its files.
        quantity: good pieces offered.
        zone_id: delivery zone.
        requested_at_s: the date the buyer asked for, None = any.
        pins: what it stands on, name -> revision: "design", "network", each plan, "tables".
    """

    offer_id: str
    party_id: str
    vertical: str
    design_revision: str
    design_blob: str
    quantity: int
    zone_id: str
    currency: str
    made_at_s: int
    requested_at_s: int | None
    reservation: Reservation
    options: tuple[Option, ...]
    assumptions: tuple[Reason, ...]
    pins: Mapping[str, str]

    def __post_init__(self) -> None:
        if self.quantity < 1:
            raise InputFault("offer.quantity", quantity=self.quantity)
        if self.currency not in CURRENCIES:
            raise InputFault("units.currency_unknown", currency=self.currency)
        if not self.options:
            raise InputFault("offer.no_option", offer=self.offer_id)

    def option(self, wanted: str) -> Option:
        """Return the option of that id or name.

        Raises:
            InputFault: `offer.option_unknown`.
        """
        for option in self.options:
            if wanted in (option.option_id, option.name):
                return option
        known = ", ".join(option.name for option in self.options)
        raise InputFault("offer.option_unknown", option=wanted[:80], known=known)
