"""Which job orders end the way of the pieces: at a site, and among all that are looked at."""

from collections.abc import Iterable, Mapping

from manufold.improvement.records import JobRecord

__all__ = ["last_jobs"]


def last_jobs(
    jobs: Iterable[JobRecord], site_of: Mapping[str, str]
) -> tuple[frozenset[str], frozenset[str]]:
    """Return the ids of job orders that nothing follows at their own site, and at any site known.

    Where several end one production order, the one of the latest id stands for the pieces.

    Args:
        jobs: all job orders at the sites looked at.
        site_of: work unit -> site; job orders on other work units are left out.
    """
    known = {job.job_order_id: job for job in jobs if job.resource_id in site_of}
    followed: set[str] = set()
    followed_here: set[str] = set()
    for job in known.values():
        site_id = site_of[job.resource_id]
        for before in job.after:
            if before in known:
                followed.add(before)
                if site_of[known[before].resource_id] == site_id:
                    followed_here.add(before)
    return _latest(known, site_of, followed_here), _latest(known, None, followed)


def _latest(
    known: Mapping[str, JobRecord], site_of: Mapping[str, str] | None, followed: set[str]
) -> frozenset[str]:
    found: dict[tuple[str, str], str] = {}
    for name, job in known.items():
        if name not in followed:
            site_id = "" if site_of is None else site_of[job.resource_id]
            place = (job.production_order_id, site_id)
            found[place] = max(name, found.get(place, ""))
    return frozenset(found.values())
