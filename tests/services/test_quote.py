"""Quote: an offer binds, its lines add up, its slots are held, its refusals name the cause."""

from dataclasses import replace

import pytest
from tests.services.world import ANNA, BERT, HUB, MAKER, Toy, quoted, two_plants, world

from manufold.model.design import Design
from manufold.model.errors import (
    CannotMake,
    Conflict,
    InputFault,
    ManufoldError,
    OurFault,
    StoreFault,
)
from manufold.model.ports import Batch
from manufold.model.process_plan import ProcessPlan
from manufold.services.quote import show_offer


class Wide(Toy):
    """Blocks that are milled or poured."""

    def plans(self, design: Design, quantity: int) -> tuple[ProcessPlan, ...]:
        """Mill it, or pour it, which nobody here can."""
        (milled,) = super().plans(design, quantity)
        operation = replace(milled.operations[0], capability="pour")
        return (milled, replace(milled, process_plan_id="poured", operations=(operation,)))


def test_three_options_each_best_at_what_it_is_called() -> None:
    """Fast is never later, cheap never dearer, green never dirtier than the other two."""
    offer = quoted(world()).offer
    fast, cheap, green = (offer.option(name) for name in ("fast", "cheap", "green"))
    assert fast.promised_at_s == min(o.promised_at_s for o in offer.options)
    assert cheap.price_minor == min(o.price_minor for o in offer.options)
    assert green.carbon_g == min(o.carbon_g for o in offer.options)
    assert cheap.sites == ("plant",)
    assert green.sites == ("works",)


def test_dates_stand_in_order_and_start_no_earlier_than_now() -> None:
    """P50 <= promised, finish <= shipping <= door, and nothing starts in the past."""
    ctx = world()
    for option in quoted(ctx).offer.options:
        assert option.p50_at_s <= option.promised_at_s
        assert option.finish_s <= option.ships_at_s < option.promised_at_s
        assert min(slot.start_s for slot in option.slots) >= ctx.clock.now_s()


def test_held_slots_push_the_next_buyer_later_until_they_expire() -> None:
    """A second offer waits behind the first one's hold; after the hold it does not."""
    ctx = world(hold_s=600)
    first = quoted(ctx, quantity=100).offer.option("cheap")
    second = quoted(ctx, BERT, quantity=100).offer.option("cheap")
    assert second.slots[0].start_s >= first.slots[0].end_s or second.sites != first.sites
    ctx.clock.advance_to(ctx.clock.now_s() + 600)
    third = quoted(ctx, BERT, quantity=100).offer.option("cheap")
    assert third.slots[0].start_s < first.slots[0].end_s


def test_material_beyond_the_stock_waits_for_its_lead_time() -> None:
    """50 kg lie there; 40 pieces start at once, 200 wait three days for metal."""
    ctx = world()
    small = quoted(ctx, quantity=40).offer.option("cheap")
    ctx.clock.advance_to(ctx.clock.now_s() + 10_000)
    large = quoted(ctx, quantity=200).offer.option("cheap")
    codes = {reason.code for reason in large.reasons}
    assert "offer.material_bought" in codes
    assert "offer.material_bought" not in {reason.code for reason in small.reasons}
    assert large.slots[0].start_s >= ctx.clock.now_s() + 3 * 86400


def test_an_offer_pins_what_it_stands_on_and_says_what_it_assumed() -> None:
    """Design, network and plan revisions are pinned; the vertical's assumption is passed on."""
    found = quoted(world())
    assert found.offer.pins["design"] == found.design.revision
    assert {"network", "plan:milled"} <= set(found.offer.pins)
    assert "toy.metal_assumed" in {reason.code for reason in found.offer.assumptions}


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"quantity": 0}, "offer.quantity_outside"),
        ({"quantity": 10**9}, "offer.quantity_outside"),
        ({"content": b""}, "offer.file_empty"),
        ({"content": b"what is this"}, "design.not_recognised"),
        ({"content": b"block heavy"}, "toy.malformed"),
        ({"vertical": "cake"}, "design.vertical_unknown"),
        ({"by_s": 5}, "offer.date_past"),
    ],
)
def test_bad_input_is_refused_by_name_and_leaves_nothing(more: dict, code: str) -> None:
    """Each fault has its own code, and neither events nor bookings remain."""
    ctx = world()
    with pytest.raises(InputFault) as refusal:
        quoted(ctx, **more)
    assert refusal.value.code == code
    assert ctx.store.head().seq == 0
    assert not ctx.store.bookings(now_s=0)


def test_a_design_too_large_for_every_work_unit_says_which_limit() -> None:
    """The refusal carries the capability, and its faults the limit that excludes each mill."""
    ctx = world()
    with pytest.raises(CannotMake) as refusal:
        quoted(ctx, parameters={"x_mm": 60_000})
    assert refusal.value.code == "schedule.no_capability"
    assert refusal.value.params["capability"] == "mill.3axis"
    (limit,) = refusal.value.faults
    assert limit.reason.code == "schedule.too_small"
    assert limit.reason.params["limit"] == "x_mm"


def test_a_refusal_says_why_each_way_is_closed() -> None:
    """The first way's limit, and for every other plan its name and its own reason."""
    toy = Wide()
    ctx = world(toy=toy)
    with pytest.raises(CannotMake) as refusal:
        quoted(ctx, parameters={"x_mm": 60_000})
    limit, other = refusal.value.faults
    assert (limit.where, limit.reason.params["limit"]) == ("op10", "x_mm")
    assert (other.where, other.reason.code) == ("poured", "schedule.capability_unknown")
    assert other.reason.params["capability"] == "pour"
    assert refusal.value.params["other_ways_refused"] == 1


def test_each_refused_way_is_named_with_its_sites() -> None:
    """Where no lane leads to the door, each set of sites is refused by name."""
    with pytest.raises(CannotMake) as refusal:
        quoted(world(replace(two_plants(), lanes=())))
    ways = [fault.where for fault in refusal.value.faults]
    assert ways[-2:] == ["milled/works", "milled/plant+works"]


@pytest.mark.parametrize(
    ("fault", "kept"),
    [
        (StoreFault("store.unsure"), True),
        (OurFault("store.projector_failed", kind="x", why="y"), True),
        (StoreFault("store.full"), False),
        (Conflict("store.key_taken", key="x"), False),
    ],
    ids=lambda value: getattr(value, "code", ""),
)
def test_a_design_is_deleted_only_when_surely_no_offer_names_it(
    monkeypatch: pytest.MonkeyPatch, fault: ManufoldError, kept: bool
) -> None:
    """A store that cannot say whether it saved may have saved: the files must outlive that."""
    ctx = world()

    def broken(batch: Batch) -> None:
        raise fault

    put: list[str] = []
    gone: list[str] = []
    monkeypatch.setattr(ctx.store, "append", broken)
    monkeypatch.setattr(ctx.blobs, "put", lambda name, *_more: put.append(name))
    monkeypatch.setattr(ctx.blobs, "delete", gone.append)
    with pytest.raises(type(fault)):
        quoted(ctx)
    assert (len(put) - len(gone) == 1) is kept


def test_a_past_date_and_now_are_said_in_one_zone() -> None:
    """Both instants carry the offset of the delivery zone, so that they can be compared."""
    ctx = world()
    with pytest.raises(InputFault) as refusal:
        quoted(ctx, by_s=ctx.clock.now_s() - 60)
    date, now = str(refusal.value.params["date"]), str(refusal.value.params["now"])
    assert date[-6:] == now[-6:] != "+00:00"


def test_a_minute_late_is_not_shown_as_nothing() -> None:
    """What comes late is said to the minute, rounded up."""
    late = quoted(world()).offer.option("cheap").promised_at_s - 60
    option = quoted(world(), by_s=late).offer.option("cheap")
    (reason,) = (r for r in option.reasons if r.code == "offer.later_than_requested")
    assert reason.params["late_s"] == 60


def test_only_its_buyer_and_the_network_operator_see_an_offer() -> None:
    """To everybody else it does not exist, in the same words as one that never was."""
    ctx = world()
    offer_id = quoted(ctx).offer.offer_id
    assert show_offer(ctx, ANNA, offer_id).offer_id == offer_id
    assert show_offer(ctx, HUB, offer_id).offer_id == offer_id
    for stranger in (BERT, MAKER):
        with pytest.raises(Conflict) as refusal:
            show_offer(ctx, stranger, offer_id)
        assert refusal.value.code == "access.no_such_offer"
        with pytest.raises(Conflict) as never:
            show_offer(ctx, stranger, "ofr_0")
        assert never.value.code == refusal.value.code


def test_a_later_date_than_asked_for_is_said_not_hidden() -> None:
    """Asked for within the hour, the options say by how many hours they miss it."""
    ctx = world()
    offer = quoted(ctx, by_s=ctx.clock.now_s() + 3600).offer
    for option in offer.options:
        assert "offer.later_than_requested" in {reason.code for reason in option.reasons}


def test_reasons_name_work_units_and_operations_and_keep_their_ids() -> None:
    """What a person reads are names; the ids stand beside them for programs."""
    ctx = world()
    found = quoted(ctx)
    plan_names = {o.name for o in ctx.verticals["toy"].plans(found.design, 10)[0].operations}
    units = {unit.work_unit_id: unit.name for unit in ctx.network.work_units}
    hangs = [
        reason
        for option in found.offer.options
        for reason in option.reasons
        if reason.code.startswith(("schedule.binding", "schedule.waited"))
    ]
    assert hangs
    for reason in hangs:
        if "operation" in reason.params:
            assert reason.params["operation"] in plan_names
        if reason.params["at"] in units or reason.params.get("at_id") in units:
            assert str(reason.params["at"]).startswith(units[str(reason.params["at_id"])])
    assert any("at_id" in reason.params for reason in hangs)
