"""What the desk answers programs: keys, webhooks and how their deliveries went."""

from pydantic import Field

from manufold.api.answers import Out, World
from manufold.model.desk import DeliveryState
from manufold.model.party import Role

__all__ = [
    "DeliveriesOut",
    "DeliveryOut",
    "DroppedOut",
    "FreshKeyOut",
    "FreshWebhookOut",
    "KeyOut",
    "KeyRevokedOut",
    "KeysOut",
    "WebhookOut",
    "WebhooksOut",
]


class KeyOut(Out):
    """A key, without its secret."""

    key_id: str
    party: str
    role: Role
    note: str
    made_at: str
    revoked_at: str | None


class FreshKeyOut(Out):
    """A fresh key; the only answer that shows it."""

    key: str | None = Field(description="Null where an idempotency key replays the answer.")
    key_id: str
    party: str
    role: Role
    note: str
    world: World


class KeysOut(Out):
    """Keys, oldest first."""

    keys: list[KeyOut]


class KeyRevokedOut(Out):
    """Whether the key was valid until now."""

    key_id: str
    revoked: bool


class WebhookOut(Out):
    """Where a party is told what happens to its orders."""

    webhook_id: str
    party: str
    role: Role
    url: str
    kinds: list[str]
    made_at: str


class FreshWebhookOut(WebhookOut):
    """A fresh webhook; the only answer that shows its secret."""

    secret: str | None = Field(description="Null where an idempotency key replays the answer.")


class WebhooksOut(Out):
    """Webhooks, oldest first."""

    webhooks: list[WebhookOut]


class DroppedOut(Out):
    """The webhook is forgotten."""

    webhook_id: str
    dropped: bool


class DeliveryOut(Out):
    """How the delivery of one event went."""

    delivery_id: str
    seq: int
    state: DeliveryState
    tries: int
    due_at: str
    answer: str


class DeliveriesOut(Out):
    """Deliveries, newest first."""

    webhook_id: str
    deliveries: list[DeliveryOut]
