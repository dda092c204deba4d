"""Schema, reader and reference of the network file say the same."""

import json
import re
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from connect.network_files import ONE, SPOILS, TWO, errors, spoiled
from manufold.connect.network_file.links import USUAL_SKILLS
from manufold.connect.network_file.reference import reference_tables
from manufold.connect.network_file.schema import as_json, network_file_schema
from manufold.connect.network_file.shape import ROOT, SECTIONS
from manufold.demo import demo_network_path
from manufold.words import term

TOP = Path(__file__).parents[2]
WRITTEN = json.loads((TOP / "contracts" / "network_file.schema.json").read_text(encoding="utf-8"))
PAGE = (TOP / "docs" / "network-file.md").read_text(encoding="utf-8")
VALIDATOR = Draft202012Validator(WRITTEN)


def document(path: Path) -> Any:
    """Return a network file as the schema sees it."""
    return as_json(tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal))


def test_the_written_schema_is_the_shape():
    """`contracts/` holds what the reader reads by, and it is a schema."""
    Draft202012Validator.check_schema(WRITTEN)
    assert network_file_schema() == WRITTEN


@pytest.mark.parametrize("path", [ONE, TWO, demo_network_path()], ids=["one", "two", "demo"])
def test_what_ships_is_valid_and_accepted(path):
    """Golden files and the demo: sound by schema, read without an error."""
    assert [fault.message for fault in VALIDATOR.iter_errors(document(path))] == []
    assert errors(path) == []


def test_what_the_schema_refuses_the_reader_refuses(tmp_path):
    """Over all spoilt files that are TOML: no schema fault without a reader's fault, and the
    reader, which also sees across tables, refuses every one of them."""
    both = only_reader = 0
    for number, spoil in enumerate(SPOILS):
        folder = tmp_path / str(number)
        folder.mkdir()
        path = spoiled(folder, spoil.old, spoil.new, spoil.file)
        found = {fault.reason.code for fault in errors(path)}
        assert spoil.code in found
        try:
            by_schema = not VALIDATOR.is_valid(document(path))
        except tomllib.TOMLDecodeError:
            assert found == {"network.toml_malformed"}
            continue
        both += by_schema
        only_reader += not by_schema
    assert both >= 30
    assert only_reader >= 20


def tables(node: Any, path: tuple[Any, ...] = ()) -> Any:
    """Yield every table of a document, to change it in place."""
    if isinstance(node, dict):
        yield path, node
        for key, value in node.items():
            yield from tables(value, (*path, key))
    elif isinstance(node, list):
        for i, value in enumerate(node):
            yield from tables(value, (*path, i))


def test_schema_refuses_unknown_keys_everywhere():
    """Every table of the golden files, with one key too many, is refused; maps take any name."""
    count = 0
    for path in (ONE, TWO):
        whole = document(path)
        for where, table in list(tables(whole)):
            if where and where[-1] in ("limits", "duty_percent"):
                continue
            table["surprise"] = 1
            assert not VALIDATOR.is_valid(whole), where
            del table["surprise"]
            count += 1
        assert VALIDATOR.is_valid(whole)
    assert count > 40


def test_schema_refuses_each_missing_needed_key():
    """Every key that the shape does not call optional is needed by the schema too."""
    whole = document(ONE)
    for where, table in list(tables(whole)):
        for key in list(table):
            section = next((s for s in SECTIONS if where[:1] == (s.name,)), None)
            keys = ROOT if section is None else section.keys
            if len(where) > 2 or key not in [k.name for k in keys if not k.optional]:
                continue
            kept = table.pop(key)
            assert not VALIDATOR.is_valid(whole), (where, key)
            table[key] = kept
            assert VALIDATOR.is_valid(whole), (where, key)


def test_the_page_holds_the_tables_of_the_shape():
    """The reference is the shape itself: every section and key, its kind, its default."""
    begin, end = "<!-- tables: begin -->\n", "<!-- tables: end -->"
    written = PAGE.split(begin)[1].split(end)[0]
    made = reference_tables(lambda kind: term("network_kind", kind, "en"))
    assert written.strip() == made.strip()
    for section in SECTIONS:
        assert f"### `[[{section.name}]]`" in written
        for key in (*section.keys, *(item for k in section.keys for item in k.items)):
            assert f"| `{key.name}` |" in written, (section.name, key.name)


def test_the_page_names_the_usual_skills():
    """Every capability of the shipped plans stands in a row with the skill it needs."""
    rows = [line for line in PAGE.split("\n") if line.startswith("| ")]
    for capability, skill in USUAL_SKILLS.items():
        assert any(f"`{capability}`" in row and f"`{skill}`" in row for row in rows), capability


def test_every_kind_is_worded():
    """No kind of value shows as its bare name, in either language."""
    for section in SECTIONS:
        for key in (*ROOT, *section.keys, *(item for k in section.keys for item in k.items)):
            if key.kind:
                for language in ("en", "zh"):
                    assert term("network_kind", key.kind, language) != key.kind


def test_examples_on_the_page_are_read(tmp_path):
    """Each TOML block of the page is sound TOML, and the whole one is a network."""
    blocks = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    assert len(blocks) >= 3
    for block in blocks:
        tomllib.loads(block)
    whole = [block for block in blocks if "manufold_network" in block]
    assert len(whole) == 1
    path = tmp_path / "network.toml"
    path.write_text(whole[0], encoding="utf-8")
    assert errors(path) == []
