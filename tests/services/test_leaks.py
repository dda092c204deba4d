"""Two owners, two buyers: no service verb tells anybody what is another's.

Every public function of `services` that takes an actor is walked; one that is missing from the
table below fails the test, so a new verb cannot slip past.
"""

import inspect
import pkgutil
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import pytest
from tests.services.world import ANNA, BERT, HUB, MAKER, OTHER, ask, quoted, world

import manufold.services
from manufold.model.codec import canonical, encoded
from manufold.model.errors import ManufoldError
from manufold.model.execution import Command
from manufold.model.party import Actor
from manufold.services import access, change, make, order, prove, quote, schedule
from manufold.services.context import Context

Call = Callable[[Context, Actor, str, str], Any]

CALLS: dict[str, Call] = {
    "access.visible_offer": lambda c, a, offer, o: quote.show_offer(c, a, offer),
    "access.visible_order": lambda c, a, f, order_id: order.show_order(c, a, order_id),
    "access.actor_of": lambda c, a, f, o: access.actor_of(c.network, a).role,
    "access.may_act": lambda c, a, f, o: access.may_act(c.network, a, a.role).role,
    "access.own_sites": lambda c, a, f, o: access.own_sites(c.network, a) - {"works"},
    "quote.offer": lambda c, a, f, o: [
        (p.name, p.carbon_g) for p in quote.offer(c, a, ask()).offer.options
    ],
    "quote.show_offer": lambda c, a, offer, o: quote.show_offer(c, a, offer),
    "order.accept": lambda c, a, offer, o: order.accept(c, a, offer, "cheap"),
    "order.show_order": lambda c, a, f, order_id: order.show_order(c, a, order_id),
    "order.show_orders": lambda c, a, f, o: order.show_orders(c, a),
    "change.cancel": lambda c, a, f, order_id: change.cancel(c, a, order_id, "no"),
    "change.amend": lambda c, a, f, order_id: change.amend(c, a, order_id, 5),
    "change.forget_design": lambda c, a, f, order_id: change.forget_design(c, a, order_id),
    "change.claim": lambda c, a, f, order_id: change.claim(c, a, order_id, 1, "no"),
    "change.return_goods": lambda c, a, f, order_id: change.return_goods(c, a, order_id, "x", 1),
    "make.say": lambda c, a, f, order_id: make.say(
        c, a, Command("evt_1", "hold", c.clock.now_s(), "x", order_id, data={"reason": "no"})
    ),
    "prove.show_passport": lambda c, a, f, order_id: prove.show_passport(c, a, order_id),
    "prove.issue_passport": lambda c, a, f, order_id: prove.show_passport(c, a, order_id),
    "schedule.show_slots": lambda c, a, f, o: [
        (s.resource_id, s.holder) for s in schedule.show_slots(c, a)
    ],
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
    secrets = (made.order_id, "anna", job, str(made.price_minor), "mill-1")
    try:
        told = canonical(_plain(CALLS[verb](ctx, stranger, offer_id, made.order_id))).decode()
    except ManufoldError as refusal:
        asked = (offer_id, made.order_id)
        told = canonical([refusal.code, encoded(refusal.params)]).decode()
        for own in asked:  # the id that the stranger itself said may be said back
            told = told.replace(own, "")
    assert not [secret for secret in secrets if secret in told], told


@pytest.mark.parametrize("actor", [ANNA, HUB, MAKER], ids=["buyer", "operator", "maker"])
def test_the_ones_concerned_do_see_it(actor: Actor) -> None:
    """The guard is not a wall: buyer, network operator and maker see the order."""
    ctx = world()
    made = order.accept(ctx, ANNA, quoted(ctx).offer.offer_id, "cheap")
    assert [seen.order_id for seen in order.show_orders(ctx, actor)] == [made.order_id]


def _plain(told: Any) -> Any:
    return encoded(told)
