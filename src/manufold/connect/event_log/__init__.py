"""Event logs of other systems: a shop as it really worked, read into a network and orders.

`read_log` reads a CSV or XES file; `imported` makes of it the network that did the work and the
orders that were made, each assumption listed as a Reason. `network_text` writes the network file
to go on with. What is guessed, mined and left out, and how, stands in `docs/event-log.md`.
"""

from dataclasses import dataclass

from manufold.connect.event_log.operations import done_orders
from manufold.connect.event_log.orders import RealOrder, orders_of
from manufold.connect.event_log.plant import ALTERNATIVES, Alternatives, Estimates, Plant, plant_of
from manufold.connect.event_log.reading import EventLog, LogEvent, read_log
from manufold.connect.event_log.writing import network_text
from manufold.model.errors import InputFault, Reason

__all__ = [
    "ALTERNATIVES",
    "Alternatives",
    "Estimates",
    "EventLog",
    "Imported",
    "LogEvent",
    "Plant",
    "RealOrder",
    "imported",
    "network_text",
    "read_log",
]


@dataclass(frozen=True)
class Imported:
    """A log made into what a schedule needs.

    Args:
        orders: by release.
        assumptions: all that was taken as given, of reading, plant and orders.
    """

    log: EventLog
    plant: Plant
    orders: tuple[RealOrder, ...]
    assumptions: tuple[Reason, ...]


def imported(
    log: EventLog,
    *,
    alternatives: Alternatives = "activity",
    closures: bool = False,
    estimates: Estimates | None = None,
) -> Imported:
    """Return the network and the orders of a log.

    Args:
        alternatives: which machines may do an operation, see `plant.ALTERNATIVES`.
        closures: also close on the days of the log on which nobody worked.
        estimates: of what no log tells.

    Raises:
        InputFault: `log.nothing_worked`, `log.alternatives_unknown`, `units.currency_unknown`.
    """
    done = done_orders(log.events)
    if not done:
        raise InputFault("log.nothing_worked", file=log.name)
    plant = plant_of(log, done, alternatives=alternatives, closures=closures, estimates=estimates)
    orders, assumed = orders_of(log, plant, done)
    return Imported(log, plant, orders, (*log.assumptions, *plant.assumptions, *assumed))
