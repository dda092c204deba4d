"""Verbs of proof: a passport, and the chain it stands on."""

from pathlib import Path
from typing import Annotated

import typer

from manufold.answering import opened, print_json
from manufold.cli.root import AsJson, Home, Language, Party, app
from manufold.model.errors import InputFault

__all__: list[str] = []


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


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as fault:
        raise InputFault("cli.cannot_write", file=str(path), why=str(fault.strerror)) from None
