"""Violations: everything wrong with a schedule, found by code that did not make it.

A clean schedule gives the empty tuple. The slots of all jobs must be there together: an operation
that is absent is a violation too. Rows that began are history, at this very second too: what
really happened keeps seat, order and work unit, while its length and set-up are as they were.
"""

from collections.abc import Collection, Iterable, Mapping

from manufold.judge.claim_rules import batch_violations, claim_violations
from manufold.judge.job_rules import job_violations
from manufold.judge.rows import Rows
from manufold.judge.seat_rules import overlaps, setups_too_short
from manufold.judge.violation import Violation
from manufold.judge.work_rules import content_violations, unit_violations
from manufold.model.network import Network
from manufold.model.schedule import Job, Slot

__all__ = ["Violation", "violations"]


def violations(
    slots: Iterable[Slot],
    network: Network,
    jobs: Mapping[str, Job],
    *,
    now_s: int | None = None,
    begun: Collection[tuple[str, str]] = (),
) -> tuple[Violation, ...]:
    """Return all violations of a schedule, by kind, then holder and operation.

    Args:
        jobs: by holder. Slots of a holder that is absent here are judged by seat, overlap and
            calendar only, and reported once as `judge.unknown_job`.
        now_s: rows that began before are history; None judges all rows alike.
        begun: (holder, operation) of more rows that are history.
    """
    rows = Rows.of(slots, network, jobs, now_s, begun)
    found = [
        *unit_violations(rows),
        *overlaps(rows),
        *setups_too_short(rows),
        *content_violations(rows),
        *claim_violations(rows),
        *batch_violations(rows),
        *job_violations(rows),
    ]
    return tuple(sorted(found, key=lambda v: (v.reason.code, v.holder, v.operation_id)))
