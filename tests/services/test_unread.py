"""Unread: what nobody reported is taken from the plan and said, never shown as a saving."""

import pytest
from tests.services.world import ANNA, quoted, two_plants, world

from manufold.model.execution import Command, CommandKind, OrderState
from manufold.model.party import Actor
from manufold.services.change import receive
from manufold.services.context import Context
from manufold.services.make import say
from manufold.services.order import accept, show_order
from manufold.services.prove import show_passport


def made(ctx: Context, energy_wh: int | None) -> OrderState:
    """Return an order that a shop made and Anna received, with or without a reading."""
    order = accept(ctx, ANNA, quoted(ctx, quantity=2).offer.offer_id, "cheap")
    (job,) = order.jobs.values()
    shop = Actor(ctx.network.site[job.site_id].party_id, "operator")

    def tell(kind: CommandKind, **data: object) -> None:
        name, now_s = ctx.ids.mint("evt"), ctx.clock.now_s()
        on = () if kind == "ship" else (job.job_order_id, job.resource_id)
        say(ctx, shop, Command(name, kind, now_s, "x", order.order_id, *on, data=data))

    if job.needs_setup:
        tell("setup_start")
        tell("setup_end")
    tell("start")
    if energy_wh is not None:
        tell("energy", energy_wh=energy_wh)
    tell("finish", good=job.quantity_in)
    tell("ship", site_id=job.site_id, quantity=2)
    receive(ctx, ANNA, order.order_id, 2)
    return show_order(ctx, ANNA, order.order_id)


@pytest.mark.parametrize("energy_wh", [None, 1])
def test_silence_is_no_saving(energy_wh: int | None) -> None:
    """Without a reading the plan's energy counts and is named; with one, the reading does."""
    ctx = world(two_plants())
    passport = show_passport(ctx, ANNA, made(ctx, energy_wh).order_id)
    codes = {one.code for one in passport.assumptions}
    lines = {line.basis.code: line.carbon_g for line in passport.carbon_lines}
    assert passport.energy_wh == (energy_wh or 0)
    assert ("prove.energy_not_read" in codes) is (energy_wh is None)
    assert ("carbon.energy_planned" in lines) is (energy_wh is None)
    assert ("carbon.energy" in lines) is (energy_wh is not None)
    if energy_wh is None:
        assert lines["carbon.energy_planned"] > 0
    assert "prove.material_not_recorded" in codes and lines["carbon.material_planned"] > 0
    if energy_wh is None:
        offered_g = passport.offered_carbon_g
        assert passport.carbon_g >= offered_g * 9 // 10
