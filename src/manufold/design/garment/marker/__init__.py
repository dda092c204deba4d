"""Markers: pieces laid on a strip of cloth, close together and never over each other.

`strip` says what is asked and answered, `strip_file` reads it, `search` finds a first layout with
a published solver, `compaction` pushes it together by linear programs, `overlaps` judges it
without knowing either, `nest` runs several searches at once against a deadline.
"""
