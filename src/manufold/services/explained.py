"""Explained: why this date, why this site, why late, and what a day earlier would cost."""

from dataclasses import dataclass

from manufold.model.errors import Reason

__all__ = ["Explained", "OtherWay"]


@dataclass(frozen=True, slots=True)
class OtherWay:
    """Another way to have it, and what made it lose.

    Args:
        process_plan_id, process: how it would be made.
        sites: where, in the order the goods pass them.
        promised_at_s, price_minor, carbon_g: its three numbers, None where it cannot be done.
        lost: why it was not chosen.
    """

    process_plan_id: str
    process: str
    sites: tuple[str, ...]
    promised_at_s: int | None
    price_minor: int | None
    carbon_g: int | None
    lost: Reason


@dataclass(frozen=True, slots=True)
class Explained:
    """An option of an offer or an order, explained to whoever may see it.

    Args:
        order_id: "" for an option of an offer.
        offer_id, option: "" where the actor does not see them.
        zone: IANA zone of its dates.
        currency: of prices.
        promised_at_s: the date that binds, at the door, or at the gate of a supplier.
        forecast_at_s: when an order is expected there now, None for an offer or where unknown.
        standing: "held" for an offer, else how the order stands against its promise.
        date: why it stands where it stands: what binds first, what an extra shift there would
            save, then every wait along the critical path in the order of time.
        promise: why the promised date was what it was when the offer was made.
        sites: where it is made.
        others: other ways to have it, the one that loses least first.
        late: why it is late or at risk; empty when it is neither.
        history: what happened so far: promised and actual, what took longer; empty for an offer,
            and where nothing is done yet.
        whole: whether all of it is the actor's to see; a supplier is told of its own sites only.
        sooner: what would bring it forward, the greatest gain first.
        day_earlier: the cheapest of them that gains a day, or why there is none; None for whoever
            sees no prices.
    """

    offer_id: str
    order_id: str
    option: str
    zone: str
    currency: str
    promised_at_s: int
    forecast_at_s: int | None
    standing: str
    date: tuple[Reason, ...]
    promise: tuple[Reason, ...]
    sites: tuple[str, ...]
    others: tuple[OtherWay, ...]
    late: tuple[Reason, ...]
    sooner: tuple[Reason, ...]
    day_earlier: Reason | None
    history: tuple[Reason, ...] = ()
    whole: bool = True
