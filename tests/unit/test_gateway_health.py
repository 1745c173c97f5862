"""What is remembered of each model, and what follows: deadlines, hedges, probes, the health list."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from prometheus_client import REGISTRY

from app.core.ports import ProviderBusy, ProviderDown
from app.llm.breaker import PROBE_S, REST_S, Breaker
from app.llm.candidates import vitals
from app.llm.health import health
from app.llm.hedge import HedgeBudget
from app.llm.vitals import LATEST_S, SOONEST_S, Call, Vitals
from tests.scripted import STOP, failing, studio_of

__all__ = ["studio_of"]

sqlite = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
NOW = datetime(2026, 3, 1, 13, 48, tzinfo=UTC)


def pulsed(*firsts_ms: int) -> Vitals:
    known = Vitals()
    for first_ms in firsts_ms:
        known.note("a", "m", Call(NOW, "ok", first_ms))
    return known


@pytest.mark.parametrize(
    ("firsts_ms", "deadline_s"),
    [
        ((), 2.0),
        ((900,) * 4, 2.0),
        ((900,) * 5, 0.9),
        ((10,) * 20, SOONEST_S),
        ((60_000,) * 20, LATEST_S),
        ((*(500,) * 19, 4000), 0.5),
        ((*(500,) * 18, 4000, 4000), 4.0),
    ],
)
def test_the_deadline_is_learnt_from_the_models_own_95th_percentile(
    firsts_ms: tuple[int, ...], deadline_s: float
) -> None:
    assert pulsed(*firsts_ms).deadline_s("a", "m", start_s=2.0) == deadline_s


def test_a_second_call_is_made_for_one_call_in_twenty_at_most() -> None:
    budget = HedgeBudget()
    spent = 0
    for _ in range(1000):
        budget.earn(None)
        spent += budget.spend(None)

    assert 45 <= spent <= 52


def test_after_a_rest_one_caller_probes_and_the_others_go_past() -> None:
    breaker = Breaker()
    breaker.failed("a", now=NOW)
    breaker.failed("a", now=NOW)
    later = NOW + timedelta(seconds=REST_S)

    assert [breaker.admits("a", now=later) for _ in range(3)] == [True, False, False]
    assert breaker.rest("a", now=later) is not None
    assert breaker.admits("a", now=later + timedelta(seconds=PROBE_S))


def test_a_probe_that_fails_makes_the_rest_twice_as_long_and_one_that_is_left_lets_the_next_try() -> None:
    breaker = Breaker()
    for _ in range(2):
        breaker.failed("a", now=NOW)
    later = NOW + timedelta(seconds=REST_S)
    breaker.admits("a", now=later)
    breaker.released("a")
    again = breaker.admits("a", now=later)
    breaker.failed("a", now=later)

    rest = breaker.rest("a", now=later)
    assert again
    assert rest is not None
    assert rest.until == later + timedelta(seconds=2 * REST_S)


def test_who_says_how_long_to_wait_is_left_alone_at_once() -> None:
    breaker = Breaker()

    assert breaker.failed("a", now=NOW, retry_after_s=40)
    rest = breaker.rest("a", now=NOW)
    assert rest is not None
    assert rest.until == NOW + timedelta(seconds=40)


@sqlite
async def test_a_rate_limit_sends_the_next_calls_elsewhere_without_any_wait(studio_of: Any, clock: Any) -> None:
    studio = await studio_of(One=[failing(ProviderBusy, retry_after_s=50)], Two=["fine", STOP])
    for _ in range(2):
        await studio.run()
    clock.advance(timedelta(seconds=51))
    await studio.run()

    assert studio.models.asked == ["One", "Two", "Two", "One", "Two"]


@sqlite
async def test_while_one_call_probes_others_do_not(studio_of: Any, clock: Any) -> None:
    hold = asyncio.Event()
    studio = await studio_of(One=[failing(ProviderDown)], Two=["fine", STOP])
    for _ in range(2):
        await studio.run()
    clock.advance(timedelta(seconds=REST_S + 1))
    studio.models.scripts["One"] = [hold.wait, "well", STOP]
    probe = asyncio.create_task(studio.run())
    while studio.models.asked.count("One") < 3:
        await asyncio.sleep(0)
    others = [(await studio.run())[-1].provider for _ in range(3)]
    hold.set()
    first = (await probe)[-1].provider

    assert (first, others) == ("One", ["Two", "Two", "Two"])
    assert (await studio.run())[-1].provider == "One"


@sqlite
async def test_the_health_list_tells_how_each_model_has_been(studio_of: Any) -> None:
    studio = await studio_of(One=[failing(ProviderDown)], Two=["fine", STOP])
    for _ in range(3):
        await studio.run()

    one, two, built_in = await health(studio.ctx)

    assert (one.state, one.error_share, [call.error_code for call in one.calls]) == (
        "resting",
        1.0,
        ["provider.down", "provider.down"],
    )
    assert one.resting_until is not None
    assert (two.state, two.error_share, two.first_token_p50_ms, two.calls_kept) == ("ok", 0.0, 0, 3)
    assert built_in.embedded


def test_the_operators_providers_are_in_the_metrics_and_those_of_workspaces_are_not() -> None:
    vitals.note("installation:House", "m", Call(NOW, "ok", 250))
    vitals.note("0198-of-a-workspace", "m", Call(NOW, "ok", 250))
    labels = {"provider": "House", "model": "m"}

    assert REGISTRY.get_sample_value("galley_provider_first_token_p95_seconds", labels) == 0.25
    assert "0198-of-a-workspace" not in {
        sample.labels.get("provider") for metric in REGISTRY.collect() for sample in metric.samples
    }
    vitals.forget(["installation:House", "0198-of-a-workspace"])
