"""Patterns of garments: a person and choices in, pieces and the graph of their seams out."""
