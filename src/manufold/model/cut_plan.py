"""A day's cutting: orders that want cloth, rolls, tables, and the markers that are cut of them.

A marker is a lay of one ply: cloth of one roll spread on one table, the pieces of one or several
orders cut from it together. Instants are whole seconds, lengths millimetres along the cloth.
"""

from dataclasses import dataclass

__all__ = ["CutDay", "CutMarker", "CutOrder", "CutRules", "CutTable", "Roll"]


@dataclass(frozen=True, slots=True)
class CutOrder:
    """What one person gets of one cloth; all of it is cut in one marker, so of one roll.

    Args:
        cloth: the kind of cloth, as rolls name it.
        ready_s, due_s: not begun before, cut by.
        outline_mm: how far the knife goes around all its pieces.
        shade: the only lot it may be cut of; "" = any.
    """

    order_id: str
    cloth: str
    ready_s: int
    due_s: int
    outline_mm: float
    shade: str = ""


@dataclass(frozen=True, slots=True)
class Roll:
    """Cloth of one dye lot.

    Args:
        width_mm: usable, selvedges left out.
        length_mm: that is on it.
        flaws: stretches that nothing is cut of, from and to, ascending and disjoint, mm.
        metre_price_minor: of a running metre.
    """

    roll_id: str
    cloth: str
    width_mm: float
    length_mm: float
    shade: str = ""
    flaws: tuple[tuple[float, float], ...] = ()
    metre_price_minor: float = 0.0

    @property
    def sound(self) -> tuple[tuple[float, float], ...]:
        """Return the stretches between flaws, from and to, mm."""
        edges = [0.0, *(edge for flaw in self.flaws for edge in flaw), self.length_mm]
        pairs = zip(edges[::2], edges[1::2], strict=True)
        return tuple((low, high) for low, high in pairs if high > low)


@dataclass(frozen=True, slots=True)
class CutTable:
    """A table with its cutter.

    Args:
        hours: when it works, from and to in seconds, ascending and disjoint; a marker is begun and
            ended within one of them.
    """

    table_id: str
    length_mm: float
    hours: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class CutRules:
    """What each marker costs beside its pieces.

    Args:
        ends_mm: cloth that is lost at both ends of a marker together.
        setup_s: before each marker; then it takes `metre_spread_s` for each metre of cloth and
            `metre_cut_s` for each metre of outline, rounded up together.
        usable_mm: a remnant at least that long is worth its cloth, a shorter one nothing.
    """

    ends_mm: float
    setup_s: int
    metre_spread_s: float
    metre_cut_s: float
    usable_mm: float


@dataclass(frozen=True, slots=True)
class CutDay:
    """All that is to be cut, and with what."""

    orders: tuple[CutOrder, ...]
    rolls: tuple[Roll, ...]
    tables: tuple[CutTable, ...]
    rules: CutRules


@dataclass(frozen=True, slots=True)
class CutMarker:
    """Orders that are cut together: of which cloth, where and when.

    Args:
        laid_mm: how long their pieces lie.
        from_mm, to_mm: on the roll; `laid_mm` and the ends.
    """

    orders: tuple[str, ...]
    roll_id: str
    laid_mm: float
    from_mm: float
    to_mm: float
    table_id: str
    start_s: int
    end_s: int
