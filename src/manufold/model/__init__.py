"""The ground: nouns of the trade.

Standard library only, frozen, no I/O, no clock, no randomness.
"""
