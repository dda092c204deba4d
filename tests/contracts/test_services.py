"""What the services write and answer is what the contracts say."""

import json
from typing import Any

import pytest
from tests.contracts.schemas import faults
from tests.services.world import ANNA, BERT, HUB, MAKER, quoted, world

from manufold.api.wire import error_answer, offer_answer
from manufold.model.codec import canonical, encoded, stamped
from manufold.model.errors import ManufoldError
from manufold.model.ports import StoredEvent
from manufold.services.change import cancel
from manufold.services.order import accept, show_order
from manufold.services.quote import show_offer
from manufold.words import LANGUAGES
from manufold.workers.errors import WorkerTimeout


def wire(document: Any) -> Any:
    """Return a document as its readers see it."""
    return json.loads(canonical(document))


def events(ctx: Any) -> list[StoredEvent]:
    """Return the whole log."""
    return list(ctx.store.read())


def test_log_of_an_order_keeps_the_contract():
    """Every event from the offer to the cancelling."""
    ctx = world()
    order = accept(ctx, ANNA, quoted(ctx).offer.offer_id, "cheap")
    accept(ctx, BERT, quoted(ctx, BERT).offer.offer_id, "green")
    cancel(ctx, ANNA, order.order_id, "no longer needed")
    found = events(ctx)
    assert {"OfferMade", "OrderAccepted", "OrderCancelled", "JobCancelled"} <= {
        event.kind for event in found
    }
    for event in found:
        assert faults("event", wire(encoded(event))) == [], event.kind


@pytest.mark.parametrize("language", LANGUAGES)
def test_answers_keep_their_contract(language):
    """The offer as the command line answers it, and the stored nouns as they are sent."""
    ctx = world()
    made = quoted(ctx).offer
    answer = wire(offer_answer(made, ctx.network, language, 0.1234))
    assert faults("offer_answer", answer) == []
    assert faults("offer", wire(stamped("offer", 1, show_offer(ctx, ANNA, made.offer_id)))) == []
    for option in answer["options"]:
        prices = [line["amount_minor"] for line in option["lines"] if "to" in line]
        grams = [line["carbon_g"] for line in option["lines"] if "carbon_g" in line]
        assert sum(prices) == option["price_minor"]
        assert sum(grams) == option["carbon_g"]


def test_an_order_keeps_its_contract_whoever_looks():
    """The buyer's view, the network operator's, and the supplier's, who may not see the buyer."""
    ctx = world()
    order = accept(ctx, ANNA, quoted(ctx).offer.offer_id, "cheap")
    seen = []
    for actor in (ANNA, HUB, MAKER):
        try:
            found = show_order(ctx, actor, order.order_id)
        except ManufoldError:
            continue
        seen.append(actor)
        assert faults("order", wire(stamped("order", 1, found))) == [], actor
    assert {ANNA, HUB} <= set(seen)


@pytest.mark.parametrize("language", LANGUAGES)
def test_refusals_keep_their_contract(language):
    """A refusal of the services, and one of a class that grows on the tree."""
    ctx = world()
    with pytest.raises(ManufoldError) as refused:
        show_order(ctx, BERT, "ord_nobody")
    assert faults("error", error_answer(refused.value, language)) == []
    slow = WorkerTimeout("executor.too_slow", entry="a:b", limit_s=30)
    answer = error_answer(slow, language)
    assert answer["branch"] == "ExecutorFault"
    assert faults("error", answer) == []
