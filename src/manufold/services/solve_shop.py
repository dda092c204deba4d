"""Solve a shop of the literature from its text: read, begin, search, judge, write.

An answer is judged, by rules that did not make it, before anybody sees it. When the search's best
does not pass, the first answer is given instead, and that is said.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np

from manufold.judge.shop_rules import ShopSlots, shop_violations
from manufold.model.errors import InputFault, OurFault, Reason
from manufold.scheduling.shop.problem import Answer, Goal, Shop, ends_s
from manufold.scheduling.shop.read import FORMATS, GOALS, fits, read
from manufold.scheduling.shop.searches import family_of
from manufold.scheduling.shop.solve import Begun, Solved, begun, solve
from manufold.scheduling.shop.team import Board, Pace, Progress
from manufold.scheduling.shop.written import written

__all__ = ["Crew", "Judged", "Plan", "solved"]

#: seconds kept back for ending and writing, beside so many times what judging the first answer took
SPARE_S = 0.5
WRITING_S_PER_SLOT = 1.5e-6
JUDGING = 1.7


class Crew(Protocol):
    """Processes that search as a team; `workers.crew` owns real ones."""

    def begin(
        self, shop: Shop, goal: Goal, first: Begun, seed: int, left_s: Callable[[], float]
    ) -> Board:
        """Let all members search; return the board that they share."""

    def wait(self) -> bool:
        """Wait a moment; return whether any member still searches."""

    def end(self) -> Sequence[Reason]:
        """Let them stop; return what happened to those that were lost."""


class Plan(NamedTuple):
    """How a shop is solved.

    Args:
        form: a format, or nothing for the only one that the text fits.
        seed: of all dice.
        moves_most: stop after so many moves of this process; 0 for no limit but time.
    """

    form: str = ""
    seed: int = 1
    moves_most: int = 0


@dataclass(frozen=True, slots=True)
class Judged:
    """A judged answer.

    Args:
        text: JSON, ready to be written.
        form: the format it was read in.
        goal: what was made small.
        family: the search that found it.
        value: its objective.
        bound: no answer is below.
        ops: operations scheduled.
        took_s: seconds spent.
        notes: what went wrong on the way, in words of the catalogue.
    """

    text: bytes
    form: str
    goal: Goal
    family: str
    value: int
    bound: int
    ops: int
    took_s: float
    notes: tuple[Reason, ...]


def solved(
    text: bytes,
    plan: Plan,
    *,
    left_s: Callable[[], float],
    spent_s: Callable[[], float],
    crew: Crew | None = None,
    told: Callable[[Progress], None] | None = None,
) -> Judged:
    """Return a judged answer to a shop, the best that can be found while time is left.

    Args:
        text: of a file of the literature.
        plan: how to solve it.
        left_s: seconds left for everything up to the written answer; at most 0 ends the search.
        spent_s: seconds spent so far.
        crew: processes that search instead of this one.
        told: called as the search goes on.

    Raises:
        InputFault: `shop.*`: the text is no shop of the format, or it fits several or none.
        OurFault: `shop.misjudged`: not even the first answer keeps the rules.
    """
    form, shop = _read(text, plan.form)
    goal = GOALS[form]
    first = begun(shop, goal)
    before_s = spent_s()
    faults = _faults(shop, goal, first.answer, first.value)
    if faults:
        raise OurFault("shop.misjudged", rule=faults[0].code, search="dispatch")
    kept_s = JUDGING * (spent_s() - before_s) + SPARE_S + WRITING_S_PER_SLOT * len(shop.job_of)

    def searching_s() -> float:
        return left_s() - kept_s

    lost: tuple[Reason, ...] = ()
    if crew is not None:
        best, lost = _crewed(shop, goal, first, plan, searching_s, crew, told)
    else:
        best = solve(
            shop,
            goal,
            left_s=searching_s,
            seed=plan.seed,
            pace=Pace(moves_most=plan.moves_most),
            first=first,
            told=told,
        )
    return _judged(shop, form, best, first, lost, spent_s)


def _crewed(
    shop: Shop,
    goal: Goal,
    first: Begun,
    plan: Plan,
    left_s: Callable[[], float],
    crew: Crew,
    told: Callable[[Progress], None] | None,
) -> tuple[Solved, tuple[Reason, ...]]:
    """Let a crew search and watch it; return its best and what was lost on the way.

    This process only watches, so that time is kept and an answer comes whatever members do.
    """
    fault, best = "", (first.value, first.answer)
    board: Board | None = None
    try:
        if left_s() > 0 and first.value > first.bound:
            board = crew.begin(shop, goal, first, plan.seed, left_s)
            value = first.value
            while left_s() > 0 and value > first.bound:
                if told is not None:
                    told(Progress(value, first.bound, 0, left_s()))
                if not crew.wait():
                    break
                shown = board.best_value()
                value = value if shown is None else min(value, shown)
    except KeyboardInterrupt:
        fault = "interrupted"
    finally:
        lost = tuple(crew.end())
    found = None if board is None else board.best()
    if found is None and board is not None and not lost:
        lost = (Reason("shop.not_begun", {}),)
    if found is not None and found[0] < best[0]:
        best = found
    return Solved(best[1], best[0], first.bound, family_of(shop, goal).name, fault), lost


def _read(text: bytes, form: str) -> tuple[str, Shop]:
    """Return the format and the shop of a text."""
    if form:
        return form, read(text, form)
    possible = fits(text)
    if len(possible) > 1:
        raise InputFault("shop.format_unclear", possible=", ".join(possible))
    if not possible:
        raise InputFault("shop.format_none", known=", ".join(FORMATS))
    return possible[0], read(text, possible[0])


def _judged(
    shop: Shop,
    form: str,
    best: Solved,
    first: Begun,
    lost: tuple[Reason, ...],
    spent_s: Callable[[], float],
) -> Judged:
    """Judge what was found, and write it, or the first answer where it does not pass."""
    goal, notes = GOALS[form], list(lost)
    if best.fault == "interrupted":
        notes.append(Reason("shop.interrupted", {}))
    elif best.fault:
        notes.append(
            Reason("shop.search_failed", {"search": best.family, "what": best.fault[:200]})
        )
    answer, value = best.answer, best.value
    if answer is not first.answer:
        faults = _faults(shop, goal, answer, value)
        if faults:
            rule = faults[0].code
            notes.append(Reason("shop.search_wrong", {"search": best.family, "rule": rule}))
            answer, value = first.answer, first.value
    took_s = spent_s()
    return Judged(
        written(shop, answer, objective=value, bound=best.bound, took_s=took_s),
        form,
        goal,
        best.family,
        value,
        best.bound,
        len(shop.job_of),
        took_s,
        tuple(notes),
    )


def _faults(shop: Shop, goal: Goal, answer: Answer, value: int) -> tuple[Reason, ...]:
    """Return the reasons why an answer is not right."""
    slots = ShopSlots(
        shop.job_of,
        np.arange(len(shop.job_of)) - shop.job_ptr[shop.job_of],
        shop.alt_machine[answer.alt],
        shop.alt_worker[answer.alt],
        answer.start_s,
        ends_s(shop, answer),
    )
    found = shop_violations(shop, slots, objective=value, tardiness=goal == "tardiness")
    return tuple(one.reason for one in found)
