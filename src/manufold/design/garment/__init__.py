"""Made-to-measure garments: from a person's measures to a shirt's process plan."""

from manufold.design.garment.vertical import GarmentVertical, vertical

__all__ = ["GarmentVertical", "vertical"]
