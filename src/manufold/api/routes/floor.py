"""The floor: what shops say, what stands where, and how it gets better."""

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from manufold.api.answers import CommandOut, ImproveOut, RoundOut, ScheduleOut
from manufold.api.caller import calling
from manufold.api.documented import replies
from manufold.api.improve_wire import improved_answer
from manufold.api.once import Answer
from manufold.api.served import Served, reader, served
from manufold.api.strict import StrictRoute
from manufold.api.wanted import CommandIn
from manufold.api.wire import slot_answer
from manufold.model.codec import canonical
from manufold.model.errors import InputFault
from manufold.model.execution import Command
from manufold.model.instants import happened_s
from manufold.model.party import Actor
from manufold.model.units import to_rfc3339
from manufold.services.access import visible_order
from manufold.services.documents import order_of
from manufold.services.make import say
from manufold.services.rounds import round_now
from manufold.services.schedule import Search, improve_schedule, show_slots

__all__ = ["router"]

router = APIRouter(prefix="/v1", tags=["floor"], route_class=StrictRoute)
_KEYED = ("api.key_busy", "api.key_of_another")


@router.post(
    "/commands",
    operation_id="say_command",
    summary="Say what happened on the floor",
    responses=replies(
        200,
        CommandOut,
        "access.command_may_not",
        "access.job_needed",
        "access.no_such_job",
        "access.no_such_order",
        "access.no_such_site",
        "access.no_such_unit",
        "api.by_another",
        "api.media_type",
        "execution.at_missing",
        "execution.at_twice",
        "execution.command_id_reused",
        "execution.job_state",
        "execution.too_far_ahead",
        "execution.unit_unknown",
        *_KEYED,
    ),
)
async def say_command(
    wanted: CommandIn,
    request: Request,
    api: Served = Depends(served),
    actor: Actor = Depends(calling),
    language: str = Depends(reader),
) -> Response:
    """Report a set-up, a start, finished pieces, a measurement, a breakdown: the closed list."""
    by = f"{actor.party_id}/{actor.role}"
    if wanted.by not in (None, by):
        raise InputFault("api.by_another", by=str(wanted.by)[:80], key=by)
    command = Command(
        wanted.command_id,
        wanted.kind,
        happened_s(wanted.at_s, wanted.at),
        by,
        wanted.order_id,
        wanted.job_order_id,
        wanted.resource_id,
        wanted.data,
    )

    def work() -> Answer:
        events = say(api.ctx, actor, command)
        said = [{"seq": e.seq, "kind": e.kind, "at_s": e.at_s} for e in events]
        body = {
            "command_id": command.command_id,
            "said_before": not events,
            "events": said,
        }
        return Answer(200, body)

    content = canonical(wanted.model_dump())
    return await api.once.answer(request, language, content, work)


@router.get(
    "/schedule",
    operation_id="show_schedule",
    summary="What stands where at your sites",
    responses=replies(
        200, ScheduleOut, "access.role_may_not", "schedule.site_unknown", "schedule.unit_unknown"
    ),
)
def show_schedule(
    api: Served = Depends(served),
    actor: Actor = Depends(calling),
    site: str | None = Query(None, max_length=200),
    work_unit: str | None = Query(None, max_length=200),
    days: int = Query(7, ge=1, le=720, description="How far ahead."),
) -> Response:
    """Return the dispatch lists of the next days."""
    slots = show_slots(api.ctx, actor, site=site, work_unit=work_unit, days=days)
    body = {
        "schema": "manufold/schedule_answer/1",
        "world": api.ctx.store.world,
        "slots": [slot_answer(slot, api.ctx.network) for slot in slots],
    }
    return Response(canonical(body), media_type="application/json")


@router.post(
    "/schedule/improve",
    operation_id="improve_schedule",
    summary="Better the schedule",
    responses=replies(200, ImproveOut, "access.role_may_not", *_KEYED),
)
async def better_schedule(
    request: Request,
    api: Served = Depends(served),
    actor: Actor = Depends(calling),
    language: str = Depends(reader),
    seconds: float = Query(10.0, gt=0, le=60, description="It ends sooner when it is done."),
    seed: int | None = Query(None, ge=0, le=2**31, description="Of the search."),
    rounds: int | None = Query(None, ge=1, le=100_000_000, description="At most so many."),
    dry_run: bool = Query(False, description="Say what would be gained, and move nothing."),
) -> Response:
    """Move slots of all owners without breaking a promise; say what was gained and what is missed,
    and why."""

    def work() -> Answer:
        search = Search(seconds, rounds, seed, dry_run)
        done = improve_schedule(api.ctx, actor, search)
        return Answer(200, improved_answer(done, language))

    content = f"{seconds:g} {seed} {rounds} {dry_run}".encode()
    return await api.once.answer(request, language, content, work)


@router.post(
    "/schedule/round",
    operation_id="plan_round",
    summary="Make a planner's round",
    responses=replies(200, RoundOut, "access.role_may_not", *_KEYED),
)
async def make_round(
    request: Request,
    api: Served = Depends(served),
    actor: Actor = Depends(calling),
    language: str = Depends(reader),
) -> Response:
    """Bring slots in line with the floor, and plan once more what came out short."""

    def seen(order_id: str) -> bool:
        order = order_of(api.ctx, order_id)
        return visible_order(api.ctx.network, actor, order) is not None

    def work() -> Answer:
        done = round_now(api.ctx, actor)
        body = {
            "at": to_rfc3339(done.at_s),
            "moved": [one for one in done.moved if seen(one)],
            "made_again": [one for one in done.made_again if seen(one)],
        }
        return Answer(200, body)

    return await api.once.answer(request, language, b"", work)
