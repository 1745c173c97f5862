"""What the list of providers shows, made from the service's views: plain values, no state and no database."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from app.llm.schemas import ModelTest, ModelView, ProviderView, TestResult
    from app.usage.schemas import Share

Params = dict[str, str | int | float]


@dataclass
class ModelRow:
    """A model of a provider in its drawer."""

    id: str = ""
    label: str = ""
    tier: str = "fast"


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
    tested_at: str = ""
    fault_code: str = ""
    fault: str = ""
    fault_params: Params = field(default_factory=dict)


def provider_row(view: ProviderView, *, place: int, fresh: TestResult | None, share: Share | None) -> ProviderRow:
    """Return the row of one provider; `fresh` is a test of this visit, `share` what it cost this month."""
    result = fresh or view.last_test
    address = urlsplit(view.base_url)
    row = ProviderRow(
        id=view.id,
        place=place,
        source=view.source,
        name=view.name,
        kind_label=view.kind_label,
        models=", ".join(model.label for model in view.models),
        model_rows=[_model(model) for model in view.models],
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
    row.health = _health(view, result)
    return row


def _model(view: ModelView) -> ModelRow:
    return ModelRow(id=view.id, label=view.label, tier=view.tier)


def _port(address: str) -> str:
    try:
        port = urlsplit(address).port
    except ValueError:
        return ""
    return str(port) if port else ""


def _health(view: ProviderView, result: TestResult | None) -> str:
    if not view.enabled:
        return "off"
    if view.source == "built-in":
        return "ready"
    if view.health != "ok":
        return view.health
    if result is None:
        return "untried"
    return "ok" if result.ok else "test_failed"


def _add_test(row: ProviderRow, result: TestResult | None) -> None:
    if result is None:
        return
    answered = [model for model in result.models if model.ok]
    row.tested = True
    row.tested_at = result.tested_at.isoformat()
    row.answered = len(answered)
    row.first_ms = min((model.first_token_ms for model in answered), default=0)
    row.whole_s = f"{max((model.total_ms for model in answered), default=0) / 1000:.1f}"
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


def dollars(micros: int) -> str:
    """Return an amount in dollars and cents; with four decimals under one cent."""
    return f"${micros / 1_000_000:,.2f}" if micros >= 10_000 else cents(micros)


def cents(micros: int) -> str:
    """Return a small amount in dollars with four decimals, "" for nothing."""
    return f"${micros / 1_000_000:.4f}" if micros else ""


def sparkline(waits_ms: list[int]) -> str:
    """Return the points of a line 100 wide and 26 high through waits, oldest first; a longer wait stands higher."""
    if len(waits_ms) < 2:
        return ""
    low, high = min(waits_ms), max(waits_ms)
    span = max(high - low, high // 2, 1)  # a wait that hardly changes is a calm line, whatever its noise
    step = 100 / (len(waits_ms) - 1)
    return " ".join(f"{at * step:.1f},{24 - 20 * (wait - low) / span:.1f}" for at, wait in enumerate(waits_ms))
