"""Machined, turned and printed parts: from a STEP, STL or 3MF file to process plans."""
