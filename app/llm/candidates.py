"""Who could write for a workspace: its own connections in order, then the installation's, then the built-in writer.

Connections are read at most every two seconds; a change in this process is seen at once.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.context import Context
from app.core.kept import Kept
from app.core.ports import ModelKind, ModelTarget, ProviderKind, Tier
from app.llm import queries
from app.llm.breaker import Breaker
from app.llm.installation import InstallationProvider, installation_providers
from app.llm.kinds import BUILT_IN_MODEL, BUILT_IN_NAME
from app.llm.models import ProviderConnection
from app.llm.routing import TIERS, Candidate
from app.llm.vitals import Vitals
from app.usage.prices import Price

breaker = Breaker()
"""This process's memory of failures."""
vitals = Vitals()
"""This process's memory of how each model has been."""

OWN_PRICE_SOURCE = "the workspace"


def built_in_target() -> ModelTarget:
    """Return the built-in writer as a target; its tier is the lowest, routing puts it last by its kind."""
    return ModelTarget(provider=BUILT_IN_NAME, kind="embedded", model=BUILT_IN_MODEL)


async def candidates(ctx: Context, *, kind: ModelKind = "text") -> list[Candidate]:
    """Return every enabled model that makes this kind of thing, in the workspace's order, the built-in one last."""
    rows = await _connections(ctx)
    now = ctx.ports.clock.now()
    inside_allowed = ctx.ports.settings.local_providers_allowed
    found = [
        candidate
        for row in rows
        if row.enabled and row.kind != "embedded"
        for candidate in of_connection(row, inside_allowed=inside_allowed, now=now, kind=kind)
    ]
    for provider in installation_providers(ctx.ports.settings):
        found += of_installation(provider, now=now, kind=kind)
    if all(row.enabled for row in rows if row.kind == "embedded"):
        found.append(Candidate("built-in", BUILT_IN_NAME, built_in_target()))
    return found


_kept: Kept[UUID | None, Sequence[ProviderConnection]] = Kept(most=1_000)


async def _connections(ctx: Context) -> Sequence[ProviderConnection]:
    async def read() -> Sequence[ProviderConnection]:
        async with ctx.db.read() as session:
            return await queries.connections(session)

    return await _kept.get(ctx.ports, ctx.tenant_id, read)


@asynccontextmanager
async def changing(ctx: Context) -> AsyncIterator[AsyncSession]:
    """A unit of work that changes the workspace's connections: what was known of them is forgotten when it ends."""
    async with ctx.db.write() as session:
        yield session
    _kept.forget(ctx.ports, ctx.tenant_id)


def of_connection(
    row: ProviderConnection, *, inside_allowed: bool, now: datetime, kind: ModelKind = "text"
) -> list[Candidate]:
    """Return the models of a workspace's own connection that make this kind of thing."""
    key = str(row.id)
    return [
        Candidate(
            key=key,
            label=model.get("label") or model["id"],
            target=ModelTarget(
                provider=row.name,
                kind=_kind(row.kind),
                model=model["id"],
                base_url=row.base_url,
                api_key=row.api_key,
                tier=_tier(model.get("tier")),
                inside_allowed=inside_allowed,
                options=row.options or {},
            ),
            own_price=own_price(model.get("input_price"), model.get("output_price")),
            rest=breaker.rest(key, now=now),
        )
        for model in row.models
        if model.get("kind", "text") == kind
    ]


def of_installation(provider: InstallationProvider, *, now: datetime, kind: ModelKind = "text") -> list[Candidate]:
    """Return the models of an installation's provider that make this kind of thing; inside addresses are allowed."""
    key = installation_key(provider.name)
    return [
        Candidate(
            key=key,
            label=model.label or model.id,
            target=target,
            own_price=own_price(model.input_price, model.output_price),
            rest=breaker.rest(key, now=now),
        )
        for model, target in provider.targets
        if model.kind == kind
    ]


def installation_key(name: str) -> str:
    """Return the id under which an installation's provider is listed and remembered."""
    return f"installation:{name}"


def own_price(input_micros: int | None, output_micros: int | None) -> Price | None:
    """Return the price that somebody set for a model, None unless both halves are set."""
    if input_micros is None or output_micros is None:
        return None
    return Price(input_micros, output_micros, OWN_PRICE_SOURCE)


def _kind(stored: str) -> ProviderKind:
    return stored  # type: ignore[return-value]  # only the form's kinds are ever stored


def _tier(stored: object) -> Tier:
    return next((tier for tier in TIERS if tier == stored), "fast")
