"""What the log says of job orders, work units and orders, as plain numbers to measure by.

These grow while the log is read, event by event; whoever measures only reads them.
"""

from dataclasses import dataclass, field
from fractions import Fraction

from manufold.improvement.stretches import Measured, Stretch

__all__ = ["JobRecord", "OrderRecord", "Standard", "UnitRecord", "Window"]


@dataclass(frozen=True, slots=True)
class Window:
    """What is measured: work in [from_s, to_s), instants in (from_s, to_s].

    An instant ends what it tells of, so a finish reported at `to_s` belongs to the work before it.
    """

    from_s: int
    to_s: int

    def has(self, at_s: int | None) -> bool:
        """Return whether something that happened at an instant counts."""
        return at_s is not None and self.from_s < at_s <= self.to_s

    def part(self, from_s: int, to_s: int) -> Stretch:
        """Return the part of a stretch inside the window; empty where from_s >= to_s."""
        return max(self.from_s, from_s), min(self.to_s, to_s)


@dataclass(frozen=True, slots=True)
class Standard:
    """What the process plan says of one operation.

    Args:
        run_s: standard seconds per piece, before the work unit's own time factor.
        scrap_fraction: share of scrap that it expects: one less its yield.
    """

    capability: str
    run_s: Fraction
    scrap_fraction: Fraction


@dataclass(slots=True)
class JobRecord:
    """One job order as the log tells it.

    Args:
        resource_id: where it is planned, and once begun where it runs.
        begun_s: set-up or run began and the seat was taken.
        ended_s: finished or cancelled, the seat free again; None while it has it.
        setups, runs: closed stretches of set-up and run, calendar breaks included.
        open_s, open_run: what goes on now: since when, and whether it is run.
        reports: (at_s, good, scrap, rework) as reported.
        energy: (at_s, Wh) as read.
    """

    job_order_id: str
    order_id: str
    production_order_id: str
    after: tuple[str, ...]
    resource_id: str
    standard: Standard
    begun_s: int | None = None
    ended_s: int | None = None
    cancelled: bool = False
    setups: list[Stretch] = field(default_factory=list)
    runs: list[Stretch] = field(default_factory=list)
    open_s: int | None = None
    open_run: bool = False
    reports: list[tuple[int, int, int, int]] = field(default_factory=list)
    energy: list[tuple[int, int]] = field(default_factory=list)

    def setups_until(self, to_s: int) -> list[Stretch]:
        """Return its stretches of set-up, one that goes on taken as lasting until `to_s`."""
        return self._until(self.setups, not self.open_run, to_s)

    def runs_until(self, to_s: int) -> list[Stretch]:
        """Return its stretches of run, one that goes on taken as lasting until `to_s`."""
        return self._until(self.runs, self.open_run, to_s)

    def _until(self, closed: list[Stretch], goes_on: bool, to_s: int) -> list[Stretch]:
        if self.open_s is None or not goes_on:
            return closed
        return [*closed, (self.open_s, max(self.open_s, to_s))]


@dataclass(slots=True)
class OrderRecord:
    """One order as the log tells it.

    Args:
        first_promised_s: the date at the door that was accepted; `promised_s` is the newest.
        delivered_s: when enough pieces had first been received, None before.
        offered_carbon_g: what the offer said of all pieces, 0 where nothing was said.
        passport_carbon_g, passport_pieces: of the passport, None before it is issued.
        jobs: its job orders.
    """

    order_id: str
    party_id: str
    quantity: int
    under_tolerance: int
    accepted_s: int
    first_promised_s: int
    promised_s: int
    p50_s: int
    requested_s: int | None
    offered_carbon_g: int
    received: int = 0
    claimed: int = 0
    delivered_s: int | None = None
    cancelled_s: int | None = None
    passport_carbon_g: int | None = None
    passport_pieces: int = 0
    jobs: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, eq=False)
class UnitRecord:
    """A work unit to measure.

    Args:
        working: its calendar's working seconds.
        up: those of them in which it was not broken down.
        downs: (from_s, to_s or None) of its breakdowns.
        time_factors: its own time over standard time, by capability.
        grid_g_per_kwh: carbon of the electricity at its site.
    """

    work_unit_id: str
    work_center_id: str
    site_id: str
    seats: int
    working: Measured
    up: Measured
    downs: tuple[tuple[int, int | None], ...]
    time_factors: dict[str, Fraction]
    grid_g_per_kwh: Fraction
