"""What programs are answered, as pydantic models: for the OpenAPI document and for tests.

Answers are written by `api.wire` and the routes; these models describe them. A test reads every
answer of the API by its model, unknown fields refused, so the document cannot promise otherwise.
"""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from manufold.model.desk import DeliveryState
from manufold.model.execution import JobState, OrderStateName
from manufold.model.party import PartyRole, Role

__all__ = [
    "CommandOut",
    "DeliveriesOut",
    "DeliveryOut",
    "DroppedOut",
    "EventOut",
    "FaultOut",
    "FieldOut",
    "ForgottenOut",
    "FreshKeyOut",
    "FreshWebhookOut",
    "HeadOut",
    "HealthOut",
    "ImproveOut",
    "JobOrderOut",
    "KeyOut",
    "KeyRevokedOut",
    "KeysOut",
    "KpiDefinitionOut",
    "KpiNodeOut",
    "KpiOut",
    "KpisOut",
    "LifeOut",
    "LineOut",
    "MaterialOut",
    "MeOut",
    "MomentOut",
    "NetworkOut",
    "OfferOut",
    "OptionOut",
    "OrderOut",
    "OrdersOut",
    "PassportOut",
    "ProblemOut",
    "ReservationOut",
    "RoundOut",
    "RunOut",
    "ScheduleOut",
    "SiteOut",
    "SlotOut",
    "VerifyOut",
    "VerticalOut",
    "VerticalsOut",
    "WebhookOut",
    "WebhooksOut",
    "WordedOut",
    "WorkUnitOut",
    "ZoneOut",
]

Param = str | int | bool
World = Literal["live", "sim"]


class Out(BaseModel):
    """An answer: closed, like what is asked."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class WordedOut(Out):
    """A reason: its code, its parameters and the sentence in the reader's language."""

    code: str
    params: dict[str, Param]
    text: str


class FaultOut(WordedOut):
    """One of several faults."""

    where: str


class ProblemOut(Out):
    """A refusal, RFC 9457."""

    type: str = Field(description="urn:manufold: and the code.", examples=["urn:manufold:api.busy"])
    title: str
    status: int
    detail: str = Field(description="The sentence, worded by Accept-Language (en, zh).")
    code: str
    params: dict[str, Param]
    branch: str = Field(description="Who must act: see docs/api.md.")
    faults: list[FaultOut]


class LineOut(WordedOut):
    """A line of the price (amount_minor, to) or of the carbon footprint (carbon_g, source)."""

    kind: str
    amount_minor: int | None = None
    to: str | None = None
    carbon_g: int | None = None
    source: dict[str, Any] | None = None


class OptionOut(Out):
    """One way to have it."""

    option_id: str
    name: Literal["fast", "cheap", "green"]
    price_minor: int
    unit_price_minor: int
    currency: str
    promised_at: str = Field(description="The P90 at the buyer's door; this date binds.")
    p50_at: str
    ships_at: str
    carbon_g: int
    sites: list[str]
    lines: list[LineOut]
    reasons: list[WordedOut]


class ReservationOut(Out):
    """The hold on the offer's slots."""

    id: str
    expires_at: str


class OfferOut(Out):
    """An offer, its slots held until it expires."""

    schema_: Literal["manufold/offer_answer/1"] = Field(alias="schema")
    offer_id: str
    quantity: int
    destination: str
    assumptions: list[WordedOut]
    seconds: float
    reservation: ReservationOut
    options: list[OptionOut]


class JobOrderOut(Out):
    """One operation on one work unit."""

    job_order_id: str
    production_order_id: str
    operation: str
    work_unit: str
    site: str
    state: JobState | Literal["held"]
    start_at: str
    end_at: str
    actual_start_at: str | None
    actual_end_at: str | None
    quantity: int
    good: int
    scrap: int


class OrderOut(Out):
    """An order as far as the party may see it, with the four dates apart."""

    schema_: Literal["manufold/order_answer/1"] = Field(alias="schema")
    order_id: str
    offer_id: str
    option_id: str
    party: str
    state: OrderStateName
    quantity: int
    shipped: int
    delivered: int
    destination: str
    price_minor: int
    currency: str
    requested_at: str | None
    promised_at: str
    forecast_at: str | None
    actual_at: str | None
    passport_id: str
    job_orders: list[JobOrderOut]


class OrdersOut(Out):
    """A page of orders, oldest first."""

    orders: list[OrderOut]
    next: str | None = Field(description="Pass it as `after` for the next page; null at the end.")


class ForgottenOut(Out):
    """Whether there were files to delete."""

    order_id: str
    deleted: bool


class PassportOut(BaseModel):
    """A passport: contracts/passport.schema.json."""

    model_config = ConfigDict(extra="allow")
    type: Literal["passport"]
    version: Literal[1]
    passport_id: str
    world: World
    order_id: str


class MomentOut(Out):
    """Something that happened to an order."""

    seq: int = Field(description="Its place in the log; the id of the server-sent event.")
    at: str
    kind: str
    code: str
    params: dict[str, Param]
    text: str
    job_order_id: str
    site: str
    world: World


class LifeOut(Out):
    """What happened to an order, oldest first, a thousand moments at most."""

    order_id: str
    world: World
    moments: list[MomentOut]


class EventOut(Out):
    """An event that a command led to."""

    seq: int
    kind: str
    at_s: int


class CommandOut(Out):
    """What a command led to; nothing new when it was said before."""

    command_id: str
    said_before: bool
    events: list[EventOut]


class SlotOut(Out):
    """One row of a dispatch list, in the time of its site."""

    work_unit: str
    seat: int
    site: str
    start_at: str
    end_at: str
    setup_s: int
    operation: str
    quantity: int
    holder: str


class ScheduleOut(Out):
    """The slots of the next days at the party's sites."""

    schema_: Literal["manufold/schedule_answer/1"] = Field(alias="schema")
    world: World
    slots: list[SlotOut]


class ImproveOut(Out):
    """What bettering the schedule gained."""

    moved_orders: int
    moved_slots: int = 0
    rounds: int = 0
    refused: str | None = Field(None, description="Why nothing moved: somebody booked meanwhile.")
    before: dict[str, int] | None = None
    after: dict[str, int] | None = None


class RoundOut(Out):
    """What a planner's round did, of the orders the party sees."""

    at: str
    moved: list[str]
    made_again: list[str]


class RunOut(Out):
    """How the run of a simulated world is going."""

    running: bool
    world: World
    now: str
    share: float = Field(ge=0, le=1)
    events: int
    error: WordedOut | None


class SiteOut(Out):
    """A plant."""

    site_id: str
    name: str
    party: str
    country: str
    zone: str = Field(description="Time zone.")


class WorkUnitOut(Out):
    """A machine."""

    work_unit: str
    name: str
    site: str
    seats: int
    capabilities: list[str]


class ZoneOut(Out):
    """Where goods are delivered to."""

    zone_id: str
    name: str
    country: str
    zone: str = Field(description="Time zone.")


class MaterialOut(Out):
    """What things are made of."""

    material_id: str
    name: str


class NetworkOut(Out):
    """The network as far as the party may see it."""

    name: str
    revision: str
    world: World
    currency: str
    sites: list[SiteOut]
    work_units: list[WorkUnitOut] = Field(description="Of the party's own sites.")
    delivery_zones: list[ZoneOut]
    materials: list[MaterialOut]


class FieldOut(Out):
    """A value that may be given by hand."""

    name: str
    label: str
    kind: Literal["number", "choice", "text"]
    to: Literal["file", "parameter"]
    example: str
    least: int | None
    most: int | None
    choices: list[str]
    required: bool


class VerticalOut(Out):
    """A trade: what it reads."""

    name: str
    level: Literal["bronze", "silver", "gold"]
    suffixes: list[str]
    by_hand: bool
    fields: list[FieldOut]


class VerticalsOut(Out):
    """The trades of this server."""

    verticals: list[VerticalOut]


class HeadOut(Out):
    """The newest event."""

    seq: int
    hash: str


class VerifyOut(Out):
    """What was checked when everything stands."""

    schema_: Literal["manufold/verify_answer/1"] = Field(alias="schema")
    world: World
    events: int
    heads: int
    passports: int
    head: HeadOut


class HealthOut(Out):
    """Whether the server is ready."""

    ready: bool
    world: World
    version: str
    seq: int = Field(description="Of the newest event.")
    now: str = Field(description="The world's clock.")


class MeOut(Out):
    """Who the key says you are."""

    party: str
    name: str
    role: Role
    party_roles: list[PartyRole]
    world: World


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


class KpiOut(Out):
    """A figure with what it was made of."""

    id: str
    value: float | None
    numerator: float | None
    denominator: float | None
    low: float | None
    high: float | None
    reason: WordedOut


class KpiNodeOut(Out):
    """Figures of one place in the hierarchy of equipment."""

    level: Literal["all", "site", "work_center", "work_unit"]
    id: str
    name: str
    parent: str
    elements: dict[str, float | None]
    kpis: list[KpiOut]
    notes: list[WordedOut]


class KpiDefinitionOut(Out):
    """What a figure means."""

    id: str
    name: str
    unit: str
    formula: str
    source: str


class KpisOut(Out):
    """Key performance indicators: contracts/kpi_answer.schema.json."""

    schema_: Literal["manufold/kpi_answer/1"] = Field(alias="schema")
    world: World
    from_: str = Field(alias="from")
    to: str
    sites: list[str]
    notes: list[WordedOut]
    definitions: list[KpiDefinitionOut]
    nodes: list[KpiNodeOut]
    orders: list[KpiOut]
