"""JSON from strangers: exact numbers, and nothing that eats the memory or the stack."""

from decimal import Decimal

import pytest

from manufold.model.codec import canonical, decoded, from_json
from manufold.model.errors import InputFault, Reason


@pytest.mark.parametrize(
    "text",
    [
        "[" * 200_000,
        '{"a":' * 200_000,
        "1" * 10_000,
        "1e999999999",
        "-1e999999999",
        "1e99999999999999999999999",
        "1e-999999999",
        "NaN",
        "-Infinity",
        '{"a": 1,}',
        "",
        b"\xff\xfe\xfa",
    ],
    ids=lambda text: ascii(text)[:20],
)
def test_hostile_json_is_refused(text):
    """Too deep, too long, too large and not JSON at all: one refusal, no crash."""
    with pytest.raises(InputFault) as refused:
        from_json(text)
    assert refused.value.code == "codec.json_malformed"


def test_numbers_stay_exact():
    """A tenth stays a tenth, both ways."""
    assert from_json("0.1") == Decimal("0.1")
    assert canonical(from_json('{"b":12.043,"a":1.50}')) == b'{"a":1.5,"b":12.043}'


def test_a_noun_that_raises_value_error_is_the_senders_fault():
    """A code without its dot is our mistake in code, but the sender's in a document."""
    with pytest.raises(InputFault) as refused:
        decoded(Reason, {"code": "nodot", "params": {}})
    assert refused.value.code == "codec.value_wrong"
    with pytest.raises(ValueError, match="room"):
        Reason("nodot", {})
