"""What a better schedule is: less weighted tardiness against what was promised, then less of all
that flow time, set-up, changeovers, electricity and its carbon count for together.

Plain and exact, from the nouns alone: the kernels of improvement must come to the same numbers.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from manufold.model.energy_hours import energy_shares
from manufold.model.network import Network, WorkUnit
from manufold.model.schedule import Job, Slot, dispatch_lists
from manufold.model.work_content import drawn_s, drawn_wh
from manufold.scheduling.crowd import CARBON, CHANGE_COST, ENERGY, FLOW, SET_UP, TARDY, WORTHS
from manufold.scheduling.kernel import Seconds
from manufold.scheduling.tariffs import MOST_MWH, prices_of, rate_micro
from manufold.scheduling.weights import Weights

__all__ = ["Costing", "Objective", "finishes_s", "objective", "weighed"]

_KWH = 1_000_000  # in milliwatt-hours


@dataclass(frozen=True, slots=True, order=True)
class Objective:
    """Smaller is better: less tardiness, where that is equal less of what all else counts for.

    Args:
        tardiness_s: seconds behind the promised finish times weight, of all jobs.
        weighed_micro_minor: what follows, weighed: millionths of the network's minor unit.
        flow_s: seconds from release to the last operation's end, of all jobs.
        setup_s: working seconds of set-up.
        changeover_milli_minor: what setup matrices say changeovers cost, seat by seat.
        energy_milli_minor: what the electricity of known jobs and of changeovers costs, by hour.
        carbon_mg: what it emits.
    """

    tardiness_s: int
    weighed_micro_minor: int = 0
    flow_s: int = 0
    setup_s: int = 0
    changeover_milli_minor: int = 0
    energy_milli_minor: int = 0
    carbon_mg: int = 0


def weighed(columns: Sequence[int] | Seconds, rates: Seconds) -> Objective:
    """Return the objective of summed up columns of values (`scheduling.crowd`)."""
    values = [int(one) for one in columns]
    sums = (rate * value for rate, value in zip(rates.tolist(), values, strict=True))
    return Objective(values[TARDY], sum(sums), *values[FLOW:])


def finishes_s(slots: Iterable[Slot]) -> dict[str, int]:
    """Return the end of the last slot of each holder."""
    ends: dict[str, int] = {}
    for slot in slots:
        ends[slot.holder] = max(slot.end_s, ends.get(slot.holder, slot.end_s))
    return ends


def objective(
    slots: Iterable[Slot], jobs: Mapping[str, Job], costing: "Costing | None" = None
) -> Objective:
    """Return the objective of a schedule; slots of unknown jobs count by set-up and changeover.

    Args:
        costing: what electricity and changeovers cost; without, they count for nothing.
    """
    rows = tuple(slots)
    columns = [0] * WORTHS
    for holder, end_s in finishes_s(rows).items():
        job = jobs.get(holder)
        if job is not None:
            columns[FLOW] += end_s - job.release_s
            if job.due_s is not None:
                columns[TARDY] += job.weight * max(0, end_s - job.due_s)
    columns[SET_UP] = sum(slot.setup_s for slot in rows)
    if costing is not None:
        costing.add(rows, jobs, columns)
    return weighed(columns, (Weights() if costing is None else costing.weights).rates())


class Costing:
    """What slots cost on a network; asked of the same slot again, it remembers."""

    def __init__(self, network: Network, weights: Weights) -> None:
        self.network, self.weights = network, weights
        self._prices = {name: prices_of(network, site) for name, site in network.site.items()}
        self._known: dict[tuple[Slot, int], tuple[int, int]] = {}

    def add(self, slots: Sequence[Slot], jobs: Mapping[str, Job], columns: list[int]) -> None:
        """Add what electricity and changeovers of slots cost and emit to columns of values."""
        energy, carbon = self.drawn(slots, jobs)
        columns[ENERGY] += energy
        columns[CARBON] += carbon
        for row in dispatch_lists(slots):
            unit = self.network.work_unit.get(row.resource_id)
            if unit is not None and unit.setup_matrix_id is not None:
                for before, after in zip(row.slots, row.slots[1:], strict=False):
                    self._changed(unit, before, after, columns)

    def drawn(self, slots: Iterable[Slot], jobs: Mapping[str, Job]) -> tuple[int, int]:
        """Return what the electricity of slots costs and emits, that of changeovers left out."""
        energy = carbon = 0
        for slot in slots:
            job, unit = jobs.get(slot.holder), self.network.work_unit.get(slot.resource_id)
            if job is None or unit is None:
                continue
            key = slot, id(job.plan)
            if key not in self._known:
                self._known[key] = self._drawn(slot, job, unit)
            energy += self._known[key][0]
            carbon += self._known[key][1]
        return energy, carbon

    def _drawn(self, slot: Slot, job: Job, unit: WorkUnit) -> tuple[int, int]:
        """Return what the electricity of a slot costs and emits."""
        operation = job.plan.operation.get(slot.operation_id)
        if operation is None or unit.capability(operation.capability) is None:
            return 0, 0
        work_s = drawn_s(operation, unit, slot.quantity, slot.setup_s)
        exact_mwh = drawn_wh(operation, unit, work_s, slot.quantity) * 1000
        price, grid = self._mean(unit, slot.start_s, slot.end_s)
        drawn = min(int(exact_mwh), MOST_MWH)
        return int(drawn * price / _KWH), int(drawn * grid / _KWH)

    def _changed(self, unit: WorkUnit, before: Slot, after: Slot, columns: list[int]) -> None:
        """Add what the matrix says of two neighbours, at the hour the second begins in."""
        matrix = self.network.setup_matrix[str(unit.setup_matrix_id)]
        pair = before.setup_family, after.setup_family
        found = next((entry for entry in matrix.entries if entry[:2] == pair), None)
        if found is None:
            return
        _before, _after, _span_s, cost_minor, energy_wh = found
        site = self.network.site_of(unit.work_unit_id)
        columns[CHANGE_COST] += cost_minor * rate_micro(self.network, site) // 1000
        if energy_wh:
            price, grid = self._mean(unit, after.start_s, after.start_s + 1)
            columns[ENERGY] += int(energy_wh * 1000 * price / _KWH)
            columns[CARBON] += int(energy_wh * 1000 * grid / _KWH)

    def _mean(self, unit: WorkUnit, start_s: int, end_s: int) -> tuple[Fraction, Fraction]:
        """Return mean price and carbon of a kilowatt-hour over a work unit's working time."""
        site = self.network.site_of(unit.work_unit_id)
        prices = self._prices[site.site_id]
        if not site.energy_hours:
            return Fraction(prices[-1][0]), Fraction(prices[-1][1])
        worked = self.network.calendar[unit.calendar_id].intervals(start_s, end_s)
        price = grid = Fraction(0)
        for hours, share in energy_shares(site, worked, start_s, end_s):
            row = -1 if hours is None else site.energy_hours.index(hours)
            price += share * prices[row][0]
            grid += share * prices[row][1]
        return price, grid
