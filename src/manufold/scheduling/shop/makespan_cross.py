"""Between two schedules: a child that keeps every order its parents agree on.

Both parents are topological orders. The child takes its next operation now from the one, now from
the other, each time the first that it does not have yet. What precedes in both precedes in the
child: precedences hold, no cycle can arise, nothing has to be repaired, and the chance with which
it follows the second parent is how far it goes on the way from one to the other.

Source  precedence preserving crossover: C. Bierwirth, D. Mattfeld, H. Kopfer, PPSN IV (1996)
        310-318, doi:10.1007/3-540-61723-X_995; ways between good schedules: B. Peng, Z. Lu,
        T. Cheng, Comput. Oper. Res. 53 (2015) 154-164, doi:10.1016/j.cor.2014.08.006.
"""

from manufold.scheduling.kernel import Seconds
from manufold.scheduling.shop.makespan_code import borrowing
from manufold.scheduling.shop.makespan_graph import Graph, Links
from manufold.scheduling.shop.tabu_moves import drawn

__all__ = ["cross"]


@borrowing
def cross(
    g: Graph, orders: Links, alts: Links, share: int, state: Seconds, order: Links, alt: Links
) -> None:
    """Write a child of two parents, `orders` and `alts` of shape (2, n + 1).

    Args:
        share: chance in 1024 to follow the second parent.
    """
    n = len(order) - 1
    one = other = 0
    for i in range(n):
        second = drawn(state, 1024) < share
        if second:
            while g.mark[orders[1, other]]:
                other += 1
            op = orders[1, other]
        else:
            while g.mark[orders[0, one]]:
                one += 1
            op = orders[0, one]
        g.mark[op] = 1
        order[i] = op
        alt[op] = alts[1, op] if second else alts[0, op]
    order[n] = n
    g.mark[:] = 0
