"""Scenarios side by side, as the command line and the API answer them."""

from collections.abc import Mapping
from typing import Any

from manufold.api.wire import worded
from manufold.model.network import Network
from manufold.model.schedule import Slot
from manufold.model.units import shown_money, to_rfc3339
from manufold.scheduling.moves import Move
from manufold.services.what_if import Column, Dates, WhatIf

__all__ = ["MOVES_MOST", "move_answer", "what_if_answer"]

#: moves told of a scenario, the earliest first; all are counted
MOVES_MOST = 500


def what_if_answer(found: WhatIf, network: Network, language: str, world: str) -> dict[str, Any]:
    """Return it as `contracts/what_if_answer.schema.json` has it."""
    return {
        "schema": "manufold/what_if_answer/1",
        "world": world,
        "now": to_rfc3339(found.at_s),
        "known": worded(found.known, language),
        "as_it_is": _measures(found.columns[0], network),
        "scenarios": [
            {
                "name": column.name,
                **_measures(column, network),
                "moved": {
                    "operations": column.movement.count,
                    "elsewhere": column.movement.elsewhere,
                    "moved_s": column.movement.moved_s,
                },
                "moves": [
                    move_answer(move, found.order_of, network, language)
                    for move in column.moves[:MOVES_MOST]
                ],
                "moves_left_off": max(0, len(column.moves) - MOVES_MOST),
                "notes": worded(column.notes, language),
            }
            for column in found.columns[1:]
        ],
        "orders": [_order(dates, language) for dates in found.orders],
    }


def _measures(column: Column, network: Network) -> dict[str, Any]:
    one = column.measures
    busy = one.bottleneck
    return {
        "late": one.late,
        "late_s": one.late_s,
        "cost": shown_money(one.total_minor, network.currency),
        "cost_minor": one.total_minor,
        "cost_by_kind_minor": dict(one.cost_minor),
        "currency": network.currency,
        "energy_wh": one.energy_wh,
        "carbon_g": one.carbon_g,
        "changeovers": one.changeovers,
        "changeover_s": one.changeover_s,
        "setup_s": one.setup_s,
        "bottleneck": None
        if busy is None
        else {
            "work_unit": busy.work_unit,
            "used_s": busy.used_s,
            "open_s": busy.open_s,
            "used_percent": round(100 * busy.used_s / busy.open_s) if busy.open_s else 0,
        },
    }


def move_answer(
    move: Move, order_of: Mapping[str, str], network: Network, language: str
) -> dict[str, Any]:
    """Return an operation that stands elsewhere, from where to where, and why.

    Args:
        order_of: group of slots -> order.
    """
    slot = move.slot
    return {
        "order_id": order_of.get(slot.holder, slot.holder),
        "operation_id": slot.operation_id,
        "before": _place(move.before, network),
        "after": _place(move.after, network),
        "later_s": move.later_s,
        "why": worded([move.why], language)[0],
    }


def _place(slot: Slot | None, network: Network) -> dict[str, Any] | None:
    if slot is None:
        return None
    zone = network.site_of(slot.resource_id).zone
    return {
        "work_unit": slot.resource_id,
        "seat": slot.seat,
        "start_at": to_rfc3339(slot.start_s, zone),
        "end_at": to_rfc3339(slot.end_s, zone),
    }


def _order(dates: Dates, language: str) -> dict[str, Any]:
    found = [
        {
            "expected_at": None if at_s is None else to_rfc3339(at_s, dates.zone),
            "late_s": 0 if at_s is None else max(0, at_s - dates.promised_s),
            "why": None if why is None else worded([why], language)[0],
        }
        for at_s, why in zip(dates.expected_s, dates.why, strict=True)
    ]

    return {
        "order_id": dates.order_id,
        "where": dates.where,
        "promised_at": to_rfc3339(dates.promised_s, dates.zone),
        "as_it_is": found[0],
        "scenarios": found[1:],
    }
