"""What the list of providers says of calls and tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.llm import schemas
from app.llm.health import CallHealth, ProviderHealth, State
from state.provider_rows import ProviderRow, provider_row, sparkline

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def row_of(
    *pulses: ProviderHealth, test: schemas.TestResult | None = None, enabled: bool = True, source: str = "workspace"
) -> ProviderRow:
    view = schemas.ProviderView(
        id="p1",
        source=source,  # type: ignore[arg-type]  # one of the three
        name="Mistral",
        kind="mistral",
        kind_label="Mistral",
        base_url="http://10.0.4.12:11434/v1",
        has_key=True,
        key_tail="4f2c",
        enabled=enabled,
        editable=True,
        models=(schemas.ModelView("small", "fast", "Small"),),
        health="ok",
        errors_since=None,
        resting_until=None,
        last_test=test,
    )
    return provider_row(view, place=1, fresh=None, share=None, pulses=pulses)


def pulse(state: State, *firsts_ms: int | None) -> ProviderHealth:
    calls = tuple(
        CallHealth(NOW + timedelta(seconds=at), "ok" if first else "failed", first, "")
        for at, first in enumerate(firsts_ms)
    )
    known = [first for first in firsts_ms if first]
    return ProviderHealth(
        provider_id="p1",
        provider="Mistral",
        model="small",
        label="Small",
        tier="fast",
        embedded=False,
        state=state,
        calls=calls,
        calls_kept=len(calls),
        error_share=0.0,
        first_token_p50_ms=known[0] if known else None,
        first_token_p95_ms=known[-1] if known else None,
        first_tokens_ms=tuple(known),
        hedge_after_ms=2000,
        errors_since=None,
        resting_until=None,
    )


def trial_of(*, ok: bool) -> schemas.TestResult:
    return schemas.TestResult(
        ok, NOW, (schemas.ModelTest("small", ok, 412, 1100, "" if ok else "provider.down", "Down.", {}),)
    )


@pytest.mark.parametrize(
    ("row", "health"),
    [
        (row_of(), "untried"),
        (row_of(test=trial_of(ok=True)), "ok"),
        (row_of(test=trial_of(ok=False)), "test_failed"),
        (row_of(pulse("ok", 400), test=trial_of(ok=False)), "ok"),
        (row_of(pulse("ok", 400), pulse("slow", 900)), "slow"),
        (row_of(pulse("failing", None), pulse("ok", 400)), "failing"),
        (row_of(pulse("resting", None)), "resting"),
        (row_of(pulse("ok", 400), enabled=False), "off"),
        (row_of(source="built-in"), "ready"),
    ],
)
def test_a_provider_is_as_well_as_its_worst_model(row: ProviderRow, health: str) -> None:
    assert health == row.health


def test_a_provider_whose_calls_were_only_beaten_is_slow_and_has_no_errors() -> None:
    beaten = replace(
        pulse("failing", 400, 410), calls=(CallHealth(NOW, "slow", 400, ""), CallHealth(NOW, "ok", 410, ""))
    )
    row = row_of(beaten)

    assert (row.health, row.failed_calls) == ("slow", 0)


def test_the_last_ten_calls_are_counted_over_all_models() -> None:
    row = row_of(pulse("ok", 400, None, 410, 420, 400, 405), pulse("ok", 900, 910, None, 905, 915, 900))

    assert (row.calls, row.failed_calls) == (10, 2)
    assert row.since == (NOW + timedelta(seconds=1)).isoformat()


def test_a_line_of_waits_needs_two_and_stands_in_the_middle_when_nothing_changes() -> None:
    assert sparkline([400]) == ""
    assert sparkline([400, 400, 400]) == "0.0,13.0 50.0,13.0 100.0,13.0"


def test_an_address_is_said_as_host_and_port() -> None:
    row = row_of()

    assert (row.host, row.port) == ("10.0.4.12", "11434")
