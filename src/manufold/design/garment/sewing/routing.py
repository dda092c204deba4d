"""A pattern's routing: every operation with its minutes, what it sews and what it comes after.

The bulletin of the garment says which operations there are; the pattern says how long the seams
are, how they curve and what hangs together. What comes out is checked: acyclic, and every seam
sewn exactly once. Cutting comes before it, and is not among the steps.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from manufold.design.garment.pattern.piece import Pattern
from manufold.design.garment.pattern.publishing import Garment
from manufold.design.garment.sewing import precedence
from manufold.design.garment.sewing.bulletin import Row, asked_for, source
from manufold.design.garment.sewing.machines import machines
from manufold.design.garment.sewing.minutes import standard
from manufold.design.garment.sewing.ways import Plan
from manufold.model.errors import CannotMake
from manufold.model.material import Source

__all__ = ["Routing", "Step", "routed", "unchecked"]


@dataclass(frozen=True, slots=True)
class Step:
    """One elementary operation of sewing, for one garment.

    Args:
        name: unique in the garment; a word of its folder.
        machine: its class, of `machines.toml`.
        attachment: "" where none is used.
        skill_grade: the least that it takes: 1 helper, 2 machinist, 3 skilled, 4 tailor.
        minutes: standard minutes.
        formula: how they are made, with its inputs.
        seams: of the pattern, sewn here.
        lined: of the pattern, whose lining is sewn here.
        pieces: worked on.
        after: steps that must be done before.
    """

    name: str
    section: str
    machine: str
    attachment: str
    skill_grade: int
    minutes: Decimal
    formula: str
    source: Source
    seams: tuple[str, ...]
    lined: tuple[str, ...]
    pieces: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True)
class Routing:
    """The operations of one garment; each step stands after those that it comes after."""

    garment: str
    options: Mapping[str, str]
    steps: tuple[Step, ...]

    @property
    def minutes(self) -> Decimal:
        """Return the standard minutes of all steps."""
        return sum((step.minutes for step in self.steps), Decimal(0))

    @property
    def critical(self) -> tuple[str, ...]:
        """Return the names of the longest way, first to last."""
        return self._longest[0]

    @property
    def critical_min(self) -> Decimal:
        """Return the minutes of the longest way: what many hands at once still need."""
        return self._longest[1]

    def by_section(self) -> dict[str, Decimal]:
        """Return the minutes of each section, in the order of the bulletin."""
        found: dict[str, Decimal] = {}
        for step in self.steps:
            found[step.section] = found.get(step.section, Decimal(0)) + step.minutes
        return found

    @cached_property
    def _longest(self) -> tuple[tuple[str, ...], Decimal]:
        after = {step.name: step.after for step in self.steps}
        return precedence.critical(after, {step.name: step.minutes for step in self.steps})


def routed(pattern: Pattern, garment: Garment) -> Routing:
    """Return the routing of a pattern, checked: acyclic, every seam sewn exactly once.

    Raises:
        CannotMake: `garment.routing_broken`, its faults beside it, when the garment's bulletin
            does not make this pattern.
    """
    from manufold.design.garment.sewing.checks import faults, table_faults

    found = tuple(table_faults(garment))
    made = None if found else unchecked(pattern, garment)
    found = found or tuple(faults(made or (), pattern, garment))
    if found or made is None:
        where = found[0].where
        raise CannotMake("garment.routing_broken", faults=found, garment=garment.name, step=where)
    turn = precedence.in_turn({step.name: step.after for step in made})
    place = {name: at for at, name in enumerate(turn or ())}
    steps = tuple(sorted(made, key=lambda step: place[step.name]))
    return Routing(garment.name, pattern.options, steps)


def unchecked(pattern: Pattern, garment: Garment) -> tuple[Step, ...]:
    """Return the steps in the bulletin's order, whatever is wrong with them."""
    plan, hang = Plan(pattern), precedence.Assemblies()
    rows = [row for row in asked_for(garment, pattern.options) if plan.applies(row)]
    there = {row.name for row in rows}
    found = []
    for row in rows:
        places = plan.places(row)
        before = hang.work(row.name, places, plan.joins(row))
        said = tuple(name for name in row.after if name in there and name not in before)
        found.append(_step(garment, plan, row, places, (*before, *said)))
    return tuple(found)


def _step(
    garment: Garment,
    plan: Plan,
    row: Row,
    places: tuple[tuple[str, bool], ...],
    after: tuple[str, ...],
) -> Step:
    minutes, formula = standard(row, plan.ways(row), len(plan.marks(row)))
    return Step(
        name=row.name,
        section=row.section,
        machine=row.machine,
        attachment=row.attachment,
        skill_grade=row.skill or machines()[row.machine].skill_grade,
        minutes=minutes,
        formula=formula,
        source=source(garment, row.source),
        seams=plan.sewn(row),
        lined=plan.lined(row),
        pieces=tuple(dict.fromkeys(name for name, _ in places)),
        after=after,
    )
