"""What keeps a designer's bulletin from being published is named: each fault, once planted."""

import tomllib
from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import replace
from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from design.garment.pattern.bodies import ANNA, BEN, body
from manufold.design.garment.pattern.conformance import LANGUAGES, faults
from manufold.design.garment.pattern.piece import Pattern
from manufold.design.garment.pattern.publishing import Garment, asked, drafted, published
from manufold.design.garment.sewing import routed
from manufold.design.garment.sewing.checks import faults as sewing_faults
from manufold.design.garment.sewing.conformance import bulletin_faults
from manufold.design.garment.sewing.routing import unchecked
from manufold.model.errors import CannotMake, Fault

SHIRT = "shirt"


def changed(**rows: Mapping[str, Any] | None) -> Garment:
    """Return the shirt with rows of its bulletin changed by name, or taken out by None."""
    shirt = published()[SHIRT]
    told = deepcopy(dict(shirt.operations))
    found = []
    for row in told["operation"]:
        more = rows.get(row["name"], {})
        if more is not None:
            found.append({k: v for k, v in {**row, **more}.items() if v is not None})
    return replace(shirt, operations={**told, "operation": found})


@cache
def plain() -> Pattern:
    """Return the shirt with a pocket, as chosen unasked."""
    return drafted(SHIRT, body(BEN))


def found_in(garment: Garment) -> tuple[Fault, ...]:
    """Return what is wrong with a bulletin, and with what it makes of the plain shirt."""
    table = bulletin_faults(garment, LANGUAGES)
    if any(one.reason.code != "garment.routing_off_listed" for one in table):
        return table
    return (*table, *sewing_faults(unchecked(plain(), garment), plain(), garment))


def codes(found: Iterable[Fault]) -> dict[str, set[str]]:
    """Return by code where faults are."""
    told: dict[str, set[str]] = {}
    for fault in found:
        told.setdefault(fault.reason.code.removeprefix("garment."), set()).add(fault.where)
    return told


def test_as_it_ships_it_has_none():
    """The table that the faults are planted in is sound."""
    assert found_in(changed()) == ()


@pytest.mark.parametrize(
    ("rows", "code", "where"),
    [
        ({"side_seam": None}, "routing_seam", "side-left"),
        ({"side_seam": None}, "routing_seam", "underarm-right"),
        ({"bottom_hem": {"seams": ["side-left"]}}, "routing_seam", "side-left"),
        ({"collar_close": {"machine": "loom"}}, "routing_machine", "collar_close"),
        ({"collar_close": {"attachment": "wand"}}, "routing_machine", "collar_close"),
        ({"collar_close": {"source": "hearsay"}}, "routing_source", "collar_close"),
        ({"collar_close": {"handling": None}}, "routing_row", "collar_close"),
        ({"collar_close": {"colour": "red"}}, "routing_row", "collar_close"),
        ({"collar_close": {"handling": Decimal(-1)}}, "routing_row", "collar_close"),
        ({"collar_close": {"passes": 0}}, "routing_row", "collar_close"),
        ({"collar_close": {"when": {"collar": ["wing"]}}}, "routing_when", "collar_close"),
        ({"collar_close": {"after": ["ironing"]}}, "routing_after", "collar_close"),
        ({"collar_close": {"name": "collar_attach"}}, "routing_twice", "collar_attach"),
        ({"collar_close": {"name": "shut_it"}}, "pattern_unworded", "shirt"),
        ({"collar_close": {"section": "attic"}}, "pattern_unworded", "shirt"),
        ({"collar_attach": {"handling": Decimal("0.5")}}, "routing_off_listed", "collar_attach"),
        ({"collar_crease": {"along": ["colar-*"]}}, "routing_nothing", "collar_crease"),
        ({"fuse_stand": {"pieces": ["stand_uoter"]}}, "routing_nothing", "fuse_stand"),
        (
            {"cuff_link_holes": {"when": None, "along": ["hem"]}},
            "routing_nothing",
            "cuff_link_holes",
        ),
        ({"collar_pin": {"along": ["stand-neck"]}}, "routing_before_seam", "collar_pin"),
        ({"fuse_stand": {"handling": Decimal(0)}}, "routing_no_minutes", "fuse_stand"),
        ({"fuse_stand": {"after": ["buttons"]}}, "routing_circle", None),
    ],
)
def test_a_planted_fault_is_named(rows: dict[str, Any], code: str, where: str | None):
    """Each is found under its own code and at its own place, in whatever way it was planted."""
    found = codes(found_in(changed(**rows)))
    assert code in found, found
    assert where is None or where in found[code], found


def test_conformance_tells_all_of_it():
    """The check of a folder has the table's faults, and those of whichever choice has them."""
    table = faults(changed(collar_close={"machine": "loom"}), [body(BEN)])
    assert codes(table) == {"routing_machine": {"collar_close"}}
    short = faults(changed(sleeve_hem={"seams": ["side-left"]}), [body(BEN)])
    assert codes(short) == {"routing_seam": {"shirt/side-left"}}
    assert short[0].reason.params["times"] == 2


def test_a_folder_without_operations_is_named():
    """A garment may be drafted without a bulletin, and is not published without one."""
    bare = replace(published()[SHIRT], operations={})
    assert codes(faults(bare, [])) == {"routing_missing": {"shirt"}}
    with pytest.raises(CannotMake) as refused:
        routed(plain(), bare)
    assert refused.value.reason.code == "garment.routing_broken"
    assert [fault.reason.code for fault in refused.value.faults] == ["garment.routing_missing"]


def test_a_piece_that_nobody_touches_is_named():
    """What is cut and never worked on would lie about."""
    gone = dict.fromkeys(("pocket_crease", "pocket_hem_mouth", "pocket_attach"))
    assert codes(found_in(changed(**gone))) == {"routing_unused": {"pocket"}}


def test_seams_are_sewn_in_the_drafts_order():
    """A side closed before its sleeve is set is named, though nothing else is wrong."""
    shirt = published()[SHIRT]
    rows = list(shirt.operations["operation"])
    names = [row["name"] for row in rows]
    rows.insert(names.index("sleeve_attach"), rows.pop(names.index("side_seam")))
    early = replace(shirt, operations={**shirt.operations, "operation": rows})
    assert codes(found_in(early)) == {"routing_order": {"sleeve_attach"}}


def test_a_circle_names_its_way():
    """People read which operations wait for one another."""
    garment = changed(fuse_stand={"after": ["buttons"]})
    (fault,) = (one for one in found_in(garment) if "circle" in one.reason.code)
    way = str(fault.reason.params["of"]).split(" > ")
    steps = {step.name: step.after for step in unchecked(plain(), garment)}
    assert "fuse_stand" in way and "buttons" in way
    for one, before in zip(way, (*way[1:], way[0]), strict=True):
        assert before in steps[one]


def test_what_trade_knows_is_kept():
    """`after` holds beyond what hangs together: the chest piece is joined before it is basted."""
    garment = published()["jacket"]
    steps = {step.name: step for step in routed(drafted("jacket", body()), garment).steps}
    assert steps["chest_join"].pieces == ()
    assert "chest_press" in steps["chest_baste"].after


@pytest.mark.parametrize("name", sorted(published()))
def test_every_row_is_used_by_some_choice(name: str):
    """No operation of the four bulletins is written for nobody."""
    garment, used = published()[name], set()
    others = [list(choices[1:]) for choices in garment.options.values()]
    for at in range(max(map(len, others)) + 1):
        rest = {o: (c[at:] or c[-1:])[0] for o, c in zip(garment.options, others, strict=True)}
        for options in ({}, rest, {"fit": "slim", **_long(rest)}):
            for of in (body(BEN), body(ANNA, waist_girth_mm=690)):
                pattern = garment.draft(asked(garment, of, options))
                used |= {step.name for step in unchecked(pattern, garment)}
    assert {row["name"] for row in garment.operations["operation"]} == used


def _long(options: Mapping[str, str]) -> dict[str, str]:
    """Return the options, with sleeves that have cuffs where there is a choice."""
    return {k: "long" if k == "sleeve" else v for k, v in options.items() if k != "fit"}


def test_a_bulletin_is_read_exactly():
    """Minutes are decimals as written, so that sums come out as people add them."""
    rows = tomllib.loads("each = 0.062", parse_float=Decimal)
    assert published()[SHIRT].operations["operation"][0]["handling"] == Decimal("0.06")
    assert rows["each"] * 7 == Decimal("0.434")
