"""What happens on the floor: commands decided into events, events folded into states. Pure."""

from manufold.execution.decide import decide
from manufold.execution.fold import fold_order, fold_unit
from manufold.execution.progress import Progress, progress

__all__ = ["Progress", "decide", "fold_order", "fold_unit", "progress"]
