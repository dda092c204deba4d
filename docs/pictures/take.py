"""Take the pictures of the README: a real server, a real order, a headless Chromium.

    python docs/pictures/take.py

Needs the test environment (playwright) and Debian's `chromium`. The world begins at a stated
instant, so that the pictures change only when the pages do.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from manufold import open_home

HERE = Path(__file__).parent
START = "2027-03-01T08:00:00Z"
WIDE = {"width": 1280, "height": 860}


def main() -> None:
    """Order the example of each trade, let the world run, take the pictures."""
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("there is no `chromium` here: apt install chromium")
    folder = Path(tempfile.mkdtemp(prefix="pictures-"))
    try:
        open_home(folder / "home", start=START).close()
        with served(folder / "home") as url, sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=chromium, args=["--no-sandbox", "--font-render-hinting=none"]
            )
            page = browser.new_page(viewport=WIDE, locale="en-GB", timezone_id="Europe/Berlin")
            for trade in ("part", "garment"):
                page.goto(f"{url}/?vertical={trade}")
                page.locator("button.example").first.click()
                page.wait_for_url("**/offers/*", timeout=60_000)
                shoot(page, f"offer-{trade}")
                page.locator("article.way button").first.click()
                page.wait_for_url("**/orders/*")
            page.locator("form[action='/run'] button").first.click()
            page.wait_for_timeout(15_000)
            page.reload()
            shoot(page, "order")
            page.goto(f"{url}/board/")
            page.wait_for_function("document.querySelector('canvas, svg') !== null")
            page.wait_for_timeout(4_000)
            shoot(page, "board")
            browser.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def shoot(page: Page, name: str) -> None:
    """Write one picture beside this file."""
    path = HERE / f"{name}.png"
    page.screenshot(path=path)
    print(path)


@contextmanager
def served(home: Path) -> Iterator[str]:
    """Serve a home in a process of its own; give its address."""
    command = [sys.executable, "-m", "manufold", "serve", "--port", "0", "--json"]
    server = subprocess.Popen(
        [*command, "--home", str(home)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=dict(os.environ),
    )
    try:
        assert server.stdout is not None
        yield json.loads(server.stdout.readline())["url"]
    finally:
        server.terminate()
        server.wait(20)


if __name__ == "__main__":
    main()
