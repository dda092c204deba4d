"""What bettering the schedule gained, in a terminal."""

from collections.abc import Callable

from rich.console import Console

from manufold.model.errors import Reason
from manufold.model.units import shown_money
from manufold.scheduling.objective import Objective
from manufold.services.schedule import Bettered
from manufold.ui.console.rows import add_row, plain_table, short_id
from manufold.words import term, word

__all__ = ["print_improved"]

#: promises that are listed; of more, the latest
MISSED_MOST = 10


def print_improved(
    done: Bettered, currency: str, language: str, console: Console | None = None
) -> None:
    """Print what moved, each part before, after and at its bound, and the promises missed."""
    out, found = console or Console(highlight=False), done.found
    told: dict[str, str | int | bool] = {"slots": done.moved_slots, "orders": done.moved_orders}
    code = "nothing" if found.rounds else "stays"  # who tried nothing has found nothing out
    if done.moved_slots:
        code = "dry" if done.dry_run else "done"
    if done.refused is not None:
        out.print(word(Reason("board.improve_refused", {}), language), markup=False)
    else:
        out.print(word(Reason(f"improve_words.{code}", told), language), markup=False)
    heads = [
        term("improve_words", name, language) for name in ("measure", "before", "after", "bound")
    ]
    table = plain_table(heads, right=heads[1:])
    for name, show in _parts(currency, language).items():
        values = (found.before, found.after, found.bound)
        add_row(table, term("improve_words", name, language), *map(show, values))
    out.print(table)
    above = found.after.weighed_micro_minor - found.bound.weighed_micro_minor
    gap: dict[str, str | int | bool] = {
        "tardiness_s": found.gap_s,
        "fraction": f"{above / max(1, found.after.weighed_micro_minor):.1%}",
        "rounds": found.rounds,
        "rate": round(found.rounds / max(done.seconds, 1e-3)),
        "seed": done.seed,
    }
    out.print(word(Reason("improve_words.gap", gap), language), markup=False)
    effort: dict[str, str | int | bool] = {
        "workers": done.workers,
        "on": term("improve_words", f"on_{done.on}", language),
        "seconds": f"{done.seconds:.1f}",
        "ready": f"{done.ready_s:.1f}",
    }
    out.print(word(Reason("improve_words.effort", effort), language), markup=False)
    for reason in (found.why, *found.lost):
        out.print(word(reason, language), markup=False)
    for order_id, one in done.missed[:MISSED_MOST]:
        late = _span(one.end_s - one.due_s, language)
        out.print(f"{short_id(order_id)} +{late}: {word(one.why, language)}", markup=False)
    if len(done.missed) > MISSED_MOST:
        out.print(f"+ {len(done.missed) - MISSED_MOST}")


def _span(span_s: int, language: str) -> str:
    return word(Reason("improve_words.span", {"span_s": span_s}), language)


def _parts(currency: str, language: str) -> dict[str, Callable[[Objective], str]]:
    """Return how each part is shown."""

    def money(minor: int) -> str:
        return shown_money(minor, currency)

    return {
        "tardiness": lambda one: _span(one.tardiness_s, language),
        "flow": lambda one: _span(one.flow_s, language),
        "setup": lambda one: _span(one.setup_s, language),
        "changeover": lambda one: money(one.changeover_milli_minor // 1000),
        "energy": lambda one: money(one.energy_milli_minor // 1000),
        "carbon": lambda one: f"{one.carbon_mg / 1e6:,.1f} kg",
        "weighed": lambda one: money(one.weighed_micro_minor // 1_000_000),
    }
