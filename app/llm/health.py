"""How each provider and model has been of late, as this process has seen it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from prometheus_client import REGISTRY
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from app.core.context import Context
from app.core.ports import Tier
from app.llm.candidates import breaker, candidates, vitals
from app.llm.vitals import CALLS_SHOWN, Ended

State = Literal["untried", "ok", "slow", "failing", "resting"]
FAILING_SHARE = 0.2
SLOW_TIMES = 2.0
"""A first token that takes so many times the usual one is slow."""


@dataclass(frozen=True, slots=True)
class CallHealth:
    """One call, as it ended: ok, failed, slow (another provider was quicker) or left (the reader went away)."""

    at: datetime
    ended: Ended
    first_token_ms: int | None
    error_code: str


@dataclass(frozen=True, slots=True)
class ProviderHealth:
    """One model of one provider. `calls`: the last ten, oldest first; `first_tokens_ms`: up to fifty, oldest first.

    `error_share`, 0 to 1, is over the last fifty calls. `hedge_after_ms`: when another one is asked alongside.
    `errors_since` and `resting_until` are set while calls go past the provider.
    """

    provider_id: str
    provider: str
    model: str
    label: str
    tier: Tier
    embedded: bool
    state: State
    calls: tuple[CallHealth, ...]
    calls_kept: int
    error_share: float
    first_token_p50_ms: int | None
    first_token_p95_ms: int | None
    first_tokens_ms: tuple[int, ...]
    hedge_after_ms: int
    errors_since: datetime | None
    resting_until: datetime | None


async def health(ctx: Context) -> list[ProviderHealth]:
    """Return every model that could write for the workspace, in its order, and how each has been."""
    now = ctx.ports.clock.now()
    start_s = ctx.ports.settings.hedge_after_ms / 1000
    found = []
    for one in await candidates(ctx):
        pulse = vitals.pulse(one.key, one.target.model)
        rest = breaker.rest(one.key, now=now)
        found.append(
            ProviderHealth(
                provider_id=one.key,
                provider=one.target.provider,
                model=one.target.model,
                label=one.label,
                tier=one.target.tier,
                embedded=one.embedded,
                state="resting" if rest else _state(one.key, one.target.model),
                calls=tuple(
                    CallHealth(call.at, call.ended, call.first_ms, call.error_code)
                    for call in list(pulse.calls)[-CALLS_SHOWN:]
                ),
                calls_kept=len(pulse.calls),
                error_share=round(pulse.error_share, 3),
                first_token_p50_ms=pulse.first_ms(0.5),
                first_token_p95_ms=pulse.first_ms(0.95),
                first_tokens_ms=tuple(pulse.firsts_ms),
                hedge_after_ms=round(1000 * vitals.deadline_s(one.key, one.target.model, start_s=start_s)),
                errors_since=rest.since if rest else None,
                resting_until=rest.until if rest else None,
            )
        )
    return found


def _state(key: str, model: str) -> State:
    pulse = vitals.pulse(key, model)
    if not pulse.calls:
        return "failing" if breaker.knows(key) else "untried"
    if breaker.knows(key) or pulse.error_share >= FAILING_SHARE:
        return "failing"
    usual_ms, newest_ms = pulse.first_ms(0.5), pulse.firsts_ms[-3:]
    if usual_ms and newest_ms and min(newest_ms) >= SLOW_TIMES * usual_ms:
        return "slow"
    return "ok"


class HealthCollector(Collector):
    """The operator's own providers, by name; those of workspaces have no name here."""

    def collect(self) -> Iterable[Metric]:
        """Return the gauges as they stand."""
        labels = ["provider", "model"]
        first = GaugeMetricFamily(
            "galley_provider_first_token_p95_seconds", "95th percentile of the last first tokens", labels=labels
        )
        errors = GaugeMetricFamily("galley_provider_error_share", "Share of the last calls that failed", labels=labels)
        for key, model, pulse in vitals.of("installation:"):
            name = key.partition(":")[2]
            errors.add_metric([name, model], pulse.error_share)
            p95_ms = pulse.first_ms(0.95)
            if p95_ms is not None:
                first.add_metric([name, model], p95_ms / 1000)
        resting = GaugeMetricFamily("galley_providers_doubted", "Providers that failed lately, workspaces' included")
        resting.add_metric([], breaker.doubted)
        return [first, errors, resting]


REGISTRY.register(HealthCollector())
