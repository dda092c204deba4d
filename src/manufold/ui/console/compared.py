"""A comparison of policies in a terminal: what differs, how sure it is, and that it is not real."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from manufold.model.errors import Reason
from manufold.services.compare import Comparison
from manufold.services.compare_measures import MEASURES, verdict_of
from manufold.ui.console.rows import add_row, plain_table
from manufold.words import term, word

__all__ = ["compared", "print_comparison"]


def print_comparison(
    found: Comparison, command: str, language: str, console: Console | None = None
) -> None:
    """Print every measure under both policies, the difference with its interval, and a verdict."""
    out, plan = console or Console(highlight=False), found.plan

    def say(name: str) -> str:
        return term("compare_words", name, language)

    a, b = (term("compare_policy", name, language) for name in plan.policies)
    out.print(f"{say('simulated')}: {b} {say('against')} {a}", style="bold", markup=False)
    about: dict[str, str | int | bool] = {
        "seeds": len(plan.seeds),
        "first": plan.seeds[0],
        "orders": plan.orders,
        "load": f"{plan.load:g}",
        "network": found.network_name,
        "revision": found.network_revision[:12],
    }
    out.print(word(Reason("compare_words.about", about), language), markup=False)
    for name in dict.fromkeys(plan.policies):
        out.print(f"{name}: {term('compare_about', name, language)}", markup=False)
    headings = (say("measure"), *plan.policies, *map(say, ("difference", "interval", "seeds")))
    table = plain_table((*headings, say("verdict")), right=headings[1:5])
    for measure in MEASURES:
        told = found.measures[measure.name]
        unit, show = _shown(measure.name)
        name = term("compare_measure", measure.name, language)
        add_row(
            table,
            f"{name}, {unit}" if unit else name,
            show(told.mean_a),
            show(told.mean_b),
            show(told.difference),
            "-" if told.low is None else f"{show(told.low)}..{show(told.high or 0.0)}",
            f"{told.above}/{told.below}/{told.same}",
            term("compare_verdict", verdict_of(measure, told), language),
        )
    out.print(table)
    out.print(say("each"), markup=False)
    out.print(word(Reason("compare_words.again", {"command": command}), language), markup=False)


@contextmanager
def compared(console: Console | None = None) -> Iterator[Callable[[int, int], None]]:
    """Yield a function that shows on standard error how many runs are simulated."""
    columns = (TextColumn("{task.description}"), BarColumn(bar_width=30), TimeElapsedColumn())
    with Progress(*columns, console=console or Console(stderr=True), transient=True) as bar:
        task = bar.add_task("simulating", total=None)

        def told(done: int, of: int) -> None:
            bar.update(task, completed=done, total=of, description=f"simulating {done}/{of}")

        yield told


def _shown(name: str) -> tuple[str, Callable[[float], str]]:
    """Return the unit a measure is shown in, and how its values are written, by its name's end."""
    if name.endswith("_fraction"):
        return "%", lambda value: f"{100 * value:.1f}"
    if name.endswith("_s"):
        return "h", lambda value: f"{value / 3600:.1f}"
    for ending, unit in (("_wh", "Wh"), ("_g", "g")):
        if name.endswith(ending):
            return unit, lambda value: f"{value:.0f}"
    return "", lambda value: f"{value:.1f}"
