"""People for the tests of garments: one ordinary person, written in every way we read."""

import csv
import gzip
import io
import json
from functools import cache
from pathlib import Path
from typing import Any

from manufold.design.contract import InputFile, filled
from manufold.design.garment.vertical import vertical
from manufold.model.design import Design
from manufold.model.process_plan import ProcessPlan
from manufold.workers.inline import InlineExecutor

__all__ = ["LEAST", "PERSON", "as_csv", "as_json", "design", "planned", "rows", "tables"]

LEAST: dict[str, Any] = {
    "stature_mm": 1772,
    "neck_girth_mm": 388,
    "bust_girth_mm": 1017,
    "waist_girth_mm": 889,
}
PERSON = LEAST | {
    "hip_girth_mm": 1009,
    "shoulder_width_mm": 438,
    "back_waist_length_mm": 469,
    "arm_length_left_mm": 611,
    "arm_length_right_mm": 613,
    "upper_arm_girth_mm": 341,
    "wrist_girth_mm": 174,
}


def as_json(values: dict[str, Any], **more: Any) -> InputFile:
    """Return a person's file of JSON."""
    text = json.dumps({"type": "garment", "version": 1, **values, **more})
    return InputFile("me.json", text.encode())


def as_csv(values: dict[str, Any], separator: str = ",", encoding: str = "utf-8") -> InputFile:
    """Return a person's table of one row."""
    lines = [separator.join(values), separator.join(str(value) for value in values.values())]
    return InputFile("me.csv", "\r\n".join(lines).encode(encoding))


def design(file: InputFile, **parameters: Any) -> Design:
    """Return the design of a file; the same one is made once."""
    return _made(file, tuple(parameters.items()))


@cache
def _made(file: InputFile, parameters: tuple[tuple[str, Any], ...]) -> Design:
    return vertical.design([file], dict(parameters), InlineExecutor())


def planned(values: dict[str, Any], quantity: int = 1, **parameters: Any) -> ProcessPlan:
    """Return the plan of a person."""
    made = design(filled("garment", values), **parameters)
    (plan,) = vertical.plans(made, quantity)
    return plan


def tables(folder: Path) -> dict[str, str]:
    """Return the text of both public tables."""
    where = folder / "garment" / "ansur2"
    return {
        sex: gzip.decompress((where / f"ANSUR_II_{sex}_Public.csv.gz").read_bytes()).decode(code)
        for sex, code in (("MALE", "latin-1"), ("FEMALE", "latin-1"))
    }


def rows(folder: Path) -> list[tuple[str, str]]:
    """Return header and row of everybody in the public tables, as text."""
    found = []
    for text in tables(folder).values():
        header, *others = text.splitlines()
        found += [(header, row) for row in others if row.strip()]
    return found


def record(header: str, row: str) -> dict[str, str]:
    """Return a row by column."""
    (found,) = csv.DictReader(io.StringIO(f"{header}\n{row}"))
    return found
