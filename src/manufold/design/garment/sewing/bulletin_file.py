"""A routing as a table for the work-study engineer: CSV, a row an operation, two languages.

The first line names the columns. Lists within a cell are parted by semicolons. It begins with a
byte order mark, so that a spreadsheet reads the Chinese words.
"""

import csv
import io

from manufold.design.garment.pattern.publishing import Garment
from manufold.design.garment.sewing.machines import word
from manufold.design.garment.sewing.routing import Routing, Step

__all__ = ["COLUMNS", "LANGUAGES", "written"]

LANGUAGES = ("en", "zh")
_WORDED = ("section", "operation", "machine", "attachment")
COLUMNS = (
    "number",
    "operation",
    *(f"{name}_{language}" for language in LANGUAGES for name in _WORDED),
    "skill_grade",
    "minutes",
    "formula",
    "seams",
    "lining_seams",
    "pieces",
    "after",
    "critical",
    "source",
    "source_year",
    "verified",
)


def written(routing: Routing, garment: Garment) -> bytes:
    """Return the bulletin of a routing as CSV, UTF-8."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\r\n")
    table.writerow(COLUMNS)
    critical = set(routing.critical)
    for number, step in enumerate(routing.steps, 1):
        table.writerow(_row(number, step, garment, step.name in critical))
    return out.getvalue().encode("utf-8-sig")


def _row(number: int, step: Step, garment: Garment, critical: bool) -> list[str]:
    worded = []
    for language in LANGUAGES:
        words = garment.words[language]
        worded += [words["section"][step.section], words["operation"][step.name]]
        worded.append(word("machine", step.machine, language))
        worded.append(word("attachment", step.attachment, language) if step.attachment else "")
    return [
        str(number),
        step.name,
        *worded,
        str(step.skill_grade),
        str(step.minutes),
        step.formula,
        ";".join(step.seams),
        ";".join(step.lined),
        ";".join(step.pieces),
        ";".join(step.after),
        "yes" if critical else "no",
        step.source.title,
        str(step.source.year),
        "yes" if step.source.verified else "no",
    ]
