"""manufold: an open, digitally linked manufacturing platform.

`manufold.open_home(path)` gives the services (quote, order, schedule, make, prove) on one store;
the command line, the API and the pages call the same ones. Importing this package loads no
solver, no web and no CAD.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from manufold.app import Manufold as Manufold
    from manufold.app import open_home as open_home

__all__ = ["Manufold", "open_home"]

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    if name in __all__:
        return getattr(import_module("manufold.app"), name)
    raise AttributeError(f"module 'manufold' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
