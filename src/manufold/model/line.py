"""A line of stations that makes orders of one piece each, every order after its own manner.

Stations stand along a loop that carries pieces one way round. A station is of one machine class and
has so many places for carriers, the one in work included. An operator tends one or several of them,
walks between them, and has a pace for every skill. A step whose work differs from what the same
operator last did at the same step costs a style change: it takes longer, and less so with every
repetition.

Units   whole seconds on the engine's axis; standard times in milliseconds; paces and extras in
        thousandths, so that a span is the same number wherever it is worked out.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from manufold.model.calendar import WorkCalendar
from manufold.model.errors import InputFault

__all__ = ["Line", "LineOperator", "LineOrder", "LineSlot", "Station", "Step", "span_s"]

#: the pace of somebody who needs exactly the standard time
STANDARD_PERMILLE = 1000
PACE_MOST_PERMILLE = 5000
STEPS_MOST = 500


def span_s(standard_ms: int, pace_permille: int, extra_permille: int = 0) -> int:
    """Return the working seconds of a step: standard time over pace, and what a change adds."""
    return max(1, -(-standard_ms * (1000 + extra_permille) // (1000 * pace_permille)))


@dataclass(frozen=True, slots=True)
class Station:
    """A place of the line with one machine.

    Args:
        machine: its class; steps ask for one.
        at_s: where it stands: seconds of travel from the entrance of the loop.
        places: carriers it holds at most, waiting or in work.
        attachments: what is fitted to it beside the bare machine.
    """

    station_id: str
    machine: str
    at_s: int
    places: int
    attachments: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.places < 1 or self.at_s < 0:
            raise InputFault("line.station_nonsense", station=self.station_id, places=self.places)

    def fits(self, step: "Step") -> bool:
        """Return whether a step can be done here."""
        return self.machine == step.machine and step.attachment in ("", *self.attachments)


@dataclass(frozen=True, slots=True)
class LineOperator:
    """Somebody who works on the line.

    Args:
        pace_permille: skill -> thousandths of the standard pace; a skill that is absent is not had.
        calendar: when he or she is there.
    """

    operator_id: str
    pace_permille: Mapping[str, int]
    calendar: WorkCalendar

    def __post_init__(self) -> None:
        for skill, pace in self.pace_permille.items():
            if not 0 < pace <= PACE_MOST_PERMILLE:
                raise InputFault(
                    "line.pace_nonsense", operator=self.operator_id, skill=skill, pace=pace
                )


@dataclass(frozen=True, slots=True)
class Step:
    """One step of an order.

    Args:
        step_id: the kind of work, the same word in every order; once in an order.
        standard_ms: at the standard pace, the usual allowances included.
        variant: how this order's work differs from another's at the same step.
        after: steps of the same order that must be complete before.
    """

    step_id: str
    machine: str
    skill: str
    standard_ms: int
    variant: str = ""
    after: tuple[str, ...] = ()
    attachment: str = ""

    def __post_init__(self) -> None:
        if self.standard_ms < 1:
            raise InputFault("line.step_nonsense", step=self.step_id, standard=self.standard_ms)


@dataclass(frozen=True, slots=True)
class LineOrder:
    """One piece that somebody wants.

    Args:
        style: orders of one style have the same steps and variants, so that they may share a lot.
        steps: sorted so that every `after` points backwards.
        release_s: what it is made of is at the line's entrance.
        due_s: it should be complete.
        weight: of a second of its lateness against another order's.
    """

    order_id: str
    style: str
    steps: tuple[Step, ...]
    release_s: int
    due_s: int
    weight: int = 1

    def __post_init__(self) -> None:
        if not 0 < len(self.steps) <= STEPS_MOST:
            raise InputFault("line.steps_count", order=self.order_id, count=len(self.steps))
        seen: set[str] = set()
        for step in self.steps:
            if step.step_id in seen:
                raise InputFault("line.step_twice", order=self.order_id, step=step.step_id)
            for before in step.after:
                if before not in seen:
                    raise InputFault(
                        "line.step_order", order=self.order_id, step=step.step_id, before=before
                    )
            seen.add(step.step_id)


@dataclass(frozen=True)
class Line:
    """Stations, people and rules of a line; refuses duplicates when built.

    Args:
        calendar: when the stations and the loop run.
        loop_s: once round the loop.
        hand_s: to hang a carrier on and take it off again, at every move.
        walk_s: from one station to another, for an operator who tends both.
        orders_most: orders inside the line at once.
        extra_permille: what a style change adds to a step: to the first piece of another variant,
            to the second of the same, and so on; nothing behind the last.
    """

    stations: tuple[Station, ...]
    operators: tuple[LineOperator, ...]
    calendar: WorkCalendar
    loop_s: int
    hand_s: int
    walk_s: int
    orders_most: int
    extra_permille: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if not self.stations or not self.operators:
            raise InputFault("line.empty")
        for noun, names in (
            ("station", [s.station_id for s in self.stations]),
            ("operator", [o.operator_id for o in self.operators]),
        ):
            for name in _twice(names):
                raise InputFault("line.twice", noun=noun, name=name)
        for station in self.stations:
            if station.at_s >= self.loop_s:
                raise InputFault("line.beyond_loop", station=station.station_id, loop_s=self.loop_s)
        least = min(self.hand_s, self.walk_s, self.orders_most - 1, *self.extra_permille, 0)
        if least < 0:
            raise InputFault("line.rules_nonsense")

    @cached_property
    def station(self) -> dict[str, Station]:
        """Stations by id."""
        return {station.station_id: station for station in self.stations}

    @cached_property
    def operator(self) -> dict[str, LineOperator]:
        """Operators by id."""
        return {operator.operator_id: operator for operator in self.operators}

    def travel_s(self, from_id: str, to_id: str) -> int:
        """Return the seconds from a station ("" for the entrance) to another, one way round."""
        if from_id == to_id:
            return 0
        at_s = self.station[from_id].at_s if from_id else 0
        return (self.station[to_id].at_s - at_s) % self.loop_s + self.hand_s

    def extra(self, repeats: int) -> int:
        """Return the thousandths that a style change still adds after so many repetitions."""
        return self.extra_permille[repeats] if repeats < len(self.extra_permille) else 0


@dataclass(frozen=True, slots=True)
class LineSlot:
    """One step of one order: where, by whom, when.

    Args:
        carrier_id: what the piece hangs on; the pieces of a lot share one, and it moves whole.
        arrives_s: the carrier reaches the station and takes a place there.
        start_s: work begins.
        end_s: work ends; breaks lie inside. The place is free when its carrier's last piece ends.
    """

    order_id: str
    step_id: str
    station_id: str
    operator_id: str
    carrier_id: str
    arrives_s: int
    start_s: int
    end_s: int


def _twice(names: Iterable[str]) -> Iterable[str]:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            yield name
        seen.add(name)
