"""What every `model.desk.Desk` keeps, whatever it is made of: memory, SQLite or PostgreSQL.

A test module subclasses `DeskSuite` and gives it a fixture `again` that opens one and the same desk
once more, as another process would.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from threading import Barrier, Thread
from typing import Any

import pytest

from manufold.model.desk import (
    CLAIM_S,
    DONE_KEPT_S,
    TAKEN_S,
    AnswerKept,
    ApiKey,
    Delivery,
    Desk,
    Webhook,
)
from manufold.model.errors import Conflict

__all__ = ["Again", "DeskSuite", "all_at_once", "delivery", "hook", "key"]

Again = Callable[[], Desk]
NOW_S = 200_000_000


def key(key_id: str, party_id: str = "anna", made_at_s: int = NOW_S) -> ApiKey:
    """Return a key."""
    return ApiKey(key_id, "d" * 64, party_id, "buyer", 'Kasse "2" 收银台', made_at_s)


def hook(webhook_id: str, party_id: str = "anna", **more: Any) -> Webhook:
    """Return a webhook that starts at the head of an empty log."""
    url = "https://shop.example/hook?a=1&b=%20"
    one = Webhook(webhook_id, party_id, "buyer", url, "geheim", ("Finished", "Shipped"), NOW_S, 0)
    return replace(one, **more)


def delivery(webhook_id: str, seq: int, due_s: int = NOW_S) -> Delivery:
    """Return a delivery that waits."""
    name = f"{webhook_id}.{seq}"
    return Delivery(name, webhook_id, seq, f'{{"seq":{seq},"at":"工"}}', "waiting", 0, due_s)


def listed(desk: Desk, webhook_id: str, *seqs: int, due_s: int = NOW_S) -> None:
    """Subscribe, and put deliveries on the waiting list."""
    desk.add_webhook(hook(webhook_id))
    waiting = tuple(delivery(webhook_id, seq, due_s) for seq in seqs)
    assert desk.put_on_list(webhook_id, max(seqs), waiting)


def names(deliveries: Sequence[Delivery]) -> list[str]:
    """Return which deliveries these are."""
    return [one.delivery_id for one in deliveries]


def all_at_once(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    """Return what each call answered, all begun at the same time, each in its own thread."""
    gate, answers = Barrier(len(calls)), [NotImplemented] * len(calls)

    def take(number: int) -> None:
        gate.wait(30)
        answers[number] = calls[number]()

    threads = [Thread(target=take, args=(number,)) for number in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert NotImplemented not in answers, "a call failed or hangs"
    return answers


class DeskSuite:
    """Subclass with a fixture `again() -> Desk`: each call opens the same desk once more."""

    def test_a_new_desk_is_empty(self, again: Again) -> None:
        """Nothing is there, and asking for it is no fault."""
        desk = again()
        assert desk.key("k") is None and desk.keys() == () == desk.keys("anna")
        assert desk.webhook("w") is None and desk.webhooks() == () == desk.webhooks("anna")
        assert desk.due(2**40, 10) == () == desk.deliveries("w", 10)
        assert not desk.revoke_key("k", NOW_S) and not desk.drop_webhook("w")
        assert desk.prune(2**40) == 0 == desk.give_up("w", NOW_S, "")

    def test_keys_come_back_as_they_were_kept(self, again: Again) -> None:
        """Every field survives, in any script; keys come oldest first, by party or all."""
        one = again()
        made = [key("K2", made_at_s=NOW_S + 1), key("K3", "bert"), key("K1")]
        for each in made:
            one.add_key(each)
        other = again()
        assert other.key("K2") == made[0]
        assert other.keys() == (made[2], made[1], made[0])
        assert other.keys("anna") == (made[2], made[0])
        assert other.keys("nobody") == ()

    def test_a_key_is_never_replaced(self, again: Again) -> None:
        """A second key of the same id is refused, and the first one stands."""
        desk = again()
        desk.add_key(key("K1"))
        with pytest.raises(Conflict) as refusal:
            desk.add_key(key("K1", "bert"))
        assert (refusal.value.code, refusal.value.params) == ("desk.key_exists", {"key": "K1"})
        assert desk.keys() == (key("K1"),)

    def test_a_key_is_revoked_once(self, again: Again) -> None:
        """The first revocation is the one that is kept."""
        one, other = again(), again()
        one.add_key(key("K1"))
        assert one.revoke_key("K1", NOW_S + 5)
        assert not other.revoke_key("K1", NOW_S + 9)
        assert other.key("K1") == replace(key("K1"), revoked_at_s=NOW_S + 5)

    def test_webhooks_come_back_as_they_were_kept(self, again: Again) -> None:
        """Every field survives; webhooks come oldest first; a second of the same id is refused."""
        desk = again()
        made = [hook("W2", made_at_s=NOW_S + 1, kinds=()), hook("W1", after_seq=2**40)]
        for each in made:
            desk.add_webhook(each)
        desk.add_webhook(hook("W3", "bert"))
        assert again().webhook("W2") == made[0]
        assert again().webhooks("anna") == (made[1], made[0])
        assert [one.webhook_id for one in desk.webhooks()] == ["W1", "W3", "W2"]
        with pytest.raises(Conflict, match="desk.webhook_exists"):
            desk.add_webhook(hook("W1", "bert"))
        assert desk.webhook("W1") == made[1]

    def test_a_dropped_webhook_leaves_nothing(self, again: Again) -> None:
        """Its deliveries go with it, others' stay, and a late outcome is forgotten."""
        desk = again()
        listed(desk, "W1", 1, 2)
        listed(desk, "W2", 1)
        assert desk.drop_webhook("W1") and not desk.drop_webhook("W1")
        assert desk.deliveries("W1", 10) == ()
        assert not desk.answered(replace(delivery("W1", 1), state="delivered"))
        assert not desk.put_on_list("W1", 9, (delivery("W1", 9),))
        assert names(desk.due(NOW_S, 10)) == ["W2.1"]

    def test_the_place_in_the_log_only_moves_on(self, again: Again) -> None:
        """Of two that list the same events one is heard, and its deliveries alone are there."""
        desk = again()
        listed(desk, "W1", 1, 4)
        for stale in (3, 4):
            assert not again().put_on_list("W1", stale, (delivery("W1", 2),))
        assert again().put_on_list("W1", 5, ())
        found = desk.webhook("W1")
        assert found is not None and found.after_seq == 5
        assert desk.deliveries("W1", 9) == (delivery("W1", 4), delivery("W1", 1))
        assert names(desk.deliveries("W1", 1)) == ["W1.4"]

    def test_what_is_taken_is_put_off(self, again: Again) -> None:
        """Nobody takes a delivery twice, until its taker must have died."""
        listed(again(), "W1", 1)
        assert again().due(NOW_S - 1, 10) == ()
        assert again().due(NOW_S, 0) == ()
        (taken,) = again().due(NOW_S, 10)
        assert taken == delivery("W1", 1, NOW_S + TAKEN_S)
        assert again().due(NOW_S + TAKEN_S - 1, 10) == ()
        assert names(again().due(NOW_S + TAKEN_S, 10)) == ["W1.1"]

    def test_no_event_overtakes_an_earlier_one(self, again: Again) -> None:
        """A webhook's next delivery is due only when the one before is done with."""
        desk = again()
        listed(desk, "W1", 3, 7, 8)
        (first,) = desk.due(NOW_S, 10)
        assert (first.seq, desk.due(NOW_S, 10)) == (3, ())
        assert desk.answered(replace(first, tries=1, due_s=NOW_S + 10, answer="HTTP 500"))
        assert desk.due(NOW_S + 9, 10) == ()
        (again_first,) = desk.due(NOW_S + 10, 10)
        assert (again_first.seq, again_first.tries, again_first.answer) == (3, 1, "HTTP 500")
        assert desk.answered(replace(again_first, state="delivered", tries=2, answer="HTTP 204"))
        (second,) = desk.due(NOW_S + 10, 10)
        assert desk.answered(replace(second, state="given_up"))
        assert names(desk.due(NOW_S + 10, 10)) == ["W1.8"]
        states = [one.state for one in desk.deliveries("W1", 9)]
        assert states == ["waiting", "given_up", "delivered"]

    def test_the_earliest_due_goes_first(self, again: Again) -> None:
        """Webhooks do not wait for one another; a limit takes those that have waited longest."""
        desk = again()
        listed(desk, "W1", 5, due_s=NOW_S - 1)
        listed(desk, "W2", 9, due_s=NOW_S - 3)
        listed(desk, "W3", 1, due_s=NOW_S - 2)
        listed(desk, "W4", 1, due_s=NOW_S + 1)
        assert names(desk.due(NOW_S, 2)) == ["W2.9", "W3.1"]
        assert names(desk.due(NOW_S, 2)) == ["W1.5"]

    def test_an_outcome_stands(self, again: Again) -> None:
        """Who answers late, for what another has delivered meanwhile, changes nothing."""
        desk = again()
        listed(desk, "W1", 1)
        (one,) = desk.due(NOW_S, 1)
        done = replace(one, state="delivered", tries=1, due_s=NOW_S + 1, answer="HTTP 200")
        assert again().answered(done)
        assert not desk.answered(replace(one, tries=1, due_s=NOW_S + 10, answer="no answer"))
        assert desk.deliveries("W1", 9) == (done,)

    def test_all_that_waits_can_be_given_up(self, again: Again) -> None:
        """What was delivered stays delivered, what waits elsewhere waits on."""
        desk = again()
        listed(desk, "W1", 1, 2, 3)
        listed(desk, "W2", 1)
        (one, _) = desk.due(NOW_S, 9)
        desk.answered(replace(one, state="delivered"))
        assert desk.give_up("W1", NOW_S + 7, "dead") == 2
        states = [(d.state, d.due_s, d.answer) for d in desk.deliveries("W1", 2)]
        assert states == [("given_up", NOW_S + 7, "dead")] * 2
        assert desk.deliveries("W2", 1)[0].state == "waiting"
        assert desk.give_up("W1", NOW_S + 8, "deader") == 0

    def test_an_idempotency_key_is_answered_once(self, again: Again) -> None:
        """One caller answers; until then others hear that it is under way."""
        one, other = again(), again()
        until_s = NOW_S + 1000
        assert one.begin_answer("k", "d1", NOW_S, until_s) is None
        under_way = AnswerKept("k", "d1", 0, "", until_s)
        assert other.begin_answer("k", "d1", NOW_S + 1, until_s + 1) == under_way
        assert other.begin_answer("k", "d2", NOW_S + 1, until_s + 1) == under_way
        one.keep_answer("k", 201, '{"a":"工"}')
        kept = AnswerKept("k", "d1", 201, '{"a":"工"}', until_s)
        assert other.begin_answer("k", "d1", NOW_S + CLAIM_S * 8, until_s + 1) == kept
        other.keep_answer("k", 500, "")
        other.keep_answer("k", 200, "other")
        assert one.begin_answer("k", "d2", until_s - 1, until_s + 1) == kept
        assert one.begin_answer("k", "d2", until_s, until_s + 500) is None

    def test_a_fault_of_ours_frees_the_key(self, again: Again) -> None:
        """After a 500 the same request is answered anew; an answer nobody began is not kept."""
        desk = again()
        assert desk.begin_answer("k", "d", NOW_S, NOW_S + 9) is None
        desk.keep_answer("k", 500, "oops")
        assert desk.begin_answer("k", "other", NOW_S, NOW_S + 9) is None
        desk.keep_answer("never", 200, "a")
        assert desk.begin_answer("never", "d", NOW_S, NOW_S + 9) is None

    def test_a_dead_claim_is_inherited(self, again: Again) -> None:
        """Long after a claim nobody answered, the next of the same request gets it, once."""
        desk, until_s = again(), NOW_S + 10 * CLAIM_S
        assert desk.begin_answer("k", "d", NOW_S, until_s) is None
        assert desk.begin_answer("k", "d", NOW_S + CLAIM_S, until_s) is not None
        late_s = NOW_S + CLAIM_S + 1
        assert desk.begin_answer("k", "other", late_s, until_s) is not None
        assert again().begin_answer("k", "d", late_s, until_s) is None
        assert desk.begin_answer("k", "d", late_s + 1, until_s) is not None

    def test_pruning_forgets_what_is_over(self, again: Again) -> None:
        """Answers go when their time is over, deliveries long after they were done with; what
        waits never goes."""
        desk = again()
        desk.begin_answer("old", "d", NOW_S, NOW_S + 5)
        desk.begin_answer("new", "d", NOW_S, NOW_S + 6)
        listed(desk, "W1", 1, 2, 3)
        for due_s in (NOW_S, NOW_S + 1):
            (one,) = desk.due(NOW_S, 1)
            desk.answered(replace(one, state="delivered", due_s=due_s))
        assert desk.prune(NOW_S + 5) == 1
        assert again().begin_answer("new", "d", NOW_S + 5, NOW_S + 9) is not None
        assert again().begin_answer("old", "other", NOW_S + 5, NOW_S + DONE_KEPT_S * 2) is None
        assert desk.prune(NOW_S + DONE_KEPT_S) == 2
        assert names(desk.deliveries("W1", 9)) == ["W1.3", "W1.2"]

    def test_of_many_claims_one_answers(self, again: Again) -> None:
        """Eight callers at once on one idempotency key: one answers, seven are told so."""
        desks = [again() for _ in range(8)]
        for turn in range(12):
            name = f"k{turn}"
            calls = [
                lambda desk=desk, name=name: desk.begin_answer(name, "d", NOW_S, NOW_S + 9)
                for desk in desks
            ]
            answers = all_at_once(calls)
            assert answers.count(None) == 1
            assert {one.status for one in answers if one is not None} == {0}

    def test_of_many_heirs_one_inherits(self, again: Again) -> None:
        """Eight callers at once on a claim whose process died: one gets it."""
        desks = [again() for _ in range(8)]
        for turn in range(8):
            name = f"k{turn}"
            desks[0].begin_answer(name, "d", NOW_S - CLAIM_S - 1, NOW_S + 9)
            calls = [
                lambda desk=desk, name=name: desk.begin_answer(name, "d", NOW_S, NOW_S + 9)
                for desk in desks
            ]
            assert all_at_once(calls).count(None) == 1

    def test_of_many_takers_each_delivery_has_one(self, again: Again) -> None:
        """Six deliverers at once share the waiting list without taking anything twice."""
        desks = [again() for _ in range(6)]
        for number in range(30):
            listed(desks[0], f"W{number:02}", 1, 2)
        found = all_at_once([lambda desk=desk: desk.due(NOW_S, 9) for desk in desks])
        taken = [name for some in found for name in names(some)]
        assert len(taken) == len(set(taken)) and set(taken) <= {f"W{n:02}.1" for n in range(30)}
        taken += names(desks[0].due(NOW_S, 99))
        assert sorted(taken) == [f"W{n:02}.1" for n in range(30)]

    def test_of_many_listers_one_is_heard(self, again: Again) -> None:
        """Six that put the same events on the list leave each of them there once."""
        desks = [again() for _ in range(6)]
        desks[0].add_webhook(hook("W1"))
        waiting = tuple(delivery("W1", seq) for seq in (1, 2, 3))
        heard = all_at_once([lambda d=desk: d.put_on_list("W1", 3, waiting) for desk in desks])
        assert sorted(heard) == [False] * 5 + [True]
        assert names(desks[0].deliveries("W1", 9)) == ["W1.3", "W1.2", "W1.1"]

    def test_of_many_that_revoke_one_did(self, again: Again) -> None:
        """Six that revoke one key at once: one is told that it did."""
        desks = [again() for _ in range(6)]
        desks[0].add_key(key("K1"))
        done = all_at_once([lambda d=desk: d.revoke_key("K1", NOW_S) for desk in desks])
        assert sorted(done) == [False] * 5 + [True]
