"""Two owners, two buyers: no service verb tells anybody what is another's.

Every public function of `services` that takes an actor is walked; one that is missing from the
table below fails the test, so a new verb cannot slip past.
"""

import inspect
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib import import_module
from typing import Any

import pytest
from tests.services.world import (
    ANNA,
    BERT,
    HUB,
    MAKER,
    OTHER,
    Toy,
    ask,
    quoted,
    shared_plants,
    two_plants,
    world,
)
from tests.shop import shop_plan

import manufold.services
from manufold.app import Manufold
from manufold.model.codec import canonical, encoded, stamped
from manufold.model.errors import InputFault, ManufoldError
from manufold.model.execution import Command, OrderState
from manufold.model.party import Actor, Party
from manufold.services import (
    access,
    board,
    change,
    explain,
    explain_order,
    forget,
    hold_log,
    holding,
    holds,
    hooks,
    instructions,
    keys,
    kpis,
    life,
    make,
    order,
    page,
    pictures,
    promises,
    prove,
    quote,
    repair_schedule,
    rounds,
    schedule,
    what_if,
    work,
)
from manufold.services.context import Context
from manufold.services.documents import plan_of
from manufold.services.scenario import Change, Scenario

Call = Callable[[Context, Actor, str, str], Any]


def _sayable(ctx: Context, actor: Actor, seen: OrderState) -> Any:
    """Return what may be said of each job order that the actor sees."""
    plan = plan_of(ctx, seen.plan_digest)
    return [work.sayable(actor, seen, job, plan) for job in seen.jobs.values()]


CALLS: dict[str, Call] = {
    "access.visible_offer": lambda c, a, offer, o: quote.show_offer(c, a, offer),
    "access.visible_order": lambda c, a, f, order_id: order.show_order(c, a, order_id),
    "access.actor_of": lambda c, a, f, o: access.actor_of(c.network, a).role,
    "access.may_act": lambda c, a, f, o: access.may_act(c.network, a, a.role).role,
    "access.may_run": lambda c, a, f, o: access.may_run(c.network, a),
    "access.own_sites": lambda c, a, f, o: sorted(access.own_sites(c.network, a)),
    "quote.offer": lambda c, a, f, o: quote.offer(c, a, ask(7)).offer,
    "promises.promises": lambda c, a, f, o: promises.promises(
        c, a, promises.PlanAsk(stamped("process_plan", 1, shop_plan()), 7)
    ),
    "pictures.figures": lambda c, a, offer, o: pictures.figures(c, a, offer),
    "pictures.noted": lambda c, a, offer, o: pictures.noted(c, a, offer),
    "pictures.picture": lambda c, a, offer, o: pictures.picture(c, a, offer, "body"),
    "pictures.picture_names": lambda c, a, offer, o: pictures.picture_names(c, a, offer),
    "quote.show_offer": lambda c, a, offer, o: quote.show_offer(c, a, offer),
    "order.accept": lambda c, a, offer, o: order.accept(c, a, offer, "cheap"),
    "order.show_order": lambda c, a, f, order_id: order.show_order(c, a, order_id),
    "order.show_orders": lambda c, a, f, o: order.show_orders(c, a),
    "change.cancel": lambda c, a, f, order_id: change.cancel(c, a, order_id, "no"),
    "change.amend": lambda c, a, f, order_id: change.amend(c, a, order_id, 5),
    "forget.forget_design": lambda c, a, f, order_id: forget.forget_design(c, a, order_id),
    "forget.forget_offer": lambda c, a, offer, o: forget.forget_offer(c, a, offer),
    "change.receive": lambda c, a, f, order_id: change.receive(c, a, order_id, 1),
    "change.claim": lambda c, a, f, order_id: change.claim(c, a, order_id, 1, "no"),
    "change.return_goods": lambda c, a, f, order_id: change.return_goods(c, a, order_id, "x", 1),
    "make.say": lambda c, a, f, order_id: make.say(
        c, a, Command("evt_1", "hold", c.clock.now_s(), "x", order_id, data={"reason": "no"})
    ),
    "board.board": lambda c, a, f, o: board.board(c, a),
    "hold_log.show_holds": lambda c, a, f, o: hold_log.show_holds(c, a),
    "holding.extend_offer": lambda c, a, offer, o: holding.extend_offer(c, a, offer),
    "holding.release_offer": lambda c, a, offer, o: holding.release_offer(c, a, offer),
    "holds.end_offer": lambda c, a, offer, o: forget.forget_offer(c, a, offer),
    "holds.refuse_lost": lambda c, a, offer, o: holds.refuse_lost(c, a, offer),
    "explain.explain_offer": lambda c, a, offer, o: explain.explain_offer(c, a, offer, "fast"),
    "explain_order.explain_order": lambda c, a, f, o: explain_order.explain_order(c, a, o),
    "hooks.subscribe": lambda c, a, f, o: hooks.subscribe(
        c, a, "https://shop.example/", resolve=lambda host, port: ["93.184.216.34"]
    ),
    "hooks.unsubscribe": lambda c, a, f, o: hooks.unsubscribe(c, a, "whk_1"),
    "hooks.list_webhooks": lambda c, a, f, o: hooks.list_webhooks(c, a),
    "hooks.list_deliveries": lambda c, a, f, o: hooks.list_deliveries(c, a, "whk_1"),
    "instructions.instructions": lambda c, a, f, o: instructions.instructions(c, a, o).steps,
    "kpis.kpis": lambda c, a, f, o: kpis.kpis(c, a),
    "life.life": lambda c, a, f, order_id: life.life(c, a, order_id),
    "order.accepted_as": lambda c, a, offer, o: order.accepted_as(c, a, offer),
    "page.orders_page": lambda c, a, f, o: page.orders_page(c, a, after="", limit=50),
    "repair_schedule.repair_schedule": lambda c, a, f, o: repair_schedule.repair_schedule(
        c, a, repair_schedule.RepairAsk(fewest=True)
    ),
    "rounds.round_now": lambda c, a, f, o: rounds.round_now(c, a),
    "keys.make_key": lambda c, a, f, o: keys.make_key(c, a, a.party_id, a.role),
    "keys.list_keys": lambda c, a, f, o: keys.list_keys(c, a),
    "keys.revoke_key": lambda c, a, f, o: keys.revoke_key(c, a, "0000000000"),
    "work.next_work": lambda c, a, f, o: work.next_work(c, a),
    "work.on_the_way": lambda c, a, f, o: work.on_the_way(a, order.show_order(c, a, o)),
    "work.sayable": lambda c, a, f, o: _sayable(c, a, order.show_order(c, a, o)),
    "work.to_ship": lambda c, a, f, o: work.to_ship(c, a, o),
    "prove.show_passport": lambda c, a, f, order_id: prove.show_passport(c, a, order_id),
    "prove.issue_passport": lambda c, a, f, order_id: prove.issue_passport(
        c, a, order.show_order(c, a, order_id)
    ),
    "schedule.show_slots": lambda c, a, f, o: schedule.show_slots(c, a),
    "what_if.what_if": lambda c, a, f, order_id: what_if.what_if(
        c, a, [Scenario("it", (Change("cancel", order=order_id),))]
    ),
    "what_if_floor.planned": lambda c, a, f, order_id: what_if.what_if(
        c, a, [Scenario("it", (Change("weight", order=order_id, weight=2),))]
    ),
    "schedule.improve_schedule": lambda c, a, f, o: schedule.improve_schedule(c, a),
}


def verbs() -> Iterator[str]:
    """Yield "module.function" of every public service function that takes an actor."""
    for found in pkgutil.iter_modules(manufold.services.__path__):
        module = import_module(f"manufold.services.{found.name}")
        for name in getattr(module, "__all__", ()):
            member = getattr(module, name)
            if inspect.isfunction(member) and "actor" in inspect.signature(member).parameters:
                yield f"{found.name}.{name}"


def test_every_verb_is_walked() -> None:
    """The table holds all verbs that take an actor, and no others."""
    assert set(verbs()) == set(CALLS) | {"documents.event"}


@pytest.mark.parametrize("verb", sorted(CALLS))
@pytest.mark.parametrize("stranger", [BERT, OTHER], ids=["other-buyer", "other-owner"])
def test_a_stranger_learns_nothing(verb: str, stranger: Actor) -> None:
    """What a stranger is told, or refused with, names neither order, offer, buyer nor maker."""
    ctx = world()
    offer_id = quoted(ctx).offer.offer_id
    made = order.accept(ctx, ANNA, offer_id, "cheap")
    job = next(iter(made.jobs))
    secrets = [made.order_id, "anna", job, str(made.price_minor), "mill-1"]
    if verb in ("quote.offer", "promises.promises"):  # who makes it is a part of one's own
        secrets.remove("mill-1")
    told = _told(verb, ctx, stranger, offer_id, made.order_id)
    assert not [secret for secret in secrets if secret in told], told


@pytest.mark.parametrize("verb", sorted(CALLS))
@pytest.mark.parametrize(
    ("maker", "others_unit"), [(MAKER, "mill-2"), (OTHER, "mill-1")], ids=["mills", "turns"]
)
def test_a_maker_of_a_part_learns_of_no_other_part(
    verb: str, maker: Actor, others_unit: str
) -> None:
    """Two owners make one order: neither learns who buys it, its price or the other's part."""
    ctx = world(shared_plants(), toy=Toy(turned=True))
    offer_id = quoted(ctx).offer.offer_id
    made = order.accept(ctx, ANNA, offer_id, "cheap")
    assert {job.site_id for job in made.jobs.values()} == {"plant", "works"}
    theirs = [job for job in made.jobs.values() if job.resource_id == others_unit]
    secrets = [others_unit, "anna", *(job.job_order_id for job in theirs)]
    secrets += [f'"price_minor":{made.price_minor}', theirs[0].operation_id]
    told = _told(verb, ctx, maker, offer_id, made.order_id).replace(offer_id, "")
    assert not [secret for secret in secrets if secret in told], told


def test_a_maker_sees_its_own_part_of_an_order_and_no_more() -> None:
    """Shipments of others, claims, their material and the forecast are blank; its own stay."""
    ctx = world(shared_plants(), toy=Toy(turned=True))
    made = order.accept(ctx, ANNA, quoted(ctx).offer.offer_id, "cheap")
    full = replace(
        made,
        shipped=9,
        shipped_from={"plant": 4, "works": 5},
        claims={"clm_1": 2},
        claims_returned={"clm_1": 1},
        returned=1,
        ready_s={"op10": 7, "op20": 8},
        forecast_at_s=made.promised_at_s + 99,
        last_at_s=made.promised_at_s + 77,
    )
    seen = access.visible_order(ctx.network, OTHER, full)
    assert seen is not None
    assert [job.operation_id for job in seen.jobs.values()] == ["op20"]
    assert [job.after for job in seen.jobs.values()] == [()]
    assert (seen.shipped, dict(seen.shipped_from)) == (5, {"works": 5})
    assert dict(seen.ready_s) == {"op20": 8}
    assert not seen.claims and not seen.claims_returned and seen.returned == 0
    assert seen.forecast_at_s is None and seen.last_at_s < full.last_at_s
    assert access.visible_order(ctx.network, HUB, full) == full


def test_an_unknown_party_is_not_told_who_takes_part() -> None:
    """The refusal names nobody but the one who asked."""
    ctx = world()
    with pytest.raises(InputFault) as refusal:
        access.actor_of(ctx.network, Actor("nobody", "buyer"))
    assert dict(refusal.value.params) == {"party": "nobody"}


@pytest.mark.parametrize("actor", [ANNA, HUB, MAKER], ids=["buyer", "operator", "maker"])
def test_the_ones_concerned_do_see_it(actor: Actor) -> None:
    """The guard is not a wall: buyer, network operator and maker see the order."""
    ctx = world()
    made = order.accept(ctx, ANNA, quoted(ctx).offer.offer_id, "cheap")
    assert [seen.order_id for seen in order.show_orders(ctx, actor)] == [made.order_id]


@pytest.mark.parametrize(
    ("named", "looks", "at_passports"),
    [
        ("", HUB, ANNA),
        ("bert", BERT, BERT),
        ("maker", MAKER, MAKER),
        ("hub", HUB, HUB),
        ("both", Actor("both", "planner"), Actor("both", "buyer")),
    ],
)
def test_the_party_of_the_settings_is_who_looks(
    named: str, looks: Actor, at_passports: Actor
) -> None:
    """Who set itself as the party sees as itself, not as the network operator."""
    plants = two_plants()
    both = Party("both", "Both", ("supplier", "buyer"), "DE")
    ctx = world(replace(plants, parties=(*plants.parties, both)))
    ctx.settings = replace(ctx.settings, party=named)
    here = Manufold(ctx, ctx.store, None, "en")  # type: ignore[arg-type]
    assert here.acting.seer(None) == looks
    assert here.acting.seer(None, buyer_first=True) == at_passports
    assert here.acting.seer("hub") == HUB


def _told(verb: str, ctx: Context, actor: Actor, offer_id: str, order_id: str) -> str:
    """Return all that a verb answers or refuses with, less the ids that were asked about."""
    try:
        return canonical(encoded(CALLS[verb](ctx, actor, offer_id, order_id))).decode()
    except ManufoldError as refusal:
        told = canonical(encoded([refusal.code, refusal.params, refusal.faults])).decode()
        return told.replace(offer_id, "").replace(order_id, "")
