"""What shops say and what is remembered: the closed lists of commands and of events.

Real shops and the twin speak through the same commands. `execution.decide` answers a command with
events or refuses it; `execution.fold` turns events into the states below, and nothing else does.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, get_args

from manufold.model.errors import InputFault
from manufold.model.schedule import Claim

__all__ = [
    "COMMANDS",
    "EVENTS",
    "JOB_STATES",
    "JOB_TRANSITIONS",
    "ORDER_STATES",
    "ORDER_TRANSITIONS",
    "Command",
    "CommandKind",
    "JobOrder",
    "JobState",
    "OrderState",
    "UnitState",
]

CommandKind = Literal[
    "setup_start",
    "setup_end",
    "start",
    "pause",
    "resume",
    "finish",
    "measure",
    "energy",
    "issue_material",
    "move",
    "ship",
    "receive",
    "breakdown",
    "repaired",
    "hold",
    "release",
    "cancel",
    "amend",
    "revise_promise",
    "claim",
    "return",
]
COMMANDS: tuple[str, ...] = get_args(CommandKind)

#: event -> the version of its shape written today
EVENTS: Mapping[str, int] = {
    "NetworkLoaded": 1,
    "OfferMade": 1,
    "OfferExtended": 1,
    "OfferReleased": 1,
    "OrderAccepted": 1,
    "OrderAmended": 1,
    "OrderCancelled": 1,
    "SlotsMoved": 1,
    "SetupStarted": 1,
    "SetupEnded": 1,
    "RunStarted": 1,
    "Paused": 1,
    "Resumed": 1,
    "Finished": 1,
    "Measured": 1,
    "NonconformanceRaised": 1,
    "EnergyRead": 1,
    "MaterialIssued": 1,
    "Moved": 1,
    "Shipped": 1,
    "Received": 1,
    "BrokeDown": 1,
    "Repaired": 1,
    "OutageTold": 1,
    "Held": 1,
    "Released": 1,
    "JobCancelled": 1,
    "RemakePlanned": 1,
    "PromiseRevised": 1,
    "PassportIssued": 1,
    "ClaimMade": 1,
    "GoodsReturned": 1,
    "PersonalDataDeleted": 1,
}

JobState = Literal[
    "planned",
    "setting_up",
    "setup_paused",
    "set_up",
    "running",
    "paused",
    "finished",
    "cancelled",
]
JOB_STATES: tuple[str, ...] = get_args(JobState)

#: (state, event) -> state of a job order; anything else is refused. `Finished` moves on only
#: when it says `complete`; a report of some pieces leaves a job order running.
JOB_TRANSITIONS: Mapping[tuple[str, str], JobState] = {
    ("planned", "SetupStarted"): "setting_up",
    ("setting_up", "SetupEnded"): "set_up",
    ("planned", "RunStarted"): "running",
    ("set_up", "RunStarted"): "running",
    ("running", "Paused"): "paused",
    ("setting_up", "Paused"): "setup_paused",
    ("setup_paused", "Resumed"): "setting_up",
    ("paused", "Resumed"): "running",
    ("running", "Finished"): "finished",
    ("planned", "JobCancelled"): "cancelled",
    ("setting_up", "JobCancelled"): "cancelled",
    ("setup_paused", "JobCancelled"): "cancelled",
    ("set_up", "JobCancelled"): "cancelled",
    ("running", "JobCancelled"): "cancelled",
    ("paused", "JobCancelled"): "cancelled",
}

OrderStateName = Literal[
    "accepted",
    "in_production",
    "ready_to_ship",
    "partially_shipped",
    "shipped",
    "partially_delivered",
    "delivered",
    "cancelled",
    "claimed",
    "returned",
]
ORDER_STATES: tuple[str, ...] = get_args(OrderStateName)

#: state -> the states it can go to; drawn in contracts/order_states.md
ORDER_TRANSITIONS: Mapping[str, tuple[str, ...]] = {
    "accepted": ("in_production", "cancelled"),
    "in_production": ("ready_to_ship", "partially_shipped", "cancelled"),
    "ready_to_ship": ("shipped", "partially_shipped", "cancelled"),
    "partially_shipped": ("shipped", "partially_delivered", "cancelled"),
    "shipped": ("delivered", "partially_delivered"),
    "partially_delivered": ("delivered", "shipped", "cancelled", "claimed"),
    "delivered": ("claimed",),
    "claimed": ("returned", "delivered", "partially_delivered", "in_production"),
    "cancelled": (),
    "returned": ("in_production", "claimed", "delivered"),
}


@dataclass(frozen=True, slots=True)
class Command:
    """Something a shop, a machine, a buyer or the twin says has happened or shall happen.

    Args:
        command_id: unique; the same command said twice is done once.
        kind: of the closed list.
        at_s: when it happened, world time.
        by: "party/role" of the actor.
        order_id: the order concerned; "" for breakdown and repaired.
        job_order_id: the job order concerned, where one is.
        resource_id: the work unit it happened on, where one is.
        data: what the kind needs, see contracts/command.schema.json.
    """

    command_id: str
    kind: CommandKind
    at_s: int
    by: str
    order_id: str = ""
    job_order_id: str = ""
    resource_id: str = ""
    data: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.kind not in COMMANDS:
            raise InputFault("execution.command_unknown", kind=str(self.kind)[:80])


@dataclass(frozen=True, slots=True)
class JobOrder:
    """One operation of one production order on one work unit, planned and actual.

    Args:
        after: job orders (their ids) that must be finished before this one runs.
        quantity_in: pieces to work on: what was started, or what came good from before.
        start_s, setup_s, end_s: its slot as scheduled now.
        held: why it must not go on; "" when nothing holds it.
        actual_start_s: when set-up or run really began.
        actual_end_s: when it really finished.
        good, scrap, rework: pieces reported; rework is still in process.
        needs_setup: False where the standard set-up is nothing.
        agreed_s: start agreed upon before trouble on the floor put it off, None = `start_s`.
        last_at_s: of its own last event; nothing about it may be reported earlier.
        setup_spells, run_spells: closed stretches [from_s, to_s) of set-up and of run, calendar
            breaks included, pauses left out.
        spell_from_s: start of the stretch going on now, None when nothing goes on.
        moved: site -> good pieces that arrived there.
        open_faults: (piece, characteristic) out of limits and not yet decided upon.
        energy_wh: reported so far.
        also: what its slot holds beside the seat, as scheduled now.
    """

    job_order_id: str
    production_order_id: str
    operation_id: str
    after: tuple[str, ...]
    resource_id: str
    seat: int
    site_id: str
    start_s: int
    setup_s: int
    end_s: int
    quantity_in: int
    needs_setup: bool = True
    state: JobState = "planned"
    held: str = ""
    actual_start_s: int | None = None
    actual_end_s: int | None = None
    good: int = 0
    scrap: int = 0
    rework: int = 0
    agreed_s: int | None = None
    last_at_s: int = 0
    setup_spells: tuple[tuple[int, int], ...] = ()
    run_spells: tuple[tuple[int, int], ...] = ()
    spell_from_s: int | None = None
    moved: Mapping[str, int] = field(default_factory=dict)
    open_faults: tuple[tuple[int, str], ...] = ()
    energy_wh: int = 0
    also: tuple[Claim, ...] = ()


@dataclass(frozen=True, slots=True)
class OrderState:
    """An order as folded from its events; what `decide` looks at.

    Args:
        quantity: good pieces ordered.
        under_tolerance, over_tolerance: pieces a delivery may fall short or exceed.
        production_orders: production_order_id -> pieces started (a remake is another one).
        promised_at_s, forecast_at_s, actual_at_s, requested_at_s: the four dates, at the door.
        shipped, delivered, returned: good pieces so far.
        ready_s: operation -> when its material is there; absent = at once.
        stream_version: of its stream, for optimistic appends.
        claims, claims_returned: claim -> pieces claimed, and how many of them came back; a claimed
            piece is owed again.
        shipped_from: site -> pieces shipped.
        shipped_at_s: of the latest shipment.
        last_at_s: the latest world time of its events.
    """

    order_id: str
    offer_id: str
    option_id: str
    party_id: str
    plan_digest: str
    design_revision: str
    quantity: int
    zone_id: str
    price_minor: int
    currency: str
    state: OrderStateName
    production_orders: Mapping[str, int]
    jobs: Mapping[str, JobOrder]
    promised_at_s: int
    requested_at_s: int | None = None
    forecast_at_s: int | None = None
    actual_at_s: int | None = None
    due_s: int = 0
    under_tolerance: int = 0
    over_tolerance: int = 0
    shipped: int = 0
    delivered: int = 0
    returned: int = 0
    accepted_at_s: int = 0
    passport_id: str = ""
    ready_s: Mapping[str, int] = field(default_factory=dict)
    stream_version: int = 0
    claims: Mapping[str, int] = field(default_factory=dict)
    claims_returned: Mapping[str, int] = field(default_factory=dict)
    shipped_from: Mapping[str, int] = field(default_factory=dict)
    shipped_at_s: int | None = None
    last_at_s: int = 0


@dataclass(frozen=True, slots=True)
class UnitState:
    """A work unit as folded: down or up, and which job order each seat is busy with.

    Args:
        busy: seat (as text) -> the job order on it, from set-up until complete or cancelled; a
            paused one keeps its seat.
        told: stretches [from_s, to_s) in which it will do nothing, as a planner told; of an
            operator, the only thing known.
    """

    resource_id: str
    down_since_s: int | None = None
    busy: Mapping[str, str] = field(default_factory=dict)
    told: tuple[tuple[int, int], ...] = ()


def decimal_of(value: object) -> Decimal:
    """Return a number of command data as an exact decimal.

    Raises:
        InputFault: `execution.number_malformed`.
    """
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        raise InputFault("execution.number_malformed", found=str(value)[:80])
    return Decimal(value)
