"""What programs are answered, as pydantic models: for the OpenAPI document and for tests.

Answers are written by `api.wire` and the routes; these models describe them. A test reads every
answer of the API by its model, unknown fields refused, so the document cannot promise otherwise.
"""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from manufold.model.execution import JobState, OrderStateName

__all__ = [
    "CommandOut",
    "EventOut",
    "ExplainOut",
    "FaultOut",
    "ForgottenOut",
    "GapOut",
    "ImproveOut",
    "JobOrderOut",
    "LifeOut",
    "LineOut",
    "MissedOut",
    "MomentOut",
    "OfferForgottenOut",
    "OfferOut",
    "OfferReleasedOut",
    "OptionOut",
    "OrderOut",
    "OrdersOut",
    "OtherWayOut",
    "Out",
    "PassportOut",
    "ProblemOut",
    "ReservationOut",
    "RoundOut",
    "ScheduleOut",
    "SlotOut",
    "WordedOut",
    "World",
    "WorthOut",
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


class OtherWayOut(Out):
    """Another way to have it, and what made it lose."""

    process_plan_id: str
    process: str
    sites: list[str]
    site_names: list[str]
    promised_at: str | None = Field(description="Null where it cannot be made so.")
    price_minor: int | None
    carbon_g: int | None
    lost: WordedOut


class ExplainOut(Out):
    """Why this date, why this site, why late, and what a day earlier would cost."""

    schema_: Literal["manufold/explain_answer/1"] = Field(alias="schema")
    offer_id: str | None
    order_id: str | None
    option: Literal["fast", "cheap", "green"] | None
    currency: str
    promised_at: str
    forecast_at: str | None
    standing: Literal["held", "on_time", "at_risk", "late", "done", "cancelled"]
    date: list[WordedOut] = Field(description="What binds first, then the waits in time order.")
    promise: list[WordedOut]
    sites: list[str]
    others: list[OtherWayOut]
    late: list[WordedOut]
    history: list[WordedOut] = Field(
        description="What happened so far; empty where nothing is done yet."
    )
    sooner: list[WordedOut] = Field(description="The greatest gain first.")
    day_earlier: WordedOut | None


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


class ClaimOut(Out):
    """Delivered pieces that were claimed."""

    claim_id: str = Field(description="To send pieces back by.")
    quantity: int
    returned: int = Field(description="Of them, pieces that were sent back.")


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
    claims: list[ClaimOut]
    job_orders: list[JobOrderOut]


class OrdersOut(Out):
    """A page of orders, oldest first."""

    orders: list[OrderOut]
    next: str | None = Field(description="Pass it as `after` for the next page; null at the end.")


class OfferForgottenOut(Out):
    """Whether there was anything to delete."""

    offer_id: str
    deleted: bool


class OfferReleasedOut(Out):
    """That an offer holds nothing any more."""

    offer_id: str
    released: Literal[True]


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
    held: bool


class ScheduleOut(Out):
    """The slots of the next days at the party's sites."""

    schema_: Literal["manufold/schedule_answer/1"] = Field(alias="schema")
    world: World
    slots: list[SlotOut]


class WorthOut(Out):
    """What a schedule is worth, part by part: less is better."""

    tardiness_s: int = Field(description="Seconds behind promises, weighted; they come first.")
    weighed_minor: int = Field(description="All that follows, weighed, in the network's money.")
    flow_s: int
    setup_s: int
    changeover_minor: int
    energy_minor: int
    carbon_g: int


class GapOut(Out):
    """How far above the bound a schedule is."""

    tardiness_s: int
    weighed_fraction: float = Field(description="Of all but tardiness; 0 = no schedule has less.")


class MissedOut(Out):
    """A promise that is not kept."""

    order_id: str
    holder: str = Field(description="The production order.")
    late_s: int
    cannot_hold: bool = Field(description="Proven: no schedule keeps it.")
    why: WordedOut


class ImproveOut(Out):
    """What bettering the schedule gained."""

    moved_orders: int
    moved_slots: int
    refused: str | None = Field(None, description="Why nothing moved: somebody booked meanwhile.")
    dry_run: bool
    rounds: int
    better: int = Field(description="Rounds that were better.")
    seconds: float
    ready_seconds: float = Field(description="Compiling and starting workers took before that.")
    workers: int
    on: Literal["here", "pool", "ray"] = Field(description="Where they searched.")
    lost: list[WordedOut] = Field(description="What happened to workers that did not answer.")
    rounds_per_s: float
    seed: int
    before: WorthOut
    after: WorthOut
    bound: WorthOut = Field(description="No schedule is below it, in any part.")
    gap: GapOut
    missed: list[MissedOut]
    why: WordedOut = Field(description="How the search ended.")


class RoundOut(Out):
    """What a planner's round did, of the orders the party sees."""

    at: str
    moved: list[str]
    made_again: list[str]
