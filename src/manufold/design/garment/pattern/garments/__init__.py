"""The garments that are published: one folder each, found by looking."""
