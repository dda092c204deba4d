"""Verbs of a planner, and of a simulated world: schedule, what-if, repair and run."""

from pathlib import Path
from typing import Annotated, Any

import typer

from manufold.answering import opened, print_json
from manufold.cli.root import AsJson, Everything, Home, Language, Party, app

__all__: list[str] = []


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
        scenarios = scenarios_of(told, m.ctx.settings.quantity_max)
        found = m.what_if(scenarios, party=party)
        if as_json:
            print_json(what_if_answer(found, m.network, m.language, m.world))
        else:
            print_world(m.world, m.language)
            print_what_if(found, m.network, m.language, whole=everything)


@app.command()
def repair(
    down: Annotated[
        tuple[str, str, str] | None,
        typer.Option("--down", metavar="UNIT FROM TO", help="A work unit will be down."),
    ] = None,
    absent: Annotated[
        tuple[str, str, str] | None,
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

    What is told here counts for this repair only. FROM and TO are instants with their offset.
    """
    with opened(home, as_json, language) as m:
        from manufold.api.repair_wire import repair_answer
        from manufold.model.errors import Reason
        from manufold.model.instants import happened_s
        from manufold.scheduling.outages import Outage
        from manufold.services.repair_schedule import RepairAsk, repair_schedule
        from manufold.ui.console.repaired import print_repaired
        from manufold.ui.console.worlds import print_world
        from manufold.words import word

        def told(one: tuple[str, str, str] | None) -> tuple[Outage, ...]:
            if one is None:
                return ()
            return (Outage(one[0], happened_s(None, one[1]), happened_s(None, one[2])),)

        wanted = RepairAsk(told(down), told(absent), fewest, dry_run)
        done = repair_schedule(m.ctx, m.acting.planner(party), wanted)
        if as_json:
            print_json(repair_answer(done, m.network, m.language, m.world))
        else:
            print_world(m.world, m.language)
            print_repaired(done, m.network, m.language, whole=everything)
            if wanted.down or wanted.absent:
                typer.echo(word(Reason("repair.told_once", {}), m.language))


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
