"""What things are made of: materials with price, lead time and carbon, stock, and lots."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from manufold.model.errors import InputFault
from manufold.model.units import CURRENCIES

__all__ = [
    "BillOfMaterialsLine",
    "Material",
    "MaterialLot",
    "MaterialUnit",
    "Source",
    "Stock",
]

MaterialUnit = Literal["kg", "m", "m2", "piece"]


@dataclass(frozen=True, slots=True)
class Source:
    """Where a figure comes from.

    Args:
        title: the publication, table or measurement.
        year: of publication or measurement.
        licence: of the source, or "facts" where only facts were taken.
        verified: False where the figure was not looked up on the source itself.
    """

    title: str
    year: int
    licence: str = "facts"
    verified: bool = True


@dataclass(frozen=True, slots=True)
class Material:
    """A material one can buy.

    Args:
        material_id: short name used by process plans, e.g. "al-6061".
        name: as people write it.
        unit: what a quantity of it counts.
        price_minor: of one unit, in `currency`.
        lead_time_s: from order to receipt at any site when there is no stock.
        carbon_g: kg CO2e x 1000 of one unit, cradle to gate.
        carbon_source: of that factor.
    """

    material_id: str
    name: str
    unit: MaterialUnit
    price_minor: int
    currency: str
    lead_time_s: int
    carbon_g: Decimal
    carbon_source: Source

    def __post_init__(self) -> None:
        if self.currency not in CURRENCIES:
            raise InputFault("units.currency_unknown", currency=self.currency)
        if self.price_minor < 0 or self.lead_time_s < 0 or self.carbon_g < 0:
            raise InputFault("material.negative", material=self.material_id)


@dataclass(frozen=True, slots=True)
class Stock:
    """How much of a material lies at a site, in the material's unit."""

    site_id: str
    material_id: str
    quantity: Decimal

    def __post_init__(self) -> None:
        if self.quantity < 0:
            raise InputFault("material.negative", material=self.material_id)


@dataclass(frozen=True, slots=True)
class BillOfMaterialsLine:
    """A material that one piece consumes, off-cut and waste included.

    Args:
        material_id: of the network's materials.
        quantity: per started piece, in `unit`, exact.
        unit: must be the material's own.
        at_operation: the operation that takes it.
    """

    material_id: str
    quantity: Decimal
    unit: MaterialUnit
    at_operation: str

    def __post_init__(self) -> None:
        if self.quantity <= 0:
            raise InputFault("material.quantity_not_positive", material=self.material_id)


@dataclass(frozen=True, slots=True)
class MaterialLot:
    """A quantity of one material with one origin; the grain of genealogy."""

    lot_id: str
    material_id: str
    quantity: Decimal
    unit: MaterialUnit
    supplier: str
    received_s: int
