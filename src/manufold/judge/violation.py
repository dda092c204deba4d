"""One thing wrong with a schedule."""

from dataclasses import dataclass

from manufold.model.errors import Param, Reason

__all__ = ["Violation", "violation"]


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule of the shop that a schedule breaks.

    Args:
        holder: whose slot, empty where none is concerned.
        operation_id: empty where a whole job is concerned.
        resource_id: empty where no work unit is concerned.
        reason: `judge.*`, with what is wrong in numbers.
    """

    holder: str
    operation_id: str
    resource_id: str
    reason: Reason

    @property
    def code(self) -> str:
        """The kind of violation."""
        return self.reason.code


def violation(
    code: str, holder: str, operation_id: str, resource_id: str, **params: Param
) -> Violation:
    """Return a violation whose sentence can name job, operation and work unit."""
    named: dict[str, Param] = {
        "job": holder,
        "operation": operation_id,
        "resource": resource_id,
    }
    return Violation(holder, operation_id, resource_id, Reason(code, named | params))
