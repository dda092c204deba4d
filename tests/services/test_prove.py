"""Prove: a passport says what the events say, once, to its own; whatever is changed is found."""

import json
import random
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.services.crash_runner import made_world
from tests.services.stores import Opener, Rough, at_once, beside, let_in, opener, rough_world, told
from tests.services.world import ANNA, BERT, HUB, MAKER, OTHER, START_S, quoted, two_plants

from manufold.app import Manufold
from manufold.model.codec import canonical, decoded, encoded
from manufold.model.errors import Conflict, ManufoldError, StoreFault
from manufold.model.evidence import Passport, SignedHead
from manufold.model.execution import OrderState
from manufold.model.material import Stock
from manufold.services import prove
from manufold.services.change import cancel
from manufold.services.context import Context
from manufold.services.order import accept, show_order
from manufold.services.project import project
from manufold.services.prove import count_passports, passport_faults, show_passport
from manufold.services.run import run
from manufold.store import create_home, open_home, verify

__all__ = ["opener"]


#: the folder of a home, a way to verify it, its delivered order
Proven = tuple[Path, Callable[[], Any], OrderState]


def delivered(ctx: Context, quantity: int = 12, option: str = "cheap") -> OrderState:
    """Return an order of Anna's that has arrived."""
    order = accept(ctx, ANNA, quoted(ctx, quantity=quantity).offer.offer_id, option)
    run(ctx, orders=(order.order_id,))
    found = show_order(ctx, ANNA, order.order_id)
    assert found.state == "delivered"
    return found


def scrapping(ctx: Context) -> Context:
    """Return the world with machines that scrap a third, and too few pieces started."""
    chance: Any = 0.2
    settings = replace(ctx.settings, start_confidence_fraction=chance)
    return replace(ctx, verticals={"toy": Rough("0.7")}, settings=settings)


def test_a_passport_is_issued_once(opener: Opener) -> None:
    """Asked for again, by the buyer or the operator, by two processes at once: the same one."""
    ctx = rough_world(opener())
    order = delivered(ctx)
    two = beside(ctx, 9, opener())
    answers = at_once(
        [
            lambda c=context, a=actor: show_passport(c, a, order.order_id)
            for context in (ctx, two)
            for actor in (ANNA, HUB)
        ]
    )
    assert told(answers) == []
    assert len({canonical(encoded(answer)) for answer in answers}) == 1
    assert count_passports(ctx) == 1
    kinds = Counter(event.kind for event in ctx.store.read())
    assert kinds["PassportIssued"] == 1
    named = show_order(ctx, ANNA, order.order_id).passport_id
    assert {answer.passport_id for answer in answers if isinstance(answer, Passport)} == {named}
    assert passport_faults(ctx) == ()


def test_two_that_ask_first_get_one_passport(
    opener: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other process issues it while ours is being written: ours is the other's."""
    ctx = rough_world(opener())
    order = delivered(ctx)
    two = beside(ctx, 9, opener())
    first: list[Passport] = []
    let_in(
        monkeypatch,
        prove,
        "made_lines",
        lambda: first.append(show_passport(two, HUB, order.order_id)),
    )
    assert show_passport(ctx, ANNA, order.order_id) == first[0]
    assert count_passports(ctx) == 1


def test_only_what_was_delivered_has_a_passport() -> None:
    """Accepted, under way or cancelled: refused by name, and nothing is written."""
    ctx = rough_world()
    order = accept(ctx, ANNA, quoted(ctx, quantity=30).offer.offer_id, "cheap")
    gone = accept(ctx, ANNA, quoted(ctx).offer.offer_id, "green")
    cancel(ctx, ANNA, gone.order_id, "no")
    for turn in range(2):
        seq = ctx.store.head().seq
        for found in (order, gone):
            for actor in (ANNA, HUB):
                with pytest.raises(Conflict, match="order.not_delivered"):
                    show_passport(ctx, actor, found.order_id)
        assert ctx.store.head().seq == seq
        if turn == 0:
            run(ctx, until_s=ctx.clock.now_s() + 3600)
    assert show_order(ctx, ANNA, order.order_id).state == "in_production"


def test_a_passport_is_for_its_buyer_and_the_operator() -> None:
    """Another buyer, the maker and another owner are answered as if there were none."""
    ctx = rough_world()
    order = delivered(ctx)
    for _ in range(2):  # before it is issued, and after
        for actor in (BERT, MAKER, OTHER):
            with pytest.raises(Conflict, match="access.no_such_order"):
                show_passport(ctx, actor, order.order_id)
        show_passport(ctx, ANNA, order.order_id)
    assert show_passport(ctx, HUB, order.order_id).order_id == order.order_id


@pytest.mark.parametrize("remade", [False, True])
def test_its_numbers_are_those_of_the_events(remade: bool) -> None:
    """Energy, lots, measurements, operations and dates are counted anew from the log."""
    ctx = scrapping(rough_world()) if remade else rough_world()
    order = delivered(ctx, 14 if remade else 12)
    passport = show_passport(ctx, ANNA, order.order_id)
    events = list(ctx.store.read(stream=f"order:{order.order_id}"))
    of = {k: [e for e in events if e.kind == k] for k in {e.kind for e in events}}
    assert (len(order.production_orders) > 1) == remade
    assert passport.energy_wh == sum(e.data["energy_wh"] for e in of["EnergyRead"]) > 0
    lots = [(u.job_order_id, u.lot_id, u.quantity) for u in passport.lots]
    assert lots == [
        (e.data["job_order_id"], e.data["lot_id"], Decimal(str(e.data["quantity"])))
        for e in of["MaterialIssued"]
    ]
    taken = sum(u.quantity for u in passport.lots)
    firsts = [job for job in order.jobs.values() if job.operation_id == "op10"]
    assert taken == Decimal("0.5") * sum(job.quantity_in for job in firsts)
    measured = [(m.piece, m.value, m.at_s) for m in passport.measurements]
    assert measured == [
        (e.data["piece"], Decimal(str(e.data["value"])), e.at_s) for e in of["Measured"]
    ]
    made = [(o.start_s, o.end_s, o.good, o.scrap) for o in passport.operations]
    assert sorted(made) == sorted(
        (j.actual_start_s, j.actual_end_s, j.good, j.scrap)
        for j in order.jobs.values()
        if j.actual_end_s is not None
    )
    assert passport.delivered_at_s == of["Received"][-1].at_s
    assert (passport.promised_at_s, passport.quantity) == (order.promised_at_s, order.delivered)
    assert len(set(passport.serials)) == order.delivered == order.quantity
    carbon = sum(line.carbon_g for line in passport.carbon_lines)
    assert carbon > 0
    head = [e for e in ctx.store.read() if e.seq == passport.head.seq]
    assert head[0].hash == passport.head.hash
    assert passport == decoded(Passport, encoded(passport))


def test_a_remake_elsewhere_travels_its_own_way() -> None:
    """What one plant scrapped and another made again is two ways, each with its own pieces."""
    ctx = scrapping(rough_world(network=two_plants()))
    order = accept(ctx, ANNA, quoted(ctx, quantity=14).offer.offer_id, "cheap")
    elsewhere = (Stock("works", "metal", Decimal(50)),)
    ctx = replace(ctx, network=replace(ctx.network, stock=elsewhere), kept={}, loaded=None)
    run(ctx, orders=(order.order_id,))
    passport = show_passport(ctx, ANNA, order.order_id)
    sent: Counter[str] = Counter()
    for event in ctx.store.read(stream=f"order:{order.order_id}"):
        if event.kind == "Shipped":
            sent[event.data["site_id"]] += event.data["quantity"]
    assert set(sent) == {"plant", "works"}
    assert passport.made_at == ("plant", "works")
    travelled = {
        str(line.basis.params["start_id"]): line.carbon_g
        for line in passport.carbon_lines
        if line.kind == "transport"
    }
    assert travelled == {"plant": sent["plant"] * 40, "works": sent["works"] * 4}


@pytest.fixture
def proven(tmp_path: Path) -> Proven:
    """A home on SQLite with one passport issued: its folder, a way to verify it, its order."""
    folder = tmp_path / "h"
    home = create_home(folder, "sim", sim_start_s=START_S)
    store = home.store(project)
    ctx = _context(folder, store)
    order = delivered(ctx)
    show_passport(ctx, ANNA, order.order_id)
    store.close()

    def check() -> Any:
        opened = open_home(folder)
        with closing(opened.store(project)) as again:
            return Manufold(_context(folder, again), again, opened, "en").verify()

    return folder, check, order


def _context(folder: Path, store: Any) -> Context:
    home = open_home(folder)
    key = home.signing_key()

    def sign(_store: Any, at_s: int) -> Any:
        head = home.sign_head(store, at_s)
        public = key.public.public_bytes_raw().hex()
        return prove_head(head, public)

    ctx = rough_world(store)
    return replace(ctx, clock=home.clock(), ids=home.ids(), blobs=home.blobs(), sign_head=sign)


def prove_head(head: Any, public: str) -> Any:
    """Return a store's signed head as a passport carries it."""
    return SignedHead(head.seq, head.hash, head.at_s, head.signature, public)


def test_an_untouched_home_stands(proven: Proven) -> None:
    """Before anything is changed, verify counts what there is and finds no fault."""
    _folder, check, _order = proven
    answer = check()
    assert answer["passports"] == 1
    assert answer["heads"] >= 2
    assert answer["events"] == answer["head"]["seq"]


def change(folder: Path, statement: str, *values: Any) -> None:
    """Change the database of a home behind its back."""
    with closing(sqlite3.connect(folder / "store.db")) as connection:
        done = connection.execute(statement, values)
        assert done.rowcount == 1
        connection.commit()


def passport_text(folder: Path) -> str:
    """Return the stored passport as it stands in the views."""
    with closing(sqlite3.connect(folder / "store.db")) as connection:
        rows = connection.execute("select document from views where kind = 'passport'").fetchall()
    return str(rows[0][0])


@pytest.mark.parametrize("what", ["energy", "head", "shape", "kind", "gone", "not_json"])
def test_a_changed_passport_is_found(proven: Proven, what: str) -> None:
    """A passport whose view was changed, broken or taken away is named by verify, exit code 5."""
    folder, check, _order = proven
    document = passport_text(folder)
    content = json.loads(document)
    if what == "energy":
        content["energy_wh"] += 1
    elif what == "head":
        content["head"]["hash"] = "0" * 64
    elif what == "shape":
        del content["lots"]
    elif what == "kind":
        content["type"] = "offer"
    text = json.dumps(content, separators=(",", ":"), sort_keys=True)
    if what == "gone":
        change(folder, "delete from views where kind = 'passport'")
    elif what == "not_json":
        change(folder, "update views set document = '{' where kind = 'passport'")
    else:
        change(folder, "update views set document = ? where kind = 'passport'", text)
    with pytest.raises(StoreFault) as found:
        check()
    assert found.value.exit_code == 5
    if what != "not_json":
        codes = {fault.reason.code for fault in found.value.faults}
        assert "prove.passport_differs" in codes
        assert ("prove.head_not_in_chain" in codes) == (what == "head")


def test_any_changed_byte_of_an_event_is_found(
    proven: Proven,
) -> None:
    """One byte of one event, forty times at a seeded place: always a store fault."""
    folder, check, _order = proven
    rng = random.Random(4)
    with closing(sqlite3.connect(folder / "store.db")) as connection:
        rows = connection.execute("select seq, data from events order by seq").fetchall()
    for _ in range(40):
        seq, data = rng.choice(rows)
        place = rng.randrange(len(data))
        other = rng.choice([c for c in '0a"}x' if c != data[place]])
        change(folder, "update events set data = ? where seq = ?",
               data[:place] + other + data[place + 1 :], seq)  # fmt: skip
        with pytest.raises(StoreFault) as found:
            check()
        assert found.value.exit_code == 5
        change(folder, "update events set data = ? where seq = ?", data, seq)
    assert check()["passports"] == 1


@pytest.mark.parametrize("column", ["at_s", "by", "kind", "stream", "hash", "previous_hash"])
def test_a_changed_column_of_an_event_is_found(proven: Proven, column: str) -> None:
    """When it happened, who said it, what it was: nothing about an event can be changed."""
    folder, check, _order = proven
    value = 5 if column == "at_s" else "x"
    change(folder, f'update events set "{column}" = ? where seq = 7', value)
    with pytest.raises(StoreFault):
        check()


def test_a_cut_tail_is_found(proven: Proven) -> None:
    """The passport's own event removed and the head set back: the signed heads know better."""
    folder, check, _order = proven
    with closing(sqlite3.connect(folder / "store.db")) as connection:
        last = connection.execute("select max(seq) from events").fetchone()[0]
        before = connection.execute("select hash from events where seq = ?", (last - 1,)).fetchone()
    change(folder, "delete from events where seq = ?", last)
    change(folder, "update head set seq = ?, hash = ?", last - 1, before[0])
    change(folder, "delete from views where kind = 'passport'")
    with pytest.raises(StoreFault, match="verify_failed"):
        check()


def test_deleting_the_design_breaks_no_proof(
    proven: Proven,
) -> None:
    """The buyer's file is deleted: the chain verifies, the issued passport is as it was."""
    folder, check, order = proven
    home = open_home(folder)
    with closing(home.store(project)) as store:
        ctx = _context(folder, store)
        before = show_passport(ctx, ANNA, order.order_id)
        blob_id = next(e for e in store.read() if e.kind == "OrderAccepted").data["design_blob"]
        assert ctx.blobs.delete(blob_id)
        assert show_passport(ctx, ANNA, order.order_id) == before
        assert verify(store, (), {}).sound
    assert check()["passports"] == 1


def test_a_design_deleted_before_the_first_asking_still_gets_its_passport() -> None:
    """What was made and measured is proven from the events; what the file said is left out."""
    ctx = rough_world()
    order = delivered(ctx)
    accepted = next(e for e in ctx.store.read() if e.kind == "OrderAccepted")
    assert ctx.blobs.delete(accepted.data["design_blob"])
    passport = show_passport(ctx, ANNA, order.order_id)
    assert passport.energy_wh > 0
    assert passport.design_revision == order.design_revision
    assert passport.facts == {}
    assert "prove.design_deleted" in {reason.code for reason in passport.assumptions}
    assert passport_faults(ctx) == ()


def test_two_homes_do_not_share_proofs(proven: Proven, tmp_path: Path) -> None:
    """The database of one home under another's signed heads is refused."""
    folder, _check, _order = proven
    made_world(tmp_path / "other", 2)
    shutil.copy(tmp_path / "other" / "store.db", folder / "store.db")
    with pytest.raises(ManufoldError) as found:
        open_home(folder).store(project)
    assert found.value.exit_code == 5
