"""Where pieces are handed on in lots, what follows runs on the first and ends after the last."""

from dataclasses import replace
from typing import Any

import pytest
from tests.execution.floor import Floor, made_plan

from manufold.model.errors import Conflict, InputFault, ManufoldError


def in_lots(lot: int) -> Floor:
    """Return a floor on which cut pieces go to the lathe in lots; both are set up."""
    plan = made_plan()
    cut, *rest = plan.operations
    cut = replace(cut, transfer_quantity=lot, characteristics=())
    floor = Floor(replace(plan, operations=(cut, *rest)))
    for name in ("cut", "turn"):
        floor.say("setup_start", name)
        floor.say("setup_end", name)
    floor.say("start", "cut")
    return floor


def refused(kind: type[ManufoldError], code: str, floor: Floor, *said: Any, **data: Any) -> None:
    """Say what must be refused."""
    with pytest.raises(kind) as caught:
        floor.say(*said, **data)
    assert caught.value.code == code


def test_the_first_lot_lets_what_follows_run() -> None:
    """Four of ten pieces are cut and brought: turning runs, reports no more, ends with the rest."""
    floor = in_lots(4)
    refused(Conflict, "execution.predecessor_open", floor, "start", "turn")
    refused(Conflict, "execution.job_state", floor, "move", "cut", to_id="south", quantity=1)
    floor.say("finish", "cut", good=4, complete=False)
    refused(Conflict, "execution.pieces_elsewhere", floor, "start", "turn")
    floor.say("move", "cut", to_id="south", quantity=4)
    floor.say("start", "turn")
    refused(
        InputFault, "execution.too_many_pieces", floor, "finish", "turn", good=5, complete=False
    )
    floor.say("finish", "turn", good=3, complete=False)
    refused(Conflict, "execution.predecessor_open", floor, "finish", "turn", good=7)
    floor.say("finish", "cut", good=5, scrap=1)
    refused(Conflict, "execution.pieces_elsewhere", floor, "finish", "turn", good=6)
    floor.say("move", "cut", to_id="south", quantity=5)
    floor.say("finish", "turn", good=6)
    turned = floor.order.jobs["turn"]
    assert (turned.state, turned.quantity_in, turned.good) == ("finished", 9, 9)


def test_one_lot_of_all_pieces_is_no_lot() -> None:
    """Where the lot is as large as the order nothing is handed on before the end."""
    floor = in_lots(10)
    floor.say("finish", "cut", good=4, complete=False)
    refused(Conflict, "execution.job_state", floor, "move", "cut", to_id="south", quantity=4)
    refused(Conflict, "execution.predecessor_open", floor, "start", "turn")
