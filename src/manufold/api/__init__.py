"""EDGE: what other programs see. `wire` shapes answers; the routes come with the API."""
