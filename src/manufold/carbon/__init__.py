"""Carbon: factors with source, year and licence; footprint per line, planned and as made."""
