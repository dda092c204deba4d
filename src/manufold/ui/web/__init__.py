"""Pages for people who arrive: order something, follow it, read its passport."""
