"""Blobs, clocks, ids: what is forgotten is gone, time goes on, names do not repeat."""

import hashlib
import multiprocessing
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from manufold.model.errors import Conflict, InputFault, ManufoldError, OurFault, StoreFault
from manufold.model.fakes import FixedClock, ManualClock, MemoryBlobs, SeededIds
from manufold.model.ids import checked_id
from manufold.model.ports import Blobs
from manufold.store import FileBlobs, RandomIds, SimClock, SystemClock

IDS = SeededIds(7)


@pytest.fixture(params=["memory", "files"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    """Both kinds of blobs."""
    return MemoryBlobs() if request.param == "memory" else FileBlobs(tmp_path / "blobs")


def test_blobs_come_back_whole(blobs: Blobs) -> None:
    """Any bytes and any description come back; digests are salted, so equal files differ."""
    about = {"name": "支架.step", "size": 3}
    for content in (b"", b"\n\n{}", os.urandom(300_000)):
        one, two = IDS.mint("blb"), IDS.mint("blb")
        digests = {blobs.put(one, content, about), blobs.put(two, content, about)}
        assert blobs.get(one) == blobs.get(two) == (content, about)
        assert len(digests) == 2 and hashlib.sha256(content).hexdigest() not in digests


def test_a_deleted_blob_is_gone(blobs: Blobs) -> None:
    """Deleting says whether there was something; afterwards nothing is."""
    blob = IDS.mint("blb")
    blobs.put(blob, b"body scan", {})
    assert blobs.delete(blob) and not blobs.delete(blob)
    with pytest.raises(InputFault, match=r"blobs\.gone"):
        blobs.get(blob)


def test_blobs_never_change(blobs: Blobs) -> None:
    """A second put under one id is refused and leaves the first."""
    blob = IDS.mint("blb")
    blobs.put(blob, b"first", {})
    with pytest.raises(Conflict, match=r"blobs\.exists"):
        blobs.put(blob, b"second", {})
    assert blobs.get(blob)[0] == b"first"


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "", "blb_x", "/abs", IDS.mint("ord"), "blb_\n"]
)
def test_a_blob_id_is_no_path(blobs: Blobs, name: str) -> None:
    """Only ids name blobs, for every verb."""
    verbs: list[Callable[[], object]] = [
        lambda: blobs.put(name, b"", {}),
        lambda: blobs.get(name),
        lambda: blobs.delete(name),
    ]
    for verb in verbs:
        with pytest.raises(InputFault, match=r"ids\.malformed"):
            verb()


def test_deleting_leaves_no_byte_of_the_file(tmp_path: Path) -> None:
    """Content, description and salt stand in one private file that goes at once."""
    blobs = FileBlobs(tmp_path)
    blob = IDS.mint("blb")
    blobs.put(blob, b"waist 812 mm", {"name": "Anna"})
    (file,) = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert file.stat().st_mode & 0o777 == 0o600
    blobs.delete(blob)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_damaged_blob_is_refused(tmp_path: Path) -> None:
    """Any cut and any changed byte of a blob file is noticed."""
    blobs = FileBlobs(tmp_path)
    blob = IDS.mint("blb")
    blobs.put(blob, b"0123456789", {"a": 1})
    (file,) = [path for path in tmp_path.rglob("*") if path.is_file()]
    whole = file.read_bytes()
    broken = [whole[:n] for n in range(len(whole))]
    start = whole.index(b"\n")
    broken += [whole[:n] + b"#" + whole[n + 1 :] for n in range(start, len(whole))]
    for content in broken:
        file.write_bytes(content)
        with pytest.raises(StoreFault, match=r"blobs\.damaged"):
            blobs.get(blob)


def test_parts_left_by_a_crash_are_swept(tmp_path: Path) -> None:
    """Old parts may hold personal data and go when the folder is opened; fresh ones stay."""
    blobs = FileBlobs(tmp_path)
    blobs.put(IDS.mint("blb"), b"x", {})
    folder = next(path for path in tmp_path.iterdir() if path.is_dir())
    old, fresh = folder / ".old.part", folder / ".fresh.part"
    old.touch()
    fresh.touch()
    os.utime(old, (time.time() - 7200,) * 2)
    FileBlobs(tmp_path)
    assert not old.exists() and fresh.exists()


def test_the_simulated_clock_stands_and_never_goes_back(tmp_path: Path) -> None:
    """It keeps its instant over reopening, advances, and refuses the past."""
    path = tmp_path / "clock.json"
    clock = SimClock(path, start_s=100)
    assert clock.now_s() == 100
    assert clock.advance_to(100) == 100 and clock.advance_to(5_000_000_000) == 5_000_000_000
    again = SimClock(path, start_s=7)
    assert again.now_s() == 5_000_000_000
    for stopped in (again, ManualClock(5_000_000_000)):
        with pytest.raises(OurFault, match=r"store\.clock_backwards"):
            stopped.advance_to(4_999_999_999)
        assert stopped.now_s() == 5_000_000_000
    clock.advance_to(5_000_000_001)
    assert again.now_s() == 5_000_000_001


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        b'{"type":"clock","version":1}',
        b'{"type":"clock","version":1,"now_s":"1"}',
    ],
)
def test_a_damaged_clock_is_refused(tmp_path: Path, content: bytes) -> None:
    """No guess at the time of a world."""
    path = tmp_path / "clock.json"
    path.write_bytes(content)
    with pytest.raises(StoreFault, match=r"store\.clock_damaged"):
        SimClock(path)


def _advance(path: Path, offset: int) -> None:
    clock = SimClock(path)
    for instant_s in range(offset, 120, 3):
        try:
            clock.advance_to(instant_s)
        except ManufoldError as refusal:
            if refusal.code != "store.clock_backwards":
                raise


def test_processes_share_one_clock(tmp_path: Path) -> None:
    """Three processes that push one clock leave it at the latest instant of all."""
    path = tmp_path / "clock.json"
    SimClock(path)
    context = multiprocessing.get_context("spawn")
    pushers = [context.Process(target=_advance, args=(path, offset)) for offset in range(3)]
    for pusher in pushers:
        pusher.start()
    for pusher in pushers:
        pusher.join(60)
    assert [pusher.exitcode for pusher in pushers] == [0, 0, 0]
    assert SimClock(path).now_s() == 119


def test_the_live_clock_follows_the_machine() -> None:
    """Seconds since 2020, and never earlier than it has said."""
    clock = SystemClock()
    assert abs(clock.now_s() - (time.time() - 1_577_836_800)) <= 1.5
    clock._latest_s += 1000
    assert clock.now_s() == clock._latest_s


def test_ids_are_sound_sorted_and_unlike() -> None:
    """Both sources mint ids that sort as minted; only the seeded one repeats itself."""
    clock = FixedClock(123)
    for source in (RandomIds(clock), SeededIds(1, clock)):
        minted = [source.mint("ord") for _ in range(3000)]
        assert minted == sorted(set(minted))
        assert all(checked_id(text, "ord") == text for text in minted)
    assert SeededIds(5, clock).mint("lot") == SeededIds(5, clock).mint("lot")
    assert SeededIds(5, clock).mint("lot") != SeededIds(6, clock).mint("lot")
    assert RandomIds(clock).mint("lot") != RandomIds(clock).mint("lot")
    with pytest.raises(ValueError, match="prefix"):
        RandomIds(clock).mint("xyz")
