"""Drawings that show a person: for the buyer of an offer, safe to open, gone with the design."""

import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

import pytest
from tests.services.world import ANNA, BERT, two_plants, world
from tests.ui.web.site import EVIL, Browser, FormToy, browser, id_in, page_of

from manufold.design.contract import InputFile
from manufold.model.design import Design, Finding
from manufold.model.errors import Conflict, Param, Reason
from manufold.model.party import Actor
from manufold.model.ports import Executor
from manufold.services.context import Context
from manufold.services.forget import forget_offer
from manufold.services.pictures import Figures, figures, noted, picture, picture_names

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script><text>chest</text></svg>'
NAMED = EVIL.replace("/", "")
BLOCK = {"files": ("b.txt", b"block 0.5", "text/plain")}


class Drawn(FormToy):
    """Blocks with a drawing of whom they are for."""

    def design(
        self, files: Sequence[InputFile], parameters: Mapping[str, Param], executor: Executor
    ) -> Design:
        """Read a block, and draw."""
        packed = zlib.compress(SVG).hex()
        drawn = {"body": packed, NAMED: packed}
        own = {
            "given": {"reach_mm": Decimal("612"), "lean_deg": Decimal("3.5"), NAMED: Decimal(7)},
            "scan_half": {"lean_deg": Decimal("0.4")},
            "worked_out": {"grip_mm": Decimal("201")},
            "spread_mm": {"grip_mm": Decimal("5.00")},
            "sheet": {"hand_mm": Decimal("218")},
        }
        found = super().design(files, parameters, executor)
        told = Finding("warns", Reason("web.not_whole", {"found": f"seam {EVIL}"}))
        return replace(found, personal={"pictures": drawn, **own}, findings=(told,))


@pytest.fixture
def ctx() -> Context:
    """A small world that draws."""
    return world(two_plants(), None, Drawn())


def offered(shop: Browser) -> str:
    """Return the id of a new offer."""
    data = {"vertical": "toy", "quantity": "3", "to": "door"}
    return id_in(shop.send_form("/offers", data, files=BLOCK))


def test_the_buyer_sees_the_drawings(ctx: Context):
    """Each stands on the offer's page as an image, its name written safely."""
    shop = browser(ctx)
    found = offered(shop)
    page = page_of(shop.get(f"/offers/{found}"))
    shown = [tag["src"] for tag in page.all("img") if "/pictures/" in tag["src"]]
    assert len(shown) == 2
    assert f"seam {EVIL}" in page.words
    assert len(noted(ctx, ANNA, found)) == 1
    assert noted(ctx, Actor("hub", "network_operator"), found) == ()
    assert "<script" not in "".join(shown)
    answers = [shop.get(one) for one in shown]
    assert [answer.content for answer in answers] == [SVG, SVG]
    for answer in answers:
        assert answer.headers["content-type"].startswith("image/svg+xml")
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "sandbox" in policy
        assert "script-src" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"


def test_nobody_else_sees_them(ctx: Context):
    """Another buyer is told that there is no such offer; the network's operator sees no drawing."""
    found = offered(browser(ctx))
    assert set(picture_names(ctx, ANNA, found)) == {"body", NAMED}
    other = browser(ctx, BERT)
    assert other.get(f"/offers/{found}/pictures/body").status_code in (404, 409)
    assert SVG not in other.get(f"/offers/{found}/pictures/body").content
    for name in ("body", "none", "../body", "x" * 300):
        operator = Actor("hub", "network_operator")
        with pytest.raises(Conflict, match="access.no_such_picture"):
            picture(ctx, operator, found, name)
    assert picture_names(ctx, Actor("hub", "network_operator"), found) == ()


def test_the_buyer_reads_the_figures(ctx: Context):
    """Each with its unit, half of its interval and how it came; whose page it is, is told truly."""
    shop = browser(ctx)
    found = offered(shop)
    words = page_of(shop.get(f"/offers/{found}")).words
    assert "reach 612 mm given" in words
    assert "lean 3.5° ± 0.4 from the scan" in words
    assert "grip 201 mm ± 9.8 worked out" in words  # 1.96 standard deviations of 5
    assert "hand 218 mm" in words
    assert f"{NAMED} 7 given" in words
    assert "Nobody else" not in words
    assert "Every guest of this simulated world is this buyer." in words
    assert [one.name for one in figures(ctx, ANNA, found).measured][-1] == "grip_mm"
    assert figures(ctx, Actor("hub", "network_operator"), found) == Figures()


def test_they_go_with_the_design(ctx: Context):
    """Once the offer is forgotten there is nothing to draw, and the log never had it."""
    shop = browser(ctx)
    found = offered(shop)
    assert forget_offer(ctx, ANNA, found)
    assert shop.get(f"/offers/{found}/pictures/body").status_code in (404, 409)
    packed = zlib.compress(SVG).hex().encode()
    assert not [line for line in ctx.store.export() if re.search(re.escape(packed), line)]
