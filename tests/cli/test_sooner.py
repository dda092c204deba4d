"""Explain at the command line: why this date, and what an earlier one would cost."""

from pathlib import Path

from tests.cli.told import Teller


def test_an_earlier_date_has_its_price(say: Teller, part: Path) -> None:
    """Each way says its gain, its money and its carbon; the offer's own numbers bear it out."""
    file = part / "bracket.step"
    offer = say.json("offer_answer", "offer", file, "--material", "al-6061", "--quantity", 20)
    options = {option["name"]: option for option in offer["options"]}
    slowest = max(options.values(), key=lambda option: option["promised_at"])
    found = say.json("sooner_answer", "explain", offer["offer_id"], slowest["name"])
    assert found["promised_at"] == slowest["promised_at"]
    assert found["reasons"] == slowest["reasons"]
    gains = [way["params"]["gain_s"] for way in found["ways"]]
    assert gains == sorted(gains, reverse=True) and all(gain_s > 0 for gain_s in gains)
    for way in found["ways"]:
        params = way["params"]
        if way["code"] == "offer.sooner_option":
            other = options[params["option"]]
            assert params["money_minor"] == other["price_minor"] - slowest["price_minor"]
            assert params["carbon_g"] == other["carbon_g"] - slowest["carbon_g"]
        else:
            assert way["code"] == "offer.sooner_shift"
            assert params["money_minor"] > 0 and params["count"] > 0
    again = say.json("sooner_answer", "explain", offer["offer_id"], slowest["name"])
    assert again == found, "asking changes nothing"
    said = say.words("explain", offer["offer_id"], slowest["name"])
    assert all(way["text"] in " ".join(said.out.split()) for way in found["ways"])
    assert say.refusal(2, "explain", offer["offer_id"], "best")["code"] == "offer.option_unknown"
    say.json("order_answer", "accept", offer["offer_id"], slowest["name"])
    over = say.refusal(4, "explain", offer["offer_id"], slowest["name"])
    assert over["code"] == "offer.sooner_over"
