"""When and where: slots of work units, kept as columns; dispatch lists read from them."""

from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from manufold.model.errors import InputFault
from manufold.model.process_plan import ProcessPlan

__all__ = ["Claim", "DispatchList", "Job", "Schedule", "Slot", "dispatch_lists"]


@dataclass(frozen=True, slots=True)
class Claim:
    """What a slot holds beside its seat: an operator while attended, a tool, an oven's door.

    Args:
        resource_id: an operator, a tool, or the work unit itself for its door.
        seat: 0 for an operator, one of a tool's, the number of seats for a door.
        shared_as: claims of the same name may overlap: the members of one operation batch.
    """

    resource_id: str
    seat: int
    start_s: int
    end_s: int
    shared_as: str = ""

    def __post_init__(self) -> None:
        if not self.start_s < self.end_s or self.seat < 0:
            raise InputFault("schedule.slot_nonsense", resource=self.resource_id, job="-")


@dataclass(frozen=True, slots=True)
class Slot:
    """One operation of one production order on one seat of one work unit: a row of a schedule.

    Args:
        resource_id: a work unit.
        seat: 0 <= seat < the work unit's seats.
        start_s: when set-up begins.
        setup_s: working seconds of set-up, changeover included, from `start_s` on.
        end_s: when the last piece is done; pauses over breaks lie inside.
        quantity: pieces started in this operation.
        holder: the offer, or the production order once accepted, that it stands for.
        changeover_s: the part of `setup_s` booked for changing over, None where nobody said.
        also: what else it holds.
    """

    resource_id: str
    seat: int
    start_s: int
    setup_s: int
    end_s: int
    holder: str
    operation_id: str
    quantity: int
    setup_family: str | None = None
    changeover_s: int | None = None
    also: tuple[Claim, ...] = ()

    def __post_init__(self) -> None:
        if not self.start_s < self.end_s or self.setup_s < 0 or self.seat < 0 or self.quantity < 1:
            raise InputFault("schedule.slot_nonsense", resource=self.resource_id, job=self.holder)

    @property
    def for_offer(self) -> bool:
        """Whether it is only held for an offer: an option stands behind it, and no order yet."""
        return self.holder.startswith("opt_")


class Schedule:
    """Slots as columns: `start_s`, `setup_s`, `end_s`, `seat`, `quantity` are `array('q')` that
    numpy views without copying; the text columns are lists. Row order is not meaningful.
    """

    __slots__ = (
        "also",
        "changeover_s",
        "end_s",
        "holder",
        "operation_id",
        "quantity",
        "resource_id",
        "seat",
        "setup_family",
        "setup_s",
        "start_s",
    )

    def __init__(self, slots: Iterable[Slot] = ()) -> None:
        self.resource_id: list[str] = []
        self.holder: list[str] = []
        self.operation_id: list[str] = []
        self.setup_family: list[str | None] = []
        self.changeover_s: list[int | None] = []
        self.also: list[tuple[Claim, ...]] = []
        self.seat = array("q")
        self.start_s = array("q")
        self.setup_s = array("q")
        self.end_s = array("q")
        self.quantity = array("q")
        for slot in slots:
            self.add(slot)

    def add(self, slot: Slot) -> None:
        """Append one row."""
        self.resource_id.append(slot.resource_id)
        self.holder.append(slot.holder)
        self.operation_id.append(slot.operation_id)
        self.setup_family.append(slot.setup_family)
        self.changeover_s.append(slot.changeover_s)
        self.also.append(slot.also)
        self.seat.append(slot.seat)
        self.start_s.append(slot.start_s)
        self.setup_s.append(slot.setup_s)
        self.end_s.append(slot.end_s)
        self.quantity.append(slot.quantity)

    def __len__(self) -> int:
        return len(self.resource_id)

    def __getitem__(self, row: int) -> Slot:
        return Slot(
            self.resource_id[row],
            self.seat[row],
            self.start_s[row],
            self.setup_s[row],
            self.end_s[row],
            self.holder[row],
            self.operation_id[row],
            self.quantity[row],
            self.setup_family[row],
            self.changeover_s[row],
            self.also[row],
        )

    def __iter__(self) -> Iterator[Slot]:
        return (self[row] for row in range(len(self)))


@dataclass(frozen=True, slots=True)
class Job:
    """What the slots of one holder must make: the plan, the pieces, what bounds it.

    Args:
        holder: the offer's option or the production order; equals `Slot.holder`.
        quantity: pieces started in every operation.
        release_s: nothing of it starts before.
        ready_s: operation id -> its material is there; absent = at once.
        due_s: end of its last operation that keeps the promise (door date less delivery);
            None = nothing promised yet.
        weight: of a second of tardiness against another job's.
    """

    holder: str
    plan: ProcessPlan
    quantity: int
    release_s: int = 0
    ready_s: Mapping[str, int] = field(default_factory=dict)
    due_s: int | None = None
    weight: int = 1

    def __post_init__(self) -> None:
        if self.quantity < 1:
            raise InputFault("schedule.quantity", job=self.holder, quantity=self.quantity)


@dataclass(frozen=True, slots=True)
class DispatchList:
    """What one seat of a work unit does, or one operator, one tool, in order."""

    resource_id: str
    seat: int
    slots: tuple[Slot, ...]


def dispatch_lists(slots: Iterable[Slot], *, claims: bool = False) -> tuple[DispatchList, ...]:
    """Return the dispatch lists of a schedule, by resource and seat, each in time order.

    Args:
        claims: whether operators, tools and doors have lists, too: the slots that claim them.
    """
    rows: dict[tuple[str, int], list[Slot]] = {}
    for slot in slots:
        rows.setdefault((slot.resource_id, slot.seat), []).append(slot)
        for claim in slot.also if claims else ():
            rows.setdefault((claim.resource_id, claim.seat), []).append(slot)
    return tuple(
        DispatchList(resource, seat, tuple(sorted(found, key=lambda s: (s.start_s, s.end_s))))
        for (resource, seat), found in sorted(rows.items())
    )
