"""What somebody wants written, before anyone knows by whom."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from app.core.ports import Brief, Message, Tier


@dataclass(frozen=True, slots=True)
class Task:
    """One text to be written. `feature` is what the cost is booked to; `brief` is what the built-in writer needs."""

    feature: str
    tier: Tier
    messages: tuple[Message, ...]
    brief: Brief | None = None
    generation_id: UUID | None = None
    max_tokens: int = 2048
    temperature: float = 0.7
    json_output: bool = False
