"""What programs are answered about the world: who, what, how it runs, and its figures."""

from typing import Literal

from pydantic import Field

from manufold.api.answers import Out, WordedOut, World
from manufold.model.party import PartyRole, Role

__all__ = [
    "FieldOut",
    "HeadOut",
    "HealthOut",
    "KpiDefinitionOut",
    "KpiNodeOut",
    "KpiOut",
    "KpisOut",
    "MaterialOut",
    "MeOut",
    "NetworkOut",
    "RunOut",
    "SiteOut",
    "VerifyOut",
    "VerticalOut",
    "VerticalsOut",
    "WorkUnitOut",
    "ZoneOut",
]


class RunOut(Out):
    """How the run of a simulated world is going."""

    running: bool
    world: World
    now: str
    share: float = Field(ge=0, le=1)
    events: int
    error: WordedOut | None


class SiteOut(Out):
    """A plant."""

    site_id: str
    name: str
    party: str
    country: str
    zone: str = Field(description="Time zone.")


class WorkUnitOut(Out):
    """A machine."""

    work_unit: str
    name: str
    site: str
    seats: int
    capabilities: list[str]


class ZoneOut(Out):
    """Where goods are delivered to."""

    zone_id: str
    name: str
    country: str
    zone: str = Field(description="Time zone.")


class MaterialOut(Out):
    """What things are made of."""

    material_id: str
    name: str


class NetworkOut(Out):
    """The network as far as the party may see it."""

    name: str
    revision: str
    world: World
    currency: str
    sites: list[SiteOut]
    work_units: list[WorkUnitOut] = Field(description="Of the party's own sites.")
    delivery_zones: list[ZoneOut]
    materials: list[MaterialOut]


class FieldOut(Out):
    """A value that may be given by hand."""

    name: str
    label: str
    kind: Literal["number", "choice", "text"]
    to: Literal["file", "parameter"]
    example: str
    least: int | None
    most: int | None
    choices: list[str]
    required: bool


class VerticalOut(Out):
    """A trade: what it reads."""

    name: str
    level: Literal["bronze", "silver", "gold"]
    suffixes: list[str]
    by_hand: bool
    fields: list[FieldOut]


class VerticalsOut(Out):
    """The trades of this server."""

    verticals: list[VerticalOut]


class HeadOut(Out):
    """The newest event."""

    seq: int
    hash: str


class VerifyOut(Out):
    """What was checked when everything stands."""

    schema_: Literal["manufold/verify_answer/1"] = Field(alias="schema")
    world: World
    events: int
    heads: int
    passports: int
    head: HeadOut


class HealthOut(Out):
    """Whether the server is ready."""

    ready: bool
    world: World
    version: str
    seq: int = Field(description="Of the newest event.")
    now: str = Field(description="The world's clock.")


class MeOut(Out):
    """Who the key says you are."""

    party: str
    name: str
    role: Role
    party_roles: list[PartyRole]
    world: World


class KpiOut(Out):
    """A figure with what it was made of."""

    id: str
    value: float | None
    numerator: float | None
    denominator: float | None
    low: float | None
    high: float | None
    reason: WordedOut


class KpiNodeOut(Out):
    """Figures of one place in the hierarchy of equipment."""

    level: Literal["all", "site", "work_center", "work_unit"]
    id: str
    name: str
    parent: str
    elements: dict[str, float | None]
    kpis: list[KpiOut]
    notes: list[WordedOut]


class KpiDefinitionOut(Out):
    """What a figure means."""

    id: str
    name: str
    unit: str
    formula: str
    source: str


class KpisOut(Out):
    """Key performance indicators: contracts/kpi_answer.schema.json."""

    schema_: Literal["manufold/kpi_answer/1"] = Field(alias="schema")
    world: World
    from_: str = Field(alias="from")
    to: str
    sites: list[str]
    notes: list[WordedOut]
    definitions: list[KpiDefinitionOut]
    nodes: list[KpiNodeOut]
    orders: list[KpiOut]
