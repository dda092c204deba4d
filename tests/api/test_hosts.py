"""A server on loopback is not to be called by another name: DNS rebinding ends at the door."""

import httpx
import pytest
from fastapi import FastAPI

from manufold.api.hosts import LOOPBACK, Hosts

OWN = ("localhost", "127.0.0.1:8000", "[::1]:8000", "LOCALHOST:1", "shop.example")
STRANGE = ("evil.example", "127.0.0.1.evil.example:8000", "localhost@evil.example", "[::1", "")


def app() -> Hosts:
    """Return an app that says yes, behind the check."""
    inner = FastAPI()
    inner.get("/")(lambda: "yes")
    return Hosts(inner, LOOPBACK | {"shop.example"}, "en")


@pytest.mark.parametrize("host", [*OWN, *STRANGE])
async def test_names(host: str) -> None:
    """Own names pass, with any port; all others get a problem that names them."""
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app()), base_url="http://localhost"
    ) as http:
        answer = await http.get("/", headers={"Host": host, "Accept-Language": "zh"})
    if host in OWN:
        assert answer.json() == "yes"
    else:
        assert answer.status_code == 421
        found = answer.json()
        assert found["code"] == "api.host_unknown" and found["params"]["host"] == host
        assert "服务器" in found["detail"]


async def test_a_socket_of_another_name_is_closed() -> None:
    """The board's socket is checked as well."""
    sent = []

    async def send(message: dict) -> None:
        sent.append(message)

    async def receive() -> dict:
        return {"type": "websocket.connect"}

    scope = {"type": "websocket", "headers": [(b"host", b"evil.example")], "path": "/board/x"}
    await app()(scope, receive, send)
    assert sent == [{"type": "websocket.close", "code": 1008}]
