"""Lots: what travels together, one order each or several of one style."""

from collections.abc import Sequence

from manufold.model.line import LineOrder

__all__ = ["lots_of", "lots_that_came", "one_by_one"]

Lot = tuple[int, ...]


def one_by_one(orders: Sequence[LineOrder]) -> list[Lot]:
    """Return a carrier for every order."""
    return [(number,) for number in range(len(orders))]


def lots_of(orders: Sequence[LineOrder], size: int) -> list[Lot]:
    """Return full lots of one style in the order of release; what remains of a style is the last.

    A lot is there when its last order is.
    """
    return [lot for style in _by_style(orders) for lot in _cut(style, size)]


def lots_that_came(orders: Sequence[LineOrder], size: int) -> list[Lot]:
    """Return lots of one style among orders released at one instant, which wait for no others."""
    found: list[Lot] = []
    for style in _by_style(orders):
        together: dict[int, list[int]] = {}
        for number in style:
            together.setdefault(orders[number].release_s, []).append(number)
        for numbers in together.values():
            found += _cut(sorted(numbers, key=lambda n: orders[n].due_s), size)
    return found


def _cut(numbers: Sequence[int], size: int) -> list[Lot]:
    return [tuple(numbers[at : at + size]) for at in range(0, len(numbers), size)]


def _by_style(orders: Sequence[LineOrder]) -> list[list[int]]:
    styles: dict[str, list[int]] = {}
    for number in sorted(range(len(orders)), key=lambda n: (orders[n].release_s, orders[n].due_s)):
        styles.setdefault(orders[number].style, []).append(number)
    return list(styles.values())
