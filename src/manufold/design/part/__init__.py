"""Machined, turned and printed parts: from a file of CAD to process plans; see `vertical`."""
