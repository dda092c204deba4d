"""Instructions: a shop gets what it needs for its own work, while it has work, and nothing more."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from tests.services.world import ANNA, BERT, HUB, MAKER, OTHER, Toy, quoted, two_plants, world

from manufold.design.contract import InputFile
from manufold.model.design import Design
from manufold.model.errors import Conflict, Param
from manufold.model.party import Actor
from manufold.model.ports import Executor
from manufold.services.context import Context
from manufold.services.forget import forget_design
from manufold.services.instructions import instructions
from manufold.services.order import accept
from manufold.services.run import run

BLOCK = b"block 0.5"


class Own(Toy):
    """Blocks to somebody's own measures."""

    def design(
        self, files: Sequence[InputFile], parameters: Mapping[str, Param], executor: Executor
    ) -> Design:
        """Read a block as something of a person's own."""
        own = {"given": {"girth_mm": 987}, "sheet": {"width_mm": 1009}}
        return replace(super().design(files, parameters, executor), personal=own)


def ordered(ctx: Context) -> tuple[str, Actor, Actor]:
    """Return an order of Anna's, the planner who makes it and the one who does not."""
    offer = quoted(ctx).offer
    order = accept(ctx, ANNA, offer.offer_id, "cheap")
    owners = {ctx.network.site[job.site_id].party_id for job in order.jobs.values()}
    assert len(owners) == 1
    shops = sorted((MAKER, OTHER), key=lambda one: one.party_id not in owners)
    return order.order_id, shops[0], shops[1]


def test_who_makes_it_gets_files_and_operations_while_there_is_work(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The file comes back as it was sent, each job order with its operation; the look is logged."""
    ctx = world(two_plants())
    order_id, shop, stranger = ordered(ctx)
    with caplog.at_level(logging.INFO, "manufold.access"):
        found = instructions(ctx, shop, order_id)
    assert [file.content for file in found.files] == [BLOCK]
    assert found.steps and all(job.operation_id == op.operation_id for job, op in found.steps)
    assert [job.start_s for job, _ in found.steps] == sorted(job.start_s for job, _ in found.steps)
    assert f"{shop.party_id}/planner read the design of {order_id}" in caplog.text
    for nobody in (stranger, BERT):
        with pytest.raises(Conflict, match="no_such_order"):
            instructions(ctx, nobody, order_id)
    run(ctx, orders=(order_id,))
    with pytest.raises(Conflict, match="nothing_to_make"):
        instructions(ctx, shop, order_id)
    for still in (ANNA, HUB):
        assert instructions(ctx, still, order_id).files == found.files


def test_of_a_person_a_shop_gets_the_sheet_and_not_the_file() -> None:
    """Body and file stay between the person and the platform; the sheet reaches who cuts."""
    ctx = world(two_plants())
    ctx.verticals = {"toy": Own()}
    order_id, shop, _stranger = ordered(ctx)
    found = instructions(ctx, shop, order_id)
    assert found.files == found.design.files == ()
    assert found.design.personal == {"sheet": {"width_mm": 1009}}
    for whole in (ANNA, HUB):
        assert instructions(ctx, whole, order_id).design.personal["given"] == {"girth_mm": 987}
    assert [file.content for file in instructions(ctx, ANNA, order_id).files] == [BLOCK]


def test_a_forgotten_design_is_gone_for_everybody() -> None:
    """After its owner deleted it nobody gets it, and the refusal says so."""
    ctx = world(two_plants())
    order_id, _shop, _stranger = ordered(ctx)
    run(ctx, orders=(order_id,))
    assert forget_design(ctx, ANNA, order_id)
    for anybody in (ANNA, HUB):
        with pytest.raises(Conflict, match="design_gone"):
            instructions(ctx, anybody, order_id)
