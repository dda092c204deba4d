"""The earliest arrival of one new job beside frozen bookings, proven by CP-SAT.

Every stretch an operation could take is listed (`cp_candidates`); the solver picks one for each,
so that predecessors, lanes, lags and lots are kept and own operations do not take one another's
seats, operators and tools. Shares nothing with the planner but the network.

Source  CP-SAT of OR-Tools, https://developers.google.com/optimization.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

from ortools.sat.python import cp_model

from manufold.model.process_plan import Operation, ProcessPlan
from scheduling.cp_candidates import Candidate, Candidates, lots_of, wanted_by
from scheduling.exact_shops import ExactShop

__all__ = ["earliest_arrival_s"]

#: how far is looked where no bound is given; no instant is beyond the other
HORIZON_S = 3 * 86400
LATEST_S = 1 << 30
Ways = Mapping[str, list[Candidate]]


def earliest_arrival_s(
    shop: ExactShop, to: str, at_most_s: int | None = None, *, seconds: float = 60.0
) -> int | None:
    """Return the earliest arrival of the goods, None where there is none by `at_most_s`.

    Raises:
        TimeoutError: nothing was proven in time.
    """
    until_s = HORIZON_S if at_most_s is None else at_most_s
    plan, quantity = shop.job.plan, shop.job.quantity
    concurrent = [pair for pair in _concurrent(plan, quantity) if _may_clash(plan, *pair)]
    meeting = _meeting(shop)
    listed = Candidates(shop, until_s, not concurrent and not meeting, meeting)
    ways = _narrowed(
        shop, {step.operation_id: sorted(listed.of(step)) for step in plan.operations}, to, until_s
    )
    if not all(ways.values()):
        return None
    return _Model(shop, ways, concurrent, to).arrival_s(seconds)


def _concurrent(plan: ProcessPlan, quantity: int) -> list[tuple[str, str]]:
    """Return pairs of operations that may run at once: no complete hand-over between them."""
    behind: dict[str, set[str]] = {}
    for step in plan.operations:
        behind[step.operation_id] = set()
        for name in step.after:
            whole = len(lots_of(plan.operation[name], quantity)) == 1
            behind[step.operation_id] |= behind[name] | ({name} if whole else set())
    names = [step.operation_id for step in plan.operations]
    return [(a, b) for a, b in combinations(names, 2) if a not in behind[b]]


def _may_clash(plan: ProcessPlan, one: str, other: str) -> bool:
    """Return whether two operations could want one seat, one operator or one tool."""
    first, second = plan.operation[one], plan.operation[other]
    return (
        first.capability == second.capability
        or (first.skill is not None and second.skill is not None)
        or bool(first.tools and second.tools)
    )


def _meeting(shop: ExactShop) -> frozenset[str]:
    """Return operations that may come next to another one at a seat with a setup matrix."""
    steps = shop.job.plan.operations
    wanted = [step.capability for step in steps]
    matrices = {
        capability.name
        for unit in shop.network.work_units
        if unit.setup_matrix_id is not None and not unit.batches
        for capability in unit.capabilities
    }
    return frozenset(
        step.operation_id
        for step in steps
        if wanted.count(step.capability) > 1 and step.capability in matrices
    )


def _narrowed(shop: ExactShop, listed: dict[str, list[Candidate]], to: str, until_s: int) -> Ways:
    """Leave out what comes too early for any predecessor or too late for any successor.

    Own work in the way and lanes between sites are not looked at: what is left out is impossible.
    """
    plan, ways = shop.job.plan, dict(listed)
    for name in plan.last_operations:
        ways[name] = [
            one
            for one in ways[name]
            if (lane_s := shop.network.lane_s(one.site, to)) is not None
            and one.end + lane_s <= until_s
        ]
    while True:
        before = sum(map(len, ways.values()))
        for step in plan.operations:
            for number, name in enumerate(step.after):
                _narrow(step, number, ways, name)
        if sum(map(len, ways.values())) == before or not all(ways.values()):
            return ways


def _narrow(step: Operation, number: int, ways: dict[str, list[Candidate]], before: str) -> None:
    """Keep of both only what some candidate of the other could go with."""
    name = step.operation_id
    mine, theirs = ways[name], ways[before]
    for lot in range(len(theirs[0].comes) if theirs and mine else 0):
        soonest = min((one.comes[lot] for one in theirs), default=1 << 40) + step.min_lag_s
        mine = [one for one in mine if wanted_by(one, number, lot) >= soonest]
        latest = max((wanted_by(one, number, lot) for one in mine), default=-1) - step.min_lag_s
        theirs = [one for one in theirs if one.comes[lot] <= latest]
    if step.max_lag_s is not None and mine and theirs:
        latest = max(one.end for one in theirs) + step.max_lag_s
        mine = [one for one in mine if one.start <= latest]
        soonest = min((one.start for one in mine), default=1 << 40) - step.max_lag_s
        theirs = [one for one in theirs if one.end >= soonest]
    ways[name], ways[before] = mine, theirs


class _Model:
    """One Boolean for each candidate; times are sums over them."""

    def __init__(
        self, shop: ExactShop, ways: Ways, concurrent: Sequence[tuple[str, str]], to: str
    ) -> None:
        self.shop, self.ways, self.plan = shop, ways, shop.job.plan
        self.model = cp_model.CpModel()
        self.picks = {
            name: [self.model.new_bool_var(f"{name} {at}") for at in range(len(found))]
            for name, found in ways.items()
        }
        for picks in self.picks.values():
            self.model.add_exactly_one(picks)
        self.at = {name: self._sites(name) for name in ways}
        for step in self.plan.operations:
            for number, before in enumerate(step.after):
                self._follow(step, number, before)
        self._shared(concurrent)
        self._tools(concurrent)
        self._changeovers()
        self.arrives = self._arrival(to)

    def arrival_s(self, seconds: float) -> int | None:
        """Return the proven optimum, None when nothing is possible."""
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = 1
        solver.parameters.max_time_in_seconds = seconds
        self.model.minimize(self.arrives)
        ended = solver.solve(self.model)
        if ended == cp_model.INFEASIBLE:
            return None
        if ended != cp_model.OPTIMAL:
            raise TimeoutError(solver.status_name(ended))
        return int(solver.value(self.arrives))

    def _sum(self, name: str, values: Iterable[int]) -> cp_model.LinearExprT:
        return cp_model.LinearExpr.weighted_sum(self.picks[name], list(values))

    def _starts(self, name: str) -> cp_model.LinearExprT:
        return self._sum(name, (one.start for one in self.ways[name]))

    def _any(self, name: str, chosen: Iterable[bool]) -> cp_model.IntVar:
        """Return whether one of some candidates is picked."""
        found = self.model.new_bool_var("")
        picks = [pick for pick, yes in zip(self.picks[name], chosen, strict=True) if yes]
        self.model.add(cp_model.LinearExpr.sum(picks) == found)
        return found

    def _interval(
        self, name: str, until: Sequence[int], present: cp_model.IntVar
    ) -> cp_model.IntervalVar:
        """Return a stretch from an operation's start to an end that each candidate has."""
        start, span, end = (self.model.new_int_var(0, LATEST_S, "") for _ in range(3))
        self.model.add(start == self._starts(name))
        self.model.add(end == self._sum(name, until))
        self.model.add(span == end - start)
        return self.model.new_optional_interval_var(start, span, end, present, "")

    def _sites(self, name: str) -> dict[str, cp_model.IntVar]:
        sites = {one.site for one in self.ways[name]}
        return {site: self._any(name, (o.site == site for o in self.ways[name])) for site in sites}

    def _follow(self, step: Operation, number: int, before: str) -> None:
        """Keep lanes, lags and lots between an operation and one of its predecessors."""
        name, model = step.operation_id, self.model
        mine, theirs = self.ways[name], self.ways[before]
        start = self._starts(name)
        lots = len(theirs[0].comes)
        for here, made_here in self.at[name].items():
            for there, made_there in self.at[before].items():
                lane_s = self.shop.network.lane_s(there, here)
                if lane_s is None:
                    model.add_bool_or(made_here.negated(), made_there.negated())
                    continue
                way_s = max(lane_s, step.min_lag_s)
                for lot in range(lots):
                    comes = self._sum(before, (one.comes[lot] for one in theirs))
                    until = self._sum(name, (wanted_by(one, number, lot) for one in mine))
                    kept = model.add(until >= comes + way_s)
                    kept.only_enforce_if(made_here, made_there)
        if step.max_lag_s is not None:
            ended = self._sum(before, (one.end for one in theirs))
            model.add(start <= ended + step.max_lag_s)

    def _shared(self, concurrent: Sequence[tuple[str, str]]) -> None:
        """Keep apart own operations at one seat or with one operator."""
        model = self.model
        spans: dict[str, dict[str, cp_model.IntervalVar]] = {}
        for name in sorted({name for pair in concurrent for name in pair}):
            found = self.ways[name]
            for resource in sorted({used for one in found for used, _until in one.uses}):
                until = [dict(one.uses).get(resource, one.start) for one in found]
                spent = zip(until, found, strict=True)
                taken = self._any(name, (used > one.start for used, one in spent))
                interval = self._interval(name, until, taken)
                spans.setdefault(resource, {})[name] = interval
        for users in spans.values():
            if len(users) > 1:
                model.add_no_overlap(users.values())

    def _tools(self, concurrent: Sequence[tuple[str, str]]) -> None:
        """Give every operation enough free tools that no other one holds at the same time."""
        spans: dict[str, list[cp_model.IntervalVar]] = {}
        for name in sorted({name for pair in concurrent for name in pair}):
            found, wanted = self.ways[name], sum(self.plan.operation[name].tools.values())
            held = []
            for tool in sorted({tool for one in found for tool in one.tools_free}):
                holds = self.model.new_bool_var("")
                free = self._any(name, (tool in one.tools_free for one in found))
                self.model.add_implication(holds, free)
                interval = self._interval(name, [one.end for one in found], holds)
                spans.setdefault(tool, []).append(interval)
                held.append(holds)
            if held:
                self.model.add(cp_model.LinearExpr.sum(held) == wanted)
        for users in spans.values():
            self.model.add_no_overlap(users)

    def _changeovers(self) -> None:
        """Let own operations in one gap of a seat follow one another from frozen row to row."""
        gaps: dict[str, list[str]] = {}
        for name, found in self.ways.items():
            for gap in {one.gap for one in found if one.gap}:
                gaps.setdefault(gap, []).append(name)
        for gap, names in gaps.items():
            here = {name: [one.gap == gap for one in self.ways[name]] for name in names}
            first = [
                self._any(n, (o.gap == gap and not o.before for o in self.ways[n])) for n in names
            ]
            last = [self._any(n, (o.gap == gap and o.last for o in self.ways[n])) for n in names]
            self.model.add_at_most_one(first)
            self.model.add_at_most_one(last)
            followed: dict[str, list[cp_model.IntVar]] = {name: [] for name in names}
            for name in names:
                for before in {one.before for one in self.ways[name] if one.before}:
                    follows = self._any(
                        name, (o.gap == gap and o.before == before for o in self.ways[name])
                    )
                    if before not in names:
                        self.model.add(follows == 0)
                        continue
                    followed[before].append(follows)
                    self.model.add_implication(follows, self._any(before, here[before]))
                    ended = self._sum(before, (one.end for one in self.ways[before]))
                    self.model.add(self._starts(name) >= ended).only_enforce_if(follows)
            for name in names:
                open_end = self._any(name, (o.gap == gap and not o.last for o in self.ways[name]))
                self.model.add(cp_model.LinearExpr.sum(followed[name]) == open_end)

    def _arrival(self, to: str) -> cp_model.IntVar:
        """Return when the goods arrive; all last operations end at the site they leave from."""
        arrives = self.model.new_int_var(0, LATEST_S, "arrives")
        first, *others = self.plan.last_operations
        for site, made_here in self.at[first].items():
            lane_s = self.shop.network.lane_s(site, to)
            for other in others:
                same = self.at[other].get(site)
                self.model.add_implication(made_here, same) if same is not None else (
                    self.model.add(made_here == 0)
                )
            if lane_s is None:
                self.model.add(made_here == 0)
                continue
            for name in self.plan.last_operations:
                ended = self._sum(name, (one.end for one in self.ways[name]))
                self.model.add(arrives >= ended + lane_s).only_enforce_if(made_here)
        return arrives
