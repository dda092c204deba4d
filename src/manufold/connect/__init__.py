"""Edges to machines and other systems: bounded, retried, never trusted."""
