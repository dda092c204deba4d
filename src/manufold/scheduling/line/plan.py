"""Plan a line: who works where, what enters when, what each station does next, for every order.

A plan is what `flow` makes of a balance, lots, ranks and two numbers; `improve` looks for better
ranks and numbers. Every plan is feasible by construction, and judged by code that did not make it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from manufold.model.errors import CannotMake, InputFault
from manufold.model.line import Line, LineOrder, LineSlot
from manufold.scheduling.kernel import seconds
from manufold.scheduling.line.balance import Balance
from manufold.scheduling.line.flow import Carriers, Found, Posts
from manufold.scheduling.line.flow_run import run
from manufold.scheduling.line.improve import Asked, Pace, Policy, improved
from manufold.scheduling.line.lots import Lot, one_by_one
from manufold.scheduling.line.posts import balances, posts_of
from manufold.scheduling.line.rows import Rows, Table, rows_of

__all__ = ["LinePlan", "Ready", "planned", "prepared"]


@dataclass(frozen=True)
class Ready:
    """A line that is balanced for its orders.

    Args:
        periods_s: when each of the balances begins.
        to_s: nothing is planned behind it.
    """

    line: Line
    orders: tuple[LineOrder, ...]
    lots: tuple[Lot, ...]
    periods_s: tuple[int, ...]
    to_s: int
    balances: tuple[Balance, ...]
    rows: Rows
    posts: Posts
    carriers: Carriers


@dataclass(frozen=True)
class LinePlan:
    """What happens on the line.

    Args:
        policy: the ranks and numbers that it comes from.
        found: columns by task: the steps of all orders, one order behind the other.
        tried: plans that were looked at.
    """

    ready: Ready
    policy: Policy
    found: Found
    tried: int = 1

    @cached_property
    def finish_s(self) -> Table:
        """When each order is complete, in the order of the orders."""
        return np.maximum.reduceat(self.found.end_s, self.ready.rows.task_ptr[:-1])

    @cached_property
    def entered_s(self) -> Table:
        """When each order entered the line."""
        found = np.zeros(len(self.ready.orders), dtype=np.int64)
        for number, lot in enumerate(self.ready.lots):
            found[list(lot)] = self.found.entered_s[number]
        return found

    def slots(self) -> tuple[LineSlot, ...]:
        """Return every step of every order: where, by whom, when."""
        stations = [station.station_id for station in self.ready.line.stations]
        people = [operator.operator_id for operator in self.ready.line.operators]
        carrier: dict[int, str] = {}
        for lot in self.ready.lots:
            name = self.ready.orders[lot[0]].order_id + ("" if len(lot) == 1 else f"+{len(lot)}")
            carrier |= dict.fromkeys(lot, name)
        found = self.found
        columns = zip(
            *(column.tolist() for column in (found.station, found.operator, found.arrives_s)),
            *(column.tolist() for column in (found.start_s, found.end_s)),
            strict=True,
        )
        return tuple(
            LineSlot(
                order.order_id,
                step.step_id,
                stations[station],
                people[operator],
                carrier[number],
                arrives_s,
                start_s,
                end_s,
            )
            for number, order in enumerate(self.ready.orders)
            for step, (station, operator, arrives_s, start_s, end_s) in zip(
                order.steps, columns, strict=False
            )
        )


def prepared(
    line: Line,
    orders: Sequence[LineOrder],
    *,
    periods_s: Sequence[int],
    to_s: int,
    lots: Sequence[Lot] | None = None,
    balance: Literal["skilled", "standard"] = "skilled",
) -> Ready:
    """Return a line balanced for its orders.

    Args:
        periods_s: when people may take other posts, rising; the first bounds what is planned.
        lots: what travels together, by numbers of orders; None = one order each.
        balance: by what each person needs for a step, or by standard minutes as if all with a
            skill were equally fast.

    Raises:
        InputFault: `line.no_orders`, `line.lot_mixed`: orders of one lot differ in style.
        CannotMake: a step has nobody or no station; a lot is larger than the line takes.
    """
    if not orders:
        raise InputFault("line.no_orders")
    rows = rows_of(line, orders, periods_s[0], to_s)
    taken = tuple(lots) if lots is not None else tuple(one_by_one(orders))
    for lot in taken:
        if len(lot) > line.orders_most:
            raise CannotMake("line.lot_large", count=len(lot), orders=line.orders_most)
        alike = [
            (o.style, [(s.step_id, s.after) for s in o.steps]) for o in (orders[n] for n in lot)
        ]
        for number, other in zip(lot, alike, strict=True):
            if other != alike[0]:
                raise InputFault("line.lot_mixed", order=orders[number].order_id)
    changes = max(map(len, taken)) == 1
    found = balances(line, orders, periods_s, to_s, changes=changes, equal=balance == "standard")
    carriers = Carriers(
        seconds(np.cumsum([0, *map(len, taken)])),
        seconds([number for lot in taken for number in lot]),
        seconds([max(orders[number].release_s for number in lot) for lot in taken]),
    )
    posts = posts_of(line, orders, rows, periods_s, found)
    return Ready(line, tuple(orders), taken, tuple(periods_s), to_s, found, rows, posts, carriers)


def planned(
    ready: Ready,
    *,
    seed: int = 1,
    pace: Pace | None = None,
    left_s: Callable[[], float] = lambda: 0.0,
    policy: Policy | None = None,
) -> LinePlan:
    """Return a plan: of a policy as it is told, else of the best policy that is found in time.

    Args:
        pace: how much is tried at most; None = until the time is over.
        left_s: seconds left; injected, since engines have no clock.

    Raises:
        CannotMake: `line.beyond_horizon`: not everything is done before the end of the time that
            is looked at.
    """
    if policy is None:
        asked = Asked.of(ready.line, ready.orders, ready.rows, ready.posts, ready.carriers)
        policy, tried = improved(asked, seed=seed, pace=pace or Pace(), left_s=left_s)
    else:
        tried = 1
    rules = ready.rows.rules.copy()
    rules[1] = min(rules[1], policy.orders_most)
    rows = ready.rows._replace(rules=rules)
    found, whole = run(rows, ready.posts, ready.carriers, policy.rank, policy.alike)
    if not whole:
        left = int((found.end_s < 0).sum() + (found.end_s > ready.to_s).sum())
        raise CannotMake("line.beyond_horizon", steps=left)
    return LinePlan(ready, policy, found, tried)
