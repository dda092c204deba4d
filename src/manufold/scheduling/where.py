"""Where: the site of each operation, so that the goods arrive first.

Every operation gets, for every site that can do it, the earliest finish there, ways from its
predecessors' sites included; the best arrival is then traced back. For a routing that is a chain
this is exact, since starting later never finishes sooner. Where a routing forks, both branches
may want their common predecessor at different sites: the branch that ends later decides.

Cost    O(operations x seats + precedences x sites x sites), no search.
Source  the label-setting pass of R. Bellman, Quart. Appl. Math. 16 (1958) 87-90.
"""

from collections.abc import Callable, Mapping

from manufold.model.errors import CannotMake
from manufold.model.network import Network
from manufold.model.process_plan import Operation
from manufold.model.schedule import Slot
from manufold.scheduling.load import Load
from manufold.scheduling.task import Task, earliest

__all__ = ["chosen_sites", "past_horizon", "way_s"]

#: operation id -> site -> (finish there, site of each predecessor)
Labels = dict[str, dict[str, tuple[int, dict[str, str]]]]


def way_s(network: Network, operation: Operation, from_site: str, to_site: str) -> int | None:
    """Return the least seconds from a predecessor's end to an operation's start.

    Curing goes on while the pieces travel: it is the longer of the two. None where there is no
    lane, or one that takes longer than the operation may wait.
    """
    lane_s = network.lane_s(from_site, to_site)
    if lane_s is None or (operation.max_lag_s is not None and lane_s > operation.max_lag_s):
        return None
    return max(lane_s, operation.min_lag_s)


def chosen_sites(
    load: Load,
    tasks: tuple[Task, ...],
    bound_s: Callable[[str, str], int],
    to: str | None,
    fixed: Mapping[str, Slot],
    last: tuple[str, ...],
) -> dict[str, str]:
    """Return the site of each operation.

    Args:
        bound_s: (operation, site) -> nothing of it starts there before.
        to: site or delivery zone where the goods must arrive, None = nowhere in particular.
        fixed: operations that are placed already.
        last: operations that nothing follows; all end at the site the goods leave from.

    Raises:
        CannotMake: `schedule.no_way` where lanes are missing, `schedule.past_horizon`.
    """
    network = load.network
    known = {name: network.site_of(slot.resource_id).site_id for name, slot in fixed.items()}
    everywhere = frozenset.union(*(task.sites for task in tasks), frozenset(known.values()))
    if len(everywhere) == 1 and (to is None or network.lane_s(min(everywhere), to) is not None):
        return dict.fromkeys([*known, *(task.name for task in tasks)], min(everywhere))
    labels: Labels = {name: {known[name]: (slot.end_s, {})} for name, slot in fixed.items()}
    for task in tasks:
        labels[task.name] = _label(load, task, labels, bound_s)
    chosen = _traced(network, tasks, labels, to, last)
    if all(
        way_s(network, task.operation, chosen[before], chosen[task.name]) is not None
        for task in tasks
        for before in task.operation.after
    ):
        return chosen
    alone = frozenset.intersection(*(task.sites for task in tasks))
    whole = sorted(
        (max(labels[name][site][0] for name in last) + (lane_s or 0), site)
        for site in alone
        if all(site in labels[name] for name in last)
        and ((lane_s := network.lane_s(site, to or site)) is not None)
    )
    if known or not whole:
        raise CannotMake("schedule.no_way", operation=last[-1], to=to or "-")
    _, best = whole[0]
    return dict.fromkeys(chosen, best)


def _label(
    load: Load, task: Task, labels: Labels, bound_s: Callable[[str, str], int]
) -> dict[str, tuple[int, dict[str, str]]]:
    found: dict[str, tuple[int, dict[str, str]]] = {}
    reachable = False
    for site in sorted(task.sites):
        origins: dict[str, str] = {}
        ready_s = bound_s(task.name, site)
        for before in task.operation.after:
            ways = [
                (end_s + way, origin)
                for origin, (end_s, _) in labels[before].items()
                if (way := way_s(load.network, task.operation, origin, site)) is not None
            ]
            if not ways:
                break
            arrives_s, origins[before] = min(ways)
            ready_s = max(ready_s, arrives_s)
        else:
            reachable = True
            ends = [
                gap.end_s
                for choice in task.choices
                if choice.site_id == site
                and (gap := earliest(load, task, choice, ready_s)) is not None
            ]
            if ends:
                found[site] = (min(ends), origins)
    if not found:
        if reachable:
            raise past_horizon(load, task.name)
        raise CannotMake("schedule.no_way", operation=task.name, to=", ".join(sorted(task.sites)))
    return found


def _traced(
    network: Network,
    tasks: tuple[Task, ...],
    labels: Labels,
    to: str | None,
    last: tuple[str, ...],
) -> dict[str, str]:
    arrivals = []
    for site in sorted(set.intersection(*(set(labels[name]) for name in last))):
        lane_s = 0 if to is None else network.lane_s(site, to)
        if lane_s is not None:
            arrivals.append((max(labels[name][site][0] for name in last) + lane_s, site))
    if not arrivals:
        raise CannotMake("schedule.no_way", operation=last[-1], to=to or "-")
    _, leaves_from = min(arrivals)
    chosen = dict.fromkeys(last, leaves_from)
    ends = sorted(tasks, key=lambda task: -min(end for end, _ in labels[task.name].values()))
    for task in ends:  # later finishes first: whoever is later decides for its predecessors
        _, origins = labels[task.name][chosen[task.name]]
        for before, site in origins.items():
            chosen.setdefault(before, site)
    return chosen


def past_horizon(load: Load, operation_id: str) -> CannotMake:
    """Return the refusal of an operation that ends beyond the horizon."""
    return CannotMake("schedule.past_horizon", operation=operation_id, days=load.horizon_s // 86400)
