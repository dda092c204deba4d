"""Explain from the end of the work to the door, what happened to a finished order, and no minus."""

import re
from dataclasses import replace

import pytest
from tests.services.test_explain import first_plant, one_shift
from tests.services.world import ANNA, HUB, MAKER, quoted, two_plants, world

from manufold.model.errors import InputFault, Reason
from manufold.model.execution import Command
from manufold.model.units import DAY_S, HOUR_S
from manufold.services import order
from manufold.services.explain import explain_offer
from manufold.services.explain_order import explain_order
from manufold.services.make import say
from manufold.services.run import run
from manufold.words import word


def told(found: tuple[Reason, ...]) -> dict[str, dict[str, object]]:
    """Return parameters by code."""
    return {one.code: dict(one.params) for one in found}


def test_the_story_of_a_date_ends_at_the_door() -> None:
    """Work, reserve, carriage and the door's hours add up to the promise, second by second."""
    ctx = world(one_shift())
    offer = quoted(ctx, quantity=100).offer
    now_s = ctx.clock.now_s()
    for option in offer.options:
        lines = told(explain_offer(ctx, ANNA, offer.offer_id, option.name).date)
        spans = ["work_ends", "reserve", "carriage_late", "door"]
        seen = [int(str(lines.get(f"explain.{one}", {"span_s": 0})["span_s"])) for one in spans]
        assert sum(seen) == option.promised_at_s - now_s
        assert seen[0] == option.finish_s - now_s
        assert seen[1] > 0, "nine of ten orders need something"
        assert seen[2] == pytest.approx(1.22 * DAY_S, abs=1)


def test_the_story_of_an_order_tells_what_is_left_before_its_promise() -> None:
    """What is expected, by the plan and the usual way, and the time that is left for delays."""
    ctx = world(one_shift())
    made = order.accept(ctx, ANNA, quoted(ctx, quantity=100).offer.offer_id, "cheap")
    found = explain_order(ctx, ANNA, made.order_id)
    lines = told(found.date)
    assert lines["explain.carriage"]["span_s"] == DAY_S
    assert found.forecast_at_s is not None
    spare_s = found.promised_at_s - found.forecast_at_s
    assert lines["explain.in_time"]["span_s"] == spare_s > 0
    assert found.history == (), "nothing is done yet"


def test_a_delivered_order_tells_what_happened() -> None:
    """Promised and actual, planned and actual end, the way, and what took longer or waited."""
    ctx = world(one_shift())
    made = order.accept(ctx, ANNA, quoted(ctx, quantity=100).offer.offer_id, "cheap")
    planned_s = max(job.end_s for job in made.jobs.values())
    run(ctx, orders=(made.order_id,))
    done = order.show_order(ctx, ANNA, made.order_id)
    assert done.actual_at_s is not None and done.shipped_at_s is not None
    lines = told(explain_order(ctx, ANNA, made.order_id).history)
    assert lines["explain.was_there"]["later_s"] == done.actual_at_s - done.promised_at_s
    ended_s = max(job.actual_end_s or 0 for job in done.jobs.values())
    assert lines["explain.was_planned"]["later_s"] == ended_s - planned_s
    assert lines["explain.was_carried"]["span_s"] == done.actual_at_s - done.shipped_at_s
    assert not {"explain.was_handed_over", "explain.was_cancelled"} & set(lines)
    own = told(explain_order(ctx, MAKER, made.order_id).history)
    assert "explain.was_handed_over" in own and "explain.was_there" not in own


def test_what_took_longer_and_what_waited_is_named() -> None:
    """A set-up begun two hours late and a run of twice its time: both are told, with how much."""
    ctx = world(replace(first_plant(), calendars=two_plants().calendars))
    made = order.accept(ctx, ANNA, quoted(ctx, quantity=50).offer.offer_id, "fast")
    (job,) = made.jobs.values()
    begun_s = job.start_s + 2 * HOUR_S
    ended_s = begun_s + 2 * (job.end_s - job.start_s)
    for kind, at_s, data in (
        ("setup_start", begun_s, {}),
        ("setup_end", begun_s + 600, {}),
        ("start", begun_s + 600, {}),
        ("finish", ended_s, {"good": 50, "scrap": 0, "rework": 0, "complete": True}),
    ):
        ctx.clock.advance_to(at_s)  # type: ignore[attr-defined]
        said = Command(
            f"evt_{kind}", kind, at_s, "hub/network_operator",  # type: ignore[arg-type]
            made.order_id, job.job_order_id, job.resource_id, data,
        )  # fmt: skip
        say(ctx, HUB, said)
    lines = told(explain_order(ctx, ANNA, made.order_id).history)
    assert lines["explain.began_later"]["span_s"] == 2 * HOUR_S
    assert lines["explain.took_longer"]["span_s"] == pytest.approx(job.end_s - job.start_s, abs=1)
    assert "explain.was_there" not in lines


def test_an_offer_without_an_option_lists_what_it_has() -> None:
    """Nobody is told that there is no option of no name."""
    ctx = world()
    offer = quoted(ctx).offer
    with pytest.raises(InputFault, match=r"offer\.option_needed") as caught:
        explain_offer(ctx, ANNA, offer.offer_id, "")
    assert all(one.name in word(caught.value.reason) for one in offer.options)


def test_no_sentence_puts_a_minus_before_a_reader() -> None:
    """What is less, sooner or the same is said so, in both languages."""
    ctx = world(one_shift())
    offer = quoted(ctx, quantity=100).offer
    for option in offer.options:
        found = explain_offer(ctx, ANNA, offer.offer_id, option.name)
        lines = [*(one.lost for one in found.others), *found.sooner]
        assert lines or option.name != "cheap"
        for language in ("en", "zh"):
            assert not [one for one in lines if re.search(r"(^|[\s：，])-\d", word(one, language))]
