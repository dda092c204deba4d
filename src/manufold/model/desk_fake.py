"""A desk in memory: every promise of `model.desk` except that it outlives the process."""

from dataclasses import replace
from threading import RLock

from manufold.model.desk import (
    CLAIM_S,
    DONE_KEPT_S,
    TAKEN_S,
    AnswerKept,
    ApiKey,
    Delivery,
    Webhook,
)
from manufold.model.errors import Conflict

__all__ = ["MemoryDesk"]


class MemoryDesk:
    """A `Desk` in dicts, one lock around each verb; plain, so that it can judge the real one."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._keys: dict[str, ApiKey] = {}
        self._webhooks: dict[str, Webhook] = {}
        self._deliveries: dict[str, Delivery] = {}
        self._answers: dict[str, AnswerKept] = {}
        self._claimed_at_s: dict[str, int] = {}

    def add_key(self, key: ApiKey) -> None:
        """Keep a key.

        Raises:
            Conflict: `desk.key_exists`.
        """
        with self._lock:
            if key.key_id in self._keys:
                raise Conflict("desk.key_exists", key=key.key_id)
            self._keys[key.key_id] = key

    def key(self, key_id: str) -> ApiKey | None:
        """Return a key, revoked or not."""
        return self._keys.get(key_id)

    def keys(self, party_id: str | None = None) -> tuple[ApiKey, ...]:
        """Return the keys of a party, or all, oldest first."""
        with self._lock:
            found = [k for k in self._keys.values() if party_id in (None, k.party_id)]
        return tuple(sorted(found, key=lambda k: (k.made_at_s, k.key_id)))

    def revoke_key(self, key_id: str, at_s: int) -> bool:
        """Revoke a key for good; True when it was valid until now."""
        with self._lock:
            key = self._keys.get(key_id)
            if key is None or key.revoked_at_s is not None:
                return False
            self._keys[key_id] = replace(key, revoked_at_s=at_s)
            return True

    def add_webhook(self, webhook: Webhook) -> None:
        """Keep a webhook.

        Raises:
            Conflict: `desk.webhook_exists`.
        """
        with self._lock:
            if webhook.webhook_id in self._webhooks:
                raise Conflict("desk.webhook_exists", webhook=webhook.webhook_id)
            self._webhooks[webhook.webhook_id] = webhook

    def webhook(self, webhook_id: str) -> Webhook | None:
        """Return a webhook."""
        return self._webhooks.get(webhook_id)

    def webhooks(self, party_id: str | None = None) -> tuple[Webhook, ...]:
        """Return the webhooks of a party, or all, oldest first."""
        with self._lock:
            found = [w for w in self._webhooks.values() if party_id in (None, w.party_id)]
        return tuple(sorted(found, key=lambda w: (w.made_at_s, w.webhook_id)))

    def drop_webhook(self, webhook_id: str) -> bool:
        """Forget a webhook and all its deliveries; True when there was one."""
        with self._lock:
            if self._webhooks.pop(webhook_id, None) is None:
                return False
            for delivery in self._of(webhook_id):
                del self._deliveries[delivery.delivery_id]
            return True

    def put_on_list(
        self, webhook_id: str, after_seq: int, deliveries: tuple[Delivery, ...]
    ) -> bool:
        """Add deliveries and move the webhook's place in the log, both or neither."""
        with self._lock:
            webhook = self._webhooks.get(webhook_id)
            if webhook is None or webhook.after_seq >= after_seq:
                return False
            self._webhooks[webhook_id] = replace(webhook, after_seq=after_seq)
            self._deliveries.update({one.delivery_id: one for one in deliveries})
            return True

    def due(self, now_s: int, limit: int) -> tuple[Delivery, ...]:
        """Take up to `limit` waiting deliveries that are due, of each webhook the first."""
        with self._lock:
            first: dict[str, Delivery] = {}
            for one in self._deliveries.values():
                if one.state == "waiting":
                    other = first.setdefault(one.webhook_id, one)
                    first[one.webhook_id] = min(one, other, key=lambda d: d.seq)
            ready = [one for one in first.values() if one.due_s <= now_s]
            ready.sort(key=lambda one: (one.due_s, one.seq, one.webhook_id))
            taken = [replace(one, due_s=now_s + TAKEN_S) for one in ready[: max(limit, 0)]]
            self._deliveries.update({one.delivery_id: one for one in taken})
            return tuple(taken)

    def answered(self, delivery: Delivery) -> bool:
        """Keep the outcome of a try; True unless the delivery is unknown or no longer waits."""
        with self._lock:
            kept = self._deliveries.get(delivery.delivery_id)
            if kept is None or kept.state != "waiting":
                return False
            self._deliveries[delivery.delivery_id] = replace(
                kept,
                state=delivery.state,
                tries=delivery.tries,
                due_s=delivery.due_s,
                answer=delivery.answer,
            )
            return True

    def give_up(self, webhook_id: str, now_s: int, answer: str) -> int:
        """Give up all that waits for a webhook; return how many."""
        with self._lock:
            waiting = [one for one in self._of(webhook_id) if one.state == "waiting"]
            for one in waiting:
                given_up = replace(one, state="given_up", due_s=now_s, answer=answer)
                self._deliveries[one.delivery_id] = given_up
            return len(waiting)

    def deliveries(self, webhook_id: str, limit: int) -> tuple[Delivery, ...]:
        """Return the newest deliveries of a webhook, newest first."""
        with self._lock:
            found = sorted(self._of(webhook_id), key=lambda one: -one.seq)
        return tuple(found[: max(limit, 0)])

    def begin_answer(self, key: str, digest: str, now_s: int, until_s: int) -> AnswerKept | None:
        """Claim an idempotency key; None when it is the caller's to answer now."""
        with self._lock:
            kept = self._answers.get(key)
            if kept is not None and kept.kept_until_s > now_s:
                abandoned = kept.status == 0 and self._claimed_at_s[key] < now_s - CLAIM_S
                if not (abandoned and kept.digest == digest):
                    return kept
            self._answers[key] = AnswerKept(key, digest, 0, "", until_s)
            self._claimed_at_s[key] = now_s
            return None

    def keep_answer(self, key: str, status: int, body: str) -> None:
        """Keep the answer of a claimed key; a status of 500 or more frees the key instead."""
        with self._lock:
            kept = self._answers.get(key)
            if kept is None or kept.status != 0:
                return
            if status >= 500:
                del self._answers[key]
            else:
                self._answers[key] = replace(kept, status=status, body=body)

    def prune(self, now_s: int) -> int:
        """Forget answers kept long enough, and deliveries done with long ago."""
        with self._lock:
            stale = [name for name, one in self._answers.items() if one.kept_until_s <= now_s]
            done = [
                one.delivery_id
                for one in self._deliveries.values()
                if one.state != "waiting" and one.due_s <= now_s - DONE_KEPT_S
            ]
            for name in stale:
                del self._answers[name]
            for name in done:
                del self._deliveries[name]
            return len(stale) + len(done)

    def close(self) -> None:
        """Nothing to release."""

    def _of(self, webhook_id: str) -> list[Delivery]:
        return [one for one in self._deliveries.values() if one.webhook_id == webhook_id]
