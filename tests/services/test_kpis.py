"""KPIs as a service: who sees which, what is asked for, what there is nothing to measure of."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tests.contracts.schemas import faults
from tests.improvement.day import DAY, at, day_events, event, job_event, order_events, told
from tests.services.world import (
    ANNA,
    BERT,
    HUB,
    MAKER,
    OTHER,
    Toy,
    quoted,
    shared_plants,
    two_plants,
    world,
)

from manufold.api.kpi_wire import kpi_answer
from manufold.model.errors import InputFault
from manufold.model.fakes import ManualClock, MemoryStore
from manufold.model.party import Actor
from manufold.model.ports import Batch, NewEvent
from manufold.model.units import DAY_S
from manufold.services.context import Context
from manufold.services.kpis import DEFAULT_S, KpiReport, kpis
from manufold.services.order import accept
from manufold.services.run import run
from manufold.words import LANGUAGES, word

EXAMPLE = Path(__file__).parents[2] / "contracts" / "examples" / "kpi_answer" / "one_mill.json"


def shared() -> Context:
    """Return a world with an order milled by one owner and turned by another, made and delivered,
    and one that the same buyer's rival has made by the first owner's mill alone."""
    ctx = world(shared_plants(), toy=Toy(turned=True))
    first = accept(ctx, ANNA, quoted(ctx).offer.offer_id, "cheap")
    ctx.verticals["toy"] = Toy()  # type: ignore[index]
    second = accept(ctx, BERT, quoted(ctx, BERT, content=b"block 0.7").offer.offer_id, "cheap")
    run(ctx, orders=(first.order_id, second.order_id))
    assert isinstance(ctx.clock, ManualClock)
    ctx.clock.advance_to(ctx.clock.now_s() + 30 * DAY_S)
    return ctx


@pytest.fixture(scope="module")
def ctx() -> Context:
    return shared()


def places(report: KpiReport) -> set[str]:
    return {node.node_id for node in report.nodes}


def test_owners_see_their_own_sites_only(ctx: Context) -> None:
    """Each owner's report names its own work units; what the other did changes nothing in it; the
    network operator's whole is the sum of both."""
    mine, theirs, whole = (kpis(ctx, actor, from_s=0) for actor in (MAKER, OTHER, HUB))
    assert places(mine) == {"", "plant", "mills", "mill-1"}
    assert places(theirs) == {"", "works", "lathes", "mill-2"}
    assert places(whole) == places(mine) | places(theirs)
    for name in ("apt_s", "pbt_s", "gq", "energy_wh", "planned_run_s"):
        parts = [getattr(one.nodes[0].elements, name) for one in (mine, theirs)]
        assert min(parts) > 0, name
        assert sum(parts) == getattr(whole.nodes[0].elements, name), name
    assert "mill-2" not in repr(mine) and "works" not in repr(mine)


@pytest.mark.parametrize("role", ["planner", "operator", "quality_engineer", "owner"])
def test_every_role_of_a_supplier_sees_the_same(ctx: Context, role: str) -> None:
    """Planner, operator, quality engineer and owner of one party read one report."""
    actor = Actor("maker", role)  # type: ignore[arg-type]
    assert kpis(ctx, actor, from_s=0) == kpis(ctx, MAKER, from_s=0)


def test_dates_of_shared_orders_are_not_an_owners_figure(ctx: Context) -> None:
    """An owner is told of the order made at its site alone, and not of the one it shared."""

    def lead(actor: Actor) -> object:
        found = {kpi.kpi_id: kpi for kpi in kpis(ctx, actor, from_s=0).orders}
        return found["lead_p50"].denominator

    assert (lead(HUB), lead(MAKER), lead(OTHER)) == (2, 1, 0)


def test_buyers_see_how_their_own_orders_came(ctx: Context) -> None:
    """A buyer has no view of equipment, and of orders its own; asking for a site is refused."""
    for actor in (ANNA, BERT):
        report = kpis(ctx, actor, from_s=0)
        assert (report.nodes, report.sites) == ((), ())
        found = {kpi.kpi_id: kpi for kpi in report.orders}
        assert found["lead_p50"].denominator == found["on_time"].denominator == 1
    with pytest.raises(InputFault) as refused:
        kpis(ctx, ANNA, site="plant")
    assert refused.value.code == "access.role_may_not"
    with pytest.raises(InputFault) as refused:
        kpis(ctx, Actor("nobody", "buyer"))
    assert refused.value.code == "access.party_unknown"


def test_one_site_and_one_work_unit(ctx: Context) -> None:
    """Asking for less gives that part of the whole, exactly, and dates only of its own orders."""
    whole = {node.node_id: node.elements for node in kpis(ctx, HUB, from_s=0).nodes}
    site = kpis(ctx, HUB, from_s=0, site="works")
    assert places(site) == {"", "works", "lathes", "mill-2"}
    assert {node.node_id: node.elements for node in site.nodes}["mill-2"] == whole["mill-2"]
    assert {k.kpi_id: k for k in site.orders}["lead_p50"].denominator == 0
    unit = kpis(ctx, HUB, from_s=0, work_unit="mill-1")
    assert (unit.sites, unit.orders) == (("plant",), ())
    assert unit.nodes[-1].elements == replace(
        whole["mill-1"], leaving_all=unit.nodes[-1].elements.leaving_all
    )


@pytest.mark.parametrize("asked", [{"site": "works"}, {"work_unit": "mill-2"}, {"site": "nix"}])
def test_another_owners_place_does_not_exist(ctx: Context, asked: dict[str, str]) -> None:
    """The refusal for a rival's site is the one for a site that never was, and names only own."""
    with pytest.raises(InputFault) as refused:
        kpis(ctx, MAKER, **asked)  # type: ignore[arg-type]
    assert refused.value.code in ("kpi.site_unknown", "kpi.unit_unknown")
    assert refused.value.params.get("known", "plant") == "plant"


def test_windows_are_cut_to_what_is_known() -> None:
    """Never before the log, never after the clock; both are told. By default thirty days."""
    ctx = told(day_events(), at("00:00", 3))
    begin_s = at("08:00", -1)
    report = kpis(ctx, HUB, from_s=0, to_s=at("00:00", 9))
    assert (report.from_s, report.to_s) == (begin_s, at("00:00", 3))
    assert [note.code for note in report.notes] == ["kpi.before_the_log", "kpi.after_the_clock"]
    assert kpis(ctx, HUB).from_s == begin_s
    ctx.clock = ManualClock(DAY + 90 * DAY_S)
    late = kpis(ctx, HUB)
    assert (late.from_s, late.to_s) == (DAY + 90 * DAY_S - DEFAULT_S, DAY + 90 * DAY_S)
    assert late.notes == ()


@pytest.mark.parametrize(
    ("from_s", "to_s"), [(DAY, DAY), (DAY + 5, DAY), (DAY + 10 * DAY_S, None), (0, 5)]
)
def test_empty_windows_are_refused(from_s: int, to_s: int | None) -> None:
    """A window that ends before it begins, or lies outside of what is known, says what is known."""
    ctx = told(day_events(), at("00:00", 3))
    with pytest.raises(InputFault) as refused:
        kpis(ctx, HUB, from_s=from_s, to_s=to_s)
    assert refused.value.code == "kpi.window_empty"
    for language in LANGUAGES:
        assert "2026-03-01T08:00" in word(refused.value.reason, language)


def test_an_empty_log_is_refused() -> None:
    """Nothing has happened, so there is no window."""
    with pytest.raises(InputFault) as refused:
        kpis(world(two_plants(), MemoryStore("sim")), HUB)
    assert refused.value.code == "kpi.nothing_happened"


def test_nothing_to_measure_is_no_figure() -> None:
    """A window of a night: no value anywhere, each with its reason, none 0 of 0 or 100 %."""
    ctx = told(day_events(), at("00:00", 3))
    report = kpis(ctx, HUB, from_s=at("20:00", 1), to_s=at("21:00", 1))
    every = [kpi for node in report.nodes for kpi in node.kpis] + list(report.orders)
    assert every and all(kpi.value is None for kpi in every)
    for kpi in every:
        for language in LANGUAGES:
            assert not word(kpi.basis, language).startswith("kpi."), kpi.basis


def test_the_log_is_read_once_and_then_only_what_is_new(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second question reads nothing; after more events it reads these, and says what a fresh
    process says."""
    events = day_events()
    ctx = told(events[:-1], at("16:30"))
    read: list[int] = []
    before: Callable[..., object] = ctx.store.read

    def counted(after_seq: int = 0, *rest: object) -> object:
        for found in before(after_seq, *rest):  # type: ignore[attr-defined]
            read.append(found.seq)
            yield found

    monkeypatch.setattr(ctx.store, "read", counted)
    first = kpis(ctx, HUB)
    assert kpis(ctx, HUB) == first and read == list(range(1, len(events)))
    ctx.store.append(Batch((events[-1],), now_s=at("09:00", 1)))
    ctx.clock = ManualClock(at("00:00", 2))
    assert kpis(ctx, HUB) == kpis(told(events, at("00:00", 2)), HUB)
    assert read == list(range(1, len(events) + 1))


def test_what_a_figure_cannot_see_is_told() -> None:
    """Work outside the calendar, an unread energy, a capability that is gone: each has its note."""
    more: list[NewEvent] = [
        *order_events("C", at("08:00", -1), 5, 5),
        job_event("C", "RunStarted", at("05:00", 2)),
        job_event("C", "Finished", at("07:00", 2), good=5, scrap=0, rework=0, complete=True),
    ]
    ctx = told([*day_events(), *more], at("00:00", 3))
    node = kpis(ctx, HUB, from_s=DAY).nodes[0]
    assert {note.code: dict(note.params) for note in node.notes} == {
        "kpi.outside_calendar": {"seconds": 7200},
        "kpi.energy_unread": {"unread": 2, "finished": 3},
    }
    unit = ctx.network.work_units[0]
    other = replace(unit.capabilities[0], name="turn.2axis")
    ctx.network = replace(ctx.network, work_units=(replace(unit, capabilities=(other,)),))
    gone = kpis(ctx, HUB, from_s=DAY).nodes[0]
    assert gone.elements.planned_run_s == 0 and gone.elements.unplanned == 46
    assert "kpi.time_unknown" in [note.code for note in gone.notes]


def test_cancelled_and_open_orders() -> None:
    """An order past its promise counts as late while it is open, and not at all once cancelled
    undelivered; one promised for later is not due yet."""
    dates = {"promised_at_s": at("12:00"), "p50_at_s": at("11:00")}
    begin = event("network", "NetworkLoaded", at("08:00", -1), name="shop", revision="0" * 64)
    events = [
        begin,
        *order_events("open", at("08:00", -1), 1, 1, **dates),
        *order_events("gone", at("08:00", -1), 1, 1, **dates),
        *order_events("later", at("08:00", -1), 1, 1),
        event("order:ord-gone", "OrderCancelled", at("11:00"), reason="?", stage="before_start"),
    ]
    ctx = told(events, at("18:00"))
    found = {kpi.kpi_id: kpi for kpi in kpis(ctx, HUB).orders}
    assert (found["on_time"].numerator, found["on_time"].denominator) == (0, 1)
    assert found["on_time"].low == 0 and 0.7 < (found["on_time"].high or 0) < 0.8  # Wilson, 0 of 1


def test_carbon_says_where_it_comes_from() -> None:
    """Passports first, offers as an estimate, and orders of which nothing is known left out."""
    events = day_events()
    for name, carbon_g in (("C", 400), ("D", 0)):
        dates = {"promised_at_s": at("16:00"), "p50_at_s": at("15:00"), "carbon_g": carbon_g}
        events[3:3] = order_events(name, at("08:00", -1), 4, 4, **dates)
        came = event(f"order:ord-{name}", "Received", at("16:00"), zone_id="door", quantity=4)
        events.append(came)
    found = {k.kpi_id: k for k in kpis(told(events, at("00:00", 2)), HUB, from_s=DAY).orders}
    carbon = found["carbon_per_good"]
    assert (carbon.numerator, carbon.denominator) == (900 + 400, 18 + 4)
    assert carbon.basis.params == {"proven": 1, "offered": 1, "unknown": 1}
    assert "estimate" in word(carbon.basis)


def example() -> dict[str, object]:
    """Return the day on one mill as it is answered."""
    ctx = told(day_events(), at("00:00", 2))
    report = kpis(ctx, HUB, from_s=at("00:00"), to_s=at("00:00", 1), site="plant")
    return kpi_answer(report, ctx.network, "en")


def test_the_example_is_what_is_answered() -> None:
    """The golden document of the contract is the day worked out by hand, and keeps its schema."""
    assert faults("kpi_answer", example()) == []
    assert json.loads(EXAMPLE.read_text(encoding="utf-8")) == json.loads(json.dumps(example()))


if __name__ == "__main__":
    EXAMPLE.parent.mkdir(parents=True, exist_ok=True)
    EXAMPLE.write_text(json.dumps(example(), indent=2) + "\n", encoding="utf-8")
