"""Improvement: what happened, measured; policies compared; what was learned."""
