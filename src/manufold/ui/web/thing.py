"""What an order or an offer is about, as people call it: its file, its material, its process.

File names are personal data that their owner may delete, so they are read each time and kept
nowhere. A supplier is told of the materials of its own operations, and of no file.
"""

from manufold.design.contract import filled
from manufold.model.errors import ManufoldError
from manufold.model.execution import OrderState
from manufold.model.network import Network
from manufold.model.offer import Offer
from manufold.model.process_plan import ProcessPlan
from manufold.services.documents import design_of, offer_of, plan_of
from manufold.ui.web.visit import Visit
from manufold.words import sentences

__all__ = ["count_of", "file_names", "thing_of", "zone_of"]


def thing_of(visit: Visit, order: OrderState) -> tuple[str, str]:
    """Return the title of an order, and the material it is made of; "" where not known."""
    plan = plan_of(visit.ctx, order.plan_digest)
    own = {job.operation_id for job in order.jobs.values()}
    return _title(visit, order), _material(visit.ctx.network, plan, own)


def file_names(visit: Visit, vertical: str, design_blob: str) -> list[str]:
    """Return the names of the files, as far as they are still kept; a form's is its trade."""
    try:
        names = [file.name for file in design_of(visit.ctx, design_blob).files]
    except ManufoldError:
        return []
    if names == [filled(vertical, {}).name]:
        return [visit.shown.label(f"{vertical}.trade", vertical.capitalize())]
    return names


def count_of(visit: Visit, offer: Offer) -> str:
    """Return how many of what an offer is for, as far as the trade words what it makes."""
    shown, count = visit.shown, offer.quantity
    try:
        style = design_of(visit.ctx, offer.design_blob).facts.get("style")
    except ManufoldError:
        return shown.pieces(count)
    code = f"{offer.vertical}.{'one' if count == 1 else 'many'}.{style}"
    worded = code in sentences(shown.language)
    return shown.t(code, count=count) if worded else shown.pieces(count)


def zone_of(network: Network, order: OrderState) -> str:
    """Return the zone in which an order is told: that of its door, for a supplier of its site."""
    door = network.delivery_zone.get(order.zone_id)
    if door is not None:
        return door.zone
    last = max(order.jobs.values(), key=lambda job: (job.end_s, job.job_order_id), default=None)
    site = None if last is None else network.site.get(last.site_id)
    return "UTC" if site is None else site.zone


def _title(visit: Visit, order: OrderState) -> str:
    offer = offer_of(visit.ctx, order.offer_id) if order.offer_id else None
    if offer is None:
        return ""
    return ", ".join(file_names(visit, offer.vertical, offer.design_blob))


def _material(network: Network, plan: ProcessPlan, own: set[str]) -> str:
    """Return the name of the first material that these operations take."""
    for line in plan.bill_of_materials:
        known = network.material.get(line.material_id)
        if line.at_operation in own and known is not None:
            return known.name
    return ""
