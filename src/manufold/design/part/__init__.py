"""Machined, turned and printed parts: from a STEP, STL or 3MF file to process plans."""

from manufold.design.part.vertical import PartVertical, vertical

__all__ = ["PartVertical", "vertical"]
