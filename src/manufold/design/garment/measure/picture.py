"""A drawing of where each datum was taken: the body from the front and from the side, as SVG."""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from manufold.design.garment.measure.body_scan import BodyScan
    from manufold.design.garment.measure.shape import Floats

__all__ = ["picture"]

_MARGIN_MM = 60.0
_BETWEEN_MM = 180.0
#: faces are drawn together by depth and shade
_SLAB_MM, _SHADES = 60.0, 10
_SURE, _FLAGGED = "#0b6e4f", "#b3541e"


def picture(found: "BodyScan") -> bytes:
    """Return the SVG; it shows a body and so is personal data like the scan itself."""
    surface = found.surface
    tall = float(surface[:, 2].max())
    parts: list[str] = []
    at = _MARGIN_MM
    for axis, sign in ((0, 1.0), (1, -1.0)):
        low, high = (float(f(sign * surface[:, axis])) for f in (np.min, np.max))
        shift = at - low

        def flat(
            points: "Floats", axis: int = axis, sign: float = sign, shift: float = shift
        ) -> str:
            x, y = sign * points[:, axis] + shift, tall + _MARGIN_MM - points[:, 2]
            return " ".join(f"{a:.0f},{b:.0f}" for a, b in zip(x, y, strict=True))

        parts.append(_body(surface, found.faces, axis, sign, shift, tall))
        for name, measure in found.measures.items():
            colour = _FLAGGED if measure.flags else _SURE
            for line in measure.lines:
                closed = name.endswith("girth")
                tag = "polygon" if closed else "polyline"
                parts.append(
                    f'<{tag} points="{flat(line)}" fill="none" stroke="{colour}"'
                    f' stroke-width="4"><title>{name}</title></{tag}>'
                )
        at += high - low + _BETWEEN_MM
    width, height = at - _BETWEEN_MM + _MARGIN_MM, tall + 2 * _MARGIN_MM
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}"'
        f' width="{width / 2:.0f}" height="{height / 2:.0f}">'
        '<rect width="100%" height="100%" fill="#f6f3ea"/>'
    )
    return (head + "".join(parts) + "</svg>").encode()


def _body(
    surface: "Floats", faces: "np.ndarray", axis: int, sign: float, shift: float, tall: float
) -> str:
    """Return the body as flat grey, lighter where it faces the eye."""
    corners = surface[faces]
    facing = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    facing /= np.maximum(np.linalg.norm(facing, axis=1, keepdims=True), 1e-9)
    toward = np.array([0.0, -1.0, 0.0]) if axis == 0 else np.array([1.0, 0.0, 0.0])
    light = facing @ toward
    depth = corners.mean(axis=1) @ toward
    seen = np.flatnonzero(light > 0)
    slabs = np.floor((depth - depth.min()) / _SLAB_MM).astype(int)
    shades = np.floor(light * _SHADES).astype(int)
    x = np.round(sign * corners[:, :, axis] + shift).astype(int)
    y = np.round(tall + _MARGIN_MM - corners[:, :, 2]).astype(int)
    drawn: dict[tuple[int, int], list[str]] = {}
    for face in seen[np.argsort(depth[seen])]:  # what is nearer is drawn later
        (xa, xb, xc), (ya, yb, yc) = x[face], y[face]
        path = f"M{xa} {ya}l{xb - xa} {yb - ya} {xc - xb} {yc - yb}z"
        drawn.setdefault((int(slabs[face]), int(shades[face])), []).append(path)
    paths = []
    for (_, shade), parts in drawn.items():
        grey = 150 + 90 * shade // _SHADES
        colour = f"#{grey:02x}{grey:02x}{grey:02x}"
        paths.append(f'<path d="{"".join(parts)}" fill="{colour}" stroke="{colour}"/>')
    return "".join(paths)
