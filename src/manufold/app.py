"""The composition root: the one place that knows every part and puts them together.

`open_home` gives a `Manufold` (`manufold.world`): the services on one store, with the defaults a
person at a command line or in a notebook expects. Edges call the same verbs.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from manufold.asking import instant_s
from manufold.connect.network_file import read_network
from manufold.demo import demo_network_path
from manufold.design.contract import Vertical, verticals
from manufold.model.codec import canonical, decoded, from_json, stamped, unstamped
from manufold.model.errors import Conflict, InputFault, Reason, StoreFault
from manufold.model.evidence import SignedHead
from manufold.model.network import Network
from manufold.model.ports import Batch, Executor, Ids, Store, World
from manufold.services.backlog import import_backlog
from manufold.services.context import Context
from manufold.services.documents import event
from manufold.services.project import project
from manufold.settings import Settings, default_home
from manufold.store import SqlStore, SystemClock
from manufold.store.files import disk_refusals, locked
from manufold.store.home import Home, create_home
from manufold.store.home import open_home as opened
from manufold.store.ids import SimIds
from manufold.words import word
from manufold.workers.pool import KillablePool
from manufold.workers.ray_executor import RayExecutor
from manufold.world import Manufold

__all__ = ["Manufold", "open_home", "use_network"]

_HOURS_MOST = 87_660
_NOBODY: Callable[[str], None] = lambda text: None  # noqa: E731


def open_home(
    home: str | Path | None = None,
    *,
    language: str | None = None,
    say: Callable[[str], None] = _NOBODY,
    make: bool = True,
    start: str | None = None,
    executor: Executor | None = None,
) -> Manufold:
    """Open a home; one that does not exist yet is made as a simulated world on the demo network.

    Args:
        home: the state folder; default MANUFOLD_HOME, else `.manufold` in the user's folder.
        language: of sentences; default the setting `language`.
        say: told, once each, what a person should know.
        make: make a home that does not exist yet; else `home.missing`.
        start: where the clock of a world made now begins, RFC 3339; the same start and the same
            seed make the same world, to the byte. Now, when not given.
        executor: where designs are read, perhaps warm already; closed with the home.

    Raises:
        StoreFault: the store is locked, corrupt or from a newer version.
        InputFault: a setting or the network file is at fault.
    """
    path = default_home() if home is None else Path(home)
    if make and not (path / "home.toml").exists():
        say(word(Reason("app.home_made", {"home": str(path)}), language or "en"))
        start_s = None if start is None else instant_s(start, "UTC")
        use_network(path, demo_network_path(), world="sim", backlog=True, start_s=start_s)
    return _composed(opened(path), path, language, executor)


def use_network(
    home: str | Path | None,
    file: str | Path,
    *,
    world: str | None = None,
    database: str | None = None,
    backlog: bool = False,
    start_s: int | None = None,
) -> dict[str, Any]:
    """Make a home for a network, or give an existing home a new revision of its network.

    Args:
        world: of a new home, "sim" unless told; an existing one keeps its own.
        backlog: load a simulated world with a seeded backlog, so that no promise is made on
            empty factories.
        start_s: where the clock of a new simulated world begins; now, when not given.

    Raises:
        InputFault: `network.file_faults` with every fault; `app.world_unknown`.
        Conflict: `home.exists` of another world.
        StoreFault: `home.*` when the folder cannot be a home.
    """
    if world not in (None, "sim", "live"):
        raise InputFault("app.world_unknown", world=world[:40])
    path = default_home() if home is None else Path(home)
    network = read_network(file)
    if (path / "home.toml").exists():
        made = opened(path)
        if world not in (None, made.world):
            raise Conflict("home.exists", path=str(path), world=made.world)
    else:
        wanted: World = "live" if world == "live" else "sim"
        made = create_home(path, wanted, database, sim_start_s=start_s)
    document = canonical(stamped("network", 1, network))
    made.keep_network(network.revision, {"network.json": document})
    with _composed(made, path, None) as m:
        ctx = m.ctx
        loaded = ctx.store.get("network", "now")
        if loaded is None or loaded.get("revision") != network.revision:
            now_s = ctx.clock.now_s()
            data = {"name": network.name, "revision": network.revision}
            said = event("network", "NetworkLoaded", data, now_s, "manufold")
            ctx.store.append(Batch((said,), now_s=now_s))
        if backlog:
            import_backlog(ctx)
    return {
        "schema": "manufold/network_use_answer/1",
        "home": str(path),
        "network": network.name,
        "revision": network.revision,
        "world": made.world,
    }


def _composed(
    home: Home, path: Path, language: str | None, executor: Executor | None = None
) -> Manufold:
    settings = Settings.read(path)
    network = _network_of(home)
    if home.world == "sim" and not (path / "clock.json").exists():
        raise StoreFault("store.clock_damaged", path=str(path / "clock.json"))  # never begin anew
    found: dict[str, Vertical] = verticals()
    store = home.store(project)
    public = home.signing_key().public.public_bytes_raw().hex()

    def sign(_store: Store, at_s: int) -> SignedHead:
        head = home.sign_head(store, at_s)
        return SignedHead(head.seq, head.hash, head.at_s, head.signature, public)

    ctx = Context(
        store=store,
        blobs=home.blobs(),
        clock=home.clock(),
        ids=_ids(home, settings, store),
        network=network,
        executor=executor or KillablePool(),
        verticals=found,
        settings=settings,
        sign_head=sign,
        secret=home.secret(),
        desk=home.desk(),
        wall=SystemClock(),
        running=lambda: _running(path),
        hands=_hands,
    )
    return Manufold(ctx, store, home, language or settings.language)


def _hands(workers: int, ray: str) -> Executor:
    """Return workers that share one search: on Ray where its address is told, else processes."""
    if ray:
        return RayExecutor(workers, address="" if ray == "local" else ray)
    return KillablePool(workers)


@contextmanager
def _running(path: Path) -> Iterator[None]:
    """Hold a home's run for the block: two processes that run one world would undo each other.

    Raises:
        Conflict: `run.elsewhere`.
    """
    with ExitStack() as held:
        try:
            with disk_refusals("home.unwritable", path=str(path)):
                held.enter_context(locked(path / ".run.lock", wait_s=0))
        except StoreFault as fault:
            if fault.code != "home.locked":
                raise
            raise Conflict("run.elsewhere", home=str(path)) from None
        yield


def _ids(home: Home, settings: Settings, store: SqlStore) -> Ids:
    if home.world == "live":
        return home.ids()
    return SimIds(home.clock(), settings.twin_seed, lambda: store.head().seq)


def _network_of(home: Home) -> Network:
    kept = home.network()
    if kept is None:
        raise StoreFault("app.home_without_network", home=str(home.path))
    document = from_json(kept[1]["network.json"])
    return decoded(Network, unstamped(document, "network", 1))
