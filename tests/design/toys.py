"""Small outside verticals for the tests of the contract: one that keeps it, and ways to break it.

The sound one is a package of its own, written to disk; a breakage is a change of one of its files.
"""

import importlib
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["SOUND", "Break", "edited", "installed", "without"]

CODE = '''
"""Boards sawn to length, for tests."""

from decimal import Decimal
from hashlib import sha256

from manufold.design.contract import Field, Form
from manufold.model.codec import from_json
from manufold.model.design import Design, DesignFile, design_revision
from manufold.model.errors import InputFault, Reason
from manufold.model.material import BillOfMaterialsLine, Source
from manufold.model.process_plan import Operation, ProcessPlan, StandardTime

SAWN = Source("Sawing shop, 40 cuts timed", 2026)


class Boards:
    name = "boards"
    level = "bronze"
    form = Form(
        (".json",),
        (
            Field("length_mm", "number", "file", "1200", 100, 4000, required=True),
            Field("edge", "choice", "parameter", "plain", choices=("plain", "round")),
        ),
    )

    def accepts(self, files):
        return 0.8 if len(files) == 1 and b'"boards"' in files[0].content else 0.0

    def design(self, files, parameters, executor):
        content = files[0].content
        document = from_json(content)
        length_mm = document.get("length_mm") if isinstance(document, dict) else None
        if not isinstance(length_mm, int) or not 100 <= length_mm <= 4000:
            raise InputFault("boards.length_wrong", length_mm=str(length_mm)[:40])
        file = DesignFile(
            files[0].name, "application/json", len(content), sha256(content).hexdigest()
        )
        revision = design_revision("boards", (file,), "pine", parameters)
        said = (Reason("boards.pine_assumed", {}),)
        facts = {"length_mm": length_mm}
        return Design("boards", revision, (file,), "pine", parameters, facts, (), said)

    def plans(self, design, quantity):
        length_mm = Decimal(str(design.facts["length_mm"]))
        time = StandardTime("cut", Decimal(30), "standard", SAWN)
        saw = Operation("op10", "Saw", "saw", (time,), (time,), material_id="pine")
        line = BillOfMaterialsLine("pine", length_mm / 1000, "m", "op10")
        return (ProcessPlan("sawn", design.revision, "saw", (saw,), (line,), length_mm),)

    def warm(self, executor):
        pass


vertical = Boards()
'''
CARD = """
name = "boards"
level = "bronze"
sources = ["forty cuts timed"]

[[demo]]
name = "shelf"
files = ["shelf.json"]
"""
EN = """
"boards.field.length_mm" = "Length, mm"
"boards.field.edge" = "Edge"
"boards.edge.plain" = "plain"
"boards.edge.round" = "rounded"
"boards.length_wrong" = "A length of {length_mm} mm cannot be sawn; ask for 100 to 4000."
"boards.pine_assumed" = "Pine is taken."
"process.saw" = "sawn"
"""
ZH = """
"boards.field.length_mm" = "长度，mm"
"boards.field.edge" = "边缘"
"boards.edge.plain" = "直边"
"boards.edge.round" = "圆边"
"boards.length_wrong" = "无法锯切 {length_mm} mm 的长度；请要求 100 至 4000。"
"boards.pine_assumed" = "采用松木。"
"process.saw" = "锯切"
"""
SOUND: Mapping[str, str] = {
    "__init__.py": CODE,
    "vertical.toml": CARD,
    "words/en.toml": EN,
    "words/zh.toml": ZH,
    "demo/shelf.json": '{"type": "boards", "version": 1, "length_mm": 900}',
}


@dataclass(frozen=True)
class Break:
    """One thing wrong with a vertical.

    Args:
        code: of the fault that must be found.
        files: what the folder holds.
    """

    code: str
    files: Mapping[str, str]


def edited(code: str, file: str, old: str, new: str) -> Break:
    """Return a vertical with one text of one file replaced."""
    text = SOUND[file]
    if old not in text:
        raise ValueError(f"{file} does not hold {old!r}")
    return Break(f"conformance.{code}", {**SOUND, file: text.replace(old, new)})


def without(code: str, file: str) -> Break:
    """Return a vertical without one of its files."""
    return Break(f"conformance.{code}", {k: v for k, v in SOUND.items() if k != file})


@contextmanager
def installed(
    folder: Path, files: Mapping[str, str], *, module: str = "", name: str = "boards"
) -> Iterator[Callable[[], Any]]:
    """Write a package and its entry point, put them on the path; give a way to load the vertical.

    Args:
        module: what the entry point names, the package itself unless told.
        name: the entry point's.
    """
    package = f"boards_{abs(hash(str(folder))):x}"
    for place, text in files.items():
        path = folder / package / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
    info = folder / f"{package}-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1\n")
    point = f"[manufold.verticals]\n{name} = {module or package}:vertical\n"
    (info / "entry_points.txt").write_text(point)
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    try:
        yield lambda: importlib.import_module(package).vertical
    finally:
        sys.path.remove(str(folder))
        for loaded in [m for m in sys.modules if m == package or m.startswith(f"{package}.")]:
            del sys.modules[loaded]
        importlib.invalidate_caches()
