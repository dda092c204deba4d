"""Counting pieces: what came out good where, and what is still owed to the buyer."""

from collections.abc import Iterable

from manufold.model.execution import JobOrder, OrderState

__all__ = [
    "all_good",
    "claimed",
    "ends",
    "followers",
    "good_by_site",
    "least_owed",
    "most_owed",
    "owed",
]


def ends(order: OrderState) -> tuple[tuple[JobOrder, ...], ...]:
    """Return, for each lot of pieces made together, the job orders that nothing follows.

    A lot passes through job orders that follow one another, at one site or several, so through
    one production order or several; a remake is a lot of its own.
    """
    lot = {name: name for name in order.jobs}

    def lot_of(name: str) -> str:
        while lot[name] != name:
            name = lot[name]
        return name

    followed: set[str] = set()
    for job in order.jobs.values():
        for before in job.after:
            lot[lot_of(before)] = lot_of(job.job_order_id)
            followed.add(before)
    found: dict[str, list[JobOrder]] = {}
    for name, job in order.jobs.items():
        if name not in followed:
            found.setdefault(lot_of(name), []).append(job)
    return tuple(tuple(jobs) for jobs in found.values())


def good_by_site(order: OrderState) -> dict[str, int]:
    """Return the good pieces that left their last operations, by site, shipped ones included.

    Where several operations end a plan, a piece is made when all of them have made it, and it
    lies where the one of the latest id stands.
    """
    good: dict[str, int] = {}
    for last in ends(order):
        site_id = max(last, key=lambda job: job.job_order_id).site_id
        good[site_id] = good.get(site_id, 0) + min(job.good for job in last)
    return good


def all_good(order: OrderState) -> int:
    """Return the good pieces that left their last operations, shipped ones included."""
    return sum(good_by_site(order).values())


def claimed(order: OrderState) -> int:
    """Return the delivered pieces that the buyer claims; each of them is owed again."""
    return sum(order.claims.values())


def owed(order: OrderState) -> int:
    """Return the good pieces to ship in all: those ordered, and those claimed once more."""
    return order.quantity + claimed(order)


def least_owed(order: OrderState) -> int:
    """Return the fewest pieces that make the order complete."""
    return owed(order) - order.under_tolerance


def most_owed(order: OrderState) -> int:
    """Return the most pieces that may be shipped."""
    return owed(order) + order.over_tolerance


def followers(order: OrderState, job_order_ids: Iterable[str]) -> tuple[JobOrder, ...]:
    """Return every job order that comes after the given ones, directly or not, in order."""
    reached = set(job_order_ids)
    found: dict[str, JobOrder] = {}
    grown = True
    while grown:
        grown = False
        for job in order.jobs.values():
            if job.job_order_id not in found and not reached.isdisjoint(job.after):
                found[job.job_order_id] = job
                reached.add(job.job_order_id)
                grown = True
    return tuple(found.values())
