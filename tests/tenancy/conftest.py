"""Two organisations with a row in every table each; the attacker owns the second one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from app.core.context import Context
from app.core.sealing import sealed_columns
from tests.rows import make_row


@dataclass(frozen=True)
class Pair:
    """One row of the victim's and one of the attacker's, of the same table."""

    victim: Context
    attacker: Context
    theirs: Any
    theirs_id: UUID
    own: Any
    sealed: tuple[str, ...]


@pytest.fixture
def pair_of(two_tenants: tuple[Context, Context]) -> Callable[[type[Any]], Awaitable[Pair]]:
    """Make a row of a table for each of two organisations."""
    victim, attacker = two_tenants

    async def make(cls: type[Any]) -> Pair:
        rows = []
        for ctx, name in ((victim, "the victim"), (attacker, "the attacker")):
            async with ctx.db.write() as session:
                rows.append(await make_row(session, cls, user_id=ctx.user_id, of=name))
        return Pair(victim, attacker, rows[0], rows[0].id, rows[1], sealed_columns(cls))

    return make
