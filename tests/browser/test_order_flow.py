"""Ordering in a real browser: every trade's example from its form to its passport, and what scripts
add; nothing is loaded from elsewhere, nothing complains."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.resources import files

import pytest

from manufold.app import open_home
from manufold.design.contract import verticals
from manufold.serving import served

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium here: apt install chromium")
BRACKET = files("manufold.design.part") / "demo" / "bracket.step"
PASSPORT = "#facts a[href$='/passport']"


@dataclass
class Watched:
    """A browser's page, and what went wrong or away while it was open."""

    page: "sync_api.Page"
    base: str
    complaints: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        """Open a path of the pages."""
        self.page.goto(self.base + path)

    def stop_world(self) -> None:
        """Let the world stand still, as the next visitor expects it to."""
        own = {"Origin": self.base}
        answer = self.page.request.post(f"{self.base}/run", multipart={"stop": "1"}, headers=own)
        assert answer.ok, answer.status

    def clean(self) -> None:
        """Fail when a script complained or a request left the host."""
        assert self.complaints == []
        assert self.elsewhere == []


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The pages on the demo network, busy with its backlog."""
    home = tmp_path_factory.mktemp("served") / "home"
    with open_home(home) as m, served(m) as url:
        yield url.rstrip("/")


@pytest.fixture(scope="module")
def chromium() -> Iterator["sync_api.Browser"]:
    """A browser without a window."""
    with sync_api.sync_playwright() as p:
        browser = p.chromium.launch(executable_path=CHROMIUM)
        yield browser
        browser.close()


def opened(chromium: "sync_api.Browser", address: str, **more: object) -> Watched:
    """Return a fresh page of a visitor nobody has seen before."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, **more)
    context.set_default_timeout(60_000)
    found = Watched(context.new_page(), address)

    def requested(request: "sync_api.Request") -> None:
        if not request.url.startswith((address, "data:", "blob:")):
            found.elsewhere.append(request.url)

    def said(message: "sync_api.ConsoleMessage") -> None:
        if message.type in ("error", "warning"):
            found.complaints.append(message.text)

    found.page.on("request", requested)
    found.page.on("console", said)
    found.page.on("pageerror", lambda error: found.complaints.append(str(error)))
    return found


@pytest.fixture
def watched(chromium: "sync_api.Browser", address: str) -> Iterator[Watched]:
    """A visitor's page."""
    found = opened(chromium, address)
    found.stop_world()
    yield found
    found.page.context.close()


@pytest.mark.parametrize("vertical", sorted(verticals()))
def test_an_example_of_each_trade_goes_from_the_form_to_its_passport(watched, vertical):
    """One click for an offer, one to order, one to let the world run; the timeline grows as it is
    made; at the end stands the passport."""
    page = watched.page
    watched.go(f"/?vertical={vertical}")
    page.click("button.example >> nth=0")
    page.wait_for_url("**/offers/*")
    assert page.locator(".way").count() >= 1 and "offered in" in page.inner_text("main")
    page.click(".accept button >> nth=0")
    page.wait_for_url("**/orders/*")
    began = page.inner_text("#clock")
    page.evaluate(
        "() => { window.grew = []; new MutationObserver(() => window.grew.push("
        "document.querySelectorAll('#timeline li').length))"
        ".observe(document.querySelector('#timeline'), { childList: true }); }"
    )
    page.click("text=Until it is delivered")
    page.wait_for_selector(PASSPORT)
    page.wait_for_selector(".while-open", state="detached")
    grew = page.evaluate("window.grew")
    told = page.locator("#timeline li").all_inner_texts()
    assert grew == sorted(grew) and len(set(grew)) >= 3 and len(told) == grew[-1] > 8
    assert "arrived" in told[0] and "(" not in told[0]
    assert page.inner_text("#clock") != began
    assert page.get_attribute("#progress", "value") == page.get_attribute("#progress", "max")
    page.click(PASSPORT)
    page.wait_for_url("**/passport")
    assert "SIMULATED" in page.inner_text("body")
    watched.clean()


def tab_to(page: "sync_api.Page", selector: str) -> None:
    """Press Tab until the first element of a kind has the focus, which must always be seen."""
    for _press in range(60):
        page.keyboard.press("Tab")
        seen = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        inner = page.evaluate("document.activeElement.type") == "date"  # shows it on a part of it
        assert seen != "none" or inner, page.evaluate(
            "document.activeElement.outerHTML.slice(0, 120)"
        )
        if page.evaluate(f"document.activeElement.matches({selector!r})"):
            return
    raise AssertionError(f"Tab never reached {selector}")


@pytest.mark.slow
def test_an_order_is_placed_with_the_keyboard_alone(watched):
    """Every step can be reached by Tab, with the focus in sight, and taken by Enter."""
    page = watched.page
    watched.go("/?vertical=part")
    for selector, leads in (("button.example", "/offers/"), (".accept button", "/orders/")):
        tab_to(page, selector)
        page.keyboard.press("Enter")
        page.wait_for_url(f"**{leads}*")
    tab_to(page, "form[action='/run'] button")
    page.keyboard.press("Enter")
    page.wait_for_selector(PASSPORT)
    watched.clean()


def test_without_scripts_the_main_path_works(chromium, address):
    """Forms and links alone lead from the form over a refusal to an order that is being made."""
    watched = opened(chromium, address, java_script_enabled=False)
    page = watched.page
    watched.go("/?vertical=part")
    page.set_input_files("#files", {"name": "b.step", "mimeType": "", "buffer": b"ISO nonsense"})
    page.fill("#quantity", "12")
    page.click("text=Get offers")
    assert page.locator("#refusal .refused").count() == 1
    assert page.input_value("#quantity") == "12"
    page.set_input_files("#files", str(BRACKET))
    page.click("text=Get offers")
    assert "/offers/" in page.url
    page.click(".accept button >> nth=0")
    before = page.inner_text("#clock")
    page.click("text=24 hours")
    for _look in range(100):
        if page.inner_text("#clock") != before:
            break
        page.reload()
    assert page.inner_text("#clock") != before
    assert [text for text in watched.complaints if "422" not in text] == []
    assert watched.elsewhere == []
    watched.stop_world()
    page.context.close()


def test_a_refused_form_keeps_its_file(watched):
    """With scripts a refusal is shown beside the field, and the chosen file is still there."""
    page = watched.page
    watched.go("/?vertical=part")
    page.set_input_files("#files", str(BRACKET))
    assert page.inner_text(".chosen") == "bracket.step"
    page.fill("#quantity", "-4")
    page.click("text=Get offers")
    page.wait_for_selector("#e-quantity")
    assert page.get_attribute("#quantity", "aria-invalid") == "true"
    assert page.evaluate("document.activeElement.id") == "refusal"
    assert page.evaluate("document.querySelector('#files').files[0].name") == "bracket.step"
    page.fill("#quantity", "4")
    page.click("text=Get offers")
    page.wait_for_url("**/offers/*")
    assert "4 pieces" in page.inner_text("h1")
    assert [text for text in watched.complaints if "422" not in text] == []
    assert watched.elsewhere == []


def test_a_file_is_dropped_and_one_too_large_is_refused_before_it_is_sent(watched):
    """A dropped file is the chosen one; beyond the limit the form is not sent."""
    page = watched.page
    watched.go("/?vertical=part")
    drop = """size => { const data = new DataTransfer();
        data.items.add(new File([new Uint8Array(size)], "dropped.stl"));
        document.querySelector(".drop").dispatchEvent(
            new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true })); }"""
    page.evaluate(drop, 10)
    assert page.inner_text(".chosen") == "dropped.stl"
    assert page.evaluate("document.querySelector('#files').checkValidity()")
    page.evaluate(drop, 50_000_001)
    assert not page.evaluate("document.querySelector('#files').checkValidity()")
    page.click("text=Get offers")
    assert "/offers" not in page.url
    watched.clean()


def test_a_hold_runs_out_before_ones_eyes(watched):
    """While somebody lets the world run, the page of an offer counts down and says it is over."""
    page = watched.page
    watched.go("/?vertical=part")
    page.click("button.example >> nth=1")
    page.wait_for_url("**/offers/*")
    assert page.inner_text(".left") == "30:00"
    answer = page.request.post(
        f"{watched.base}/run", multipart={"hours": "1"}, headers={"Origin": watched.base}
    )
    assert answer.ok
    page.wait_for_selector("text=This offer has expired")
    page.click("text=Ask again now")
    page.wait_for_selector(".way")
    assert page.inner_text(".left") == "30:00"
    assert [text for text in watched.complaints if "410" not in text] == []
    assert watched.elsewhere == []


@pytest.mark.parametrize("width", [380, 768, 1280])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_page_is_wider_than_its_window(watched, width, language):
    """From a narrow phone to a desk nothing is cut off at the side, in both languages."""
    page = watched.page
    page.set_viewport_size({"width": width, "height": 800})
    watched.go(f"/orders?lang={language}")
    order = page.get_attribute("td a", "href")
    paths = ["/", "/?vertical=garment&example=", "/orders", str(order), "/sign-in"]
    for path in paths:
        watched.go(path)
        page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, (path, wide)
    watched.clean()
