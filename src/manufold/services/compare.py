"""Compare: the same orders, machines and seeds under two policies, in the twin, in pairs.

Nothing of it touches the world it is asked in: only the network and the settings are read, each arm
is a world in memory that is thrown away. What comes out is simulated, and says so.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import isfinite

from manufold.improvement.paired import Paired, paired
from manufold.model.errors import InputFault
from manufold.model.network import Network
from manufold.model.ports import Executor
from manufold.services.compare_arm import run_arm
from manufold.services.compare_measures import MEASURES, measured
from manufold.services.compare_policies import policy_of
from manufold.services.compare_stream import stream
from manufold.settings import Settings

__all__ = ["SEEDS_MOST", "ArmAsk", "Comparison", "Pair", "Plan", "arm_values", "compare"]

_ENTRY = "manufold.services.compare:arm_values"
#: of one arm; the default takes ten seconds and 300 MB
_LIMIT_S, _MEMORY_MB = 1800.0, 4000
ORDERS_MOST, SEEDS_MOST, LOAD_MOST = 2000, 200, 2.0

#: (arms done, arms in all)
Told = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is compared: all that is needed to do it again.

    Args:
        policies: the one compared with, then the one compared.
        seeds: one pair each.
        load: work that arrives over working time there is, of the main work units.
    """

    orders: int = 100
    seeds: tuple[int, ...] = tuple(range(1, 7))
    load: float = 0.8
    policies: tuple[str, ...] = ("fcfs", "ours")

    def __post_init__(self) -> None:
        if not 1 <= self.orders <= ORDERS_MOST:
            raise InputFault("compare.orders_outside", orders=self.orders, most=ORDERS_MOST)
        if not 1 <= len(self.seeds) <= SEEDS_MOST:
            raise InputFault("compare.seeds_outside", seeds=len(self.seeds), most=SEEDS_MOST)
        if not (isfinite(self.load) and 0.05 <= self.load <= LOAD_MOST):
            raise InputFault("compare.load_outside", load=str(self.load), most=str(LOAD_MOST))
        if len(self.policies) != 2:
            given = ",".join(self.policies)[:80]
            raise InputFault("compare.two_policies", policies=given)
        for name in self.policies:
            policy_of(name)


@dataclass(frozen=True, slots=True)
class ArmAsk:
    """One arm, as a worker process is asked for it."""

    network: Network
    settings: Settings
    seed: int
    orders: int
    load: float
    policy: str


@dataclass(frozen=True, slots=True)
class Pair:
    """The measures of one seed under both policies."""

    seed: int
    a: Mapping[str, float]
    b: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What came out, and what it came from.

    Args:
        measures: by name, in the order of `MEASURES`.
    """

    plan: Plan
    network_name: str
    network_revision: str
    pairs: tuple[Pair, ...]
    measures: Mapping[str, Paired]


def compare(
    network: Network,
    settings: Settings,
    executor: Executor,
    plan: Plan,
    *,
    at_once: int = 1,
    told: Told = lambda done, of: None,
) -> Comparison:
    """Return how two policies do on the same orders, machines and luck.

    Args:
        executor: where the arms are simulated.
        at_once: arms simulated at the same time.

    Raises:
        InputFault: `backlog.nothing_to_make`, `compare.no_buyer`, `compare.nowhere_to_send`.
        CannotMake: an order does not fit into the schedule's horizon; lower the load.
    """
    asks = [
        ArmAsk(network, settings, seed, plan.orders, plan.load, policy)
        for seed in plan.seeds
        for policy in plan.policies
    ]
    values = _all(executor, asks, at_once, told)
    pairs = tuple(
        Pair(seed, values[2 * row], values[2 * row + 1]) for row, seed in enumerate(plan.seeds)
    )
    measures = {
        one.name: paired([pair.a[one.name] for pair in pairs], [p.b[one.name] for p in pairs])
        for one in MEASURES
    }
    return Comparison(plan, network.name, network.revision, pairs, measures)


def arm_values(request: object) -> dict[str, float]:
    """Return the measures of one arm: what a worker process answers."""
    assert isinstance(request, ArmAsk), request
    found = stream(request.network, request.settings, request.seed, request.orders, request.load)
    policy = policy_of(request.policy)
    return measured(run_arm(request.network, request.settings, request.seed, found, policy), found)


def _all(
    executor: Executor, asks: Sequence[ArmAsk], at_once: int, told: Told
) -> list[dict[str, float]]:
    """Return the values of all arms, in their order; the first refusal ends it."""

    def ask(one: ArmAsk) -> dict[str, float]:
        answer = executor.run(_ENTRY, one, limit_s=_LIMIT_S, memory_mb=_MEMORY_MB)
        return dict(answer)

    values: list[dict[str, float]] = []
    told(0, len(asks))
    with ThreadPoolExecutor(at_once) as threads:
        waiting = [threads.submit(ask, one) for one in asks]
        try:
            for one in waiting:
                values.append(one.result())
                told(len(values), len(asks))
        except BaseException:
            threads.shutdown(wait=False, cancel_futures=True)
            raise
    return values
