"""Stock: what is promised from it is there, once; what is not made after all goes back."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from tests.services.stores import Opener, at_once, beside, opener, told, views_stand
from tests.services.world import ANNA, START_S, quoted, two_plants, world
from tests.shop import shop_plan

from manufold.model.errors import Conflict
from manufold.model.material import BillOfMaterialsLine, Stock
from manufold.model.network import Network
from manufold.model.ports import Batch
from manufold.services.candidates import material_at
from manufold.services.change import amend, cancel
from manufold.services.context import Context
from manufold.services.documents import event
from manufold.services.free_stock import free_stock, stock_turns
from manufold.services.order import accept
from manufold.services.recorded import recorded_scores
from manufold.services.run import run

__all__ = ["opener"]

HERE = ("plant", "metal")


def stocked(kilograms: int) -> Network:
    """Return the two plants with so much metal at the first, and none at the other."""
    return replace(two_plants(), stock=(Stock("plant", "metal", Decimal(kilograms)),))


def from_stock(ctx: Context, quantity: int, design: int = 0) -> tuple[str, str]:
    """Return an offer and an option that takes its metal, half a kilogram a piece, from stock."""
    offer = quoted(ctx, quantity=quantity, content=b"block 0.5" + b"0" * design).offer
    for option in offer.options:
        if option.sites == ("plant",) and not option.ready_s:
            return offer.offer_id, option.name
    raise AssertionError(offer.options)


def test_the_same_kilograms_are_not_sold_twice() -> None:
    """Two offers count on one stock: the second to be accepted is refused, with a remedy."""
    ctx = world(stocked(6), hold_s=100_000)
    first, second = from_stock(ctx, 10), from_stock(ctx, 10, 1)
    accept(ctx, ANNA, *first)
    assert free_stock(ctx)[HERE] == 1
    with pytest.raises(Conflict, match="order.material_lost"):
        accept(ctx, ANNA, *second)
    later = quoted(ctx, quantity=10).offer
    assert all(option.ready_s for option in later.options)


def test_of_many_at_once_only_as_many_get_it_as_there_is(opener: Opener) -> None:
    """Six processes, metal for two: two orders, four refusals, and nothing left."""
    ctx = world(stocked(10), opener(), hold_s=100_000)
    wanted = [from_stock(ctx, 10, design) for design in range(6)]
    others = [beside(ctx, seed, opener()) for seed in range(2, 8)]
    answers = at_once(
        [
            lambda c=other, w=which: accept(c, ANNA, *w)
            for other, which in zip(others, wanted, strict=True)
        ]
    )
    assert told(answers) == ["order.material_lost"] * 4
    assert free_stock(ctx)[HERE] == 0


def test_a_turn_at_the_stock_is_claimed_once(opener: Opener) -> None:
    """Two that saw the same stock want the same turn: the store gives it to one."""
    ctx = world(stocked(10), opener())
    turns = [stock_turns(ctx, {HERE: Decimal(6)}, name) for name in ("one", "two")]
    assert [short for _keys, short in turns] == [(), ()]
    ctx.store.append(Batch(unique=turns[0][0]))
    with pytest.raises(Conflict, match="store.key_taken"):
        ctx.store.append(Batch(unique=turns[1][0]))


def test_cancelled_and_amended_orders_give_back() -> None:
    """Less ordered is less spoken for, and nothing ordered is nothing, also once folded anew."""
    ctx = world(stocked(20), hold_s=100_000)
    one = accept(ctx, ANNA, *from_stock(ctx, 10))
    two = accept(ctx, ANNA, *from_stock(ctx, 10))
    assert free_stock(ctx)[HERE] == 10
    amend(ctx, ANNA, one.order_id, 4)
    assert free_stock(ctx)[HERE] == 13
    cancel(ctx, ANNA, two.order_id, "no")
    assert free_stock(ctx)[HERE] == 18
    cancel(ctx, ANNA, one.order_id, "no")
    assert free_stock(ctx)[HERE] == 20
    views_stand(ctx.store)


def test_what_was_begun_is_used() -> None:
    """Cancelled after the start, the metal is gone; it is not given back."""
    ctx = world(stocked(20))
    order = accept(ctx, ANNA, *from_stock(ctx, 10))
    start_s = min(job.start_s for job in order.jobs.values())
    run(ctx, until_s=start_s + 60)
    cancel(ctx, ANNA, order.order_id, "no")
    assert free_stock(ctx)[HERE] == 15


def test_bought_material_takes_nothing_from_stock() -> None:
    """An order too large for the stock has its metal bought, and leaves the stock alone."""
    ctx = world(stocked(6))
    offer = quoted(ctx, quantity=100).offer
    assert all(option.ready_s for option in offer.options)
    accept(ctx, ANNA, offer.offer_id, "cheap")
    assert free_stock(ctx)[HERE] == 6


def test_a_new_count_is_the_truth_less_what_open_orders_still_need() -> None:
    """A revision of the network counts anew: what was used is in it, what is to come is not."""
    ctx = world(stocked(20), hold_s=100_000)
    done = accept(ctx, ANNA, *from_stock(ctx, 10))
    run(ctx, orders=(done.order_id,))
    waiting = accept(ctx, ANNA, *from_stock(ctx, 4))
    assert free_stock(ctx)[HERE] == 13
    loaded = event("network", "NetworkLoaded", {"name": "n", "revision": "1" * 64}, START_S, "m")
    ctx.store.append(Batch((loaded,)))
    assert free_stock(ctx)[HERE] == 18
    cancel(ctx, ANNA, waiting.order_id, "no")
    assert free_stock(ctx)[HERE] == 20
    views_stand(ctx.store)


def test_lines_of_one_material_are_summed() -> None:
    """Two lines of 30 kg each do not both come out of 50 kg."""
    plan = shop_plan(mass="3")
    twice = (*plan.bill_of_materials, BillOfMaterialsLine("metal", Decimal(3), "kg", "op10"))
    network, stock = stocked(50), {HERE: Decimal(50)}
    once = material_at(network, plan, 10, stock, 7)
    assert once.ready_s["op10", "plant"] == 7
    both = material_at(network, replace(plan, bill_of_materials=twice), 10, stock, 7)
    assert both.ready_s["op10", "plant"] == 7 + 3 * 86400
    assert {reason.code for reason in both.how["plant"]} == {"offer.material_bought"}


def test_a_work_unit_that_is_gone_breaks_no_quote() -> None:
    """Scores of a machine sold since are left out, and the others still teach."""
    ctx = world()
    for _ in range(2):
        order = accept(ctx, ANNA, quoted(ctx).offer.offer_id, "cheap")
        run(ctx, orders=(order.order_id,))
    scores = recorded_scores(ctx)
    assert len(scores.values) == 2
    (unit,) = {job.resource_id for job in order.jobs.values()}
    site = {"mill-1": "plant", "mill-2": "works"}[unit]
    units = tuple(u for u in ctx.network.work_units if u.work_unit_id != unit)
    smaller = replace(ctx.network, work_units=units, revision="2" * 64)
    less = replace(ctx, network=smaller, kept={}, loaded=None)
    assert recorded_scores(less).values == ()
    assert site not in {s for option in quoted(less).offer.options for s in option.sites}


def test_scores_are_read_again_only_when_one_was_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any number of offers in between reads none; a finished order reads them once."""
    ctx = world()
    looked: list[str] = []
    real: Any = ctx.store.scan

    def scan(kind: str, after: str = "", limit: int = 1000) -> Any:
        looked.append(kind)
        return real(kind, after, limit)

    monkeypatch.setattr(ctx.store, "scan", scan)
    order = accept(ctx, ANNA, quoted(ctx).offer.offer_id, "cheap")
    recorded_scores(ctx)
    before = looked.count("score")
    quoted(ctx)
    recorded_scores(ctx)
    assert looked.count("score") == before
    run(ctx, orders=(order.order_id,))
    assert len(recorded_scores(ctx).values) == 1
    assert looked.count("score") > before
