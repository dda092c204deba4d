"""Existing work of a network, seeded: promises are never made on empty factories.

Each trade that a site can do wholly (capabilities, limits, materials, skills) gets orders whose
content is a share of the working time its main work units really have, week by week: full now,
thinner later. All other steps of a job stay below their own share, so the main work units are the
bottlenecks. Same network, seed and start: the same jobs, byte for byte.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from hashlib import sha256
from math import exp, log
from random import Random

from manufold.model.errors import InputFault
from manufold.model.material import BillOfMaterialsLine, Material, Source
from manufold.model.network import Capability, Network, WorkUnit
from manufold.model.process_plan import Operation, ProcessPlan, StandardTime
from manufold.model.schedule import Job
from manufold.model.units import DAY_S, HOUR_S
from manufold.twin.trades import DENSITY_G_PER_CM3, TRADES, Step, Trade

__all__ = ["backlog"]

SOURCE = Source("synthetic backlog, seeded", 2026)
WEEK_S = 7 * DAY_S
#: share of the main work units' working time that is released in each week from the start
WEEKS = (0.80, 0.74, 0.45, 0.25)
#: a step beside the main one takes at most this share of the main one's load
BESIDE = 0.85
#: of a week's jobs, those that lie ready when it begins; more in the first, which finds work
WAITING = (0.6, 0.3, 0.3, 0.3)
#: of the jobs, those that do not follow one of their own family
CHANGING = 0.7
#: stock a backlog may count on; what goes beyond is on order
STOCK_SHARE = Decimal("0.5")


@dataclass(frozen=True, slots=True)
class _Group:
    """A trade at a site.

    Args:
        here: the site's work units.
        materials: what it can be made of there.
        weekly_s: standard seconds that its main work units have, by week.
        changeover_s: what a job's changeover takes from them on the average.
        room: by capability, the load of that step that one second of the main step may bring.
    """

    site_id: str
    trade: Trade
    here: tuple[WorkUnit, ...]
    materials: tuple[Material, ...]
    weekly_s: tuple[float, ...]
    changeover_s: float
    room: Mapping[str, float]

    @property
    def units(self) -> int:
        """How many work units do its main step."""
        return len(_able(self.here, self.trade.main))


@dataclass(slots=True)
class _Makes:
    """Makes jobs one after the other from one random source."""

    network: Network
    seed: int
    from_s: int
    rng: Random
    used: dict[tuple[str, str], Decimal] = field(default_factory=dict)
    made: int = 0

    def job(self, group: _Group, week: int, content_s: float) -> Job:
        """Return a job whose main step takes about `content_s` standard seconds."""
        self.made += 1
        rng, trade = self.rng, group.trade
        # the first of a trade's materials is the commonest
        ranks = [1 / (rank + 1) for rank in range(len(group.materials))]
        material = rng.choices(group.materials, ranks)[0]
        style = rng.choice(trade.styles) if trade.styles else None
        main = next(step for step in trade.steps if step.capability == trade.main)
        setup_s = rng.randint(*main.setup_min) * 60
        content_s -= group.changeover_s
        run_s = _main_run_s(rng, main, style, content_s - setup_s)
        quantity = max(1, round((content_s - setup_s) / run_s))
        size_mm = self._size_mm(group, material, run_s / main.run_s[1])
        operations = []
        for number, step in enumerate(trade.steps):
            times = (float(setup_s), run_s)
            if step is not main:
                limit_s = (setup_s + quantity * run_s) * group.room[step.capability]
                times = _beside(rng, step, quantity, limit_s)
            operations.append(self._operation(number, step, times, material, style, size_mm))
        plan = self._plan(trade, tuple(operations), material, style, size_mm)
        release_s = self.from_s + week * WEEK_S
        if rng.random() > WAITING[week]:
            release_s += rng.randrange(0, WEEK_S - DAY_S, 900)
        ready_s = self._ready_s(group.site_id, plan, quantity)
        spent_s = sum(float(o.setup_s + quantity * o.run_s) for o in operations)
        first_s = max([release_s, *ready_s.values()])
        due_s = first_s + round(3 * spent_s) + rng.randrange(2 * DAY_S, 9 * DAY_S, HOUR_S)
        return Job(
            holder=f"backlog-{self.made:04d}",
            plan=plan,
            quantity=quantity,
            release_s=release_s,
            ready_s=ready_s,
            due_s=due_s,
            weight=rng.choice((1, 1, 1, 2, 3)),
        )

    def _size_mm(self, group: _Group, material: Material, fullness: float) -> tuple[Decimal, ...]:
        """Return the sides of a piece, longest first, that the site's work units take."""
        trade = group.trade
        least, most = trade.longest_mm
        longest = (least + (most - least) * fullness**0.5) * self.rng.uniform(0.7, 1.0)
        sides = [longest]
        for _ in range(2):
            sides.append(sides[-1] * self.rng.uniform(0.3, 0.9))
        if trade.main == "laser":
            sides[2] = self.rng.choice((1.0, 1.5, 2.0, 3.0))
        for step in trade.steps:
            if step.sized:
                limits = _roomiest(group.here, step.capability, material.material_id)
                for axis, name in enumerate(("x_mm", "y_mm", "z_mm")):
                    sides[axis] = min(sides[axis], float(limits.get(name, 10**6)))
        return tuple(_decimal(side, "0.1") for side in sides)

    def _operation(
        self,
        number: int,
        step: Step,
        times: tuple[float, float],
        material: Material,
        style: tuple[str, float, float, int] | None,
        size_mm: tuple[Decimal, ...],
    ) -> Operation:
        setup_s, run_s = _decimal(times[0], "1"), _decimal(times[1], "0.1")
        family = {"material": material.material_id, "style": style[0] if style else None}
        return Operation(
            operation_id=_operation_id(number),
            name=step.name,
            capability=step.capability,
            setup_terms=(StandardTime("set up", setup_s, "drawn", SOURCE),),
            run_terms=(StandardTime(step.name.lower(), run_s, "drawn", SOURCE),),
            needs=dict(zip(("x_mm", "y_mm", "z_mm"), size_mm, strict=True)) if step.sized else {},
            material_id=material.material_id if step.sized else None,
            after=(_operation_id(number - 1),) if number else (),
            skill=step.skill,
            attendance=step.attendance,
            setup_family=family.get(step.family or ""),
            pausable=step.pausable,
            min_lag_s=step.lag_h * HOUR_S,
        )

    def _plan(
        self,
        trade: Trade,
        operations: tuple[Operation, ...],
        material: Material,
        style: tuple[str, float, float, int] | None,
        size_mm: tuple[Decimal, ...],
    ) -> ProcessPlan:
        first, last = operations[0].operation_id, operations[-1].operation_id
        if style is not None:
            taken = {material.material_id: (_decimal(style[2], "0.01"), first)}
            sewn = next(o.operation_id for o in operations if o.capability == trade.main)
            taken["thread"] = (Decimal("0.024"), sewn)
            taken["buttons"] = (Decimal(style[3]), sewn)
            taken["garment-bag"] = (Decimal(1), last)
            mass_g = _decimal(style[2] * 220, "1")
        else:
            filled = 1.0 if trade.main == "laser" else self.rng.uniform(0.2, 0.6)
            density = DENSITY_G_PER_CM3.get(material.material_id, 2.0)
            block_g = float(size_mm[0] * size_mm[1] * size_mm[2]) / 1000 * density
            mass_g = _decimal(max(block_g * filled, 0.1), "0.1")
            bought = 1.15 * block_g if operations[0].capability == "saw" else 1.2 * float(mass_g)
            taken = {material.material_id: (_decimal(max(bought / 1000, 0.001), "0.001"), first)}
            taken["packaging"] = (Decimal("0.2"), last)
        known = self.network.material
        lines = tuple(
            BillOfMaterialsLine(name, quantity, known[name].unit, at)
            for name, (quantity, at) in taken.items()
            if name in known
        )
        revision = sha256(f"backlog/{self.seed}/{self.made}".encode()).hexdigest()
        return ProcessPlan(trade.plan_id, revision, trade.process, operations, lines, mass_g)

    def _ready_s(self, site_id: str, plan: ProcessPlan, quantity: int) -> dict[str, int]:
        """Return when material that stock does not cover arrives, by operation."""
        there = {s.material_id: s.quantity for s in self.network.stock if s.site_id == site_id}
        ready: dict[str, int] = {}
        for line in plan.bill_of_materials:
            key = (site_id, line.material_id)
            wanted = self.used.get(key, Decimal(0)) + quantity * line.quantity
            if wanted <= there.get(line.material_id, Decimal(0)) * STOCK_SHARE:
                self.used[key] = wanted
                continue
            arrives_s = self.from_s + self.network.material[line.material_id].lead_time_s
            ready[line.at_operation] = max(arrives_s, ready.get(line.at_operation, 0))
        return ready


def backlog(network: Network, seed: int, orders: int, from_s: int) -> tuple[Job, ...]:
    """Return existing work for a network, by release.

    Args:
        network: jobs are drawn only from what one of its sites can make alone.
        orders: how many jobs; more jobs are smaller jobs, the load stays.
        from_s: where the first week begins; nothing is released earlier.

    Raises:
        InputFault: `backlog.nothing_to_make` when no site can do any trade known here.
    """
    if orders < 1:
        return ()
    groups = tuple(_groups(network, from_s))
    if not groups:
        raise InputFault("backlog.nothing_to_make", network=network.name)
    makes = _Makes(network, seed, from_s, Random(seed))
    jobs = []
    shares = [group.units * group.trade.share for group in groups]
    for group, count in zip(groups, _apportioned(orders, shares), strict=True):
        weights = [share * weekly for share, weekly in zip(WEEKS, group.weekly_s, strict=True)]
        for week, in_week in enumerate(_apportioned(count, weights)):
            parts = [exp(makes.rng.gauss(0, 0.5)) for _ in range(in_week)]
            for part in parts:
                jobs.append(makes.job(group, week, weights[week] * part / sum(parts)))
    return tuple(sorted(jobs, key=lambda job: (job.release_s, job.holder)))


def _groups(network: Network, from_s: int) -> Iterator[_Group]:
    """Yield every trade that a site can do alone, with the time it has for it."""
    placed: dict[str, list[WorkUnit]] = {}
    for unit in network.work_units:
        placed.setdefault(network.site_of(unit.work_unit_id).site_id, []).append(unit)
    for site in network.sites:
        here = tuple(placed.get(site.site_id, ()))
        skills = {s for o in network.operators if o.site_id == site.site_id for s in o.skills}
        able = {
            trade.plan_id: trade
            for trade in TRADES
            if all(_able(here, step.capability) and step.skill in skills for step in trade.steps)
            and _materials(network, here, trade)
        }
        needed = {step.capability for trade in able.values() for step in trade.steps}
        weeks_s = {name: _weeks_s(network, here, name, from_s) for name in needed}
        for trade in able.values():
            if sum(weeks_s[trade.main]) <= 0:
                continue
            room = {
                step.capability: BESIDE
                * sum(weeks_s[step.capability])
                / sum(sum(weeks_s[t.main]) for t in able.values() if step.capability in _named(t))
                for step in trade.steps
            }
            materials = _materials(network, here, trade)
            change_s = _changeover_s(network, here, trade.main)
            weekly_s = weeks_s[trade.main]
            yield _Group(site.site_id, trade, here, materials, weekly_s, change_s, room)


def _able(units: tuple[WorkUnit, ...], capability: str) -> list[tuple[WorkUnit, Capability]]:
    named = [(unit, unit.capability(capability)) for unit in units]
    return [(unit, able) for unit, able in named if able is not None]


def _changeover_s(network: Network, units: tuple[WorkUnit, ...], capability: str) -> float:
    """Return the mean changeover of a job in standard seconds; most follow another family."""
    spans_s = [
        network.setup_matrix[unit.setup_matrix_id].default_s / float(able.time_factor)
        for unit, able in _able(units, capability)
        if unit.setup_matrix_id is not None
    ]
    return CHANGING * sum(spans_s) / max(1, len(spans_s))


def _weeks_s(
    network: Network, units: tuple[WorkUnit, ...], capability: str, from_s: int
) -> tuple[float, ...]:
    """Return the standard seconds that work units can do of a capability, by week."""
    weeks = [0.0] * len(WEEKS)
    for unit, able in _able(units, capability):
        calendar = network.calendar[unit.calendar_id]
        for week in range(len(WEEKS)):
            start_s = from_s + week * WEEK_S
            worked = calendar.intervals(start_s, start_s + WEEK_S)
            working_s = sum(end - start for start, end in worked)
            weeks[week] += working_s * unit.seats / float(able.time_factor)
    return tuple(weeks)


def _named(trade: Trade) -> set[str]:
    return {step.capability for step in trade.steps}


def _takes(able: Capability, material_id: str) -> bool:
    return not able.materials or material_id in able.materials


def _materials(network: Network, here: tuple[WorkUnit, ...], trade: Trade) -> tuple[Material, ...]:
    """Return what the trade can be made of at a site: preferred, or else anything of its unit."""
    known = network.material
    preferred = [known[name] for name in trade.materials if name in known]
    return tuple(
        material
        for material in preferred or [m for m in network.materials if m.unit == trade.unit]
        if all(
            any(_takes(able, material.material_id) for _, able in _able(here, step.capability))
            for step in trade.steps
        )
    )


def _roomiest(
    here: tuple[WorkUnit, ...], capability: str, material_id: str
) -> Mapping[str, Decimal]:
    """Return the limits of the work unit that takes the material and the longest piece."""
    taking = [able.limits for _, able in _able(here, capability) if _takes(able, material_id)]
    return max(taking, key=lambda one: one.get("x_mm", Decimal(10**6)))


def _main_run_s(
    rng: Random, main: Step, style: tuple[str, float, float, int] | None, room_s: float
) -> float:
    """Return the standard time of a piece: longer pieces where the job has room for them."""
    if style is not None:
        return float(round(style[1] * 60 * rng.uniform(0.92, 1.08)))
    least, most = main.run_s
    top = max(least, min(most, room_s / 2))
    return float(round(exp(rng.uniform(log(least), log(top)))))


def _beside(rng: Random, step: Step, quantity: int, limit_s: float) -> tuple[float, float]:
    """Return set-up and run of a step beside the main one, within its share of time."""
    setup_s = min(rng.randint(*step.setup_min) * 60, max(30, round(0.3 * limit_s)))
    run_s = min(rng.uniform(*step.run_s), max(1.0, (limit_s - setup_s) / quantity))
    return float(setup_s), run_s


def _apportioned(count: int, shares: list[float]) -> list[int]:
    """Return whole numbers in proportion to shares that add up to `count` (largest remainder)."""
    exact = [count * share / sum(shares) for share in shares]
    whole = [int(number) for number in exact]
    by_rest = sorted(range(len(shares)), key=lambda i: (whole[i] - exact[i], i))
    for i in by_rest[: count - sum(whole)]:
        whole[i] += 1
    return whole


def _operation_id(number: int) -> str:
    return f"op{10 * (number + 1)}"


def _decimal(value: float, step: str) -> Decimal:
    return Decimal(repr(value)).quantize(Decimal(step), rounding=ROUND_HALF_UP)
