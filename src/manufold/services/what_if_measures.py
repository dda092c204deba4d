"""What a schedule costs and uses: the measures that two scenarios are compared by.

Only work that is still to end counts. Cost is what the rates charge for the work itself: run,
set-up, labour, energy, subcontractors; no material, margin, fee or transport, and no supplement for
an extra shift. Energy and carbon are those of the machines, by the hours they run in.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from manufold.model.energy_hours import energy_shares
from manufold.model.network import Network
from manufold.model.process_plan import ProcessPlan
from manufold.model.schedule import Job, Slot
from manufold.model.units import whole_g, whole_minor
from manufold.model.work_content import drawn_s, drawn_wh
from manufold.offer.price import work_costs
from manufold.scheduling.worktime import compiled_worktime

__all__ = ["Bottleneck", "Measures", "Meter", "bottleneck_of"]


@dataclass(frozen=True, slots=True)
class Bottleneck:
    """The busiest work unit of a window: working seconds taken, and those there are."""

    work_unit: str
    used_s: int
    open_s: int


@dataclass(frozen=True, slots=True)
class Measures:
    """What one column of a comparison says.

    Args:
        late: orders that come after their promised date, `late_s` by how much in all.
        cost_minor: by kind, in the network's currency.
        setup_s: all of set-up, `changeover_s` the part of it that is changing over.
    """

    late: int
    late_s: int
    cost_minor: Mapping[str, int]
    energy_wh: int
    carbon_g: int
    changeovers: int
    changeover_s: int
    setup_s: int
    bottleneck: Bottleneck | None

    @property
    def total_minor(self) -> int:
        """All costs."""
        return sum(self.cost_minor.values())


@dataclass(frozen=True, slots=True)
class _Work:
    cost: Mapping[str, Fraction]
    energy_wh: Fraction
    carbon_g: Fraction


class Meter:
    """Measures slots; one that stands in several columns is measured once."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self._known: dict[tuple[Slot, int], _Work] = {}

    def measured(
        self,
        slots: Iterable[Slot],
        jobs: Mapping[str, Job],
        late: Iterable[int],
        busiest: Bottleneck | None,
    ) -> Measures:
        """Return the measures of slots whose jobs are known.

        Args:
            late: seconds that each late order is late.
        """
        cost: dict[str, Fraction] = {}
        energy_wh = carbon_g = Fraction(0)
        changeovers = changeover_s = setup_s = 0
        for slot in slots:
            job = jobs.get(slot.holder)
            if job is None:
                continue
            found = self._of(slot, job.plan)
            for kind, minor in found.cost.items():
                cost[kind] = cost.get(kind, Fraction(0)) + minor
            energy_wh += found.energy_wh
            carbon_g += found.carbon_g
            changeovers += bool(slot.changeover_s)
            changeover_s += slot.changeover_s or 0
            setup_s += slot.setup_s
        behind = [late_s for late_s in late if late_s > 0]
        return Measures(
            len(behind),
            sum(behind),
            {kind: whole_minor(cost[kind]) for kind in sorted(cost)},
            round(energy_wh),
            whole_g(carbon_g),
            changeovers,
            changeover_s,
            setup_s,
            busiest,
        )

    def _of(self, slot: Slot, plan: ProcessPlan) -> _Work:
        key = (slot, id(plan))
        if key not in self._known:
            operation = plan.operation[slot.operation_id]
            unit, site = (
                self.network.work_unit[slot.resource_id],
                self.network.site_of(slot.resource_id),
            )
            span_s = drawn_s(operation, unit, slot.quantity, slot.setup_s)
            energy_wh = drawn_wh(operation, unit, span_s, slot.quantity)
            calendar = self.network.calendar[unit.calendar_id]
            worked = calendar.intervals(slot.start_s, slot.end_s) if site.energy_hours else ()
            carbon_g = sum(
                (
                    energy_wh
                    * share
                    / 1000
                    * Fraction((site if hours is None else hours).grid_g_per_kwh)
                    for hours, share in energy_shares(site, worked, slot.start_s, slot.end_s)
                ),
                Fraction(0),
            )
            costs = work_costs(self.network, operation, slot.quantity, slot)
            self._known[key] = _Work({str(k): v for k, v in costs.items()}, energy_wh, carbon_g)
        return self._known[key]


def bottleneck_of(
    network: Network, slots: Iterable[Slot], from_s: int, to_s: int, work_unit: str = ""
) -> Bottleneck | None:
    """Return the busiest work unit in [from_s, to_s), or how busy the named one is.

    None where nothing is to be done. What is booked counts with the working time it covers.
    """
    by_unit: dict[str, list[Slot]] = {}
    for slot in slots:
        if slot.start_s < to_s and slot.end_s > from_s:
            by_unit.setdefault(slot.resource_id, []).append(slot)
    best: Bottleneck | None = None
    for name in [work_unit] if work_unit else sorted(by_unit):
        unit = network.work_unit[name]
        work = compiled_worktime(network.calendar[unit.calendar_id], from_s, to_s)
        used_s = sum(
            work.worked_s(max(slot.start_s, from_s), min(slot.end_s, to_s))
            for slot in by_unit.get(name, ())
        )
        found = Bottleneck(name, used_s, work.total_s * unit.seats)
        if best is None or used_s * best.open_s > best.used_s * found.open_s:
            best = found
    return best
