"""Moves: what stands elsewhere, or is attended by somebody else, and why."""

from dataclasses import replace

from manufold.model.network import Operator
from manufold.model.schedule import Claim, Job, Slot
from manufold.scheduling.moves import Movement, movement_of, moves_of
from scheduling.shops import chain, network, unit

H = 3600
PEOPLE = [Operator(name, "a", (), "always", 0) for name in ("olga", "otto")]
HALL = network([unit("saw", "cut"), unit("other", "cut")], operators=PEOPLE)
WAS = Slot("saw", 0, H, 0, 2 * H, "one", "op1", 1, "rev/one", 0, (Claim("olga", 0, H, 2 * H),))
JOBS = {"one": Job("one", chain(("cut", H), name="one"), 1, 0, {}, None)}


def why(now: Slot) -> tuple[str, dict[str, object], Movement]:
    """Return why a slot moved, and how much did."""
    (move,) = moves_of(HALL, [WAS], [now], JOBS)
    return move.why.code, dict(move.why.params), movement_of([WAS], [now])


def test_a_seat_where_it_ends_later_is_not_called_better() -> None:
    """Sooner says how much sooner, and later how much later; never a span below nothing."""
    for ends_h, code, span_s in (
        (1.5, "repair.elsewhere", H // 2),
        (2, "repair.elsewhere_same", 0),
        (4, "repair.elsewhere_later", 2 * H),
    ):
        end_s = int(ends_h * H)
        now = replace(WAS, resource_id="other", start_s=end_s - H, end_s=end_s)
        found, params, movement = why(now)
        assert (found, params) == (code, {"span_s": span_s} if span_s else {})
        assert (movement.count, movement.elsewhere) == (1, 1)


def test_who_attends_instead_is_told_and_has_moved_nothing() -> None:
    """Another operator is told; nobody any more, or the same one for longer, is nothing to tell."""
    otto = replace(WAS, also=(Claim("otto", 0, H, 2 * H),))
    assert why(otto) == ("repair.attended_by", {"operator": "otto"}, Movement(0, 0, 0))
    longer = replace(WAS, also=(Claim("olga", 0, 0, 2 * H),))
    for same in (replace(WAS, also=()), longer, WAS):
        assert moves_of(HALL, [WAS], [same], JOBS) == ()
