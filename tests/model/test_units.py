"""Quantities: rounding once, money of one currency, instants with an offset, ids by telephone."""

import pickle
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manufold.model.errors import Conflict, Fault, InputFault, Reason
from manufold.model.ids import checked_id, id_text
from manufold.model.units import (
    Money,
    from_rfc3339,
    shown,
    shown_money,
    to_rfc3339,
    whole_g,
    whole_minor,
    whole_s,
)


@given(st.fractions(-(10**6), 10**6))
def test_seconds_round_up_and_money_half_away_from_zero(exact: Fraction) -> None:
    """Rounded seconds are the least whole ones not below; money is within half a minor unit."""
    assert 0 <= whole_s(exact) - exact < 1
    assert abs(whole_minor(exact) - exact) <= Fraction(1, 2)
    assert whole_minor(-exact) == -whole_minor(exact) == -whole_g(exact)


def test_halves_go_away_from_zero() -> None:
    """2.5 is 3 and -2.5 is -3."""
    assert [whole_minor(Decimal(x)) for x in ("2.5", "-2.5", "2.4999", "0.5")] == [3, -3, 2, 1]


def test_money_does_not_mix_or_split() -> None:
    """Two currencies cannot be added, an unknown one and a fraction cannot be built."""
    assert Money(150, "EUR") + Money(50, "EUR") == Money(200, "EUR")
    for make, code in (
        (lambda: Money(1, "EUR") + Money(1, "CNY"), "units.currency_mixed"),
        (lambda: Money(1, "XXX"), "units.currency_unknown"),
        (lambda: Money(1.5, "EUR"), "units.money_not_whole"),  # type: ignore[arg-type]
    ):
        with pytest.raises(InputFault) as refusal:
            make()
        assert refusal.value.code == code


def test_money_is_shown_with_the_digits_of_its_currency() -> None:
    """Cents have two digits, yen none, and quantities lose their idle zeros."""
    assert shown_money(123456, "EUR") == "1234.56 EUR"
    assert shown_money(1500, "JPY") == "1500 JPY"
    assert [shown(Decimal(x)) for x in ("2.500", "0.0001", "10")] == ["2.5", "0", "10"]


@given(st.integers(0, 10**9), st.sampled_from(["UTC", "Asia/Shanghai", "America/New_York"]))
def test_instants_survive_the_wire_in_any_zone(instant_s: int, zone: str) -> None:
    """RFC 3339 with offset reads back to the same second."""
    assert from_rfc3339(to_rfc3339(instant_s, zone)) == instant_s


@pytest.mark.parametrize("text", ["2026-11-23T10:00:00", "soon", "", "2026-13-01T00:00:00Z"])
def test_an_instant_without_offset_or_sense_is_refused(text: str) -> None:
    """No offset, no instant."""
    with pytest.raises(InputFault, match="units.instant_malformed"):
        from_rfc3339(text)


@given(st.integers(0, 2**50 - 1), st.integers(0, 2**50 - 1), st.integers(0, 2**80 - 1))
def test_ids_sort_by_time_and_name_their_noun(one_ms: int, other_ms: int, luck: int) -> None:
    """Earlier ids sort first; an id is refused where another noun is wanted."""
    one, other = id_text("ord", one_ms, luck), id_text("ord", other_ms, luck)
    assert (one < other) == (one_ms < other_ms)
    assert checked_id(one, "ord") == one
    with pytest.raises(InputFault, match="ids.malformed"):
        checked_id(one, "ofr")


def test_refusals_survive_the_way_back_from_a_worker_process() -> None:
    """Code, parameters and faults are the same after pickling."""
    fault = Fault("line 3", Reason("network.twice", {"name": "x"}))
    error = Conflict("order.offer_expired", faults=(fault,), offer="o", expired_at="t")
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), again.code, again.params, again.faults) == (
        Conflict,
        error.code,
        error.params,
        error.faults,
    )
