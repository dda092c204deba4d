"""The board as programs read it: instants in the time of their site or door, reasons worded."""

from typing import Any

from manufold.api.wire import worded
from manufold.model.network import Network
from manufold.model.units import to_rfc3339
from manufold.services.board import Board, BoardOrder
from manufold.services.board_bars import Bar

__all__ = ["board_answer"]


def board_answer(board: Board, network: Network, language: str) -> dict[str, Any]:
    """Return a board as `contracts/board_answer.schema.json` has it."""
    zones = {row.work_unit_id: network.site[row.site_id].zone for row in board.rows}
    calendars = {row.calendar_id: zones[row.work_unit_id] for row in board.rows}
    return {
        "schema": "manufold/board_answer/1",
        "world": board.world,
        "seq": board.seq,
        "now": to_rfc3339(board.now_s),
        "from": to_rfc3339(board.from_s),
        "to": to_rfc3339(board.to_s),
        "sites": [
            {
                "site": site.site_id,
                "name": site.name,
                "zone": site.zone,
                "frozen_until": to_rfc3339(site.frozen_until_s, site.zone),
            }
            for site in board.sites
        ],
        "rows": [
            {
                "work_unit": row.work_unit_id,
                "seat": row.seat,
                "name": row.name,
                "site": row.site_id,
                "work_center": row.work_center_id,
                "calendar": row.calendar_id,
                "down_since": _at(row.down_since_s, zones[row.work_unit_id]),
            }
            for row in board.rows
        ],
        "closed": {
            name: [[to_rfc3339(one, calendars[name]) for one in span] for span in shut]
            for name, shut in sorted(board.closed.items())
        },
        "bars": [_bar(bar, zones[bar.work_unit_id]) for bar in board.bars],
        "orders": [_order(order, language) for order in board.orders.values()],
        "late": list(board.late),
        "at_risk": list(board.at_risk),
        "done": board.done,
        "done_kept": board.done_kept,
        "open_orders": board.open_orders,
        "in_production": board.in_production,
    }


def _bar(bar: Bar, zone: str) -> dict[str, Any]:
    return {
        "job_order_id": bar.job_order_id,
        "order_id": bar.order_id,
        "operation_id": bar.operation_id,
        "operation": bar.operation,
        "work_unit": bar.work_unit_id,
        "seat": bar.seat,
        "kind": bar.kind,
        "state": bar.state,
        "start_at": to_rfc3339(bar.start_s, zone),
        "setup_end_at": to_rfc3339(bar.setup_end_s, zone),
        "end_at": to_rfc3339(bar.end_s, zone),
        "actual_start_at": _at(bar.actual_start_s, zone),
        "actual_end_at": _at(bar.actual_end_s, zone),
        "quantity": bar.quantity,
        "good": bar.good,
        "scrap": bar.scrap,
    }


def _order(order: BoardOrder, language: str) -> dict[str, Any]:
    one, zone = order.expected, order.zone
    return {
        "order_id": order.order_id,
        "state": order.state,
        "standing": one.standing,
        "where": one.where,
        "quantity": order.quantity,
        "sites": list(order.sites),
        "requested_at": _at(order.requested_s, zone),
        "promised_at": to_rfc3339(one.promised_s, zone),
        "forecast_at": _at(one.forecast_s, zone),
        "p90_at": _at(one.p90_s, zone),
        "actual_at": _at(one.actual_s, zone),
        "late_s": one.late_s,
        "reasons": worded(order.reasons, language),
    }


def _at(instant_s: int | None, zone: str) -> str | None:
    return None if instant_s is None else to_rfc3339(instant_s, zone)
