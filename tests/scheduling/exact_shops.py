"""Tiny shops from a seed, with only the constraints that are asked for, and one job for them.

All times are whole ticks of five minutes, so that a reference can try every one of them.
"""

import random
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from manufold.model.calendar import DAYS, Shift, WorkCalendar
from manufold.model.network import Capability, Network, Operator, SetupMatrix, Tool, WorkUnit
from manufold.model.ports import Booking
from manufold.model.process_plan import Operation
from manufold.model.schedule import Job
from scheduling.shops import ALWAYS, network, operation, plan, unit

TICK_S = 300
BOOKED_UNTIL = 130  # ticks
SPLIT = WorkCalendar(
    "split",
    "UTC",
    (Shift(DAYS, "01:00", "05:00", (("02:30", "02:50"),)), Shift(DAYS, "06:00", "09:00")),
)
NIGHTS = WorkCalendar("nights", "UTC", (Shift(DAYS, "20:00", "04:00", (("23:00", "23:30"),)),))
MORNINGS = WorkCalendar("mornings", "UTC", (Shift(DAYS, "00:00", "06:00", (("03:00", "03:20"),)),))
NOONS = WorkCalendar("noons", "UTC", (Shift(DAYS, "05:00", "12:00", (("08:00", "08:30"),)),))
CALENDARS = (ALWAYS, SPLIT, NIGHTS, MORNINGS, NOONS)
FAMILIES = ("red", "blue", "green")
SKILLS = ("setter", "baker")


@dataclass(frozen=True)
class FilledOven:
    """A batch that is booked: whoever is like its members may join while a seat is free."""

    unit_id: str
    start_s: int
    end_s: int
    family: str
    skill: str | None
    pausable: bool

    @property
    def name(self) -> str:
        """What its members call the door and the operator they share."""
        attended = f", {self.skill}" if self.skill else ""
        unbroken = "" if self.pausable else ", unbroken"
        return f"{self.start_s}-{self.end_s} {self.unit_id} {self.family}{attended}{unbroken}"


@dataclass(frozen=True)
class ExactShop:
    """A loaded network and what is asked of it."""

    network: Network
    bookings: tuple[Booking, ...]
    ovens: tuple[FilledOven, ...]
    job: Job


def exact_shop(seed: int, features: Collection[str]) -> ExactShop:
    """Return a shop with some of: alternatives, seats, sites, breaks, families, people, tools,
    lags, batches, lots, longest lags, shared (operations meet again at a work unit), forks."""
    rng = random.Random(f"{seed} {' '.join(sorted(features))}")
    making = _Making(rng, frozenset(features))
    return making.shop()


class _Making:
    def __init__(self, rng: random.Random, features: frozenset[str]) -> None:
        self.rng, self.has = rng, features
        self.sites = ("a", "b") if "sites" in features else ("a",)
        self.bookings: list[Booking] = []
        self.ovens: list[FilledOven] = []

    def shop(self) -> ExactShop:
        """Return the shop."""
        rng, has = self.rng, self.has
        steps = self._steps()
        units = self._units(sorted({step.capability for step in steps}))
        lanes = {(a, b): rng.randint(1, 12) * TICK_S for a in self.sites for b in self.sites}
        lanes = {way: span_s for way, span_s in lanes.items() if way[0] != way[1]}
        lanes |= {(site, "home"): rng.randint(0, 20) * TICK_S for site in self.sites}
        made = network(
            units,
            calendars=CALENDARS,
            lanes=lanes,
            matrices=(self._matrix(),),
            operators=self._people() if "people" in has else (),
            tools=self._tools() if "tools" in has else (),
        )
        self._load(made, steps)
        material = {"op0": rng.randint(0, 20) * TICK_S} if rng.random() < 0.3 else {}
        release_s = rng.randint(0, 40) * TICK_S
        job = Job("new", plan(*steps), self.quantity, release_s, material)
        return ExactShop(made, tuple(self.bookings), tuple(self.ovens), job)

    def _steps(self) -> list[Operation]:
        rng, has = self.rng, self.has
        self.quantity = rng.randint(2, 4) if "lots" in has else rng.randint(1, 3)
        count = rng.randint(3, 4) if "forks" in has else rng.randint(1, 4)
        names = [f"work{row}" for row in range(count)]
        if "shared" in has:
            names = [f"work{rng.randrange(2)}" for _ in names]
        if "batches" in has:
            names[rng.randrange(count)] = "bake"
        return [self._step(row, name) for row, name in enumerate(names)]

    def _step(self, row: int, name: str) -> Operation:
        rng, has = self.rng, self.has
        before = [f"op{row - 1}"] if row else []
        if "forks" in has and row:
            before = [f"op{at}" for at in range(row) if rng.random() < 0.5]
        attendance = rng.choice(["none", "setup", "all"]) if "people" in has else "none"
        pausable = "breaks" not in has or rng.random() < 0.6
        baking = name == "bake"
        skill = "baker" if baking else "setter"
        setup_s = rng.choice([0, 1, 1, 2]) * TICK_S
        more: dict[str, object] = {}
        if "lags" in has and before and rng.random() < 0.5:
            more["min_lag_s"] = rng.randint(1, 8) * TICK_S
        if "longest lags" in has and before and rng.random() < 0.6:
            more["max_lag_s"] = int(more.get("min_lag_s", 0)) + rng.randint(0, 8) * TICK_S
        if "lots" in has and rng.random() < 0.7:
            more["transfer_quantity"] = rng.randint(1, 2)
        if "tools" in has and rng.random() < 0.6:
            more["tools"] = {"jaws": rng.randint(1, 2)}
        if "families" in has and rng.random() < 0.9:
            more["setup_family"] = rng.choice(FAMILIES)
        if baking:
            more["batch_family"] = rng.choice(["bread", None])
        return operation(
            f"op{row}",
            name,
            rng.randint(1, 6 if pausable else 3) * TICK_S,
            max(setup_s, TICK_S) if baking else setup_s,
            after=before,
            pausable=pausable,
            attendance=attendance,
            skill=None if attendance == "none" else skill,
            **more,
        )

    def _units(self, works: Collection[str]) -> list[WorkUnit]:
        rng, has = self.rng, self.has
        units = []
        for work in works:
            sites = [rng.choice(self.sites)]
            if "alternatives" in has:
                sites = [rng.choice(self.sites) for _ in range(rng.randint(1, 3))]
            for row, site in enumerate(sites):
                factor = rng.choice(["1", "1", "2"]) if "alternatives" in has else "1"
                calendar = rng.choice(["always", "split", "split", "nights"])
                made = unit(
                    f"{work}_{row}",
                    Capability(work, Decimal(factor)),
                    site=site,
                    calendar=calendar if "breaks" in has else "always",
                    seats=rng.randint(1, 3) if "seats" in has else 1,
                    matrix="m" if "families" in has and rng.random() < 0.8 else None,
                )
                if work == "bake":
                    seats = rng.randint(2, 3)
                    made = replace(made, batches=True, setup_matrix_id=None, seats=seats)
                units.append(made)
        return units

    def _matrix(self) -> SetupMatrix:
        rng = self.rng
        pairs = [(a, b) for a in FAMILIES for b in FAMILIES if a != b and rng.random() < 0.8]
        entries = tuple((a, b, rng.randint(0, 5) * TICK_S, 0, 0) for a, b in pairs)
        return SetupMatrix("m", entries, default_s=rng.randint(0, 3) * TICK_S)

    def _people(self) -> list[Operator]:
        found = []
        for site in self.sites:
            for row in range(self.rng.randint(1, 2)):
                skills = SKILLS if row == 0 else (self.rng.choice(SKILLS),)
                calendars = ["mornings", "noons", "always"] if "breaks" in self.has else ["always"]
                calendar = self.rng.choice(calendars)
                found.append(Operator(f"who_{site}{row}", site, skills, calendar, 0))
        return found

    def _tools(self) -> list[Tool]:
        rng = self.rng
        return [Tool(f"jaws_{site}", "jaws", site, rng.randint(2, 3)) for site in self.sites]

    def _load(self, made: Network, steps: list[Operation]) -> None:
        """Book frozen work: what fills ovens first, then everything else around it."""
        for one in made.work_units:
            if one.batches:
                baking = next(step for step in steps if step.capability == "bake")
                self._fill(made, one, baking)
            else:
                for seat in range(one.seats):
                    if self.rng.random() < 0.85:
                        self._rows(one.work_unit_id, seat)
        for person in made.operators:
            self._rows(person.operator_id, 0, thin=3)
        for tool in made.tools:
            for seat in range(tool.count):
                self._rows(tool.tool_id, seat, thin=2)

    def _rows(self, resource: str, seat: int, thin: int = 1) -> None:
        rng = self.rng
        at = rng.randrange(12 * thin)
        while at < BOOKED_UNTIL:
            span = rng.randint(1, 8)
            if self._free(resource, seat, at, at + span):
                state = "firm" if rng.random() < 0.7 else "held"
                self._book(resource, seat, at, at + span, state, self._family())
            at += span + rng.randint(0, 9 * thin)

    def _family(self) -> dict[str, object]:
        family = self.rng.choice(FAMILIES)
        change_s = self.rng.choice([None, 0, 1, 2, 3, 5])
        booked_s = None if change_s is None else change_s * TICK_S
        return {"family": family, "changeover_s": booked_s}

    def _fill(self, made: Network, oven: WorkUnit, baking: Operation) -> None:
        rng = self.rng
        attended = baking.attendance != "none"
        length = int(baking.setup_s + self.quantity * baking.run_s) // TICK_S
        length *= int(oven.capabilities[0].time_factor)
        at = rng.randrange(8)
        while at < BOOKED_UNTIL:
            span = length if rng.random() < 0.8 else rng.randint(1, 9)
            filled = FilledOven(
                oven.work_unit_id,
                at * TICK_S,
                (at + span) * TICK_S,
                "bread" if rng.random() < 0.8 else "cakes",
                "baker" if attended and rng.random() < 0.8 else None,
                baking.pausable if rng.random() < 0.8 else not baking.pausable,
            )
            self.ovens.append(filled)
            for seat in range(rng.randint(1, oven.seats)):
                own_row: Mapping[str, object] = {"family": "f", "changeover_s": 0}
                shared = {**own_row, "shared_as": filled.name}
                self._book(oven.work_unit_id, seat, at, at + span, "firm", own_row)
                self._book(oven.work_unit_id, oven.seats, at, at + span, "firm", shared)
            site = made.site_of(oven.work_unit_id).site_id
            able = [o for o in made.operators if o.site_id == site and "baker" in o.skills]
            if filled.skill and able:
                who = rng.choice(able).operator_id
                until = at + (span if baking.attendance == "all" else min(span, rng.randint(1, 2)))
                if self._free(who, 0, at, until):
                    self._book(who, 0, at, until, "firm", {"shared_as": filled.name})
            at += span + rng.randint(0, 14)

    def _free(self, resource: str, seat: int, start: int, end: int) -> bool:
        return not any(
            (one.resource_id, one.seat) == (resource, seat)
            and one.from_s < end * TICK_S
            and start * TICK_S < one.to_s
            for one in self.bookings
        )

    def _book(
        self,
        resource: str,
        seat: int,
        start: int,
        end: int,
        state: str,
        detail: Mapping[str, object],
    ) -> None:
        name = f"b{len(self.bookings)}"
        self.bookings.append(
            Booking(
                name,
                resource,
                seat,
                start * TICK_S,
                end * TICK_S,
                name,
                name,
                state,  # type: ignore[arg-type]
                None,
                dict(detail),
            )
        )
