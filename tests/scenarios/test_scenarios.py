"""Each folder here is a story: what is asked on what load, and what a planner would answer.

The answers in `expected.json` were worked out by hand, as `by_hand` says; times are RFC 3339.
"""

import pytest

from scenarios.stories import STORIES, read, told


@pytest.mark.parametrize("name", STORIES)
def test_a_planner_would_answer_so(name: str) -> None:
    """The answer of the story is the one worked out by hand, and the judge agrees with it."""
    played = told(name)
    assert played.answer == read(name, "expected.json")
    assert played.wrong() == ()


def test_there_is_a_story_of_every_kind() -> None:
    """Every constraint that is planned with has its story."""
    assert set(STORIES) >= {
        "alternatives",
        "assembly",
        "batches",
        "begun",
        "calendars",
        "clock_change",
        "energy",
        "frozen",
        "lags",
        "lags_too_long",
        "lanes",
        "late",
        "maintenance",
        "material",
        "operators",
        "overlap",
        "pausing",
        "seats",
        "setups",
        "setups_cancelled",
        "setups_gap",
        "setups_holds",
        "stock",
        "subcontract",
        "tools",
        "yield",
        "zones",
    }
