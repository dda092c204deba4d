"""One warm worker for all part tests, and ways to ask it."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from manufold.design.part.geometry.facts import PartFacts
from manufold.design.part.geometry.requests import ENTRIES, GeometryRequest
from manufold.design.part.geometry.sniff import checked_format
from manufold.workers import KillablePool

Measure = Callable[..., PartFacts]


@pytest.fixture(scope="session")
def pool() -> Iterator[KillablePool]:
    """A pool of one process; it survives what its worker does not."""
    with KillablePool(1) as made:
        yield made


@pytest.fixture(scope="session")
def measure(pool: KillablePool) -> Measure:
    """Measure the bytes of a file as the vertical does, errors of the workers unmapped."""

    def ask(name: str, content: bytes, unit: str | None = None, limit_s: float = 60) -> PartFacts:
        kind = checked_format(name, content)
        request = GeometryRequest(name, kind, content, unit)
        facts = pool.run(ENTRIES[kind], request, limit_s=limit_s, memory_mb=1500)
        assert isinstance(facts, PartFacts)
        return facts

    return ask


@pytest.fixture(scope="session")
def parts(test_data: Path) -> Path:
    """The folder of public test parts."""
    return test_data / "parts"


@pytest.fixture(scope="session")
def measured(parts: Path, measure: Measure) -> Callable[[str], PartFacts]:
    """Facts of a public test part, measured once."""
    known: dict[str, PartFacts] = {}

    def ask(name: str) -> PartFacts:
        if name not in known:
            known[name] = measure(name, (parts / name).read_bytes())
        return known[name]

    return ask


@pytest.fixture(scope="session")
def expected(parts: Path) -> dict[str, dict[str, Any]]:
    """What was measured on the public parts with other code, file -> facts."""
    found: dict[str, dict[str, Any]] = json.loads((parts / "measured_facts.json").read_text())
    return found
