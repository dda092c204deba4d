"""A layout that is always there: pieces in columns by their bounding boxes, the longest first."""

from manufold.design.garment.marker.strip import Layout, Placement, Strip, turned, used_width_mm

__all__ = ["shelved"]


def shelved(strip: Strip) -> Layout:
    """Return a layout without overlaps, found at once; `strip_file` saw that each piece fits."""
    boxes = []
    for item in strip.items:
        fitting = []
        for angle in item.angles_deg:
            points = turned(item.outline, angle)
            low, high = points.min(axis=0), points.max(axis=0)
            if high[1] - low[1] <= strip.height_mm:
                fitting.append((float(high[0] - low[0]), angle, low, float(high[1] - low[1])))
        boxes += [(min(fitting, key=lambda box: box[:2]), item.item)] * item.demand
    placements: list[Placement] = []
    x = y = across = 0.0
    for (long, angle, low, tall), number in sorted(boxes, key=lambda box: -box[0][0]):
        if y + tall > strip.height_mm:
            x, y, across = x + across + strip.gap_mm, 0.0, 0.0
        placements.append(Placement(number, angle, x - float(low[0]), y - float(low[1])))
        y, across = y + tall + strip.gap_mm, max(across, long)
    return Layout(used_width_mm(strip, placements), tuple(placements))
