"""Verbs of whoever runs a server: hand out keys, list them, revoke them.

Whoever can open the home can read its database, so nobody is asked for a key here: the network
operator acts, or, where there is none, the party the key is for, or each in turn.
"""

from typing import TYPE_CHECKING, Annotated

import typer

from manufold.answering import opened, print_json
from manufold.cli.root import AsJson, Home, Language, Party, app
from manufold.model.party import ACTOR_ROLES

if TYPE_CHECKING:
    from manufold.model.party import Actor
    from manufold.services.context import Context

__all__: list[str] = []

key_app = typer.Typer(no_args_is_help=True, help="Keys of programs and people who call a server.")
app.add_typer(key_app, name="key")


@key_app.command("make")
def key_make(
    party: Annotated[str, typer.Option("--party", help="For whom.")],
    role: Annotated[
        str, typer.Option("--role", help=f"What it acts as: {', '.join(ACTOR_ROLES)}.")
    ],
    note: Annotated[str, typer.Option("--note", help="What you call it.")] = "",
    home: Home = None,
    as_json: AsJson = False,
    language: Language = None,
) -> None:
    """Make a key for a party in a role; it is shown this once."""
    with opened(home, as_json, language) as m:
        from manufold.model.errors import Reason
        from manufold.model.party import Actor
        from manufold.services.keys import make_key
        from manufold.words import word

        holder = Actor(party, role)  # type: ignore[arg-type]  # refuses a role it does not know
        key = make_key(m.ctx, _keepers(m.ctx, party)[0], party, holder.role, note)
        if as_json:
            print_json(
                {
                    "schema": "manufold/key_answer/1",
                    "key": key,
                    "key_id": key.split("_")[1],
                    "party": party,
                    "role": role,
                    "note": note,
                    "world": m.world,
                }
            )
        else:
            typer.echo(key)
            typer.echo(
                word(Reason("key.shown_once", {"key": key.split("_")[1]}), m.language), err=True
            )


@key_app.command("list")
def key_list(
    party: Party = None,
    home: Home = None,
    as_json: AsJson = False,
    language: Language = None,
) -> None:
    """List the keys of a party, or of all."""
    with opened(home, as_json, language) as m:
        from manufold.model.units import to_rfc3339
        from manufold.services.keys import list_keys
        from manufold.ui.console.keys import print_keys

        seen = {
            key.key_id: key
            for keeper in _keepers(m.ctx, party)
            for key in list_keys(m.ctx, keeper)
            if party in (None, key.party_id)
        }
        keys = sorted(seen.values(), key=lambda key: key.made_at_s)
        if not as_json:
            print_keys(keys)
            return
        listed = [
            {
                "key_id": key.key_id,
                "party": key.party_id,
                "role": key.role,
                "note": key.note,
                "made_at": to_rfc3339(key.made_at_s),
                "revoked_at": None if key.revoked_at_s is None else to_rfc3339(key.revoked_at_s),
            }
            for key in keys
        ]
        print_json({"schema": "manufold/keys_answer/1", "keys": listed, "world": m.world})


@key_app.command("revoke")
def key_revoke(
    key_id: Annotated[str, typer.Argument(metavar="KEY", help="As the list has it.")],
    party: Party = None,
    home: Home = None,
    as_json: AsJson = False,
    language: Language = None,
) -> None:
    """Revoke a key for good; from now on it opens nothing."""
    with opened(home, as_json, language) as m:
        from manufold.model.errors import Reason
        from manufold.services.keys import list_keys, revoke_key
        from manufold.words import word

        keepers = _keepers(m.ctx, party)
        theirs = (
            keeper
            for keeper in keepers
            if key_id in (key.key_id for key in list_keys(m.ctx, keeper))
        )
        revoked = revoke_key(m.ctx, next(theirs, keepers[0]), key_id)
        if as_json:
            answer = {"schema": "manufold/key_revoked_answer/1", "key_id": key_id}
            print_json(answer | {"revoked": revoked, "world": m.world})
        else:
            code = "key.revoked" if revoked else "key.revoked_before"
            typer.echo(word(Reason(code, {"key": key_id}), m.language))


def _keepers(ctx: "Context", party: str | None) -> "tuple[Actor, ...]":
    """Return who hands out keys: the network operator; else the party named; else every party."""
    from manufold.model.party import Actor

    for one in ctx.network.parties:
        if "network_operator" in one.roles:
            return (Actor(one.party_id, "network_operator"),)
    named = party or ctx.settings.party
    if named:
        roles = ctx.network.party[named].roles if named in ctx.network.party else ()
        return (Actor(named, "owner" if "supplier" in roles else "buyer"),)
    return tuple(
        Actor(one.party_id, "owner" if "supplier" in one.roles else "buyer")
        for one in ctx.network.parties
        if {"supplier", "buyer"} & set(one.roles)
    )
