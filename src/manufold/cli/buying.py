"""Verbs of a buyer: offer, promise, explain, accept, look, cancel."""

import sys
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import Annotated

import typer

from manufold.answering import opened, print_json
from manufold.asking import read_file
from manufold.cli.root import AsJson, Everything, Home, Language, Party, app
from manufold.model.errors import InputFault

__all__: list[str] = []


#: what an offer asks of the platform, not of a vertical
_OWN_OPTIONS = ("material", "quantity", "to", "by", "party", "vertical")


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
    everything: Everything = False,
    home: Home = None,
    as_json: AsJson = False,
    language: Language = None,
) -> None:
    """Offer a design: three options with price and date, held for you."""
    with opened(home, as_json, language, make=True) as m:
        from manufold.api.wire import offer_answer
        from manufold.ui.console.offers import print_offer
        from manufold.ui.console.worlds import print_world

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
            print_world(m.world, m.language)
            print_offer(
                quoted.offer,
                m.network,
                m.language,
                quoted.stages_s,
                noted=[finding.reason for finding in quoted.design.findings],
                whole=everything,
            )


@app.command()
def promise(
    file: Annotated[Path, typer.Argument(help="A process plan, as JSON; - for standard input.")],
    quantity: Annotated[int, typer.Option("--quantity", "-n", help="Good pieces wanted.")] = 1,
    to: Annotated[str, typer.Option("--to", help="Delivery zone.")] = "",
    by: Annotated[str | None, typer.Option("--by", help="Wanted at the door, ISO date.")] = None,
    weights: Annotated[
        str | None, typer.Option("--weights", help="E.g. day=3,price=2,carbon=1.")
    ] = None,
    everything: Everything = False,
    party: Party = None,
    home: Home = None,
    as_json: AsJson = False,
    language: Language = None,
) -> None:
    """Say what a process plan could be promised for now; nothing is held."""
    with opened(home, as_json, language) as m:
        from manufold.api.promise_wire import promise_answer
        from manufold.model.codec import from_json
        from manufold.services.weights import weights_of
        from manufold.ui.console.promises import print_promises
        from manufold.ui.console.worlds import print_world

        content = sys.stdin.buffer.read() if str(file) == "-" else read_file(file).content
        weighed = None if weights is None else weights_of(weights)
        began = perf_counter()
        found = m.promise(
            from_json(content), quantity=quantity, to=to, by=by, weights=weighed, party=party
        )
        seconds = perf_counter() - began
        if as_json:
            print_json(promise_answer(found, m.network, m.language, m.world, seconds))
        else:
            print_world(m.world, m.language)
            print_promises(found, m.network, m.language, whole=everything)


@app.command()
def explain(
    name: Annotated[str, typer.Argument(help="An offer or an order.")],
    option: Annotated[
        str, typer.Argument(help="Of an offer: fast, cheap, green, or an option's id.")
    ] = "",
    party: Party = None,
    home: Home = None,
    as_json: AsJson = False,
    language: Language = None,
) -> None:
    """Say why this date, why this site, why late, and what a day earlier would cost."""
    with opened(home, as_json, language) as m:
        from manufold.api.explain_wire import explain_answer
        from manufold.ui.console.explained import print_explained

        found = m.explain(name, option, party=party)
        if as_json:
            print_json(explain_answer(found, m.network, m.language))
        else:
            print_explained(found, m.network, m.language)


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
        from manufold.ui.console.worlds import print_world

        if not as_json:
            print_world(m.world, m.language)
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


def _choices(texts: Sequence[str]) -> dict[str, str]:
    """Return NAME=VALUE texts as parameters of a vertical."""
    found = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not (equals and name.isidentifier()) or name in _OWN_OPTIONS:
            raise InputFault("cli.choice_malformed", text=text[:80])
        found[name] = value
    return found
