"""Two failures in a row are a rest of half a minute."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from app.llm.breaker import KEYS_KEPT, LONGEST_REST_S, REST_S, Breaker

NOW = datetime(2026, 3, 1, 13, 48, tzinfo=UTC)


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def test_one_failure_is_no_rest() -> None:
    breaker = Breaker()
    breaker.failed("a", now=NOW)

    assert breaker.rest("a", now=NOW) is None
    assert breaker.knows("a")


def test_two_failures_are_a_rest_that_says_since_when() -> None:
    breaker = Breaker()
    breaker.failed("a", now=NOW)
    breaker.failed("a", now=NOW + seconds(60))

    rest = breaker.rest("a", now=NOW + seconds(61))

    assert rest is not None
    assert (rest.since, rest.until) == (NOW, NOW + seconds(60 + REST_S))
    assert breaker.rest("b", now=NOW) is None


def test_a_success_in_between_makes_it_well() -> None:
    breaker = Breaker()
    breaker.failed("a", now=NOW)
    breaker.succeeded("a")
    breaker.failed("a", now=NOW)

    assert breaker.rest("a", now=NOW) is None


def test_after_the_rest_one_more_failure_is_enough() -> None:
    breaker = Breaker()
    for _ in range(2):
        breaker.failed("a", now=NOW)
    later = NOW + seconds(REST_S)
    awake = breaker.rest("a", now=later)
    breaker.failed("a", now=later)

    assert awake is None
    assert breaker.rest("a", now=later) is not None


def test_a_provider_may_ask_for_a_longer_rest_within_bounds() -> None:
    breaker = Breaker()
    for key, asked in (("a", 120), ("b", 86_400)):
        breaker.failed(key, now=NOW, retry_after_s=asked)
        breaker.failed(key, now=NOW, retry_after_s=asked)

    assert breaker.rest("a", now=NOW + seconds(119)) is not None
    assert breaker.rest("b", now=NOW + seconds(LONGEST_REST_S)) is None


def test_it_remembers_only_so_many() -> None:
    breaker = Breaker()
    for number in range(KEYS_KEPT + 10):
        breaker.failed(str(number), now=NOW)

    assert not breaker.knows("0")
    assert breaker.knows(str(KEYS_KEPT + 9))
