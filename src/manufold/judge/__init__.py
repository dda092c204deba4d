"""The judge: what is wrong with a schedule, found by code that did not make it."""
