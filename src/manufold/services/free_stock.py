"""Stock that is not spoken for: what the network file says lies there, less accepted orders.

A document ("stock", "site/material") says what accepted orders still speak for, what they have
used since the network was loaded (a new revision is a new count), and how often somebody took
from it. Whoever takes claims the next turn as a key of the store, so of two that saw the same
stock one is refused, in whatever process, and looks again.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from manufold.services.candidates import stock_at
from manufold.services.context import Context
from manufold.services.stock_need import Need

__all__ = ["free_stock", "stock_turns"]


def free_stock(ctx: Context) -> dict[tuple[str, str], Decimal]:
    """Return (site, material) -> free quantity, never below nothing."""
    there = stock_at(ctx.network.stock)
    revision = _revision(ctx)
    after = ""
    while page := ctx.store.scan("stock", after):
        for name, document in page:
            site_id, _slash, material_id = name.partition("/")
            key = (site_id, material_id)
            if key in there:
                there[key] = _left(there[key], document, revision)
        after = page[-1][0]
    return there


def stock_turns(
    ctx: Context, need: Need, order_id: str
) -> tuple[dict[str, Mapping[str, str]], tuple[tuple[str, str], ...]]:
    """Return the keys to claim with what takes from stock, and what there is too little of.

    Args:
        need: taken from stock.
        order_id: who takes.
    """
    there = stock_at(ctx.network.stock)
    revision = _revision(ctx)
    turns: dict[str, Mapping[str, str]] = {}
    short = []
    for key, quantity in sorted(need.items()):
        name = "/".join(key)
        document = ctx.store.get("stock", name) or {}
        if _left(there.get(key, Decimal(0)), document, revision) < quantity:
            short.append(key)
        turns[f"stock/{name}/{int(document.get('turns', 0)) + 1}"] = {"order": order_id}
    return turns, tuple(short)


def _revision(ctx: Context) -> str:
    return str((ctx.store.get("network", "now") or {}).get("revision", ""))


def _left(counted: Decimal, document: Mapping[str, Any], revision: str) -> Decimal:
    gone = Decimal(str(document.get("quantity", 0)))
    if document.get("revision", "") == revision:
        gone += Decimal(str(document.get("used", 0)))
    return max(Decimal(0), counted - gone)
