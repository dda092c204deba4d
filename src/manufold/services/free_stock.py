"""Stock that is not spoken for: what the network file says lies there, less accepted orders."""

from decimal import Decimal

from manufold.services.candidates import stock_at
from manufold.services.context import Context

__all__ = ["free_stock"]


def free_stock(ctx: Context) -> dict[tuple[str, str], Decimal]:
    """Return (site, material) -> free quantity, never below nothing."""
    there = stock_at(ctx.network.stock)
    after = ""
    while page := ctx.store.scan("stock", after):
        for name, spoken_for in page:
            site_id, _slash, material_id = name.partition("/")
            key = (site_id, material_id)
            if key in there:
                there[key] = max(Decimal(0), there[key] - Decimal(str(spoken_for["quantity"])))
        after = page[-1][0]
    return there
