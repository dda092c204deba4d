"""The pages in a real browser: first paint, usable time, bytes, and the server's memory, warm.

    python benchmarks/pages.py [--times 10]

A real `manufold serve` on the demo network with its backlog, headless Chromium beside it on the
same machine. Usable: the order form can be filled in; the board has drawn its bars. Memory:
resident set of the server process, alone, with 1 and with 20 open boards, and after they were
closed.
"""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path
from statistics import median

from over_http import served_process
from playwright.sync_api import Browser, sync_playwright
from row import row

from manufold.app import use_network
from manufold.demo import demo_network_path

PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"
BYTES = """performance.getEntriesByType('resource').reduce((sum, one) => sum + one.transferSize,
    performance.getEntriesByType('navigation')[0].transferSize)"""
PAGES = {
    "order": ("/", "form.ask input[name=quantity]"),
    "board": ("/board/", ".mf-gantt[data-bars]"),
}


def main() -> None:
    """Measure and print the rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=10)
    told = parser.parse_args()
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("there is no `chromium` here: apt install chromium")
    folder = Path(tempfile.mkdtemp(prefix="pages-"))
    try:
        use_network(folder / "home", demo_network_path(), world="sim", backlog=True)
        with (
            served_process(folder / "home") as (url, pid),
            sync_playwright() as playwright,
        ):
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            for name, (path, ready) in PAGES.items():
                measured(browser, name, url + path, ready, told.times)
            memory(browser, url, pid)
            browser.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def measured(browser: Browser, name: str, url: str, ready: str, times: int) -> None:
    """Print one row: a page loaded again and again, the first two times not counted."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    paints, usables, sizes = [], [], []
    for number in range(times + 2):
        page.goto(url, wait_until="commit")
        page.wait_for_selector(ready)
        usable_ms = page.evaluate("performance.now()")
        if number >= 2:
            paints.append(page.evaluate(PAINT))
            usables.append(usable_ms)
            sizes.append(page.evaluate(BYTES))
    page.close()
    print(
        row(
            f"{name} page, {times} loads",
            f"{median(paints):.0f} ms",
            f"{median(usables):.0f} ms",
            f"{max(usables):.0f} ms",
            f"{median(sizes) / 1000:.0f} kB",
        ),
        flush=True,
    )


def memory(browser: Browser, url: str, pid: int) -> None:
    """Print the server's memory with boards open."""
    alone = resident_mb(pid)
    pages = []
    seen = {}
    for count in range(1, 21):
        page = browser.new_page()
        page.goto(f"{url}/board/")
        page.wait_for_selector(".mf-gantt[data-bars]", timeout=60_000)
        pages.append(page)
        seen[count] = resident_mb(pid)
    for page in pages:
        page.close()
    figures = f"{alone:.0f} MB before, {seen[1]:.0f} with 1, {seen[20]:.0f} with 20 open boards"
    print(row("memory of the server", figures, f"{resident_mb(pid):.0f} MB after"), flush=True)


def resident_mb(pid: int) -> float:
    """Return the resident set of a process."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main()
