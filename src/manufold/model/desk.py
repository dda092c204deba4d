"""What the desk remembers beside the log: keys, webhooks and their deliveries, kept answers.

None of it is a fact of manufacturing, so none of it is in the chain. It lives in the store's own
database, is shared by every process on it, and says nothing that a thief of a copy could use: keys
are kept as digests.
"""

from dataclasses import dataclass
from typing import Literal, Protocol

from manufold.model.party import Role

__all__ = [
    "CLAIM_S",
    "DONE_KEPT_S",
    "TAKEN_S",
    "AnswerKept",
    "ApiKey",
    "Delivery",
    "DeliveryState",
    "Desk",
    "Webhook",
]

#: a request is answered in far less than that, or its process is gone
CLAIM_S = 120
#: a try of a delivery ends in far less than that
TAKEN_S = 60
#: long enough to look into what a receiver missed over a holiday
DONE_KEPT_S = 30 * 86_400

DeliveryState = Literal["waiting", "delivered", "given_up"]


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key of a party in a role; the secret itself is nowhere.

    Args:
        key_id: public part of the key; it need not be unguessable.
        digest: SHA-256 of the secret part (256 random bits, so no salt and no stretching), hex.
        note: what its owner calls it.
        made_at_s: real time, as every instant on the desk, also in a simulated world.
    """

    key_id: str
    digest: str
    party_id: str
    role: Role
    note: str
    made_at_s: int
    revoked_at_s: int | None = None


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where a party wants to be told what happens to its orders.

    Args:
        secret: signs each delivery, HMAC-SHA-256; the receiver knows it too, so it is kept as is.
        kinds: events wanted, empty = all.
        after_seq: events up to this place in the log were put on the waiting list already.
    """

    webhook_id: str
    party_id: str
    role: Role
    url: str
    secret: str
    kinds: tuple[str, ...]
    made_at_s: int
    after_seq: int


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event for one webhook: what is sent, how often it was tried, when it is tried next.

    Args:
        body: the exact bytes that are signed, as text.
        due_s: not before; once it is delivered or given up, since when.
        answer: what the receiver last said, in a few words.
    """

    delivery_id: str
    webhook_id: str
    seq: int
    body: str
    state: DeliveryState
    tries: int
    due_s: int
    answer: str = ""


@dataclass(frozen=True, slots=True)
class AnswerKept:
    """An answer given to a request with an idempotency key.

    Args:
        digest: of method, path and body; another one under the same key is a conflict.
        status: HTTP status, 0 while the first request is still being answered.
        body: the answer, as text.
        kept_until_s: real time; afterwards the key is free again.
    """

    key: str
    digest: str
    status: int
    body: str
    kept_until_s: int


class Desk(Protocol):
    """Keys, webhooks, deliveries and kept answers, durable and shared by all processes."""

    def add_key(self, key: ApiKey) -> None:
        """Keep a key.

        Raises:
            Conflict: `desk.key_exists`.
        """

    def key(self, key_id: str) -> ApiKey | None:
        """Return a key, revoked or not."""

    def keys(self, party_id: str | None = None) -> tuple[ApiKey, ...]:
        """Return the keys of a party, or all, oldest first."""

    def revoke_key(self, key_id: str, at_s: int) -> bool:
        """Revoke a key for good; True when it was valid until now."""

    def add_webhook(self, webhook: Webhook) -> None:
        """Keep a webhook.

        Raises:
            Conflict: `desk.webhook_exists`.
        """

    def webhook(self, webhook_id: str) -> Webhook | None:
        """Return a webhook."""

    def webhooks(self, party_id: str | None = None) -> tuple[Webhook, ...]:
        """Return the webhooks of a party, or all, oldest first."""

    def drop_webhook(self, webhook_id: str) -> bool:
        """Forget a webhook and all its deliveries; True when there was one."""

    def put_on_list(
        self, webhook_id: str, after_seq: int, deliveries: tuple[Delivery, ...]
    ) -> bool:
        """Add deliveries and move the webhook's place in the log, both or neither.

        Returns:
            False when the webhook is gone or already stands at or beyond `after_seq`: another
            process was first.
        """

    def due(self, now_s: int, limit: int) -> tuple[Delivery, ...]:
        """Take up to `limit` waiting deliveries that are due, earliest first.

        Of each webhook only the first that waits can be taken, so a later event never overtakes an
        earlier one. What is taken is put off by `TAKEN_S`, so that no other process takes it
        meanwhile, and comes back by itself when whoever took it dies.
        """

    def answered(self, delivery: Delivery) -> bool:
        """Keep the outcome of a try; True unless the delivery is unknown or no longer waits."""

    def give_up(self, webhook_id: str, now_s: int, answer: str) -> int:
        """Give up all that waits for a webhook; return how many."""

    def deliveries(self, webhook_id: str, limit: int) -> tuple[Delivery, ...]:
        """Return the newest deliveries of a webhook, newest first."""

    def begin_answer(self, key: str, digest: str, now_s: int, until_s: int) -> AnswerKept | None:
        """Claim an idempotency key; None when it is the caller's to answer now, else what is kept.

        A claim without an answer that is older than `CLAIM_S` belonged to a process that died; it
        goes to the next one who asks with the same digest.
        """

    def keep_answer(self, key: str, status: int, body: str) -> None:
        """Keep the answer of a claimed key; a status of 500 or more frees the key instead.

        The first answer stands: a key that has one, or that nobody claimed, stays as it is.
        """

    def prune(self, now_s: int) -> int:
        """Forget answers kept long enough, and deliveries `DONE_KEPT_S` after they were done with.

        Returns:
            How many were forgotten.
        """

    def close(self) -> None:
        """Release connections; idempotent."""
