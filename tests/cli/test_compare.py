"""The command that compares: one object by its contract, words that say simulated, a home left
as it was."""

import hashlib
from pathlib import Path

from tests.cli.told import Teller


def prints(home: Path) -> dict[str, str]:
    """Return a digest of every file of a home; a store that is open keeps side files."""
    return {
        str(path.relative_to(home)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(home.rglob("*"))
        if path.is_file() and not path.name.endswith(("-wal", "-shm"))
    }


def test_it_compares_and_leaves_the_home_alone(say: Teller):
    """The object names all that is needed to do it again; no byte of the home moves."""
    say.json("verify_answer", "verify")
    before, events = prints(say.home), say.events()
    few = ("--orders", 5, "--seeds", 2, "--first-seed", 40, "--load", 1.5)
    found = say.json("compare_answer", "improve", "compare", *few)
    assert found["simulated"] is True
    assert [pair["seed"] for pair in found["pairs"]] == found["seeds"] == [40, 41]
    assert found["command"] == (
        "manufold improve compare --orders 5 --seeds 2 --first-seed 40 --load 1.5 "
        "--policies fcfs,ours"
    )
    for measure in found["measures"]:
        a, b = ([pair[side][measure["name"]] for pair in found["pairs"]] for side in "ab")
        assert measure["a"] == sum(a) / 2 and measure["b"] == sum(b) / 2
        assert (measure["low"], measure["verdict"]) == (None, "too_few")
    assert say.events() == events
    assert prints(say.home) == before


def test_words_say_simulated_and_what_each_policy_does(say: Teller):
    """The first word of the answer is that it is simulated; it fits into a terminal."""
    few = ("--orders", 3, "--seeds", 1, "--load", 2, "--policies", "fifo,promise")
    english = say.words("improve", "compare", *few)
    assert english.code == 0, english.err
    assert english.out.startswith("Simulated: ours without bettering against first in, first out")
    assert "too few seeds" in english.out and "Again: manufold improve compare" in english.out
    assert max(map(len, english.out.splitlines())) <= 80


def test_nonsense_is_refused(say: Teller):
    """Each refusal names the fault and the remedy."""
    told = {
        ("--orders", 0): "compare.orders_outside",
        ("--seeds", 0): "compare.seeds_outside",
        ("--seeds", 10**9): "compare.seeds_outside",
        ("--first-seed", -1): "compare.seed_negative",
        ("--load", "inf"): "compare.load_outside",
        ("--policies", "ours"): "compare.two_policies",
        ("--policies", "ours,magic"): "compare.policy_unknown",
    }
    for arguments, code in told.items():
        assert say.refusal(2, "improve", "compare", *arguments)["code"] == code
