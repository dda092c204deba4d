"""Verbs about what offers hold, of slots and of a person: extend, release, forget, holds."""

from typing import Annotated

import typer

from manufold.answering import opened, print_json
from manufold.cli.root import AsJson, Home, Language, Party, app
from manufold.model.errors import Reason
from manufold.words import word

__all__: list[str] = []


@app.command()
def extend(
    offer_id: Annotated[str, typer.Argument(help="The offer.")],
    party: Party = None,
    home: Home = None,
    as_json: AsJson = False,
    language: Language = None,
) -> None:
    """Have an offer held for longer, a few times at most."""
    with opened(home, as_json, language) as m:
        from manufold.api.wire import offer_answer
        from manufold.ui.console.when import moment

        found = m.extend(offer_id, party=party)
        if as_json:
            print_json(offer_answer(found, m.network, m.language))
        else:
            zone = m.network.delivery_zone[found.zone_id].zone
            typer.echo(f"held until {moment(found.reservation.expires_s, zone)}")


@app.command()
def release(
    offer_id: Annotated[str, typer.Argument(help="The offer.")],
    party: Party = None,
    home: Home = None,
    as_json: AsJson = False,
    language: Language = None,
) -> None:
    """Say that an offer is not wanted; its slots go free at once."""
    with opened(home, as_json, language) as m:
        m.release(offer_id, party=party)
        if as_json:
            print_json(
                {
                    "schema": "manufold/released_answer/1",
                    "offer_id": offer_id,
                    "released": True,
                }
            )
        else:
            typer.echo(f"released {offer_id}")


@app.command()
def forget(
    subject_id: Annotated[str, typer.Argument(help="An offer, or an order that is over.")],
    party: Party = None,
    home: Home = None,
    as_json: AsJson = False,
    language: Language = None,
) -> None:
    """Delete files and measures for good; an open offer ends by it, proofs still stand."""
    with opened(home, as_json, language) as m:
        deleted = m.forget(subject_id, party=party)
        if as_json:
            schema = "manufold/forgotten_answer/1"
            print_json({"schema": schema, "id": subject_id, "deleted": deleted})
        else:
            code = "cli.forgotten" if deleted else "cli.nothing_to_forget"
            typer.echo(word(Reason(code, {"id": subject_id}), m.language))


@app.command()
def holds(
    since: Annotated[
        str | None, typer.Option("--from", help="Made since: a day (its begin) or an instant.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--to", help="Made until: a day (its end) or an instant.")
    ] = None,
    site: Annotated[str | None, typer.Option("--site", help="Only what was held there.")] = None,
    only_open: Annotated[bool, typer.Option("--open", help="Only what is held now.")] = False,
    party: Party = None,
    home: Home = None,
    as_json: AsJson = False,
    language: Language = None,
) -> None:
    """Tell who held what, from when to when, and how it ended: the last seven days."""
    with opened(home, as_json, language) as m:
        from manufold.api.hold_wire import holds_answer
        from manufold.ui.console.holds import print_holds

        found = m.holds(since=since, until=until, site=site, only_open=only_open, party=party)
        if as_json:
            print_json(holds_answer(found, m.network, m.ctx.store.world, m.language))
        else:
            print_holds(found, m.language)
