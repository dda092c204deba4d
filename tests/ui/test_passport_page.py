"""The passport's page: whole, escaped, self-contained, honest about its world, two languages."""

import re
from dataclasses import replace
from decimal import Decimal
from html.parser import HTMLParser

import pytest
from tests.contracts.golden_making import order, passport

from manufold.model.errors import InputFault, Reason
from manufold.model.evidence import Passport
from manufold.model.units import to_rfc3339
from manufold.ui.passport_page import render
from manufold.words import LANGUAGES, sentences

VOID = {"meta", "br", "line", "rect", "circle", "path", "link", "img", "input", "hr"}
EVIL = "<script>alert('x')</script>\"&'"


class Page(HTMLParser):
    """Reads a page, holding it to closed tags; keeps its text and what it would load."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.text: list[str] = []
        self.resources: list[str] = []
        self.marks: dict[str, int] = {}

    def handle_starttag(self, tag, attrs):
        self.seen.append(tag)
        found = dict(attrs)
        self.resources += [v for k, v in attrs if k in ("src", "href", "srcset", "action", "data")]
        for name in (found.get("class") or "").split():
            self.marks[name] = self.marks.get(name, 0) + 1
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag, tag

    def handle_data(self, data):
        if not self.open or self.open[-1] != "style":
            self.text.append(data)

    @property
    def words(self) -> str:
        return " ".join(" ".join(self.text).split())


def read(html: str) -> Page:
    """Return the page as parsed; every tag that opens closes."""
    page = Page()
    page.feed(html)
    page.close()
    assert page.open == []
    return page


@pytest.mark.parametrize("language", LANGUAGES)
def test_page_tells_the_whole_passport(language):
    """Every operation, lot, serial, source and the signed head stand on the page."""
    p = passport()
    page = read(render(p, language))
    told = [
        p.passport_id, p.order_id, p.head.hash, p.head.signature, p.head.public_key,
        "manufold verify", "2026-03-12", "27.43 kg", "27.36 kg", "7.13 kWh",
        *(o.name for o in p.operations), *(o.resource_id for o in p.operations),
        *(lot.lot_id for lot in p.lots), *p.serials, *p.made_at,
        *(line.source.title for line in p.carbon_lines), *(m.name for m in p.measurements),
    ]  # fmt: skip
    assert [text for text in told if text not in page.words] == []
    assert page.seen.count("svg") == 2
    assert page.marks["in"] == 5
    assert page.marks["out"] == 1
    assert sentences(language)["passport.title"] in page.words


def test_its_times_are_those_of_its_door_and_the_zone_is_named():
    """In another zone the same instants read otherwise, and no time is said to be UTC."""
    p = passport()
    far = read(render(p, zone="Asia/Tokyo", back=True))
    local = to_rfc3339(p.delivered_at_s, "Asia/Tokyo")
    assert f"{local[11:16]} Asia/Tokyo" in far.words and "UTC" not in far.words
    assert "Times are those of Asia/Tokyo" in far.words and "The order" in far.words
    assert "Times are those of UTC" in read(render(p)).words


def test_it_says_how_many_pieces_were_measured_and_where_the_surplus_is():
    """Five of six values within limits tell little without the pieces they were taken from."""
    p = passport()
    pieces = sorted({m.piece for m in p.measurements})
    words = read(render(p)).words
    assert f"Pieces measured: {', '.join(map(str, pieces))}, which are {len(pieces)} of" in words
    less = replace(p, quantity=p.quantity - 1)
    assert "stay with their maker" in read(render(less)).words


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_left_unworded(language):
    """No code shows through, in either language."""
    page = read(render(passport(), language))
    assert re.findall(r"\b(?:passport|carbon|prove|execution)\.[a-z_]+", page.words) == []
    if language == "zh":
        assert "护照" in page.words
        for english in ("Operations", "Measurements", "Proof", "scrapped", "milled"):
            assert english not in page.words


@pytest.mark.parametrize("language", LANGUAGES)
def test_simulated_goods_say_so(language):
    """A passport of the twin can not be taken for one of real goods, and the other way round."""
    banner = sentences(language)["passport.sim_text"]
    simulated = read(render(passport(), language))
    assert banner in simulated.words
    assert simulated.marks["sim"] == 1
    live = read(render(replace(passport(), world="live"), language))
    assert banner not in live.words
    assert "sim" not in live.marks


def test_names_from_strangers_are_escaped():
    """Nothing that came from a file or a plan becomes markup."""
    p = passport()
    evil = replace(
        p,
        material_id=EVIL,
        process=EVIL,
        vertical=EVIL,
        serials=(EVIL,),
        made_at=(EVIL,),
        facts={EVIL: EVIL, "volume_mm3": EVIL},
        operations=tuple(
            replace(o, name=EVIL, site_id=EVIL, resource_id=EVIL) for o in p.operations
        ),
        lots=tuple(replace(lot, lot_id=EVIL, material_id=EVIL, unit=EVIL) for lot in p.lots),
        measurements=tuple(replace(m, name=EVIL, unit=EVIL) for m in p.measurements),
        nonconformances=tuple(
            replace(n, reason=Reason(n.reason.code, {**n.reason.params, "name": EVIL}))
            for n in p.nonconformances
        ),
        carbon_lines=tuple(
            replace(line, source=replace(line.source, title=EVIL)) for line in p.carbon_lines
        ),
        assumptions=(Reason("nobody.said", {"what": EVIL}),),
    )
    html = render(evil)
    assert "<script" not in html
    page = read(html)
    assert "script" not in page.seen
    assert page.words.count("<script>alert('x')</script>") > 20


def test_page_needs_nothing_from_elsewhere():
    """It opens from a memory stick, without a network, and tells nobody that it was opened."""
    for p in (passport(), replace(passport(), world="live")):
        html = render(p)
        page = read(html)
        assert page.resources == []
        assert "script" not in page.seen
        assert not re.search(r"https?:|url\(|@import|//[a-z]", html)


def bare() -> Passport:
    """Return a passport with as little as one can have."""
    return replace(
        passport(), serials=(), made_at=(), operations=(), lots=(), measurements=(),
        nonconformances=(), carbon_lines=(), offered_carbon_g=0, facts={}, assumptions=(),
        material_id="", vertical="", energy_wh=0, quantity=0,
    )  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_bare_passport_still_reads(language):
    """What is missing is said, nothing divides by it."""
    page = read(render(bare(), language))
    said = sentences(language)
    for code in ("measurements_none", "nonconformances_none", "lots_none"):
        assert said[f"passport.{code}"] in page.words
    assert "0 / 0" in page.words


@pytest.mark.parametrize(
    ("late_s", "words"),
    [(-20400, "5 h 40 min early"), (0, "to the minute"), (90_000, "1 d 1 h late")],
)
def test_delivery_against_promise(late_s, words):
    """The page says how the date held, also when it did not."""
    p = passport()
    page = read(render(replace(p, delivered_at_s=p.promised_at_s + late_s)))
    assert words in page.words
    assert ("bad" in page.marks) is True  # the scrapped piece
    marks = re.findall(
        r'class="mark( bad)?"', render(replace(p, delivered_at_s=p.promised_at_s + late_s))
    )
    assert marks == [" bad" if late_s > 0 else ""]


def test_values_stay_in_the_picture():
    """Marks lie inside the strip whatever the values, and equal limits divide by nothing."""
    p = passport()
    one = p.measurements[0]
    wild = [
        replace(one, value=Decimal(value), lower=Decimal(lower), upper=Decimal(upper))
        for value, lower, upper in (
            ("1e6", "1", "2"), ("-1e6", "1", "2"), ("0", "0", "0"), ("5", "5", "5"),
            ("7", "5", "5"),
        )
    ]  # fmt: skip
    html = render(replace(p, measurements=tuple(wild)))
    places = [float(x) for x in re.findall(r'(?:cx|x1|x|x2)="(-?[0-9.]+)"', html)]
    places += [float(x) for x in re.findall(r'd="M(-?[0-9.]+)', html)]
    assert len(places) > 15
    assert all(0 <= x <= 640 for x in places)


def test_carbon_beside_the_offer():
    """More or less than offered is said with its percentage."""
    p = passport()
    assert "0.3 % more than offered" in read(render(p)).words
    less = replace(p, offered_carbon_g=2 * p.carbon_g)
    assert "50 % less than offered" in read(render(less)).words
    same = replace(p, offered_carbon_g=p.carbon_g)
    assert "more than offered" not in read(render(same)).words


def test_no_personal_data():
    """The buyer's name does not stand on the page."""
    assert order().party_id == "ada"
    assert not re.search(r"\bada\b", render(passport()))


def test_unknown_language_is_refused():
    """There is no page in a language nobody wrote."""
    with pytest.raises(InputFault) as refused:
        render(passport(), "tlh")
    assert refused.value.code == "words.language_unknown"
