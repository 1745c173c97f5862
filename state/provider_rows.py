"""What the list of providers shows, made from the service's views: plain values, no state and no database."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from state import money

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from app.core.context import Context
    from app.llm.health import ProviderHealth
    from app.llm.schemas import ModelTest, ModelView, ProviderView, TestResult
    from app.usage.schemas import Share

Params = dict[str, str | int | float]

CALLS_SHOWN = 10
WORST_FIRST = ("resting", "failing", "slow", "ok", "untried")


@dataclass
class ModelRow:
    """A model of a provider in its drawer."""

    id: str = ""
    label: str = ""
    makes: str = "text"
    tier: str = "fast"
    usual_s: str = ""
    worst_s: str = ""


@dataclass
class ProviderRow:
    """A provider as a row of the list. `place` counts from 1; moments are ISO, for the reader's own clock."""

    id: str = ""
    place: int = 1
    source: str = ""
    name: str = ""
    kind_label: str = ""
    models: str = ""
    model_rows: list[ModelRow] = field(default_factory=list)
    host: str = ""
    port: str = ""
    key_tail: str = ""
    has_key: bool = False
    enabled: bool = True
    editable: bool = False
    health: str = "untried"
    since: str = ""
    until: str = ""
    calls: int = 0
    failed_calls: int = 0
    points: str = ""
    tone: str = "ok"
    first_s: str = ""
    spent: str = ""
    runs: int = 0
    tested: bool = False
    fresh: bool = False
    first_ms: int = 0
    whole_s: str = ""
    test_cost: str = ""
    answered: int = 0
    greeted: bool = False
    tested_at: str = ""
    fault_code: str = ""
    fault: str = ""
    fault_params: Params = field(default_factory=dict)


async def provider_rows(ctx: Context, *, tests: Mapping[str, TestResult]) -> list[ProviderRow]:
    """Return every provider in order; `tests` are those of this visit, by id."""
    from app.llm import providers
    from app.llm.health import health
    from app.usage.service import summary

    views = await providers.list_providers(ctx)
    pulses = await health(ctx)
    shares = {share.name: share for share in (await summary(ctx)).by_provider}
    return [
        provider_row(
            view,
            place=place,
            fresh=tests.get(view.id),
            share=shares.get(view.name),
            pulses=[pulse for pulse in pulses if pulse.provider_id == view.id],
        )
        for place, view in enumerate(views, start=1)
    ]


def provider_row(
    view: ProviderView,
    *,
    place: int,
    fresh: TestResult | None,
    share: Share | None,
    pulses: Sequence[ProviderHealth],
) -> ProviderRow:
    """Return the row of one provider; `share` is what it cost this month, `pulses` how its models have been."""
    result = fresh or view.last_test
    address = urlsplit(view.base_url)
    row = ProviderRow(
        id=view.id,
        place=place,
        source=view.source,
        name=view.name,
        kind_label=view.kind_label,
        models=", ".join(model.label for model in view.models),
        model_rows=[_model(model, pulses) for model in view.models],
        host=address.hostname or "",
        port=_port(view.base_url),
        key_tail=view.key_tail,
        has_key=view.has_key,
        enabled=view.enabled,
        editable=view.editable,
        since=view.errors_since.isoformat() if view.errors_since else "",
        until=view.resting_until.isoformat() if view.resting_until else "",
        fresh=fresh is not None,
    )
    _add_test(row, result)
    _add_share(row, share)
    row.health = _health(view, result, pulses)
    if row.health == "untried" and row.runs:
        row.health = "quiet"  # this process has not met it, the books have
    _add_calls(row, pulses)
    return row


def _model(view: ModelView, pulses: Sequence[ProviderHealth]) -> ModelRow:
    pulse = next((one for one in pulses if one.model == view.id), None)
    row = ModelRow(id=view.id, label=view.label, makes=view.kind, tier=view.tier)
    if pulse and pulse.first_token_p50_ms is not None and pulse.first_token_p95_ms is not None:
        row.usual_s, row.worst_s = in_s(pulse.first_token_p50_ms), in_s(pulse.first_token_p95_ms)
    return row


def _add_calls(row: ProviderRow, pulses: Sequence[ProviderHealth]) -> None:
    """Say how the last calls of all its models went, as one line."""
    newest = sorted((call for pulse in pulses for call in pulse.calls), key=lambda call: call.at)[-CALLS_SHOWN:]
    failed = [call for call in newest if call.ended == "failed"]
    row.calls, row.failed_calls = len(newest), len(failed)
    if failed:
        row.since = failed[0].at.isoformat()
    waits = [call.first_token_ms for call in newest if call.first_token_ms is not None]
    row.points = sparkline(waits)
    row.first_s = in_s(sorted(waits)[len(waits) // 2]) if waits else ""
    row.tone = {"slow": "warn", "failing": "bad", "resting": "bad"}.get(row.health, "ok")


def _port(address: str) -> str:
    try:
        port = urlsplit(address).port
    except ValueError:
        return ""
    return str(port) if port else ""


def _health(view: ProviderView, result: TestResult | None, pulses: Sequence[ProviderHealth]) -> str:
    if not view.enabled:
        return "off"
    if view.source == "built-in":
        return "ready"
    worst = min((pulse.state for pulse in pulses), key=WORST_FIRST.index, default="untried")
    if worst != "untried":
        return "slow" if worst == "failing" and _only_late(pulses) else worst
    if result is None:
        return "untried"
    return "ok" if result.ok else "test_failed"


def _only_late(pulses: Sequence[ProviderHealth]) -> bool:
    """Whether its last calls were beaten by quicker ones, and none broke: that is slow, not an error."""
    ended = {call.ended for pulse in pulses for call in pulse.calls}
    return "slow" in ended and "failed" not in ended


def _add_test(row: ProviderRow, result: TestResult | None) -> None:
    if result is None:
        return
    answered = [model for model in result.models if model.ok]
    row.tested = True
    row.tested_at = result.tested_at.isoformat()
    row.answered = len(answered)
    row.greeted = not any(model.asked for model in result.models)
    row.first_ms = min((model.first_token_ms for model in answered), default=0)
    row.whole_s = in_s(max((model.total_ms for model in answered), default=0))
    row.test_cost = cents(sum(model.cost_micros for model in result.models))
    fault = next((model for model in result.models if not model.ok), None)
    if fault is not None:
        row.fault_code, row.fault, row.fault_params = fault_words(fault)


def fault_words(fault: ModelTest) -> tuple[str, str, Params]:
    """Return the key, the English and the slots of what a model answered instead of a word."""
    return f"error.{fault.code}", fault.message, dict(fault.params or {})


def _add_share(row: ProviderRow, share: Share | None) -> None:
    if share is not None:
        row.runs = share.attempts
        row.spent = dollars(share.cost_micros) if share.cost_micros else ""


def in_s(milliseconds: int) -> str:
    """Return a wait in seconds."""
    return f"{milliseconds / 1000:.2f}" if milliseconds < 10_000 else f"{milliseconds / 1000:.0f}"


def dollars(micros: int) -> str:
    """Return a sum in words, "" for nothing."""
    return money.total(micros) if micros else ""


def cents(micros: int) -> str:
    """Return a price in words, "" for nothing."""
    return money.price(micros) if micros else ""


def sparkline(waits_ms: list[int]) -> str:
    """Return the points of a line 100 wide and 26 high through waits, oldest first; a longer wait stands higher."""
    if len(waits_ms) < 2:
        return ""
    low, high = min(waits_ms), max(waits_ms)
    middle, span = (low + high) / 2, max(high - low, high / 2, 1)  # what hardly changes is a calm line, noise or not
    step = 100 / (len(waits_ms) - 1)
    return " ".join(f"{at * step:.1f},{13 - 20 * (wait - middle) / span:.1f}" for at, wait in enumerate(waits_ms))
