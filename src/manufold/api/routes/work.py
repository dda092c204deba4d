"""Work: what a shop needs in its hands to make its part of an order."""

from fastapi import APIRouter, Depends
from starlette.responses import Response

from manufold.api.answers_of_work import InstructionsOut
from manufold.api.caller import calling
from manufold.api.documented import replies
from manufold.api.served import Served, served
from manufold.api.strict import StrictRoute
from manufold.api.wanted import Id
from manufold.api.work_wire import instructions_answer
from manufold.model.codec import canonical
from manufold.model.party import Actor
from manufold.services.instructions import instructions

__all__ = ["router"]

router = APIRouter(prefix="/v1/orders", tags=["floor"], route_class=StrictRoute)


@router.get(
    "/{order_id}/instructions",
    operation_id="show_instructions",
    summary="What a shop needs to make its part",
    responses=replies(
        200,
        InstructionsOut,
        "access.no_such_order",
        "order.design_gone",
        "order.nothing_to_make",
    ),
)
def show_instructions(
    order_id: Id, api: Served = Depends(served), actor: Actor = Depends(calling)
) -> Response:
    """Return design, files and operations: the whole to its buyer, to a shop its own part."""
    found = instructions(api.ctx, actor, order_id)
    body = canonical(instructions_answer(found, api.ctx.network))
    return Response(body, media_type="application/json")
