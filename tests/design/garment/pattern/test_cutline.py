"""The cut line: each allowance kept, corners joined, hems that lie flat when turned up."""

import numpy as np
import pytest

from design.garment.pattern.bodies import body
from manufold.design.garment.pattern.cutline import cut_line
from manufold.design.garment.pattern.exact import area_mm2, crossings
from manufold.design.garment.pattern.geometry import Stroke, line
from manufold.design.garment.pattern.piece import Edge, Piece
from manufold.design.garment.pattern.publishing import drafted


def piece(*edges: Edge) -> Piece:
    """Return a piece of these edges."""
    return Piece("test", "both", edges, (0j, 10j), {"shell": 1})


def test_each_edge_has_its_own_allowance():
    """A rectangle grows by what each side asks for, and its corners are square."""
    corners = [0j, 100 + 0j, 100 + 60j, 60j]
    sizes = (12.0, 10.0, 7.0, 0.0)
    edges = [
        Edge(f"e{n}", line(a, b), size)
        for n, (a, b, size) in enumerate(
            zip(corners, (*corners[1:], corners[0]), sizes, strict=True)
        )
    ]
    found = cut_line(piece(*edges))
    assert found == pytest.approx([-12j, 110 - 12j, 110 + 67j, 67j], abs=1e-9)


def test_a_hollow_narrower_than_its_allowance_leaves_no_loop():
    """A curve of 8 mm radius moved by 20 mm has its loop cut away."""
    bend = (
        *line(100 + 0j, 100 + 50j),
        Stroke(100 + 50j, 100 + 54.4j, 103.6 + 58j, 108 + 58j),
        *line(108 + 58j, 160 + 58j),
    )
    edges = [
        Edge("low", line(0j, 100 + 0j), 5.0),
        Edge("bend", bend, 20.0),
        Edge("rest", line(160 + 58j, 160 + 120j, 0 + 120j, 0j), 5.0),
    ]
    found = np.array(cut_line(piece(*edges)))
    assert crossings(found) == []
    assert area_mm2(found) > area_mm2(np.array(piece(*edges).outline()))


def test_a_hem_folded_up_lies_on_its_piece():
    """The outer corners of every straight hem, mirrored in its fold, lie on the cut sides."""
    pattern = drafted("trousers", body(), {"hem": "turn-up"})
    for name in ("front_left", "front_right", "back_left", "back_right"):
        one = pattern.piece(name)
        hem = one.edge("hem").path
        fold = hem[0].a.imag
        cut = cut_line(one)
        low = [z for z in cut if z.imag < fold - 100]
        assert len(low) == 2
        for z in low:
            over = complex(z.real, 2 * fold - z.imag)
            gaps = []
            for a, b in zip(cut, (*cut[1:], cut[0]), strict=True):
                way = b - a
                share = min(max(((over - a) * way.conjugate()).real / abs(way) ** 2, 0), 1)
                gaps.append(abs(over - a - share * way))
            assert min(gaps) < 0.01
        wide = abs(low[0].real - low[1].real)
        assert wide > abs(hem[-1].d - hem[0].a) + 20  # tapered legs: the turn-up widens
