"""The checks find what is wrong with a pattern: each kind of fault, planted in a sound one."""

from dataclasses import replace

import pytest

from design.garment.pattern.bodies import body
from manufold.design.garment.pattern.checks import faults
from manufold.design.garment.pattern.geometry import backwards, line, moved
from manufold.design.garment.pattern.piece import Edge, Pattern, Piece, Taken
from manufold.design.garment.pattern.publishing import drafted


@pytest.fixture(scope="module")
def sound() -> Pattern:
    """Return a sound shirt."""
    return drafted("shirt", body())


def with_piece(pattern: Pattern, name: str, **changes: object) -> Pattern:
    """Return the pattern with one piece changed."""
    pieces = tuple(replace(p, **changes) if p.name == name else p for p in pattern.pieces)
    return replace(pattern, pieces=pieces)


def with_edge(pattern: Pattern, name: str, edge: Edge) -> Pattern:
    """Return the pattern with one edge of one piece changed."""
    piece = pattern.piece(name)
    edges = tuple(edge if e.name == edge.name else e for e in piece.edges)
    return with_piece(pattern, name, edges=edges)


def codes(pattern: Pattern) -> set[str]:
    """Return the codes of what the checks find."""
    return {fault.reason.code for fault in faults(pattern)}


def test_a_sound_pattern_has_no_faults(sound: Pattern):
    """The pattern that the faults are planted in has none of its own."""
    assert faults(sound) == ()


def test_an_open_piece_is_found(sound: Pattern):
    """An edge moved by half a millimetre leaves its neighbours."""
    side = sound.piece("front_left").edge("side")
    broken = replace(side, path=moved(side.path, 1, 0.5))
    assert "garment.pattern_open" in codes(with_edge(sound, "front_left", broken))


def test_a_twisted_piece_is_found(sound: Pattern):
    """A pocket drawn as a bow tie crosses itself."""
    pocket = sound.piece("pocket")
    corners = [0j, 100 + 120j, 100 + 0j, 0 + 120j]
    edges = tuple(
        Edge(f"e{n}", line(a, b), 8.0, sewn=False)
        for n, (a, b) in enumerate(zip(corners, (*corners[1:], corners[0]), strict=True))
    )
    assert "garment.pattern_crosses" in codes(with_piece(sound, pocket.name, edges=edges))


def test_a_piece_inside_out_is_found(sound: Pattern):
    """A piece walked clockwise has no area to cut."""
    pocket = sound.piece("pocket")
    edges = tuple(replace(e, path=backwards(e.path)) for e in reversed(pocket.edges))
    assert "garment.pattern_area" in codes(with_piece(sound, "pocket", edges=edges))


@pytest.mark.parametrize(("longer_mm", "found"), [(0.45, False), (0.55, True)])
def test_a_seam_off_its_ease_is_found(sound: Pattern, longer_mm: float, found: bool):
    """A seam may be off by half a millimetre, and no more."""
    at = next(n for n, seam in enumerate(sound.seams) if seam.name == "armhole-left")
    seam = sound.seams[at]
    eases = (seam.ease_mm[0] + longer_mm, *seam.ease_mm[1:])
    seams = (*sound.seams[:at], replace(seam, ease_mm=eases), *sound.seams[at + 1 :])
    assert ("garment.pattern_seam_off" in codes(replace(sound, seams=seams))) is found


def test_a_notch_moved_on_one_side_is_found(sound: Pattern):
    """Notches of one label that no longer meet are a seam off its ease; a lost one is said."""
    piece = sound.piece("sleeve_left")
    moved_ = tuple(
        replace(n, at_mm=n.at_mm + 1.0) if n.label == "crown" else n for n in piece.notches
    )
    assert codes(with_piece(sound, piece.name, notches=moved_)) == {"garment.pattern_seam_off"}
    lost = tuple(n for n in piece.notches if n.label != "crown")
    assert codes(with_piece(sound, piece.name, notches=lost)) == {"garment.pattern_notch_lost"}


def test_the_graph_is_whole(sound: Pattern):
    """A seam left out leaves its edges unsewn; one said twice puts its edge on twice."""
    without = tuple(seam for seam in sound.seams if seam.name != "side-left")
    assert codes(replace(sound, seams=without)) == {"garment.pattern_unsewn"}
    twice = (*sound.seams, next(s for s in sound.seams if s.name == "side-left"))
    assert codes(replace(sound, seams=twice)) == {"garment.pattern_sewn_twice"}


def test_a_fold_outside_its_edge_is_found(sound: Pattern):
    """A pleat that begins before its edge does is no pleat."""
    hem = sound.piece("sleeve_left").edge("hem")
    broken = replace(hem, taken=(Taken("pleat", -5.0, 5.0), *hem.taken))
    assert "garment.pattern_fold_outside" in codes(with_edge(sound, "sleeve_left", broken))


def test_pieces_are_plain_data(sound: Pattern):
    """Two drafts of one body are equal in every point."""
    again = drafted("shirt", body())
    assert isinstance(again.pieces[0], Piece)
    assert again == sound
