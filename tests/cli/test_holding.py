"""Extend, release and holds at the command line, each object as its contract has it."""

from pathlib import Path

from tests.cli.told import Teller


def test_a_hold_goes_on_and_ends(say: Teller, part: Path) -> None:
    """Extended until the limit, then released: the log of holds tells both, and who did it."""
    offer = say.json("offer_answer", "offer", part / "cover.stl", "--material", "pa12")
    offer_id, expires = offer["offer_id"], [offer["reservation"]["expires_at"]]
    for _ in range(2):
        longer = say.json("offer_answer", "extend", offer_id)
        expires.append(longer["reservation"]["expires_at"])
    assert expires == sorted(set(expires))
    assert say.refusal(4, "extend", offer_id)["code"] == "hold.extended_enough"
    (still,) = say.json("holds_answer", "holds", "--open")["holds"]
    assert (still["offer_id"], still["state"], len(still["extended"])) == (offer_id, "open", 2)
    released = say.json("released_answer", "release", offer_id, "--party", "demo-buyer")
    assert released == {
        "schema": "manufold/released_answer/1",
        "offer_id": offer_id,
        "released": True,
    }
    assert say.json("holds_answer", "holds", "--open")["holds"] == []
    (over,) = say.json("holds_answer", "holds", "--from", "2020-01-01")["holds"]
    assert (over["state"], over["ended_by"]) == ("released", "demo-buyer/buyer")
    assert over["stretches"] == still["stretches"]
    site = over["stretches"][0]["site"]
    (there,) = say.json("holds_answer", "holds", "--site", site)["holds"]
    assert {one["site"] for one in there["stretches"]} == {site}
    assert say.refusal(4, "accept", offer_id, "cheap")["code"] == "hold.was_released"
    backwards = ("holds", "--from", "2027-01-02", "--to", "2027-01-01")
    assert say.refusal(2, *backwards)["code"] == "hold.window_empty"


def test_what_lies_behind_an_offer_is_deleted(say: Teller, part: Path) -> None:
    """An open offer is gone by it, and an order in work keeps its."""
    material = ("--material", "pa12")
    offer_id = say.json("offer_answer", "offer", part / "cover.stl", *material)["offer_id"]
    told = say.json("forgotten_answer", "forget", offer_id)
    assert told == {"schema": "manufold/forgotten_answer/1", "id": offer_id, "deleted": True}
    assert say.refusal(4, "forget", offer_id)["code"] == "access.no_such_offer"
    assert say.refusal(4, "accept", offer_id, "cheap")["code"] == "order.slot_lost"
    kept = say.json("offer_answer", "offer", part / "cover.stl", *material)["offer_id"]
    order_id = say.json("order_answer", "accept", kept, "cheap")["order_id"]
    for one in (order_id, kept):
        assert say.refusal(4, "forget", one)["code"] == "change.still_needed"
