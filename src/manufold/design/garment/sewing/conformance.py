"""What a bulletin must keep before its garment is published, beside making every pattern.

Its rows are whole; each operation and section has words in both languages, and each machine and
attachment, too; and where a row says what its source lists, it comes to that for the reference.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from manufold.design.garment.pattern.person import person
from manufold.design.garment.pattern.publishing import Garment, asked
from manufold.design.garment.sewing.bulletin import row
from manufold.design.garment.sewing.checks import table_faults
from manufold.design.garment.sewing.routing import unchecked
from manufold.model.errors import Fault, ManufoldError, Reason

__all__ = ["bulletin_faults", "listed_faults", "word_faults"]

_WITHIN_MIN = Decimal("0.001")


def bulletin_faults(garment: Garment, languages: Sequence[str]) -> tuple[Fault, ...]:
    """Return what is wrong with a garment's bulletin, whatever pattern it is to make."""
    found = (*table_faults(garment), *word_faults(garment, languages))
    return found or tuple(listed_faults(garment))


def word_faults(garment: Garment, languages: Sequence[str]) -> Iterator[Fault]:
    """Yield the operations and sections without words."""
    rows = garment.operations.get("operation", [])
    for language in languages:
        words = garment.words.get(language, {})
        for key, group in (("name", "operation"), ("section", "section")):
            for code in dict.fromkeys(str(one.get(key, "?")) for one in rows):
                if code not in words.get(group, {}):
                    params = {"garment": garment.name, "of": code, "language": language}
                    yield Fault(garment.name, Reason("garment.pattern_unworded", params))


def listed_faults(garment: Garment) -> Iterator[Fault]:
    """Yield the rows that do not come to what is listed, for the body and options of reference."""
    rows = [row(told) for told in garment.operations["operation"]]
    listed = {one.name: one.listed for one in rows if one.listed is not None}
    if not listed:
        return
    reference = garment.operations.get("reference", {})
    try:
        body = person({name: float(value) for name, value in reference["body"].items()})
        ask = asked(garment, body, reference.get("options", {}))
        made = {step.name: step.minutes for step in unchecked(garment.draft(ask), garment)}
    except (KeyError, ManufoldError, AssertionError):
        made = {}
    for name, wanted_min in listed.items():
        found = made.get(name)
        if found is None or abs(found - wanted_min) > _WITHIN_MIN:
            params = {"minutes": str(found), "listed": str(wanted_min), "step": name}
            reason = Reason("garment.routing_off_listed", {"garment": garment.name, **params})
            yield Fault(name, reason)
