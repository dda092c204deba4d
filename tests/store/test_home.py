"""A home opens again as it was made, whoever made it, and says what is wrong with it otherwise."""

import multiprocessing
import shutil
from pathlib import Path

import pytest

from contract.store_batches import event
from manufold.model.errors import Conflict, InputFault, ManufoldError, StoreFault
from manufold.model.ports import Batch
from manufold.store import create_home, open_home, open_store


def test_a_home_opens_as_it_was_made(tmp_path: Path) -> None:
    """World, store, clock and key are the same ones after reopening."""
    made = create_home(tmp_path / "a" / "b", "sim", sim_start_s=77)
    store = made.store()
    store.append(Batch((event(),)))
    store.close()
    made.clock().advance_to(99)  # type: ignore[union-attr]
    opened = open_home(tmp_path / "a" / "b")
    assert opened == made and opened.clock().now_s() == 99
    assert opened.signing_key().key_id == made.signing_key().key_id
    again = opened.store()
    assert again.head().seq == 1 and again.world == "sim" and opened.verify(again).sound
    again.close()


def test_making_a_home_twice_gives_the_same_one(tmp_path: Path) -> None:
    """The same request is answered by the same home, another world is a conflict."""
    first = create_home(tmp_path / "h", "live")
    assert create_home(tmp_path / "h", "live") == first
    with pytest.raises(Conflict, match=r"home\.exists"):
        create_home(tmp_path / "h", "sim")
    with pytest.raises(Conflict, match=r"home\.exists"):
        create_home(tmp_path / "h", "live", "postgresql://db.example/shop")


def _create(path: Path, answers: "multiprocessing.Queue[str]") -> None:
    try:
        answers.put(create_home(path, "sim", sim_start_s=5).store_id)
    except ManufoldError as refusal:
        answers.put(refusal.code)


def test_many_that_make_a_home_at_once_get_one(tmp_path: Path) -> None:
    """Four processes race to make one home; all of them get the same store."""
    context = multiprocessing.get_context("spawn")
    answers: multiprocessing.Queue[str] = context.Queue()
    makers = [context.Process(target=_create, args=(tmp_path / "h", answers)) for _ in range(4)]
    for maker in makers:
        maker.start()
    found = {answers.get(timeout=60) for _ in makers}
    for maker in makers:
        maker.join(60)
    answers.close()
    assert found == {open_home(tmp_path / "h").store_id}


def test_what_is_no_home_is_refused(tmp_path: Path) -> None:
    """Nothing there, somebody's folder, an unfinished home: each has its own word."""
    with pytest.raises(InputFault, match=r"home\.missing"):
        open_home(tmp_path / "nowhere")
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.jpg").touch()
    with pytest.raises(InputFault, match=r"home\.not_empty.*cat\.jpg"):
        create_home(tmp_path / "photos", "sim")
    with pytest.raises(InputFault, match=r"home\.missing"):
        open_home(tmp_path / "photos")
    made = create_home(tmp_path / "half", "sim")
    (made.path / "home.toml").unlink()
    with pytest.raises(StoreFault, match=r"home\.half_made"):
        open_home(made.path)
    assert create_home(made.path, "sim").store_id == made.store_id


def test_making_goes_on_where_it_was_cut_off(tmp_path: Path) -> None:
    """Whatever is missing of a half made home, making it again finishes it."""
    whole = create_home(tmp_path / "whole", "sim").path
    parts = sorted(path.name for path in whole.iterdir())
    for missing in parts:
        half = tmp_path / f"without {missing}"
        shutil.copytree(whole, half)
        (half / "home.toml").unlink()
        gone = half / missing
        if gone.is_dir():
            shutil.rmtree(gone)
        else:
            gone.unlink(missing_ok=True)
        made = create_home(half, "sim")
        store = made.store()
        assert open_home(half) == made and made.verify(store).sound and made.clock().now_s() > 0
        store.close()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('format = 2\nworld = "sim"\ndatabase = "sqlite"\nstore_id = "x"\n', "home.newer"),
        ('format = 0\nworld = "sim"\ndatabase = "sqlite"\nstore_id = "x"\n', "home.damaged"),
        ('format = 1\nworld = "dream"\ndatabase = "sqlite"\nstore_id = "x"\n', "home.damaged"),
        ('format = 1\nworld = "sim"\ndatabase = 3\nstore_id = "x"\n', "home.damaged"),
        ("format = 1\n", "home.damaged"),
        ("", "home.damaged"),
        ("format = ", "home.damaged"),
        ("\udcff", "home.damaged"),
    ],
)
def test_a_home_file_that_cannot_be_used_is_refused(tmp_path: Path, text: str, code: str) -> None:
    """A newer or broken home.toml names itself."""
    home = create_home(tmp_path / "h", "sim")
    (home.path / "home.toml").write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(StoreFault) as caught:
        open_home(home.path)
    assert caught.value.code == code


def test_a_lost_or_exchanged_store_is_never_made_anew(tmp_path: Path) -> None:
    """A home whose store is gone, emptied or another one refuses to go on."""
    home = create_home(tmp_path / "h", "sim")
    file = home.path / "store.db"
    file.unlink()
    with pytest.raises(StoreFault, match=r"store\.absent"):
        home.store()
    file.touch()
    with pytest.raises(StoreFault, match=r"store\.absent"):
        home.store()
    file.unlink()
    open_store(file, "sim").close()
    with pytest.raises(StoreFault, match=r"home\.other_store"):
        home.store()


def test_networks_are_kept_by_revision(tmp_path: Path) -> None:
    """The current one is the last one kept; names that are paths are refused."""
    home = create_home(tmp_path / "h", "sim")
    assert home.network() is None
    home.keep_network("r1", {"network.toml": b"one", "parties.csv": b"x"})
    home.keep_network("r2", {"network.toml": b"two"})
    assert home.network() == ("r2", {"network.toml": b"two"})
    assert (home.path / "network" / "r1" / "network.toml").read_bytes() == b"one"
    for revision, name in (("../x", "a"), ("r3", "../a"), ("", "a"), ("r3", ".a"), ("r3", "a/b")):
        with pytest.raises(InputFault, match=r"home\.revision_wrong"):
            home.keep_network(revision, {name: b""})
    (home.path / "network" / "r2" / "network.toml").unlink()
    with pytest.raises(StoreFault, match=r"home\.damaged"):
        home.network()


def test_a_password_is_never_written_down(
    tmp_path: Path, pg_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A home on PostgreSQL keeps the URL without its password; the variable gives it again."""
    monkeypatch.delenv("MANUFOLD_DATABASE_URL", raising=False)
    secret = pg_url.replace("postgres@", "postgres:s3cret@")
    home = create_home(tmp_path / "h", "live", secret)
    kept = [path.read_bytes() for path in home.path.rglob("*") if path.is_file()]
    assert not any(b"s3cret" in content for content in kept)
    store = open_home(home.path).store()
    store.append(Batch((event(),)))
    assert home.sign_head(store, 5).seq == 1 and home.verify(store).sound
    store.close()
    monkeypatch.setenv("MANUFOLD_DATABASE_URL", "postgresql://nowhere.invalid/shop")
    with pytest.raises(StoreFault, match=r"store\.unreachable"):
        open_home(home.path).store()
    assert create_home(tmp_path / "h", "live", secret) == home
