"""The worked live order of docs/live.md, run as it stands: a factory owner has no more than it."""

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.S | re.M)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.mark.slow
def test_the_document_leads_from_a_network_file_to_a_passport(tmp_path: Path) -> None:
    """Every block runs, in order, in a live home; the buyer reads a passport that says it all."""
    blocks = BLOCK.findall((ROOT / "docs" / "live.md").read_text(encoding="utf-8"))
    (network,) = [text for kind, text in blocks if kind == "toml"]
    lines = [text for kind, text in blocks if kind == "sh"]
    assert len(lines) >= 8 and {kind for kind, _text in blocks} == {"toml", "sh"}
    (tmp_path / "plant.toml").write_text(network, encoding="utf-8")
    (tmp_path / "src").symlink_to(ROOT / "src")
    command = tmp_path / "bin" / "manufold"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m manufold "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    script = "set -euo pipefail\ntrap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n"
    script += "\n".join(lines).replace("8000", str(_free_port()))
    env = {k: v for k, v in os.environ.items() if not k.startswith("MANUFOLD_")}
    told = subprocess.run(
        ["bash", "-c", script],
        cwd=tmp_path,
        env=env | {"PATH": f"{command.parent}:{env['PATH']}"},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert told.returncode == 0, told.stdout[-2000:] + told.stderr[-2000:]
    assert told.stdout.count("said before; nothing new") == 2
    for words in (
        "MaterialIssued",
        "SetupStarted",
        "Measured",
        "EnergyRead",
        "Shipped",
        "Received",
    ):
        assert words in told.stdout, words
    assert "0 orders moved" in told.stdout and list((tmp_path / "work").iterdir())
    page = (tmp_path / "passport.html").read_text(encoding="utf-8")
    assert "heat-4711" in page and "90.04" in page and "SIMULATED" not in page
    assert "not read" not in page and "No lot was recorded" not in page
