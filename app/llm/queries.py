"""All SQL of provider connections and policies."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.llm.models import GatewayPolicyRow, ProviderConnection


async def connections(session: AsyncSession) -> Sequence[ProviderConnection]:
    """Return every connection of the workspace, in its order."""
    query = select(ProviderConnection).order_by(col(ProviderConnection.position), col(ProviderConnection.id))
    return (await session.execute(query)).scalars().all()


async def connection(session: AsyncSession, connection_id: UUID) -> ProviderConnection | None:
    """Return one connection of the workspace."""
    query = select(ProviderConnection).where(ProviderConnection.id == connection_id)
    return (await session.execute(query)).scalar_one_or_none()


async def policy(session: AsyncSession, *, version: int | None = None) -> GatewayPolicyRow | None:
    """Return one version of the workspace's policy, without a version the newest; None: there is none."""
    query = select(GatewayPolicyRow).order_by(col(GatewayPolicyRow.version).desc()).limit(1)
    if version is not None:
        query = query.where(GatewayPolicyRow.version == version)
    return (await session.execute(query)).scalar_one_or_none()
