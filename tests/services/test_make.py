"""Make: who may say what of whose work, how far ahead, under whose name, and how often."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from tests.services.world import ANNA, HUB, MAKER, OTHER, Toy, quoted, shared_plants, world

from manufold.model.errors import Conflict, InputFault, ManufoldError
from manufold.model.execution import Command, CommandKind, JobOrder, OrderState
from manufold.model.party import Actor
from manufold.services.context import Context
from manufold.services.make import say
from manufold.services.order import accept, show_order

DAY_S = 86400


@pytest.fixture
def made() -> tuple[Context, OrderState]:
    """Return a world and an order that one owner mills and another turns."""
    ctx = world(shared_plants(), toy=Toy(turned=True))
    return ctx, accept(ctx, ANNA, quoted(ctx).offer.offer_id, "cheap")


def job_at(order: OrderState, site: str) -> JobOrder:
    """Return the order's only job order at a site."""
    return next(job for job in order.jobs.values() if job.site_id == site)


def told(
    ctx: Context,
    kind: CommandKind,
    order: OrderState,
    job: str = "",
    data: Mapping[str, object] | None = None,
    name: str = "evt_1",
) -> Command:
    """Return a command of now."""
    return Command(name, kind, ctx.clock.now_s(), "x", order.order_id, job, data=data or {})


@pytest.mark.parametrize("kind", ["hold", "release"])
@pytest.mark.parametrize("role", ["planner", "owner", "quality_engineer"])
def test_a_supplier_holds_named_job_orders_only(
    made: tuple[Context, OrderState], kind: CommandKind, role: str
) -> None:
    """Without a job order it would stop the other owner's work too; with its own it may."""
    ctx, order = made
    actor = Actor("maker", role)  # type: ignore[arg-type]
    own, other = job_at(order, "plant"), job_at(order, "works")
    if kind == "release":
        say(ctx, HUB, told(ctx, "hold", order, data={"reason": "?"}, name="evt_0"))
    data = {"reason": "?"} if kind == "hold" else {}
    before = show_order(ctx, HUB, order.order_id).jobs[other.job_order_id].held
    refusals = {"": (InputFault, "access.job_needed"), other.job_order_id: (Conflict, "access.")}
    for job, (branch, code) in refusals.items():
        with pytest.raises(branch) as refusal:
            say(ctx, actor, told(ctx, kind, order, job, data))
        assert refusal.value.code.startswith(code)
    assert say(ctx, actor, told(ctx, kind, order, own.job_order_id, data, "evt_2"))
    after = show_order(ctx, HUB, order.order_id)
    assert after.jobs[other.job_order_id].held == before
    assert bool(after.jobs[own.job_order_id].held) is (kind == "hold")


def test_a_supplier_ships_from_its_own_sites_only(made: tuple[Context, OrderState]) -> None:
    """Another owner's site is answered as one that does not exist; its own reaches the floor."""
    ctx, order = made
    codes = []
    for site in ("works", "nowhere", "plant"):
        with pytest.raises(ManufoldError) as refusal:
            say(ctx, MAKER, told(ctx, "ship", order, data={"site_id": site, "quantity": 1}))
        codes.append(refusal.value.code)
    assert codes[:2] == ["access.no_such_site"] * 2
    assert codes[2].startswith("execution.")


@pytest.mark.parametrize("actor", [MAKER, Actor("maker", "owner"), OTHER, ANNA], ids=str)
def test_only_the_network_operator_revises_a_promise(
    made: tuple[Context, OrderState], actor: Actor
) -> None:
    """A promise is the network's word to the buyer, not one maker's."""
    ctx, order = made
    data = {"promised_at_s": order.promised_at_s + 60, "code": "make.short"}
    with pytest.raises(InputFault) as refusal:
        say(ctx, actor, told(ctx, "revise_promise", order, data=data))
    assert refusal.value.code == "access.command_may_not"
    (event,) = say(ctx, HUB, told(ctx, "revise_promise", order, data=data))
    assert event.kind == "PromiseRevised"


def test_what_is_remembered_is_who_really_said_it(made: tuple[Context, OrderState]) -> None:
    """A command may claim to be by anybody; the record names the actor."""
    ctx, order = made
    job = job_at(order, "plant").job_order_id
    lie = replace(told(ctx, "hold", order, job, {"reason": "?"}), by="other/planner")
    (event,) = say(ctx, MAKER, lie)
    assert event.by == "maker/planner"


def test_a_report_from_days_ahead_is_refused(made: tuple[Context, OrderState]) -> None:
    """A day ahead may be a clock set wrong; a second more would shut out what happens meanwhile."""
    ctx, order = made
    job = job_at(order, "plant").job_order_id
    command = told(ctx, "hold", order, job, {"reason": "?"})
    with pytest.raises(InputFault) as refusal:
        say(ctx, MAKER, replace(command, at_s=ctx.clock.now_s() + DAY_S + 1))
    assert refusal.value.code == "execution.too_far_ahead"
    far = ctx.clock.now_s() + DAY_S + 1
    with pytest.raises(InputFault):
        say(ctx, MAKER, Command("evt_b", "breakdown", far, "x", resource_id="mill-1"))
    assert say(ctx, MAKER, replace(command, at_s=ctx.clock.now_s() + DAY_S))


def test_a_command_said_twice_is_done_once(made: tuple[Context, OrderState]) -> None:
    """The same words under the same id answer with nothing, and nothing more is remembered."""
    ctx, order = made
    command = told(ctx, "hold", order, job_at(order, "plant").job_order_id, {"reason": "?"})
    assert say(ctx, MAKER, command)
    seq = ctx.store.head().seq
    assert say(ctx, MAKER, command) == ()
    assert say(ctx, Actor("maker", "owner"), replace(command, by="somebody/else")) == ()
    assert ctx.store.head().seq == seq


def test_an_id_used_for_another_command_is_refused(made: tuple[Context, OrderState]) -> None:
    """A sender that counts wrong is told so, rather than that its report was taken."""
    ctx, order = made
    job = job_at(order, "plant").job_order_id
    say(ctx, MAKER, told(ctx, "hold", order, job, {"reason": "?"}))
    with pytest.raises(Conflict) as refusal:
        say(ctx, MAKER, told(ctx, "release", order, job))
    assert refusal.value.code == "execution.command_id_reused"


def test_two_parties_may_use_one_id(made: tuple[Context, OrderState]) -> None:
    """Nobody can swallow another party's report by guessing its id."""
    ctx, order = made
    for actor, site in ((MAKER, "plant"), (OTHER, "works")):
        job = job_at(order, site).job_order_id
        assert say(ctx, actor, told(ctx, "hold", order, job, {"reason": "?"}))
    held = [bool(job.held) for job in show_order(ctx, HUB, order.order_id).jobs.values()]
    assert held == [True, True]


def test_what_is_said_to_happen_now_is_done_once(made: tuple[Context, OrderState]) -> None:
    """Said again later, or with the time it was kept at: nothing; with other data: refused."""
    ctx, order = made
    job = job_at(order, "plant").job_order_id
    first = replace(told(ctx, "setup_start", order, job), resource_id=order.jobs[job].resource_id)
    assert say(ctx, MAKER, first, now=True)
    before = ctx.store.head()
    ctx.clock.advance_to(first.at_s + 60)  # type: ignore[attr-defined]
    assert say(ctx, MAKER, replace(first, at_s=first.at_s + 60), now=True) == ()
    assert say(ctx, MAKER, first) == ()
    with pytest.raises(Conflict, match="command_id_reused"):
        say(ctx, MAKER, replace(first, at_s=first.at_s + 60))
    with pytest.raises(Conflict, match="command_id_reused"):
        say(ctx, MAKER, replace(first, kind="setup_end"), now=True)
    assert ctx.store.head() == before
