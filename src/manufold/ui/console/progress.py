"""A line that lives while a simulated world runs on; nothing when nobody watches."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

__all__ = ["Told", "print_run", "ran_on"]

#: (events so far, share of the way 0..1, what is going on)
Told = Callable[[int, float, str], None]


@contextmanager
def ran_on(*, quiet: bool, console: Console | None = None) -> Iterator[Told]:
    """Yield a function that shows how far a run is."""
    if quiet:
        yield lambda events, share, text: None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=30),
        TextColumn("{task.fields[events]} events"),
        TimeElapsedColumn(),
    )
    bar = Progress(*columns, console=console or Console(stderr=True), transient=True)
    task = bar.add_task("running", total=1.0, events=0)

    def told(events: int, share: float, text: str) -> None:
        bar.start()  # not before: a run that is refused shows no line
        bar.update(task, completed=share, events=events, description=text)

    try:
        yield told
    finally:
        if bar.live.is_started:
            bar.stop()


def print_run(report: Mapping[str, object], console: Console | None = None) -> None:
    """Print what a run did."""
    out = console or Console(highlight=False)
    out.print(f"ran the {report['world']} world from {report['from']} to {report['to']}")
    out.print(
        f"{report['commands']} commands, {report['events']} events; "
        f"{report['delivered']} orders delivered, {report['on_time']} of them on time"
    )
