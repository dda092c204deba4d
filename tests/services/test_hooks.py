"""Webhooks: who is told what, where they may lead, and that nothing is told twice or left out."""

import json
from collections.abc import Sequence
from dataclasses import replace
from threading import Barrier, Thread
from typing import Any

import pytest
from tests.contracts.schemas import faults
from tests.services.stores import Rough, beside, rough_world
from tests.services.world import (
    ANNA,
    BERT,
    HUB,
    MAKER,
    OTHER,
    Toy,
    quoted,
    shared_plants,
    two_plants,
    world,
)

from manufold.model.desk import Delivery, Webhook
from manufold.model.errors import Conflict, InputFault, ManufoldError
from manufold.model.fakes import MemoryStore
from manufold.model.party import Actor
from manufold.services import hooks, life
from manufold.services.change import cancel
from manufold.services.context import Context
from manufold.services.hooks import (
    collect,
    list_deliveries,
    list_webhooks,
    subscribe,
    unsubscribe,
)
from manufold.services.order import accept
from manufold.services.project import project
from manufold.services.run import run
from manufold.words import word

URL = "https://shop.example/hook"


def outside(host: str, port: int) -> Sequence[str]:
    """Stand for every name by an address of the public internet."""
    return ["93.184.216.34"]


def joined(ctx: Context, actor: Actor = ANNA, kinds: Sequence[str] = ()) -> Webhook:
    """Subscribe a party."""
    return subscribe(ctx, actor, URL, kinds, resolve=outside)


def bodies(ctx: Context, webhook: Webhook) -> list[dict[str, Any]]:
    """Return what waits for a webhook, oldest first, each held to its contract."""
    found = [json.loads(one.body) for one in reversed(waiting(ctx, webhook))]
    for body in found:
        assert faults("order_event", body) == []
    return found


def waiting(ctx: Context, webhook: Webhook) -> tuple[Delivery, ...]:
    """Return the list of a webhook, newest first."""
    return ctx.desk.deliveries(webhook.webhook_id, 10_000)


def looked(ctx: Context) -> int:
    """Collect, worded in English."""
    return collect(ctx, word)


def made(ctx: Context, actor: Actor = ANNA) -> str:
    """Return a fresh order."""
    return accept(ctx, actor, quoted(ctx, actor).offer.offer_id, "cheap").order_id


def whole_life(weak: bool = True) -> tuple[Context, dict[Actor, Webhook], list[str]]:
    """Return a world where two orders were made to the end, and webhooks from before them."""
    ctx = rough_world() if weak else world(shared_plants(), toy=Toy(turned=True))
    ctx = replace(ctx, verticals={"toy": Rough()}) if weak else ctx
    subscribed = {actor: joined(ctx, actor) for actor in (ANNA, BERT, MAKER, OTHER, HUB)}
    orders = [made(ctx), made(ctx, BERT)]
    run(ctx)
    return ctx, subscribed, orders


def test_the_answer_alone_holds_the_secret() -> None:
    """Whoever subscribes learns the secret once; no list shows it again."""
    ctx = world()
    webhook = joined(ctx, kinds=("Shipped", "Finished", "Shipped"))
    assert len(webhook.secret) == 56 and webhook.kinds == ("Shipped", "Finished")
    assert list_webhooks(ctx, ANNA) == (replace(webhook, secret=""),) == list_webhooks(ctx, HUB)
    assert list_webhooks(ctx, BERT) == ()
    assert joined(ctx).secret != webhook.secret


def test_everybody_is_told_what_the_life_of_the_order_tells_him() -> None:
    """Of two orders made to the end each party receives exactly what it may read, once, in order,
    worded and held to the contract."""
    ctx, subscribed, orders = whole_life()
    assert looked(ctx) > 100
    for actor, webhook in subscribed.items():
        expected: dict[int, tuple[str, str]] = {}
        for order_id in orders:
            try:
                moments = life.life(ctx, actor, order_id)
            except Conflict:
                continue
            expected |= {m.seq: (order_id, m.kind) for m in moments}
        told = bodies(ctx, webhook)
        events = [body["event"] for body in told]
        assert [e["seq"] for e in events] == sorted(expected)
        assert {e["seq"]: (e["order_id"], e["kind"]) for e in events} == expected
        for body in told:
            assert body["webhook_id"] == webhook.webhook_id and body["world"] == "sim"
            assert body["delivery_id"] == f"{webhook.webhook_id}.{body['event']['seq']}"
            assert body["event"]["text"] and not body["event"]["text"].startswith("life.")
    mine = {b["event"]["order_id"] for b in bodies(ctx, subscribed[ANNA])}
    assert mine == {orders[0]}
    kinds = {b["event"]["kind"] for b in bodies(ctx, subscribed[HUB])}
    assert {"OrderAccepted", "RunStarted", "Finished", "Shipped", "Received"} <= kinds
    assert looked(ctx) == 0


def test_a_maker_of_a_part_is_told_of_no_other_part() -> None:
    """Two owners make one order: what one is sent names neither buyer, price, nor the other."""
    ctx, subscribed, _ = whole_life(weak=False)
    looked(ctx)
    for maker, own, others in ((MAKER, "plant", "works"), (OTHER, "works", "plant")):
        told = bodies(ctx, subscribed[maker])
        assert {body["event"]["site_id"] for body in told} == {"", own}
        text = json.dumps(told).replace('"door"', "").lower()
        unit = {"works": "mill 2", "plant": "mill 1"}[others]
        for secret in ("anna", "bert", "price", others, unit):
            assert secret not in text, secret


def test_a_webhook_starts_at_the_head_of_the_log() -> None:
    """What happened before is not told, what happens after is; an older one beside it has both."""
    ctx = world()
    older = joined(ctx)
    before = made(ctx)
    webhook = joined(ctx)
    assert looked(ctx) == len(waiting(ctx, older)) == 1
    unsubscribe(ctx, ANNA, older.webhook_id)
    cancel(ctx, ANNA, before, "changed my mind, says Anna Smith")
    assert looked(ctx) == 2
    told = bodies(ctx, webhook)
    kinds = {(body["event"]["kind"], body["event"]["order_id"]) for body in told}
    assert kinds == {("OrderCancelled", before), ("JobCancelled", before)}
    assert "Smith" not in json.dumps(told)


def test_only_the_kinds_asked_for_are_told() -> None:
    """A webhook for cancellations hears of nothing else, and its place moves on."""
    ctx = world()
    webhook = joined(ctx, kinds=("OrderCancelled",))
    order_id = made(ctx)
    assert looked(ctx) == 0
    kept = ctx.desk.webhook(webhook.webhook_id)
    assert kept is not None and kept.after_seq == ctx.store.head().seq
    cancel(ctx, ANNA, order_id, "no")
    assert looked(ctx) == 1
    with pytest.raises(InputFault) as refusal:
        joined(ctx, kinds=("BrokeDown",))
    assert refusal.value.code == "hooks.kind_unknown"


def test_the_kinds_are_those_that_a_life_tells() -> None:
    """Every kind that can be chosen is told, and every kind that is told can be chosen."""
    assert set(hooks.KINDS) == set(life._TELLERS)


def test_pages_of_the_log_leave_no_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read three events at a time or all at once, the list is the same."""
    ctx, subscribed, _ = whole_life()
    twin = replace(ctx, desk=type(ctx.desk)())
    for webhook in subscribed.values():
        twin.desk.add_webhook(webhook)
    assert looked(ctx) > 0
    monkeypatch.setattr(hooks, "_PAGE", 3)
    looked(twin)
    for webhook in subscribed.values():
        assert waiting(twin, webhook) == waiting(ctx, webhook)


def test_several_processes_list_each_event_once() -> None:
    """Four that collect at the same time, on one desk, put each event on the list once."""
    ctx, subscribed, _ = whole_life()
    gate, counts = Barrier(4), [0] * 4

    def look(number: int, here: Context) -> None:
        gate.wait(30)
        counts[number] = looked(here)

    threads = [Thread(target=look, args=(n, beside(ctx, n + 2))) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sum(counts) == sum(len(waiting(ctx, one)) for one in subscribed.values()) > 100
    for webhook in subscribed.values():
        seqs = [one.seq for one in waiting(ctx, webhook)]
        assert seqs == sorted(set(seqs), reverse=True)


def test_who_no_longer_takes_part_is_told_nothing() -> None:
    """A party that left the network gets nothing, and holds up nobody's place in the log."""
    ctx = world()
    gone, stays = joined(ctx, BERT), joined(ctx)
    fewer = tuple(p for p in two_plants().parties if p.party_id != "bert")
    order_ids = (made(ctx, BERT), made(ctx))
    ctx = replace(ctx, network=replace(two_plants(), parties=fewer))
    assert looked(ctx) == len(waiting(ctx, stays)) == 1
    assert waiting(ctx, gone) == () and order_ids
    kept = ctx.desk.webhook(gone.webhook_id)
    assert kept is not None and kept.after_seq == ctx.store.head().seq


def test_a_stranger_finds_no_webhook() -> None:
    """Another's webhook is as if it were not: not listed, not read, not removed."""
    ctx = world()
    webhook = joined(ctx)
    made(ctx)
    looked(ctx)
    for stranger in (BERT, MAKER, Actor("anna", "buyer")):
        for name in ("whk_0", "\x00", "w" * 500, webhook.webhook_id):
            if stranger == ANNA and name == webhook.webhook_id:
                continue
            for verb in (unsubscribe, list_deliveries):
                with pytest.raises(Conflict) as refusal:
                    verb(ctx, stranger, name)
                assert refusal.value.code == "access.no_such_webhook"
    assert len(list_deliveries(ctx, ANNA, webhook.webhook_id)) == 1
    assert list_deliveries(ctx, ANNA, webhook.webhook_id, -5) == ()
    unsubscribe(ctx, ANNA, webhook.webhook_id)
    assert list_webhooks(ctx, HUB) == ()


def test_the_number_of_webhooks_has_an_end() -> None:
    """The one after the most is refused; another party's do not count."""
    ctx = world()
    for _ in range(hooks.WEBHOOKS_MAX):
        joined(ctx)
    with pytest.raises(Conflict, match="hooks.too_many"):
        joined(ctx)
    joined(ctx, BERT)


@pytest.mark.parametrize("role", ["operator", "quality_engineer"])
def test_a_webhook_is_not_for_every_role(role: Any) -> None:
    """Who works at a machine cannot send a company's news elsewhere."""
    with pytest.raises(InputFault, match="access.role_may_not"):
        joined(world(), Actor("maker", role))


def live(**settings: Any) -> Context:
    """Return a live world."""
    return world(store=MemoryStore("live", project), **settings)


def refusal_of(ctx: Context, url: str, *addresses: str) -> str:
    """Return the code with which an address is refused, "" for none."""
    try:
        subscribe(ctx, ANNA, url, resolve=lambda host, port: addresses)
    except ManufoldError as refusal:
        assert ctx.desk.webhooks() == ()
        return refusal.code
    return ""


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://shop.example", ""),
        ("https://shop.example:8443/a?b=c%20d", ""),
        ("https://[2606:2800:220:1::1]/x", ""),
        ("http://shop.example/", "hooks.url_plain"),
        ("http://localhost:8080/", "hooks.url_plain"),
        ("ftp://shop.example/", "hooks.url_wrong"),
        ("file:///etc/passwd", "hooks.url_wrong"),
        ("//shop.example/", "hooks.url_wrong"),
        ("shop.example/hook", "hooks.url_wrong"),
        ("https://", "hooks.url_wrong"),
        ("https:///path", "hooks.url_wrong"),
        ("https://shop.example/#part", "hooks.url_wrong"),
        ("https://shop.example/a b", "hooks.url_wrong"),
        ("https://shop.example/\r\nX: 1", "hooks.url_wrong"),
        ("https://shop.example\\@inside/", "hooks.url_wrong"),
        ("https://店.example/", "hooks.url_wrong"),
        ("https://shop%2eexample/", "hooks.url_wrong"),
        ("https://shop.example:99999/", "hooks.url_wrong"),
        ("https://shop.example:x/", "hooks.url_wrong"),
        ("https://[::1/", "hooks.url_wrong"),
        ("https://shop.example/" + "a" * 2000, "hooks.url_wrong"),
        ("https://user:word@shop.example/", "hooks.url_with_password"),
        ("https://shop.example:22/", "hooks.port_wrong"),
        ("https://shop.example:0/", "hooks.port_wrong"),
    ],
)
def test_what_may_stand_in_an_address(url: str, code: str) -> None:
    """Only plain https to a usual port, without a password, is taken in a live world."""
    assert refusal_of(live(), url, "93.184.216.34") == code


INSIDE = [
    *["127.0.0.1", "127.8.8.8", "10.0.0.1", "172.16.3.4", "192.168.1.1", "169.254.169.254"],
    *["100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "240.0.0.1", "192.0.2.1"],
    *["198.18.0.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "ff02::1"],
    *["fec0::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1", "64:ff9b::a00:1", "2002:a00:1::1"],
    *["2001:db8::1", "not an address", ""],
]


@pytest.mark.parametrize("address", INSIDE)
def test_nothing_inside_is_reached(address: str) -> None:
    """No special address of any kind is taken in a live world, alone or beside a public one."""
    ctx = live()
    assert refusal_of(ctx, URL, address) == "hooks.address_inside"
    assert refusal_of(ctx, URL, "93.184.216.34", address) == "hooks.address_inside"


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1", "64:ff9b::5db8:d822"])
def test_the_outside_is_reached(address: str) -> None:
    """Public addresses are, also where IPv6 carries an IPv4 one."""
    assert refusal_of(live(), URL, address) == ""


def test_a_name_that_stands_for_nothing_is_refused() -> None:
    """No address, or no answer of the name servers: the subscription says so."""
    assert refusal_of(live(), URL) == "hooks.host_unknown"

    def fails(host: str, port: int) -> Sequence[str]:
        raise OSError("no name servers")

    with pytest.raises(InputFault, match="hooks.host_unknown"):
        subscribe(live(), ANNA, URL, resolve=fails)


def test_a_simulated_world_reaches_its_own_machine_only() -> None:
    """There one may try webhooks at home, by plain http too, and still not next door."""
    for url in ("http://localhost:8080/", "http://127.0.0.1:1024/", "http://[::1]:2000/"):
        assert refusal_of(world(), url, "127.0.0.1") == ""
    assert refusal_of(world(), "https://shop.example/", "::1") == ""
    assert refusal_of(world(), "http://shop.example/", "127.0.0.1") == "hooks.url_plain"
    for address in ("10.0.0.1", "169.254.169.254", "0.0.0.0", "fe80::1"):
        assert refusal_of(world(), URL, address) == "hooks.address_inside"


def test_the_operator_may_open_hosts_of_his_own() -> None:
    """What the setting names is reached in a live world, by plain http too; nothing else is."""
    hosts: Any = "erp.factory.lan, 10.1.2.3"
    for url in ("http://erp.factory.lan/in", "https://ERP.factory.lan:8443/", "http://10.1.2.3/"):
        assert refusal_of(live(webhook_hosts=hosts), url, "10.1.2.3") == ""
    assert refusal_of(live(webhook_hosts=hosts), "http://10.1.2.4/", "10.1.2.4")
    assert refusal_of(live(webhook_hosts=hosts), URL, "10.1.2.3") == "hooks.address_inside"
