"""The log of a small simulated world, measured, and counted anew second by second."""

from dataclasses import replace
from decimal import Decimal
from random import Random

import pytest
from tests.improvement.painted import painted
from tests.services.world import world

from manufold.connect.network_file import read_network
from manufold.demo import demo_network_path
from manufold.model.fakes import ManualClock, MemoryStore
from manufold.model.party import Actor
from manufold.model.ports import StoredEvent
from manufold.model.units import DAY_S, HOUR_S
from manufold.services.backlog import import_jobs
from manufold.services.context import Context
from manufold.services.kpis import kpis
from manufold.services.project import project
from manufold.services.run import run
from manufold.twin.backlog import backlog

BEGIN_S = 200_000_000
DAYS = 16


@pytest.fixture(scope="module")
def ctx() -> Context:
    """Return sixteen simulated days of ninety orders: breakdowns on weak machines, scrap, remakes,
    an oven of three seats."""
    network = read_network(demo_network_path())
    units = [replace(unit, mtbf_h=30, mttr_h=2) for unit in network.work_units]
    units[0] = replace(units[0], seats=3)
    ctx = world(replace(network, work_units=tuple(units)), MemoryStore("sim", project))
    ctx.clock = ManualClock(BEGIN_S)
    jobs = backlog(ctx.network, 7, 90, BEGIN_S)
    scrapping = [
        replace(
            job,
            plan=replace(
                job.plan,
                operations=tuple(
                    replace(one, yield_fraction=Decimal("0.97")) for one in job.plan.operations
                ),
            ),
        )
        for job in jobs
    ]
    assert import_jobs(ctx, scrapping) > 50
    run(ctx, until_s=BEGIN_S + DAYS * DAY_S)
    return ctx


def events(ctx: Context) -> list[StoredEvent]:
    return list(ctx.store.read())


def hub(ctx: Context) -> Actor:
    found = [p for p in ctx.network.parties if "network_operator" in p.roles]
    return Actor(found[0].party_id, "network_operator")


def test_the_world_is_worth_measuring(ctx):
    """It has everything that could be counted wrongly."""
    kinds = [event.kind for event in events(ctx)]
    for kind, least in {"Finished": 100, "BrokeDown": 20, "Paused": 10, "RemakePlanned": 1}.items():
        assert kinds.count(kind) >= least, kind
    assert any(e.kind == "Finished" and e.data["scrap"] for e in events(ctx))


def test_a_second_count_agrees(ctx):
    """Whole world and seeded windows that cut through runs: every element of every work unit."""
    random, end_s = Random(5), ctx.clock.now_s()
    last_s = max(event.at_s for event in events(ctx)) + 1
    windows = [(BEGIN_S, end_s)]
    for _ in range(4):
        from_s = random.randrange(BEGIN_S, end_s - HOUR_S)
        windows.append((from_s, random.randrange(from_s + 60, end_s)))
    checked = 0
    for from_s, to_s in windows:
        wanted = painted(ctx.network, events(ctx), BEGIN_S, from_s, to_s, max(end_s, last_s))
        report = kpis(ctx, hub(ctx), from_s=from_s, to_s=to_s)
        for node in report.nodes:
            if node.level == "work_unit":
                for name, value in wanted[node.node_id].items():
                    assert getattr(node.elements, name) == value, (node.node_id, name)
                    checked += 1
    assert checked == 5 * 10 * len(ctx.network.work_units)


def test_orders_agree_with_their_states(ctx):
    """Delivered orders, their lead times and dates are those that the folded orders have."""
    from manufold.services.documents import orders_of

    report = kpis(ctx, hub(ctx))
    arrived = [o for o in orders_of(ctx) if o.actual_at_s is not None]
    found = {kpi.kpi_id: kpi for kpi in report.orders}
    assert found["lead_p50"].denominator == len(arrived) >= 10
    leads = sorted((o.actual_at_s or 0) - o.accepted_at_s for o in arrived)
    middle = leads[len(leads) // 2] if len(leads) % 2 else sum(leads[len(leads) // 2 - 1 :][:2]) / 2
    assert float(found["lead_p50"].value or 0) * HOUR_S == pytest.approx(middle, abs=1e-6)
    now_s = ctx.clock.now_s()
    due = [o for o in orders_of(ctx) if o.promised_at_s <= now_s and o.state != "cancelled"]
    kept = [o for o in due if o.actual_at_s is not None and o.actual_at_s <= o.promised_at_s]
    assert (found["on_time"].numerator, found["on_time"].denominator) == (len(kept), len(due))
