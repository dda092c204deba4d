"""The order book in memory: every order as of one place in the log, read on instead of read anew.

A board that many people watch would otherwise decode every order of the world each time one
machine says a word.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock

from manufold.model.execution import OrderState
from manufold.services.context import Context
from manufold.services.documents import order_of, orders_of

__all__ = ["OrderBook", "order_book"]

#: events read on at once; further behind, reading all orders anew is quicker
_READ_ON_MOST = 5_000
#: how often a moving log is read on before what was read is taken as it is
_TRIES = 5
_PREFIX = "order:"
_LOCK = Lock()


@dataclass(frozen=True, slots=True)
class OrderBook:
    """All orders by id, oldest first, as of `seq`."""

    seq: int
    orders: Mapping[str, OrderState]


def order_book(ctx: Context) -> OrderBook:
    """Return all orders as they stand; only what has changed is read again."""
    with _LOCK:
        book: OrderBook | None = ctx.kept.get("order_book")
        if book is None or ctx.store.head().seq - book.seq > _READ_ON_MOST:
            seq = ctx.store.head().seq
            book = OrderBook(seq, {order.order_id: order for order in orders_of(ctx)})
        for _try in range(_TRIES):
            if ctx.store.head().seq == book.seq:
                break
            book = _read_on(ctx, book)
        ctx.kept["order_book"] = book
        return book


def _read_on(ctx: Context, book: OrderBook) -> OrderBook:
    seq, touched = book.seq, set[str]()
    for event in ctx.store.read(book.seq):
        seq = event.seq
        if event.stream.startswith(_PREFIX):
            touched.add(event.stream.removeprefix(_PREFIX))
    if not touched:
        return OrderBook(seq, book.orders)
    orders = dict(book.orders)
    for order_id in sorted(touched):
        order = order_of(ctx, order_id)
        if order is not None:
            orders[order_id] = order
    return OrderBook(seq, dict(sorted(orders.items())))
