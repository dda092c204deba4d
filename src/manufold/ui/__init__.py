"""Edge: what people read, in a terminal and as pages."""
