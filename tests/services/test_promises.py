"""What a plan of one's own could be promised for: as an offer would, with nothing written."""

import copy
import random
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import Any

import pytest
from tests.model.test_reading import places
from tests.services.world import (
    ANNA,
    BERT,
    HUB,
    MAKER,
    START_S,
    Toy,
    quoted,
    shared_plants,
    two_plants,
    world,
)
from tests.shop import SOURCE, shop_plan

from manufold.model.codec import canonical, from_json, stamped
from manufold.model.errors import CannotMake, InputFault, ManufoldError, StoreFault
from manufold.model.process_plan import ProcessPlan, StandardTime
from manufold.model.units import DAY_S, HOUR_S
from manufold.services import asked_plan
from manufold.services.context import Context
from manufold.services.order import accept
from manufold.services.project import project
from manufold.services.promises import PlanAsk, Promises, Way, promises
from manufold.services.weights import Weights, best_by_weights, weights_of
from manufold.store import open_store

REVISION = "b" * 64


def sent(plan: ProcessPlan | None = None, **more: Any) -> dict[str, Any]:
    """Return a plan as a caller sends it."""
    return {**stamped("process_plan", 1, plan or shop_plan(revision=REVISION)), **more}


def asked(ctx: Context, quantity: int = 10, plan: Any = None, **more: Any) -> Promises:
    """Return what Anna is promised."""
    return promises(ctx, ANNA, PlanAsk(sent() if plan is None else plan, quantity, "door", **more))


def by_name(found: Promises) -> Mapping[str, Way]:
    """Return each option by its name."""
    return {name: way for way in found.ways for name in way.names}


def test_it_is_what_an_offer_would_promise() -> None:
    """Slots, dates, price, footprint and reasons of each option are those of the offer after it."""
    for turned in (False, True):
        ctx = world(shared_plants() if turned else None, toy=Toy(turned=turned))
        accept(ctx, ANNA, quoted(ctx, quantity=300).offer.offer_id, "cheap")
        made = quoted(ctx, quantity=40)  # held for Anna, whose own design it is
        plan = Toy(turned=turned).plans(made.design, 40)[0]
        ways = by_name(asked(ctx, 40, sent(plan)))
        assert list(ways) == ["fast", "cheap", "green"]
        for option in made.offer.options:
            way = ways[option.name]
            assert [replace(one, holder="") for one in way.slots] == [
                replace(one, holder="") for one in option.slots
            ]
            assert (way.p50_at_s, way.promised_at_s) == (option.p50_at_s, option.promised_at_s)
            assert (way.ships_at_s, way.sites) == (option.ships_at_s, option.sites)
            assert (way.price_minor, way.carbon_g) == (option.price_minor, option.carbon_g)
            told = [way.binding, *way.reasons]
            assert all(one in told for one in option.reasons if one.code != "offer.same_as")


def test_what_is_booked_by_others_pushes_back_and_what_one_holds_does_not() -> None:
    """A stranger's hold for the same design delays the date, one's own does not."""
    ctx = world()
    before = by_name(asked(ctx, 90))["fast"]
    design = quoted(ctx, quantity=90).design
    plan = Toy().plans(design, 90)[0]
    mine = by_name(asked(ctx, 90, sent(plan)))["fast"]
    theirs = by_name(promises(ctx, BERT, PlanAsk(sent(plan), 90, "door")))["fast"]
    assert mine.slots[0].start_s == before.slots[0].start_s
    assert theirs.slots[0].start_s == mine.slots[0].end_s
    wait = next(one for one in theirs.reasons if one.code == "schedule.waited_busy")
    assert wait.params["at"] == "Mill 1 (Plant)"  # by name, where engines say mill-1


def test_nothing_is_held_and_nothing_written(tmp_path: Path) -> None:
    """On a database: the log, the bookings and the views stand, also with work overdue."""
    store = open_store(str(tmp_path / "s.db"), "sim", project, busy_s=30)
    try:
        ctx = world(store=store)
        accept(ctx, ANNA, quoted(ctx, quantity=50).offer.offer_id, "cheap")
        for later_s in (0, HOUR_S, 90 * DAY_S):
            ctx.clock.advance_to(START_S + later_s)  # type: ignore[attr-defined]
            head = store.head()
            before = sorted(map(str, store.bookings(now_s=ctx.clock.now_s())))
            found = asked(ctx, 7)
            again = asked(ctx, 7)
            assert found == again
            assert store.head() == head
            assert sorted(map(str, store.bookings(now_s=ctx.clock.now_s()))) == before
            codes = [one.code for one in found.assumptions]
            assert ("promise.overdue" in codes) == (later_s > DAY_S), later_s
    finally:
        store.close()


def test_overdue_work_is_left_for_the_offer_that_follows() -> None:
    """Looking does not count as bringing the floor in line: the next offer still does."""
    ctx = world()
    accept(ctx, ANNA, quoted(ctx, quantity=50).offer.offer_id, "cheap")
    ctx.clock.advance_to(START_S + 30 * DAY_S)  # type: ignore[attr-defined]
    asked(ctx, 7)
    seq = ctx.store.head().seq
    quoted(ctx, quantity=7)
    kinds = [one.kind for one in ctx.store.read(seq)]
    assert kinds == ["SlotsMoved", "OfferMade"]


def test_bookings_are_read_once_until_the_log_moves() -> None:
    """A hundred questions read the bookings once; an order later they are read once more."""
    ctx = world()
    read: list[int] = []
    bookings = ctx.store.bookings

    def counted(**more: Any) -> Any:
        read.append(1)
        return bookings(**more)

    ctx.store.bookings = counted  # type: ignore[method-assign]
    for quantity in range(1, 101):
        asked(ctx, quantity)
    assert len(read) == 1
    offer = quoted(ctx).offer
    accept(ctx, ANNA, offer.offer_id, "cheap")
    read.clear()
    for quantity in range(1, 51):
        asked(ctx, quantity)
    assert len(read) == 1


@pytest.mark.parametrize("seed", range(40))
def test_weights_choose_the_least_weighted_distance(seed: int) -> None:
    """Against every way's distance, worked out here from the definition."""
    rng = random.Random(seed)
    rows = [tuple(rng.choice((rng.randint(1, 9), 5)) for _ in range(3)) for _ in range(6)]
    found: list[Any] = [_Row(*row) for row in rows]
    weights = Weights(*(Decimal(rng.randint(0, 3)) for _ in range(2)), Decimal(1))
    best, far = best_by_weights(found, weights, 0)
    ends = [(min(column), max(column)) for column in zip(*rows, strict=True)]

    def distance(row: tuple[int, ...]) -> Fraction:
        whole = Fraction(0)
        for value, (low, high), weight in zip(row, ends, weights.each, strict=True):
            if high > low:
                whole += Fraction(weight) * Fraction(value - low, high - low)
        return whole / Fraction(sum(weights.each))

    assert far == min(map(distance, rows))
    alike = [row for row in rows if distance(row) == far]
    assert (best.promised_at_s, best.price_minor, best.carbon_g) == min(alike)


class _Row:
    """A way with nothing but its three numbers."""

    def __init__(self, promised_at_s: int, price_minor: int, carbon_g: int) -> None:
        self.promised_at_s, self.price_minor, self.carbon_g = promised_at_s, price_minor, carbon_g


def test_a_single_weight_is_the_named_option() -> None:
    """All weight on one measure is fast, cheap or green; the reason says the shares."""
    ctx = world()
    for measure, name in (("day", "fast"), ("price", "cheap"), ("carbon", "green")):
        found = asked(ctx, 30, weights=weights_of(f"{measure}=2"))
        way = by_name(found)["weighted"]
        assert name in way.names
        reason = next(one for one in way.reasons if one.code == "promise.best_by_weights")
        assert reason.params[measure] == 100 and reason.params["points"] == 0


def test_a_late_option_says_so_and_what_binds_is_apart() -> None:
    """With a date that cannot be kept each way says by how much, to the minute above."""
    ctx = world()
    by_s = START_S + HOUR_S
    found = asked(ctx, 500, by_s=by_s)
    for way in found.ways:
        assert way.reasons[0].code == "offer.later_than_requested"
        late_s = int(way.reasons[0].params["late_s"])
        assert 0 <= late_s - (way.promised_at_s - by_s) < 60
        assert way.binding.code.startswith("schedule.binding_")
        assert way.binding not in way.reasons


def _operation(**more: Any) -> dict[str, Any]:
    plan = sent()
    operation = {**plan["operations"][0], **more}
    return {**plan, "operations": [operation]}


def _two(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    plan = sent()
    one = plan["operations"][0]
    both = [{**one, **first}, {**one, "operation_id": "op20", **second}]
    return {**plan, "operations": both}


_LONG = {"term": "run", "span_s": 10**9, "formula": "-", "source": {"title": "t", "year": 2026}}

BAD: dict[str, tuple[Any, int, str]] = {
    "no plan": ({"type": "offer"}, 1, "codec.type_wrong"),
    "a list": ([], 1, "codec.type_wrong"),
    "no version": ({**sent(), "version": "1"}, 1, "codec.version_missing"),
    "a newer version": ({**sent(), "version": 2}, 1, "codec.version_newer"),
    "a field too many": ({**sent(), "owner": "x"}, 1, "codec.field_unknown"),
    "a field too few": ({k: v for k, v in sent().items() if k != "process"}, 1,
                        "codec.field_missing"),
    "no operation": ({**sent(), "operations": []}, 1, "plan.no_operation"),
    "no list": ({**sent(), "operations": "op10"}, 1, "codec.value_wrong"),
    "unknown capability": (_operation(capability="weave"), 1, "schedule.capability_unknown"),
    "too large for all": (_operation(needs={"x_mm": 900}), 1, "schedule.no_capability"),
    "a cycle": (_two({"after": ["op20"]}, {"after": ["op10"]}), 1, "plan.routing_cyclic"),
    "after nothing": (_operation(after=["op99"]), 1, "plan.operation_unknown"),
    "twice": (_two({}, {"operation_id": "op10"}), 1, "plan.operation_twice"),
    "no piece": (sent(), 0, "offer.quantity_outside"),
    "too many pieces": (sent(), 10**12, "offer.quantity_outside"),
    "too long": (_operation(run_terms=[_LONG]), 500, "promise.number_outside"),
    "too long a lag": (_operation(min_lag_s=2**62), 1, "promise.number_outside"),
    "too many lots": (_operation(transfer_quantity=10**30), 1, "promise.number_outside"),
    "too much energy": (_operation(energy_wh=Decimal(10) ** 30), 1, "promise.number_outside"),
    "too heavy": ({**sent(), "piece_mass_g": Decimal(10) ** 30}, 1, "promise.number_outside"),
    "negative time": (
        _operation(run_terms=[{**_LONG, "span_s": -1}]), 1, "plan.time_negative"),
    "past every horizon": (_operation(run_terms=[{**_LONG, "span_s": 10**6}]), 100,
                           "schedule.past_horizon"),
    "hopeless yield": (_operation(yield_fraction=Decimal("0.01")), 10, "offer.yield_hopeless"),
    "unknown material": (
        {**sent(), "bill_of_materials": [
            {"material_id": "gold", "quantity": 1, "unit": "kg", "at_operation": "op10"}]},
        1, "offer.material_unknown"),
    "too many operations": (
        {**sent(), "operations": sent()["operations"] * 501}, 1, "promise.plan_too_large"),
    "too many references": (_operation(after=["op10"] * 5001), 1, "promise.plan_too_large"),
}  # fmt: skip


@pytest.mark.parametrize("case", sorted(BAD))
def test_bad_plans_are_refused_by_name(case: str) -> None:
    """Each fault has its own code, and none is ours."""
    plan, quantity, code = BAD[case]
    with pytest.raises(ManufoldError) as refused:
        asked(world(), quantity, plan)
    assert refused.value.code == code
    assert refused.value.branch in ("InputFault", "CannotMake", "StoreFault")


HOSTILE: tuple[Any, ...] = (
    *(None, True, -1, 0, 2**70, -(2**70), Decimal("1e-40"), Decimal("1e40"), Decimal("-0.5")),
    *("", "x", "NaN", "Infinity", "\0", "{x}", "%s", "../..", "a" * 10_000, "op10", "op20"),
    *([], {}, [1], [[]], {"a": 1}, ["op10", "op20"], [None] * 3),
)


@pytest.mark.parametrize("seed", range(4))
def test_hostile_plans_are_refused_or_answered(seed: int) -> None:
    """Up to three values of a sound plan spoilt or lost: never a fault of ours, nothing written."""
    ctx, rng = world(), random.Random(seed)
    more = {"after": ["op10"], "transfer_quantity": 2, "max_lag_s": 10**6, "needs": {"x_mm": 10}}
    sound = from_json(canonical(_two({}, more)))
    paths, seq = places(sound), ctx.store.head().seq
    answered = refused = 0
    for _ in range(300):
        spoilt = copy.deepcopy(sound)
        for *way, last in rng.sample(paths, rng.randint(1, 3)):
            with suppress(KeyError, IndexError, TypeError):  # where a spoilt one was on the way
                spot = reduce(getitem, way, spoilt)
                if rng.random() < 0.2 and isinstance(spot, dict):
                    del spot[last]
                else:
                    spot[last] = copy.deepcopy(rng.choice(HOSTILE))
        try:
            asked(ctx, rng.choice((1, 7, 1000)), spoilt)
            answered += 1
        except (InputFault, CannotMake, StoreFault):
            refused += 1
    assert answered > 5 and refused > 100
    assert ctx.store.head().seq == seq and not ctx.store.bookings(now_s=START_S)


def test_a_number_written_as_text_is_no_number_though_its_plan_is_remembered() -> None:
    """What was read before lends its soundness to no other dress of it."""
    ctx = world()
    plan = sent(piece_mass_g=Decimal("1.5"))
    asked(ctx, 1, plan)
    with pytest.raises(InputFault) as refused:
        asked(ctx, 1, {**plan, "piece_mass_g": "1.5"})
    assert refused.value.code == "codec.value_wrong"


def test_places_and_dates_are_refused_like_an_offers() -> None:
    """Unknown zone, a past date, and whoever is no buyer."""
    ctx = world()
    for ask, code in (
        (PlanAsk(sent(), 1, "mars"), "offer.zone_unknown"),
        (PlanAsk(sent(), 1, "door", START_S), "offer.date_past"),
    ):
        with pytest.raises(InputFault) as refused:
            promises(ctx, ANNA, ask)
        assert refused.value.code == code
    with pytest.raises(InputFault) as refused:
        promises(ctx, MAKER, PlanAsk(sent(), 1, "door"))
    assert refused.value.code == "access.role_may_not"
    assert promises(ctx, HUB, PlanAsk(sent(), 1)).zone.zone_id == "door"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "promise.weights_malformed"),
        ("day", "promise.weights_malformed"),
        ("day=x", "promise.weights_malformed"),
        ("day=1,day=2", "promise.weights_malformed"),
        ("speed=1", "promise.weights_malformed"),
        ("day=nan", "promise.weight_outside"),
        ("price=-1", "promise.weight_outside"),
        ("carbon=1e9", "promise.weight_outside"),
        ("day=1,carbon=1e-999999999", "promise.weight_outside"),
        ("day=0,price=0", "promise.weights_nothing"),
    ],
)
def test_bad_weights_are_refused_by_name(text: str, code: str) -> None:
    """What is no weight is told from what is too large a one."""
    with pytest.raises(InputFault) as refused:
        weights_of(text)
    assert refused.value.code == code


def test_callers_plans_fill_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of many plans only the last few are remembered, in bindings as in plans; answers stand."""
    monkeypatch.setattr(asked_plan, "_PLANS_KEPT", 5)
    monkeypatch.setattr(asked_plan, "_BOUND_MOST", 8)
    ctx = world()
    plans = [
        sent(replace(shop_plan(revision=REVISION), process_plan_id=f"p{n}")) for n in range(40)
    ]
    first = [asked(ctx, 10, plan).ways[0].promised_at_s for plan in plans]
    thirds = StandardTime("cut", Decimal("0." + "3" * 27), "1/3", SOURCE)
    fine = replace(shop_plan().operations[0], run_terms=(thirds,))
    odd = sent(replace(shop_plan(revision=REVISION), operations=(fine,)))
    for quantity in range(1, 40):  # times too fine to be bound for every quantity at once
        asked(ctx, quantity, odd)
    kept = ctx.kept["asked_plans"]
    assert len(kept.plans) == 5
    assert kept.view is not None and len(kept.view.routings) <= 9
    assert ctx.loaded is not None and ctx.loaded.routings == {}
    assert [asked(ctx, 10, plan).ways[0].promised_at_s for plan in plans] == first


def test_a_new_plan_unbinds_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """A plan that is forgotten takes no binding of another with it."""
    monkeypatch.setattr(asked_plan, "_PLANS_KEPT", 2)
    ctx = world()
    asked(ctx)
    view = ctx.kept["asked_plans"].view
    for number in range(4):
        asked(ctx, 10, sent(replace(shop_plan(revision=REVISION), process_plan_id=f"p{number}")))
    assert ctx.kept["asked_plans"].view is view
    assert len(ctx.kept["asked_plans"].plans) == 2 and len(view.routings) == 5


def test_a_plan_of_one_plant_is_promised_at_that_plant() -> None:
    """The answer of a plan that only one plant can make names that plant alone."""
    ctx = world(two_plants())
    found = asked(ctx, 10)
    assert {way.sites for way in found.ways} <= {("plant",), ("works",)}
    assert len({way.sites for way in found.ways}) == 2  # one is cheap, the other green
