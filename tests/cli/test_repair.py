"""The command that repairs: it looks without moving, moves once, and says what stays late."""

import pytest
from tests.cli.told import Teller

from manufold import open_home
from manufold.model.errors import CannotMake


def test_a_repair_is_looked_at_and_then_done(say: Teller) -> None:
    """A saw will be down for days: what a dry run tells is done, and the slots stand there."""
    slots = say.json("schedule_answer", "schedule", "--days", 60)["slots"]
    first = min((one for one in slots if one["work_unit"] == "st-saw-1"), key=lambda s: s["end_at"])
    until = max(one["end_at"] for one in slots if one["work_unit"] == "st-saw-1")[:10]
    down = ("--down", "st-saw-1", first["end_at"], f"{until}T00:00:00+01:00")
    told = say.json("repair_answer", "repair", *down, "--fewest", "--dry-run")
    assert (told["swapped"], told["why"]["code"]) == (False, "repair.dry")
    moved = [one for one in told["moves"] if one["why"]["code"] != "repair.attended_by"]
    assert told["moved"]["operations"] == len(moved) + told["moves_left_off"] > 0
    assert told["missed_before"] >= told["missed_after"] == len(told["late"])
    assert "repair.down" in {move["why"]["code"] for move in told["moves"]}
    assert say.json("schedule_answer", "schedule", "--days", 60)["slots"] == slots
    for language, words in (("en", "Nothing was moved"), ("zh", "未作任何移动")):
        said = say.words("repair", *down, "--fewest", "--dry-run", "--language", language)
        assert said.code == 0, said.err
        assert words in said.out
        assert "st-saw-1" in said.out
    mill = ("--down", "st-mill-1", first["end_at"], f"{until}T00:00:00+01:00")
    both = say.json("repair_answer", "repair", *down, *mill, "--fewest", "--dry-run")
    units = {one["before"]["work_unit"] for one in both["moves"]}
    assert {"st-saw-1", "st-mill-1"} <= units, "each is told, however many there are"
    done = say.json("repair_answer", "repair", *down, "--fewest")
    assert (done["swapped"], done["why"]["code"]) == (True, "repair.done")
    assert (done["moves"], done["late"]) == (told["moves"], told["late"])
    after = say.json("schedule_answer", "schedule", "--days", 60)["slots"]
    stands = {(one["holder"], one["work_unit"], one["start_at"]) for one in after}
    for move in done["moves"]:
        assert (move["order_id"], move["after"]["work_unit"], move["after"]["start_at"]) in stands
    again = say.json("repair_answer", "repair")
    assert again["why"]["code"] == "repair.in_order", "what was told is known"
    assert say.json("verify_answer", "verify")["events"] > 0


def test_where_all_is_well_it_says_so(say: Teller) -> None:
    """Nothing is down and nobody away: nothing moves, and the words say why."""
    before = say.events()
    found = say.json("repair_answer", "repair")
    assert (found["swapped"], found["why"]["code"], found["moves"]) == (
        False,
        "repair.in_order",
        [],
    )
    assert say.events() == before
    assert "order of work" in " ".join(say.words("repair").out.split())


@pytest.mark.parametrize("option", ["--down", "--absent"])
def test_half_an_outage_is_refused(say: Teller, option: str) -> None:
    """What is told needs a name, a beginning and an end."""
    refused = say.words("repair", "--json", option, "st-saw-1", "2027-01-01T00:00:00Z")
    assert (refused.code, refused.json["code"]) == (2, "cli.usage")


def test_python_repairs_as_the_command_does(say: Teller) -> None:
    """`Manufold.repair` tells the same moves, and refuses what would leave no room, in words that
    help."""
    slots = say.json("schedule_answer", "schedule", "--days", 60)["slots"]
    first = min((one for one in slots if one["work_unit"] == "st-saw-1"), key=lambda s: s["end_at"])
    ends = (first["end_at"], max(one["end_at"] for one in slots))
    told = say.json("repair_answer", "repair", "--down", "st-saw-1", *ends, "--dry-run")
    with open_home(say.home) as m:
        found = m.repair(down=[("st-saw-1", *ends)], dry_run=True)
        assert (found.swapped, found.why.code) == (told["swapped"], told["why"]["code"])
        assert found.movement.count == told["moved"]["operations"] > 0
        with pytest.raises(CannotMake, match=r"repair\.no_room"):
            m.repair(down=[("st-saw-1", ends[0], "2199-01-01T00:00:00Z")], dry_run=True)
