"""Tariffs: what work draws, and what a kilowatt-hour costs and emits when, as the kernels read it.

Prices are whole thousandths of a minor unit of the network's money for a kilowatt-hour, its carbon
whole milligrams. Electricity is drawn evenly over the working time of a slot, as offers and
footprints count it, so a slot costs what it draws times the mean price of its working seconds.

Units   energy in mWh, at most `MOST_MWH` for one slot, so that products stay within 63 bits.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import lcm
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from manufold.model.energy_hours import tariff_steps
from manufold.model.network import Network
from manufold.model.place import Site
from manufold.model.work_content import place_share
from manufold.scheduling.kernel import Seconds, seconds
from manufold.scheduling.load import Load
from manufold.scheduling.routing import Routing
from manufold.scheduling.weights import Weights

__all__ = [
    "ALT_EACH",
    "ALT_ONCE",
    "ALT_PER",
    "ALT_PIECE_MJ",
    "ALT_PLACES",
    "ALT_POWER_W",
    "ALT_TARIFF",
    "ALT_WAITS",
    "EMITTED",
    "FROM",
    "GRID",
    "MOST_MWH",
    "PRICE",
    "PRICED",
    "SPENT",
    "Tariffs",
    "prices_of",
    "rate_micro",
    "tariffs_of",
]

#: a hundred megawatt-hours: an electric furnace for a day
MOST_MWH = 100_000_000_000

#: rows of `Tariffs.alts`: what the work unit draws; the process's own millijoules for a piece;
#: exact working seconds as `(once + quantity * each) / per`; 1 where a changeover draws nothing
#: (elsewhere, most of a lead time is waiting); by how many places the work unit's power is shared;
#: number of its tariff
(
    ALT_POWER_W,
    ALT_PIECE_MJ,
    ALT_ONCE,
    ALT_EACH,
    ALT_PER,
    ALT_WAITS,
    ALT_PLACES,
    ALT_TARIFF,
    ALT_ROWS,
) = range(9)

#: rows of `Tariffs.steps`: first second; working seconds before it; price and carbon of a
#: kilowatt-hour, and both summed up over the working seconds before
FROM, SPENT, PRICE, PRICED, GRID, EMITTED, STEP_ROWS = range(7)


class Tariffs(NamedTuple):
    """What things cost and emit.

    Args:
        alts: int64, shape (ALT_ROWS, alternatives of the book).
        ptr: int64, shape (tariffs + 1,), steps of each tariff: of one site and one calendar.
        steps: int64, shape (STEP_ROWS, steps); a tariff that never changes has one.
        least: int64, shape (2, tariffs), lowest price and lowest carbon of each.
        rate_micro: int64, shape (tariffs,), millionths of the network's minor unit for the site's.
        seat_tariff: int64, by number of a resource, -1 for what is no seat of a work unit.
        seat_matrix: int64, the same of its setup matrix, -1 for none.
        pair_minor, pair_mwh: int64, as `Changeovers.pair`: in the site's money, and drawn.
        rates: int64, shape (WORTHS,), from `Weights.rates`.
        pays: whether any changeover costs or draws something.
        seeks: whether any electricity has hours, and counts.
    """

    alts: NDArray[np.int64]
    ptr: Seconds
    steps: NDArray[np.int64]
    least: NDArray[np.int64]
    rate_micro: Seconds
    seat_tariff: Seconds
    seat_matrix: Seconds
    pair_minor: Seconds
    pair_mwh: Seconds
    rates: Seconds
    pays: bool
    seeks: bool


def prices_of(network: Network, site: Site) -> tuple[tuple[int, int], ...]:
    """Return (thousandths of a minor unit, milligrams) for a kilowatt-hour at a site: in each of
    its hours, and as usual."""
    rows = [(one.minor_per_kwh, one.grid_g_per_kwh) for one in site.energy_hours]
    return tuple(
        (
            round(network.in_own_currency(Fraction(price), site.currency) * 1000),
            round(Fraction(grid) * 1000),
        )
        for price, grid in (*rows, (site.energy_minor_per_kwh, site.grid_g_per_kwh))
    )


def rate_micro(network: Network, site: Site) -> int:
    """Return millionths of the network's minor unit for one of a site's."""
    return round(network.in_own_currency(Fraction(1), site.currency) * 1_000_000)


def tariffs_of(load: Load, routings: Sequence[Routing], weights: Weights) -> Tariffs:
    """Return the tariffs of a load for a book of routings."""
    network, numbers = load.network, load.resources.number
    tariff_number: dict[tuple[str, str], int] = {}
    seat_tariff = np.full(len(load.resources.names), -1, dtype=np.int64)
    for unit in network.work_units:
        site_id = network.work_center[unit.work_center_id].site_id
        tariff = tariff_number.setdefault((site_id, unit.calendar_id), len(tariff_number))
        first = numbers[unit.work_unit_id, 0]
        seat_tariff[first : first + unit.seats] = tariff
    steps = [list(_steps(load, *name)) for name in tariff_number]
    prices = [prices_of(network, network.site[site_id]) for site_id, _ in tariff_number]
    pair_minor, pair_mwh = _pairs(load)
    rates = weights.rates()
    return Tariffs(
        _alts(load, routings, tariff_number),
        seconds([0, *np.cumsum([len(own) for own in steps])]),
        np.array([row for own in steps for row in own], dtype=np.int64).T.copy(),
        np.array([[min(p) for p in zip(*own, strict=True)] for own in prices], dtype=np.int64).T,
        seconds([rate_micro(network, network.site[site_id]) for site_id, _ in tariff_number]),
        seat_tariff,
        np.where(seat_tariff < 0, -1, load.resources.seat_matrix),
        pair_minor,
        pair_mwh,
        rates,
        bool(pair_minor.any() or pair_mwh.any()),
        bool(max(map(len, steps), default=0) > 1 and (rates[-2:] > 0).any()),
    )


def _steps(load: Load, site_id: str, calendar_id: str) -> Iterator[tuple[int, ...]]:
    """Yield the steps of a tariff over the working time of a calendar."""
    network = load.network
    site = network.site[site_id]
    prices = prices_of(network, site)
    if not site.energy_hours:
        price, grid = prices[-1]
        yield 0, 0, price, 0, grid, 0
        return
    working = load.clocks.worktime[load.clocks.number[calendar_id, None]]
    spent = priced = emitted = 0
    last = -1
    for start_s, end_s in zip(working.start_s.tolist(), working.end_s.tolist(), strict=True):
        for from_s, to_s, row in tariff_steps(site, ZoneInfo(site.zone), start_s, end_s):
            price, grid = prices[-1 if row is None else row]
            yield from_s, spent, price, priced, grid, emitted
            span_s, last = to_s - from_s, to_s
            spent, priced, emitted = (
                spent + span_s,
                priced + span_s * price,
                emitted + span_s * grid,
            )
    if last < 0:  # nobody ever works there
        price, grid = prices[-1]
        yield 0, 0, price, 0, grid, 0


def _alts(
    load: Load, routings: Sequence[Routing], tariff_number: dict[tuple[str, str], int]
) -> NDArray[np.int64]:
    """Return what each alternative of a book draws."""
    rows = [
        (*_drawn(routing, row), tariff_number[one.eligible.site_id, one.eligible.unit.calendar_id])
        for routing in routings
        for row, one in enumerate(routing.alternatives)
    ]
    return np.array(rows, dtype=np.int64).reshape(-1, ALT_ROWS).T.copy()


def _drawn(routing: Routing, row: int) -> tuple[int, ...]:
    one = routing.alternatives[row]
    operation, capability = one.operation, one.eligible.capability
    piece_mj = round(Fraction(operation.energy_wh) * 3_600_000)
    places = place_share(one.eligible.unit).denominator
    if capability.lead_time_s is None:
        _setup, once, each, per = routing.works[row]
        return one.eligible.unit.power_w, piece_mj, once, each, per, 0, places
    factor = Fraction(capability.time_factor)
    setup, run = Fraction(operation.setup_s) * factor, Fraction(operation.run_s) * factor
    per = lcm(setup.denominator, run.denominator)
    return one.eligible.unit.power_w, piece_mj, int(setup * per), int(run * per), per, 1, places


def _pairs(load: Load) -> tuple[Seconds, Seconds]:
    """Return cost and energy of the pairs of all setup matrices, in the order of the load's."""
    minor: list[int] = []
    mwh: list[int] = []
    for matrix in load.network.setup_matrices:
        listed: dict[int, tuple[int, int]] = {}
        for before, after, _span_s, cost_minor, energy_wh in matrix.entries:
            pair = load.number(before) << 20 | load.number(after)
            listed.setdefault(pair, (cost_minor, energy_wh * 1000))
        for pair in sorted(listed):
            minor.append(listed[pair][0])
            mwh.append(listed[pair][1])
    return seconds(minor), seconds(mwh)
