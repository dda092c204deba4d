"""The folder that holds one world: everything a platform needs to open again where it stopped.

    home.toml     format, world, database (`sqlite`, or a URL without its password), store_id
    store.db      the store, unless the database is a PostgreSQL one
    blobs/        files and personal data
    keys/         the signing key and the public keys that are trusted
    heads.jsonl   signed heads, outside the database on purpose
    clock.json    the clock of a simulated world
    network/      every network loaded, by revision; `current` names the one in use

`home.toml` is written last, whole, under a lock: a home without one was never finished, nothing in
it was ever acknowledged, and making it again at the same place finishes it.
"""

import json
import os
import re
import tomllib
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL
from sqlalchemy.exc import ArgumentError

from manufold.model.errors import Conflict, InputFault, StoreFault
from manufold.model.ports import Project, World
from manufold.store.blobs import FileBlobs
from manufold.store.clock import SimClock, SystemClock
from manufold.store.desk import SqlDesk
from manufold.store.engine import made_url
from manufold.store.files import disk_refusals, locked, sync_folder, write_whole
from manufold.store.heads import (
    SignedHead,
    SigningKey,
    VerifyReport,
    public_keys,
    read_heads,
    sign_head,
    verify,
)
from manufold.store.ids import RandomIds
from manufold.store.sql import SqlStore, open_store

__all__ = ["Home", "create_home", "open_home"]

FORMAT = 1
_LOCK = ".home.lock"
_OURS = frozenset(
    {
        "home.toml",
        "settings.toml",
        "store.db",
        "blobs",
        "keys",
        "network",
        "heads.jsonl",
        "clock.json",
    }
)
_OURS_SUFFIXES = ("-wal", "-shm", "-journal", ".lock", ".part")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,120}")
_URL_VARIABLE = "MANUFOLD_DATABASE_URL"


@dataclass(frozen=True, slots=True)
class Home:
    """An opened home; its parts are opened on demand.

    Args:
        path: of the folder.
        world: `live` or `sim`, for good.
        database: `sqlite`, or the URL of a PostgreSQL database, with its password if it has one.
        store_id: of the store it was made with.
    """

    path: Path
    world: World
    database: str
    store_id: str

    def store(self, project: Project | None = None, *, check: bool = True) -> SqlStore:
        """Open the store; see `store.open_store`.

        Raises:
            StoreFault: `home.other_store` when the database is another one, and what
                `open_store` refuses.
        """
        where = _where(self.path, self.database)
        store = open_store(where, self.world, project, create=False, check=check)
        if store.store_id != self.store_id:
            store.close()
            raise StoreFault("home.other_store", path=str(self.path))
        return store

    def desk(self) -> SqlDesk:
        """Return the desk of this world, in the store's database; opened when first asked."""
        return SqlDesk(_where(self.path, self.database))

    def clock(self) -> SystemClock | SimClock:
        """Return the clock of this world."""
        if self.world == "live":
            return SystemClock()
        return SimClock(self.path / "clock.json")

    def ids(self) -> RandomIds:
        """Return a source of ids on this world's clock."""
        return RandomIds(self.clock())

    def blobs(self) -> FileBlobs:
        """Return the files of this world."""
        return FileBlobs(self.path / "blobs")

    def signing_key(self) -> SigningKey:
        """Return the key that signs heads and passports."""
        return SigningKey.kept_in(self.path / "keys")

    def secret(self) -> bytes:
        """Return what keys things that must not be guessed from the log."""
        return self.signing_key().secret()

    def sign_head(self, store: SqlStore, at_s: int) -> SignedHead:
        """Sign the store's newest event into `heads.jsonl`."""
        return sign_head(store, self.signing_key(), self.path / "heads.jsonl", at_s)

    def verify(self, store: SqlStore | None = None) -> VerifyReport:
        """Prove the chain against the signed heads of this home."""
        heads, unreadable = read_heads(self.path / "heads.jsonl")
        opened = store or self.store(check=False)
        try:
            report = verify(opened, heads, public_keys(self.path / "keys"))
        finally:
            if store is None:
                opened.close()
        faults = (*report.faults, *unreadable)
        return VerifyReport(report.events, report.heads, faults, report.head)

    def keep_network(self, revision: str, files: Mapping[str, bytes]) -> None:
        """Keep the files of a network under its revision and make it the current one.

        Raises:
            InputFault: `home.revision_wrong` for a name that is no plain file name.
        """
        for name in (revision, *files):
            if _NAME.fullmatch(name) is None:
                raise InputFault("home.revision_wrong", found=ascii(name)[:80])
        folder = self.path / "network" / revision
        with disk_refusals("home.unwritable", path=str(self.path)), _lock(self.path):
            folder.mkdir(parents=True, exist_ok=True)
            for name, content in files.items():
                write_whole(folder / name, content)
            listed = {"revision": revision, "files": sorted(files)}
            sync_folder(folder.parent)
            write_whole(folder.parent / "current", json.dumps(listed).encode() + b"\n")

    def network(self) -> tuple[str, dict[str, bytes]] | None:
        """Return revision and files of the current network, or None before the first.

        Raises:
            StoreFault: `home.damaged`.
        """
        path = self.path / "network" / "current"
        try:
            listed = json.loads(path.read_bytes())
            revision = str(listed["revision"])
            files = {str(name): (path.parent / revision / name) for name in listed["files"]}
            return revision, {name: file.read_bytes() for name, file in files.items()}
        except FileNotFoundError as fault:
            if not path.exists():
                return None
            raise StoreFault("home.damaged", path=str(path), what=str(fault)) from fault
        except (OSError, ValueError, KeyError, TypeError) as fault:
            raise StoreFault("home.damaged", path=str(path), what=str(fault)) from fault


def create_home(
    path: str | Path,
    world: World,
    database_url: str | None = None,
    *,
    sim_start_s: int | None = None,
) -> Home:
    """Make a home, or finish one that was half made; two that try at once get the same one.

    Args:
        path: a folder that is absent or empty.
        world: `live` or `sim`, for good.
        database_url: of a PostgreSQL database; the embedded SQLite file otherwise. Its password is
            not written down: give it again by MANUFOLD_DATABASE_URL.
        sim_start_s: where the clock of a simulated world begins; now, when not given.

    Raises:
        InputFault: `home.not_empty`, `store.url_wrong`.
        Conflict: `home.exists` when it is of another world or on another database.
        StoreFault: `home.unwritable`, `home.locked`, and what `open_store` refuses.
    """
    folder = Path(path)
    database = "sqlite" if database_url is None else database_url
    with disk_refusals("home.unwritable", path=str(folder)):
        folder.mkdir(parents=True, exist_ok=True)
        strange = sorted(entry.name for entry in folder.iterdir() if not _is_ours(entry.name))
        if strange and not (folder / "home.toml").exists():
            raise InputFault("home.not_empty", path=str(folder), found=strange[0])
        with _lock(folder):
            if (folder / "home.toml").exists():
                home = _read(folder, database_url)
                same = _without_password(home.database) == _without_password(database)
                if home.world != world or not same:
                    raise Conflict("home.exists", path=str(folder), world=home.world)
                return home
            return _made(folder, world, database, sim_start_s)


def open_home(path: str | Path, database_url: str | None = None) -> Home:
    """Open a home.

    Args:
        path: of the folder.
        database_url: where its PostgreSQL database is now, with password; MANUFOLD_DATABASE_URL
            when not given. A home on SQLite takes none.

    Raises:
        InputFault: `home.missing`.
        StoreFault: `home.half_made`, `home.newer`, `home.damaged`, `home.locked`.
    """
    folder = Path(path)
    if not (folder / "home.toml").exists():
        if not (folder / _LOCK).exists():
            raise InputFault("home.missing", path=str(folder))
        # behind the lock, whoever is making it right now has finished
        with disk_refusals("home.unwritable", path=str(folder)), _lock(folder):
            made = (folder / "home.toml").exists()
        if not made:
            raise StoreFault("home.half_made", path=str(folder))
    return _read(folder, database_url)


def _made(folder: Path, world: World, database: str, sim_start_s: int | None) -> Home:
    for name in ("blobs", "keys", "network"):
        (folder / name).mkdir(exist_ok=True)
    (folder / "keys").chmod(0o700)
    (folder / "blobs").chmod(0o700)
    SigningKey.kept_in(folder / "keys", create=True)
    if world == "sim":
        SimClock(
            folder / "clock.json", SystemClock().now_s() if sim_start_s is None else sim_start_s
        )
    store = open_store(_where(folder, database), world, create=True)
    store.close()
    lines = {
        "format": str(FORMAT),
        "world": json.dumps(world),
        "database": json.dumps(_without_password(database)),
        "store_id": json.dumps(store.store_id),
    }
    text = "".join(f"{name} = {value}\n" for name, value in lines.items())
    write_whole(folder / "home.toml", text.encode())
    return Home(folder, world, database, store.store_id)


def _read(folder: Path, database_url: str | None) -> Home:
    path = folder / "home.toml"
    try:
        facts = tomllib.loads(path.read_text(encoding="utf-8"))
        found, world = facts["format"], facts["world"]
        database, store_id = facts["database"], facts["store_id"]
    except (OSError, ValueError, KeyError) as fault:
        raise StoreFault("home.damaged", path=str(path), what=str(fault)[:120]) from fault
    if type(found) is int and found > FORMAT:
        raise StoreFault("home.newer", path=str(folder), found=found, newest=FORMAT)
    sound = found == FORMAT and world in ("live", "sim")
    if not (sound and isinstance(database, str) and isinstance(store_id, str)):
        raise StoreFault("home.damaged", path=str(path), what="a value is not as it must be")
    if database != "sqlite":
        database = database_url or os.environ.get(_URL_VARIABLE) or database
    return Home(folder, world, database, store_id)


def _where(folder: Path, database: str) -> str | Path:
    return folder / "store.db" if database == "sqlite" else database


def _without_password(database: str) -> str:
    if database == "sqlite":
        return database
    try:
        url = made_url(database)
    except ArgumentError as fault:
        raise InputFault("store.url_wrong", what=str(fault).splitlines()[0][:80]) from None
    bare = URL.create(
        "postgresql",
        username=url.username,
        host=url.host,
        port=url.port,
        database=url.database,
        query={name: value for name, value in url.query.items() if name != "password"},
    )
    return bare.render_as_string(hide_password=False)


def _lock(folder: Path) -> AbstractContextManager[None]:
    return locked(folder / _LOCK)


def _is_ours(name: str) -> bool:
    return name in _OURS or name.endswith(_OURS_SUFFIXES)
