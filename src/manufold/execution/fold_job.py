"""Fold one event into the job order it is about."""

from dataclasses import replace
from typing import Any

from manufold.model.codec import decoded
from manufold.model.errors import OurFault
from manufold.model.execution import JOB_TRANSITIONS, JobOrder, JobState
from manufold.model.ports import NewEvent, StoredEvent
from manufold.model.schedule import Claim

__all__ = ["fold_job", "moved_slot"]


def fold_job(job: JobOrder, event: NewEvent | StoredEvent) -> JobOrder:
    """Return the job order after the event.

    Raises:
        OurFault: `execution.event_impossible` when no transition leads from its state.
    """
    data, at_s = event.data, event.at_s
    if event.kind == "Finished":
        job = replace(
            job,
            good=job.good + data["good"],
            scrap=job.scrap + data["scrap"],
            rework=job.rework + data["rework"],
        )
    if event.kind != "Finished" or data["complete"]:
        job = _moved_on(job, event)
    if event.kind == "Held":
        job = replace(job, held=data["reason"])
    elif event.kind == "Released":
        job = replace(job, held="")
    elif event.kind == "EnergyRead":
        job = replace(job, energy_wh=job.energy_wh + data["energy_wh"])
    elif event.kind == "Moved":
        arrived = job.moved.get(data["to_id"], 0) + data["quantity"]
        job = replace(job, moved={**job.moved, data["to_id"]: arrived})
    elif event.kind == "NonconformanceRaised":
        job = replace(job, open_faults=_faults(job, data))
    return replace(job, last_at_s=max(job.last_at_s, at_s))


def moved_slot(job: JobOrder, move: dict[str, Any], code: str) -> JobOrder:
    """Return the job order with its new slot; what has begun stays on its work unit.

    What only caught up with the floor keeps the start agreed upon, and may come back to it.

    Raises:
        OurFault: `execution.moved_started`.
    """
    if job.state != "planned" and (move["resource_id"], move["seat"]) != (
        job.resource_id,
        job.seat,
    ):
        raise OurFault("execution.moved_started", job=job.job_order_id, state=job.state)
    same_seat = (move["resource_id"], move["seat"]) == (job.resource_id, job.seat)
    agreed_s: int | None = move["start_s"]
    if code == "schedule.caught_up" and same_seat:
        agreed_s = job.start_s if job.agreed_s is None else job.agreed_s
    return replace(
        job,
        resource_id=move["resource_id"],
        seat=move["seat"],
        site_id=move["site_id"],
        start_s=move["start_s"],
        setup_s=move["setup_s"],
        end_s=move["end_s"],
        agreed_s=agreed_s,
        also=decoded(tuple[Claim, ...], move.get("also", []), "also"),
    )


def _moved_on(job: JobOrder, event: NewEvent | StoredEvent) -> JobOrder:
    state = JOB_TRANSITIONS.get((job.state, event.kind))
    if state is None:
        if any(event.kind == known for _, known in JOB_TRANSITIONS):
            raise OurFault(
                "execution.event_impossible",
                kind=event.kind,
                noun=job.job_order_id,
                state=job.state,
            )
        return job
    return replace(_timed(job, state, event.at_s), state=state)


def _timed(job: JobOrder, state: JobState, at_s: int) -> JobOrder:
    if job.spell_from_s is not None:
        spell = (job.spell_from_s, at_s)
        if job.state == "setting_up":
            job = replace(job, setup_spells=(*job.setup_spells, spell), spell_from_s=None)
        else:
            job = replace(job, run_spells=(*job.run_spells, spell), spell_from_s=None)
    if state in ("setting_up", "running"):
        started_s = at_s if job.actual_start_s is None else job.actual_start_s
        job = replace(job, spell_from_s=at_s, actual_start_s=started_s)
    if state == "finished":
        job = replace(job, actual_end_s=at_s)
    return job


def _faults(job: JobOrder, data: Any) -> tuple[tuple[int, str], ...]:
    fault = (data["piece"], data["params"].get("characteristic", ""))
    others = tuple(known for known in job.open_faults if known != fault)
    return (*others, fault) if data["disposition"] == "open" else others
