"""Scenarios are read from a document, or refused by what is wrong with them."""

import pytest

from manufold.model.errors import InputFault
from manufold.model.units import to_rfc3339
from manufold.services.scenario import Change, Scenario, scenarios_of

RUSH = {"kind": "rush", "offer": "o", "by": to_rfc3339(9)}
DOWN = {"kind": "down", "work_unit": "m", "from": to_rfc3339(0), "to": to_rfc3339(9)}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"kind": "quake"}, "what_if.kind_unknown"),
        ({**DOWN, "to": to_rfc3339(0)}, "what_if.backwards"),
        ({**DOWN, "order": "x"}, "what_if.field_idle"),
        ({"kind": "down", "work_unit": "m", "from": to_rfc3339(0)}, "what_if.field_needed"),
        ({"kind": "rush", "by": to_rfc3339(9)}, "what_if.field_needed"),
        ({**DOWN, "from": "soon"}, "what_if.instant_malformed"),
        ({**DOWN, "from": 7}, "what_if.instant_malformed"),
        ({"kind": "weight", "order": "o", "weight": 0}, "what_if.number_outside"),
        ({**RUSH, "quantity": 0}, "what_if.number_outside"),
        ({**RUSH, "quantity": -1}, "what_if.number_outside"),
        ({**RUSH, "quantity": 501}, "what_if.number_outside"),
        ({"kind": "weight", "order": "o", "weight": "2"}, "codec.value_wrong"),
    ],
)
def test_a_wrong_scenario_is_refused_by_name(change: dict[str, object], code: str) -> None:
    """Whatever is wrong with a change is said, with its place."""
    with pytest.raises(InputFault) as refused:
        scenarios_of({"scenarios": [{"name": "s", "changes": [change]}]}, 500, 1000)
    assert refused.value.code == code


@pytest.mark.parametrize("document", [[], {}, {"scenarios": "x"}, {"scenarios": [{"name": "s"}]}])
def test_no_scenarios_is_refused(document: object) -> None:
    """A document of another shape is no list of scenarios."""
    with pytest.raises(InputFault, match="what_if.no_scenarios"):
        scenarios_of(document, 500, 1000)


def test_what_is_read_is_what_was_written() -> None:
    """Instants become seconds; names that are left out are given."""
    rush = {**RUSH, "quantity": 500}
    (found,) = scenarios_of({"scenarios": [{"changes": [DOWN, rush]}]}, 500, 1000)
    down = Change("down", work_unit="m", to_s=9)
    assert found == Scenario("scenario 1", (down, Change("rush", offer="o", quantity=500, by_s=9)))


@pytest.mark.parametrize(
    ("text", "span_s"),
    [("+2d12h", 216_000), ("+36h", 129_600), ("+90min", 5_400), ("+1d1h1min", 90_060), ("+0h", 0)],
)
def test_a_time_from_now_is_counted_from_now(text: str, span_s: int) -> None:
    """Days, hours and minutes, in this order, each of them if wanted."""
    rush = {**RUSH, "by": text}
    (found,) = scenarios_of({"scenarios": [{"changes": [rush]}]}, 500, 1000)
    assert found.changes[0].by_s == 1000 + span_s


@pytest.mark.parametrize("text", ["+", "2d", "+2", "+h", "+2h1d", "-2d", "+2d ", "+99999d"])
def test_what_is_no_time_from_now_is_refused(text: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(InputFault, match=r"what_if\.instant_malformed"):
        scenarios_of({"scenarios": [{"changes": [{**RUSH, "by": text}]}]}, 500, 1000)
