"""The demo ends in the browser: its own world, served until somebody ends it."""

import os
import re
import signal
import subprocess
import sys

import httpx
import pytest

from manufold.demo.story import _set_aside
from manufold.model.errors import InputFault


def test_the_demo_ends_by_serving_its_world(tmp_path):
    """Pages, board and documents answer with the demo's orders; Ctrl-C ends it with exit code 0."""
    demo = subprocess.Popen(
        [sys.executable, "-m", "manufold", "demo", "--home", str(tmp_path / "home"), "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"COLUMNS": "200"},
    )
    assert demo.stdout is not None and demo.stderr is not None
    try:
        found = None
        shown = []
        while found is None:
            line = demo.stdout.readline()
            assert line, demo.stderr.read()
            shown.append(line)
            found = re.search(r"now you: (http://127\.0\.0\.1:\d+)", line)
        url = found[1]
        assert any("4 passports" in line for line in shown)
        orders = httpx.get(f"{url}/orders", timeout=30)
        assert orders.status_code == 200 and orders.text.count("/orders/ord_") >= 4
        for path in ("/", "/board/", "/docs"):
            assert httpx.get(url + path, timeout=30).status_code == 200, path
        demo.send_signal(signal.SIGINT)
        assert demo.wait(30) == 0
        assert "Traceback" not in demo.stderr.read()
    finally:
        demo.kill()
        demo.wait()
        demo.stdout.close()
        demo.stderr.close()


def test_the_demo_before_is_kept_once(tmp_path):
    """Orders made by hand in a demo's world outlive the next demo; what is no demo is not moved."""
    home, before = tmp_path / "home", tmp_path / "home.before"

    def world_of_a_demo(order):
        home.mkdir()
        (home / ".demo.lock").touch()
        (home / "order").write_text(order, encoding="utf-8")

    assert _set_aside(home) is None
    for order in ("first", "second"):
        world_of_a_demo(order)
        assert _set_aside(home) == before and not home.exists()
        assert (before / "order").read_text(encoding="utf-8") == order
    (before / ".demo.lock").unlink()
    world_of_a_demo("third")
    with pytest.raises(InputFault, match=re.escape(str(before))):
        _set_aside(home)
    assert (before / "order").exists() and (home / "order").exists()
