"""`manufold serve` as a process of its own, on a home under a temporary folder."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from manufold.app import open_home, use_network
from manufold.demo import demo_network_path
from manufold.model.party import Actor
from manufold.services.keys import make_key
from manufold.workers.inline import InlineExecutor

__all__ = ["BUYERS", "DEMO", "OPERATOR", "Serving", "client", "made_home", "serving"]

BUYERS = (Actor("demo-buyer", "buyer"), Actor("second-buyer", "buyer"))
OPERATOR = Actor("manufold-demo", "network_operator")
DEMO = Path(__file__).parents[2] / "src/manufold/design"
UNLIMITED = {"MANUFOLD_REQUESTS_PER_MINUTE": "1000000", "MANUFOLD_REQUESTS_BURST": "1000000"}


@dataclass(slots=True)
class Serving:
    """A process that serves a home."""

    url: str
    process: subprocess.Popen[str]

    @property
    def most_bytes(self) -> int:
        """The most memory that the process itself ever held."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        line = next(one for one in status.splitlines() if one.startswith("VmHWM"))
        return int(line.split()[1]) * 1024

    def end(self, how: int = signal.SIGTERM, within_s: float = 30) -> int:
        """Send a signal; return the exit code."""
        self.process.send_signal(how)
        return self.process.wait(within_s)


def made_home(folder: Path) -> dict[Actor, str]:
    """Make a simulated home on the demo network, without a backlog; return keys of three actors."""
    use_network(folder, demo_network_path(), world="sim")
    with open_home(folder, executor=InlineExecutor()) as m:
        return {
            actor: make_key(m.ctx, OPERATOR, actor.party_id, actor.role)
            for actor in (*BUYERS, OPERATOR)
        }


@contextmanager
def serving(folder: Path, *, start: list[str] | None = None, **env: str) -> Iterator[Serving]:
    """Serve a home until the block is left; its worst is then in `folder/stderr`."""
    command = start or [sys.executable, "-m", "manufold", "serve"]
    with (folder / "stderr").open("a") as log:
        process = subprocess.Popen(
            [*command, "--port", "0", "--json", "--home", str(folder)],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env=os.environ | UNLIMITED | env,
        )
    assert process.stdout is not None
    try:
        told = process.stdout.readline()
        assert told, (folder / "stderr").read_text()
        yield Serving(json.loads(told)["url"], process)
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(30)
        process.stdout.close()


def client(url: str, key: str, language: str = "en") -> httpx.Client:
    """Return a client that acts by a key."""
    headers = {"Authorization": f"Bearer {key}", "Accept-Language": language}
    return httpx.Client(base_url=url, headers=headers, timeout=60, trust_env=False)
