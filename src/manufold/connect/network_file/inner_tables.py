"""Keys of a network file, and the tables that stand inside the tables of its sections."""

from dataclasses import dataclass
from typing import Literal

__all__ = ["CAPABILITY", "CLOSURE", "ENERGY_HOURS", "SHIFT", "Key", "Shape"]

Shape = Literal["one", "list", "tables", "map"]


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a table.

    Args:
        name: as written in the file, its unit at the end.
        kind: of `kinds.KINDS`, of the value or of each item; "word" = one of `words`.
        meaning: one line for the reference.
        default: as people would write it; None with `optional` means: left open.
        assumed: what is taken, and said with every offer, where it is left out.
        shape: one value, a list of them, a list of tables of `items`, or a map from names.
        refers: the section whose id it must name.
        short: of tables: a bare text stands for a table with only this key.
    """

    name: str
    kind: str
    meaning: str
    optional: bool = False
    default: object = None
    assumed: str = ""
    shape: Shape = "one"
    refers: str | None = None
    words: tuple[str, ...] = ()
    items: tuple["Key", ...] = ()
    short: str | None = None


SHIFT = (
    Key("days", "days", "days on which it starts, or ranges of days", shape="list"),
    Key("start", "clock", "local wall time"),
    Key(
        "end",
        "clock",
        'local wall time; not later than `start` means the next day, "24:00" midnight',
    ),
    Key("breaks", "break", "pauses inside the shift", optional=True, default=(), shape="list"),
)
CLOSURE = (
    Key("from", "moment", "local wall time of the calendar, or with its own offset"),
    Key("to", "moment", "when work may start again"),
    Key("why", "text", "for people", optional=True),
)
CAPABILITY = (
    Key("name", "name", "the word process plans ask for"),
    Key("time_factor", "positive", "its time over the standard time", optional=True, default=1),
    Key(
        "limits",
        "number",
        "largest values it takes; lengths sorted, x the longest",
        optional=True,
        shape="map",
    ),
    Key(
        "materials",
        "name",
        "the only materials it takes; none named = any",
        optional=True,
        default=(),
        shape="list",
        refers="material",
    ),
    Key(
        "lead_time_h",
        "positive",
        "of a subcontractor: working hours from hand-over to return, instead of standard times",
        optional=True,
    ),
    Key(
        "order_price",
        "number",
        "of a subcontractor: asked per order instead of an hourly rate, in the site's currency",
        optional=True,
        default=0,
    ),
    Key(
        "piece_price",
        "number",
        "of a subcontractor: asked per piece started, in the site's currency",
        optional=True,
        default=0,
    ),
)
ENERGY_HOURS = (
    Key("from_hour", "hour", "local wall hour from which it counts"),
    Key("to_hour", "hour", "local wall hour up to which it counts, 24 = midnight"),
    Key(
        "days",
        "days",
        "days on which it counts, or ranges of days; none named = every day",
        optional=True,
        default=(),
        shape="list",
    ),
    Key("price_per_kwh", "number", "then; left out, the site's usual", optional=True),
    Key("grid_g_per_kwh", "number", "then, g CO2e; left out, the site's usual", optional=True),
)
