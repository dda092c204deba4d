"""A shirt through the whole stream: offered, made, measured, proven, and no body in the log."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from tests.services.world import world

from manufold.app import open_home, use_network
from manufold.connect.network_file import read_network
from manufold.demo import demo_network_path
from manufold.design.contract import InputFile, verticals
from manufold.model.codec import canonical, encoded
from manufold.model.design import Design
from manufold.model.errors import CannotMake, InputFault
from manufold.model.evidence import Passport
from manufold.model.party import Actor
from manufold.services.context import Context
from manufold.services.documents import design_of
from manufold.services.order import accept
from manufold.services.prove import show_passport
from manufold.services.quote import Ask, Quoted, offer
from manufold.services.run import run
from manufold.ui.passport_page import render
from manufold.words import LANGUAGES
from manufold.workers.inline import InlineExecutor

BUYER = Actor("demo-buyer", "buyer")
NAME = "karolina-w-measures.json"
NOTE = "measured by Ola at the fair"
#: a person whose figures are no round ones, so that they are found wherever they stand
ME = {
    "stature_mm": 1687,
    "neck_girth_mm": 357,
    "bust_girth_mm": 979,
    "waist_girth_mm": 817,
    "hip_girth_mm": 1037,
    "arm_length_left_mm": 571,
    "arm_length_right_mm": 583,
    "wrist_girth_mm": 159,
    "shoulder_slope_left_deg": 17,
    "shoulder_slope_right_deg": 23,
}


def file(values: dict[str, Any]) -> InputFile:
    """Return a person's file with something to say beside the measures."""
    return InputFile(NAME, json.dumps({"type": "garment", **values, "note": NOTE}).encode())


def stream(
    values: dict[str, Any], secret: bytes = b"of this home"
) -> tuple[Context, Passport, Quoted]:
    """Return a world in which a shirt was ordered, made and delivered, its passport and offer."""
    ctx = world(read_network(demo_network_path()))
    ctx = replace(ctx, verticals=verticals(), secret=secret)
    made = offer(ctx, BUYER, Ask([file(values)], 1, "EU-DE"))
    order = accept(ctx, BUYER, made.offer.offer_id, "cheap")
    run(ctx, orders=(order.order_id,))
    return ctx, show_passport(ctx, BUYER, order.order_id), made


@pytest.fixture(scope="module")
def mine() -> tuple[Context, Passport, Quoted]:
    """My shirt, from offer to passport."""
    return stream(ME)


def like_me(mine: Design) -> dict[str, Any]:
    """Return another one of her size class, whose shirt takes as much cloth."""
    for off in range(1, 12):
        other = ME | {"hip_girth_mm": 1037 - off, "neck_girth_mm": 357 + off % 3}
        if verticals()["garment"].design([file(other)], {}, InlineExecutor()).facts == mine.facts:
            return other
    raise AssertionError("nobody is like her")


def log(ctx: Context) -> list[dict[str, Any]]:
    """Return the whole log as it is exported."""
    return [json.loads(line) for line in ctx.store.export()]


def numbers(document: Any) -> set[float]:
    """Return every number of a document, and every number inside its texts."""
    if isinstance(document, dict):
        return set().union(*(numbers(v) for k, v in document.items()), set())
    if isinstance(document, list):
        return set().union(*(numbers(v) for v in document), set())
    if isinstance(document, bool) or document is None:
        return set()
    if isinstance(document, str):
        return {float(text) for text in re.findall(r"(?<![\w.-])\d+(?:\.\d+)?(?![\w-])", document)}
    return {float(document)}


def own_figures(design: Design) -> set[float]:
    """Return everything that was measured on her, worked out or cut by, of three digits or more."""
    return {
        value for value in numbers(json.loads(canonical(encoded(design.personal)))) if value > 99
    }


def test_offer_has_three_options(mine):
    """Fast, cheap and green, each a binding option with a price, a date and a footprint."""
    _ctx, _passport, made = mine
    assert [option.name for option in made.offer.options] == ["fast", "cheap", "green"]
    for option in made.offer.options:
        assert 3_000 < option.price_minor < 30_000
        assert 1_000 < option.carbon_g < 20_000
        assert set(option.sites) <= {"suzhou", "lodz"}


def test_passport_says_what_was_made(mine):
    """It tells the shirt, its size class and how far it is from its sheet: five deviations."""
    _ctx, proven, _made = mine
    assert (proven.vertical, proven.process, proven.quantity) == ("garment", "sew", 1)
    assert proven.facts["size_class"] == "M"
    assert [m.characteristic_id for m in proven.measurements] == [
        "chest_deviation", "collar_deviation", "sleeve_left_deviation",
        "sleeve_right_deviation", "back_length_deviation",
    ]  # fmt: skip
    assert all(abs(m.value) <= 20 for m in proven.measurements)
    assert {lot.material_id for lot in proven.lots} == {
        "cotton-poplin", "interlining", "thread", "buttons", "garment-bag",
    }  # fmt: skip
    for language in LANGUAGES:
        page = render(proven, language)
        assert "garment." not in page.replace("inspect.garment", "")
        assert "fact." not in page
    assert "size class" in render(proven)


def test_nothing_of_a_body_is_in_the_log(mine):
    """The whole export holds no measure, no finished size, no file name, no note, no digest."""
    ctx, _passport, made = mine
    figures = own_figures(made.design)
    assert {float(value) for name, value in ME.items() if name.endswith("_mm")} <= figures
    assert len(figures) > 18
    for event in log(ctx):
        place = {k: v for k, v in event.items() if k in ("kind", "stream", "by", "data")}
        assert numbers(place) & figures == set(), event["kind"]
    text = b"\n".join(ctx.store.export()).decode()
    for secret in (NAME, "karolina", NOTE, '_girth_mm":', made.design.files[0].sha256):
        assert secret not in text, secret


def test_two_people_of_one_size_class_leave_one_and_the_same_log(mine):
    """Told apart by nothing but the keyed revision: what differs between bodies is not there."""
    ctx, _passport, made = mine
    other, _theirs, theirs = stream(like_me(made.design))
    assert made.design.personal != theirs.design.personal
    assert made.design.revision != theirs.design.revision

    def bare(events: list[dict[str, Any]], revision: str) -> list[str]:
        kept = [{k: e[k] for k in ("kind", "stream", "at_s", "by", "data")} for e in events]
        text = [json.dumps(event, sort_keys=True) for event in kept]
        digests = re.compile(r"\b[0-9a-f]{64}\b")
        return [digests.sub("#", line.replace(revision, "R")) for line in text]

    one, two = bare(log(ctx), made.design.revision), bare(log(other), theirs.design.revision)
    assert len(one) > 20
    assert one == two


def test_a_revision_cannot_be_guessed_without_the_secret(mine):
    """Another home's log has another revision for the same file; the same home the same one."""
    ctx, _passport, made = mine
    again = stream(ME)[2]
    elsewhere = stream(ME, b"of another home")[2]
    assert again.design.revision == made.design.revision
    assert elsewhere.design.revision != made.design.revision
    plain = verticals()["garment"].design([file(ME)], {}, ctx.executor)
    assert plain.revision not in b"\n".join(ctx.store.export()).decode()
    assert plain.personal == made.design.personal


def test_deleting_the_blob_deletes_the_person(mine):
    """Her measures stand in the design's blob alone; with it gone, nothing of her is left."""
    ctx, _passport, made = mine
    kept = design_of(ctx, made.offer.design_blob)
    assert numbers(json.loads(canonical(encoded(kept.personal)))) >= own_figures(made.design)
    ctx.blobs.delete(made.offer.design_blob)
    with pytest.raises(InputFault, match="blobs.gone"):
        design_of(ctx, made.offer.design_blob)


def test_questions_and_impossible_wishes_reach_the_buyer():
    """An unusual body is asked about and makes no offer; said to be checked, it does."""
    ctx = replace(world(read_network(demo_network_path())), verticals=verticals())
    odd = file(ME | {"waist_girth_mm": 1450})
    with pytest.raises(InputFault, match="garment.unusual_"):
        offer(ctx, BUYER, Ask([odd], 1, "EU-DE"))
    checked = offer(ctx, BUYER, Ask([odd], 1, "EU-DE", parameters={"measures": "checked"}))
    assert len(checked.offer.options) == 3
    with pytest.raises((InputFault, CannotMake)):
        offer(ctx, BUYER, Ask([file(ME)], 0, "EU-DE"))


def test_a_home_keys_revisions_with_its_own_secret(tmp_path):
    """Two homes, made alike, give one person's design two revisions, each the same one twice."""
    seen = []
    for name in ("one", "two"):
        use_network(tmp_path / name, demo_network_path(), world="sim")
        for _ in range(2):
            with open_home(tmp_path / name) as m:
                seen.append(m.offer(file(ME), quantity=1).design.revision)
    assert seen[0] == seen[1] != seen[2] == seen[3]
