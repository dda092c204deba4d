"""Rules of what a slot holds: an operator who can, enough tools, one batch behind one door."""

from collections.abc import Iterable, Sequence

from manufold.judge.rows import Rows
from manufold.judge.violation import Violation, violation
from manufold.model.network import Operator, WorkUnit
from manufold.model.process_plan import Operation
from manufold.model.schedule import Claim, Slot

__all__ = ["batch_violations", "claim_violations"]


def claim_violations(rows: Rows) -> list[Violation]:
    """Return slots without the operator or the tools they need, and claims of what is not there."""
    found: list[Violation] = []
    for row, slot in enumerate(rows.slots):
        unit, operation = rows.unit(row), rows.operation[row]
        if unit is None or operation is None or rows.past[row]:
            continue
        where = (slot.holder, slot.operation_id, slot.resource_id)
        site_id = rows.network.site_of(slot.resource_id).site_id
        for code, what in (
            *_strange(rows, slot, unit, site_id),
            *_unattended(rows, slot, operation, site_id),
            *_toolless(rows, slot, operation),
        ):
            found.append(violation(code, *where, what=what))
    return found


def _strange(rows: Rows, slot: Slot, unit: WorkUnit, site_id: str) -> Iterable[tuple[str, str]]:
    """Name claims of what is unknown, elsewhere, or outside the slot."""
    network = rows.network
    for claim in slot.also:
        name = claim.resource_id
        operator, tool = network.operator.get(name), network.tool.get(name)
        at = operator.site_id if operator else tool.site_id if tool else site_id
        known = (
            (operator is not None and claim.seat == 0)
            or (tool is not None and claim.seat < tool.count)
            or (name == unit.work_unit_id and unit.batches and claim.seat == unit.seats)
        )
        inside = slot.start_s <= claim.start_s and claim.end_s <= slot.end_s
        if not known or at != site_id or not inside:
            yield "judge.wrong_claim", name


def _unattended(
    rows: Rows, slot: Slot, operation: Operation, site_id: str
) -> Iterable[tuple[str, str]]:
    """Name the skill that nobody brings while the operation is attended."""
    attended = operation.attendance == "all" or (operation.attendance == "setup" and slot.setup_s)
    if operation.skill is None or not attended:
        return
    stretches = [
        claim
        for claim in slot.also
        if (who := rows.network.operator.get(claim.resource_id)) and _can(who, operation, site_id)
    ]
    if not any(_covers(slot, operation, claim) for claim in stretches):
        yield "judge.no_operator", operation.skill


def _can(operator: Operator, operation: Operation, site_id: str) -> bool:
    return operation.skill in operator.skills and operator.site_id == site_id


def _covers(slot: Slot, operation: Operation, claim: Claim) -> bool:
    """Return whether a claim lasts as long as its operator must be there.

    How long a set-up takes beside an operator is the length rule's business.
    """
    if claim.start_s != slot.start_s:
        return False
    return operation.attendance == "setup" or claim.end_s == slot.end_s


def _toolless(rows: Rows, slot: Slot, operation: Operation) -> Iterable[tuple[str, str]]:
    """Name the tools of which a slot does not hold enough for as long as it lasts."""
    for kind, count in operation.tools.items():
        held = sum(
            (tool := rows.network.tool.get(claim.resource_id)) is not None
            and tool.kind == kind
            and (claim.start_s, claim.end_s) == (slot.start_s, slot.end_s)
            for claim in slot.also
        )
        if held < count:
            yield "judge.too_few_tools", f"{kind} ({held} < {count})"


def batch_violations(rows: Rows) -> list[Violation]:
    """Return slots on a batching work unit that do not begin and end with their batch."""
    found: list[Violation] = []
    ovens: dict[str, list[int]] = {}
    for row, slot in enumerate(rows.slots):
        unit = rows.unit(row)
        if unit is not None and unit.batches and not rows.past[row]:
            ovens.setdefault(slot.resource_id, []).append(row)
    for members in ovens.values():
        members.sort(key=lambda row: rows.slots[row].start_s)
        found += _mixed(rows, members)
    return found


def _mixed(rows: Rows, members: Sequence[int]) -> Iterable[Violation]:
    """Name whoever disturbs the batch that is in the oven."""
    batch: tuple[int, int, str] | None = None
    for row in members:
        slot = rows.slots[row]
        own = (slot.start_s, slot.end_s, _batch_family(rows, row))
        where = (slot.holder, slot.operation_id, slot.resource_id)
        if batch is not None and slot.start_s < batch[1] and own != batch:
            yield violation("judge.batch_mixed", *where, what=own[2], other=batch[2])
        if batch is None or slot.end_s > batch[1]:
            batch = own
        door = [c for c in slot.also if c.resource_id == slot.resource_id]
        if not any((c.start_s, c.end_s) == own[:2] for c in door):
            yield violation("judge.wrong_claim", *where, what=slot.resource_id)


def _batch_family(rows: Rows, row: int) -> str:
    """Return what may share a batch with a row."""
    operation, slot = rows.operation[row], rows.slots[row]
    if operation is None:
        return slot.holder
    if operation.batch_family is not None:
        return operation.batch_family
    plan = rows.jobs[slot.holder].plan
    return f"{plan.design_revision}/{plan.process_plan_id}/{operation.operation_id}"
