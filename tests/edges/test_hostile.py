"""Hostile names, texts and files through the front door of a real server."""

import base64
import io
import json
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.edges.process import BUYERS, DEMO, Serving, client, made_home, serving

SHIRT = (DEMO / "garment/demo/shirt.json").read_bytes()
STEP = (DEMO / "part/demo/bracket.step").read_bytes()
STL = (DEMO / "part/demo/cover.stl").read_bytes()
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00\x00\x00\rIHDR" + bytes(range(256)) * 20
MARKUP = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>&lt;"
MEGABYTE = 1_000_000


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Serving, httpx.Client]]:
    """A served home and a buyer's client."""
    home = tmp_path_factory.mktemp("hostile") / "home"
    keys = made_home(home)
    with serving(home) as found, client(found.url, keys[BUYERS[0]]) as http:
        yield found, http
        assert found.process.poll() is None
        assert sorted(p.name for p in home.parent.iterdir()) == ["home"]
        log = (home / "stderr").read_text()
        assert "Traceback" not in log, log


def upload(name: bytes, content: bytes, **fields: str) -> dict[str, Any]:
    """Return a form with one file, its name written as it is."""
    parts = b"".join(
        b'--b\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (k.encode(), v.encode())
        for k, v in fields.items()
    )
    parts += b'--b\r\nContent-Disposition: form-data; name="files"; filename="%s"\r\n' % name
    parts += b"Content-Type: text/html\r\n\r\n" + content + b"\r\n--b--\r\n"
    return {"content": parts, "headers": {"Content-Type": "multipart/form-data; boundary=b"}}


NAMES = [
    b"../../../../tmp/outside.json",
    b"..\\..\\windows\\system32\\x.json",
    b"/etc/passwd",
    b"C:\\autoexec.bat",
    b"a\x00b.json",
    b"x" * 9_000 + b".json",
    "\u202enosj.exe".encode(),
    MARKUP.replace('"', "").encode(),
    b'a\\"; filename=\\"b.json',
    b'a"; filename="b.json',
    b"\xff\xfe\xfa.json",
    b"CON",
    b".",
    b"..",
    b"",
    b" ",
    b"$(touch outside).json",
    b"a;b|c&d.json",
    "裙子.json".encode(),
    "e\u0301\u00e9.json".encode(),
    b"%2e%2e%2fx.json",
    b"-rf",
    b"home.toml",
    b"\x1b[31mred.json",
]


@pytest.mark.parametrize("name", NAMES, ids=lambda name: ascii(name)[2:32])
def test_file_names(server: tuple[Serving, httpx.Client], name: bytes) -> None:
    """Whatever a file is called, it is read for what it holds, or refused: a name is only text."""
    _serving, http = server
    answer = http.post("/v1/offers", **upload(name, SHIRT))
    assert answer.status_code in (201, 422), answer.text
    assert answer.headers["content-type"] in ("application/json", "application/problem+json")
    if answer.status_code == 422:
        assert answer.json()["code"] in (
            "api.text_wrong",
            "api.form_wrong",
            "design.not_recognised",
            "design.file_name_wrong",
            "api.request_wrong",
        ), answer.text


@pytest.mark.parametrize("name", ["../../x.json", "a\nb.json", MARKUP, "a\u202eb.json", "x" * 201])
def test_file_names_in_json(server: tuple[Serving, httpx.Client], name: str) -> None:
    """The same in JSON, with what a form cannot hold."""
    _serving, http = server
    file = {"name": name, "content": base64.b64encode(SHIRT).decode()}
    answer = http.post("/v1/offers", json={"files": [file]})
    assert answer.status_code in (201, 422), answer.text


def test_markup_stays_text(server: tuple[Serving, httpx.Client]) -> None:
    """Markup in every free text comes back as JSON text, and on no page as markup."""
    _serving, http = server
    answers = [
        http.post("/v1/offers", **upload(b"a.json", SHIRT, **{field: MARKUP}))
        for field in ("to", "by", "vertical", "material", "quantity", "fit", MARKUP)
    ]
    answers += [
        http.post("/v1/offers", json={"vertical": "garment", "fields": {"stature_mm": MARKUP}}),
        http.post("/v1/offers", json={"vertical": MARKUP, "fields": {"stature_mm": 1}}),
        http.post("/v1/offers", json={MARKUP: 1}),
        http.post("/v1/keys", json={"party": "demo-buyer", "role": "buyer", "note": MARKUP}),
        http.get("/v1/keys"),
        http.get(f"/v1/orders/{MARKUP[:50]}"),
        http.get("/v1/orders", params={"state": MARKUP, "after": MARKUP}),
        http.get("/v1/me", headers={"Accept-Language": MARKUP, "X-Any": MARKUP}),
        http.post("/v1/offers", content=b"{}", headers={"Content-Type": MARKUP}),
    ]
    offer = http.post("/v1/offers", **upload(MARKUP.replace('"', "").encode(), SHIRT))
    assert offer.status_code == 201, offer.text
    accept = f"/v1/offers/{offer.json()['offer_id']}/accept"
    order = http.post(accept, json={"option": "cheap"}, headers={"Idempotency-Key": "<script>"})
    order_id = order.json()["order_id"]
    answers += [offer, order, http.post(f"/v1/orders/{order_id}/cancel", json={"reason": MARKUP})]
    answers.append(http.get(f"/v1/orders/{order_id}/life"))
    for answer in answers:
        media = answer.headers["content-type"]
        assert media in ("application/json", "application/problem+json"), answer.text
        assert answer.status_code < 500
        answer.json()
        assert not any("<script>" in value for value in answer.headers.values())
    pages = ["/", "/orders", f"/orders/{order_id}", f"/offers/{offer.json()['offer_id']}"]
    pages += [f"/orders/{MARKUP}", f"/?vertical={MARKUP}", f"/order/{MARKUP}?lang={MARKUP}"]
    for path in pages:
        page = httpx.get(http.base_url.join(path), headers={"Accept": "text/html"})
        assert page.status_code < 500, path
        assert "<script>alert" not in page.text and "<img src=x" not in page.text, path
    assert order_id in httpx.get(http.base_url.join(pages[2])).text


def bomb(megabytes: int) -> bytes:
    """Return a 3MF whose model unpacks to that many megabytes of blanks."""
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open("3D/3dmodel.model", "w", force_zip64=True) as model:
            for _ in range(megabytes):
                model.write(b" " * MEGABYTE)
    return found.getvalue()


LAUGHS = b'<!DOCTYPE a [<!ENTITY l0 "ha">' + b"".join(
    b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10)
)


def laughing() -> bytes:
    """Return a 3MF whose XML unfolds to a billion laughs, and asks for a file of the machine."""
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w") as archive:
        entity = b'<!ENTITY f SYSTEM "file:///etc/passwd">]>'
        archive.writestr("3D/3dmodel.model", LAUGHS + entity + b"<model>&f;&l9;</model>")
    return found.getvalue()


NOT_WHAT_THEY_SAY: dict[str, tuple[bytes, bytes, dict[str, str]]] = {
    "picture named step": (b"part.step", PNG, {}),
    "picture named stl": (b"part.stl", PNG, {}),
    "picture named 3mf": (b"part.3mf", PNG, {"vertical": "part"}),
    "person for the part vertical": (b"shirt.json", SHIRT, {"vertical": "part"}),
    "part for the garment vertical": (b"bracket.step", STEP, {"vertical": "garment"}),
    "nothing": (b"part.step", b"", {}),
    "half a step": (b"part.step", STEP[: len(STEP) // 2], {}),
    "half an stl": (b"part.stl", STL[: len(STL) // 2], {}),
    "step of nulls": (b"part.step", b"ISO-10303-21;" + b"\0" * 100_000, {}),
    "stl that promises 4 billion triangles": (b"p.stl", b"\0" * 80 + b"\xff" * 4 + b"\0" * 500, {}),
    "bomb": (b"part.3mf", b"", {}),
    "laughs": (b"part.3mf", laughing(), {}),
    "deep json": (b"p.json", b"[" * 500_000, {"vertical": "garment"}),
    "deep objects": (b"p.json", b'{"a":' * 100_000, {"vertical": "garment"}),
    "no number": (b"p.json", SHIRT.replace(b"1786", b"NaN"), {}),
    "beyond all numbers": (b"p.json", SHIRT.replace(b"1786", b"1e400"), {}),
    "very long number": (b"p.json", SHIRT.replace(b"1786", b"9" * 10_000), {}),
    "twice": (b"p.json", SHIRT.replace(b'"note"', b'"stature_mm": 1700, "note"'), {}),
    "half a character": (b"p.json", SHIRT.replace(b"an invented", b"\\ud800"), {}),
    "latin-1": (b"p.json", SHIRT.replace(b"an invented", b"\xe9"), {}),
}


@pytest.mark.parametrize("what", NOT_WHAT_THEY_SAY)
def test_files_that_are_not_what_they_say(server: tuple[Serving, httpx.Client], what: str) -> None:
    """Each is refused with a sentence of its own within seconds, in the server's own memory."""
    found, http = server
    name, content, fields = NOT_WHAT_THEY_SAY[what]
    if what == "bomb":
        content = bomb(1_500)
    before, began = found.most_bytes, time.monotonic()
    answer = http.post("/v1/offers", **upload(name, content, **fields))
    if what in ("half a character", "latin-1"):  # in a note, which nobody reads
        assert answer.status_code in (201, 422)
        return
    assert answer.status_code == 422, answer.text
    problem = answer.json()
    assert problem["code"].split(".")[0] in ("design", "offer", "part", "garment"), problem
    assert len(problem["detail"]) > 20
    assert "root:" not in answer.text
    assert time.monotonic() - began < 30
    assert found.most_bytes - before < 150 * MEGABYTE


def test_a_step_called_stl_is_read_as_what_it_is(server: tuple[Serving, httpx.Client]) -> None:
    """Names say little: a STEP called .stl is the same part at the same price."""
    _serving, http = server
    right = http.post("/v1/offers", **upload(b"a.step", STEP, quantity="3"))
    wrong = http.post("/v1/offers", **upload(b"a.stl", STEP, quantity="3"))
    assert right.status_code == 201, right.text
    if wrong.status_code == 422:
        assert wrong.json()["code"].startswith(("design.", "part.")), wrong.text
        return
    prices = [
        [option["price_minor"] for option in answer.json()["options"]] for answer in (right, wrong)
    ]
    assert prices[0] == prices[1]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_inches_are_asked_about(server: tuple[Serving, httpx.Client], language: str) -> None:
    """Waist 40 at stature 180: inches? centimetres? Asked about, in both languages."""
    _serving, http = server
    told = json.loads(SHIRT) | {"stature_mm": 180, "waist_girth_mm": 40}
    content = json.dumps(told).encode()
    headers = {"Accept-Language": language, "Content-Type": "multipart/form-data; boundary=b"}
    body = upload(b"p.json", content)["content"]
    answer = http.post("/v1/offers", content=body, headers=headers)
    assert answer.status_code == 422, answer.text
    problem = answer.json()
    asked = {fault["code"] for fault in problem["faults"]} | {problem["code"]}
    assert asked == {"garment.unit_cm", "garment.unit_inches"}, problem
    assert ("inches?" if language == "en" else "英寸") in answer.text


@pytest.mark.parametrize("value", [-886, 0, 40, 99_999, "abc", "-1e5", 10**30])
def test_impossible_measures_in_a_form(server: tuple[Serving, httpx.Client], value: Any) -> None:
    """A measure that cannot be is refused in JSON fields and in a form, and names the field."""
    _serving, http = server
    person = {k: v for k, v in json.loads(SHIRT).items() if k.endswith(("_mm", "_deg"))}
    person["waist_girth_mm"] = value
    asked = http.get("/v1/verticals").json()["verticals"]
    known = {f["name"] for one in asked if one["name"] == "garment" for f in one["fields"]}
    fields = {name: found for name, found in person.items() if name in known}
    assert "waist_girth_mm" in fields
    for more in (
        {"json": {"vertical": "garment", "fields": fields}},
        {"files": {k: (None, str(v)) for k, v in {**fields, "vertical": "garment"}.items()}},
    ):
        answer = http.post("/v1/offers", **more)
        assert answer.status_code == 422, answer.text
        assert "waist_girth_mm" in answer.text or value == 10**30, answer.text


def pinged(url: str, done: threading.Event) -> list[float]:
    """Return how long each of many small requests took until `done`."""
    taken = []
    with httpx.Client(base_url=url, trust_env=False, timeout=30) as http:
        while not done.wait(0.02):
            began = time.monotonic()
            assert http.get("/v1/health").status_code == 200
            taken.append(time.monotonic() - began)
    return taken


@pytest.mark.parametrize("way", ["form", "json", "too large a file", "too large a body"])
def test_fifty_megabytes(server: tuple[Serving, httpx.Client], way: str) -> None:
    """A large upload is taken in, or refused, in bounded memory, while others are answered."""
    found, http = server
    size = {"form": 49, "json": 45, "too large a file": 55, "too large a body": 70}[way] * MEGABYTE
    content = b"\0" * size  # no part: the design is refused once it has been read
    done, waits = threading.Event(), list[float]()
    pinging = threading.Thread(target=lambda: waits.extend(pinged(found.url, done)))
    before = found.most_bytes
    pinging.start()
    try:
        if way == "json":
            file = {"name": "p.stl", "content": base64.b64encode(content).decode()}
            answer = http.post("/v1/offers", json={"files": [file], "vertical": "part"})
        else:
            answer = http.post("/v1/offers", **upload(b"p.stl", content, vertical="part"))
    finally:
        done.set()
        pinging.join()
    grown = (found.most_bytes - before) // MEGABYTE
    print(f"\n{way}: {answer.status_code} {answer.json()['code']}, memory +{grown} MB, "
          f"slowest of {len(waits)} others {max(waits):.2f} s")  # fmt: skip
    large = "too large" in way
    assert answer.status_code == (413 if large else 422), answer.text
    assert grown < {"form": 200, "json": 400}.get(way, 200)
    assert len(waits) > 3 and max(waits) < 5


def test_the_largest_paths_of_the_home(server: tuple[Serving, httpx.Client]) -> None:
    """After all of this the server is well, and nothing was written outside its home."""
    _serving, http = server
    assert http.get("/v1/health").json()["ready"]
    assert not Path("/tmp/outside.json").exists()
