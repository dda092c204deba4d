"""Shops as the literature writes them: pure sequencing without calendars, and how we solve them."""
