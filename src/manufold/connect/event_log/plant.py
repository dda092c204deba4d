"""The network a log lets us see: one site, its machines, what each did, when, and who was there.

A log knows nothing of money, energy, ways and doors. What a network cannot do without is filled in
with figures that stand in the file as an estimate of nobody in particular, and each is said among
the assumptions. People are numbered: their names in the log do not come into the network.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal, get_args
from zoneinfo import ZoneInfo

from manufold.connect.event_log.names import ids_of, shown_name, work_name
from manufold.connect.event_log.operations import DoneOrder
from manufold.connect.event_log.reading import EventLog, LogEvent
from manufold.connect.event_log.shifts import closed_days, enough, shifts_of, weekly_s
from manufold.connect.event_log.stretches import Stretch, busy_s, seats_of, united
from manufold.model.calendar import Shift, WorkCalendar
from manufold.model.errors import InputFault, Reason
from manufold.model.material import Source
from manufold.model.network import (
    Capability,
    DeliveryZone,
    Lane,
    Network,
    Operator,
    Site,
    WorkCenter,
    WorkUnit,
)
from manufold.model.party import Party
from manufold.model.units import CURRENCIES, EPOCH, HOUR_S

__all__ = ["ALTERNATIVES", "Alternatives", "Estimates", "Plant", "plant_of"]

#: which machines may do an operation: the one that did it, every one that did its activity, or
#: every one that did its activity under whatever machine's name
Alternatives = Literal["machine", "activity", "work"]
ALTERNATIVES: tuple[str, ...] = get_args(Alternatives)

_MAY = {
    "machine": Reason("log.alternatives_machine", {}),
    "activity": Reason("log.alternatives_activity", {}),
    "work": Reason("log.alternatives_work", {}),
}
_SHOP = "shop"


@dataclass(frozen=True, slots=True)
class Estimates:
    """What a network needs and no log tells.

    Args:
        country: ISO 3166-1; ZZ is nowhere.
        rate_per_h: of a machine, in `currency`; `wage_per_h` of a person.
        grid_g_per_kwh: about the world's mean.
    """

    name: str = "Our shop"
    country: str = "ZZ"
    currency: str = "EUR"
    rate_per_h: int = 40
    wage_per_h: int = 30
    grid_g_per_kwh: int = 480
    energy_cents_per_kwh: int = 20


@dataclass(frozen=True)
class Plant:
    """A network and how it was seen.

    Args:
        unit_id: work unit by the name of its resource in the log.
        capability: (activity, resource) -> the capability it takes.
        busy: work unit -> when it was really at work, sorted, as clocked.
        assumptions: what was taken as given.
    """

    network: Network
    unit_id: Mapping[str, str]
    capability: Mapping[tuple[str, str], str]
    busy: Mapping[str, tuple[Stretch, ...]]
    assumptions: tuple[Reason, ...]


def plant_of(
    log: EventLog,
    orders: Iterable[DoneOrder],
    *,
    alternatives: Alternatives = "activity",
    closures: bool = False,
    estimates: Estimates | None = None,
) -> Plant:
    """Return the network that a log lets us see.

    Args:
        orders: of that log; their operations say which capability is needed where.
        closures: also close on the days of the log on which nobody worked.

    Raises:
        InputFault: `log.alternatives_unknown`, `units.currency_unknown`.
    """
    if alternatives not in ALTERNATIVES:
        known = ", ".join(ALTERNATIVES)
        raise InputFault("log.alternatives_unknown", found=alternatives[:40], known=known)
    guesses = estimates or Estimates()
    if guesses.currency not in CURRENCIES:
        raise InputFault("units.currency_unknown", currency=guesses.currency[:40])
    return _Seeing(log, tuple(orders), alternatives, closures, guesses).plant()


class _Seeing:
    """What is gathered on the way to a network."""

    def __init__(
        self,
        log: EventLog,
        orders: tuple[DoneOrder, ...],
        alternatives: Alternatives,
        closures: bool,
        guesses: Estimates,
    ) -> None:
        self.log, self.guesses, self.closes = log, guesses, closures
        self.alternatives = alternatives
        self.reasons: list[Reason] = [_MAY[alternatives]]
        self.resources = sorted({event.resource for event in log.events})
        self.unit_id = ids_of(self.resources, "unit")
        pairs = sorted({(o.activity, o.resource) for order in orders for o in order.operations})
        self.capability = self._capabilities(pairs)
        self.able: dict[str, set[str]] = {}
        for pair, capability in self.capability.items():
            self.able.setdefault(pair[1], set()).add(capability)
        self.down = [event for event in log.events if event.kind == "down"]
        self.downs = _by(self.down, lambda event: event.resource)
        self.worked = [event for event in log.events if event.kind != "down"]
        self.clocked = [event for event in self.worked if event.clocked]
        self.center_names: dict[str, str] = {}
        self.center = self._centers()
        self.calendars: dict[tuple[Shift, ...], str] = {}
        self.shop = self._calendar(self.clocked or self.worked, _SHOP, ())

    def plant(self) -> Plant:
        """Return the plant."""
        by_unit = _by(self.clocked, lambda event: event.resource)
        sparse = [name for name in self.resources if not self._seen(by_unit.get(name, []))]
        units = tuple(self._unit(name, by_unit.get(name, [])) for name in self.resources)
        operators = self._operators()
        if sparse:
            names = ", ".join(shown_name(name) for name in sparse)
            self.reasons.append(
                Reason("log.shop_shifts", {"units": names[:400], "count": len(sparse)})
            )
        self.reasons += self._said(operators)
        network = self._network(units, operators)
        busy = {
            self.unit_id[name]: tuple(united((e.start_s, e.end_s) for e in by_unit.get(name, [])))
            for name in self.resources
        }
        return Plant(network, self.unit_id, self.capability, busy, tuple(self.reasons))

    def _capabilities(self, pairs: list[tuple[str, str]]) -> dict[tuple[str, str], str]:
        words = {}
        for activity, resource in pairs:
            if self.alternatives == "machine":
                words[activity, resource] = f"{activity} at {resource}"
            elif self.alternatives == "work":
                words[activity, resource] = work_name(activity, resource)
            else:
                words[activity, resource] = activity
        ids = ids_of(sorted(set(words.values())), "work")
        return {pair: ids[word] for pair, word in words.items()}

    def _seen(self, events: list[LogEvent]) -> bool:
        return enough([(e.start_s, e.end_s) for e in events], self.log.zone)

    def _calendar(self, events: list[LogEvent], name: str, otherwise: tuple[Shift, ...]) -> str:
        stretches = [(event.start_s, event.end_s) for event in events]
        shifts = otherwise
        if name == _SHOP:
            by_unit = _by(events, lambda event: event.resource).values()
            weeks = [weekly_s([(e.start_s, e.end_s) for e in of], self.log.zone) for of in by_unit]
            shifts = shifts_of([sum(halves) for halves in zip(*weeks, strict=True)])
        elif self._seen(events):
            shifts = shifts_of(weekly_s(stretches, self.log.zone))
        if not shifts:  # nothing that takes time was clocked at all
            raise InputFault("log.nothing_worked", file=self.log.name)
        return self.calendars.setdefault(shifts, name)

    def _shifts(self, calendar_id: str) -> tuple[Shift, ...]:
        return next(shifts for shifts, name in self.calendars.items() if name == calendar_id)

    def _unit(self, name: str, events: list[LogEvent]) -> WorkUnit:
        unit_id = self.unit_id[name]
        seats, percent = seats_of(_by_order(events))
        if seats > 1 or percent:
            self.reasons.append(
                Reason(
                    "log.seats_mined",
                    {"unit": shown_name(name), "seats": seats, "percent": percent},
                )
            )
        downs = self.downs.get(name, [])
        down_s = busy_s((event.start_s, event.end_s) for event in downs)
        up_s = busy_s((event.start_s, event.end_s) for event in events)
        capabilities = sorted(self.able.get(name, {"nothing"}))
        return WorkUnit(
            unit_id,
            shown_name(name),
            self.center[name],
            self._calendar(events, unit_id, self._shifts(self.shop)),
            tuple(Capability(one) for one in capabilities),
            self._minor(self.guesses.rate_per_h),
            seats=seats,
            mtbf_h=max(1, up_s // len(downs) // HOUR_S) if downs else 0,
            mttr_h=max(1, -(-down_s // len(downs) // HOUR_S)) if downs else 0,
        )

    def _centers(self) -> dict[str, str]:
        groups: dict[str, Counter[str]] = {}
        for event in self.log.events:
            if event.group is not None:
                groups.setdefault(event.resource, Counter())[event.group] += 1
        named = {name: groups[name].most_common(1)[0][0] for name in groups}
        self.center_names = {
            center: name for name, center in ids_of(sorted(set(named.values())), "center").items()
        }
        ids = {name: center for center, name in self.center_names.items()}
        found = {name: ids[named[name]] if name in named else _SHOP for name in self.resources}
        if _SHOP in found.values():
            self.center_names.setdefault(_SHOP, self.guesses.name)
        return found

    def _operators(self) -> tuple[Operator, ...]:
        skills: dict[str, set[str]] = {}
        for event in self.worked:
            if event.worker is not None:
                skills.setdefault(event.worker, set()).add(
                    self.capability[event.activity, event.resource]
                )
        by_worker = _by(self.clocked, lambda event: event.worker or "")
        taken = set(self.unit_id.values())
        free = (f"person-{n}" for n in range(1, 10**9) if f"person-{n}" not in taken)
        found = []
        for worker, can in skills.items():
            one = next(free)
            calendar = self._calendar(by_worker.get(worker, []), one, self._shifts(self.shop))
            wage = self._minor(self.guesses.wage_per_h)
            found.append(Operator(one, _SHOP, tuple(sorted(can)), calendar, wage))
        return tuple(found)

    def _minor(self, whole: int) -> int:
        return int(whole * 10 ** CURRENCIES[self.guesses.currency])

    def _said(self, operators: tuple[Operator, ...]) -> list[Reason]:
        said = [Reason("log.shifts_mined", {"percent": 95, "calendars": len(self.calendars)})]
        if operators:
            said.append(Reason("log.people_numbered", {"people": len(operators)}))
        if self.down:
            hours = busy_s((event.start_s, event.end_s) for event in self.down) // HOUR_S
            said.append(Reason("log.breakdowns_apart", {"count": len(self.down), "hours": hours}))
        return [*said, Reason("log.money_unknown", {"currency": self.guesses.currency})]

    def _closures(self) -> tuple[Stretch, ...]:
        if not self.closes:
            return ()
        zone = ZoneInfo(self.log.zone)
        worked = [(event.start_s, event.end_s) for event in self.log.events]
        closed = []
        for day in closed_days(worked, self._shifts(self.shop), self.log.zone):
            first = date.fromisoformat(day)
            edges = [
                datetime.combine(one, datetime.min.time(), tzinfo=zone)
                for one in (first, first + timedelta(days=1))
            ]
            from_s, to_s = (int((edge - EPOCH).total_seconds()) for edge in edges)
            closed.append((from_s, to_s))
        if closed:
            self.reasons.append(Reason("log.days_closed", {"days": len(closed)}))
        return tuple(closed)

    def _network(self, units: tuple[WorkUnit, ...], operators: tuple[Operator, ...]) -> Network:
        log, guesses = self.log, self.guesses
        year = (EPOCH + timedelta(seconds=log.events[0].start_s)).year - log.years_on
        guess = Source("put in by the importer of the log, to be corrected", year, verified=False)
        closed = self._closures()
        used = {unit.calendar_id for unit in units} | {one.calendar_id for one in operators}
        calendars = tuple(
            WorkCalendar(name, log.zone, shifts, closures=closed)
            for shifts, name in self.calendars.items()
            if name in used
        )
        cents = Decimal(guesses.energy_cents_per_kwh) / 100
        site = Site(
            _SHOP,
            guesses.name,
            _SHOP,
            guesses.country,
            log.zone,
            guesses.currency,
            Decimal(guesses.grid_g_per_kwh),
            guess,
            cents.scaleb(CURRENCIES[guesses.currency]),
        )
        return Network(
            name=guesses.name,
            currency=guesses.currency,
            parties=(
                Party(_SHOP, guesses.name, ("supplier", "network_operator"), guesses.country),
                Party("buyer", "A buyer", ("buyer",), guesses.country),
            ),
            sites=(site,),
            work_centers=tuple(
                WorkCenter(center, shown_name(name), _SHOP)
                for center, name in sorted(self.center_names.items())
            ),
            work_units=units,
            calendars=calendars,
            operators=operators,
            setup_matrices=(),
            lanes=(Lane(_SHOP, "door", 0, 0, 0, guesses.currency, Decimal(0), guess),),
            delivery_zones=(
                DeliveryZone("door", "At the shop's door", guesses.country, log.zone, Decimal(0)),
            ),
            materials=(),
            stock=(),
            exchange_rates=(),
        )


def _by(events: Iterable[LogEvent], key: Callable[[LogEvent], str]) -> dict[str, list[LogEvent]]:
    found: dict[str, list[LogEvent]] = {}
    for event in events:
        found.setdefault(key(event), []).append(event)
    return found


def _by_order(events: Iterable[LogEvent]) -> list[Stretch]:
    """Return the stretches of a machine, what one order did there at once united."""
    rows = _by(events, lambda event: event.case).values()
    return [one for of in rows for one in united((e.start_s, e.end_s) for e in of)]
