"""The command line: a contract. `--json` prints one object on standard output, messages go to
standard error, and the exit code says who must act.

    0 done   2 the input is at fault   3 it cannot be made or promised
    4 conflict, expired or taken   5 the store   1 our fault
"""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from manufold.model.errors import InputFault, ManufoldError

if TYPE_CHECKING:
    from manufold.app import Manufold

__all__ = ["app", "main"]

app = typer.Typer(
    name="manufold",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
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


@app.command()
def demo(
    home: Home = None,
    as_json: AsJson = False,
    serve: Annotated[bool, typer.Option(help="Reserved for the pages; nothing is served.")] = False,
    seed: Annotated[int, typer.Option(help="The simulated world's luck.")] = 1,
    language: Language = None,
) -> None:
    """Show the whole stream on a simulated network: offers, orders, making, passports."""
    from manufold.demo.story import play

    with _answering(as_json, language):
        answer = play(home, seed=seed, language=language or "en", quiet=as_json)
        if as_json:
            _print(answer)


@app.command()
def offer(
    file: Annotated[list[Path], typer.Argument(help="CAD file, mesh or other design file.")],
    quantity: Annotated[int, typer.Option("--quantity", "-n", help="Good pieces wanted.")] = 1,
    material: Annotated[str | None, typer.Option("--material", help="E.g. al-6061.")] = None,
    to: Annotated[str, typer.Option("--to", help="Delivery zone.")] = "",
    by: Annotated[str | None, typer.Option("--by", help="Wanted at the door, ISO date.")] = None,
    party: Party = None,
    vertical: Annotated[str | None, typer.Option("--vertical", help="Who reads it.")] = None,
    home: Home = None,
    as_json: AsJson = False,
    language: Language = None,
) -> None:
    """Offer a design: three options with price, date and carbon, held for you."""
    with _opened(home, as_json, language) as m:
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
        )
        seconds = quoted.stages_s["total"]
        if as_json:
            _print(offer_answer(quoted.offer, m.network, m.language, seconds))
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
    with _opened(home, as_json, language) as m:
        from manufold.api.wire import order_answer
        from manufold.ui.console.orders import print_order

        order = m.accept(offer_id, option, key=key, party=party)
        if as_json:
            _print(order_answer(order, m.network, m.forecast_at_s(order)))
        else:
            print_order(order, m.network, m.forecast_at_s(order))


@app.command()
def orders(
    order_id: Annotated[str | None, typer.Argument(help="One order, whole.")] = None,
    state: Annotated[str | None, typer.Option("--state", help="Only in this state.")] = None,
    party: Party = None,
    home: Home = None,
    as_json: AsJson = False,
    language: Language = None,
) -> None:
    """List the orders you may see, or show one."""
    with _opened(home, as_json, language) as m:
        from manufold.api.wire import order_answer
        from manufold.ui.console.orders import print_order, print_orders

        if order_id is not None:
            order = m.order(order_id, party=party)
            if as_json:
                _print(order_answer(order, m.network, m.forecast_at_s(order)))
            else:
                print_order(order, m.network, m.forecast_at_s(order))
            return
        found = [o for o in m.orders(party=party) if state is None or o.state == state]
        if as_json:
            answers = [order_answer(o, m.network, m.forecast_at_s(o)) for o in found]
            _print({"schema": "manufold/orders_answer/1", "orders": answers})
        else:
            print_orders(found, m.network, m.forecast_at_s)


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
    with _opened(home, as_json, language) as m:
        from manufold.api.wire import order_answer
        from manufold.ui.console.orders import print_order

        order = m.cancel(order_id, reason, party=party)
        if as_json:
            _print(order_answer(order, m.network))
        else:
            print_order(order, m.network, None)


@app.command()
def schedule(
    site: Annotated[str | None, typer.Option("--site", help="Only this site.")] = None,
    work_unit: Annotated[str | None, typer.Option("--work-unit", help="Only this one.")] = None,
    days: Annotated[int, typer.Option("--days", help="How far ahead.")] = 7,
    improve: Annotated[bool, typer.Option("--improve", help="Better it first.")] = False,
    party: Party = None,
    home: Home = None,
    as_json: AsJson = False,
    language: Language = None,
) -> None:
    """Show the dispatch lists of your sites, or better the schedule."""
    with _opened(home, as_json, language) as m:
        from manufold.api.wire import slot_answer
        from manufold.ui.console.board import print_dispatch_lists

        gains = m.improve(party=party) if improve else None
        slots = m.schedule(site=site, work_unit=work_unit, days=days, party=party)
        if as_json:
            answer: dict[str, Any] = {
                "schema": "manufold/schedule_answer/1",
                "world": m.world,
                "slots": [slot_answer(slot, m.network) for slot in slots],
            }
            _print(answer if gains is None else answer | {"improved": gains})
        else:
            print_dispatch_lists(slots, m.network, m.world, gains)


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
    """Let a simulated world run on: until an instant, or until orders are delivered."""
    with _opened(home, as_json, language) as m:
        from manufold.ui.console.progress import ran_on

        with ran_on(quiet=as_json) as told:
            report = m.run(until=until, hours=hours, orders=tuple(order_id or ()), told=told)
        if as_json:
            _print({"schema": "manufold/run_answer/1", **report})
        else:
            for name, value in report.items():
                typer.echo(f"{name.replace('_', ' '):>22}  {value}")


@app.command()
def passport(
    order_id: Annotated[str, typer.Argument(help="A delivered order.")],
    html: Annotated[Path | None, typer.Option("--html", help="Write the page there.")] = None,
    party: Party = None,
    home: Home = None,
    as_json: AsJson = False,
    language: Language = None,
) -> None:
    """Show what is proven about a delivered order, as JSON and as a page."""
    with _opened(home, as_json, language) as m:
        from manufold.api.wire import passport_answer
        from manufold.ui.console.passports import print_passport
        from manufold.ui.passport_page import render

        found = m.passport(order_id, party=party)
        if html is not None:
            _write(html, render(found, m.language))
            typer.echo(f"{html}", err=True)
        if as_json:
            _print(passport_answer(found))
        else:
            print_passport(found, m.network, m.language)


@app.command()
def verify(home: Home = None, as_json: AsJson = False, language: Language = None) -> None:
    """Prove the event chain, its signed heads and every passport against the store."""
    with _opened(home, as_json, language) as m:
        report = m.verify()
        if as_json:
            _print({"schema": "manufold/verify_answer/1", **report})
        else:
            typer.echo(
                f"{report['events']} events, {report['heads']} signed heads, "
                f"{report['passports']} passports: all stand."
            )


@network_app.command("check")
def network_check(
    file: Annotated[Path, typer.Argument(help="A network file (TOML).")],
    as_json: AsJson = False,
    language: Language = None,
) -> None:
    """Name every fault of a network file, with file, line and remedy."""
    from manufold.app import network_answer

    with _answering(as_json, language):
        answer = network_answer(file, language or "en")
        if as_json:
            _print(answer)
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
    world: Annotated[str, typer.Option("--world", help="sim or live; for good.")] = "sim",
    database: Annotated[
        str | None, typer.Option("--database", help="PostgreSQL URL; default SQLite.")
    ] = None,
    home: Home = None,
    as_json: AsJson = False,
    language: Language = None,
) -> None:
    """Make a home for a network, or give an existing home a new revision of it."""
    from manufold.app import use_network

    with _answering(as_json, language):
        answer = use_network(home, file, world=world, database=database)
        if as_json:
            _print(answer)
        else:
            typer.echo(f"{answer['home']}: {answer['network']}, {answer['world']} world")


@vertical_app.command("list")
def vertical_list(as_json: AsJson = False) -> None:
    """List the installed verticals."""
    from manufold.design.contract import verticals

    found = {name: vertical.level for name, vertical in sorted(verticals().items())}
    if as_json:
        _print({"schema": "manufold/verticals_answer/1", "verticals": found})
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
    from manufold.app import check_vertical

    with _answering(as_json, language):
        answer = check_vertical(name, language or "en")
        if as_json:
            _print(answer)
        else:
            for fault in answer["faults"]:
                typer.echo(f"{fault['where']}: {fault['text']}", err=True)
            typer.echo(f"{name}: {answer['level']}, {len(answer['faults'])} faults")
        if answer["faults"]:
            raise typer.Exit(InputFault.exit_code)


def main() -> None:
    """Run the command line."""
    try:
        app()
    except BrokenPipeError:
        sys.stderr.close()


@contextmanager
def _opened(home: Path | None, as_json: bool, language: str | None) -> Iterator["Manufold"]:
    """Open the home, made with the demo network when there is none, and word refusals."""
    with _answering(as_json, language):
        from manufold.app import open_home

        def say(text: str) -> None:
            typer.echo(text, err=True)

        with open_home(home, language=language, say=say) as m:
            yield m


@contextmanager
def _answering(as_json: bool, language: str | None) -> Iterator[None]:
    try:
        yield
    except ManufoldError as error:
        _refuse(error, as_json, language or "en")


def _refuse(error: ManufoldError, as_json: bool, language: str) -> NoReturn:
    from manufold.api.wire import error_answer

    answer = error_answer(error, language)
    typer.echo(f"manufold: {answer['text']}", err=True)
    for fault in answer["faults"]:
        typer.echo(f"  {fault['where']}: {fault['text']}", err=True)
    if as_json:
        _print(answer)
    raise typer.Exit(error.exit_code)


def _print(answer: dict[str, Any]) -> None:
    convert: Callable[[Any], Any] = float
    print(json.dumps(answer, ensure_ascii=False, default=convert))


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as fault:
        raise InputFault("cli.cannot_write", file=str(path), why=str(fault.strerror)) from None
