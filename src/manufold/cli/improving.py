"""Verbs of bettering: the schedule as it stands; is a policy better than another, and how sure is
that?"""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Annotated

import typer

from manufold.answering import opened, print_json
from manufold.cli.root import AsJson, Home, Language, Party, app
from manufold.model.errors import InputFault

__all__: list[str] = []

#: runs simulated side by side
AT_ONCE = 2

improve_app = typer.Typer(no_args_is_help=True, help="Better the schedule, compare policies.")
app.add_typer(improve_app, name="improve")


@improve_app.callback()
def improve() -> None:
    """Better the schedule as it stands, or say whether a policy is better than another."""


@improve_app.command("schedule")
def schedule(
    seconds: Annotated[float, typer.Option("--seconds", help="At most.")] = 10.0,
    seed: Annotated[int | None, typer.Option("--seed", help="Of the search.")] = None,
    rounds: Annotated[int | None, typer.Option("--rounds", help="At most so many.")] = None,
    workers: Annotated[int | None, typer.Option("--workers", help="That search at once.")] = None,
    ray: Annotated[
        str | None, typer.Option("--ray", help="On Ray: local, or a cluster's address.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Move nothing.")] = False,
    party: Party = None,
    home: Home = None,
    as_json: AsJson = False,
    language: Language = None,
) -> None:
    """Better the schedule without breaking a promise; say what was gained and what is missed.

    Ctrl-C ends the search and keeps what it found; twice, nothing is moved.
    """
    with opened(home, as_json, language) as m:
        from manufold.api.improve_wire import improved_answer
        from manufold.services.schedule import Search, improve_schedule
        from manufold.ui.console.improved import print_improved
        from manufold.ui.console.worlds import print_world

        search = Search(seconds, rounds, seed, dry_run, workers, ray)
        with _until_asked() as asked:
            keeper = m.acting.keeper(party)
            done = improve_schedule(m.ctx, keeper, search, should_stop=asked)
        if as_json:
            answer = {"schema": "manufold/improve_answer/1", "world": m.world}
            print_json(answer | improved_answer(done, m.language))
        else:
            print_world(m.world, m.language)
            print_improved(done, m.network.currency, m.language)


@contextmanager
def _until_asked() -> Iterator[Callable[[], bool]]:
    """Tell whether the user or the system asked to end. Asked twice, the command ends at once: the
    change is one transaction, done or not."""
    asked: list[int] = []

    def ask(number: int, frame: FrameType | None) -> None:
        if asked:
            raise KeyboardInterrupt
        asked.append(number)

    kept = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: bool(asked)
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)


@improve_app.command("compare")
def compare(
    orders: Annotated[int, typer.Option("--orders", help="Orders of each seed.")] = 100,
    seeds: Annotated[int, typer.Option("--seeds", help="Pairs; five at least to say a thing.")] = 6,
    first_seed: Annotated[int, typer.Option("--first-seed", help="The first of them.")] = 1,
    load: Annotated[float, typer.Option("--load", help="Work over working time.")] = 0.8,
    policies: Annotated[
        str, typer.Option("--policies", help="Two of fcfs, fifo, promise, ours.")
    ] = "fcfs,ours",
    home: Home = None,
    as_json: AsJson = False,
    language: Language = None,
) -> None:
    """Simulate the same orders under two policies and say what differs, in pairs.

    Takes the network and settings of the home and leaves the home as it is.
    """
    with opened(home, as_json, language, make=True) as m:
        from manufold.api.compare_wire import compare_answer, compare_command
        from manufold.services.compare import SEEDS_MOST, Plan
        from manufold.services.compare import compare as simulated
        from manufold.ui.console.compared import compared, print_comparison
        from manufold.workers.pool import KillablePool

        if first_seed < 0:
            raise InputFault("compare.seed_negative", seed=first_seed)
        if not 1 <= seeds <= SEEDS_MOST:
            raise InputFault("compare.seeds_outside", seeds=seeds, most=SEEDS_MOST)
        names = tuple(name.strip() for name in policies.split(","))
        plan = Plan(orders, tuple(range(first_seed, first_seed + seeds)), load, names)
        with KillablePool(workers=AT_ONCE) as pool, compared() as told:
            settings = m.ctx.settings
            found = simulated(m.network, settings, pool, plan, at_once=AT_ONCE, told=told)
        if as_json:
            print_json(compare_answer(found, m.language))
        else:
            print_comparison(found, compare_command(found), m.language)
