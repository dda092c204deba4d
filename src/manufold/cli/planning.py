"""Verbs of a planner, and of a simulated world: schedule, what-if, repair and run."""

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from manufold.answering import opened, print_json
from manufold.cli.root import AsJson, Everything, Home, Language, Party, app

__all__: list[str] = []

#: words of an outage: who or what, from, to; and what keeps them apart on their way
_WORDS, _BETWEEN = 3, "\0"


@app.command()
def schedule(
    site: Annotated[str | None, typer.Option("--site", help="Only this site.")] = None,
    work_unit: Annotated[str | None, typer.Option("--work-unit", help="Only this one.")] = None,
    days: Annotated[int, typer.Option("--days", help="How far ahead.")] = 7,
    improve: Annotated[bool, typer.Option("--improve", help="Better it first.")] = False,
    make_round: Annotated[
        bool, typer.Option("--round", help="Make a planner's round first.")
    ] = False,
    everything: Everything = False,
    party: Party = None,
    home: Home = None,
    as_json: AsJson = False,
    language: Language = None,
) -> None:
    """Show the dispatch lists of your sites, or better the schedule."""
    with opened(home, as_json, language, make=True) as m:
        from manufold.api.improve_wire import improved_answer
        from manufold.api.wire import slot_answer
        from manufold.services.schedule import improve_schedule
        from manufold.ui.console.board import print_round, print_schedule
        from manufold.ui.console.improved import print_improved
        from manufold.ui.console.worlds import print_world

        done = m.round(party=party) if make_round else None
        gains = improve_schedule(m.ctx, m.acting.keeper(party)) if improve else None
        slots = m.schedule(site=site, work_unit=work_unit, days=days, party=party)
        if as_json:
            answer: dict[str, Any] = {
                "schema": "manufold/schedule_answer/1",
                "world": m.world,
                "slots": [slot_answer(slot, m.network) for slot in slots],
            }
            if done is not None:
                answer["round"] = {"moved": list(done.moved), "made_again": list(done.made_again)}
            if gains is not None:
                answer["improved"] = improved_answer(gains, m.language)
            print_json(answer)
        else:
            print_world(m.world, m.language)
            if done is not None:
                print_round(done)
            if gains is not None:
                print_improved(gains, m.network.currency, m.language)
            print_schedule(slots, m.network, whole=everything or bool(work_unit))


@app.command("what-if")
def what_if(
    file: Annotated[Path, typer.Argument(help="Scenarios, as JSON; see docs/what-if.md.")],
    everything: Everything = False,
    party: Party = None,
    home: Home = None,
    as_json: AsJson = False,
    language: Language = None,
) -> None:
    """Show scenarios beside the schedule as it is; nothing is moved."""
    with opened(home, as_json, language) as m:
        from manufold.api.what_if_wire import what_if_answer
        from manufold.asking import read_file
        from manufold.model.codec import from_json
        from manufold.services.scenario import scenarios_of
        from manufold.ui.console.what_if import print_what_if
        from manufold.ui.console.worlds import print_world

        told = from_json(read_file(file).content)
        scenarios = scenarios_of(told, m.ctx.settings.quantity_max, m.ctx.clock.now_s())
        found = m.what_if(scenarios, party=party)
        if as_json:
            print_json(what_if_answer(found, m.network, m.language, m.world))
        else:
            print_world(m.world, m.language)
            print_what_if(found, m.network, m.language, whole=everything)


class _Outages(TyperCommand):
    """A command of which `--down` and `--absent` take three words each time, as often as told;
    typer knows either of that, not both."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        left, joined = list(args), list[str]()
        while left:
            word = left.pop(0)
            joined.append(word)
            if word in ("--down", "--absent") and "--" not in joined:
                if len(left) < _WORDS:
                    raise typer.BadParameter(f"Option '{word}' requires {_WORDS} arguments.", ctx)
                joined.append(_BETWEEN.join(left[:_WORDS]))
                del left[:_WORDS]
        return super().parse_args(ctx, joined)


def _triples(listed: list[str] | None) -> list[tuple[str, str, str]]:
    found = (one.split(_BETWEEN) for one in listed or ())
    return [(name, from_at, to_at) for name, from_at, to_at in found]


@app.command(cls=_Outages)
def repair(
    down: Annotated[
        list[str] | None,
        typer.Option("--down", metavar="UNIT FROM TO", help="A work unit will be down."),
    ] = None,
    absent: Annotated[
        list[str] | None,
        typer.Option("--absent", metavar="OPERATOR FROM TO", help="An operator will be away."),
    ] = None,
    fewest: Annotated[bool, typer.Option("--fewest", help="As few moves as will do.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Move nothing.")] = False,
    everything: Everything = False,
    party: Party = None,
    home: Home = None,
    as_json: AsJson = False,
    language: Language = None,
) -> None:
    """Repair the schedule around what is down, away or late; say what moved and what stays late.

    What is told here is known from then on, unless --dry-run. FROM and TO are instants with offset.
    """
    with opened(home, as_json, language) as m:
        from manufold.api.repair_wire import repair_answer
        from manufold.model.errors import Reason
        from manufold.ui.console.repaired import print_repaired
        from manufold.ui.console.worlds import print_world
        from manufold.words import word

        outages = [_triples(listed) for listed in (down, absent)]
        done = m.repair(
            down=outages[0], absent=outages[1], fewest=fewest, dry_run=dry_run, party=party
        )
        if as_json:
            print_json(repair_answer(done, m.network, m.language, m.world))
        else:
            print_world(m.world, m.language)
            print_repaired(done, m.network, m.language, whole=everything)
            if any(outages) and not dry_run:
                typer.echo(word(Reason("repair.told_kept", {}), m.language))


@app.command()
def run(
    until: Annotated[str | None, typer.Option("--until", help="ISO instant to run to.")] = None,
    hours: Annotated[float | None, typer.Option("--hours", help="Hours from now.")] = None,
    order_id: Annotated[
        list[str] | None, typer.Option("--order", help="Until this order is delivered.")
    ] = None,
    home: Home = None,
    as_json: AsJson = False,
    language: Language = None,
) -> None:
    """Let a simulated world run on, to a time or a delivery.

    With neither, it runs until every order is delivered.
    """
    with opened(home, as_json, language, make=True) as m:
        from manufold.ui.console.progress import print_run, ran_on

        with ran_on(quiet=as_json) as told:
            report = m.run(until=until, hours=hours, orders=tuple(order_id or ()), told=told)
        if as_json:
            print_json({"schema": "manufold/run_answer/1", **report})
        else:
            print_run(report)
