"""Whatever is wrong is said in one sentence, with the exit code of who must act, and leaves no
trace in the store."""

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.cli.meshes import box_stl
from tests.cli.told import Teller

import manufold.app
from manufold.demo import demo_network_path

HTML = b"<!doctype html><html><body>404 not found</body></html>"

#: file name -> (how it is made from the demo's bracket.step and cover.stl, exit code, refusal)
FILES: dict[str, tuple[Callable[[bytes, bytes], bytes], int, str]] = {
    "empty.step": (lambda step, stl: b"", 2, "offer.file_empty"),
    "text.step": (lambda step, stl: b"see the drawing", 2, "part.file_not_a_part"),
    "cut.step": (lambda step, stl: step[: len(step) // 2], 2, "part.step_unreadable"),
    "cut.stl": (lambda step, stl: stl[: len(stl) // 2], 2, "part.file_truncated"),
    "page.stl": (lambda step, stl: HTML, 2, "part.file_not_a_part"),
    "flat.stl": (lambda step, stl: box_stl(50, 50, 0), 2, "part.mesh_without_volume"),
    "sixty metres.stl": (lambda step, stl: box_stl(60_000, 100, 90), 2, "part.unit_doubtful"),
    "a cubic metre.stl": (lambda step, stl: box_stl(950, 940, 930), 3, "schedule.no_capability"),
}

#: arguments after `offer cover.stl` -> exit code, refusal
OFFERS = {
    ("-n", 0): (2, "offer.quantity_outside"),
    ("-n", -1): (2, "offer.quantity_outside"),
    ("-n", 10**30): (2, "offer.quantity_outside"),
    ("-n", "ten"): (2, "cli.usage"),
    ("--material", "unobtainium"): (2, "part.material_unknown"),
    ("--to", "Mars"): (2, "offer.zone_unknown"),
    ("--by", "soon"): (2, "app.instant_malformed"),
    ("--by", "2027-13-01"): (2, "app.instant_malformed"),
    ("--by", "2027-01-01T12:00:00"): (2, "app.instant_malformed"),
    ("--by", "2020-02-02"): (2, "offer.date_past"),
    ("--by", "9999-12-31"): (2, "app.instant_outside"),
    ("--party", "nobody"): (2, "access.party_unknown"),
    ("--party", "warta"): (2, "access.role_not_taken"),
    ("--vertical", "furniture"): (2, "design.vertical_unknown"),
    ("--set", "unit=ell"): (2, "part.unit_unknown"),
    ("--set", "colour=red"): (2, "part.parameter_unknown"),
    ("--set", "unit"): (2, "cli.choice_malformed"),
    ("--set", "quantity=3"): (2, "cli.choice_malformed"),
    ("--colour", "red"): (2, "cli.usage"),
}

#: whole command lines -> exit code, refusal
COMMANDS = {
    ("offer",): (2, "cli.usage"),
    ("offer", "/"): (2, "app.cannot_read"),
    ("offer", "no such.step"): (2, "app.cannot_read"),
    ("offer", "x" * 5000): (2, "app.cannot_read"),
    ("fly",): (2, "cli.usage"),
    ("network",): (2, "cli.usage"),
    ("network", "use", "/no.toml"): (2, "network.file_faults"),
    ("network", "use", demo_network_path(), "--world", "dream"): (2, "app.world_unknown"),
    ("network", "use", demo_network_path(), "--world", "live"): (4, "home.exists"),
    ("network", "use", demo_network_path(), "--home", "db", "--database", "mysql://x"): (
        2,
        "store.url_wrong",
    ),
    ("vertical", "check", "furniture"): (2, "design.vertical_unknown"),
    ("demo", "--home", "/"): (2, "demo.home_taken"),
    ("verify", "--home", "/no/such/home"): (2, "home.missing"),
    ("orders", "--home", "/"): (2, "home.not_empty"),
    ("orders", "--state", "lost"): (2, "cli.state_unknown"),
    ("orders", "--party", "nobody"): (2, "access.party_unknown"),
    ("orders", "--language", "tlh"): (2, "words.language_unknown"),
    ("orders", "ord_none"): (4, "access.no_such_order"),
    ("cancel", "ord_none"): (4, "access.no_such_order"),
    ("passport", "ord_none"): (4, "access.no_such_order"),
    ("accept", "ofr_none", "fast"): (4, "access.no_such_offer"),
    ("accept", "ofr_none"): (2, "cli.usage"),
    ("schedule", "--days", 0): (2, "schedule.days_wrong"),
    ("schedule", "--days", 10**12): (2, "schedule.days_wrong"),
    ("schedule", "--site", "atlantis"): (2, "schedule.site_unknown"),
    ("schedule", "--work-unit", "oven-9"): (2, "schedule.unit_unknown"),
    ("schedule", "--party", "demo-buyer"): (2, "access.role_may_not"),
    ("schedule", "--improve", "--party", "warta"): (2, "access.role_may_not"),
    ("repair", "--party", "demo-buyer"): (2, "access.role_may_not"),
    ("repair", "--down", "oven-9", "2027-01-01T00:00Z", "2027-01-02T00:00Z"): (
        2,
        "schedule.unit_unknown",
    ),
    ("repair", "--absent", "nobody", "2027-01-01T00:00Z", "2027-01-02T00:00Z"): (
        2,
        "what_if.operator_unknown",
    ),
    ("repair", "--down", "st-saw-1", "2027-01-02T00:00Z", "2027-01-01T00:00Z"): (
        2,
        "schedule.outage_backwards",
    ),
    ("repair", "--down", "st-saw-1", "2021-01-01T00:00Z", "2021-01-02T00:00Z"): (
        2,
        "repair.outage_over",
    ),
    ("repair", "--down", "st-saw-1", "soon", "later"): (2, "app.instant_malformed"),
    ("run", "--hours", "nan"): (2, "app.hours_wrong"),
    ("run", "--hours", -1): (2, "app.hours_wrong"),
    ("run", "--hours", "1e9"): (2, "app.hours_wrong"),
    ("run", "--until", "later"): (2, "app.instant_malformed"),
    ("run", "--until", "2020-01-02"): (2, "run.time_past"),
    ("run", "--order", "ord_none"): (2, "run.order_unknown"),
}

SETTINGS = {
    "hold_s = = 3": "settings.malformed",
    "hold_s = true": "settings.malformed",
    "hold_s = 1e400": "settings.malformed",
    "[hold_s]\nvalue = 3": "settings.malformed",
    "hold_x = 3": "settings.unknown",
    "hold_s = 0": "settings.not_positive",
    "hold_s = 99999999999999999999": "settings.too_large",
    "lane_p90_factor = nan": "settings.too_large",
    "start_confidence_fraction = 1.0": "settings.too_large",
    'language = "tlh"': "settings.language_unknown",
}


@pytest.fixture(scope="module")
def calm(world: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the world that every refusal of this module must leave as it is."""
    path = tmp_path_factory.mktemp("calm") / "home"
    shutil.copytree(world, path)
    return path


@pytest.fixture
def refused(bare: Teller, calm: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Says a command that must be refused; returns the code of the refusal."""
    monkeypatch.setenv("MANUFOLD_HOME", str(calm))
    monkeypatch.chdir(calm.parent)

    def say(exit_code: int, *arguments: object) -> str:
        before = rows(calm)
        found = bare.refusal(exit_code, *arguments)
        assert rows(calm) == before
        return str(found["code"])

    return say


def rows(home: Path) -> list[int]:
    """Return how many rows each table of a store holds, and how many blobs lie beside it."""
    store = sqlite3.connect(home / "store.db")
    names = [name for (name,) in store.execute("SELECT name FROM sqlite_master WHERE type='table'")]
    found = [store.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in names]
    store.close()
    assert len(found) >= 6
    return [*found, sum(1 for path in (home / "blobs").rglob("*") if path.is_file())]


@pytest.mark.parametrize("name", FILES)
def test_files_that_are_no_parts(refused, part, calm, name):
    """Each kind of bad file is named, and what to do about it."""
    make, exit_code, code = FILES[name]
    path = calm.parent / name
    path.write_bytes(make((part / "bracket.step").read_bytes(), (part / "cover.stl").read_bytes()))
    assert refused(exit_code, "offer", path, "--material", "pa12") == code


@pytest.mark.parametrize("arguments", OFFERS, ids=lambda words: " ".join(map(str, words)))
def test_offers_that_ask_nonsense(refused, part, arguments):
    """The file is sound; what is asked of it is not."""
    exit_code, code = OFFERS[arguments]
    assert refused(exit_code, "offer", part / "cover.stl", *arguments) == code


@pytest.mark.parametrize("arguments", COMMANDS, ids=lambda words: " ".join(map(str, words))[:60])
def test_commands_that_make_no_sense(refused, arguments):
    """Ids that never were, times that cannot be, places that do not exist."""
    exit_code, code = COMMANDS[arguments]
    assert refused(exit_code, *arguments) == code


def test_a_scaled_step_is_too_large_for_every_site(refused, part):
    """The refusal names the operation, the machine that comes nearest and its limit."""
    bracket = part / "bracket.step"
    assert refused(3, "offer", bracket, "--set", "unit=m") == "schedule.no_capability"


def test_a_material_nobody_has_is_no_offer(say, part, tmp_path):
    """A material that no site buys any more cannot be promised, and is named."""
    folder = tmp_path / "network"
    shutil.copytree(demo_network_path().parent, folder)
    for name in ("materials.csv", "stock.csv"):
        lines = (folder / name).read_text(encoding="utf-8").splitlines(keepends=True)
        kept = [line for line in lines if "pom-c" not in line]
        (folder / name).write_text("".join(kept), encoding="utf-8")
    say.json("network_use_answer", "network", "use", folder / "network.toml")
    before = say.events()
    found = say.refusal(3, "offer", part / "bracket.step", "--material", "pom-c")
    assert "pom-c" in found["text"]
    assert say.events() == before


@pytest.mark.parametrize("text", SETTINGS)
def test_settings_that_are_wrong(say, text):
    """A wrong setting is refused by name, from the file and from the environment alike."""
    (say.home / "settings.toml").write_text(text, encoding="utf-8")
    assert say.refusal(2, "verify")["code"] == SETTINGS[text]


def test_environment_that_is_wrong(say, monkeypatch):
    """The environment wins over the file, also in being refused."""
    (say.home / "settings.toml").write_text("hold_s = 600", encoding="utf-8")
    monkeypatch.setenv("MANUFOLD_HOLD_S", "a while")
    found = say.refusal(2, "orders")
    assert found["code"] == "settings.malformed" and "hold_s" in found["text"]
    (say.home / "settings.toml").unlink()
    (say.home / "settings.toml").mkdir()
    monkeypatch.delenv("MANUFOLD_HOLD_S")
    assert say.refusal(2, "orders")["code"] == "settings.malformed"


def test_conflicts(say, part):
    """Taken, expired, another's, cancelled twice, not delivered: look again, then decide."""
    first, second = (
        say.json("offer_answer", "offer", part / name)["offer_id"]
        for name in ("cover.stl", "bracket.step")
    )
    order = say.json("order_answer", "accept", first, "fast", "--key", "k")["order_id"]
    before = say.events()

    def code(*arguments: object) -> str:
        return str(say.refusal(4, *arguments)["code"])

    assert code("accept", first, "cheap", "--key", "k") == "order.offer_accepted"
    assert code("accept", first, "fast", "--key", "other") == "order.offer_accepted"
    assert code("accept", second, "fast", "--key", "k") == "order.key_reused"
    assert code("accept", second, "fast", "--party", "second-buyer") == "access.no_such_offer"
    assert code("accept", first, "fast", "--key", "k", "--party", "second-buyer") == (
        "access.no_such_offer"
    )
    assert code("orders", order, "--party", "second-buyer") == "access.no_such_order"
    assert code("passport", order) == "order.not_delivered"
    assert say.refusal(2, "accept", second, "gold")["code"] == "offer.option_unknown"
    assert say.events() == before
    say.json("order_answer", "cancel", order)
    assert code("cancel", order) == "execution.order_state"
    say.json("run_answer", "run", "--hours", 1)
    before = say.events()
    assert code("accept", second, "fast") == "order.offer_expired"
    assert say.events() == before


def test_the_hold_is_a_setting(say, part, monkeypatch):
    """An hour of holding outlives half an hour of the world's time."""
    monkeypatch.setenv("MANUFOLD_HOLD_S", "7200")
    offer = say.json("offer_answer", "offer", part / "cover.stl")["offer_id"]
    say.json("run_answer", "run", "--hours", 1)
    assert say.json("order_answer", "accept", offer, "cheap")["state"] == "accepted"


def test_what_nobody_expected(say, monkeypatch):
    """A fault of ours is one sentence and exit code 1; the traceback only for who asks for it."""

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("wires crossed [/bold]")

    monkeypatch.setattr(manufold.app.Manufold, "orders", broken)
    found = say.refusal(1, "orders")
    assert found["branch"] == "OurFault" and found["code"] == "cli.unexpected"
    assert "wires crossed" in found["text"] and "MANUFOLD_DEBUG" in found["text"]
    monkeypatch.setenv("MANUFOLD_DEBUG", "1")
    with pytest.raises(RuntimeError, match="wires crossed"):
        say.words("orders")
