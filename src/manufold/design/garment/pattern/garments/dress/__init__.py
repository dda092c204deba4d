"""A dress."""
