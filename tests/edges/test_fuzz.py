"""Thousands of requests made from the document of the API, right ones and wrong ones.

Whatever is sent, the answer is one that the document promises: its status, its media type, its
schema; never a fault of ours; and what the document forbids is refused.
"""

import base64
import logging
import pkgutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from itertools import count, islice
from typing import Any

import hypothesis
import pytest
import requests
import schemathesis
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from hypothesis import HealthCheck, Phase, given
from hypothesis import strategies as st
from schemathesis import checks
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi import checks as openapi_checks
from tests.edges.small_world import ACTORS, ANNA, BERT, api_of, listening, small_world
from tests.services.world import quoted

import manufold.api.routes
from manufold.model.party import Actor
from manufold.model.units import to_rfc3339
from manufold.services.context import Context
from manufold.services.order import accept
from manufold.services.run import run

#: other tests show these, on requests that mean something
ELSEWHERE = [
    openapi_checks.ignored_auth,
    openapi_checks.use_after_free,
    openapi_checks.ensure_resource_availability,
    checks.positive_data_acceptance,
]
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
#: who acts where something is to come of it: mostly those who buy
BUYING = (ANNA, BERT, ANNA, BERT, *ACTORS)
#: examples of one kind for one operation in one round
SHARE = 20
BOUNDARIES_MOST = 120


#: bodies that mean something, where those made from the document hardly ever do
BODIES: Mapping[str, Callable[[int, str, int], dict[str, Any]]] = {
    "POST /v1/offers": lambda pick, order_id, now_s: {
        "files": [{"name": "b.txt", "content": base64.b64encode(b"block 0.%d" % pick).decode()}],
        "quantity": 1 + pick % 50,
        "to": "door",
    },
    "POST /v1/offers/{offer_id}/accept": lambda pick, order_id, now_s: {
        "option": ("fast", "cheap", "green")[pick % 3]
    },
    "POST /v1/commands": lambda pick, order_id, now_s: {
        "command_id": f"c-{pick}",
        "kind": ("measure", "cancel", "breakdown", "repaired")[pick % 4],
        "at_s": now_s,
        "order_id": "" if pick % 4 > 1 else order_id,
        "resource_id": "mill-1" if pick % 4 > 1 else "",
        "data": {"reason": "why not"},
    },
    "POST /v1/schedule/repair": lambda pick, order_id, now_s: {
        "down": [
            {
                "work_unit": ("mill-1", "mill-2")[pick % 2],
                "from": to_rfc3339(now_s + pick),
                "to": to_rfc3339(now_s + 9 * pick + 1),
            }
        ],
        "fewest": pick % 3 == 0,
        "dry_run": pick % 4 == 0,
    },
}


class Attacker:
    """Sends what the document describes, and notes every answer that breaks a promise."""

    def __init__(self, url: str, app: FastAPI, keys: Mapping[Actor, str], ctx: Context) -> None:
        self.schema = schemathesis.openapi.from_url(f"{url}/openapi.json")
        self.schema.config.checks.negative_data_rejection.expected_statuses = ["4xx"]
        self.operations = [found.ok() for found in self.schema.get_all_operations()]
        self.session = requests.Session()
        self.session.trust_env = False
        self.app, self.keys, self.ctx = app, keys, ctx
        self.sent: Counter[str] = Counter()
        self.answered: Counter[tuple[str, int]] = Counter()
        self.faults: dict[tuple[str, int, str], str] = {}
        self.known: dict[str, list[str]] = {"offer_id": [], "order_id": []}

    def send(self, case: Any, actor: Actor) -> None:
        """Send one request and judge its answer."""
        name = case.operation.label
        case.headers["Authorization"] = f"Bearer {self.keys[actor]}"
        answer = case.call(session=self.session, timeout=60)
        self.sent[name] += 1
        self.answered[name, answer.status_code] += 1
        if name == "POST /v1/run":
            assert self.app.state.runner.wait(60)
        if answer.status_code == 201:
            kind = "order_id" if name.endswith("/accept") else "offer_id"
            self.known[kind].append(answer.json().get(kind, ""))
        try:
            case.validate_response(answer, excluded_checks=ELSEWHERE)
        except BaseExceptionGroup as found:
            for fault in found.exceptions:
                said = f"{found}\n{fault}"
                self.faults.setdefault((name, answer.status_code, type(fault).__name__), said)

    def boundaries(self, operation: Any) -> None:
        """Send the smallest, the largest, the missing and the doubled of every field."""
        cases = self.schema.iter_coverage_cases(
            operation,
            generation_modes=list(MODES),
            generation_config=self.schema.config.generation_for(operation=operation),
        )
        for number, case in enumerate(islice(cases, BOUNDARIES_MOST)):
            if case.method == operation.method.upper():
                self.send(case, ACTORS[number % len(ACTORS)])

    def fuzz(self, operation: Any, number: int) -> None:
        """Send right requests, wrong ones, and right ones about what there is."""
        for mode in MODES:
            self._each(operation.as_strategy(mode), number, linked=False)
        self._each(operation.as_strategy(GenerationMode.POSITIVE), number, linked=True)

    def _each(self, cases: Any, number: int, *, linked: bool) -> None:
        @hypothesis.seed(number)
        @hypothesis.settings(
            max_examples=SHARE,
            derandomize=False,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(cases, st.sampled_from(BUYING if linked else ACTORS), st.integers(0, 2**16))
        def each(case: Any, actor: Actor, pick: int) -> None:
            self.send(self._about(case, pick) if linked else case, actor)

        try:
            each()
        except hypothesis.errors.Unsatisfiable:
            return  # nothing can be wrong with a route that takes nothing

    def _about(self, case: Any, pick: int) -> Any:
        """Make a right request one about what there is."""
        label = case.operation.label
        case.headers.pop("Idempotency-Key", None)
        if label.endswith("/accept") and pick % 2:  # the clock runs on, and offers expire
            fresh = quoted(self.ctx, (ANNA, BERT)[pick // 2 % 2], quantity=1, content=b"block 0.01")
            self.known["offer_id"].append(fresh.offer.offer_id)
        for name in case.path_parameters or ():
            if found := self.known.get(name):
                case.path_parameters[name] = found[-1 - pick // 2 % min(6, len(found))]
        if label in BODIES:
            order_id = self.known["order_id"][pick % len(self.known["order_id"])]
            case.body = BODIES[label](pick, order_id, self.ctx.clock.now_s())
            case.media_type = "application/json"
        return case


@pytest.fixture
def attacker() -> Iterator[Attacker]:
    """Somebody with every key, before a world with orders delivered, orders open and offers."""
    ctx = small_world()
    app, keys = api_of(ctx)
    made = [accept(ctx, who, quoted(ctx, who).offer.offer_id, "cheap") for who in (ANNA, BERT)]
    run(ctx)
    made += [accept(ctx, who, quoted(ctx, who).offer.offer_id, "fast") for who in (ANNA, BERT)]
    logging.disable(logging.CRITICAL)
    try:
        with listening(app) as url:
            found = Attacker(url, app, keys, ctx)
            found.known["order_id"] = [order.order_id for order in made]
            found.known["offer_id"] = [quoted(ctx, who).offer.offer_id for who in (ANNA, BERT)]
            yield found
    finally:
        logging.disable(logging.NOTSET)


def attack(attacker: Attacker, goal: int) -> None:
    """Send that many requests, over every route, and fail for any answer that is not as said."""
    for operation in attacker.operations:
        attacker.boundaries(operation)
    for number in count():
        for operation in attacker.operations:
            if number == 0 or attacker.sent.total() < goal:
                attacker.fuzz(operation, number)
        if attacker.sent.total() >= goal:
            break
    print(f"\n{attacker.sent.total()} requests to {len(attacker.sent)} routes")
    for name in sorted(attacker.sent):
        found = {status: n for (one, status), n in attacker.answered.items() if one == name}
        print(f"  {name}: {dict(sorted(found.items()))}")
    assert not attacker.faults, "\n\n".join(attacker.faults.values())
    assert attacker.sent.total() >= goal
    assert set(attacker.sent) == set(routes())
    assert min(attacker.sent.values()) >= 3
    told = Counter(status for (_name, status), n in attacker.answered.items() for _ in range(n))
    assert told[200] > goal // 20 and told[201] > goal // 400 and told[422] > goal // 20, told


def routes() -> Iterator[str]:
    """Yield "METHOD /path" of every route that stands in the folder of routes."""
    for found in pkgutil.iter_modules(manufold.api.routes.__path__):
        module = import_module(f"manufold.api.routes.{found.name}")
        for router in vars(module).values():
            if isinstance(router, APIRouter):
                for route in router.routes:
                    assert isinstance(route, APIRoute)
                    yield from (f"{method} {route.path}" for method in route.methods)


def test_two_thousand_requests_find_nothing(attacker: Attacker) -> None:
    """2,000 requests over every route: no fault of ours, nothing undocumented, none left out."""
    attack(attacker, 2_000)


@pytest.mark.slow
def test_five_thousand_requests_find_nothing(attacker: Attacker) -> None:
    """The same 5,000 times."""
    attack(attacker, 5_000)


@pytest.mark.slow
def test_a_hundred_thousand_requests_find_nothing(attacker: Attacker) -> None:
    """The same 100,000 times."""
    attack(attacker, 100_000)
