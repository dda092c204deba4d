"""What a trade brings that cuts several orders from one cloth together: an optional contract.

It registers an object under the entry point group `manufold.lays`. Which orders are cut together
is decided elsewhere and for any trade; the trade says what an order wants of its cloth, how long a
group will lie, and lays it. Loading the entry point is to be cheap.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Protocol

from manufold.model.errors import InputFault, Reason
from manufold.model.ports import Executor

__all__ = ["GROUP", "Cloth", "Laid", "LaysTogether", "Wanted", "lays_together"]

GROUP = "manufold.lays"


@dataclass(frozen=True, slots=True)
class Cloth:
    """The cloth that a marker is laid on.

    Args:
        width_mm: usable.
        gap_mm: least distance between two pieces.
        one_way: it has a top, such as nap or a print: nothing is turned round.
    """

    width_mm: float
    gap_mm: float
    one_way: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is cut for one order; an order of several things has one for each.

    Args:
        name: of the order.
        what: the trade's own; it goes to worker processes.
        outline_mm: around all pieces.
    """

    name: str
    what: object
    pieces: int
    area_mm2: float
    outline_mm: float


@dataclass(frozen=True, slots=True)
class Laid:
    """A marker that was laid and judged by the trade.

    Args:
        cover: which part of the cloth its pieces cover.
        what: the trade's own.
        lost: searches that gave nothing, and why.
    """

    length_mm: float
    cover: float
    what: object
    lost: tuple[Reason, ...] = ()


class LaysTogether(Protocol):
    """A trade whose orders can be cut from one cloth together."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of a table of orders that are the trade's own."""

    def wanted(self, name: str, row: Mapping[str, str]) -> Wanted:
        """Return what a row of a table of orders wants.

        Raises:
            InputFault, CannotMake: names the column, the fault and the remedy.
        """

    def check_fits(self, wanted: Wanted, cloth: Cloth) -> None:
        """Refuse an order that this cloth is too narrow for.

        Raises:
            CannotMake: names the piece and what it needs.
        """

    def estimated_mm(self, group: Sequence[Wanted], cloth: Cloth, seconds: float) -> float:
        """Return how long a group will lie when it is laid for so many seconds; at once."""

    def laid(
        self,
        group: Sequence[Wanted],
        cloth: Cloth,
        *,
        left_s: Callable[[], float],
        seed: int,
        executor: Executor,
    ) -> Laid:
        """Return a judged marker; it keeps one worker process busy until no time is left."""

    def ready(self, executor: Executor) -> None:
        """Return when a worker process has loaded and compiled what `laid` needs."""

    def drawn(self, group: Sequence[Wanted], cloth: Cloth, laid: Laid) -> Mapping[str, bytes]:
        """Return a marker's files by suffix, e.g. "dxf", "svg"."""


def lays_together() -> LaysTogether:
    """Return the trade that is installed.

    Raises:
        InputFault: `design.lays_none`, `design.lays_broken`.
    """
    found = list(entry_points(group=GROUP))
    if not found:
        raise InputFault("design.lays_none")
    point = min(found, key=lambda one: one.name)
    try:
        lays: LaysTogether = point.load()
    except Exception as fault:
        why = f"{type(fault).__name__}: {fault}"[:200]
        raise InputFault("design.lays_broken", trade=point.name[:80], why=why) from fault
    return lays
