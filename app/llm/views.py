"""How providers look in a list. No key passes through here but for its last four characters."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from app.llm.candidates import breaker, installation_key
from app.llm.installation import InstallationProvider
from app.llm.kinds import BUILT_IN_MODEL, BUILT_IN_NAME, KINDS
from app.llm.models import ProviderConnection
from app.llm.schemas import Health, ModelTest, ModelView, ProviderView, TestResult

SHOWN_OF_KEY = 4
SHORTEST_SHOWN_KEY = 12


def of_connection(row: ProviderConnection, *, now: datetime) -> ProviderView:
    """Return a workspace's own connection."""
    key = row.api_key
    kind = next((one for one in KINDS.values() if one.kind == row.kind), None)
    return ProviderView(
        id=str(row.id),
        source="workspace",
        name=row.name,
        kind=row.kind,
        kind_label=kind.label if kind else row.kind,
        base_url=row.base_url,
        has_key=bool(key),
        key_tail=key[-SHOWN_OF_KEY:] if len(key) >= SHORTEST_SHOWN_KEY else "",
        enabled=row.enabled,
        editable=True,
        models=tuple(_model(model) for model in row.models),
        last_test=_test(row.last_test),
        **_health(str(row.id), now=now),
    )


def of_installation(provider: InstallationProvider, *, now: datetime) -> ProviderView:
    """Return one of the installation's providers; where it lies and what its key is are the operator's affair."""
    key = installation_key(provider.name)
    return ProviderView(
        id=key,
        source="installation",
        name=provider.name,
        kind=provider.kind,
        kind_label=KINDS[provider.kind].label,
        base_url="",
        has_key=bool(provider.api_key.get_secret_value()),
        key_tail="",
        enabled=True,
        editable=False,
        models=tuple(ModelView(one.id, one.tier, one.label or one.id, kind=one.kind) for one in provider.model),
        last_test=None,
        **_health(key, now=now),
    )


def of_built_in(*, enabled: bool) -> ProviderView:
    """Return the built-in writer's row; it can only be switched on and off."""
    return ProviderView(
        id="built-in",
        source="built-in",
        name=BUILT_IN_NAME,
        kind="embedded",
        kind_label=BUILT_IN_NAME,
        base_url="",
        has_key=False,
        key_tail="",
        enabled=enabled,
        editable=False,
        models=(ModelView(BUILT_IN_MODEL, "fast", BUILT_IN_NAME),),
        health="ok",
        errors_since=None,
        resting_until=None,
        last_test=None,
    )


def _health(key: str, *, now: datetime) -> dict[str, Any]:  # Any: three fields of a view
    rest = breaker.rest(key, now=now)
    health: Health = "resting" if rest else "failing" if breaker.knows(key) else "ok"
    return {
        "health": health,
        "errors_since": rest.since if rest else None,
        "resting_until": rest.until if rest else None,
    }


def _model(stored: dict[str, Any]) -> ModelView:
    return ModelView(
        id=stored["id"],
        tier=stored.get("tier", "fast"),
        label=stored.get("label") or stored["id"],
        input_price=stored.get("input_price"),
        output_price=stored.get("output_price"),
        kind=stored.get("kind", "text"),
    )


def test_as_json(result: TestResult) -> dict[str, Any]:
    """Return a test's result as it is stored."""
    models = [{name: getattr(model, name) for name in ModelTest.__slots__} for model in result.models]
    return {"ok": result.ok, "tested_at": result.tested_at.isoformat(), "models": models}


def _test(stored: dict[str, Any] | None) -> TestResult | None:
    if stored is None:
        return None
    models = tuple(ModelTest(**model) for model in stored["models"])
    return TestResult(stored["ok"], datetime.fromisoformat(stored["tested_at"]), models)
