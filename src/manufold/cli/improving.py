"""Verbs of bettering: is a policy better than another, and how sure is that?"""

from typing import Annotated

import typer

from manufold.answering import opened, print_json
from manufold.cli.root import AsJson, Home, Language, app
from manufold.model.errors import InputFault

__all__: list[str] = []

#: runs simulated side by side
AT_ONCE = 2

improve_app = typer.Typer(no_args_is_help=True, help="Say whether a policy is better.")
app.add_typer(improve_app, name="improve")


@improve_app.callback()
def improve() -> None:
    """Say whether a policy is better; `schedule --improve` betters the schedule itself."""


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
