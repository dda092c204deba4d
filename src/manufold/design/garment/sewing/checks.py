"""Whether a garment's bulletin can be sewn: judged apart from what made the steps.

Of the table: rows whole, names unique, machines, attachments, sources, options and `after` known.
Of the steps on a pattern: every seam sewn exactly once, in shell and in lining; every piece worked
on; nothing in a circle; every step longer than nought; nothing gone along a seam before it is
sewn; and of two seams that meet on a piece, the one of the lower order sewn no later.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from manufold.design.garment.pattern.piece import Pattern, Seam
from manufold.design.garment.pattern.publishing import Garment
from manufold.design.garment.sewing.bulletin import KEYS, Row, asked_for, row
from manufold.design.garment.sewing.machines import attachments, machines
from manufold.design.garment.sewing.precedence import circle
from manufold.design.garment.sewing.routing import Step
from manufold.design.garment.sewing.ways import Plan
from manufold.model.errors import Fault, Reason

__all__ = ["faults", "table_faults"]

_GRADES = range(5)


def table_faults(garment: Garment) -> Iterator[Fault]:
    """Yield what is wrong with a bulletin whatever the pattern."""
    told = garment.operations.get("operation", [])
    if not told:
        yield _fault(garment, garment.name, "garment.routing_missing")
    names = Counter(str(one.get("name", "?")) for one in told)
    for one in told:
        name = str(one.get("name", "?"))
        try:
            read = row(one)
        except (TypeError, KeyError, ValueError, ArithmeticError):
            yield _fault(garment, name, "garment.routing_row", known=", ".join(KEYS))
            continue
        if names[name] > 1:
            yield _fault(garment, name, "garment.routing_twice")
        yield from _row_faults(garment, read, set(names))


def _row_faults(garment: Garment, one: Row, names: set[str]) -> Iterator[Fault]:
    if one.machine not in machines():
        known = ", ".join(machines())
        yield _fault(garment, one.name, "garment.routing_machine", of=one.machine, known=known)
    if one.attachment and one.attachment not in attachments():
        known = ", ".join(sorted(attachments()))
        yield _fault(garment, one.name, "garment.routing_machine", of=one.attachment, known=known)
    told = garment.operations.get("source", {}).get(one.source, {})
    if not {"title", "year", "verified"} <= set(told):
        yield _fault(garment, one.name, "garment.routing_source", of=one.source)
    for option, choices in (one.when or {}).items():
        for choice in choices:
            if choice not in garment.options.get(option, ()):
                of = f"{option}={choice}"
                yield _fault(garment, one.name, "garment.routing_when", of=of)
    for before in one.after:
        if before not in names:
            yield _fault(garment, one.name, "garment.routing_after", of=before)
    if not (one.handling >= 0 and one.each >= 0 and one.passes >= 1 and one.skill in _GRADES):
        yield _fault(garment, one.name, "garment.routing_row", known=", ".join(KEYS))


def faults(steps: Sequence[Step], pattern: Pattern, garment: Garment) -> Iterator[Fault]:
    """Yield what keeps these steps from making this pattern, and all of it, once."""
    plan = Plan(pattern)
    rows = {one.name: one for one in asked_for(garment, pattern.options) if plan.applies(one)}
    for one in rows.values():
        for lost in plan.lost(one):
            yield _fault(garment, one.name, "garment.routing_nothing", of=lost)
    yield from _seam_faults(steps, plan, garment)
    worked = {name for step in steps for name in step.pieces}
    for piece in pattern.pieces:
        if piece.name not in worked:
            yield _fault(garment, piece.name, "garment.routing_unused")
    for step in steps:
        if step.minutes <= 0:
            yield _fault(garment, step.name, "garment.routing_no_minutes")
    after = {step.name: step.after for step in steps}
    around = circle(after)
    if around:
        yield _fault(garment, around[0], "garment.routing_circle", of=" > ".join(around))
        return
    yield from _order_faults(steps, plan, garment, {name: rows[name] for name in after})


def _seam_faults(steps: Sequence[Step], plan: Plan, garment: Garment) -> Iterator[Fault]:
    sewn = Counter(name for step in steps for name in step.seams)
    lined = Counter(name for step in steps for name in step.lined)
    for seam in plan.pattern.seams:
        if sewn[seam.name] != 1:
            times = sewn[seam.name]
            yield _fault(garment, seam.name, "garment.routing_seam", times=times, of="shell")
        wanted = int(plan.cloths[seam.name] == "both")
        if lined[seam.name] != wanted:
            times = lined[seam.name]
            yield _fault(garment, seam.name, "garment.routing_seam", times=times, of="lining")


def _order_faults(
    steps: Sequence[Step], plan: Plan, garment: Garment, rows: dict[str, Row]
) -> Iterator[Fault]:
    before = _all_before(steps)
    where = {name: step.name for step in steps for name in step.seams}
    for step in steps:
        for name in plan.along(rows[step.name]):
            if rows[step.name].cloth == "shell" and where.get(name) not in before[step.name]:
                yield _fault(garment, step.name, "garment.routing_before_seam", of=name)
    ordered = sorted(plan.pattern.seams, key=lambda seam: seam.order)
    for at, first in enumerate(ordered):
        here = where.get(first.name, "")
        for second in ordered[at + 1 :]:
            if where.get(second.name) in before.get(here, ()) and _meet(first, second):
                of = f"{second.name}, {first.name}"
                yield _fault(garment, here, "garment.routing_order", of=of)


def _meet(one: Seam, other: Seam) -> bool:
    pieces = {run.piece for run in (*one.a, *one.b)}
    return any(run.piece in pieces for run in (*other.a, *other.b))


def _all_before(steps: Sequence[Step]) -> dict[str, set[str]]:
    """Return everything that has to be done before each step; steps are free of circles."""
    after = {step.name: step.after for step in steps}
    found: dict[str, set[str]] = {}

    def of(name: str) -> set[str]:
        if name not in found:
            needs = after[name]
            found[name] = {*needs, *(one for need in needs for one in of(need))}
        return found[name]

    for name in after:
        of(name)
    return found


def _fault(garment: Garment, where: str, code: str, **params: str | int) -> Fault:
    return Fault(where, Reason(code, {"garment": garment.name, "step": where, **params}))
