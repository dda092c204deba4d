"""A tailored jacket."""
