"""Sewing: the operations of a garment, hung on the seams of its pattern, with their minutes."""

from manufold.design.garment.sewing.routing import Routing, Step, routed

__all__ = ["Routing", "Step", "routed"]
