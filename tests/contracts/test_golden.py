"""Golden examples: what stands in `contracts/examples` is what the code writes and reads."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.contracts.golden import EXAMPLES, golden, text_of
from tests.contracts.schemas import faults
from tests.contracts.test_schemas import DOCUMENTS

from manufold.model.codec import (
    canonical,
    decoded,
    encoded,
    from_json,
    stamped,
    unstamped,
)
from manufold.model.errors import Reason
from manufold.model.execution import COMMANDS, EVENTS
from manufold.model.ledger import NOTHING_HASH, event_hash
from manufold.model.ports import StoredEvent
from manufold.words import sentences, word

ALL = golden()
FOLDERS = sorted({path.split("/")[0] for path in ALL})


@pytest.mark.parametrize("path", ALL)
def test_file_is_what_the_builder_says(path):
    """An example edited by hand, or a noun changed without its example, is found."""
    assert (EXAMPLES / path).read_text(encoding="utf-8") == text_of(ALL[path])


def test_no_example_without_a_builder():
    """An example nobody builds would rot."""
    kept = {
        file.relative_to(EXAMPLES).as_posix()
        for folder in FOLDERS
        for file in Path(EXAMPLES / folder).rglob("*.json")
    }
    assert kept == set(ALL)


@pytest.mark.parametrize("path", ALL)
def test_example_keeps_its_schema(path):
    """Every example is what its contract says."""
    document = json.loads((EXAMPLES / path).read_text(encoding="utf-8"))
    assert faults(path.split("/")[0], document) == []


@pytest.mark.parametrize("path", ALL)
def test_examples_say_only_what_is_worded(path):
    """A code that the catalogue does not know, or with other parameters, would be no example."""
    document = json.loads((EXAMPLES / path).read_text(encoding="utf-8"))
    for reason in said(document):
        assert reason.code in sentences("en"), reason
        assert word(reason).split("(")[0] != reason.code, reason


def said(node: Any) -> Iterator[Reason]:
    """Yield every reason of a document."""
    if isinstance(node, dict):
        if {"code", "params"} <= node.keys():
            yield Reason(node["code"], node["params"])
        for value in node.values():
            yield from said(value)
    elif isinstance(node, list):
        for value in node:
            yield from said(value)


def test_every_kind_has_an_example():
    """The closed lists are shown whole."""
    for folder, kinds in (("event", EVENTS), ("command", COMMANDS)):
        shown = {path.split("/")[1][:-5] for path in ALL if path.startswith(f"{folder}/")}
        assert shown == set(kinds)


def read_back(name: str, document: Any) -> Any:
    """Return a document read into its noun and written again."""
    if name == "event":
        return encoded(decoded(StoredEvent, document))
    version = document["version"]
    return stamped(name, version, decoded(DOCUMENTS[name], unstamped(document, name, version)))


@pytest.mark.parametrize("path", [path for path in ALL if path.split("/")[0] in DOCUMENTS])
def test_read_and_written_again_is_the_same(path):
    """Nothing is lost, rounded or renamed on the way through the nouns, byte for byte."""
    text = (EXAMPLES / path).read_bytes()
    again = read_back(path.split("/")[0], from_json(text))
    assert canonical(again) == canonical(from_json(text))


def test_example_events_are_a_chain():
    """The examples verify with the rule of the chain: sha256(hash before + envelope)."""
    found = [
        decoded(StoredEvent, from_json((EXAMPLES / path).read_bytes()))
        for path in ALL
        if path.startswith("event/")
    ]
    previous = NOTHING_HASH
    for event in sorted(found, key=lambda e: e.seq):
        assert event.previous_hash == previous
        previous = event_hash(previous, event, canonical(event.data).decode())
        assert event.hash == previous
    assert len(found) == len(EVENTS)
