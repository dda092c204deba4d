"""Every refusal of the platform: who must act, a code, and the parameters of its sentence.

The tree is drawn by who must act, and each branch has one exit code and one HTTP status:

    ManufoldError
    |-- InputFault       whoever sent the input        exit 2   HTTP 422
    |-- CannotMake       the buyer chooses otherwise   exit 3   HTTP 422
    |-- Conflict         look again, then decide       exit 4   HTTP 409
    |-- StoreFault       the operator of this store    exit 5   HTTP 503
    `-- OurFault         the makers of manufold        exit 1   HTTP 500
        `-- ExecutorFault   a worker process failed (crashed, too slow, too large)

Sentences live in `manufold.words`, one catalogue for all edges; `str(error)` shows code and
parameters, for logs and for readers of a traceback.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Self

__all__ = [
    "CannotMake",
    "Conflict",
    "ExecutorFault",
    "Fault",
    "InputFault",
    "ManufoldError",
    "OurFault",
    "Param",
    "Reason",
    "StoreFault",
]

Param = str | int | bool


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is as it is: a code of the catalogue and the parameters of its sentence.

    Args:
        code: `room.what_happened`, a key of the catalogue in `manufold.words`.
        params: plain values (str, int, bool) named as in the sentence; already rounded for people.
    """

    code: str
    params: Mapping[str, Param]

    def __post_init__(self) -> None:
        if "." not in self.code or self.code != self.code.lower():
            raise ValueError(f"a reason's code is room.what_happened, not {self.code!r}")


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault found in a file: where it stands and its reason."""

    where: str
    reason: Reason


class ManufoldError(Exception):
    """A refusal with a code of the catalogue; raise one of its five branches."""

    exit_code: ClassVar[int] = 1
    http_status: ClassVar[int] = 500

    def __init__(self, code: str, *, faults: tuple[Fault, ...] = (), **params: Param):
        self.reason = Reason(code, params)
        self.faults = faults
        shown = ", ".join(f"{name}={value!r}" for name, value in params.items())
        super().__init__(f"{code}({shown})")

    @classmethod
    def of(cls, reason: Reason, *, faults: tuple[Fault, ...] = (), **more: Param) -> Self:
        """Return the refusal for a reason found elsewhere, with more parameters where known."""
        refusal = cls(reason.code, faults=faults)
        refusal.reason = Reason(reason.code, {**reason.params, **more})
        refusal.args = (f"{reason.code}({dict(refusal.params)})",)
        return refusal

    @property
    def branch(self) -> str:
        """The name of the branch of the tree it is or grows on: who must act."""
        return next(kind.__name__ for kind in type(self).__mro__ if kind.__module__ == __name__)

    @property
    def code(self) -> str:
        """The catalogue key of this refusal."""
        return self.reason.code

    @property
    def params(self) -> Mapping[str, Param]:
        """The parameters of its sentence."""
        return self.reason.params

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle whole, so that a worker process can raise it in its parent."""
        return _rebuilt, (type(self), self.code, self.faults, dict(self.params))


def _rebuilt(
    kind: type[ManufoldError],
    code: str,
    faults: tuple[Fault, ...],
    params: dict[str, Param],
) -> ManufoldError:
    return kind(code, faults=faults, **params)


class InputFault(ManufoldError):
    """What was sent is at fault: a file, a value, an unknown id."""

    exit_code = 2
    http_status = 422


class CannotMake(ManufoldError):
    """The request is sound, and no site can make or promise it."""

    exit_code = 3
    http_status = 422


class Conflict(ManufoldError):
    """The world moved: taken, expired, already accepted, or not for this party."""

    exit_code = 4
    http_status = 409


class StoreFault(ManufoldError):
    """The store is locked, corrupt, from a newer version, or fails `verify`."""

    exit_code = 5
    http_status = 503


class OurFault(ManufoldError):
    """A promise of this code to itself is broken; never the user's fault."""


class ExecutorFault(OurFault):
    """A worker process crashed, ran out of its time or of its memory."""
