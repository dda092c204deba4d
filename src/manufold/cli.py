"""The command line: a contract. `--json` prints one object on standard output, messages go to
standard error, and the exit code says who must act.

    0 done   2 the input is at fault   3 it cannot be made or promised
    4 conflict, expired or taken   5 the store   1 our fault
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from manufold import __version__
from manufold.answering import answering, ended, opened, print_json
from manufold.model.errors import InputFault

__all__ = ["app", "main"]

app = typer.Typer(
    name="manufold",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help needs a third of the time
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Manufacturing as a service: offers that bind, dates that hold, goods that prove it.",
)
network_app = typer.Typer(no_args_is_help=True, help="Describe and check a network of factories.")
vertical_app = typer.Typer(no_args_is_help=True, help="See and check the installed verticals.")
app.add_typer(network_app, name="network")
app.add_typer(vertical_app, name="vertical")

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")]
Home = Annotated[
    Path | None,
    typer.Option("--home", help="State folder; default MANUFOLD_HOME, else ~/.manufold."),
]
Party = Annotated[str | None, typer.Option("--party", help="Who acts; default: the only one fit.")]
Language = Annotated[str | None, typer.Option("--language", help="en or zh.")]
#: what an offer asks of the platform, not of a vertical
_OWN_OPTIONS = ("material", "quantity", "to", "by", "party", "vertical")
Everything = Annotated[bool, typer.Option("--all", help="Show all, not the first few.")]


def _version(wanted: bool) -> None:
    if wanted:
        print(f"manufold {__version__}")
        raise typer.Exit


Version = Annotated[
    bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which one.")
]


@app.callback()
def start(version: Version = False) -> None:
    """Every command takes --json and prints one object on standard output."""


@app.command()
def demo(
    home: Home = None,
    as_json: AsJson = False,
    seed: Annotated[int, typer.Option(help="The simulated world's luck.")] = 1,
    language: Language = None,
) -> None:
    """Show the whole stream on a simulated network, in a minute."""
    from manufold.demo.story import play

    with answering(as_json, language):
        answer = play(home, seed=seed, language=language or "en", quiet=as_json)
        if as_json:
            print_json(answer)


@app.command()
def offer(
    file: Annotated[list[Path], typer.Argument(help="CAD file, mesh or other design file.")],
    quantity: Annotated[int, typer.Option("--quantity", "-n", help="Good pieces wanted.")] = 1,
    material: Annotated[str | None, typer.Option("--material", help="E.g. al-6061.")] = None,
    to: Annotated[str, typer.Option("--to", help="Delivery zone.")] = "",
    by: Annotated[str | None, typer.Option("--by", help="Wanted at the door, ISO date.")] = None,
    party: Party = None,
    vertical: Annotated[str | None, typer.Option("--vertical", help="Who reads it.")] = None,
    choice: Annotated[
        list[str] | None, typer.Option("--set", help="NAME=VALUE for the vertical: unit=inch.")
    ] = None,
    home: Home = None,
    as_json: AsJson = False,
    language: Language = None,
) -> None:
    """Offer a design: three options with price and date, held for you."""
    with opened(home, as_json, language, make=True) as m:
        from manufold.api.wire import offer_answer
        from manufold.ui.console.offers import print_offer

        quoted = m.offer(
            *file,
            quantity=quantity,
            material=material,
            to=to,
            by=by,
            party=party,
            vertical=vertical,
            **_choices(choice or []),
        )
        seconds = quoted.stages_s["total"]
        if as_json:
            print_json(offer_answer(quoted.offer, m.network, m.language, seconds))
        else:
            print_offer(quoted.offer, m.network, m.language, quoted.stages_s)


@app.command()
def accept(
    offer_id: Annotated[str, typer.Argument(help="The offer.")],
    option: Annotated[str, typer.Argument(help="fast, cheap, green, or an option's id.")],
    key: Annotated[str, typer.Option("--key", help="Idempotency key of your own.")] = "",
    party: Party = None,
    home: Home = None,
    as_json: AsJson = False,
    language: Language = None,
) -> None:
    """Accept one option of an offer; its slots become firm."""
    with opened(home, as_json, language) as m:
        from manufold.api.wire import order_answer
        from manufold.ui.console.orders import print_order

        order = m.accept(offer_id, option, key=key, party=party)
        if as_json:
            print_json(order_answer(order, m.network, m.forecast_at_s(order)))
        else:
            print_order(order, m.network, m.forecast_at_s(order))


@app.command()
def orders(
    order_id: Annotated[str | None, typer.Argument(help="One order, whole.")] = None,
    state: Annotated[str | None, typer.Option("--state", help="Only in this state.")] = None,
    everything: Everything = False,
    party: Party = None,
    home: Home = None,
    as_json: AsJson = False,
    language: Language = None,
) -> None:
    """List the orders you may see, or show one.

    Six or more letters of the end of an order's id stand for it, here and in other commands.
    """
    with opened(home, as_json, language, make=True) as m:
        from manufold.api.wire import order_answer
        from manufold.model.execution import ORDER_STATES
        from manufold.ui.console.orders import print_order, print_orders

        if order_id is not None:
            order = m.order(order_id, party=party)
            if as_json:
                print_json(order_answer(order, m.network, m.forecast_at_s(order)))
            else:
                print_order(order, m.network, m.forecast_at_s(order))
            return
        if state is not None and state not in ORDER_STATES:
            known = ", ".join(ORDER_STATES)
            raise InputFault("cli.state_unknown", state=state[:40], known=known)
        found = [o for o in m.orders(party=party) if state is None or o.state == state]
        if as_json:
            answers = [order_answer(o, m.network, m.forecast_at_s(o)) for o in found]
            print_json({"schema": "manufold/orders_answer/1", "orders": answers})
        else:
            print_orders(found, m.network, m.forecast_at_s, everything=everything)


@app.command()
def cancel(
    order_id: Annotated[str, typer.Argument(help="The order.")],
    reason: Annotated[str, typer.Option("--reason", help="Why, in a few words.")] = "buyer",
    party: Party = None,
    home: Home = None,
    as_json: AsJson = False,
    language: Language = None,
) -> None:
    """Cancel an order; what has not begun goes free."""
    with opened(home, as_json, language) as m:
        from manufold.api.wire import order_answer
        from manufold.ui.console.orders import print_order

        order = m.cancel(order_id, reason, party=party)
        if as_json:
            print_json(order_answer(order, m.network))
        else:
            print_order(order, m.network, None)


@app.command()
def schedule(
    site: Annotated[str | None, typer.Option("--site", help="Only this site.")] = None,
    work_unit: Annotated[str | None, typer.Option("--work-unit", help="Only this one.")] = None,
    days: Annotated[int, typer.Option("--days", help="How far ahead.")] = 7,
    improve: Annotated[bool, typer.Option("--improve", help="Better it first.")] = False,
    everything: Everything = False,
    party: Party = None,
    home: Home = None,
    as_json: AsJson = False,
    language: Language = None,
) -> None:
    """Show the dispatch lists of your sites, or better the schedule."""
    with opened(home, as_json, language, make=True) as m:
        from manufold.api.wire import slot_answer
        from manufold.ui.console.board import print_schedule

        gains = m.improve(party=party) if improve else None
        slots = m.schedule(site=site, work_unit=work_unit, days=days, party=party)
        if as_json:
            answer: dict[str, Any] = {
                "schema": "manufold/schedule_answer/1",
                "world": m.world,
                "slots": [slot_answer(slot, m.network) for slot in slots],
            }
            print_json(answer if gains is None else answer | {"improved": gains})
        else:
            print_schedule(slots, m.network, m.world, gains, whole=everything or bool(work_unit))


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


@app.command()
def passport(
    order_id: Annotated[str, typer.Argument(help="A delivered order.")],
    html: Annotated[Path | None, typer.Option("--html", help="Write the page there.")] = None,
    party: Party = None,
    home: Home = None,
    as_json: AsJson = False,
    language: Language = None,
) -> None:
    """Show what is proven about a delivered order."""
    with opened(home, as_json, language) as m:
        from manufold.api.wire import passport_answer
        from manufold.ui.console.passports import print_passport
        from manufold.ui.passport_page import render

        found = m.passport(order_id, party=party)
        if html is not None:
            _write(html, render(found, m.language, m.network))
            typer.echo(f"{html}", err=True)
        if as_json:
            print_json(passport_answer(found))
        else:
            print_passport(found, m.network, m.language)


@app.command()
def verify(home: Home = None, as_json: AsJson = False, language: Language = None) -> None:
    """Prove the event chain, its signed heads and every passport."""
    with opened(home, as_json, language) as m:
        report = m.verify()
        if as_json:
            print_json({"schema": "manufold/verify_answer/1", **report})
        else:
            typer.echo(
                f"{report['events']} events, {report['heads']} signed heads, "
                f"{report['passports']} passports, {report['world']} world: all stand."
            )


@network_app.command("check")
def network_check(
    file: Annotated[Path, typer.Argument(help="A network file (TOML).")],
    as_json: AsJson = False,
    language: Language = None,
) -> None:
    """Name every fault of a network file, with file, line and remedy."""
    from manufold.checking import network_answer

    with answering(as_json, language):
        answer = network_answer(file, language or "en")
        if as_json:
            print_json(answer)
        else:
            for fault in answer["faults"]:
                line = f"{fault['file']}:{fault['line']}: {fault['severity']}: {fault['text']}"
                typer.echo(line, err=True)
            typer.echo(f"{file}: {answer['errors']} errors, {answer['warnings']} warnings")
        if answer["errors"]:
            raise typer.Exit(InputFault.exit_code)


@network_app.command("use")
def network_use(
    file: Annotated[Path, typer.Argument(help="A network file (TOML).")],
    world: Annotated[
        str | None, typer.Option("--world", help="sim or live, for good; a new home is sim.")
    ] = None,
    database: Annotated[
        str | None, typer.Option("--database", help="PostgreSQL URL; default SQLite.")
    ] = None,
    home: Home = None,
    as_json: AsJson = False,
    language: Language = None,
) -> None:
    """Make a home for a network, or give a home a new revision of it."""
    from manufold.app import use_network

    with answering(as_json, language):
        answer = use_network(home, file, world=world, database=database)
        if as_json:
            print_json(answer)
        else:
            typer.echo(f"{answer['home']}: {answer['network']}, {answer['world']} world")


@vertical_app.command("list")
def vertical_list(as_json: AsJson = False, language: Language = None) -> None:
    """List the installed verticals."""
    from manufold.design.contract import verticals

    with answering(as_json, language):
        found = {name: vertical.level for name, vertical in sorted(verticals().items())}
        if as_json:
            print_json({"schema": "manufold/verticals_answer/1", "verticals": found})
        else:
            for name, level in found.items():
                typer.echo(f"{name:16} {level}")


@vertical_app.command("check")
def vertical_check(
    name: Annotated[str, typer.Argument(help="An installed vertical.")],
    as_json: AsJson = False,
    language: Language = None,
) -> None:
    """Run the shipped conformance checks on a vertical."""
    from manufold.checking import check_vertical

    with answering(as_json, language):
        answer = check_vertical(name, language or "en")
        if as_json:
            print_json(answer)
        else:
            for fault in answer["faults"]:
                typer.echo(f"{fault['where']}: {fault['text']}", err=True)
            typer.echo(f"{name}: {answer['level']}, {len(answer['faults'])} faults")
        if answer["faults"]:
            raise typer.Exit(InputFault.exit_code)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return its exit code."""
    return ended(app, sys.argv[1:] if arguments is None else arguments)


def _choices(texts: Sequence[str]) -> dict[str, str]:
    """Return NAME=VALUE texts as parameters of a vertical."""
    found = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not (equals and name.isidentifier()) or name in _OWN_OPTIONS:
            raise InputFault("cli.choice_malformed", text=text[:80])
        found[name] = value
    return found


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as fault:
        raise InputFault("cli.cannot_write", file=str(path), why=str(fault.strerror)) from None
