"""The glossary's names exist, and what it says is not in the code is not."""

import dataclasses
import re
from importlib import import_module
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
SOURCE = Path(__file__).parents[2] / "src" / "manufold"
TEXT = (DOCS / "glossary.md").read_text(encoding="utf-8")
NAMES = re.findall(r"`(manufold\.[a-z_.]+):([A-Za-z_.]+)`", TEXT)


@pytest.mark.parametrize(("module", "name"), NAMES, ids=[":".join(pair) for pair in NAMES])
def test_each_named_thing_exists(module, name):
    """A word without its class, or a class renamed behind the glossary's back, is found."""
    first, *fields = name.split(".")
    found = getattr(import_module(module), first)
    for field in fields:
        assert field in {f.name for f in dataclasses.fields(found)}


def test_each_row_is_whole():
    """Every word has its meaning and its place, once."""
    rows = [line for line in TEXT.splitlines() if line.startswith("| ")][1:]
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    assert len(rows) == len(NAMES) > 40
    assert all(len(row) == 5 and row[0] and row[1] and row[4] for row in cells)
    assert len({row[0] for row in cells}) == len(rows)


def test_what_is_there_has_its_word():
    """Where work units hold OperationBatches, the word stands in the table."""
    source = "".join(path.read_text(encoding="utf-8") for path in SOURCE.rglob("*.py"))
    assert ("batches: bool" in source) == ("| OperationBatch |" in TEXT)


def test_contracts_page_names_what_exists():
    """Every schema has its row, and every path that the page names stands in the tree."""
    page = (DOCS / "contracts.md").read_text(encoding="utf-8")
    schemas = {path.name.split(".")[0] for path in (DOCS.parent / "contracts").glob("*.json")}
    rows = set(re.findall(r"^\|[^|]*\|[^|]*\|[^|]*\| `([a-z_]+)`", page, re.MULTILINE))
    assert schemas - {"nouns"} <= rows | {"network_file"}
    for path in re.findall(r"`(tests/[a-z_/.]+|src/[a-z_/.]+|contracts/[a-z_.]+)`", page):
        assert (DOCS.parent / path).exists(), path
