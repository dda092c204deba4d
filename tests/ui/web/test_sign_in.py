"""Who acts: a guest of a simulated world, else whoever a key in a cookie says; asked each time."""

import pytest
from tests.services.world import ANNA, HUB
from tests.ui.web.site import Browser, browser, id_in, page_of, pages_world
from tests.ui.web.test_offers import offered

from manufold.services.keys import list_keys, make_key, revoke_key

PAGES = ["/", "/orders", "/offers/ofr_1", "/orders/ord_1", "/orders/ord_1/passport", "/?again=x"]


def signed(shop: Browser, key: str, next_path: str = "/") -> str:
    """Sign in; return where that leads."""
    answer = shop.send_form("/sign-in", {"key": f" {key}\n", "next": next_path})
    assert answer.status_code == 303, page_of(answer).words
    return answer.headers["location"]


@pytest.mark.parametrize("path", PAGES)
def test_a_live_world_asks_who_one_is_and_leads_back(path):
    """Nobody is guessed there: each page leads to the sign-in page, which names the world."""
    shop = browser(pages_world("live"))
    answer = shop.get(path)
    assert answer.status_code == 303 and answer.headers["location"].startswith("/sign-in?next=/")
    page = page_of(shop.get(answer.headers["location"]))
    assert page.all("input", name="key", type="password")
    assert page.all("input", name="next", value=path) and "Live world" in page.words
    assert "Simulated" not in page.words


def test_a_live_world_takes_no_form_of_a_guest():
    """An order, a run or a cancellation without a key ends at the sign-in page."""
    ctx = pages_world("live")
    shop, before = browser(ctx), ctx.store.head()
    for path in ("/offers", "/offers/x/accept", "/orders/x/cancel", "/run", "/offers/x/again"):
        answer = shop.send_form(path, {"vertical": "toy", "example": "cube"})
        assert answer.headers["location"] == "/sign-in?next=/"
    assert shop.get("/orders/x/life").status_code == 401
    assert ctx.store.head() == before


def test_a_key_opens_a_live_world_and_its_cookie_is_for_nobody_else():
    """The cookie is HttpOnly and SameSite=Strict, Secure over https; with it one orders."""
    ctx = pages_world("live")
    key = make_key(ctx, HUB, "anna", "buyer")
    for base, secure in (("http://shop.test", False), ("https://shop.test", True)):
        shop = browser(ctx, base_url=base)
        answer = shop.send_form("/sign-in", {"key": key, "next": "/orders?state=accepted"})
        assert answer.headers["location"] == "/orders?state=accepted"
        cookie = answer.headers["set-cookie"].lower()
        assert "httponly" in cookie and "samesite=strict" in cookie
        assert ("secure" in cookie) is secure and "path=/" in cookie
        assert "Anna, buyer" in page_of(shop.get("/")).words
        assert offered(shop).startswith("ofr_")
        refused = shop.send_form("/run", {"hours": "1"})
        assert refused.status_code == 422 and "live world" in page_of(refused).words


def test_behind_a_proxy_that_speaks_tls_the_cookie_is_for_tls_alone():
    """Such a proxy passes on plain HTTP; the browser's Origin still says how it came."""
    ctx = pages_world("live")
    shop, key = browser(ctx), make_key(ctx, HUB, "anna", "buyer")
    origin = {"Origin": "https://shop.test"}
    answer = shop.send_form("/sign-in", {"key": key, "next": "/"}, headers=origin)
    assert answer.status_code == 303 and "; Secure" in answer.headers["set-cookie"]


@pytest.mark.parametrize("key", ["", "mf_x_y", "mf_0123456789_" + "0" * 52, "<b>", "ключ"])
def test_a_wrong_key_is_refused_where_it_was_typed(key):
    """One answer for all wrong keys, no cookie, and the way onward is kept."""
    shop = browser(pages_world("live"))
    answer = shop.send_form("/sign-in", {"key": key, "next": "/orders"})
    page = page_of(answer)
    assert answer.status_code == 401 and "opens nothing here" in page.words
    assert page.all("input", name="next", value="/orders") and "set-cookie" not in answer.headers
    assert key not in answer.text or len(key) < 6


def test_a_revoked_key_opens_nothing_from_then_on():
    """The key is looked up at each request; its cookie is forgotten, and the page says why."""
    ctx = pages_world("live")
    shop = browser(ctx)
    signed(shop, make_key(ctx, HUB, "anna", "buyer"))
    assert shop.get("/orders").status_code == 200
    (found,) = list_keys(ctx, HUB)
    assert revoke_key(ctx, HUB, found.key_id)
    answer = shop.get("/orders")
    assert answer.headers["location"] == "/sign-in?next=/orders&wrong=1"
    assert not shop.cookies and "opens nothing" in page_of(shop.get("/sign-in?wrong=1")).words


@pytest.mark.parametrize(
    "told",
    ["//evil.test", "/\\evil.test", "https://evil.test", "javascript:alert(1)", "/\t/evil.test",
     "evil.test", "", "/%0d%0aSet-Cookie:x", "\\\\evil.test", "/a\nb"],
)  # fmt: skip
def test_signing_in_never_leads_away(told):
    """Only a path of this host is come back to."""
    ctx = pages_world("live")
    shop = browser(ctx)
    led = signed(shop, make_key(ctx, HUB, "anna", "buyer"), told)
    assert led in ("/", "/%0d%0aSet-Cookie:x")


def test_a_guest_of_a_simulated_world_may_act_as_another():
    """With a key one is that party, on that party's pages only; without it a guest again."""
    ctx = pages_world()
    shop = browser(ctx, ANNA)
    assert "Guest of Anna" in page_of(shop.get("/")).words
    offer_id = offered(shop)
    signed(shop, make_key(ctx, HUB, "bert", "buyer"))
    assert "Bert, buyer" in page_of(shop.get("/")).words
    assert shop.get(f"/offers/{offer_id}").status_code == 404
    out = shop.send_form("/sign-out")
    assert out.headers["location"] == "/" and not shop.cookies
    assert shop.get(f"/offers/{offer_id}").status_code == 200


def test_a_role_that_may_not_order_is_told_so():
    """A planner who asks for an offer reads on the form which roles may."""
    ctx = pages_world()
    shop = browser(ctx)
    signed(shop, make_key(ctx, HUB, "maker", "planner"))
    data = {"vertical": "toy", "example": "cube", "quantity": "7"}
    answer = shop.send_form("/offers", data)
    assert answer.status_code == 403 and "The role planner may not do this" in page_of(answer).words


def test_the_operator_orders_and_follows():
    """The network operator may do what buyers do."""
    ctx = pages_world()
    shop = browser(ctx)
    signed(shop, make_key(ctx, HUB, "hub", "network_operator"))
    offer_id = offered(shop)
    order_id = id_in(shop.send_form(f"/offers/{offer_id}/accept", {"option": "cheap"}))
    assert shop.get(f"/orders/{order_id}").status_code == 200
