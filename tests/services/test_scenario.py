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
        ({**DOWN, "from": "soon"}, "units.instant_malformed"),
        ({**DOWN, "from": 7}, "units.instant_malformed"),
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
        scenarios_of({"scenarios": [{"name": "s", "changes": [change]}]}, 500)
    assert refused.value.code == code


@pytest.mark.parametrize("document", [[], {}, {"scenarios": "x"}, {"scenarios": [{"name": "s"}]}])
def test_no_scenarios_is_refused(document: object) -> None:
    """A document of another shape is no list of scenarios."""
    with pytest.raises(InputFault, match="what_if.no_scenarios"):
        scenarios_of(document, 500)


def test_what_is_read_is_what_was_written() -> None:
    """Instants become seconds; names that are left out are given."""
    rush = {**RUSH, "quantity": 500}
    (found,) = scenarios_of({"scenarios": [{"changes": [DOWN, rush]}]}, 500)
    down = Change("down", work_unit="m", to_s=9)
    assert found == Scenario("scenario 1", (down, Change("rush", offer="o", quantity=500, by_s=9)))
