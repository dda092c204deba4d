"""What a repair of the schedule did, in a terminal."""

from rich.console import Console

from manufold.model.errors import Reason
from manufold.model.network import Network
from manufold.model.schedule import Slot
from manufold.services.repair_schedule import RepairDone
from manufold.ui.console.rows import short_id
from manufold.ui.console.when import day_and_hour, moment
from manufold.words import word

__all__ = ["print_repaired"]

_MOVES_SHOWN = 12
_LATE_SHOWN = 10


def print_repaired(
    done: RepairDone,
    network: Network,
    language: str,
    console: Console | None = None,
    *,
    whole: bool = False,
) -> None:
    """Print what became of it, how many orders are late, each move, and what stays late and why."""
    out = console or Console(highlight=False)
    out.print(word(done.why, language), markup=False)
    counts: dict[str, str | int | bool] = {"before": done.missed_before, "after": done.missed_after}
    found = done.why.code in ("repair.done", "repair.dry")
    missed = Reason("repair.missed" if found else "repair.missed_as_is", counts)
    out.print(word(missed, language), markup=False)
    for move in done.moves if whole else done.moves[:_MOVES_SHOWN]:
        order = short_id(done.order_of[move.slot.holder])
        there = (
            f"{_place(move.before, network, language)} -> {_place(move.after, network, language)}"
        )
        why = word(move.why, language)
        out.print(f"  {order} {move.slot.operation_id} {there}: {why}", markup=False)
    if not whole and len(done.moves) > _MOVES_SHOWN:
        out.print(f"  + {len(done.moves) - _MOVES_SHOWN}")
    for one in done.late if whole else done.late[:_LATE_SHOWN]:
        late = word(Reason("what_if.span", {"span_s": one.late_s}), language)
        promised = moment(one.promised_s, one.zone, language)
        why = " ".join(word(reason, language) for reason in one.why)
        out.print(f"{short_id(one.order_id)} {promised} +{late}: {why}", markup=False)
    if not whole and len(done.late) > _LATE_SHOWN:
        out.print(f"+ {len(done.late) - _LATE_SHOWN}")


def _place(slot: Slot | None, network: Network, language: str) -> str:
    if slot is None:
        return "-"
    zone = network.site_of(slot.resource_id).zone
    return f"{slot.resource_id} {day_and_hour(slot.start_s, zone, language)}"
