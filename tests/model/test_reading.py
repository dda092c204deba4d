"""The swift reader and the careful one agree on what is sound."""

import copy
from random import Random
from typing import Any

import pytest
from tests.shop import shop_network, shop_plan

from manufold.model.codec import canonical, encoded, from_json
from manufold.model.errors import InputFault
from manufold.model.network import Network
from manufold.model.process_plan import ProcessPlan
from manufold.model.reading import read_carefully
from manufold.model.swift import Misfit, reader

ODD: tuple[Any, ...] = (None, True, -1, "x", [], {}, [1], {"a": 1}, 2**70)


def places(document: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the paths of all values of a document."""
    found = [path] if path else []
    if isinstance(document, dict):
        for key, value in document.items():
            found += places(value, (*path, key))
    if isinstance(document, list):
        for row, value in enumerate(document):
            found += places(value, (*path, row))
    return found


@pytest.mark.parametrize(("kind", "noun"), [(Network, shop_network()), (ProcessPlan, shop_plan())])
def test_both_readers_say_the_same_of_spoilt_documents(kind: Any, noun: Any) -> None:
    """Where the swift one reads, the careful one reads the same; where it refuses, so may it."""
    sound = from_json(canonical(encoded(noun)))
    assert reader(kind)(sound) == read_carefully(kind, sound, "it") == noun
    luck = Random(7)
    paths = places(sound)
    read = refused = 0
    for _ in range(600):
        spoilt = copy.deepcopy(sound)
        *way, last = luck.choice(paths)
        spot = spoilt
        for step in way:
            spot = spot[step]
        if luck.random() < 0.3 and isinstance(spot, dict):
            del spot[last]
        else:
            spot[last] = luck.choice(ODD)
        try:
            swiftly = reader(kind)(copy.deepcopy(spoilt))
        except (Misfit, InputFault):
            refused += 1
            continue
        read += 1
        assert read_carefully(kind, spoilt, "it") == swiftly
    assert read > 20
    assert refused > 200
