"""Explain at the command line: why this date and place, and what an earlier one would cost."""

from pathlib import Path

from tests.cli.told import Teller

from manufold import open_home


def test_an_earlier_date_has_its_price(say: Teller, part: Path) -> None:
    """Each way says its gain, its money and its carbon; the offer's own numbers bear it out."""
    file = part / "bracket.step"
    offer = say.json("offer_answer", "offer", file, "--material", "al-6061", "--quantity", 20)
    options = {option["name"]: option for option in offer["options"]}
    slowest = max(options.values(), key=lambda option: option["promised_at"])
    found = say.json("explain_answer", "explain", offer["offer_id"], slowest["name"])
    assert (found["promised_at"], found["standing"]) == (slowest["promised_at"], "held")
    assert found["promise"] == slowest["reasons"]
    assert found["date"][0]["code"].startswith("schedule.binding_")
    gains = [way["params"]["gain_s"] for way in found["sooner"]]
    assert gains == sorted(gains, reverse=True) and all(gain_s > 0 for gain_s in gains)
    for way in found["sooner"]:
        params = way["params"]
        if way["code"] == "offer.sooner_option":
            other = options[params["option"]]
            assert params["money_minor"] == other["price_minor"] - slowest["price_minor"]
            assert params["carbon_g"] == other["carbon_g"] - slowest["carbon_g"]
        elif way["code"] != "offer.sooner_way":
            assert way["code"].startswith("offer.sooner_shift")
            assert params["money_minor"] > 0 and params["count"] > 0
    again = say.json("explain_answer", "explain", offer["offer_id"], slowest["name"])
    assert again == found, "asking changes nothing"
    said = say.words("explain", offer["offer_id"], slowest["name"])
    shown = " ".join(said.out.split())
    assert all(one["text"] in shown for one in (*found["sooner"], found["day_earlier"]))
    assert say.refusal(2, "explain", offer["offer_id"], "best")["code"] == "offer.option_unknown"
    assert say.refusal(2, "explain", offer["offer_id"])["code"] == "offer.option_needed"


def test_an_order_is_explained_after_its_offer_is_over(say: Teller, part: Path) -> None:
    """Accepted, the offer is no more to be explained; the order is, with what it was offered."""
    file = part / "bracket.step"
    offer = say.json("offer_answer", "offer", file, "--material", "al-6061", "--quantity", 20)
    order = say.json("order_answer", "accept", offer["offer_id"], "cheap")
    over = say.refusal(4, "explain", offer["offer_id"], "cheap")
    assert over["code"] == "offer.sooner_over"
    found = say.json("explain_answer", "explain", order["order_id"])
    (cheap,) = [option for option in offer["options"] if option["name"] == "cheap"]
    assert (found["order_id"], found["option"]) == (order["order_id"], "cheap")
    assert (found["promised_at"], found["standing"]) == (cheap["promised_at"], "on_time")
    assert found["promise"] == cheap["reasons"] and found["late"] == []
    assert found["date"][0]["code"].startswith("schedule.binding_")
    assert found["day_earlier"] is not None
    missing = say.refusal(4, "explain", "ord_0000000000_0000000000000000")
    assert missing["code"] == "access.no_such_order"


def test_a_supplier_is_told_where_to_look_for_what_would_help(say: Teller, part: Path) -> None:
    """Its own waits, no prices, and a sentence that says so; the buyer hears nothing of it."""
    file = part / "bracket.step"
    offer = say.json("offer_answer", "offer", file, "--material", "al-6061", "--quantity", 20)
    order = say.json("order_answer", "accept", offer["offer_id"], "fast")
    whole = say.words("explain", order["order_id"]).out
    assert "what-if" not in whole
    with open_home(say.home) as m:
        (job, *_rest) = m.order(order["order_id"]).jobs.values()
        party = m.network.site[job.site_id].party_id
    own = " ".join(say.words("explain", order["order_id"], "--party", party).out.split())
    assert "`manufold what-if` shows" in own and "EUR" not in own
