"""The board in a real browser draws a thousand bars, opens an order at a click, and talks to nobody
but its own host."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from urllib.request import urlopen

import pytest

from manufold.app import open_home, use_network
from manufold.demo import demo_network_path

CHROMIUM = shutil.which("chromium")
FLAGS = (
    "--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
SERVE = """
import sys, uvicorn
from manufold.app import open_home
from manufold.serving import made_app
with open_home(sys.argv[1]) as m:
    uvicorn.run(made_app(m.ctx, language="en"), host="127.0.0.1", port=int(sys.argv[2]),
                log_level="error")
"""

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no chromium here: apt-get install chromium, then run this again"
)


def free_port() -> int:
    """Return a port nobody listens on now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The demo network with its whole backlog, a day on, served by a process of its own."""
    home = tmp_path_factory.mktemp("board") / "home"
    use_network(home, demo_network_path(), world="sim", backlog=True, start_s=217_500_000)
    with open_home(home) as m:
        m.run(hours=20)
    port = free_port()
    environment = {k: v for k, v in os.environ.items() if "PYTEST" not in k}
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(home), str(port)],
        env=environment, cwd=home.parent, stderr=subprocess.PIPE,
    )  # fmt: skip
    base = f"http://127.0.0.1:{port}"
    try:
        ends = time.monotonic() + 60
        while True:
            try:
                urlopen(f"{base}/board-data?days=1", timeout=5).read()
                break
            except OSError:
                assert process.poll() is None, process.communicate()[1].decode()
                assert time.monotonic() < ends
                time.sleep(0.1)  # nothing tells that another process listens
        yield base
    finally:
        process.terminate()
        process.wait(30)
        if process.stderr is not None:
            process.stderr.close()


@pytest.fixture
def page(served):
    """A page of the board with all that it asks for and all that it complains of."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync_api.sync_playwright() as player:
        browser = player.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        found = browser.new_page(viewport={"width": 1440, "height": 900})
        found.asked, found.complaints = [], []
        found.on("request", lambda request: found.asked.append(request.url))
        found.on("pageerror", lambda fault: found.complaints.append(str(fault)))
        found.on(
            "console",
            lambda line: (
                found.complaints.append(line.text) if line.type in ("error", "warning") else None
            ),
        )
        found.goto(f"{served}/board/")
        found.wait_for_selector(".mf-gantt[data-bars]")
        yield found
        browser.close()


def drawn(page) -> int:
    """Return how many bars the chart drew last."""
    return int(page.get_attribute(".mf-gantt", "data-bars"))


def test_it_draws_a_thousand_bars_and_opens_one(page, served):
    """All work units over a month are drawn at once; a click on a bar opens its order; nothing is
    complained of, and no request leaves the host."""
    page.set_viewport_size({"width": 1600, "height": 3000})
    page.add_style_tag(content=".mf-frame { height: 2000px !important }")
    for _ in range(6):
        page.click(".mf-tools button[title=Wider]")
    page.wait_for_function("+document.querySelector('.mf-gantt').dataset.bars > 1000")
    assert drawn(page) > 1000
    quick_ms = float(page.get_attribute(".mf-gantt", "data-ms"))
    assert quick_ms < 1000, f"{quick_ms} ms for one picture"
    page.click(".mf-tools button >> nth=0")  # 1 day
    page.wait_for_function("+document.querySelector('.mf-gantt').dataset.bars < 1000")
    found = page.eval_on_selector(
        ".mf-gantt",
        "e => { const one = e.someBars('on_time')[3]; return { ...one, ...e.whereIs(one.job) }; }",
    )
    page.mouse.click(found["x"], found["y"])
    page.wait_for_selector(".mf-panel a")
    assert page.get_attribute(".mf-panel a", "href") == f"/orders/{found['order']}"
    assert page.complaints == []
    assert [url for url in page.asked if not url.startswith((served, "data:", "ws:"))] == []


def test_keys_drag_and_table_do_the_same(page):
    """Dragging and the arrow keys move the window; the table says in words what is drawn."""
    before = page.inner_text(".mf-strip")
    assert "SIMULATED WORLD" in before.upper()
    box = page.locator(".mf-frame canvas").bounding_box()
    first = page.eval_on_selector(".mf-gantt", "e => e.someBars('on_time')[0]")

    def x() -> float:
        return page.eval_on_selector(".mf-gantt", "(e, job) => e.whereIs(job).x", first["job"])

    stood = x()
    page.mouse.move(box["x"] + 800, box["y"] + 300)
    page.mouse.down()
    page.mouse.move(box["x"] + 900, box["y"] + 300, steps=4)
    page.mouse.up()
    assert x() > stood + 60
    page.focus(".mf-frame canvas")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert x() < stood + 60
    page.get_by_text("As a table").click()
    page.wait_for_selector(".mf-table tbody tr")
    rows = page.locator(".mf-table tbody tr")
    assert rows.count() > 50
    assert "pieces" not in rows.first.inner_text()
    rows.first.locator("button").click()
    page.wait_for_selector(".mf-panel a")


def test_the_world_runs_and_the_board_follows(page):
    """The button lets the world run; clock and bars move without the page being loaded again."""
    stamp = page.get_attribute(".mf-gantt", "data-stamp")
    seq = int(stamp.split("-")[0])
    page.get_by_role("button", name="Let the world run 8 h").click()
    page.wait_for_function(
        "was => +document.querySelector('.mf-gantt').dataset.stamp.split('-')[0] > was",
        arg=seq, timeout=60_000,
    )  # fmt: skip
    assert sum(url.endswith("/board/") for url in page.asked) == 1
    assert page.complaints == []
