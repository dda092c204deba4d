"""Compile every kernel of the shop searches, so that no search waits for a compiler."""

from manufold.scheduling.shop.large import LargeSearch
from manufold.scheduling.shop.problem import Search
from manufold.scheduling.shop.read import GOALS, read
from manufold.scheduling.shop.solve import begun, solve
from manufold.scheduling.shop.team import Pace
from manufold.scheduling.shop.written import written

__all__ = ["warm"]

#: one small shop of each kind; orders that are not optimal at once, so that all kernels run
SHOPS = {
    "jsp": "3 3\n0 3 1 2 2 2\n0 2 2 1 1 4\n1 4 2 3 0 1\n",
    "fjsp": "3 2\n2 1 0 5 2 0 3 1 4\n2 2 0 6 1 7 1 1 2\n2 2 0 3 1 9 1 0 4\n",
    "fjsp-tardiness": "3 2\n0 2 2 1 1 0 9\n1 4 5 2 2 0 7 1 8 1 0 3\n0 3 1 2 1 1 40 2 0 3 1 3\n",
    "fjsp-w": "2 2 2\n2 1 1 2 1 4 2 3 1 2 1 2 5\n2 1 2 1 1 3 2 1 1 2 4 2 1 1 6\n",
    "fjsp-sdst": "2 2 1\n1 1 1 5\n1 2 1 9 2 8\n0 4\n3 0\n0 8\n7 0\n",
    "fajsp": "4 3 2\n0 2\n1 2\n2 3\n1 0 5\n2 0 2 1 3\n1 1 4\n2 0 4 1 5\n",
}
MOVES = 2_000


def warm() -> None:
    """Compile all kernels of shop searches, or load them from the disk; idempotent."""
    for form, text in SHOPS.items():
        shop, goal = read(text, form), GOALS[form]
        found = solve(
            shop, goal, left_s=lambda: 1.0, pace=Pace(moves_most=MOVES, chunk_moves=MOVES)
        )
        written(shop, found.answer, objective=found.value, bound=found.bound, took_s=0.0)
    shop = read(SHOPS["jsp"], "jsp")
    first = begun(shop, "makespan")
    for seed in (1, 2):
        large: Search = LargeSearch(shop, seed, first.answer)
        large.go(MOVES)
