"""Proof: measurements, energy, lots, nonconformances, and the passport that sums them up."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from manufold.model.errors import Reason
from manufold.model.offer import CarbonLine

__all__ = [
    "Disposition",
    "EnergyReading",
    "LotUse",
    "Measurement",
    "Nonconformance",
    "OperationRecord",
    "Passport",
    "SignedHead",
]

Disposition = Literal["open", "use_as_is", "rework", "repair", "scrap", "return"]


@dataclass(frozen=True, slots=True)
class Measurement:
    """One value of one characteristic of one piece, against its limits at that time."""

    job_order_id: str
    characteristic_id: str
    name: str
    unit: str
    piece: int
    value: Decimal
    lower: Decimal
    upper: Decimal
    at_s: int

    @property
    def within(self) -> bool:
        """True when the value keeps its limits."""
        return self.lower <= self.value <= self.upper


@dataclass(frozen=True, slots=True)
class EnergyReading:
    """Energy that a job order really took."""

    job_order_id: str
    energy_wh: int
    at_s: int


@dataclass(frozen=True, slots=True)
class LotUse:
    """A material lot that a job order took from: genealogy."""

    job_order_id: str
    lot_id: str
    material_id: str
    quantity: Decimal
    unit: str


@dataclass(frozen=True, slots=True)
class Nonconformance:
    """Something not right, and what was decided about it."""

    job_order_id: str
    piece: int
    reason: Reason
    disposition: Disposition


@dataclass(frozen=True, slots=True)
class OperationRecord:
    """An operation as it was really done."""

    operation_id: str
    name: str
    site_id: str
    resource_id: str
    start_s: int
    end_s: int
    good: int
    scrap: int


@dataclass(frozen=True, slots=True)
class SignedHead:
    """A place in the event chain and the store's signature over it (Ed25519, hex)."""

    seq: int
    hash: str
    at_s: int
    signature: str
    public_key: str


@dataclass(frozen=True, slots=True)
class Passport:
    """What is proven about a delivered order.

    Args:
        world: "live", or "sim" for goods that exist in the twin only; said on every page.
        serials: one per good piece delivered.
        carbon_lines: from what was really consumed.
        offered_carbon_g: what the offer had said.
        head: the chain as it stood when this was issued.
        assumptions: what is not measured and taken as given.
    """

    passport_id: str
    world: Literal["live", "sim"]
    order_id: str
    design_revision: str
    vertical: str
    process: str
    material_id: str
    quantity: int
    serials: tuple[str, ...]
    made_at: tuple[str, ...]
    promised_at_s: int
    delivered_at_s: int
    operations: tuple[OperationRecord, ...]
    lots: tuple[LotUse, ...]
    measurements: tuple[Measurement, ...]
    nonconformances: tuple[Nonconformance, ...]
    energy_wh: int
    carbon_lines: tuple[CarbonLine, ...]
    offered_carbon_g: int
    facts: Mapping[str, object]
    issued_at_s: int
    head: SignedHead
    assumptions: tuple[Reason, ...] = ()

    @property
    def carbon_g(self) -> int:
        """The footprint: the sum of its lines."""
        return sum(line.carbon_g for line in self.carbon_lines)
