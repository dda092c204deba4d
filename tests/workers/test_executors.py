"""One contract suite for every executor, and what only processes can promise."""

import os
import pickle
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from manufold.model.errors import ExecutorFault, InputFault
from manufold.words import word
from manufold.workers import (
    InlineExecutor,
    KillablePool,
    RayExecutor,
    WorkerBusy,
    WorkerCrashed,
    WorkerOutOfMemory,
    WorkerTimeout,
)

Killable = KillablePool | RayExecutor
Executors = InlineExecutor | Killable


@pytest.fixture(scope="module")
def on_ray() -> Iterator[RayExecutor]:
    with RayExecutor(1) as made:
        yield made


@pytest.fixture(params=["inline", "pool", "ray"])
def executor(request: pytest.FixtureRequest) -> Iterator[Executors]:
    if request.param == "ray":  # a cluster takes seconds to start: one serves all tests here
        yield request.getfixturevalue("on_ray")
        return
    made: Executors = InlineExecutor() if request.param == "inline" else KillablePool(1)
    yield made
    made.close()


@pytest.fixture(params=["pool", "ray"])
def pool(request: pytest.FixtureRequest) -> Iterator[Killable]:
    if request.param == "ray":
        yield request.getfixturevalue("on_ray")
        return
    with KillablePool(1) as made:
        yield made


def ask(executor: Executors, name: str, request: object, limit_s: float = 10.0) -> object:
    return executor.run(f"worker_entries:{name}", request, limit_s=limit_s, memory_mb=300)


def test_result_comes_back(executor: Executors) -> None:
    """An entry's answer is the run's answer, also after warming."""
    executor.warm("worker_entries:double")
    assert [ask(executor, "double", n) for n in (1, 21, -4)] == [2, 42, -8]


def test_refusal_is_the_entrys_own(executor: Executors) -> None:
    """A ManufoldError keeps its class, code and parameters on the way; work goes on after it."""
    with pytest.raises(InputFault) as caught:
        ask(executor, "refuse", "hat.step")
    assert caught.value.code == "part.not_a_part"
    assert caught.value.params == {"file": "hat.step"}
    assert ask(executor, "double", 4) == 8


def test_strange_exception_is_named(executor: Executors) -> None:
    """An exception the entry should not raise is a crash with its name and words."""
    with pytest.raises(WorkerCrashed) as caught:
        ask(executor, "stumble", "hat")
    assert caught.value.code == "executor.crashed"
    assert caught.value.params["detail"] == "KeyError: 'no hat'"
    assert caught.value.params["entry"] == "worker_entries:stumble"
    assert ask(executor, "double", 4) == 8


def test_unknown_entry_is_named(executor: Executors) -> None:
    """An entry that does not exist is an ExecutorFault that names it."""
    with pytest.raises(ExecutorFault) as caught:
        ask(executor, "no_such", 1)
    assert "no_such" in str(caught.value.params["detail"])


def test_errors_survive_pickling() -> None:
    """A worker error crosses another process boundary whole."""
    fault = pickle.loads(pickle.dumps(WorkerTimeout("executor.too_slow", entry="a:b", limit_s="2")))
    assert type(fault) is WorkerTimeout
    assert fault.params == {"entry": "a:b", "limit_s": "2"}


@pytest.mark.parametrize(
    ("name", "said"), [("segfault", "SIGSEGV"), ("kill_self", "SIGKILL"), ("leave", "exit 7")]
)
def test_death_of_a_worker_is_survived(pool: Killable, name: str, said: str) -> None:
    """A worker that dies is named by its signal or status, and another works at once."""
    with pytest.raises(WorkerCrashed) as caught:
        ask(pool, name, 1)
    assert str(caught.value.params["detail"]).startswith(said)
    assert ask(pool, "double", 21) == 42


def test_last_words_are_kept(pool: Killable) -> None:
    """The last line on standard error of a dead worker stands in the error."""
    with pytest.raises(WorkerCrashed, match="the last words"):
        ask(pool, "leave", 1)


@pytest.mark.parametrize(("name", "request_"), [("nap", 60.0), ("hang_in_native_code", 60)])
def test_time_limit(pool: Killable, name: str, request_: object) -> None:
    """A late worker is killed at its limit, even where Python cannot run in it."""
    ask(pool, "double", 1)
    began = time.monotonic()
    with pytest.raises(WorkerTimeout) as caught:
        ask(pool, name, request_, limit_s=0.4)
    assert 0.4 <= time.monotonic() - began < 3.0
    assert caught.value.params["limit_s"] == "0.4"
    assert ask(pool, "double", 21) == 42


@pytest.mark.parametrize("name", ["grow", "leap"])
def test_memory_limit(pool: Killable, name: str) -> None:
    """A worker that creeps or leaps past its memory is stopped, and its error says so."""
    with pytest.raises(WorkerOutOfMemory) as caught:
        ask(pool, name, 1)
    assert caught.value.params["limit_mb"] == 300
    assert ask(pool, "double", 21) == 42


def test_unpicklable_answer_is_an_error(pool: Killable) -> None:
    """An answer that cannot travel is a named error, not a hang."""
    with pytest.raises(WorkerCrashed):
        ask(pool, "unpicklable", 1)
    assert ask(pool, "double", 21) == 42


def test_unpicklable_request_is_the_callers(pool: Killable) -> None:
    """A request that cannot travel raises where it was made, and the pool goes on."""
    with pytest.raises((AttributeError, pickle.PicklingError)):
        ask(pool, "double", lambda: 1)
    assert ask(pool, "double", 21) == 42


def test_worker_stays_warm(pool: Killable) -> None:
    """Requests share one process until it fails."""
    first = ask(pool, "pid", 1)
    assert ask(pool, "pid", 1) == first != os.getpid()
    with pytest.raises(WorkerCrashed):
        ask(pool, "segfault", 1)
    assert ask(pool, "pid", 1) != first


def test_one_worker_gets_ready_for_several_entries() -> None:
    """What was asked for when there was no room for another worker is loaded, after a loss too."""
    with KillablePool(1) as pool:
        pool.warm("worker_entries:has")
        pool.warm("colorsys:rgb_to_hsv")
        pool.warm("colorsys:rgb_to_hsv")
        assert ask(pool, "has", "colorsys")
        assert not ask(pool, "has", "chunk")
        with pytest.raises(WorkerCrashed):
            ask(pool, "segfault", 1)
        assert ask(pool, "has", "colorsys")


def test_a_process_with_a_thread_left_is_not_asked_again() -> None:
    """Its answer counts; the next request goes to a fresh process, with a core of its own."""
    with KillablePool(1) as pool:
        first = ask(pool, "linger", 1)
        assert ask(pool, "pid", 1) != first
        assert not _runs(int(str(first)))


def test_workers_run_side_by_side() -> None:
    """Two workers answer two callers in the time of one."""
    with KillablePool(2) as pool:
        for _ in range(2):
            pool.warm("worker_entries:nap")
        ask(pool, "nap", 0.0)
        answers: list[object] = []
        threads = [
            threading.Thread(target=lambda: answers.append(ask(pool, "nap", 1.0))) for _ in range(2)
        ]
        began = time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert answers == ["rested", "rested"]
        assert time.monotonic() - began < 1.9


def test_queue_is_bounded() -> None:
    """A caller beyond the queue is refused at once instead of waiting without end."""
    with KillablePool(1, queue_limit=0) as pool:
        ask(pool, "double", 1)
        thread = threading.Thread(target=lambda: ask(pool, "nap", 1.5))
        thread.start()
        time.sleep(0.3)
        with pytest.raises(WorkerBusy) as caught:
            ask(pool, "double", 1)
        assert caught.value.code == "executor.busy"
        thread.join()
        assert ask(pool, "double", 1) == 2


def test_close_is_prompt_and_final() -> None:
    """Closing kills a busy worker at once; its caller hears of it and later callers are refused."""
    pool = KillablePool(1)
    ask(pool, "double", 1)
    heard: list[Exception] = []

    def caller() -> None:
        try:
            ask(pool, "nap", 60.0, limit_s=60.0)
        except ExecutorFault as fault:
            heard.append(fault)

    thread = threading.Thread(target=caller)
    thread.start()
    time.sleep(0.3)
    began = time.monotonic()
    pool.close()
    thread.join(2.0)
    assert time.monotonic() - began < 1.0
    assert [type(fault) for fault in heard] == [WorkerCrashed]
    with pytest.raises(WorkerBusy):
        ask(pool, "double", 1)


PARENT = """
import os, signal, sys, threading
from manufold.workers import KillablePool
pool = KillablePool(2)
print(pool.run("worker_entries:pid", 1, limit_s=9, memory_mb=300), flush=True)
print(pool.run("worker_entries:chatter", 1, limit_s=9, memory_mb=300), flush=True)
hang = lambda: pool.run("worker_entries:hang_in_native_code", 50, limit_s=60, memory_mb=300)
threading.Thread(target=hang, daemon=True).start()
import time; time.sleep(0.5)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_workers_die_with_their_parent_and_keep_quiet() -> None:
    """After kill -9 of the parent no worker lives, even one stuck in native code; none printed."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    done = subprocess.run(
        [sys.executable, "-c", PARENT], capture_output=True, text=True, env=environment, timeout=30
    )
    worker_pid, word = done.stdout.split()
    assert word == "quiet", done.stdout
    deadline = time.monotonic() + 3.0
    while _runs(int(worker_pid)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _runs(int(worker_pid))


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.slow
def test_a_second_cluster_starts_where_the_first_ended_and_leaves_nothing() -> None:
    """One process may start a cluster after another; neither prints, and their folders go."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", TWO_CLUSTERS],
        capture_output=True,
        text=True,
        env=environment,
        timeout=120,
    )
    assert (done.stdout, done.stderr) == ("42\nWorkerCrashed WorkerBusy\n42\n0 left\n", "")


TWO_CLUSTERS = """
import tempfile, threading
from pathlib import Path
from manufold.model.errors import ExecutorFault
from manufold.workers import RayExecutor

folder = Path(tempfile.gettempdir())
before = set(folder.glob("mf-ray-*"))

def ask(ray, name, request, limit_s=60.0):
    return ray.run(f"worker_entries:{name}", request, limit_s=limit_s, memory_mb=300)

heard = []
def caller(ray):
    try:
        ask(ray, "never", 1)
    except ExecutorFault as fault:
        heard.append(type(fault).__name__)

if __name__ == "__main__":
    with RayExecutor(1) as ray:
        print(ask(ray, "double", 21))
        thread = threading.Thread(target=caller, args=[ray])
        thread.start()
        while not ray._asking:
            pass
    thread.join(10)
    caller(ray)
    print(*heard)
    with RayExecutor(1) as ray:
        print(ask(ray, "double", 21))
    ray.close()
    print(len(set(folder.glob("mf-ray-*")) - before), "left")
"""


def test_what_is_missing_for_ray_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the package, and where no cluster listens, the refusal names fault and remedy."""
    with monkeypatch.context() as without, pytest.raises(InputFault) as missing:
        without.setitem(sys.modules, "ray", None)
        RayExecutor(1)
    assert missing.value.code == "executor.no_ray"
    assert "[scale]" in word(missing.value.reason, "en")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))  # bound and not listening: nobody else takes it meanwhile
        address = f"127.0.0.1:{free.getsockname()[1]}"
        with pytest.raises(InputFault) as closed:
            RayExecutor(1, address=address)
    assert closed.value.code == "executor.no_cluster"
    assert closed.value.params["address"] == address


@pytest.mark.slow
def test_a_running_cluster_is_joined_by_its_address(tmp_path: Path) -> None:
    """A cluster that somebody else started is joined at host:port, and stays when we leave."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = tempfile.mkdtemp(prefix="mf-j-", dir="/tmp")  # sockets lie in it: a short name
    command = [
        sys.executable, "-m", "ray.scripts.scripts", "start", "--head", "--block",
        f"--port={port}", "--num-cpus=1", "--include-dashboard=false", f"--temp-dir={folder}",
        "--node-ip-address=127.0.0.1", "--disable-usage-stats",
    ]  # fmt: skip
    environment = os.environ | {"RAY_USAGE_STATS_ENABLED": "0"}
    told = (tmp_path / "ray.log").open("wb")
    with (
        told,
        subprocess.Popen(
            command, env=environment, stdout=told, stderr=told, start_new_session=True
        ) as head,
    ):
        try:
            address = f"127.0.0.1:{port}"
            for _ in range(2):  # left and joined again: it was not ours to end
                with _joined_soon(address) as ray:
                    root = ray.run("math:sqrt", 16.0, limit_s=60.0, memory_mb=300)
                    assert root == 4.0
            assert head.poll() is None
        finally:
            os.killpg(head.pid, signal.SIGKILL)
            shutil.rmtree(folder, ignore_errors=True)


def _joined_soon(address: str) -> RayExecutor:
    """Return an executor on a cluster that is about to start."""
    deadline = time.monotonic() + 90.0
    while True:
        try:
            return RayExecutor(1, address=address)
        except InputFault:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)  # nobody tells when a cluster of somebody else is there
