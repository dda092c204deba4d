"""What is wrong with a network file: where it stands, how bad it is, and its reason."""

from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Literal

from manufold.model.errors import Fault, InputFault, Param, Reason

__all__ = ["Faults", "NetworkFault", "Place", "Severity", "nearest"]

#: more than anybody corrects before reading again; keeps a hostile file cheap to refuse
MOST_FAULTS = 200
#: names compared for "did you mean"
MOST_COMPARED = 1000

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A line of a file; line 0 is the file as a whole."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class NetworkFault:
    """One fault of a network file.

    Args:
        file: as it is called in the folder of the network file, e.g. "lanes.csv".
        line: counted from 1; 0 when the file as a whole is at fault.
        severity: an "error" stops the file from being read, a "warning" does not.
    """

    file: str
    line: int
    severity: Severity
    reason: Reason

    @property
    def fault(self) -> Fault:
        """The same fault as every refusal carries it."""
        return Fault(str(Place(self.file, self.line)), self.reason)


@dataclass(slots=True)
class Faults:
    """Gathers every fault of a file, each once."""

    found: list[NetworkFault] = field(default_factory=list)
    counts: dict[Severity, int] = field(default_factory=lambda: {"error": 0, "warning": 0})

    def error(self, place: Place, code: str, **params: Param) -> None:
        """Add what stops the file from being read."""
        self._add(NetworkFault(place.file, place.line, "error", Reason(code, params)))

    def warning(self, place: Place, code: str, **params: Param) -> None:
        """Add what a planner should look at."""
        self._add(NetworkFault(place.file, place.line, "warning", Reason(code, params)))

    def refusal(self, place: Place, refused: InputFault) -> None:
        """Add what a noun refused when it was built."""
        self._add(NetworkFault(place.file, place.line, "error", refused.reason))

    @property
    def errors(self) -> tuple[NetworkFault, ...]:
        """The faults that stop the file from being read, in the order of the lines."""
        return tuple(f for f in self.sorted() if f.severity == "error")

    def sorted(self) -> tuple[NetworkFault, ...]:
        """Return all faults by file and line."""
        return tuple(sorted(self.found, key=lambda f: (f.file, f.line, f.severity, f.reason.code)))

    @property
    def full(self) -> bool:
        """True when no further error would be kept."""
        return self.counts["error"] > MOST_FAULTS

    def _add(self, fault: NetworkFault) -> None:
        count = self.counts[fault.severity]
        if count < MOST_FAULTS:
            if fault in self.found:
                return
            self.found.append(fault)
        elif count == MOST_FAULTS:
            rest = Reason("network.too_many_faults", {"limit": MOST_FAULTS})
            self.found.append(NetworkFault(fault.file, 0, fault.severity, rest))
        else:
            return
        self.counts[fault.severity] = count + 1


def nearest(wanted: str, known: list[str]) -> str:
    """Return the known name most like the wanted one; "" when none is known."""
    folded = {name.casefold(): name for name in sorted(known, reverse=True)[-MOST_COMPARED:]}
    close = get_close_matches(wanted.casefold(), folded, n=1, cutoff=0.0)
    return folded[close[0]] if close else ""
