"""Every published garment: sound for many bodies, apart on both sides, growing with its ease."""

from dataclasses import replace

import pytest

from design.garment.pattern.bodies import ANNA, BEN, body, some
from manufold.design.garment.pattern.block import Ask
from manufold.design.garment.pattern.checks import faults
from manufold.design.garment.pattern.conformance import faults as garment_faults
from manufold.design.garment.pattern.fit import fit
from manufold.design.garment.pattern.geometry import length_mm
from manufold.design.garment.pattern.person import Person
from manufold.design.garment.pattern.piece import Pattern
from manufold.design.garment.pattern.publishing import asked, drafted, published

GARMENTS = ("dress", "jacket", "shirt", "trousers")
UPPER = ("dress", "jacket", "shirt")


def ask(garment: str, of: Person, **options: str) -> Ask:
    """Return what the draft of a published garment is asked for."""
    return asked(published()[garment], of, options)


def girths(pattern: Pattern) -> dict[str, float]:
    """Return the finished girth of each level."""
    return {girth.level: girth.finished_mm for girth in fit(pattern)}


def test_four_garments_are_found():
    """Garments are published by being there."""
    assert tuple(published()) == GARMENTS


@pytest.mark.parametrize("name", GARMENTS)
def test_folders_conform(name: str):
    """Each folder keeps what is asked of a designer's own: words, sources, every option, ease."""
    assert garment_faults(published()[name], [body(ANNA), body(BEN)]) == ()


@pytest.mark.parametrize("name", GARMENTS)
def test_many_bodies_are_drafted_soundly(name: str):
    """Forty bodies from a seed, every fit: closed, simple, seams within half a millimetre."""
    fits = published()[name].options["fit"]
    for at, one in enumerate(some(40, 17)):
        pattern = published()[name].draft(ask(name, one, fit=fits[at % 3]))
        assert faults(pattern) == ()


@pytest.mark.parametrize("name", GARMENTS)
def test_finished_girths_are_body_and_ease(name: str):
    """Measured on the pieces, chest or hip is the body's and the ease of the fit exactly."""
    level, key, measure = (
        ("hip", "hip_mm", "hip_girth_mm")
        if name == "trousers"
        else ("chest", "bust_mm", "bust_girth_mm")
    )
    for fit_name in ("slim", "regular", "relaxed"):
        one = ask(name, body(), fit=fit_name)
        found = girths(published()[name].draft(one))
        assert found[level] == pytest.approx(one.body[measure] + one.ease[key], abs=0.1)


@pytest.mark.parametrize("name", UPPER)
def test_more_ease_is_exactly_more_girth(name: str):
    """So much more ease at the chest makes the chest so much larger, and nothing narrower."""
    base = ask(name, body())
    before = girths(published()[name].draft(base))
    for more_mm in (4.0, 11.0, 30.0):
        wider = replace(base, ease={**base.ease, "bust_mm": base.ease["bust_mm"] + more_mm})
        after = girths(published()[name].draft(wider))
        assert after["chest"] - before["chest"] == pytest.approx(more_mm, abs=0.05)
        assert after["waist"] >= before["waist"] - 0.05


def test_trousers_waist_grows_with_the_waist():
    """The waistband is the waist and its ease, whatever the seat is."""
    for waist in (820, 902, 980, 1100):
        one = ask("trousers", body(waist_girth_mm=waist))
        found = girths(published()["trousers"].draft(one))
        assert found["waist"] == pytest.approx(waist + one.ease["waist_mm"], abs=0.1)


def test_stretch_is_taken_off_the_ease():
    """Half of a cloth's stretch comes off every girth, within a tenth of the body."""
    of = body()
    stiff, soft = (girths(drafted("shirt", of, {}, s)) for s in (0.0, 0.1))
    assert stiff["chest"] - soft["chest"] == pytest.approx(0.05 * of["bust_girth_mm"], abs=0.1)
    most = girths(drafted("shirt", of, {}, 0.9))
    assert stiff["chest"] - most["chest"] == pytest.approx(0.1 * of["bust_girth_mm"], abs=0.1)


# ---- both sides


def lengths(pattern: Pattern, piece: str) -> dict[str, float]:
    """Return the sewn length of every edge of a piece."""
    return {edge.name: edge.sewn_mm for edge in pattern.piece(piece).edges}


@pytest.mark.parametrize("name", GARMENTS)
def test_an_even_body_has_even_pieces(name: str):
    """When both sides measure the same, a right piece is its left one turned over."""
    even = {key.replace("left", "right"): value for key, value in BEN.items() if "left" in key}
    pattern = drafted(name, body({**BEN, **even}))
    pairs = [p for p in pattern.pieces if p.name.endswith("_left")]
    assert pairs
    for piece in pairs:
        twin = piece.name.removesuffix("left") + "right"
        if twin not in {p.name for p in pattern.pieces}:
            continue
        one, two = lengths(pattern, piece.name), lengths(pattern, twin)
        assert one == pytest.approx(two, abs=1e-6)


@pytest.mark.parametrize("name", UPPER)
def test_a_dropped_shoulder_is_cut_on_its_side(name: str):
    """Four degrees more on the left lower the left shoulder; the right side stays as it was."""
    slope = BEN["shoulder_slope_right_deg"]
    even = published()[name].draft(ask(name, body(shoulder_slope_left_deg=slope)))
    dropped = published()[name].draft(ask(name, body(shoulder_slope_left_deg=slope + 4)))
    assert faults(dropped) == ()
    sides = {}
    for side in ("left", "right"):
        seams = {seam.name: seam for seam in dropped.seams}
        key = f"side-{side}" if f"side-{side}" in seams else f"back-side-{side}"
        runs = [(run.piece, run.edge) for run in seams[key].b]
        sides[side] = [
            length_mm(dropped.piece(p).edge(e).path) - length_mm(even.piece(p).edge(e).path)
            for p, e in runs
        ]
    # the armhole of the dropped side goes down with its shoulder, so its side seam is shorter
    assert sum(sides["left"]) < -1 < 1 > abs(sum(sides["right"])) - 5
    assert sum(sides["left"]) < sum(sides["right"]) - 2


@pytest.mark.parametrize(("name", "piece"), [("shirt", "sleeve"), ("jacket", "sleeve_top")])
def test_each_sleeve_has_the_length_of_its_arm(name: str, piece: str):
    """Arms of 20 mm difference have sleeves of 20 mm difference, within 2 mm for their curves."""
    long = body(arm_length_left_mm=BEN["arm_length_right_mm"] + 20)
    pattern = published()[name].draft(ask(name, long))
    high = {}
    for side in ("left", "right"):
        points = pattern.piece(f"{piece}_{side}").outline()
        high[side] = max(z.imag for z in points) - min(z.imag for z in points)
    even = published()[name].draft(ask(name, body(arm_length_left_mm=BEN["arm_length_right_mm"])))
    offset = {}
    for side in ("left", "right"):
        points = even.piece(f"{piece}_{side}").outline()
        offset[side] = max(z.imag for z in points) - min(z.imag for z in points)
    grown = (high["left"] - high["right"]) - (offset["left"] - offset["right"])
    assert grown == pytest.approx(20, abs=2)


def test_a_jacket_lets_the_shirt_s_cuff_show():
    """From the shoulder point a jacket's sleeve ends 10 to 15 mm above a shirt's."""
    down = {}
    for name, beyond_mm in (("shirt", 4), ("jacket", published()["jacket"].table["draft"])):
        beyond = beyond_mm if isinstance(beyond_mm, int) else beyond_mm["shoulder_mm"]
        down[name] = beyond + published()[name].table["draft"]["sleeve_extra_mm"]
    assert 10 <= down["shirt"] - down["jacket"] <= 15


def test_each_leg_reaches_its_own_hip():
    """Outside legs of 12 mm difference have side seams of 12 mm difference; inseams are alike."""
    longer = body(outside_leg_length_left_mm=BEN["outside_leg_length_right_mm"] + 12)
    pattern = drafted("trousers", longer, {"pocket": "none"})
    left, right = (lengths(pattern, f"front_{side}") for side in ("left", "right"))
    assert left["side"] - right["side"] == pytest.approx(12, abs=1)
    assert left["inseam"] == pytest.approx(right["inseam"], abs=1e-6)
    assert left["crotch"] == pytest.approx(right["crotch"], abs=1e-6)


# ---- scale


@pytest.mark.parametrize("name", GARMENTS)
def test_a_larger_body_has_larger_pieces(name: str):
    """A body 6 % larger everywhere has a garment 3 to 9 % larger around and more cloth in it."""
    grown = {k: v if k.endswith("_deg") else 1.06 * v for k, v in BEN.items()}
    small, large = drafted(name, body()), drafted(name, body(grown))
    for level, girth in girths(large).items():
        assert 1.03 < girth / girths(small)[level] < 1.09
    assert {p.name for p in small.pieces} == {p.name for p in large.pieces}


@pytest.mark.parametrize("name", UPPER)
def test_sleeve_caps_have_their_stated_ease(name: str):
    """Cap and armhole, measured as the maker would, differ by the garment's cap ease."""
    one = ask(name, body(ANNA))
    pattern = published()[name].draft(one)
    for side in ("left", "right"):
        seam = next(s for s in pattern.seams if s.name == f"armhole-{side}")
        cap, hole = (
            sum(pattern.piece(run.piece).edge(run.edge).sewn_mm for run in runs)
            for runs in (seam.a, seam.b)
        )
        assert cap - hole == pytest.approx(one.table["draft"]["cap_ease_mm"], abs=0.5)
        assert sum(seam.ease_mm) == pytest.approx(one.table["draft"]["cap_ease_mm"])


def test_the_collar_is_as_long_as_the_neckline():
    """The stand's neck edge and what it is sewn to agree, and close at neck girth and ease."""
    one = ask("shirt", body())
    pattern = published()["shirt"].draft(one)
    seam = next(s for s in pattern.seams if s.name == "stand-neck")
    around = sum(pattern.piece(run.piece).edge(run.edge).sewn_mm for run in seam.b)
    d = one.table["draft"]
    wanted = one.body["neck_girth_mm"] + d["neck_mm"] + 2 * d["overlap_mm"]
    assert around == pytest.approx(wanted, abs=0.5)
    assert pattern.piece("stand_outer").edge("neck").sewn_mm == pytest.approx(around, abs=0.5)
