"""What programs may send, as pydantic models: strict, closed, bounded, with examples."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Base64Bytes, BaseModel, ConfigDict, Field, StringConstraints

from manufold.api.problems import InnerFault
from manufold.api.strict import checked_text
from manufold.model.errors import InputFault
from manufold.model.execution import CommandKind
from manufold.model.party import Role

__all__ = [
    "AcceptIn",
    "AmendIn",
    "CancelIn",
    "ClaimIn",
    "CommandIn",
    "FileIn",
    "Id",
    "KeyIn",
    "OfferIn",
    "ReceiveIn",
    "ReturnIn",
    "RunIn",
    "WebhookIn",
    "Words",
]


def _plain(text: str) -> str:
    try:
        return checked_text(text, "text")
    except InputFault as fault:
        raise InnerFault(fault.code, **fault.params) from None


Id = Annotated[str, StringConstraints(min_length=1, max_length=100), AfterValidator(_plain)]
Words = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_plain)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[a-z][a-z0-9_]*$")]
Value = Annotated[str, StringConstraints(max_length=200), AfterValidator(_plain)] | int | bool
Pieces = Annotated[int, Field(ge=1, le=1_000_000)]
Instant = Annotated[str, StringConstraints(min_length=8, max_length=40), AfterValidator(_plain)]


class _Wanted(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


def _with(example: dict[str, Any]) -> ConfigDict:
    return ConfigDict(
        extra="forbid",
        strict=True,
        hide_input_in_errors=True,
        json_schema_extra={"examples": [example]},
    )


class FileIn(_Wanted):
    """A file of a design."""

    name: Words = Field(description="As its owner calls it; its ending says little.")
    content: Base64Bytes = Field(description="Its bytes in base64.", strict=False)


class OfferIn(_Wanted):
    """What a buyer asks for: files, or fields that a person filled in, never both."""

    model_config = _with(
        {
            "vertical": "garment",
            "quantity": 1,
            "fields": {"stature_mm": 1780, "chest_girth_mm": 980},
            "to": "de-home",
            "by": "2026-03-20",
        }
    )
    quantity: int = Field(1, ge=1, le=1_000_000_000, description="Good pieces wanted.")
    to: Id | None = Field(None, description="Delivery zone; without one, your country's first.")
    by: Instant | None = Field(
        None, description="Wanted at the door by then: a day (its end) or RFC 3339."
    )
    vertical: Id | None = Field(None, description="Who shall read it; without one, the surest.")
    material: Id | None = Field(None, description="Of the network, e.g. al-6061.")
    parameters: dict[Name, Value] = Field(
        default_factory=dict, max_length=100, description="Choices for the vertical."
    )
    fields: dict[Name, Value] = Field(
        default_factory=dict,
        max_length=200,
        description="A design given by hand: fields of the vertical's form, see /v1/verticals.",
    )
    files: list[FileIn] = Field(default_factory=list, max_length=1000, description="The design.")


class AcceptIn(_Wanted):
    """Which option is taken."""

    model_config = _with({"option": "cheap"})
    option: Id = Field(description="Its name (fast, cheap, green) or its id.")


class CancelIn(_Wanted):
    """Why an order is given up."""

    model_config = _with({"reason": "ordered twice"})
    reason: Words = Field("buyer", description="In a few words.")


class AmendIn(_Wanted):
    """How many pieces are still wanted."""

    model_config = _with({"quantity": 8})
    quantity: Pieces = Field(description="Fewer than before; more are another offer.")


class ClaimIn(_Wanted):
    """What is not right with delivered pieces."""

    model_config = _with({"quantity": 1, "reason": "a bore is too wide"})
    quantity: Pieces = Field(description="Pieces concerned.")
    reason: Words = Field(description="In a few words.")


class ReceiveIn(_Wanted):
    """Pieces that came to the door."""

    model_config = _with({"quantity": 8})
    quantity: Pieces = Field(description="Pieces received now; at most what is on the way.")


class ReturnIn(_Wanted):
    """Claimed pieces that were sent back."""

    model_config = _with({"claim_id": "clm_0ABCDEFGHJ_K1MNPQRSTVWXYZ01", "quantity": 1})
    claim_id: Id = Field(description="The claim.")
    quantity: Pieces = Field(description="Pieces sent back.")


class CommandIn(_Wanted):
    """What a shop, a machine or a buyer says: contracts/command.schema.json."""

    model_config = _with(
        {
            "type": "command",
            "version": 1,
            "command_id": "vmc1-000123",
            "kind": "start",
            "at": "2026-12-21T07:06:40Z",
            "order_id": "ord_0ABCDEFGHJ_K1MNPQRSTVWXYZ01",
            "job_order_id": "job_0ABCDEFGHJ_K1MNPQRSTVWXYZ01",
            "resource_id": "hagen-vmc1",
            "data": {},
        }
    )
    type: Literal["command"] = "command"
    version: Literal[1] = 1
    command_id: Words = Field(description="Your own; the same command said twice is done once.")
    kind: CommandKind = Field(description="Of the closed list.")
    at: Instant | None = Field(None, description="When it happened, in RFC 3339; or give `at_s`.")
    at_s: int | None = Field(
        None, ge=0, lt=2**40, description="When it happened, in seconds since 2020-01-01T00:00Z."
    )
    by: Words | None = Field(None, description="Must be who the key says, where it is given.")
    order_id: str = Field("", max_length=100)
    job_order_id: str = Field("", max_length=100)
    resource_id: str = Field("", max_length=200)
    data: dict[str, Any] = Field(default_factory=dict, max_length=50)


class KeyIn(_Wanted):
    """Whose key, and for what."""

    model_config = _with({"party": "demo-buyer", "role": "buyer", "note": "our shop system"})
    party: Id = Field(description="Whom it acts for.")
    role: Role = Field(description="In which role.")
    note: str = Field("", max_length=200, description="What its owner calls it, one line.")


class WebhookIn(_Wanted):
    """Where to post, and what."""

    model_config = _with({"url": "https://example.org/manufold", "kinds": ["Shipped"]})
    url: Annotated[str, StringConstraints(min_length=1, max_length=2000), AfterValidator(_plain)]
    kinds: list[Words] = Field(
        default_factory=list, max_length=50, description="Kinds of events; empty = all."
    )


class RunIn(_Wanted):
    """How far a simulated world shall run: until then, or until these orders are over."""

    model_config = _with({"hours": 24})
    until: Instant | None = Field(None, description="A day (its end, UTC) or RFC 3339.")
    hours: int | None = Field(None, ge=1, le=87_660, description="From the world's now.")
    orders: list[Id] = Field(default_factory=list, max_length=100)
