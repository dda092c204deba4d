"""What a shop is answered about its work."""

from typing import Any, Literal

from pydantic import Field

from manufold.api.answers import Out

__all__ = ["FileOut", "InstructionsOut", "StepOut"]


class FileOut(Out):
    """A file of a design, as it was sent."""

    name: str = Field(description="As it was sent; trust it no further than that.")
    media_type: str = Field(description="As found in its content.")
    sha256: str
    content: str = Field(description="Base64.")


class StepOut(Out):
    """A job order with its operation."""

    job_order_id: str
    operation: str
    name: str
    work_unit: str
    site: str
    state: str
    quantity: int
    start_at: str
    end_at: str
    material: str | None
    skill: str | None
    setup_terms: list[dict[str, Any]] = Field(description="Standard times, once.")
    run_terms: list[dict[str, Any]] = Field(description="Standard times of a piece.")
    characteristics: list[dict[str, Any]] = Field(description="What is measured, and its limits.")


class InstructionsOut(Out):
    """What a shop needs in its hands: contracts/instructions_answer.schema.json."""

    schema_: Literal["manufold/instructions_answer/1"] = Field(alias="schema")
    order_id: str
    vertical: str
    material: str
    parameters: dict[str, Any]
    facts: dict[str, Any]
    personal: dict[str, Any] = Field(description="Of a person; keep it no longer than the work.")
    files: list[FileOut]
    steps: list[StepOut]
