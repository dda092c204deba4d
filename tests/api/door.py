"""A served world for tests: the API on the two plants, callers with keys, every answer checked.

Each JSON answer is held to what the OpenAPI document promises for its route and status, each
refusal to contracts/problem.schema.json as well: a test that only looks at codes checks shapes too.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import httpx
from fastapi import FastAPI
from jsonschema import Draft202012Validator
from tests.contracts.schemas import faults
from tests.services.stores import Rough, weak_plants
from tests.services.world import HUB, Toy, world

from manufold.api.app import add_api, bare_app
from manufold.design.contract import Field, Form
from manufold.model.fakes import ManualClock
from manufold.model.network import Network
from manufold.services.bell import Bell, Ringing
from manufold.services.context import Context
from manufold.services.keys import make_key
from manufold.services.running import Runner

__all__ = ["BLOCK", "Caller", "Formed", "caller", "keys_of", "made", "ordered", "sim"]

BLOCK = b"block 0.5"
PEOPLE = {
    "anna": ("anna", "buyer"),
    "bert": ("bert", "buyer"),
    "maker": ("maker", "planner"),
    "maker_operator": ("maker", "operator"),
    "other": ("other", "planner"),
    "hub": ("hub", "network_operator"),
}


class Formed(Rough):
    """The vertical for blocks that go wrong, with a form."""

    form = Form(
        (".txt",),
        (
            Field("mass_g", "number", "file", "500", 1, 100_000, (), True),
            Field("finish", "choice", "parameter", "raw", None, None, ("raw", "fine")),
        ),
    )

    def accepts(self, files: Any) -> float:
        """Say yes to blocks, and to what its own form makes."""
        return 1.0 if files and b'"type":"toy"' in files[0].content else super().accepts(files)

    def design(self, files: Any, parameters: Any, executor: Any) -> Any:
        """Read a block, or what was filled in."""
        match = re.search(rb'"mass_g":([0-9]+)', files[0].content)
        if match:
            mass = b"block %.3f" % (int(match[1]) / 1000)
            files = [replace(files[0], content=mass)]
        return super().design(files, parameters, executor)


def sim(network: Network | None = None, toy: Toy | None = None, **settings: Any) -> Context:
    """Return a simulated world in memory, its machines weak, its desk with a clock."""
    ctx = world(weak_plants() if network is None else network, **settings)
    verticals: Mapping[str, Any] = {"toy": toy or Formed()}
    return replace(ctx, verticals=verticals, wall=ManualClock(1_000_000))


def made(ctx: Context, **more: Any) -> FastAPI:
    """Return the API on a world."""
    bell = Bell()
    if not isinstance(ctx.store, Ringing):
        ctx.store = Ringing(ctx.store, bell)
    app = bare_app(ctx, "en")
    runner = Runner(ctx, ctx.store.bell)
    app.state.runner = runner
    add_api(app, ctx, runner, version="0", **more)
    return app


def keys_of(ctx: Context) -> dict[str, str]:
    """Return a key for everybody."""
    parties = {party.party_id for party in ctx.network.parties}
    return {
        name: make_key(ctx, HUB, party, role)  # type: ignore[arg-type]
        for name, (party, role) in PEOPLE.items()
        if party in parties
    }


class Caller:
    """A client with a key whose every answer is checked."""

    def __init__(self, app: FastAPI, key: str = "", base: str = "http://test") -> None:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self.http = httpx.AsyncClient(transport=transport, base_url=base, headers=headers)
        self.document = document_of(app)

    async def __call__(
        self, method: str, path: str, status: int | None = None, **more: Any
    ) -> httpx.Response:
        """Ask, check the answer's shape, and its status where one is told."""
        answer = await self.http.request(method, path, **more)
        held_to(self.document, method, path, answer)
        assert status is None or answer.status_code == status, (answer.status_code, answer.text)
        return answer

    async def json(self, method: str, path: str, status: int = 200, **more: Any) -> Any:
        """Ask, and return what was answered."""
        return (await self(method, path, status, **more)).json()

    async def code(self, method: str, path: str, status: int, **more: Any) -> str:
        """Ask, and return the code of the refusal."""
        return str((await self(method, path, status, **more)).json()["code"])


def caller(app: FastAPI, keys: Mapping[str, str], name: str) -> Caller:
    """Return a client of one of `PEOPLE`."""
    return Caller(app, keys[name])


_KEPT: list[Any] = []


def document_of(app: FastAPI) -> Any:
    """Return the OpenAPI document, the same for every app."""
    if not _KEPT:
        _KEPT.append(app.state.document())
    return _KEPT[0]


def held_to(document: Any, method: str, path: str, answer: httpx.Response) -> None:
    """Fail when an answer is not what the document says."""
    assert answer.status_code != 500, answer.text
    if not path.startswith("/v1"):
        return
    operation = _operation(document, method, path.partition("?")[0])
    if answer.status_code >= 400 and answer.headers["content-type"] != "application/json":
        assert answer.headers["content-type"] == "application/problem+json"
        assert faults("problem", answer.json()) == []
        assert answer.json()["status"] == answer.status_code
        if operation is not None and not answer.headers.get("idempotent-replay"):
            assert str(answer.status_code) in operation["responses"], (path, answer.text)
        return
    assert operation is not None, path
    said = operation["responses"][str(answer.status_code)]["content"]
    media = answer.headers["content-type"].partition(";")[0]
    schema = said[media]["schema"]
    if media == "application/json":
        whole = {**schema, "components": document["components"]}
        found = [f.message for f in Draft202012Validator(whole).iter_errors(answer.json())]
        assert found == [], found


def _operation(document: Any, method: str, path: str) -> Any:
    for template, operations in document["paths"].items():
        if _pattern(template).fullmatch(path):
            return operations.get(method.lower())
    return None


@cache
def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{[^}]+\}", "[^/]+", template))


async def ordered(call: Caller, quantity: int = 5, option: str = "cheap") -> Any:
    """Return an order of blocks, asked for and accepted over HTTP."""
    offer = await call.json(
        "POST",
        "/v1/offers",
        201,
        files={"files": ("b.txt", BLOCK)},
        data={"quantity": str(quantity), "to": "door"},
    )
    path = f"/v1/offers/{offer['offer_id']}/accept"
    return await call.json("POST", path, 201, json={"option": option})
