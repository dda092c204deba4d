"""Capable to promise: load, promise, dispatch, forecast, repair, improve, explain."""
