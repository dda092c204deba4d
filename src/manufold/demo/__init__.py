"""The demo: a network of five sites, described in files as any factory owner would write them."""

from importlib.resources import files
from pathlib import Path

__all__ = ["demo_network_path"]


def demo_network_path() -> Path:
    """Return the demo network's file, beside its CSVs."""
    return Path(str(files("manufold.demo") / "network" / "network.toml"))
