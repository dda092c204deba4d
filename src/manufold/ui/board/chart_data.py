"""What the chart draws, as compact JSON: bars are rows of numbers, orders and names stand once.

Instants are the engine's whole seconds; the chart turns them into wall time of the zones named.
A private agreement between this room's Python and its JavaScript; programs read `GET /v1/board`.
"""

import json

from manufold.services.board import Board
from manufold.ui.board.saying import Saying

__all__ = ["chart_data", "chart_zone"]

_STATES = ("planned", "set_up", "running", "paused", "held", "finished")
_KINDS = ("offer", "firm", "begun")


def chart_zone(board: Board) -> str:
    """Return the zone of the time axis: that of all sites shown, else UTC."""
    zones = {site.zone for site in board.sites}
    return zones.pop() if len(zones) == 1 else "UTC"


def chart_data(board: Board, language: str) -> bytes:
    """Return a board as the chart reads it, every reason worded."""
    say = Saying(language)
    sites = {site.site_id: at for at, site in enumerate(board.sites)}
    rows = {(row.work_unit_id, row.seat): at for at, row in enumerate(board.rows)}
    orders = {order_id: at for at, order_id in enumerate(board.orders)}
    operations: dict[str, int] = {}
    bars = [
        (
            rows[bar.work_unit_id, bar.seat],
            orders.get(bar.order_id, -1),
            bar.start_s,
            bar.setup_end_s,
            bar.end_s,
            bar.from_s,
            bar.to_s,
            _STATES.index(bar.state),
            _KINDS.index(bar.kind),
            bar.quantity,
            bar.good,
            operations.setdefault(bar.operation, len(operations)),
            bar.job_order_id,
        )
        for bar in board.bars
        if (bar.work_unit_id, bar.seat) in rows
    ]
    return json.dumps(
        {
            "seq": board.seq,
            "now": board.now_s,
            "from": board.from_s,
            "to": board.to_s,
            "zone": chart_zone(board),
            "late": len(board.late),
            "at_risk": len(board.at_risk),
            "sites": [
                {"name": site.name, "zone": site.zone, "frozen": site.frozen_until_s}
                for site in board.sites
            ],
            "rows": [
                {
                    "site": sites[row.site_id],
                    "name": row.name,
                    "seat": row.seat,
                    "seats": row.seats,
                    "cal": row.calendar_id,
                    "down": row.down_since_s,
                }
                for row in board.rows
            ],
            "closed": board.closed,
            "ops": list(operations),
            "orders": [
                {
                    "id": order.order_id,
                    "standing": order.expected.standing,
                    "says": say.standing(order.expected),
                    "why": [say.reason(reason) for reason in order.reasons],
                }
                for order in board.orders.values()
            ],
            "bars": bars,
        },
        ensure_ascii=False,
        separators=(",", ":"),
    ).encode()
