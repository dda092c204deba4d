"""The shape of a network file: its sections and keys, each with kind, unit and meaning.

The reader, the JSON Schema in `contracts/` and the tables in `docs/network-file.md` all come from
this one description, so they cannot disagree.
"""

from dataclasses import dataclass

from manufold.connect.network_file.inner_tables import (
    CAPABILITY,
    CLOSURE,
    ENERGY_HOURS,
    SHIFT,
    Key,
    Shape,
)
from manufold.model.material import MaterialUnit
from manufold.model.party import PARTY_ROLES

__all__ = ["FILE_VERSION", "ROOT", "SECTIONS", "Key", "Section", "Shape"]

FILE_VERSION = 1
UNITS: tuple[str, ...] = MaterialUnit.__args__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Section:
    """An array of tables, `[[name]]`.

    Args:
        identity: keys that together may occur once.
        csv: whether its rows may come from a CSV file.
        needed: whether a network without it is refused.
    """

    name: str
    meaning: str
    keys: tuple[Key, ...]
    identity: tuple[str, ...] = ("id",)
    csv: bool = False
    needed: bool = False

    def key(self, name: str) -> Key:
        """Return its key of that name."""
        return next(key for key in self.keys if key.name == name)


def _id(meaning: str) -> Key:
    return Key("id", "name", meaning)


_NAME = Key("name", "text", "as people write it")
_HOURS = "Monday to Friday, 08:00 to 16:00 in the zone of its site"
_RATE = "the middle one of the rates of {} at its site, else of the network"

ROOT = (
    Key("manufold_network", "count", f"version of this file format, {FILE_VERSION}"),
    Key("name", "text", "what the network is called"),
    Key("currency", "currency", "ISO 4217 code in which offers are made"),
    Key(
        "platform_fee_percent",
        "percent",
        "fee of the network operator on the price of the goods",
        optional=True,
        default=5,
    ),
)

SECTIONS = (
    Section(
        "source",
        "Where figures come from; other sections name them.",
        (
            _id("unique among sources"),
            Key("title", "text", "publication, table or measurement"),
            Key("year", "year", "of publication or measurement"),
            Key("licence", "text", "of the source", optional=True, default="facts"),
            Key(
                "verified",
                "flag",
                "false = not looked up on the source itself",
                optional=True,
                default=True,
            ),
        ),
        csv=True,
    ),
    Section(
        "party",
        "Companies and persons taking part.",
        (
            _id("unique among parties"),
            _NAME,
            Key("roles", "word", "what it takes part as", shape="list", words=PARTY_ROLES),
            Key("country", "country", "ISO 3166-1"),
        ),
        needed=True,
    ),
    Section(
        "exchange_rate",
        "What one unit of a currency buys.",
        (
            Key("currency", "currency", "ISO 4217 code"),
            Key("rate", "positive", "units of the network's currency for one unit of this one"),
            Key("date", "date", "of the rate"),
        ),
        identity=("currency",),
    ),
    Section(
        "holiday",
        "Dates on which no shift starts, in named sets.",
        (
            Key("set", "name", "name of the set, used by calendars"),
            Key("date", "date", "local date"),
            Key("name", "text", "for people", optional=True),
        ),
        identity=("set", "date"),
        csv=True,
    ),
    Section(
        "calendar",
        "When work is done.",
        (
            _id("unique among calendars"),
            Key("zone", "zone", "IANA time zone of all its wall times"),
            Key("shifts", "", "the week", shape="tables", items=SHIFT),
            Key(
                "holidays",
                "name",
                "sets of `[[holiday]]`",
                optional=True,
                default=(),
                shape="list",
                refers="holiday",
            ),
            Key(
                "closures",
                "",
                "maintenance and works holidays",
                optional=True,
                default=(),
                shape="tables",
                items=CLOSURE,
            ),
        ),
        needed=False,
    ),
    Section(
        "site",
        "Plants.",
        (
            _id("unique among sites and delivery zones"),
            _NAME,
            Key("party", "name", "its owner", refers="party"),
            Key("country", "country", "ISO 3166-1, decides customs duty"),
            Key("zone", "zone", "IANA time zone"),
            Key("currency", "currency", "of its rates"),
            Key("grid_g_per_kwh", "number", "carbon of its electricity, g CO2e"),
            Key("grid_source", "name", "of that figure", refers="source"),
            Key("energy_price_per_kwh", "number", "of its electricity, in its currency"),
            Key(
                "margin_percent",
                "percent",
                "earned on its own cost lines",
                optional=True,
                default=15,
            ),
            Key(
                "frozen_h",
                "number",
                "how far ahead its slots no longer move",
                optional=True,
                default=24,
            ),
            Key(
                "energy_hours",
                "",
                "when its electricity costs or emits something else; the first that fits counts",
                optional=True,
                default=(),
                shape="tables",
                items=ENERGY_HOURS,
            ),
            Key("latitude_deg", "latitude", "north is positive", optional=True),
            Key("longitude_deg", "longitude", "east is positive", optional=True),
        ),
        needed=True,
    ),
    Section(
        "work_center",
        "Groups of work units at a site.",
        (
            _id("unique among work centers"),
            _NAME,
            Key("site", "name", "where it stands", refers="site"),
        ),
        needed=True,
    ),
    Section(
        "setup_matrix",
        "Changeover between setup families, on top of an operation's own set-up.",
        (
            _id("unique among setup matrices"),
            Key(
                "default_min",
                "number",
                "minutes between families without an entry",
                optional=True,
                assumed="the longest that is listed, 15 where none is",
            ),
            Key(
                "families",
                "name",
                "the only families its work units can be set up for; none named = any",
                optional=True,
                default=(),
                shape="list",
            ),
            Key("currency", "currency", "of the costs of its changeovers", optional=True),
        ),
    ),
    Section(
        "changeover",
        "Entries of the setup matrices.",
        (
            Key("matrix", "name", "the setup matrix", refers="setup_matrix"),
            Key("from", "name", "family that ran before"),
            Key("to", "name", "family that runs next"),
            Key("time_min", "number", "minutes"),
            Key(
                "cost",
                "number",
                "beside the time, in the matrix's currency",
                optional=True,
                default=0,
            ),
            Key(
                "energy_kwh", "number", "beside the power drawn meanwhile", optional=True, default=0
            ),
        ),
        identity=("matrix", "from", "to"),
        csv=True,
    ),
    Section(
        "work_unit",
        "Machines and stations.",
        (
            _id("unique among work units, operators and tools"),
            _NAME,
            Key("work_center", "name", "its group", refers="work_center"),
            Key(
                "calendar",
                "name",
                "when it works",
                optional=True,
                refers="calendar",
                assumed=_HOURS,
            ),
            Key(
                "capabilities",
                "",
                "what it can do",
                shape="tables",
                items=CAPABILITY,
                short="name",
            ),
            Key(
                "rate_per_h",
                "number",
                "of set-up or run, in the site's currency",
                optional=True,
                assumed=_RATE.format("work units"),
            ),
            Key("power_kw", "number", "drawn while set up or running", optional=True, default=0),
            Key("seats", "count", "how many jobs it holds at once", optional=True, default=1),
            Key(
                "batches",
                "flag",
                "true = all its seats begin and end together (an oven)",
                optional=True,
                default=False,
            ),
            Key("setup_matrix", "name", "its changeovers", optional=True, refers="setup_matrix"),
            Key(
                "mtbf_h",
                "whole",
                "mean working hours between failures, 0 = none known",
                optional=True,
                default=0,
            ),
            Key("mttr_h", "whole", "mean hours to repair", optional=True, default=0),
        ),
        needed=True,
    ),
    Section(
        "operator",
        "People who work at a site.",
        (
            _id("unique among work units, operators and tools"),
            Key("site", "name", "where they work", refers="site"),
            Key("skills", "name", "what they can do", shape="list"),
            Key(
                "calendar",
                "name",
                "when they work",
                optional=True,
                refers="calendar",
                assumed=_HOURS,
            ),
            Key(
                "rate_per_h",
                "number",
                "in the site's currency",
                optional=True,
                assumed=_RATE.format("operators"),
            ),
        ),
        csv=True,
    ),
    Section(
        "tool",
        "Tools and fixtures that are counted.",
        (
            _id("unique among work units, operators and tools"),
            Key("kind", "name", "the word process plans ask for"),
            Key("site", "name", "where they are", refers="site"),
            Key("count", "count", "how many of it", optional=True, default=1),
        ),
        csv=True,
    ),
    Section(
        "delivery_zone",
        "Where buyers are.",
        (
            _id("unique among sites and delivery zones"),
            _NAME,
            Key("country", "country", "ISO 3166-1"),
            Key("zone", "zone", "IANA time zone"),
            Key("tax_percent", "percent", "value added or sales tax on goods and transport"),
            Key(
                "duty_percent",
                "percent",
                "customs duty by country of the last site; absent = none",
                optional=True,
                shape="map",
            ),
        ),
        needed=True,
    ),
    Section(
        "lane",
        "Ways from a site to another site or to a delivery zone.",
        (
            Key("from", "name", "the site it starts from", refers="site"),
            Key("to", "name", "a site or a delivery zone", refers="site or delivery_zone"),
            Key("time_h", "number", "door to door"),
            Key("cost", "number", "per shipment", optional=True, default=0),
            Key("cost_per_kg", "number", "on top", optional=True, default=0),
            Key("currency", "currency", "of the costs"),
            Key("carbon_g_per_kg", "number", "CO2e of a kilogram carried all the way"),
            Key("source", "name", "of the carbon figure", refers="source"),
        ),
        identity=("from", "to"),
        csv=True,
        needed=True,
    ),
    Section(
        "material",
        "What things are made of.",
        (
            _id("unique among materials; process plans use it"),
            _NAME,
            Key("unit", "word", "what a quantity of it counts", words=UNITS),
            Key("price", "number", "of one unit"),
            Key("currency", "currency", "of the price"),
            Key("lead_time_days", "number", "calendar days from order to receipt without stock"),
            Key("carbon_kg", "number", "CO2e of one unit, cradle to gate"),
            Key("carbon_source", "name", "of that figure", refers="source"),
        ),
        csv=True,
    ),
    Section(
        "stock",
        "What lies at a site.",
        (
            Key("site", "name", "where", refers="site"),
            Key("material", "name", "what", refers="material"),
            Key("quantity", "number", "in the material's unit"),
        ),
        identity=("site", "material"),
        csv=True,
    ),
)
