"""A shirt."""
