"""Keys in a terminal: who may call, and who no longer may."""

from collections.abc import Sequence

from rich.console import Console

from manufold.model.desk import ApiKey
from manufold.model.units import to_rfc3339
from manufold.ui.console.rows import add_row, plain_table

__all__ = ["print_keys"]


def print_keys(keys: Sequence[ApiKey], console: Console | None = None) -> None:
    """Print keys, oldest first; the revoked ones say since when."""
    out = console or Console(highlight=False)
    table = plain_table(("key", "party", "role", "made", "revoked", "note"))
    for key in keys:
        revoked = "" if key.revoked_at_s is None else to_rfc3339(key.revoked_at_s)[:10]
        made = to_rfc3339(key.made_at_s)[:10]
        style = "dim" if revoked else ""
        add_row(table, key.key_id, key.party_id, key.role, made, revoked, key.note, style=style)
    out.print(table)
