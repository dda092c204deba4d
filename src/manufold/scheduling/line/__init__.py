"""A line of stations: who works where, which order enters next, what each station does next."""
