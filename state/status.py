"""How the installation and the providers of the workspace are, for everybody who is signed in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import reflex as rx

from state.marks import public
from state.provider_rows import provider_rows
from state.session import ctx_for, ports

if TYPE_CHECKING:
    from state.provider_rows import ProviderRow

TROUBLE = {"resting", "failing", "slow", "test_failed"}


@dataclass
class PartRow:
    """A part of the installation: "ok", or a code for what is wrong."""

    name: str = ""
    state: str = "ok"


@dataclass
class StatusRow:
    """A provider as everybody may see it: neither its address nor anything of its key."""

    name: str = ""
    source: str = ""
    models: str = ""
    health: str = "untried"
    until: str = ""
    points: str = ""
    tone: str = "ok"
    first_s: str = ""


class StatusState(rx.State):
    """The status page."""

    loaded: bool = False
    parts: list[PartRow] = []
    rows: list[StatusRow] = []
    broken: int = 0
    troubled: int = 0
    hosted: int = 0
    asked_at: str = ""

    @rx.event
    @public
    async def open(self) -> None:
        """Ask every part how it is."""
        from app.core import readiness

        ctx = await ctx_for(self)
        if ctx.actor == "nobody":
            return
        found = await readiness.parts_to_serve(ports())
        self.parts = [PartRow(name, state) for name, state in found.items()]
        rows = await provider_rows(ctx, tests={})
        self.rows = [_status_row(row) for row in rows if row.health != "off"]
        self.broken = sum(part.state != "ok" for part in self.parts)
        self.troubled = sum(row.health in TROUBLE for row in self.rows)
        self.hosted = sum(row.source != "built-in" for row in self.rows)
        self.asked_at = ctx.ports.clock.now().isoformat()
        self.loaded = True


def _status_row(row: ProviderRow) -> StatusRow:
    return StatusRow(row.name, row.source, row.models, row.health, row.until, row.points, row.tone, row.first_s)
