"""Stock that is not spoken for: what the network file says lies there, less accepted orders."""

from decimal import Decimal

from manufold.services.candidates import stock_at
from manufold.services.context import Context

__all__ = ["free_stock"]


def free_stock(ctx: Context) -> dict[tuple[str, str], Decimal]:
    """Return (site, material) -> free quantity, never below nothing."""
    there = stock_at(ctx.network.stock)
    for key in there:
        spoken_for = ctx.store.get("stock", "/".join(key))
        if spoken_for is not None:
            there[key] = max(Decimal(0), there[key] - Decimal(str(spoken_for["quantity"])))
    return there
