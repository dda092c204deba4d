"""Pages on the small world of the service tests: a trade with a form, a browser without scripts."""

import asyncio
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from html.parser import HTMLParser
from typing import Any

import httpx
from fastapi import FastAPI
from tests.services.world import ANNA, HUB, Toy, two_plants, world

from manufold.design.contract import Field, Form, InputFile
from manufold.model.design import Design, DesignFile, design_revision
from manufold.model.errors import Param
from manufold.model.fakes import MemoryStore
from manufold.model.party import Actor
from manufold.model.ports import Executor
from manufold.services.context import Context
from manufold.services.project import project
from manufold.services.running import Guests, Runner
from manufold.ui.web.pages import add_pages

__all__ = ["EVIL", "Browser", "FormToy", "Page", "browser", "id_in", "page_of", "pages_world"]

EVIL = "<script>alert('x')</script>\"&'<b>"
VOID = {"meta", "br", "link", "img", "input", "hr"}


class FormToy(Toy):
    """Blocks by file or by hand, in metal, or in something that no network has."""

    @property
    def form(self) -> Form:
        """A number for the file, a text for the file, and three parameters."""
        return Form(
            (".txt",),
            (
                Field("mass_g", "number", "file", "500", 1, 90_000, required=True),
                Field("note", "text", "file", "for Anna"),
                Field("material", "choice", "parameter", "metal", choices=("metal", "unobtanium")),
                Field("x_mm", "number", "parameter", "100", 1, 5_000),
            ),
        )

    def accepts(self, files: Sequence[InputFile]) -> float:
        """Say yes to blocks."""
        return 1.0 if files and files[0].content.startswith((b"block ", b"{")) else 0.0

    def design(
        self, files: Sequence[InputFile], parameters: Mapping[str, Param], executor: Executor
    ) -> Design:
        """Read a block as it is, or as it was filled in."""
        content = files[0].content
        if content.startswith(b"{"):
            mass_g = int(json.loads(content)["mass_g"])
            content = b"block %.3f" % (mass_g / 1000)
        found = super().design([InputFile("block.txt", content)], parameters, executor)
        read = tuple(
            DesignFile(f.name, "text/block", len(f.content), sha256(f.content).hexdigest())
            for f in files
        )
        revision = design_revision("toy", read, "metal", parameters)
        return replace(found, files=read, revision=revision)


class Page(HTMLParser):
    """A page as a person meets it: its text, its links, its forms; every tag it opens closes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.feed(html)
        self.close()
        assert self.open == [], self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {k: v or "" for k, v in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    @property
    def words(self) -> str:
        """All text, spaces made one."""
        return " ".join(" ".join(self.text).split())

    def all(self, tag: str, **wanted: str) -> list[dict[str, str]]:
        """Return the attributes of the tags of a kind with these attributes."""
        return [a for t, a in self.tags if t == tag and wanted.items() <= a.items()]

    def value(self, name: str) -> str:
        """Return the value of an input that a person sees."""
        (found,) = (a for a in self.all("input", name=name) if a.get("type") != "hidden")
        return found["value"]


def page_of(response: httpx.Response) -> Page:
    """Return the page of a response, whose headers every page carries."""
    assert response.headers["content-type"].startswith("text/html"), response.headers
    policy = response.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy and "script-src" not in policy
    assert "unsafe" not in policy
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["referrer-policy"] == "same-origin"
    page = Page(response.text)
    assert not page.all("style") and not [a for _t, a in page.tags if "style" in a]
    assert not [name for _t, a in page.tags for name in a if name.startswith("on")]
    assert all(set(a) == {"src", "defer"} for a in page.all("script"))
    return page


class Browser:
    """A browser without scripts: it keeps cookies, and its forms say where they come from."""

    def __init__(self, app: FastAPI, base_url: str) -> None:
        self.app = app
        self.base_url = base_url
        self.cookies = httpx.Cookies()

    def get(self, path: str, **more: Any) -> httpx.Response:
        """Ask for a page."""
        return self._sent("GET", path, **more)

    def post(self, path: str, **more: Any) -> httpx.Response:
        """Post as anybody might."""
        return self._sent("POST", path, **more)

    def send_form(
        self, path: str, data: Mapping[str, str] | None = None, **more: Any
    ) -> httpx.Response:
        """Send a form as one of the pages of this host does."""
        files = more.pop("files", None) or {"files": ("", b"")}
        headers = {"Origin": self.base_url, **more.pop("headers", {})}
        return self.post(path, data=dict(data or {}), files=files, headers=headers, **more)

    def _sent(self, method: str, path: str, **more: Any) -> httpx.Response:
        async def sent() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(
                transport=transport, base_url=self.base_url, cookies=self.cookies, timeout=60
            ) as client:
                answer = await client.request(method, path, **more)
                self.cookies = client.cookies
                return answer

        return asyncio.run(sent())


def pages_world(kind: str = "sim", **settings: int) -> Context:
    """Return a world with one trade that has a form."""
    store = MemoryStore("live" if kind == "live" else "sim", project)
    return world(two_plants(), store, FormToy(), **settings)


def browser(
    ctx: Context, guest: Actor | None = ANNA, base_url: str = "http://shop.test"
) -> Browser:
    """Return a browser in front of the pages of a world."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    guests = Guests(guest, HUB) if ctx.store.world == "sim" else Guests()
    runner = Runner(ctx)
    app.state.runner = runner
    add_pages(app, ctx, runner, guests, "en")
    return Browser(app, base_url)


def id_in(response: httpx.Response) -> str:
    """Return the id at the end of where a response leads."""
    assert response.status_code == 303, (response.status_code, Page(response.text).words)
    found = re.search(r"/((?:ofr|ord)_[0-9A-Z_]+)", response.headers["location"])
    assert found, response.headers["location"]
    return found[1]
